//! Methods of the crate ode_solvers behind the same call, as an independent check of our own.

use super::system::{Counts, Interpolant, SolverError, System, Tolerances};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceMethod {
    /// Dormand and Prince 5(4).
    Dopri5,
    /// Dormand and Prince 8(5,3).
    Dop853,
}

/// A reference method. It starts anew on every interval.
#[derive(Debug)]
pub struct Reference {
    _method: ReferenceMethod,
}

impl Reference {
    /// A reference method.
    pub fn new(_method: ReferenceMethod) -> Self {
        todo!()
    }
    /// As [`super::Explicit::advance`]; ode_solvers takes one absolute tolerance for all, so y is scaled by the
    /// per-equation absolute tolerances.
    #[allow(clippy::too_many_arguments)]
    pub fn advance(
        &mut self,
        _system: &mut dyn System,
        _tolerances: &Tolerances,
        _t0: f64,
        _t1: f64,
        _y: &mut [f64],
        _counts: &mut Counts,
        _accepted: &mut dyn FnMut(&dyn Interpolant) -> bool,
    ) -> Result<f64, SolverError> {
        todo!()
    }
}
