//! One patient's solution from one event to the next, by the method that the scenario names.
//!
//! The method of our own steps freely and shows each step to the observer. A reference method is called from one time of
//! interest to the next (event or record, and at least once a day while a hazard event may come); within such a stretch the observer sees a straight line, on which hazard
//! events are located (an error in time of the order of the squared stretch over the time scale of the hazard).

use super::clock::MOMENT;
use super::record::Observer;
use super::system::ComposedSystem;
use crate::scenario::{Method, Numerics};
use crate::solver::{
    Counts, Explicit, Interpolant, Reference, ReferenceMethod, SolverError, StepMemory, Tolerances,
};

/// Longest stretch of a reference method on which hazard events are looked for, d.
const LONGEST: f64 = 1.0;

/// A method with its workspace, used for one patient after the other.
#[derive(Debug)]
pub(super) enum Integrator {
    /// Tsitouras 5(4), chains exact.
    Explicit(Box<Explicit>),
    /// ode_solvers, everything integrated.
    Reference(Reference),
}

/// What a method remembers of one patient.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Step sizes.
    pub(super) memory: StepMemory,
    /// Cost.
    pub(super) counts: Counts,
}

/// A stretch between two events.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Start, d.
    pub(super) from: f64,
    /// End, d.
    pub(super) to: f64,
    /// Something jumped at the start.
    pub(super) jumped: bool,
}

impl Integrator {
    /// The method of these settings.
    pub(super) fn new(numerics: &Numerics) -> Self {
        match numerics.method {
            Method::Explicit => Integrator::Explicit(Box::default()),
            Method::Dopri5Reference => Integrator::Reference(Reference::new(ReferenceMethod::Dopri5)),
            Method::Dop853Reference => Integrator::Reference(Reference::new(ReferenceMethod::Dop853)),
        }
    }

    /// Whether chains are integrated with everything else.
    pub(super) fn plain(&self) -> bool {
        matches!(self, Integrator::Reference(_))
    }

    /// Advances the solver's vector over a stretch; ends early where the observer stops it, with the outcome there.
    ///
    /// # Errors
    /// [`SolverError`]; `solved` then holds the last accepted values.
    pub(super) fn advance(
        &mut self,
        system: &mut ComposedSystem,
        tolerances: &Tolerances,
        stretch: Stretch,
        solved: &mut [f64],
        progress: &mut Progress,
        observer: &mut Observer,
    ) -> Result<(), SolverError> {
        let Progress { memory, counts } = progress;
        let Stretch { from, to, jumped } = stretch;
        match self {
            Integrator::Explicit(explicit) => {
                let mut watch = |step: &dyn Interpolant| observer.watch(step);
                explicit
                    .advance(system, tolerances, from, to, solved, jumped, memory, counts, &mut watch)
                    .map(|_| ())
            }
            Integrator::Reference(reference) => {
                let mut start = from;
                let mut before = solved.to_vec();
                while start < to {
                    let due = observer.recorder.next();
                    let limit = if observer.hazards.live() { due.min(start + LONGEST) } else { due };
                    let end = if limit < to - MOMENT { limit.max(start + MOMENT) } else { to };
                    before.copy_from_slice(solved);
                    reference.advance(system, tolerances, start, end, solved, counts)?;
                    if !observer.watch(&Line { start, end, from: &before, to: solved }) {
                        let Ok(Some(interruption)) = &observer.outcome else { return Ok(()) };
                        // Once more, up to the interruption: the straight line is for its time only.
                        solved.copy_from_slice(&before);
                        reference.advance(system, tolerances, start, interruption.time, solved, counts)?;
                        observer.states.copy_from_slice(solved);
                        return Ok(());
                    }
                    start = end;
                }
                Ok(())
            }
        }
    }
}

/// A straight line over a stretch.
struct Line<'a> {
    start: f64,
    end: f64,
    from: &'a [f64],
    to: &'a [f64],
}

impl Interpolant for Line<'_> {
    fn start(&self) -> f64 {
        self.start
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn at(&self, t: f64, y: &mut [f64]) {
        let share = if self.end > self.start { (t - self.start) / (self.end - self.start) } else { 1.0 };
        for ((y, from), to) in y.iter_mut().zip(self.from).zip(self.to) {
            *y = if share >= 1.0 { *to } else { from + share * (to - from) };
        }
    }
}
