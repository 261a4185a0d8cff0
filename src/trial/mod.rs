//! Arms × patients on common random numbers: the run, estimates with Monte Carlo error, comparisons, summaries.
//!
//! Draws nothing, prints nothing.

mod compare;
mod estimate;
mod outcome;
mod reading;
mod run;
pub mod summary;

pub use outcome::*;
pub use run::{Progress, TrialError, run};
