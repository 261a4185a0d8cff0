//! The ensemble: one patient in one arm between events, dosing schedule, protocol rules at visits, trajectories.
//!
//! Knows no endpoint, no text file, no output folder.

mod adherence;
mod administration;
mod audit;
mod calendar;
mod clock;
mod course;
mod covariate_course;
mod drug;
mod due;
mod ensemble;
mod failure;
mod follow_records;
mod foreseen;
mod giving;
mod hazard;
mod intake;
mod integration;
mod integrator;
mod judge;
mod later;
mod measurement;
mod memory;
mod occasions;
mod onlooker;
mod periodic;
mod protocol;
mod realised;
mod record;
mod record_occasions;
mod replay;
mod sampling;
mod schedule;
mod seam;
mod setting;
mod subject;
mod system;
mod trajectory;
mod variability;
mod walker;

pub use ensemble::{Ensemble, Task};
pub use follow_records::{Followed, Follower, RecordModel};
pub use foreseen::compile;
pub use integration::{Simulator, simulate};
pub use memory::Cell;
pub use replay::{Mismatch, Replay, Replayed};
pub use trajectory::*;

#[cfg(test)]
mod tests;
