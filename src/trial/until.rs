//! As many patients as a goal of precision takes.
//!
//! Patients are added in batches, their numbers going on, and after each the goal is looked at; what the next batch holds
//! follows from how far it is away (a half-width falls with the root of the number). Only the values of the endpoints in
//! question are kept. The trial is then run at once with the number found, so that it has the same bits as one that
//! was asked for so many patients from the beginning; the search is what it costs.

use super::clinic::{Clinic, without_spare_records};
use super::hypothetical::{Silent, fill_values};
use super::precision::Goal;
use super::progress::Progress;
use super::run::TrialError;
use crate::endpoint::{self, Value};
use crate::population::Patient;
use crate::scenario::Scenario;

/// Fewest patients in a batch.
const BATCH: usize = 64;

/// How many patients there have to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// Patients per arm.
    pub patients: usize,
    /// What is reached with them, by goal, in the goal's unit.
    pub reached: Vec<f64>,
    /// Whether every goal is met.
    pub met: bool,
    /// Batches simulated.
    pub batches: usize,
}

/// Looks for the number of patients, from the scenario's own to `most`, with which all goals are met.
///
/// # Errors
/// As of a run.
pub fn enough(
    scenario: &Scenario,
    goals: &[Goal],
    most: usize,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Sought, TrialError> {
    let wanted: Vec<usize> = goals.iter().map(|goal| goal.endpoint).collect();
    let light = without_spare_records(scenario, |index| wanted.contains(&index));
    let clinic = Clinic::new(&light, threads)?;
    let arms = scenario.arms.len();
    let mut values = vec![vec![Vec::new(); scenario.endpoints.len()]; arms];
    let (mut have, mut batches) = (0, 0);
    let mut next = scenario.patients.min(most);
    loop {
        let patients = clinic.patients(have..next)?;
        add(&clinic, &light, &patients, &wanted, &mut values, (threads, progress))?;
        (have, batches) = (next, batches + 1);
        let columns: Vec<&[Vec<Value>]> = values.iter().map(Vec::as_slice).collect();
        let reached: Vec<f64> = goals.iter().map(|goal| goal.reached(scenario, &columns)).collect();
        let excess =
            goals.iter().zip(&reached).map(|(goal, reached)| reached / goal.limit).fold(0.0, f64::max);
        if excess < 1.0 || have >= most {
            return Ok(Sought { patients: have, reached, met: excess < 1.0, batches });
        }
        next = next_size(have, excess).min(most);
    }
}

/// Patients after the next batch, where the widest goal is so many times too wide: as many as it should take, but at most four
/// times those there are.
fn next_size(have: usize, excess: f64) -> usize {
    let needed = (have as f64 * excess * excess * 1.02).min(4.0 * have as f64);
    (needed.ceil() as usize).max(have + BATCH)
}

/// Adds the values of a batch.
fn add(
    clinic: &Clinic<'_>,
    light: &Scenario,
    patients: &[Patient],
    wanted: &[usize],
    values: &mut [Vec<Vec<Value>>],
    (threads, progress): (usize, &dyn Progress),
) -> Result<(), TrialError> {
    let tasks: Vec<(&Patient, usize)> =
        (0..values.len()).flat_map(|arm| patients.iter().map(move |patient| (patient, arm))).collect();
    let found = clinic.treat(&tasks, &Silent(progress), &|course| {
        let of = |index: &usize| endpoint::evaluate(&light.endpoints[*index], light, &course);
        wanted.iter().map(of).collect::<Vec<Value>>()
    })?;
    let mut batch = vec![vec![Vec::new(); light.endpoints.len()]; values.len()];
    for ((_, arm), of_patient) in tasks.iter().zip(found) {
        let mut done: Vec<usize> = Vec::new();
        for (index, value) in wanted.iter().zip(of_patient) {
            if !done.contains(index) {
                done.push(*index);
                batch[*arm][*index].push(value);
            }
        }
    }
    let mut columns: Vec<&mut Vec<Vec<Value>>> = batch.iter_mut().collect();
    fill_values(light, patients, &mut columns, threads, progress)?;
    for (of_arm, added) in values.iter_mut().zip(batch) {
        for (column, more) in of_arm.iter_mut().zip(added) {
            column.extend(more);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_follow_from_how_far_the_goal_is_away() {
        // Twice too wide takes four times as many, and is cut there.
        assert_eq!(next_size(1000, 2.0), 4000);
        assert_eq!(next_size(1000, 1.2), 1469);
        assert_eq!(next_size(1000, 1.001), 1064);
        assert_eq!(next_size(10, f64::INFINITY), 74);
    }
}
