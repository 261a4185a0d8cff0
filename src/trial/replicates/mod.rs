//! Trials of real size: the same arms with as many patients as a protocol plans, drawn over and over.
//!
//! A run of many virtual patients tells what the model predicts on average; a trial of sixty patients an arm scatters around it.
//! Each replicate holds different patients in each arm, as parallel groups do: what pairing gains in the run, no trial has.

mod noise;
mod plan;
mod result;
mod run;
mod sum;
mod test;

pub use plan::check_replicates;
pub use result::{Choosing, Power, Predictive, ReplicateResult, Told};
pub use run::replicates;
