//! Tsitouras 5(4).

use super::system::{Counts, Interpolant, SolverError, StepMemory, System, Tolerances};

/// The explicit method with its workspace, reused over all intervals of all patients of a thread.
#[derive(Debug, Default)]
pub struct Explicit {
    _workspace: Vec<f64>,
}

impl Explicit {
    /// Advances `y` from `t0` to exactly `t1`. `restart` says that y or f jumped at `t0` (a dose, a control): the step
    /// with which the last such restart went well is used. `accepted` is called after every accepted step with its
    /// interpolant; it returns `true` to go on, `false` to stop at the end of this step (then the time reached is returned).
    ///
    /// # Errors
    /// [`SolverError`]; `y` then holds the last accepted values.
    #[allow(clippy::too_many_arguments)]
    pub fn advance(
        &mut self,
        _system: &mut dyn System,
        _tolerances: &Tolerances,
        _t0: f64,
        _t1: f64,
        _y: &mut [f64],
        _restart: bool,
        _memory: &mut StepMemory,
        _counts: &mut Counts,
        _accepted: &mut dyn FnMut(&dyn Interpolant) -> bool,
    ) -> Result<f64, SolverError> {
        todo!()
    }
}
