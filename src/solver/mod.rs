//! ODE methods: a [`System`], tolerances and stop times in; values, dense output and counts out.
//!
//! Knows no model, dose, program or patient.

mod explicit;
mod implicit;
mod kernels;
mod predictive;
mod reference;
mod rodas;
mod secant;
mod step_control;
mod stepper;
mod system;
mod tsitouras;

pub use explicit::Explicit;
pub use implicit::{Differentiable, Implicit};
pub use reference::{Reference, ReferenceMethod};
pub use stepper::{Interval, LaneStep, Outcome, Start, Stepper, Systems};
pub use system::{Counts, Interpolant, SolverError, StepMemory, System, Tolerances};
