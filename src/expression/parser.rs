//! Tokens to tree. The grammar is stated here once.

use super::tree::Expression;
use crate::diagnostic::{Diagnostic, Text};

/// Parses an expression; errors point into the user's file.
pub fn parse(_text: &Text, _diagnostics: &mut Vec<Diagnostic>) -> Option<Expression> {
    todo!()
}
