//! A scenario file, with the libraries, model and population that it names, to a checked [`Scenario`].

use super::definition::Scenario;
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Loader;

/// Reads and checks the scenario called `name`, its model, population and libraries. Every error found in every file
/// is pushed; `None` if there was one. Warnings are pushed too and do no harm.
pub fn load(
    _name: &str,
    _settings: &Settings,
    _loader: &dyn Loader,
    _sources: &mut Sources,
    _diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    todo!()
}
