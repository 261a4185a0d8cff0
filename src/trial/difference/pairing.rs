//! Whether the patients of two scenarios are the same people.
//!
//! They are if the same numbers are drawn for the same things: one seed, one set of covariates and random effects, one
//! population. What is drawn is compared to the last bit, patient by patient, rather than what the files say.

use crate::model::Model;
use crate::population::Patient;
use crate::scenario::Scenario;

/// Why two scenarios have no patients in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Unpaired {
    /// The seeds differ.
    Seed(u64, u64),
    /// One has variability, the other treats the typical patient.
    Variability,
    /// A covariate or random effect that only one of the models has.
    Names(String),
    /// The first patient (number from 0) who is somebody else, and the covariate or random effect by which.
    Patient {
        /// Number, from 0.
        patient: usize,
        /// Name.
        what: String,
    },
    /// No arm of one name is in both.
    NoArm,
}

/// Compares what decides who is drawn.
///
/// # Errors
/// When nobody can be compared with himself.
pub fn check_pairing(first: &Scenario, second: &Scenario) -> Result<(), Unpaired> {
    if first.seed != second.seed {
        return Err(Unpaired::Seed(first.seed, second.seed));
    }
    if first.variability != second.variability {
        return Err(Unpaired::Variability);
    }
    let (ours, theirs) = (drawn_names(&first.model), drawn_names(&second.model));
    let only =
        ours.iter().find(|name| !theirs.contains(name)).or(theirs.iter().find(|name| !ours.contains(name)));
    if let Some(name) = only {
        return Err(Unpaired::Names(name.clone()));
    }
    let common = first.arms.iter().any(|arm| second.arms.iter().any(|other| other.name == arm.name));
    if common { Ok(()) } else { Err(Unpaired::NoArm) }
}

/// Whether a patient is the same person in both.
pub fn same_person(models: [&Model; 2], first: &Patient, second: &Patient) -> Result<(), Unpaired> {
    let numbers = |patient: &Patient| [patient.covariates.clone(), patient.random_effects.clone()].concat();
    let (ours, theirs) = (drawn_names(models[0]), drawn_names(models[1]));
    let (values, others) = (numbers(first), numbers(second));
    for (name, value) in ours.iter().zip(values) {
        let other = theirs.iter().position(|it| it == name).and_then(|place| others.get(place));
        if other.is_none_or(|other| other.to_bits() != value.to_bits()) {
            return Err(Unpaired::Patient { patient: first.number, what: name.clone() });
        }
    }
    Ok(())
}

/// Covariates and random effects, in the order in which a patient holds them.
fn drawn_names(model: &Model) -> Vec<String> {
    let covariates = model.covariates.iter().map(|covariate| covariate.name.clone());
    covariates.chain(model.random_effects.iter().map(|effect| format!("eta.{}", effect.name))).collect()
}

/// What differs, though the patients are the same: for the reader.
pub fn notes(first: &Scenario, second: &Scenario) -> Vec<String> {
    let mut notes = Vec::new();
    let differing: Vec<&str> = first
        .model
        .parameters
        .iter()
        .filter(|it| {
            second.model.parameters.iter().any(|other| other.name == it.name && other.value != it.value)
        })
        .map(|it| it.name.as_str())
        .collect();
    if first.model.name != second.model.name {
        notes.push(format!(
            "The models differ ({} and {}): the patients have the same covariates and random effects, but another biology; differences are of the \
             models as well as of the treatment.",
            first.model.name, second.model.name
        ));
    } else if !differing.is_empty() {
        notes.push(format!(
            "Parameters of the model differ ({}): the patients have the same covariates and random effects, but another biology.",
            differing.join(", ")
        ));
    }
    if first.horizon != second.horizon {
        notes.push(format!(
            "Follow-up differs ({} and {}): times are censored at different ends.",
            first.horizon_text, second.horizon_text
        ));
    }
    if first.numerics != second.numerics {
        notes.push("Numerical settings differ: courses differ within their tolerances.".to_owned());
    }
    if first.patients != second.patients {
        notes.push(format!(
            "The files name {} and {} patients; those that both have are compared.",
            first.patients, second.patients
        ));
    }
    notes
}
