//! How long a sweep will take, from a timed sample of its points.

use std::time::Instant;

use super::plan::{Plan, Shard};
use super::run::{PointError, SweepProgress, forget_unread_records, scenario_of, threads};
use super::store::Store;
use crate::model::Loader;
use crate::trial::{self, NoLog, Progress};

/// Points that are timed, spread evenly over the missing ones.
const POINTS: usize = 5;
/// Patients per arm that are timed, per thread: enough to fill the lanes, few enough for a minute.
const PATIENTS: usize = 16;

/// What is there, what is missing, and how long that will take.
#[derive(Debug)]
pub struct Forecast {
    /// Points of this part of the sweep.
    pub points: usize,
    /// Of these, missing.
    pub missing: usize,
    /// Points timed.
    pub timed: usize,
    /// Patients per arm timed.
    pub patients: usize,
    /// Wall time for all that is missing, s.
    pub seconds: f64,
    /// Threads.
    pub threads: usize,
}

/// Nobody is told of the courses of a sample.
struct Quiet<'a>(&'a dyn SweepProgress);

impl Progress for Quiet<'_> {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Times a few missing points with a few patients on all threads. `store` is the folder, if there is one yet.
///
/// # Errors
/// When a sampled point cannot be computed: its place, and why.
pub fn forecast(
    plan: &Plan,
    store: Option<&Store>,
    shard: Shard,
    loader: &dyn Loader,
    wanted: usize,
    progress: &dyn SweepProgress,
) -> Result<Forecast, (usize, PointError)> {
    let complete = store.and_then(|store| store.complete().ok()).unwrap_or_default();
    let own: Vec<usize> = (0..plan.points.len()).filter(|place| shard.has(*place)).collect();
    let missing: Vec<usize> =
        own.iter().copied().filter(|place| !complete.contains(&plan.points[*place].file)).collect();
    let threads = threads(wanted);
    let mut forecast =
        Forecast { points: own.len(), missing: missing.len(), timed: 0, patients: 0, seconds: 0.0, threads };
    let timed = missing.len().min(POINTS);
    let mut per_point = 0.0;
    for k in 0..timed {
        let place = missing[(k * missing.len() + missing.len() / 2) / timed.max(1)];
        let reading = Instant::now();
        let mut scenario = scenario_of(plan, place, loader).map_err(|error| (place, error))?;
        // Each thread reads scenarios of its own.
        let reading = reading.elapsed().as_secs_f64() / threads as f64;
        forget_unread_records(&mut scenario);
        let all = scenario.patients;
        scenario.patients = all.min(PATIENTS * threads);
        let fewer = all as f64 / scenario.patients.max(1) as f64;
        let started = Instant::now();
        match trial::run(&scenario, threads, &Quiet(progress), &NoLog) {
            Ok(_) => per_point += reading + started.elapsed().as_secs_f64() * fewer,
            Err(error) => {
                return Err((place, PointError::Trial(error, Box::new(scenario))));
            }
        }
        forecast.patients = scenario.patients;
    }
    forecast.timed = timed;
    forecast.seconds = per_point / timed.max(1) as f64 * missing.len() as f64;
    Ok(forecast)
}
