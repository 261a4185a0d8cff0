//! The register program: operations, in order, on numbered registers.

/// One operation of the register program: registers are numbered like the nodes of the graph.
///
/// The kind of the operation and its name are one flat code, so that the evaluator branches once per operation;
/// operands that a kind does not have are 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instruction {
    pub code: Code,
    pub operands: [u32; 3],
    pub to: u32,
}

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    Negate,
    Not,
    Exp,
    Log,
    Sqrt,
    Abs,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Minimum,
    Maximum,
    Less,
    LessEqual,
    Equal,
    And,
    Or,
    Select,
    /// a b + c, rounded once, as the two that follow.
    MultiplyAdd,
    /// a b − c
    MultiplySubtract,
    /// c − a b
    SubtractProduct,
}

impl Routine {
    /// Finds the runs.
    pub fn new(instructions: Vec<Instruction>, results: Vec<u32>) -> Self {
        let mut runs: Vec<(Code, u32)> = Vec::new();
        for instruction in &instructions {
            match runs.last_mut() {
                Some((code, length)) if *code == instruction.code => *length += 1,
                _ => runs.push((instruction.code, 1)),
            }
        }
        Routine { instructions, runs, results }
    }
}

impl Code {
    /// Number of operands.
    pub fn operands(self) -> usize {
        match self {
            Code::Negate | Code::Not | Code::Exp | Code::Log | Code::Sqrt | Code::Abs => 1,
            Code::Select | Code::MultiplyAdd | Code::MultiplySubtract | Code::SubtractProduct => 3,
            _ => 2,
        }
    }
}

/// A list of operations and the registers that hold its results.
#[derive(Debug, Default)]
pub(super) struct Routine {
    pub instructions: Vec<Instruction>,
    /// Kinds and lengths of runs of like instructions.
    pub runs: Vec<(Code, u32)>,
    pub results: Vec<u32>,
}
