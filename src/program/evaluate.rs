//! Running a list of operations on registers of any width: the one evaluator, for a single patient and for lanes.

use super::routine::{Code, Instruction};
use crate::math::lane::Lane;
use crate::math::processor::Kernel;
use crate::math::twice::Twice;
use crate::model::{BinaryOperation, UnaryOperation, select};

/// A list of operations and the numbers that it reads and writes. An operand names the place of the first; `BLOCKS`
/// registers of the processor side by side are worked at once, so that one operation need not wait for the other.
pub(super) struct Evaluation<'a, const BLOCKS: usize> {
    pub instructions: &'a [Instruction],
    /// Kinds and lengths of its runs, see [`super::schedule`].
    pub runs: &'a [(Code, u32)],
    pub registers: &'a mut [f64],
    /// Added to every place.
    pub offset: usize,
}

impl<const BLOCKS: usize> Kernel for Evaluation<'_, BLOCKS> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        // Two and two registers in step, where there are as many.
        match BLOCKS {
            4 => File::<Twice<L>, 2> { token, registers: self.registers, offset: self.offset }
                .run(self.runs, self.instructions),
            2 => File::<Twice<L>, 1> { token, registers: self.registers, offset: self.offset }
                .run(self.runs, self.instructions),
            _ => File::<L, BLOCKS> { token, registers: self.registers, offset: self.offset }
                .run(self.runs, self.instructions),
        }
    }
}

/// Operations with three operands.
#[derive(Clone, Copy)]
enum Three {
    /// `if(a, b, c)`
    Select,
    /// a b + c
    MultiplyAdd,
    /// a b − c
    MultiplySubtract,
    /// c − a b
    SubtractProduct,
}

impl Three {
    /// The one definition of the operation.
    #[inline(always)]
    fn apply<L: Lane>(self, a: L, b: L, c: L) -> L {
        match self {
            Three::Select => select(a, b, c),
            Three::MultiplyAdd => a.mul_add(b, c),
            Three::MultiplySubtract => a.mul_add(b, -c),
            Three::SubtractProduct => (-a).mul_add(b, c),
        }
    }
}

/// The registers at work.
struct File<'a, L: Lane, const BLOCKS: usize> {
    token: L::Token,
    registers: &'a mut [f64],
    offset: usize,
}

impl<L: Lane, const BLOCKS: usize> File<'_, L, BLOCKS> {
    /// Each arm names the one definition of its operation.
    #[inline(always)]
    fn run(mut self, runs: &[(Code, u32)], instructions: &[Instruction]) {
        use BinaryOperation as Two;
        use UnaryOperation as One;
        let mut rest = instructions;
        for (code, length) in runs {
            let (run, after) = rest.split_at(*length as usize);
            rest = after;
            match code {
                Code::Negate => self.unary(run, One::Negate),
                Code::Not => self.unary(run, One::Not),
                Code::Exp => self.unary(run, One::Exp),
                Code::Log => self.unary(run, One::Log),
                Code::Sqrt => self.unary(run, One::Sqrt),
                Code::Abs => self.unary(run, One::Abs),
                Code::Add => self.binary(run, Two::Add),
                Code::Subtract => self.binary(run, Two::Subtract),
                Code::Multiply => self.binary(run, Two::Multiply),
                Code::Divide => self.binary(run, Two::Divide),
                Code::Power => self.binary(run, Two::Power),
                Code::Minimum => self.binary(run, Two::Minimum),
                Code::Maximum => self.binary(run, Two::Maximum),
                Code::Less => self.binary(run, Two::Less),
                Code::LessEqual => self.binary(run, Two::LessEqual),
                Code::Equal => self.binary(run, Two::Equal),
                Code::And => self.binary(run, Two::And),
                Code::Or => self.binary(run, Two::Or),
                Code::Select => self.ternary(run, Three::Select),
                Code::MultiplyAdd => self.ternary(run, Three::MultiplyAdd),
                Code::MultiplySubtract => self.ternary(run, Three::MultiplySubtract),
                Code::SubtractProduct => self.ternary(run, Three::SubtractProduct),
            }
        }
    }

    #[inline(always)]
    fn load(&self, register: u32) -> [L; BLOCKS] {
        let start = register as usize + self.offset;
        // One slice of known length, so that bounds are checked once.
        let from = &self.registers[start..start + L::WIDTH * BLOCKS];
        let mut blocks = [L::splat(self.token, 0.0); BLOCKS];
        for (number, block) in blocks.iter_mut().enumerate() {
            *block = L::load(self.token, &from[number * L::WIDTH..]);
        }
        blocks
    }

    #[inline(always)]
    fn store(&mut self, register: u32, blocks: [L; BLOCKS]) {
        let start = register as usize + self.offset;
        let to = &mut self.registers[start..start + L::WIDTH * BLOCKS];
        for (number, block) in blocks.iter().enumerate() {
            block.store(&mut to[number * L::WIDTH..]);
        }
    }

    #[inline(always)]
    fn unary(&mut self, run: &[Instruction], operation: UnaryOperation) {
        for instruction in run {
            let mut values = self.load(instruction.operands[0]);
            for value in &mut values {
                *value = operation.apply(*value);
            }
            self.store(instruction.to, values);
        }
    }

    #[inline(always)]
    fn binary(&mut self, run: &[Instruction], operation: BinaryOperation) {
        for instruction in run {
            let [a, b, _] = instruction.operands;
            let (mut values, others) = (self.load(a), self.load(b));
            for (value, other) in values.iter_mut().zip(others) {
                *value = operation.apply(*value, other);
            }
            self.store(instruction.to, values);
        }
    }

    #[inline(always)]
    fn ternary(&mut self, run: &[Instruction], operation: Three) {
        for instruction in run {
            let [a, b, c] = instruction.operands;
            let (mut values, second, third) = (self.load(a), self.load(b), self.load(c));
            for (value, (b, c)) in values.iter_mut().zip(second.into_iter().zip(third)) {
                *value = operation.apply(*value, b, c);
            }
            self.store(instruction.to, values);
        }
    }
}
