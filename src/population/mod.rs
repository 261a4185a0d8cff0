//! Covariates and random effects: one parameter vector per virtual patient, keyed by identity; and the population parameters
//! themselves, where they are not known exactly.
//!
//! Knows no time and no solver. A patient is a function of (seed, patient number) alone, so every arm treats the same
//! patients and any one can be drawn again by itself.

mod block;
mod covariates;
mod draw;
mod effects;
mod failure;
mod parameters;

pub use block::check_blocks;
pub use draw::{Patient, Sampler};
pub use effects::Effects;
pub use failure::{MOST_TRIES, PopulationError, Rejection};
pub use parameters::{DrawError, ParameterDraw, draw_parameters};

#[cfg(test)]
mod tests;
