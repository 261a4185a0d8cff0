//! An equation after checking: names resolved to symbols, units erased into coherent constants.

/// What a resolved name stands for. Indices point into the lists of a [`super::Model`]; the last three occur only in
/// the conditions of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// Time since the start, d.
    Time,
    /// A covariate of the patient.
    Covariate(usize),
    /// A population parameter.
    Parameter(usize),
    /// A control: constant between events, set by the arm.
    Control(usize),
    /// A random effect of the patient.
    RandomEffect(usize),
    /// A named equation.
    Equation(usize),
    /// A state.
    State(usize),
    /// An output; in the conditions of a scenario its measured value where the output has a residual error.
    Output(usize),
    /// A memory cell of the scenario: `lasting`, `nadir`, `baseline`, …
    Memory(usize),
    /// A signal of the scenario.
    Signal(usize),
    /// A quantity of the trial itself: the day, the cycle, the dose in force.
    Trial(TrialQuantity),
}

/// Quantities of the trial that conditions may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrialQuantity {
    /// `day`: time since the first dose as a duration, d (a visit at t reads t).
    Day,
    /// `on_treatment`: 1 from the first dose to discontinuation, holds and off-weeks included.
    OnTreatment,
    /// `on_hold(drug)`: 1 while any rule holds the drug of that route (index into the model's routes).
    OnHold(usize),
    /// `dose(drug)`: the level in force of that route (index), coherent units (0 while held).
    Dose(usize),
    /// `days_since_off(drug)`: time since the last day without dose of that route (index) by schedule or hold; infinite
    /// if there was none, d.
    SinceOff(usize),
}

/// Operations with one operand. Logical values are 1 and 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOperation {
    /// −x
    Negate,
    /// 1 if x = 0, else 0
    Not,
    /// eˣ
    Exp,
    /// natural logarithm
    Log,
    /// √x
    Sqrt,
    /// |x|
    Abs,
}

/// Operations with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperation {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a b
    Multiply,
    /// a / b
    Divide,
    /// a^b
    Power,
    /// smaller of two
    Minimum,
    /// larger of two
    Maximum,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a = b
    Equal,
    /// both
    And,
    /// either
    Or,
}

/// A checked equation.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// A constant in coherent units.
    Constant(f64),
    /// A value looked up.
    Symbol(Symbol),
    /// One operand.
    Unary(UnaryOperation, Box<Formula>),
    /// Two operands.
    Binary(BinaryOperation, Box<Formula>, Box<Formula>),
    /// `if(condition, yes, no)`
    Select(Box<Formula>, Box<Formula>, Box<Formula>),
}

impl UnaryOperation {
    /// The one definition of the operation.
    #[inline(always)] // The evaluator names the operation, so that each call is one machine operation.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Negate => -x,
            Self::Not => logical(x == 0.0),
            Self::Exp => x.exp(),
            Self::Log => x.ln(),
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
        }
    }
}

impl BinaryOperation {
    /// The one definition of the operation. A not-a-number operand of `Minimum` or `Maximum` stays not-a-number.
    #[inline(always)] // As above.
    pub fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Power => a.powf(b),
            Self::Minimum => {
                if a < b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Self::Maximum => {
                if a > b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Self::Less => logical(a < b),
            Self::LessEqual => logical(a <= b),
            Self::Equal => logical(a == b),
            Self::And => logical(a != 0.0 && b != 0.0),
            Self::Or => logical(a != 0.0 || b != 0.0),
        }
    }
}

fn logical(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

impl Formula {
    /// Evaluates by walking the tree: the plain reading, for conditions at visits and for tests.
    pub fn evaluate(&self, lookup: &mut dyn FnMut(Symbol) -> f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Symbol(symbol) => lookup(*symbol),
            Self::Unary(operation, x) => operation.apply(x.evaluate(lookup)),
            Self::Binary(operation, a, b) => {
                let a = a.evaluate(lookup);
                operation.apply(a, b.evaluate(lookup))
            }
            Self::Select(condition, yes, no) => {
                if condition.evaluate(lookup) != 0.0 {
                    yes.evaluate(lookup)
                } else {
                    no.evaluate(lookup)
                }
            }
        }
    }

    /// Calls `visit` for every symbol that occurs.
    pub fn symbols(&self, visit: &mut dyn FnMut(Symbol)) {
        match self {
            Self::Constant(_) => {}
            Self::Symbol(symbol) => visit(*symbol),
            Self::Unary(_, x) => x.symbols(visit),
            Self::Binary(_, a, b) => {
                a.symbols(visit);
                b.symbols(visit);
            }
            Self::Select(c, a, b) => {
                c.symbols(visit);
                a.symbols(visit);
                b.symbols(visit);
            }
        }
    }
}
