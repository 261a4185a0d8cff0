//! Diagnostics: where in which file something is wrong, why, and what to write instead.
//!
//! One place renders every text error: a caret under the user's own line, both sides of a mismatch, a remedy.
//! This room knows nothing of models or scenarios.

mod finding;
mod render;
mod suggestion;

pub use finding::{Diagnostic, FileId, Severity, Sources, Span, Text, has_errors};
pub use render::render;
pub use suggestion::closest;
