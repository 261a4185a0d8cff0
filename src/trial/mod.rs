//! Arms × patients on common random numbers: the run, estimates with Monte Carlo error, comparisons.
//!
//! Draws nothing, prints nothing.

mod outcome;
mod run;

pub use outcome::*;
pub use run::{Progress, TrialError, run};
