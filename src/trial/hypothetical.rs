//! Hypothetical estimands: courses that never were, of patients who left treatment, simulated as if they had not.
//!
//! A course without the event that the estimand undoes is its own counterfactual. Only the others are simulated again: the same
//! patient, arm and random numbers, in a scenario in which the event does not end treatment.

use super::clinic::{Clinic, without_spare_records};
use super::outcome::Trial;
use super::progress::Progress;
use super::run::TrialError;
use crate::endpoint::{self, COUNTERFACTUAL, Value};
use crate::population::Patient;
use crate::scenario::{Action, EndpointDefinition, ReductionLimits, Scenario, Strategy};

/// The strategies that need other courses.
const UNDOING: [Strategy; 2] = [Strategy::NoDropout, Strategy::NoDiscontinuation];

/// Simulates what a finished trial lacks for its hypothetical endpoints, and enters the values. Whether anything was lacking.
///
/// # Errors
/// As of a run.
pub fn fill(
    scenario: &Scenario,
    trial: &mut Trial,
    threads: usize,
    progress: &dyn Progress,
) -> Result<bool, TrialError> {
    let mut values: Vec<&mut Vec<Vec<Value>>> = trial.arms.iter_mut().map(|arm| &mut arm.values).collect();
    fill_values(scenario, &trial.patients, &mut values, threads, progress)
}

/// The same of values by arm, endpoint and patient, the patients being those of `patients`.
pub fn fill_values(
    scenario: &Scenario,
    patients: &[Patient],
    values: &mut [&mut Vec<Vec<Value>>],
    threads: usize,
    progress: &dyn Progress,
) -> Result<bool, TrialError> {
    let mut filled = false;
    for strategy in UNDOING {
        let wanted: Vec<usize> = (0..scenario.endpoints.len())
            .filter(|index| scenario.endpoints[*index].strategy == strategy)
            .collect();
        let lacks = |arm: &Vec<Vec<Value>>, patient: usize| {
            wanted.iter().any(|index| arm[*index].get(patient) == Some(&Value::Missing(COUNTERFACTUAL)))
        };
        let places: Vec<(usize, usize)> = values
            .iter()
            .enumerate()
            .flat_map(|(arm, of_arm)| {
                (0..patients.len())
                    .filter(|patient| lacks(of_arm, *patient))
                    .map(move |patient| (patient, arm))
                    .collect::<Vec<_>>()
            })
            .collect();
        if places.is_empty() {
            continue;
        }
        filled = true;
        let without = undone(scenario, strategy, &wanted);
        let clinic = Clinic::new(&without, threads)?;
        let tasks: Vec<(&Patient, usize)> =
            places.iter().map(|(patient, arm)| (&patients[*patient], *arm)).collect();
        let found = clinic.treat(&tasks, &Silent(progress), &|course| {
            wanted
                .iter()
                .map(|index| endpoint::evaluate(&without.endpoints[*index], &without, &course))
                .collect::<Vec<Value>>()
        })?;
        for ((patient, arm), of_patient) in places.into_iter().zip(found) {
            for (index, value) in wanted.iter().zip(of_patient) {
                values[arm][*index][patient] = value;
            }
        }
    }
    Ok(filled)
}

/// The scenario in which nothing that the strategy undoes ends treatment; endpoints are read as they are defined.
fn undone(scenario: &Scenario, strategy: Strategy, wanted: &[usize]) -> Scenario {
    let mut at = without_spare_records(scenario, |index| wanted.contains(&index));
    for hazard in &mut at.model.hazards {
        hazard.ends_treatment = false;
    }
    if strategy == Strategy::NoDiscontinuation {
        let rules = &at.rules;
        for arm in &mut at.arms {
            arm.rules.retain(|rule| !matches!(rules[*rule].action, Action::Discontinue { .. }));
        }
        at.rules.iter_mut().for_each(|rule| go_on(&mut rule.action));
    }
    at.endpoints = at
        .endpoints
        .into_iter()
        .map(|endpoint| EndpointDefinition { strategy: Strategy::AsDefined, ..endpoint })
        .collect();
    at
}

/// Holds and reductions that do not end treatment: a hold lasts until it may end, a reduction beyond the last one that the
/// protocol allows is taken, down to the lowest level.
fn go_on(action: &mut Action) {
    match action {
        Action::Hold { terms, .. } => {
            terms.at_most = f64::INFINITY;
            terms.limits = ReductionLimits::default();
        }
        Action::Reduce { limits, .. } => *limits = ReductionLimits::default(),
        _ => {}
    }
}

/// Lets the user stop, and counts nothing: how many courses there will be is not known beforehand.
pub struct Silent<'p>(pub &'p dyn Progress);

impl Progress for Silent<'_> {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
