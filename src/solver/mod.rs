//! ODE methods: a [`System`], tolerances and stop times in; values, dense output and counts out.
//!
//! Knows no model, dose, program or patient.

mod explicit;
mod reference;
mod step_control;
mod system;
mod tsitouras;

pub use explicit::Explicit;
pub use reference::{Reference, ReferenceMethod};
pub use system::{Counts, Interpolant, SolverError, StepMemory, System, Tolerances};
