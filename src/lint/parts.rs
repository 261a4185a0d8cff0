//! The parts of a condition with the words for them: what stands between its `and` and `or`.

use crate::diagnostic::{Span, Text};
use crate::expression::{self, BinaryOperator, Expression, Kind};
use crate::model::{BinaryOperation, Formula};

/// A condition as written and as checked, which have the same parts.
pub(super) struct Condition<'a> {
    text: &'a Text,
    formula: &'a Formula,
    expression: Option<Expression>,
}

/// A part of a condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub formula: &'a Formula,
    pub span: Span,
    expression: Option<&'a Expression>,
}

impl<'a> Part<'a> {
    /// What stands between its operations of this kind; itself if there is none.
    pub fn split(self, wanted: BinaryOperation) -> Vec<Part<'a>> {
        match self.sides() {
            Some((operation, sides)) if operation == wanted => {
                sides.into_iter().flat_map(|side| side.split(wanted)).collect()
            }
            _ => vec![self],
        }
    }

    /// Every part below this one, each with the operation that it is a part of.
    pub fn below(self, found: &mut Vec<(BinaryOperation, Part<'a>)>) {
        let Some((operation, sides)) = self.sides() else { return };
        for side in sides {
            found.push((operation, side));
            side.below(found);
        }
    }

    fn sides(self) -> Option<(BinaryOperation, [Part<'a>; 2])> {
        let (Formula::Binary(operation, a, b), Kind::Binary(operator, left, right)) =
            (self.formula, &self.expression?.kind)
        else {
            return None;
        };
        let same = matches!(
            (operation, operator),
            (BinaryOperation::And, BinaryOperator::And) | (BinaryOperation::Or, BinaryOperator::Or)
        );
        let side = |formula: &'a Formula, expression: &'a Expression| Part {
            formula,
            span: expression.span,
            expression: Some(expression),
        };
        same.then(|| (*operation, [side(a, left), side(b, right)]))
    }
}

impl<'a> Condition<'a> {
    pub fn new(text: &'a Text, formula: &'a Formula) -> Self {
        Condition { text, formula, expression: expression::parse(text, &mut Vec::new()) }
    }

    /// All of it.
    pub fn whole(&self) -> Part<'_> {
        Part { formula: self.formula, span: self.text.span, expression: self.expression.as_ref() }
    }

    /// The words of a part.
    pub fn words(&self, part: Part<'_>) -> &'a str {
        let start = part.span.start.checked_sub(self.text.span.start);
        let end = part.span.end.checked_sub(self.text.span.start);
        let inside = start.zip(end).filter(|_| self.text.verbatim);
        inside.and_then(|(start, end)| self.text.value.get(start..end)).unwrap_or(&self.text.value)
    }
}

/// Whether a formula reads nothing: `true`, `false`.
pub(super) fn is_constant(formula: &Formula) -> bool {
    let mut constant = true;
    formula.symbols(&mut |_| constant = false);
    constant
}

/// The negation.
pub(super) fn not(formula: &Formula) -> Formula {
    Formula::Unary(crate::model::UnaryOperation::Not, Box::new(formula.clone()))
}

/// Both.
pub(super) fn both(a: &Formula, b: &Formula) -> Formula {
    Formula::Binary(BinaryOperation::And, Box::new(a.clone()), Box::new(b.clone()))
}
