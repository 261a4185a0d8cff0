//! What is counted and summed up before anything is drawn or written. The trial's own summaries (disposition, dose by
//! cycle, rules, exposure) are gathered here for all arms; percentile courses and patient constants are added.

mod constants;
mod course;

pub use constants::Constants;
pub use course::{Course, Percentiles, percentiles};

use super::study::Study;
use crate::trial::summary::{
    CycleDose, CycleLevels, Disposition, GroupExposure, RuleCount, disposition, dose_by_cycle,
    exposure_by_group, rule_counts, share_at_level,
};

/// Everything summed up from one trial; lists by arm unless said otherwise.
pub struct Summary {
    /// Percentile courses of all records: by record, output, arm.
    pub courses: Vec<Course>,
    /// What became of the patients.
    pub disposition: Vec<Disposition>,
    /// Dose by cycle of the arm's first treatment.
    pub doses: Vec<Vec<CycleDose>>,
    /// Patients at each level on the first dosing day of each cycle.
    pub levels: Vec<Vec<CycleLevels>>,
    /// Use of the rules.
    pub rules: Vec<Vec<RuleCount>>,
    /// Exposure over all patients and by group.
    pub exposure: Vec<Vec<GroupExposure>>,
    /// Patient constants.
    pub constants: Constants,
}

impl Summary {
    /// Sums up a trial.
    pub fn of(study: Study) -> Self {
        let Study { trial, scenario } = study;
        Self {
            courses: course::courses(study),
            disposition: study.arms().map(|(arm, result)| disposition(scenario, arm, result)).collect(),
            doses: study.arms().map(|(arm, result)| dose_by_cycle(scenario, arm, result)).collect(),
            levels: study.arms().map(|(arm, result)| share_at_level(scenario, arm, result)).collect(),
            rules: study.arms().map(|(arm, result)| rule_counts(scenario, arm, result)).collect(),
            exposure: (0..trial.arms.len()).map(|arm| exposure_by_group(scenario, trial, arm)).collect(),
            constants: Constants::of(study.model(), &trial.patients),
        }
    }
}
