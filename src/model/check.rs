//! Dimension checking and name resolution: an [`Expression`] becomes a [`Formula`] in coherent units.
//!
//! The rules: both sides of a sum, a comparison, `min`, `max` and `if` have one dimension; arguments of `exp`, `log`,
//! `logit`, `expit` and exponents have none; a base with a dimension takes a constant exponent. The literal `0` fits
//! every dimension, since nothing is nothing in any unit.

use super::formula::{BinaryOperation, Formula, Symbol, UnaryOperation};
use super::unit::literal_unit;
use crate::diagnostic::{Diagnostic, Span, closest};
use crate::expression::{BinaryOperator, Expression, Kind, UnaryOperator};
use crate::units::{self, Dimension};

/// What a name means where an expression stands. Implemented by the model's and the scenario's scopes.
pub trait Names {
    /// The meaning of a name, or `None` if there is no such name. An implementation that has already said why a name
    /// cannot be used (it is ambiguous, or its own equation is faulty) may push that and answer `None` with
    /// [`Names::explained`] true.
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked>;
    /// All names that could have been meant.
    fn candidates(&self) -> Vec<String>;
    /// Whether `name` exists but is known to be faulty, so that nothing more need be said about it.
    fn explained(&self, _name: &str) -> bool {
        false
    }
    /// What to do about a name that nothing is like; `None`: what a model is made of.
    fn remedy(&self) -> Option<String> {
        None
    }
    /// A function that is not part of the language itself (`lasting`, `nadir`, `dose`); `None` if unknown or faulty.
    fn call(
        &mut self,
        _function: &str,
        _arguments: &[Expression],
        _span: Span,
        _diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        None
    }
    /// Names of those functions.
    fn functions(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Resolved, coherent.
    pub formula: Formula,
    /// Its dimension ([`Dimension::NONE`] for conditions).
    pub dimension: Dimension,
    /// Whether it is a condition (true or false) rather than a quantity.
    pub logical: bool,
}

impl Checked {
    /// A looked-up quantity.
    pub fn symbol(symbol: Symbol, dimension: Dimension) -> Self {
        Self::quantity(Formula::Symbol(symbol), dimension)
    }
    /// A quantity.
    pub fn quantity(formula: Formula, dimension: Dimension) -> Self {
        Self { formula, dimension, logical: false }
    }
    /// A condition.
    pub fn condition(formula: Formula) -> Self {
        Self { formula, dimension: Dimension::NONE, logical: true }
    }
}

/// Checks a quantity; `expected` is the dimension it must have, with the words for what wants it
/// ("the rate of `central`", "the declared unit").
///
/// Every error found is pushed; `None` if there was one.
pub fn check_expression(
    expression: &Expression,
    names: &mut dyn Names,
    expected: Option<(Dimension, &str)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Checked> {
    let mut checker = Checker { names, diagnostics };
    let found = checker.infer(expression)?;
    let found = checker.quantity(found, expression.span)?;
    let Some((dimension, wanted_by)) = expected else { return Some(found.checked) };
    if found.fits_all || found.checked.dimension == dimension {
        return Some(Checked { dimension, ..found.checked });
    }
    let factor = units::coherent_name(dimension.over(found.checked.dimension));
    checker.diagnostics.push(
        Diagnostic::error(
            format!(
                "{wanted_by} is {}, but this is {}",
                describe(dimension),
                describe(found.checked.dimension)
            ),
            expression.span,
            format!("{} here", describe(found.checked.dimension)),
        )
        .help(format!("a factor in {factor} would mend it; check for a missing volume, rate or molar mass")),
    );
    None
}

/// Checks a condition.
pub fn check_condition(
    expression: &Expression,
    names: &mut dyn Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Formula> {
    let mut checker = Checker { names, diagnostics };
    let found = checker.infer(expression)?;
    checker.condition(found, expression.span)
}

/// A dimension in words with its coherent unit: "mass (mg)".
fn describe(dimension: Dimension) -> String {
    if dimension.is_none() {
        "a pure number".to_owned()
    } else {
        format!("{dimension} ({})", units::coherent_name(dimension))
    }
}

#[derive(Clone)]
pub(super) struct Found {
    pub checked: Checked,
    /// The literal 0.
    pub fits_all: bool,
}

impl From<Checked> for Found {
    fn from(checked: Checked) -> Self {
        Self { checked, fits_all: false }
    }
}

pub(super) struct Checker<'a> {
    pub names: &'a mut dyn Names,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    pub fn infer(&mut self, expression: &Expression) -> Option<Found> {
        let span = expression.span;
        match &expression.kind {
            Kind::Number(value) => Some(Found {
                checked: Checked::quantity(Formula::Constant(*value), Dimension::NONE),
                fits_all: *value == 0.0,
            }),
            Kind::Quantity { value, unit, unit_span } => {
                let known = || self.names.candidates();
                let unit = literal_unit(*value, unit, *unit_span, &known, self.diagnostics)?;
                Some(Checked::quantity(Formula::Constant(value * unit.factor), unit.dimension).into())
            }
            Kind::Logical(truth) => {
                Some(Checked::condition(Formula::Constant(f64::from(u8::from(*truth)))).into())
            }
            Kind::Name(name) => self.name(name, span),
            Kind::Unary(UnaryOperator::Negate, operand) => {
                let found = self.infer(operand)?;
                let found = self.quantity(found, operand.span)?;
                let formula = unary(UnaryOperation::Negate, found.checked.formula);
                Some(Found { checked: Checked { formula, ..found.checked }, ..found })
            }
            Kind::Unary(UnaryOperator::Not, operand) => {
                let found = self.infer(operand)?;
                let formula = self.condition(found, operand.span)?;
                Some(Checked::condition(unary(UnaryOperation::Not, formula)).into())
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right),
            Kind::Call { function, arguments } => self.call(function, arguments, span),
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Option<Found> {
        let said = self.diagnostics.len();
        if let Some(checked) = self.names.resolve(name, span, self.diagnostics) {
            return Some(checked.into());
        }
        if self.diagnostics.len() == said && !self.names.explained(name) {
            let candidates = self.names.candidates();
            let finding = Diagnostic::error(format!("`{name}` is not defined"), span, "unknown name");
            let near = closest(name, candidates.iter().map(String::as_str));
            self.diagnostics.push(match near {
                _ if units::parse(name).is_ok() => finding.help(format!(
                    "`{name}` is a unit: it stands right behind a number, without white space inside, as in `5 mg/L`"
                )),
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(self.names.remedy().unwrap_or_else(|| {
                    "define it as a covariate, parameter, equation or state, or bind it as an input".to_owned()
                })),
            });
        }
        None
    }

    /// Refuses a condition where a quantity is wanted.
    pub fn quantity(&mut self, found: Found, span: Span) -> Option<Found> {
        if !found.checked.logical {
            return Some(found);
        }
        self.diagnostics.push(
            Diagnostic::error("a quantity is wanted here, but this is true or false", span, "a condition")
                .help("write `if(condition, 1, 0)` to make a number of it"),
        );
        None
    }

    /// Refuses a quantity where a condition is wanted.
    pub fn condition(&mut self, found: Found, span: Span) -> Option<Formula> {
        if found.checked.logical {
            return Some(found.checked.formula);
        }
        self.diagnostics.push(
            Diagnostic::error("a condition is wanted here, but this is a quantity", span, "a quantity")
                .help("compare it with something, as in `x > 0` or `flag == 1`"),
        );
        None
    }

    pub fn number(&mut self, found: Found, span: Span, what: &str) -> Option<Formula> {
        let found = self.quantity(found, span)?;
        if found.checked.dimension.is_none() {
            return Some(found.checked.formula);
        }
        self.diagnostics.push(
            Diagnostic::error(
                format!("{what} must be a pure number, but this is {}", describe(found.checked.dimension)),
                span,
                describe(found.checked.dimension),
            )
            .help(format!(
                "divide by a reference value with that unit, as in `x / 1 {}`",
                units::coherent_name(found.checked.dimension)
            )),
        );
        None
    }

    /// The common dimension of two quantities; a literal 0 takes that of the other.
    pub fn common(&mut self, left: (&Found, Span), right: (&Found, Span), doing: &str) -> Option<Dimension> {
        let (a, b) = (left.0.checked.dimension, right.0.checked.dimension);
        if left.0.fits_all {
            return Some(b);
        }
        if right.0.fits_all || a == b {
            return Some(a);
        }
        let bare = |side: &Found| match side.checked.formula {
            Formula::Constant(value) if side.checked.dimension.is_none() => Some(value),
            _ => None,
        };
        // A number without unit beside a quantity: the unit was forgotten.
        let help = match (bare(left.0), bare(right.0)) {
            (Some(value), _) => {
                format!("give the number its unit, as in `{value} {}`", units::coherent_name(b))
            }
            (_, Some(value)) => {
                format!("give the number its unit, as in `{value} {}`", units::coherent_name(a))
            }
            _ => format!(
                "both sides need one dimension; a factor in {} on this side would mend it",
                units::coherent_name(a.over(b))
            ),
        };
        self.diagnostics.push(
            Diagnostic::error(
                format!("cannot {doing} {} and {}", describe(a), describe(b)),
                right.1,
                describe(b),
            )
            .related(left.1, describe(a))
            .help(help),
        );
        None
    }

    /// Infers both operands before giving up on either, so that errors on both sides are reported.
    fn pair(&mut self, left: &Expression, right: &Expression) -> Option<(Found, Found)> {
        let a = self.infer(left);
        let b = self.infer(right);
        let (a, b) = (a?, b?);
        let a = self.quantity(a, left.span);
        let b = self.quantity(b, right.span);
        Some((a?, b?))
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression) -> Option<Found> {
        use BinaryOperation as Op;
        use BinaryOperator as Sign;
        if matches!(operator, Sign::And | Sign::Or) {
            let a = self.infer(left);
            let b = self.infer(right);
            let (a, b) = (a?, b?);
            let a = self.condition(a, left.span);
            let b = self.condition(b, right.span);
            let operation = if operator == Sign::And { Op::And } else { Op::Or };
            return Some(Checked::condition(binary(operation, a?, b?)).into());
        }
        if operator == Sign::Power {
            return self.power(left, right);
        }
        let (a, b) = self.pair(left, right)?;
        let (x, y) = (a.checked.formula.clone(), b.checked.formula.clone());
        let (da, db) = (a.checked.dimension, b.checked.dimension);
        let operands = ((&a, left.span), (&b, right.span));
        let sum = |checker: &mut Self, operation, doing| {
            let dimension = checker.common(operands.0, operands.1, doing)?;
            let checked = Checked::quantity(binary(operation, x.clone(), y.clone()), dimension);
            Some(Found { checked, fits_all: a.fits_all && b.fits_all })
        };
        match operator {
            Sign::Add => sum(self, Op::Add, "add"),
            Sign::Subtract => sum(self, Op::Subtract, "subtract"),
            Sign::Multiply => Some(Checked::quantity(binary(Op::Multiply, x, y), da.times(db)).into()),
            Sign::Divide => Some(Checked::quantity(binary(Op::Divide, x, y), da.over(db)).into()),
            _ => {
                self.common(operands.0, operands.1, "compare")?;
                Some(Checked::condition(comparison(operator, x, y)).into())
            }
        }
    }

    fn power(&mut self, left: &Expression, right: &Expression) -> Option<Found> {
        let (base, exponent) = self.pair(left, right)?;
        let exponent = self.number(exponent, right.span, "an exponent")?;
        let dimension = if base.checked.dimension.is_none() {
            Dimension::NONE
        } else {
            let constant = constant(&exponent);
            let Some(dimension) = constant.and_then(|value| base.checked.dimension.power(value)) else {
                let why = if constant.is_none() {
                    "the exponent of a quantity with a dimension must be a constant"
                } else {
                    "this power of the dimension cannot be represented"
                };
                self.diagnostics.push(
                    Diagnostic::error(why, right.span, "the exponent")
                        .related(left.span, describe(base.checked.dimension))
                        .help("make the base a pure number first, as in `(FFM / 55 kg)^0.75`"),
                );
                return None;
            };
            dimension
        };
        let formula = binary(BinaryOperation::Power, base.checked.formula, exponent);
        Some(Checked::quantity(formula, dimension).into())
    }
}

pub(super) fn unary(operation: UnaryOperation, x: Formula) -> Formula {
    Formula::Unary(operation, Box::new(x))
}

pub(super) fn binary(operation: BinaryOperation, a: Formula, b: Formula) -> Formula {
    Formula::Binary(operation, Box::new(a), Box::new(b))
}

fn comparison(operator: BinaryOperator, x: Formula, y: Formula) -> Formula {
    use BinaryOperation as Op;
    match operator {
        BinaryOperator::Less => binary(Op::Less, x, y),
        BinaryOperator::LessEqual => binary(Op::LessEqual, x, y),
        BinaryOperator::Greater => binary(Op::Less, y, x),
        BinaryOperator::GreaterEqual => binary(Op::LessEqual, y, x),
        BinaryOperator::NotEqual => unary(UnaryOperation::Not, binary(Op::Equal, x, y)),
        _ => binary(Op::Equal, x, y),
    }
}

/// The value of a formula without symbols.
pub(super) fn constant(formula: &Formula) -> Option<f64> {
    let mut free = true;
    formula.symbols(&mut |_| free = false);
    free.then(|| formula.evaluate(&mut |_| f64::NAN))
}
