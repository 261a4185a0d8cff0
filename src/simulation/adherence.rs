//! Whether the patient takes a planned dose: a chain of two states, taken and missed.
//!
//! The draw of a dose is named by seed, patient, drug and the minute for which it is planned, so that the same patient
//! forgets the same dose in every arm. Doses on hold are not planned: the chain waits.

use super::measurement::minute;
use crate::math::random::{Identity, Stream};
use crate::scenario::Adherence;

/// One drug of one patient.
#[derive(Debug)]
pub(super) struct Taking {
    adherence: Adherence,
    seed: u64,
    patient: u64,
    purpose: String,
    /// Whether the dose before was taken.
    before: Option<bool>,
}

impl Taking {
    /// Of the drug of this name.
    pub(super) fn new(adherence: Adherence, seed: u64, patient: u64, drug: &str) -> Self {
        Taking { adherence, seed, patient, purpose: format!("adherence:{drug}"), before: None }
    }

    /// Whether the dose planned for `time` is taken.
    pub(super) fn takes(&mut self, time: f64) -> bool {
        let Taking { seed, patient, ref purpose, .. } = *self;
        let uniform = Stream::new(Identity { seed, patient, purpose, occasion: minute(time) }).uniform();
        let probability = match self.before {
            None => self.adherence.first,
            Some(true) => self.adherence.after_taken,
            Some(false) => self.adherence.after_missed,
        };
        let taken = uniform < probability;
        self.before = Some(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(adherence: Adherence, doses: u32) -> Vec<bool> {
        let mut taking = Taking::new(adherence, 3, 5, "drug");
        (0..doses).map(|day| taking.takes(f64::from(day))).collect()
    }

    /// The share taken of a chain with probabilities p after taken and q after missed is q / (1 − p + q).
    #[test]
    fn the_share_taken_is_that_of_the_chain() {
        let doses = 40_000;
        for (p, q) in [(0.9, 0.9), (0.95, 0.3)] {
            let taken = chain(Adherence { first: 1.0, after_taken: p, after_missed: q }, doses);
            let share = taken.iter().filter(|taken| **taken).count() as f64 / f64::from(doses);
            let expected = q / (1.0 - p + q);
            // Standard error of a chain with correlation r = p − q: √(s(1−s)(1+r)/((1−r)n)); four of them.
            let r: f64 = p - q;
            let error = (expected * (1.0 - expected) * (1.0 + r) / ((1.0 - r) * f64::from(doses))).sqrt();
            assert!((share - expected).abs() < 4.0 * error, "{share} instead of {expected} ± {error}");
        }
    }

    #[test]
    fn certain_probabilities_are_certain() {
        assert!(
            chain(Adherence { first: 1.0, after_taken: 1.0, after_missed: 0.0 }, 50)
                .iter()
                .all(|taken| *taken)
        );
        let alternating = chain(Adherence { first: 0.0, after_taken: 0.0, after_missed: 1.0 }, 4);
        assert_eq!(alternating, [false, true, false, true]);
    }
}
