//! Grade tables: which measured value has which grade of toxicity, as CTCAE and iwCLL print it. Coherent units.
//!
//! A table's own formulas know two things, the value and the value at the start; limits of normal are constants in them.
//! That makes a table complete in itself: conditions compile it into plain formulas, endpoints evaluate it on a trajectory.

use crate::model::{BinaryOperation, Formula, Symbol};

/// The value that is graded, within the formulas of a table.
pub(super) const VALUE: Symbol = Symbol::Output(0);
/// The value at the start, within the formulas of a table.
pub(super) const BASELINE: Symbol = Symbol::Output(1);

/// A grade table.
#[derive(Debug, Clone, PartialEq)]
pub struct GradeTable {
    /// Name in conditions and endpoints: `neutropenia`.
    pub name: String,
    /// The graded term, as its source has it: "Neutrophil count decreased".
    pub term: String,
    /// Meaning, and what of the source's words is not modelled.
    pub about: String,
    /// Where the limits stand.
    pub source: String,
    /// Output that is graded (index into the model's outputs).
    pub output: usize,
    /// Whether low values are bad.
    pub falling: bool,
    /// What must hold for any grade above 0 (over [`GradeTable`]'s own symbols).
    pub(super) provided: Option<Formula>,
    /// Grades from 1 on; one without ranges is not given by this table.
    pub grades: Vec<Grade>,
}

/// One grade of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// As written: `< 1.5e9/L to 1.0e9/L`, `-` for none.
    pub text: String,
    /// Any of these ranges gives the grade.
    pub(super) ranges: Vec<GradeRange>,
}

/// Values on the bad side of one limit, to the good side of another one, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GradeRange {
    pub limit: Bound,
    pub end: Option<Bound>,
}

/// One side of a comparison with the value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    pub comparison: Comparison,
    pub limit: Formula,
}

/// How the value stands to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Comparison {
    /// Whether it holds for low values.
    pub fn is_low(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }
}

impl Bound {
    fn formula(&self) -> Formula {
        let (value, limit) = (Formula::Symbol(VALUE), self.limit.clone());
        match self.comparison {
            Comparison::Below => binary(BinaryOperation::Less, value, limit),
            Comparison::AtMost => binary(BinaryOperation::LessEqual, value, limit),
            Comparison::Above => binary(BinaryOperation::Less, limit, value),
            Comparison::AtLeast => binary(BinaryOperation::LessEqual, limit, value),
        }
    }
}

impl GradeRange {
    /// Whether the value lies in the range, as a formula of the table's symbols.
    pub fn formula(&self) -> Formula {
        let beyond = self.limit.formula();
        match &self.end {
            None => beyond,
            Some(end) => binary(BinaryOperation::And, beyond, end.formula()),
        }
    }

    /// Whether the value at the start stands in the range's limits.
    pub fn is_relative(&self) -> bool {
        let mut found = false;
        let mut look = |symbol| found |= symbol == BASELINE;
        self.limit.limit.symbols(&mut look);
        if let Some(end) = &self.end {
            end.limit.symbols(&mut look);
        }
        found
    }
}

impl GradeTable {
    /// The grade of a value: the worst whose range holds it, 0 where none does. `baseline` is the value at the start.
    pub fn grade(&self, value: f64, baseline: f64) -> u8 {
        let grade = at(&self.own_formula(), value, baseline);
        // A small whole number by construction.
        grade as u8
    }

    /// The grade as a formula of other formulas for the value and the value at the start.
    pub fn formula(&self, value: &Formula, baseline: &Formula) -> Formula {
        substitute(&self.own_formula(), &|symbol| match symbol {
            VALUE => Some(value.clone()),
            BASELINE => Some(baseline.clone()),
            _ => None,
        })
    }

    /// Whether the value at the start matters.
    pub fn reads_baseline(&self) -> bool {
        let mut found = false;
        self.own_formula().symbols(&mut |symbol| found |= symbol == BASELINE);
        found
    }

    /// The limit of each grade from 1 on, for drawing: infinite where a grade has none, several, or one that differs between
    /// patients.
    pub fn limits(&self) -> Vec<f64> {
        let none = if self.falling { f64::NEG_INFINITY } else { f64::INFINITY };
        let limit = |grade: &Grade| match grade.ranges.as_slice() {
            [range] if !range.is_relative() => at(&range.limit.limit, f64::NAN, f64::NAN),
            _ => none,
        };
        self.grades.iter().map(limit).collect()
    }

    /// Whether this grade is given to the value, other grades left aside.
    pub(super) fn holds(&self, grade: &Grade, value: f64, baseline: f64) -> bool {
        let provided = self.provided.as_ref().is_none_or(|condition| at(condition, value, baseline) != 0.0);
        provided && grade.ranges.iter().any(|range| at(&range.formula(), value, baseline) != 0.0)
    }

    /// Choices from the worst grade down, over the table's symbols.
    fn own_formula(&self) -> Formula {
        let mut formula = Formula::Constant(0.0);
        for (index, grade) in self.grades.iter().enumerate() {
            let ranges = grade.ranges.iter().map(GradeRange::formula);
            let Some(holds) = ranges.reduce(|a, b| binary(BinaryOperation::Or, a, b)) else { continue };
            let number = Formula::Constant((index + 1) as f64);
            formula = Formula::Select(Box::new(holds), Box::new(number), Box::new(formula));
        }
        match &self.provided {
            None => formula,
            Some(condition) => {
                let none = Formula::Constant(0.0);
                Formula::Select(Box::new(condition.clone()), Box::new(formula), Box::new(none))
            }
        }
    }
}

fn binary(operation: BinaryOperation, a: Formula, b: Formula) -> Formula {
    Formula::Binary(operation, Box::new(a), Box::new(b))
}

/// A formula of the table's symbols at a value and a value at the start.
pub(super) fn at(formula: &Formula, value: f64, baseline: f64) -> f64 {
    formula.evaluate(&mut |symbol| match symbol {
        VALUE => value,
        BASELINE => baseline,
        _ => f64::NAN,
    })
}

/// The formula with other formulas in place of some of its symbols.
fn substitute(formula: &Formula, instead: &dyn Fn(Symbol) -> Option<Formula>) -> Formula {
    let again = |part: &Formula| Box::new(substitute(part, instead));
    match formula {
        Formula::Constant(value) => Formula::Constant(*value),
        Formula::Symbol(symbol) => instead(*symbol).unwrap_or(Formula::Symbol(*symbol)),
        Formula::Unary(operation, x) => Formula::Unary(*operation, again(x)),
        Formula::Binary(operation, a, b) => Formula::Binary(*operation, again(a), again(b)),
        Formula::Select(condition, yes, no) => Formula::Select(again(condition), again(yes), again(no)),
    }
}
