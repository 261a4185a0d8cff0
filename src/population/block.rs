//! Blocks of correlated normal variables and their Cholesky factors.

use crate::diagnostic::Diagnostic;
use crate::model::Model;

/// Finds every block of correlated random effects of a model that is not positive definite: one error each, with the
/// caret on the first declared correlation that makes it so.
pub fn check_blocks(_model: &Model) -> Vec<Diagnostic> {
    todo!()
}
