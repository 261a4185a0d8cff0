//! The ensemble: one patient in one arm between events, dosing schedule, protocol rules at visits, trajectories.
//!
//! Knows no endpoint, no text file, no output folder.

mod calendar;
mod clock;
mod course;
mod ensemble;
mod failure;
mod hazard;
mod intake;
mod integration;
mod judge;
mod measurement;
mod memory;
mod protocol;
mod record;
mod schedule;
mod setting;
mod subject;
mod system;
mod trajectory;

pub use ensemble::{Ensemble, Task};
pub use integration::{Simulator, simulate};
pub use trajectory::*;

#[cfg(test)]
mod tests;
