//! Running all arms on all patients in parallel.
//!
//! The (patient, arm) pairs stand in a queue, arm after arm, and threads take them in pieces ([`super::desk`]). A course is
//! reduced to what is kept of it as soon as it ends ([`super::reduce`]); what was kept is put in its place by index, in the
//! order of the queue. A patient is a function of (seed, number) alone: the trial is the same bits for any number of threads, any size
//! of pieces and any order of execution.

use super::desk::{Cut, Desk};
use super::log::Log;
use super::outcome::{ArmResult, Comparison, Trial};
use super::progress::Progress;
use super::queue::{Outcome, Queue};
use super::reduce::{Closed, Reducer};
use super::replay::{Replayer, replayed_patients};
use super::{compare, estimate, hypothetical, incidence, periods};
use crate::endpoint::Value;
use crate::population::{DrawError, Patient, PopulationError, Rejection, Sampler};
use crate::program::{Individual, Program};
use crate::scenario::{Method, Scenario};
use crate::simulation::{Ensemble, Replay, Simulator, Task, Trajectory, compile};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

/// Tasks per thread by which the work may run ahead of the next one to be entered in the books: what is kept of them waits.
/// Enough for all lanes and a slow patient.
const AHEAD: usize = 256;

/// Why a trial has no result.
#[derive(Debug)]
pub enum TrialError {
    /// The population could not be drawn.
    Population(PopulationError),
    /// The population parameters could not be drawn.
    Parameters(DrawError),
    /// Stopped by the user.
    Cancelled,
    /// The thread pool could not be built.
    Threads(String),
    /// What is listed of every course could not be written.
    Log(std::io::Error),
}

/// Runs the trial: `threads` workers (0: all cores). The result is the same bits for any number of threads. Every course
/// is listed in `log`; none is kept. Some courses are replayed ([`super::ArmResult::replays`]).
pub fn run(
    scenario: &Scenario,
    threads: usize,
    progress: &dyn Progress,
    log: &dyn Log,
) -> Result<Trial, TrialError> {
    run_checked(scenario, threads, progress, log, Replay::is_possible(scenario))
}

/// The same; `replays` says whether courses are replayed.
pub fn run_checked(
    scenario: &Scenario,
    threads: usize,
    progress: &dyn Progress,
    log: &dyn Log,
    replays: bool,
) -> Result<Trial, TrialError> {
    let program = compile(scenario);
    let replay = replays.then(|| Replay::new(scenario));
    let sampler = Sampler::new(scenario, &program).map_err(TrialError::Population)?;
    let parts = Parts {
        patient: &|number| sampler.patient(number),
        courses: &|tasks, queue, sink| match scenario.numerics.method {
            Method::Automatic | Method::Explicit => {
                Ensemble::new(scenario, &program, tasks).simulate(queue, &mut |_, course| sink(course));
            }
            Method::Implicit | Method::Dopri5Reference | Method::Dop853Reference => {
                let mut simulator = Simulator::new(scenario, &program);
                while let Some(Task { patient, arm, written_down, .. }) = queue() {
                    sink(if written_down {
                        simulator.realise(patient, arm)
                    } else {
                        simulator.simulate(patient, arm)
                    });
                }
            }
        },
        groups: &|patient| groups_of(scenario, &program, patient),
        replay: replay.as_ref(),
    };
    let mut trial = run_with(scenario, threads, progress, log, &parts)?;
    if hypothetical::fill(scenario, &mut trial, threads, progress)? {
        for arm in &mut trial.arms {
            (arm.estimates, arm.curves) = (Vec::new(), Vec::new());
            add_estimates(scenario, arm);
        }
        trial.comparisons = comparisons(scenario, &trial.arms);
    }
    Ok(trial)
}

/// Hands out tasks, as long as there are any.
type Tasks<'t, 'p> = dyn FnMut() -> Option<Task<'p>> + 't;

/// Takes courses as they end, in any order.
type Sink<'s> = dyn FnMut(Trajectory) + 's;

/// Treats patients in arms until no task is left; first, how many tasks may come.
type Treat<'a> = dyn for<'p> Fn(usize, &mut Tasks<'_, 'p>, &mut Sink<'_>) + Sync + 'a;

/// What a trial is made of: how a patient is drawn, how patients are treated in arms, and who belongs to which groups.
struct Parts<'a> {
    patient: &'a (dyn Fn(usize) -> Result<Patient, PopulationError> + Sync),
    courses: &'a Treat<'a>,
    groups: &'a (dyn Fn(&Patient) -> Vec<bool> + Sync),
    /// How courses are replayed, if they are.
    replay: Option<&'a Replay<'a>>,
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
    let replayer = parts.replay.map(|replay| Replayer { replay, patients });
    let written_down = if replayer.is_some() { replayed_patients(patients.len()) } else { Vec::new() };
    let cut = Cut::new(scenario, patients, threads);
    let tasks = scenario.arms.len() * patients.len();
    let reducer = Reducer::new(scenario, log, replayer);
    let mut books = reducer.books();
    let queue =
        Queue::new(cut.pieces(), threads * AHEAD.div_ceil(cut.size), Box::new(|part| books.enter(part)));
    pool.broadcast(|_| {
        let desk = RefCell::new(Desk::new(&queue, cut, &written_down, &reducer, progress));
        let begin = || desk.borrow_mut().begin();
        while begin() {
            let mut next = || desk.borrow_mut().next();
            (parts.courses)(tasks.div_ceil(threads), &mut next, &mut |course| {
                desk.borrow_mut().enter(course)
            });
        }
    });
    match queue.finish() {
        Outcome::Done => Ok(pool.install(|| books.close(reducer))),
        Outcome::GivenUp => Err(TrialError::Cancelled),
        Outcome::Refused(error) => Err(TrialError::Log(error)),
    }
}

/// Estimates of all endpoints of an arm.
fn add_estimates(scenario: &Scenario, arm: &mut ArmResult) {
    for (index, column) in arm.values.iter().enumerate() {
        let (of_endpoint, curve) = estimate::estimates(scenario, index, column);
        arm.estimates.extend(of_endpoint);
        arm.curves.extend(curve.map(|curve| (index, curve)));
    }
    add_curves(scenario, arm);
}

/// Cumulative incidences and shares by period of an arm.
pub fn add_curves(scenario: &Scenario, arm: &mut ArmResult) {
    for (index, column) in arm.values.iter().enumerate() {
        arm.incidences.extend(incidence::curve(scenario, index, column).map(|curve| (index, curve)));
        arm.periods.extend(periods::shares(scenario, index, column));
    }
}

fn comparisons(scenario: &Scenario, arms: &[ArmResult]) -> Vec<Comparison> {
    let columns: Vec<&[Vec<Value>]> = arms.iter().map(|arm| arm.values.as_slice()).collect();
    compare::all(scenario, &columns)
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
