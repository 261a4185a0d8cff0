//! Arms × patients on common random numbers: the run, estimates with Monte Carlo error, comparisons, summaries.
//!
//! Draws nothing, prints nothing.

mod compare;
mod course;
mod desk;
mod estimate;
mod incidence;
mod log;
mod outcome;
mod periods;
mod progress;
mod queue;
mod reading;
mod reduce;
mod run;
pub mod summary;
mod uncertainty;
mod verification;

pub use course::{Course, Percentiles, Precision, percentiles};
pub use log::{Entry, Log, NoLog};
pub use outcome::*;
pub use periods::{Period, PeriodShares};
pub use progress::Progress;
pub use reduce::single_patients;
#[cfg(test)]
pub use reduce::{Closed, Reducer};
#[cfg(test)]
pub use run::add_curves;
pub use run::{TrialError, run};
pub use uncertainty::*;
pub use verification::*;

/// What a course is made of, for those who list courses and read what is kept of them.
pub use crate::simulation::{
    Counts, Decision, Done, Dose, Event, Failure, RecordedSeries, Trajectory, Visit, Why,
};
