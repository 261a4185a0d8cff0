//! Running all arms on all patients in parallel.
//!
//! Every (patient, arm) is a task of its own whose result is put in its place by index, and a patient is a function of
//! (seed, number) alone: the trial is the same bits for any number of threads and any order of execution.
//!
//! All trajectories are kept until the report is written: memory grows with patients × arms × recorded times.

use super::compare;
use super::estimate;
use super::outcome::{ArmResult, Comparison, Trial};
use crate::endpoint::{self, Value};
use crate::population::{Patient, PopulationError, Rejection, Sampler};
use crate::program::{Individual, Program};
use crate::scenario::Scenario;
use crate::simulation::{self, Counts, End, Trajectory};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::time::Instant;

/// Told about progress; called from worker threads.
pub trait Progress: Sync {
    /// One patient finished one arm.
    fn finished(&self);
    /// Whether to stop early (Ctrl-C).
    fn cancelled(&self) -> bool;
}

/// Why a trial has no result.
#[derive(Debug)]
pub enum TrialError {
    /// The population could not be drawn.
    Population(PopulationError),
    /// Stopped by the user.
    Cancelled,
    /// The thread pool could not be built.
    Threads(String),
}

/// Runs the trial: `threads` workers (0: all cores). The result is the same bits for any number of threads.
pub fn run(scenario: &Scenario, threads: usize, progress: &dyn Progress) -> Result<Trial, TrialError> {
    let program = Program::compile(&scenario.model);
    let sampler = Sampler::new(scenario, &program).map_err(TrialError::Population)?;
    let parts = Parts {
        patient: &|number| sampler.patient(number),
        trajectory: &|patient, arm| simulation::simulate(scenario, &program, patient, arm),
        groups: &|patient| groups_of(scenario, &program, patient),
    };
    run_with(scenario, threads, progress, &parts)
}

/// What a trial is made of: how a patient is drawn, treated in an arm, and put into groups.
struct Parts<'a> {
    patient: &'a (dyn Fn(usize) -> Result<Patient, PopulationError> + Sync),
    trajectory: &'a (dyn Fn(&Patient, usize) -> Trajectory + Sync),
    groups: &'a (dyn Fn(&Patient) -> Vec<bool> + Sync),
}

/// One patient in one arm, with the values of all endpoints.
type Course = (Trajectory, Vec<Value>);

fn run_with(
    scenario: &Scenario,
    threads: usize,
    progress: &dyn Progress,
    parts: &Parts<'_>,
) -> Result<Trial, TrialError> {
    let started = Instant::now();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| TrialError::Threads(error.to_string()))?;
    let (patients, courses) = pool.install(|| {
        let patients = draw(scenario.patients, progress, parts)?;
        let courses = treat(scenario, &patients, progress, parts)?;
        Ok((patients, courses))
    })?;

    let mut courses = courses.into_iter();
    let arms: Vec<ArmResult> = (0..scenario.arms.len())
        .map(|_| arm_result(scenario, courses.by_ref().take(scenario.patients).collect()))
        .collect();
    let (rejections, acceptance) = tally(&patients);
    Ok(Trial {
        groups: members(scenario, &patients, parts),
        comparisons: comparisons(scenario, &arms),
        patients,
        rejections,
        acceptance,
        arms,
        seconds: started.elapsed().as_secs_f64(),
        threads: pool.current_num_threads(),
    })
}

/// Draws all patients; of several errors the one of the lowest patient number is told.
fn draw(count: usize, progress: &dyn Progress, parts: &Parts<'_>) -> Result<Vec<Patient>, TrialError> {
    let drawn: Vec<Option<Result<Patient, PopulationError>>> = (0..count)
        .into_par_iter()
        .map(|number| (!progress.cancelled()).then(|| (parts.patient)(number)))
        .collect();
    drawn
        .into_iter()
        .map(|patient| patient.ok_or(TrialError::Cancelled)?.map_err(TrialError::Population))
        .collect()
}

/// Treats every patient in every arm: all patients of the first arm, then of the next.
fn treat(
    scenario: &Scenario,
    patients: &[Patient],
    progress: &dyn Progress,
    parts: &Parts<'_>,
) -> Result<Vec<Course>, TrialError> {
    let courses: Vec<Option<Course>> = (0..scenario.arms.len() * patients.len())
        .into_par_iter()
        .map(|task| {
            if progress.cancelled() {
                return None;
            }
            let trajectory = (parts.trajectory)(&patients[task % patients.len()], task / patients.len());
            let values = scenario
                .endpoints
                .iter()
                .map(|definition| endpoint::evaluate(definition, scenario, &trajectory))
                .collect();
            progress.finished();
            Some((trajectory, values))
        })
        .collect();
    courses.into_iter().map(|course| course.ok_or(TrialError::Cancelled)).collect()
}

fn arm_result(scenario: &Scenario, courses: Vec<Course>) -> ArmResult {
    let mut values: Vec<Vec<Value>> = vec![Vec::with_capacity(courses.len()); scenario.endpoints.len()];
    let mut trajectories = Vec::with_capacity(courses.len());
    let mut counts = Counts::default();
    let mut failed = 0;
    for (trajectory, of_patient) in courses {
        for (column, value) in values.iter_mut().zip(of_patient) {
            column.push(value);
        }
        counts.steps += trajectory.counts.steps;
        counts.rejected += trajectory.counts.rejected;
        counts.evaluations += trajectory.counts.evaluations;
        failed += usize::from(matches!(trajectory.end, End::Failed(_)));
        trajectories.push(trajectory);
    }
    let mut estimates = Vec::new();
    let mut curves = Vec::new();
    for (index, column) in values.iter().enumerate() {
        let (of_endpoint, curve) = estimate::estimates(scenario, index, column);
        estimates.extend(of_endpoint);
        curves.extend(curve.map(|curve| (index, curve)));
    }
    ArmResult { trajectories, values, estimates, curves, counts, failed }
}

fn comparisons(scenario: &Scenario, arms: &[ArmResult]) -> Vec<Comparison> {
    let Some((first, later)) = arms.split_first() else { return Vec::new() };
    let mut comparisons = Vec::new();
    for (arm, result) in (1..).zip(later) {
        for index in 0..scenario.endpoints.len() {
            comparisons.extend(compare::compare(
                scenario,
                index,
                &first.values[index],
                arm,
                &result.values[index],
            ));
        }
    }
    comparisons
}

/// Draws thrown away by reason, and accepted draws over all draws.
fn tally(patients: &[Patient]) -> (Vec<(Rejection, usize)>, f64) {
    let mut reasons = BTreeMap::new();
    for rejection in patients.iter().flat_map(|patient| &patient.rejected) {
        *reasons.entry(*rejection).or_insert(0) += 1;
    }
    let rejected: usize = reasons.values().sum();
    let drawn = patients.len() + rejected;
    let acceptance = if drawn == 0 { 1.0 } else { patients.len() as f64 / drawn as f64 };
    (reasons.into_iter().collect(), acceptance)
}

fn members(scenario: &Scenario, patients: &[Patient], parts: &Parts<'_>) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); scenario.groups.len()];
    for patient in patients {
        for (group, belongs) in members.iter_mut().zip((parts.groups)(patient)) {
            if belongs {
                group.push(patient.number);
            }
        }
    }
    members
}

/// Which of the scenario's groups a patient belongs to.
fn groups_of(scenario: &Scenario, program: &Program, patient: &Patient) -> Vec<bool> {
    let individual = Individual::new(program, &patient.covariates, &patient.random_effects);
    // The checker lets only patient-constant names into a group's condition.
    let mut lookup = |symbol| individual.constant(symbol).unwrap_or(f64::NAN);
    scenario.groups.iter().map(|group| group.condition.evaluate(&mut lookup) == 1.0).collect()
}

#[cfg(test)]
mod tests;
