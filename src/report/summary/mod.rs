//! What is summed up from the patients before anything is drawn or written, beside what the trial itself counts.

mod constants;

pub use constants::Constants;

use super::study::Study;
use crate::trial::summary::{GroupExposure, exposure_by_group};

/// Everything summed up from one trial.
pub struct Summary {
    /// Exposure over all patients and by group, by arm.
    pub exposure: Vec<Vec<GroupExposure>>,
    /// Patient constants.
    pub constants: Constants,
}

impl Summary {
    /// Sums up a trial.
    pub fn of(study: Study) -> Self {
        let Study { trial, scenario, .. } = study;
        Self {
            exposure: trial
                .arms
                .iter()
                .map(|arm| exposure_by_group(scenario, trial.patients.len(), &trial.groups, &arm.values))
                .collect(),
            constants: Constants::of(study.model(), &trial.patients),
        }
    }
}
