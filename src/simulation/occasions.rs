//! The occasions of one patient in a trial: when the next begins, and with which effects.
//!
//! The effects were drawn with the patient, and are the same in all arms. Where nothing varies between occasions there are
//! none, and no stop of the solver either.

use super::clock::reached;
use crate::population::Patient;
use crate::program::Individual;
use crate::scenario::Scenario;

/// A patient's occasions.
#[derive(Debug)]
pub(super) struct Occasions<'s> {
    /// Starts, d, ascending.
    starts: &'s [f64],
    /// Effects that change (indices), and their values, `[occasion][effect]`.
    varying: Vec<usize>,
    drawn: Vec<f64>,
    /// All random effects as they are now.
    effects: Vec<f64>,
    /// Occasions that have begun.
    begun: usize,
}

impl<'s> Occasions<'s> {
    /// Before the first.
    pub(super) fn new(scenario: &'s Scenario, patient: &Patient) -> Self {
        let drawn = patient.occasion_effects.clone();
        let (varying, effects) = match drawn.is_empty() {
            true => (Vec::new(), Vec::new()),
            false => (scenario.model.occasion_effects().collect(), patient.random_effects.clone()),
        };
        let count = drawn.len() / varying.len().max(1);
        let starts = &scenario.occasions[..count.min(scenario.occasions.len())];
        Occasions { starts, varying, drawn, effects, begun: 0 }
    }

    /// Whether anything changes.
    pub(super) fn any(&self) -> bool {
        !self.starts.is_empty()
    }

    /// Start of the next, d; infinite if there is none.
    pub(super) fn next(&self) -> f64 {
        self.starts.get(self.begun).copied().unwrap_or(f64::INFINITY)
    }

    /// Begins what has come by `time`. True if anything changed.
    pub(super) fn enter(&mut self, time: f64, individual: &mut Individual) -> bool {
        let before = self.begun;
        while reached(self.next(), time) {
            self.begun += 1;
        }
        if self.begun == before {
            return false;
        }
        let width = self.varying.len();
        let values = &self.drawn[(self.begun - 1) * width..][..width];
        for (&effect, &value) in self.varying.iter().zip(values) {
            self.effects[effect] = value;
        }
        individual.set_random_effects(&self.effects)
    }
}
