//! Global sensitivity: which inputs of a function move its output, and how much of that is noise.
//!
//! Screening by elementary effects (`trajectories`, `effects`), shares of variance (`indices`), and the two errors of both: of
//! having looked at few rows of a design (`bootstrap`), and of having simulated few patients (`jackknife`). Inputs are
//! shares of their ranges, 0 … 1; what a share means is the caller's. Knows no scenario and runs nothing.

mod bootstrap;
mod effects;
mod indices;
mod jackknife;
#[cfg(test)]
mod tests;
mod trajectories;

pub use bootstrap::{bootstrap, resample};
pub use effects::{Screening, elementary_effects, screening};
pub use indices::{Index, SobolDesign, sobol_design, sobol_indices};
pub use jackknife::{Jackknife, jackknife, pseudo_values};
pub use trajectories::{MOST_CANDIDATES, trajectories};
