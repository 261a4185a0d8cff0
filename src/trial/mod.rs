//! Arms × patients on common random numbers: the run, estimates with Monte Carlo error, comparisons, summaries.
//!
//! Draws nothing, prints nothing.

mod clinic;
mod compare;
mod course;
mod desk;
mod difference;
mod estimate;
mod hierarchy;
mod hypothetical;
mod incidence;
mod log;
mod outcome;
mod periods;
mod precision;
mod progress;
mod queue;
mod reading;
mod reduce;
mod replay;
mod replicates;
mod run;
mod single;
pub mod summary;
mod target;
mod uncertainty;
mod until;
mod verification;

pub use clinic::{in_turn, without_spare_records};
pub use course::{Course, Percentiles, Precision, percentiles};
pub use difference::*;
pub use log::{Entry, Log, NoLog};
pub use outcome::*;
pub use periods::{Period, PeriodShares, shares as shares_by_period};
pub use precision::{Goal, read_goal};
pub use progress::Progress;
pub use reading::{Reading, Share, happened_by, reading, time};
pub use reduce::single_patients;
#[cfg(test)]
pub use reduce::{Closed, Reducer};
pub use replay::{ReplayedCourse, replayed_patients};
pub use replicates::*;
#[cfg(test)]
pub use run::add_curves;
pub use run::{TrialError, run};
pub use single::{SinglePatient, replay_of, single};
pub use target::{Reached, Target, group_sizes, groups};
pub use uncertainty::*;
pub use until::{Sought, enough};
pub use verification::*;

/// What a course is made of, for those who list courses and read what is kept of them.
pub use crate::simulation::{
    Audit, Counts, Decision, Done, Dose, End, Event, Failure, RecordedSeries, Trajectory, Visit, Why,
};
