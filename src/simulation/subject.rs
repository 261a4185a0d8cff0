//! One patient in one arm, from the first dose to the end of follow-up.

use super::trajectory::Trajectory;
use crate::population::Patient;
use crate::program::Program;
use crate::scenario::Scenario;

/// Simulates one patient in one arm. Never panics and never pads: a numerical failure ends the trajectory with
/// [`super::End::Failed`].
pub fn simulate(_scenario: &Scenario, _program: &Program, _patient: &Patient, _arm: usize) -> Trajectory {
    todo!()
}
