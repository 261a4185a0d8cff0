//! The replay of a sample of every run: which patients, and what came of it.

use crate::population::Patient;
use crate::simulation::{Mismatch, Replay, Replayed, Trajectory};

/// One patient in so many is replayed in each arm, and at least one: a replay goes by itself and not in lanes.
const ONE_IN: usize = 250;
/// No more than these in an arm.
const MOST: usize = 5;

/// Numbers (from 0) of the patients whose courses are replayed in each arm: in the middles of equal parts of the population.
pub fn replayed_patients(patients: usize) -> Vec<usize> {
    let n = (patients / ONE_IN).clamp(1, MOST).min(patients);
    (0..n).map(|part| (2 * part + 1) * patients / (2 * n)).collect()
}

/// A course that was replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayedCourse {
    /// Patient number, from 0.
    pub patient: usize,
    /// What is equal to the last bit; or the first difference, which is a fault of this program.
    pub outcome: Result<Replayed, Mismatch>,
}

/// Replays the courses of a trial that were written down.
#[derive(Clone, Copy)]
pub struct Replayer<'a> {
    /// How.
    pub replay: &'a Replay<'a>,
    /// All patients, by number.
    pub patients: &'a [Patient],
}

impl Replayer<'_> {
    /// Replays a course if it was written down.
    pub fn check(&self, course: &Trajectory) -> Option<ReplayedCourse> {
        course.realised.as_ref()?;
        let patient = self.patients.get(course.patient)?;
        Some(ReplayedCourse { patient: course.patient, outcome: self.replay.check(patient, course) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_chosen_by_a_fixed_rule() {
        assert_eq!(replayed_patients(0), [0; 0]);
        assert_eq!(replayed_patients(1), [0]);
        assert_eq!(replayed_patients(40), [20]);
        assert_eq!(replayed_patients(500), [125, 375]);
        assert_eq!(replayed_patients(1_000_000).len(), MOST);
    }
}
