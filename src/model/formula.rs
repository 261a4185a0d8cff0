//! An equation after checking: names resolved to symbols, units erased into coherent constants.

use crate::math::elementary;
use crate::math::lane::Lane;

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
    /// The dose that a rule sets anew: that of the level in force of that route (index), held or not.
    RunningDose(usize),
    /// `cycle`: the cycle that holds the present time, from 1.
    Cycle,
    /// `cycle_day`: the day of that cycle, from 1.
    CycleDay,
    /// `holds(drug)`: how many holds of that route (index) began at earlier checks.
    Holds(usize),
    /// `reductions(drug)`: how often the dose of that route (index) was lowered at earlier checks.
    Reductions(usize),
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
    /// The one definition of the operation, for one number or many lanes.
    #[inline(always)] // The evaluator names the operation, so that each call is one machine operation.
    pub fn apply<L: Lane>(self, x: L) -> L {
        match self {
            Self::Negate => -x,
            Self::Not => logical(x, x.equal(x.constant(0.0))),
            Self::Exp => elementary::exp(x),
            Self::Log => elementary::ln(x),
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
        }
    }
}

impl BinaryOperation {
    /// The one definition of the operation. A not-a-number operand of `Minimum` or `Maximum` stays not-a-number.
    #[inline(always)] // As above.
    pub fn apply<L: Lane>(self, a: L, b: L) -> L {
        let zero = a.constant(0.0);
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Power => elementary::pow(a, b),
            Self::Minimum => L::choose(a.less(b), a, L::choose(a.equal(a), b, a)),
            Self::Maximum => L::choose(b.less(a), a, L::choose(a.equal(a), b, a)),
            Self::Less => logical(a, a.less(b)),
            Self::LessEqual => logical(a, a.less_equal(b)),
            Self::Equal => logical(a, a.equal(b)),
            Self::And => {
                let one_is_false = L::or(a.token(), a.equal(zero), b.equal(zero));
                L::choose(one_is_false, zero, a.constant(1.0))
            }
            Self::Or => {
                let both_are_false = L::and(a.token(), a.equal(zero), b.equal(zero));
                L::choose(both_are_false, zero, a.constant(1.0))
            }
        }
    }
}

/// 1 where true, else 0.
#[inline(always)]
fn logical<L: Lane>(beside: L, truth: L::Mask) -> L {
    L::choose(truth, beside.constant(1.0), beside.constant(0.0))
}

/// `yes` where the condition is not 0, else `no`: the one definition of the choice.
#[inline(always)]
pub fn select<L: Lane>(condition: L, yes: L, no: L) -> L {
    L::choose(condition.equal(condition.constant(0.0)), no, yes)
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
