//! Running all arms on all patients in parallel.
//!
//! The (patient, arm) pairs stand in a queue, arm after arm, and threads take them in chunks. A course is reduced to what
//! is kept of it as soon as it ends ([`super::reduce`]); what was kept is put in its place by index, in the order of the
//! queue. A patient is a function of (seed, number) alone: the trial is the same bits for any number of threads, any size
//! of chunks and any order of execution.

use super::compare;
use super::estimate;
use super::log::Log;
use super::outcome::{ArmResult, Comparison, Trial};
use super::queue::{Outcome, Queue};
use super::reduce::{Closed, Part, Reducer};
use crate::population::{Patient, PopulationError, Rejection, Sampler};
use crate::program::{Individual, Program};
use crate::scenario::Scenario;
use crate::simulation::{Simulator, Trajectory};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::time::Instant;

/// Most tasks that a thread takes at once.
const CHUNK: usize = 128;
/// Fewer are taken at once where each thread would else get fewer chunks than this.
const CHUNKS_PER_THREAD: usize = 8;
/// Chunks per thread by which the work may run ahead of the next one to be entered in the books.
const AHEAD: usize = 4;

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
    /// What is listed of every course could not be written.
    Log(std::io::Error),
}

/// Runs the trial: `threads` workers (0: all cores). The result is the same bits for any number of threads. Every course
/// is listed in `log`; none is kept.
pub fn run(
    scenario: &Scenario,
    threads: usize,
    progress: &dyn Progress,
    log: &dyn Log,
) -> Result<Trial, TrialError> {
    let program = Program::compile(&scenario.model);
    let sampler = Sampler::new(scenario, &program).map_err(TrialError::Population)?;
    let parts = Parts {
        patient: &|number| sampler.patient(number),
        courses: &|tasks, sink| {
            let mut simulator = Simulator::new(scenario, &program);
            for (patient, arm) in tasks {
                if !sink(simulator.simulate(patient, *arm)) {
                    return;
                }
            }
        },
        groups: &|patient| groups_of(scenario, &program, patient),
    };
    run_with(scenario, threads, progress, log, &parts)
}

/// Takes courses as they end, in any order; false to stop.
type Sink<'s> = dyn FnMut(Trajectory) -> bool + 's;

/// Treats patients in arms, one task after the other or many at once.
type Treat<'a> = dyn Fn(&[(&Patient, usize)], &mut Sink<'_>) + Sync + 'a;

/// What a trial is made of: how a patient is drawn, how patients are treated in arms, and who belongs to which groups.
struct Parts<'a> {
    patient: &'a (dyn Fn(usize) -> Result<Patient, PopulationError> + Sync),
    courses: &'a Treat<'a>,
    groups: &'a (dyn Fn(&Patient) -> Vec<bool> + Sync),
}

fn run_with(
    scenario: &Scenario,
    threads: usize,
    progress: &dyn Progress,
    log: &dyn Log,
    parts: &Parts<'_>,
) -> Result<Trial, TrialError> {
    let started = Instant::now();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| TrialError::Threads(error.to_string()))?;
    let patients = pool.install(|| draw(scenario.patients, progress, parts))?;
    let Closed { mut arms, courses, precision, first_visits } =
        treat(&pool, scenario, &patients, progress, log, parts)?;
    for arm in &mut arms {
        add_estimates(scenario, arm);
    }
    let (rejections, acceptance) = tally(&patients);
    Ok(Trial {
        groups: members(scenario, &patients, parts),
        comparisons: comparisons(scenario, &arms),
        patients,
        rejections,
        acceptance,
        arms,
        courses,
        precision,
        first_visits,
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
    pool: &rayon::ThreadPool,
    scenario: &Scenario,
    patients: &[Patient],
    progress: &dyn Progress,
    log: &dyn Log,
    parts: &Parts<'_>,
) -> Result<Closed, TrialError> {
    let threads = pool.current_num_threads();
    let size = (scenario.arms.len() * patients.len() / (CHUNKS_PER_THREAD * threads)).clamp(1, CHUNK);
    let in_arm = patients.len().div_ceil(size);
    let reducer = Reducer::new(scenario, log);
    let mut books = reducer.books();
    let queue = Queue::new(scenario.arms.len() * in_arm, AHEAD * threads, |part| books.enter(part));
    pool.broadcast(|_| {
        while let Some(piece) = queue.take() {
            let (arm, first) = (piece.number() / in_arm, piece.number() % in_arm * size);
            let chunk = &patients[first..patients.len().min(first + size)];
            match part_of(&reducer, arm, chunk, progress, parts) {
                Some(part) => piece.deliver(part),
                // Nobody else goes on either.
                None => return,
            }
        }
    });
    match queue.finish() {
        Outcome::Done(_) => Ok(pool.install(|| books.close())),
        Outcome::GivenUp => Err(TrialError::Cancelled),
        Outcome::Refused(error) => Err(TrialError::Log(error)),
    }
}

/// Treats neighbouring patients in an arm; `None` if that was cancelled.
fn part_of(
    reducer: &Reducer<'_>,
    arm: usize,
    patients: &[Patient],
    progress: &dyn Progress,
    parts: &Parts<'_>,
) -> Option<Part> {
    let tasks: Vec<(&Patient, usize)> = patients.iter().map(|patient| (patient, arm)).collect();
    let mut part = reducer.part(arm, tasks.first()?.0.number, tasks.len());
    let mut cancelled = progress.cancelled();
    if !cancelled {
        (parts.courses)(&tasks, &mut |course| {
            reducer.enter(&mut part, course);
            progress.finished();
            cancelled = progress.cancelled();
            !cancelled
        });
    }
    part.is_complete().then_some(part)
}

/// Estimates of all endpoints of an arm.
fn add_estimates(scenario: &Scenario, arm: &mut ArmResult) {
    for (index, column) in arm.values.iter().enumerate() {
        let (of_endpoint, curve) = estimate::estimates(scenario, index, column);
        arm.estimates.extend(of_endpoint);
        arm.curves.extend(curve.map(|curve| (index, curve)));
    }
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
