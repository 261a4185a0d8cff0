//! The explicit method: Tsitouras 5(4) driven from one stop to the next, for one system.
//!
//! Meant for thousands of short intervals (a dose every day, years of them): nothing is allocated after the first call,
//! a stop does not shrink the step that is remembered, and after a discontinuity the step starts where the last
//! such start went well. The arithmetic is that of [`Stepper`] with one lane, so that a patient gets the same bits alone as in
//! company.

use super::stepper::{Interval, Outcome, Start, Stepper, Systems};
use super::system::{Counts, Interpolant, SolverError, StepMemory, System, Tolerances};
use crate::math::processor::Processor;

/// The explicit method with its workspace, reused over all intervals of all patients of a thread.
#[derive(Debug, Default)]
pub struct Explicit {
    /// Made for the tolerances of the last call.
    stepper: Option<(Tolerances, Stepper)>,
    detects: bool,
    /// The last call ended at its `t1`: the rates there are in the stepper.
    arrived: bool,
}

impl Explicit {
    /// The method that stops, as if asked to, where it finds the system stiff ([`StepMemory::is_stiff`]).
    pub fn detecting_stiffness() -> Self {
        Explicit { detects: true, ..Explicit::default() }
    }

    /// Advances `y` from `t0` to exactly `t1` (≥ `t0`). `start` says whether y or f jumped at `t0` (a dose, a control): the step
    /// with which the last such restart went well is used; and whether f is known, if the last call was of the same system. `accepted` is called after every accepted step with its
    /// interpolant; it returns `true` to go on, `false` to stop at the end of this step (then the time reached is returned).
    /// What `accepted` asks of the interpolant never changes the steps.
    ///
    /// # Errors
    /// [`SolverError`]; `y` then holds the last accepted values.
    #[allow(clippy::too_many_arguments)] // One call per interval; a struct would only rename the list.
    pub fn advance(
        &mut self,
        system: &mut dyn System,
        tolerances: &Tolerances,
        t0: f64,
        t1: f64,
        y: &mut [f64],
        start: impl Into<Start>,
        memory: &mut StepMemory,
        counts: &mut Counts,
        accepted: &mut dyn FnMut(&dyn Interpolant) -> bool,
    ) -> Result<f64, SolverError> {
        if t1.partial_cmp(&t0) != Some(std::cmp::Ordering::Greater) {
            return Ok(t0);
        }
        let mut start = start.into();
        let known = self.stepper.as_ref().is_some_and(|(of, _)| of == tolerances);
        start.rates_stand &= std::mem::take(&mut self.arrived) && known;
        let stepper = self.stepper(tolerances);
        let mut systems = Single(system);
        let interval = Interval {
            from: t0,
            to: t1,
            start,
            memory: *memory,
            attempts: tolerances.maximum_steps.saturating_sub(counts.steps + counts.rejected),
        };
        let begun = stepper.load(&mut systems, 0, interval, y);
        let outcome = begun.and_then(|()| steps(stepper, &mut systems, accepted));
        *counts += stepper.counts(0);
        *memory = stepper.remembered(0);
        stepper.solution(0, y);
        self.arrived = outcome == Ok(t1);
        outcome
    }

    fn stepper(&mut self, tolerances: &Tolerances) -> &mut Stepper {
        let current = self.stepper.take().filter(|(of, _)| of == tolerances);
        let detects = self.detects;
        let fresh = || {
            let stepper = Stepper::new(Processor::detect(), 1, tolerances.clone(), &[]);
            (tolerances.clone(), if detects { stepper.detect_stiffness() } else { stepper })
        };
        &mut self.stepper.insert(current.unwrap_or_else(fresh)).1
    }
}

/// From the start of an interval to its end; the time reached.
fn steps(
    stepper: &mut Stepper,
    systems: &mut Single<'_>,
    accepted: &mut dyn FnMut(&dyn Interpolant) -> bool,
) -> Result<f64, SolverError> {
    loop {
        stepper.attempt(systems);
        let outcome = stepper.outcome(0);
        let mut go_on = true;
        let mut end = f64::NAN;
        if matches!(outcome, Outcome::Accepted | Outcome::Arrived) {
            let step = stepper.step(0);
            end = step.end();
            go_on = accepted(&step) && !stepper.remembered(0).is_stiff();
        }
        stepper.take();
        match outcome {
            Outcome::Failed(error) => return Err(error),
            Outcome::Arrived => return Ok(end),
            Outcome::Accepted if !go_on => return Ok(end),
            Outcome::Accepted | Outcome::Rejected => {}
        }
    }
}

/// A system in the only lane.
struct Single<'a>(&'a mut dyn System);

impl Systems for Single<'_> {
    fn rates(&mut self, t: &[f64], y: &[f64], rates: &mut [f64]) {
        self.0.rates(t[0], y, rates);
    }

    fn magnitudes(&mut self, t: &[f64], y: &[f64], magnitudes: &mut [f64]) {
        self.0.magnitudes(t[0], y, magnitudes);
    }

    fn begin(&mut self, _lane: usize, t: &[f64], y: &[f64], rates: &mut [f64], magnitudes: &mut [f64]) {
        self.rates(t, y, rates);
        self.magnitudes(t, y, magnitudes);
    }
}
