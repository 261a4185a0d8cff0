//! Modules put together: names prefixed, inputs bound, equations sorted, every expression checked.

use super::{Loader, definition::Model};
use crate::diagnostic::{Diagnostic, Sources};

/// Loads and checks a model with all its modules. Every error found in every file is pushed; `None` if there was one.
///
/// `overrides` are (full parameter name, value in the parameter's own unit or with a unit, e.g. `"12 L/h"`) as written
/// by a scenario or on the command line, with their places.
pub fn load(
    _name: &str,
    _loader: &dyn Loader,
    _sources: &mut Sources,
    _diagnostics: &mut Vec<Diagnostic>,
) -> Option<Model> {
    todo!()
}
