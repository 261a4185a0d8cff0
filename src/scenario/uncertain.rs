//! What can be uncertain, by its name: a population parameter, or the standard deviation of a random effect.

use super::names::{Found, ModelNames, ambiguous, index, missing};
use super::uncertainty_definition::{Scale, Uncertain, UncertainParameter};
use crate::diagnostic::{Diagnostic, Text};
use crate::model::{Loader, Model, RandomEffect};

/// What reading an uncertainty needs to know.
pub(super) struct Around<'a> {
    pub model: &'a Model,
    pub names: &'a ModelNames,
    pub loader: &'a dyn Loader,
    /// Shown name of the scenario file.
    pub beside: &'a str,
}

/// What a name means: a parameter, or after `omega.` a random effect; by full name, or the last part where that is unique.
pub(super) fn find(name: &Text, around: &Around<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Uncertain> {
    match around.names.parameters.find(&name.value) {
        Found::One(entry) => return index(entry).map(Uncertain::Parameter),
        Found::Several(names) => {
            diagnostics.push(ambiguous(&name.value, name.span, &names));
            return None;
        }
        Found::Nothing => {}
    }
    let effects = &around.model.random_effects;
    if let Some(effect) = name.value.strip_prefix("omega.") {
        // The same parameter may have an effect of the patient and one of occasions.
        let (by_occasion, bare) = effect.strip_prefix("kappa.").map_or((false, effect), |bare| (true, bare));
        let last = format!(".{bare}");
        let named = |known: &RandomEffect| {
            let full = known.name.strip_prefix("kappa.").unwrap_or(&known.name);
            known.by_occasion == by_occasion && (full == bare || full.ends_with(&last))
        };
        let all: Vec<usize> = (0..effects.len()).filter(|index| named(&effects[*index])).collect();
        match (effects.iter().position(|known| known.name == effect), all.as_slice()) {
            (Some(index), _) => return Some(Uncertain::Omega(index)),
            (None, [index]) => return Some(Uncertain::Omega(*index)),
            (None, []) => {}
            (None, several) => {
                let names: Vec<String> =
                    several.iter().map(|index| format!("omega.{}", effects[*index].name)).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                diagnostics.push(ambiguous(&name.value, name.span, &names));
                return None;
            }
        }
    }
    let omegas: Vec<String> = effects.iter().map(|effect| format!("omega.{}", effect.name)).collect();
    let known = around.names.parameters.names().chain(omegas.iter().map(String::as_str));
    diagnostics.push(missing(&name.value, name.span, "parameter", known));
    None
}

/// A parameter of this target, not yet known how well.
pub(super) fn parameter(target: Uncertain, model: &Model) -> UncertainParameter {
    let name = match target {
        Uncertain::Parameter(index) => model.parameters[index].name.clone(),
        Uncertain::Omega(index) => format!("omega.{}", model.random_effects[index].name),
    };
    let (unit, scale) = (target.unit(model), Scale::Natural);
    UncertainParameter { name, target, unit, scale, standard_error: f64::NAN, free_sign: false }
}
