//! One patient of a trial computed again, with everything that happened.

use super::replay::ReplayedCourse;
use super::run::TrialError;
use crate::dataset::Subject;
use crate::endpoint::{self, Value};
use crate::population::{Patient, Sampler};
use crate::scenario::Scenario;
use crate::simulation::{Mismatch, Replay, Replayed, Simulator, Trajectory, compile};

/// One patient in one arm.
#[derive(Debug)]
pub struct SinglePatient {
    /// Who.
    pub patient: Patient,
    /// What happened, written down as records too.
    pub course: Trajectory,
    /// Values of the scenario's endpoints.
    pub values: Vec<Value>,
    /// What the replay of the realised dosing gave; `None` with a method that cannot be replayed.
    pub replayed: Option<ReplayedCourse>,
}

/// Computes patient `number` (from 0) in an arm again: the same bits as in the trial, since a patient is a function of seed
/// and number alone.
///
/// # Errors
/// When the population cannot be drawn.
pub fn single(scenario: &Scenario, number: usize, arm: usize) -> Result<SinglePatient, TrialError> {
    let program = compile(scenario);
    let sampler = Sampler::new(scenario, &program).map_err(TrialError::Population)?;
    let patient = sampler.patient(number).map_err(TrialError::Population)?;
    let course = Simulator::new(scenario, &program).realise(&patient, arm);
    let values = scenario.endpoints.iter();
    let values = values.map(|definition| endpoint::evaluate(definition, scenario, &course)).collect();
    let replayed = Replay::is_possible(scenario).then(|| {
        let outcome = Replay::new(scenario).check(&patient, &course);
        ReplayedCourse { patient: number, outcome }
    });
    Ok(SinglePatient { patient, course, values, replayed })
}

/// Replays a patient from records that have been through a file.
///
/// # Errors
/// The first difference from its course.
pub fn replay_of(
    scenario: &Scenario,
    single: &SinglePatient,
    subject: &Subject,
) -> Result<Replayed, Mismatch> {
    let Some(realised) = single.course.realised.as_deref() else { return Ok(Replayed::default()) };
    Replay::new(scenario).compare(&single.patient, &single.course, realised, subject)
}
