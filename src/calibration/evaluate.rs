//! The predictions of a whole ensemble, on all cores: found in the store, or computed and kept there.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::outcome::Step;
use super::problem::{Failure, Forward, Predicted, Problem};
use super::store::Store;

/// Told how far a calibration has come; called from worker threads.
pub trait CalibrationProgress: Sync {
    /// So many evaluations are to come at most, steps that must be halved aside.
    fn begins(&self, evaluations: usize);
    /// One evaluation is known; whether it was computed just now.
    fn evaluated(&self, computed: bool);
    /// An ensemble is evaluated, the first being the prior's, number 0.
    fn stepped(&self, _number: usize, _step: &Step) {}
    /// Whether to stop early.
    fn cancelled(&self) -> bool;
}

/// Why a calibration has no result.
#[derive(Debug)]
pub enum CalibrationError {
    /// Stopped by the user.
    Cancelled,
    /// There is no prediction at some values of the unknowns.
    Evaluation {
        /// The values, in the unknowns' own units.
        values: Vec<f64>,
        /// Why.
        reason: String,
    },
    /// Predictions are not those that were promised, or are no numbers.
    Predictions(String),
    /// The members of the ensemble do not span the unknowns.
    Collapsed,
    /// Evaluations cannot be kept.
    Store(io::Error),
}

/// What evaluates.
pub(super) struct Evaluator<'a> {
    pub problem: &'a Problem,
    pub forward: &'a dyn Forward,
    pub store: &'a Store,
    /// Not 0.
    pub threads: usize,
    pub progress: &'a dyn CalibrationProgress,
}

impl Evaluator<'_> {
    /// Predictions of members (in standard deviations of the prior), in their order. Each thread takes the next member; when
    /// fewer are left than threads, each gets the idle ones too.
    pub fn evaluate(&self, members: &[Vec<f64>]) -> Result<Vec<Vec<Predicted>>, CalibrationError> {
        let values: Vec<Vec<f64>> = members.iter().map(|member| self.values(member)).collect();
        let mut found: Vec<Option<Vec<Predicted>>> =
            values.iter().map(|values| self.store.find(values, self.problem.observations.len())).collect();
        found.iter().flatten().for_each(|_| self.progress.evaluated(false));
        let missing: VecDeque<usize> = (0..found.len()).filter(|place| found[*place].is_none()).collect();
        let left = AtomicUsize::new(missing.len());
        let crew = self.threads.min(missing.len());
        let (queue, computed, stopped) = (Mutex::new(missing), Mutex::new(Vec::new()), Mutex::new(None));
        let work = || {
            while !is_some(&stopped) {
                let Some(place) = lock(&queue).pop_front() else { return };
                let share = (self.threads / left.load(Ordering::SeqCst).max(1)).max(1);
                match self.compute(&values[place], share) {
                    Ok(predictions) => lock(&computed).push((place, predictions)),
                    Err(error) => {
                        lock(&stopped).get_or_insert((place, error));
                    }
                }
                left.fetch_sub(1, Ordering::SeqCst);
            }
        };
        thread::scope(|scope| (0..crew).for_each(|_| drop(scope.spawn(work))));
        if let Some((_, error)) = stopped.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        for (place, predictions) in computed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            found[place] = Some(predictions);
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Values of the unknowns in their own units.
    pub fn values(&self, member: &[f64]) -> Vec<f64> {
        self.problem.unknowns.iter().zip(member).map(|(unknown, at)| unknown.value(*at)).collect()
    }

    fn compute(&self, values: &[f64], threads: usize) -> Result<Vec<Predicted>, CalibrationError> {
        if self.progress.cancelled() {
            return Err(CalibrationError::Cancelled);
        }
        let found = self.forward.predict(values, threads).map_err(|failure| match failure {
            Failure::Cancelled => CalibrationError::Cancelled,
            Failure::Reason(reason) => CalibrationError::Evaluation { values: values.to_vec(), reason },
        })?;
        let (wanted, all) = (self.problem.observations.len(), found.len());
        if all != wanted {
            let why = format!("{all} predictions for {wanted} observations");
            return Err(CalibrationError::Predictions(why));
        }
        let fine = |predicted: &Predicted| predicted.value.is_finite() && predicted.error >= 0.0;
        if let Some(place) = found.iter().position(|predicted| !fine(predicted)) {
            let observation = &self.problem.observations[place];
            let (trial, endpoint) = (&observation.trial, &observation.endpoint);
            return Err(CalibrationError::Evaluation {
                values: values.to_vec(),
                reason: format!("the prediction of {endpoint} of {trial} is no number"),
            });
        }
        self.store.keep(values, &found).map_err(CalibrationError::Store)?;
        self.progress.evaluated(true);
        Ok(found)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_some<T>(mutex: &Mutex<Option<T>>) -> bool {
    lock(mutex).is_some()
}
