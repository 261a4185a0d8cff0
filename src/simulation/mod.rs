//! The ensemble: one patient in one arm between events, dosing schedule, protocol rules at visits, trajectories.
//!
//! Knows no endpoint, no text file, no output folder.

mod subject;
mod trajectory;

pub use subject::simulate;
pub use trajectory::*;
