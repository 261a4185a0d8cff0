//! Single patients in single arms, as many as are asked for: for what needs more courses, or other ones, than a run has.
//!
//! A patient is a function of (seed, number) alone and a course of patient, arm and scenario, so whoever is treated here gets the
//! same bits as in a run ([`super::run`]) of any size. Nothing is listed or summed up: the caller reads each course and drops it.

use super::progress::Progress;
use super::run::TrialError;
use crate::population::{Patient, PopulationError, Sampler};
use crate::program::Program;
use crate::scenario::{Method, Scenario};
use crate::simulation::{Ensemble, Simulator, Task, Trajectory, compile};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// A scenario's patients and arms, ready to be simulated.
pub struct Clinic<'s> {
    scenario: &'s Scenario,
    program: Program,
    pool: rayon::ThreadPool,
}

impl<'s> Clinic<'s> {
    /// Compiles the model and starts `threads` workers (0: all cores).
    ///
    /// # Errors
    /// When the workers cannot be started.
    pub fn new(scenario: &'s Scenario, threads: usize) -> Result<Self, TrialError> {
        Self::with_program(scenario, compile(scenario), threads)
    }

    /// As [`Clinic::new`], with a program that also provides for what the arms of another scenario may use, where their models agree in
    /// drugs and controls. Of two scenarios prepared for each other, courses that do not part are the same bits.
    ///
    /// # Errors
    /// As of [`Clinic::new`].
    pub fn prepared_for(
        scenario: &'s Scenario,
        other: &Scenario,
        threads: usize,
    ) -> Result<Self, TrialError> {
        let names = |scenario: &Scenario| {
            let routes = scenario.model.routes.iter().map(|route| route.name.clone());
            routes
                .chain(scenario.model.controls.iter().map(|control| control.name.clone()))
                .collect::<Vec<_>>()
        };
        if names(scenario) != names(other) {
            return Self::new(scenario, threads);
        }
        let mut both = scenario.clone();
        both.arms.extend(other.arms.iter().cloned());
        both.rules.extend(other.rules.iter().cloned());
        Self::with_program(scenario, compile(&both), threads)
    }

    fn with_program(scenario: &'s Scenario, program: Program, threads: usize) -> Result<Self, TrialError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| TrialError::Threads(error.to_string()))?;
        Ok(Self { scenario, program, pool })
    }

    /// The patients of these numbers (from 0).
    ///
    /// # Errors
    /// When the population cannot be drawn; of several errors the first is told.
    pub fn patients(&self, numbers: std::ops::Range<usize>) -> Result<Vec<Patient>, TrialError> {
        let sampler = Sampler::new(self.scenario, &self.program).map_err(TrialError::Population)?;
        let drawn: Vec<Result<Patient, PopulationError>> =
            self.pool.install(|| numbers.into_par_iter().map(|number| sampler.patient(number)).collect());
        drawn.into_iter().map(|patient| patient.map_err(TrialError::Population)).collect()
    }

    /// Treats patients in arms: (patient, arm) pairs. What is read of each course comes back in their order. Each course that ends is
    /// told to `progress`.
    ///
    /// # Errors
    /// When the user stops it.
    pub fn treat<T: Send>(
        &self,
        tasks: &[(&Patient, usize)],
        progress: &dyn Progress,
        read: &(dyn Fn(Trajectory) -> T + Sync),
    ) -> Result<Vec<T>, TrialError> {
        let next = AtomicUsize::new(0);
        let found: Mutex<Vec<Option<T>>> =
            Mutex::new(std::iter::repeat_with(|| None).take(tasks.len()).collect());
        let take = || {
            if progress.cancelled() {
                return None;
            }
            let number = next.fetch_add(1, Ordering::Relaxed);
            tasks.get(number).map(|(patient, arm)| Task { number, patient, arm: *arm, written_down: false })
        };
        let enter = |number: usize, course: Trajectory| {
            let value = read(course);
            progress.finished();
            found.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(value);
        };
        self.pool.broadcast(|_| {
            in_turn(self.scenario, &self.program, tasks.len(), &mut || take(), &mut |number, course| {
                enter(number, course)
            });
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.into_iter().collect::<Option<Vec<T>>>().ok_or(TrialError::Cancelled)
    }
}

/// Treats patients until no task is left, by the method of the scenario; `expected` tells how many may come. Each course is handed
/// out as it ends, with its task's number.
pub fn in_turn<'p>(
    scenario: &Scenario,
    program: &Program,
    expected: usize,
    take: &mut dyn FnMut() -> Option<Task<'p>>,
    enter: &mut dyn FnMut(usize, Trajectory),
) {
    match scenario.numerics.method {
        Method::Automatic | Method::Explicit => {
            Ensemble::new(scenario, program, expected).simulate(take, enter);
        }
        Method::Implicit | Method::Dopri5Reference | Method::Dop853Reference => {
            let mut simulator = Simulator::new(scenario, program);
            while let Some(Task { number, patient, arm, .. }) = take() {
                enter(number, simulator.simulate(patient, arm));
            }
        }
    }
}

/// The scenario with nothing recorded but what the wanted endpoints read. What is recorded changes no number.
pub fn without_spare_records(scenario: &Scenario, wanted: impl Fn(usize) -> bool) -> Scenario {
    let mut at = scenario.clone();
    let endpoints = scenario.endpoints.iter().enumerate().filter(|(index, _)| wanted(*index));
    let read: Vec<usize> =
        endpoints.flat_map(|(_, endpoint)| endpoint.kind.reads()).filter_map(|(_, record)| record).collect();
    for (index, record) in at.records.iter_mut().enumerate() {
        if !read.contains(&index) {
            record.times.clear();
        }
    }
    at
}
