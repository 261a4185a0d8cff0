//! The method that a scenario or the command line names, with its workspace: one call for all of them.

use super::subject::Stretch;
use super::system::ComposedSystem;
use crate::model::Model;
use crate::scenario::{Method, Numerics};
use crate::solver::{
    Counts, Explicit, Implicit, Interpolant, Reference, ReferenceMethod, SolverError, StepMemory, Tolerances,
};

/// What a patient's integration remembers from one stretch to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Effort {
    /// Steps of the method.
    pub(super) memory: StepMemory,
    /// Cost so far.
    pub(super) counts: Counts,
    /// The explicit method has found the patient stiff.
    pub(super) stiff: bool,
}

/// Tolerances of the solver's equations, whose states are `kept`.
pub(super) fn tolerances(model: &Model, numerics: &Numerics, kept: &[usize]) -> Tolerances {
    let share = numerics.absolute_share();
    Tolerances {
        relative: numerics.relative_tolerance,
        absolute: kept.iter().map(|&state| share * model.states[state].absolute_tolerance).collect(),
        maximum_steps: numerics.maximum_steps,
    }
}

/// A method with its workspace, used for one patient after the other.
#[derive(Debug)]
pub(super) enum Integrator {
    /// Tsitouras 5(4), closed forms exact.
    Explicit(Box<Explicit>),
    /// RODAS 4(3), closed forms exact.
    Implicit(Box<Implicit>),
    /// The explicit method, and the implicit one for patients whom it finds stiff.
    Automatic(Box<(Explicit, Implicit)>),
    /// ode_solvers.
    Reference(Reference),
}

impl Integrator {
    /// The method of these settings.
    pub(super) fn new(numerics: &Numerics) -> Self {
        match numerics.method {
            Method::Automatic => {
                Integrator::Automatic(Box::new((Explicit::detecting_stiffness(), Implicit::default())))
            }
            Method::Explicit => Integrator::Explicit(Box::default()),
            Method::Implicit => Integrator::Implicit(Box::default()),
            Method::Dopri5Reference => Integrator::Reference(Reference::new(ReferenceMethod::Dopri5)),
            Method::Dop853Reference => Integrator::Reference(Reference::new(ReferenceMethod::Dop853)),
        }
    }

    /// Whether the method is one of ode_solvers, which has no interpolant.
    pub(super) fn is_reference(&self) -> bool {
        matches!(self, Integrator::Reference(_))
    }

    /// Advances the solver's vector over a stretch, and gives the time reached: its end, or the end of a step to which `watch`
    /// said no or at which the explicit method found the patient stiff. A reference method shows no step.
    ///
    /// # Errors
    /// [`SolverError`]; `solved` then holds the last accepted values.
    pub(super) fn advance(
        &mut self,
        system: &mut ComposedSystem,
        tolerances: &Tolerances,
        stretch: Stretch,
        solved: &mut [f64],
        effort: &mut Effort,
        watch: &mut dyn FnMut(&dyn Interpolant) -> bool,
    ) -> Result<f64, SolverError> {
        let Stretch { from, to, start } = stretch;
        let Effort { memory, counts, stiff } = effort;
        match self {
            Integrator::Automatic(methods) if *stiff => {
                methods.1.advance(system, tolerances, from, to, solved, start.jumped, memory, counts, watch)
            }
            Integrator::Implicit(implicit) => {
                implicit.advance(system, tolerances, from, to, solved, start.jumped, memory, counts, watch)
            }
            Integrator::Automatic(methods) => {
                methods.0.advance(system, tolerances, from, to, solved, start, memory, counts, watch)
            }
            Integrator::Explicit(explicit) => {
                explicit.advance(system, tolerances, from, to, solved, start, memory, counts, watch)
            }
            Integrator::Reference(reference) => {
                reference.advance(system, tolerances, from, to, solved, counts).map(|()| to)
            }
        }
    }
}
