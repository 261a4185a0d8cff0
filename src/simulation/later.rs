//! Covariates of a virtual patient that change during the trial.
//!
//! Each change has its time and all values from there. A covariate whose values hold from one change to the next (previous
//! value) takes them at the moment itself; one that has the value of the change to come takes that behind the moment.
//! At the moment both have its own values: that is what a visit reads and what a dose meets.

use super::clock::reached;
use crate::model::{Covariate, Interpolation};
use crate::program::Individual;

/// Changes to come.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// (time in d, values), ascending.
    changes: Vec<(f64, Vec<f64>)>,
    /// The first that has not come.
    next: usize,
    /// Covariates with the value of the change to come.
    ahead: Vec<usize>,
    /// A change came at this moment.
    arrived: bool,
}

impl Later {
    /// Of a patient with these changes.
    pub(super) fn new(covariates: &[Covariate], changes: &[(f64, Vec<f64>)]) -> Self {
        let ahead = |covariate: &usize| covariates[*covariate].interpolation == Some(Interpolation::Next);
        let ahead = (0..covariates.len()).filter(ahead).collect();
        Later { changes: changes.to_vec(), next: 0, ahead, arrived: !changes.is_empty() }
    }

    /// Nothing ever changes.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Time of the next change, d; infinite if there is none.
    pub(super) fn next(&self) -> f64 {
        self.changes.get(self.next).map_or(f64::INFINITY, |(time, _)| *time)
    }

    /// The changes that come at `time`. True if a covariate changed.
    pub(super) fn come(&mut self, time: f64, individual: &mut Individual) -> bool {
        let mut changed = false;
        while reached(self.next(), time) {
            changed |= individual.set_covariates(time, &self.changes[self.next].1, &[]);
            self.next += 1;
            self.arrived = true;
        }
        changed
    }

    /// Behind a change, or the start: what is ahead takes its coming value. True if a covariate changed.
    pub(super) fn go(&mut self, time: f64, individual: &mut Individual) -> bool {
        if !std::mem::take(&mut self.arrived) || self.ahead.is_empty() {
            return false;
        }
        let Some((_, coming)) = self.changes.get(self.next) else { return false };
        let width = coming.len();
        let mut values: Vec<f64> = (0..width)
            .map(|covariate| {
                let symbol = crate::model::Symbol::Covariate(covariate);
                individual.constant(symbol).unwrap_or(f64::NAN)
            })
            .collect();
        for &covariate in &self.ahead {
            values[covariate] = coming[covariate];
        }
        individual.set_covariates(time, &values, &[])
    }
}
