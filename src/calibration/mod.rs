//! Calibration: population parameters from published endpoints, by simulation.
//!
//! The scheme knows no model: a [`Problem`] has unknowns with normal priors on an unbounded scale and observations, and a
//! [`Forward`] function predicts the observations at values of the unknowns, with a Monte Carlo error (`problem`). An ensemble
//! is drawn from the prior (`ensemble`), evaluated on all cores (`evaluate`, `store`), a plane is fitted through its predictions
//! (`linearise`), and the ensemble is moved towards the observations, step by step (`likelihood`, `smoother`, `run`), until it
//! describes what is known of the unknowns after the trials (`outcome`).
//!
//! A calibration file (`read`, `parameter`, `selection`, `definition`) names parameters of a model and the outcomes of published
//! trials; the function is then their simulation (`simulated`), which [`crate::validation`] predicts.
//!
//! Not for parameters of single patients: those are drawn by [`crate::population`], here are only the laws that they are drawn from.
//! Prints nothing.

mod definition;
mod ensemble;
mod evaluate;
mod likelihood;
mod linearise;
mod outcome;
mod parameter;
mod problem;
mod read;
mod run;
mod selection;
mod simulated;
mod smoother;
mod store;
#[cfg(test)]
mod tests;

pub use definition::{Definition, Parameter};
pub use ensemble::Gaussian;
pub use evaluate::{CalibrationError, CalibrationProgress};
pub use likelihood::deviance;
pub use outcome::{Calibration, NOT_IDENTIFIED, Stage, Step};
pub use problem::{Failure, Forward, Observation, Observed, Predicted, Problem, Transform, Unknown};
pub use read::{Asked, read};
pub use run::calibrate;
pub use simulated::Simulated;
pub use store::Store;
