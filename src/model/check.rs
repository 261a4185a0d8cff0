//! Dimension checking and name resolution: an [`Expression`] becomes a [`Formula`] in coherent units.

use super::formula::{Formula, Symbol};
use crate::diagnostic::{Diagnostic, Span};
use crate::expression::Expression;
use crate::units::Dimension;

/// What a name means where an expression stands. Implemented by the model's and the scenario's scopes.
pub trait Names {
    /// The symbol and dimension of a name, or `None` if there is no such name. `logical` names (signals that are
    /// conditions) say so in [`Checked::logical`].
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked>;
    /// All names that could have been meant.
    fn candidates(&self) -> Vec<String>;
    /// A function that is not part of the language itself (`lasting`, `nadir`, `dose`); `None` if unknown.
    /// Errors inside are pushed and answered with a formula of the right dimension where possible.
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
        Self { formula: Formula::Symbol(symbol), dimension, logical: false }
    }
}

/// Checks a quantity; `expected` is the dimension it must have, with the words for what wants it
/// ("the rate of `central`", "the unit declared here").
pub fn check_expression(
    _expression: &Expression,
    _names: &mut dyn Names,
    _expected: Option<(Dimension, &str)>,
    _diagnostics: &mut Vec<Diagnostic>,
) -> Option<Checked> {
    todo!()
}

/// Checks a condition.
pub fn check_condition(
    _expression: &Expression,
    _names: &mut dyn Names,
    _diagnostics: &mut Vec<Diagnostic>,
) -> Option<Formula> {
    todo!()
}
