//! What is counted and summed up from the trajectories before anything is drawn or written: percentiles over patients,
//! dose by cycle, disposition, exposure by group, patient constants. Computed once, read by tables, figures and page.

mod constants;
mod course;
mod disposition;
mod dosing;
mod exposure;

pub use constants::Constants;
pub use course::{Course, Percentiles, courses, percentiles};
pub use disposition::{Line, RuleUse, disposition, rules};
pub use dosing::{ArmDosing, DoseStatus, dosing, scheduled_days};
pub use exposure::{Exposure, exposure, nadirs};

use super::study::Study;

/// Everything summed up from one trial.
pub struct Summary {
    /// Percentile courses of all records.
    pub courses: Vec<Course>,
    /// Dose by cycle of all arms.
    pub dosing: Vec<ArmDosing>,
    /// Disposition of all arms.
    pub disposition: Vec<Line>,
    /// Use of the rules in all arms.
    pub rules: Vec<RuleUse>,
    /// Exposure by arm and group.
    pub exposure: Vec<Exposure>,
    /// How low counts fell.
    pub nadirs: Vec<Exposure>,
    /// Patient constants.
    pub constants: Constants,
}

impl Summary {
    /// Sums up a trial.
    pub fn of(study: Study) -> Self {
        Self {
            courses: courses(study),
            dosing: dosing(study),
            disposition: disposition(study),
            rules: rules(study),
            exposure: exposure(study),
            nadirs: nadirs(study),
            constants: Constants::of(study.model(), &study.trial.patients),
        }
    }
}
