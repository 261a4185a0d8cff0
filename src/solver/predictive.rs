//! How long the next step of the implicit method may be: error norm in, step out.
//!
//! The predictive controller of Gustafsson (1994, ACM TOMS 20:496), as in the code RODAS of Hairer and Wanner: where the error
//! was growing from step to step, it is expected to go on growing. What stops and discontinuities mean is as in
//! [`super::step_control`]. Roots of order four are two square roots, the same bits on every system.

use super::step_control::{Attempt, RESTART_GROWTH, RESTART_SAFETY};
use super::system::StepMemory;

/// Safety factor and limits of the change of step, as in the code RODAS.
const SAFETY: f64 = 0.9;
const LARGEST_FACTOR: f64 = 6.0;
const SMALLEST_FACTOR: f64 = 0.2;
/// Errors below this are all alike to the controller's memory (RODAS).
const LEAST_REMEMBERED: f64 = 1e-2;
/// The error of a step that a stop cut short says nothing about longer ones if it is below this (mostly rounding).
const LEAST_TELLING: f64 = 1e-4;

/// A step that begins within this share of its length after a discontinuity tells as much as the first.
const EARLY: f64 = 0.5;

/// What the controller remembers.
#[derive(Debug)]
pub(super) struct Controller {
    /// Step wished for next.
    wished: f64,
    /// Step and error of the interval's last accepted step that was not cut short.
    previous: Option<(f64, f64)>,
    /// Whether the last attempt was rejected: then the next accepted step does not grow.
    rejected: bool,
    /// Time since a discontinuity, while no step was accepted that tells with which step to start after the next.
    restart: Option<f64>,
    /// Step with which to start after the next discontinuity.
    after_event: f64,
}

impl Controller {
    /// At the start of an interval; `guess` is for where nothing is remembered.
    pub(super) fn begin(memory: &StepMemory, restart: bool, guess: f64) -> Self {
        let remembered = if restart { memory.after_event } else { memory.current };
        let wished = if remembered > 0.0 { remembered } else { guess };
        let restart = if restart { Some(0.0) } else { memory.since_event };
        Controller { wished, previous: None, rejected: false, restart, after_event: memory.after_event }
    }

    /// Step wished for next.
    pub(super) fn wished(&self) -> f64 {
        self.wished
    }

    /// What the next interval is to know.
    pub(super) fn remember(&self, memory: &mut StepMemory) {
        (memory.after_event, memory.current) = (self.after_event, self.wished);
        memory.since_event = self.restart;
    }

    /// After an attempt that was accepted.
    ///
    /// A stop may have cut the step short. Then the next is at least as long as was wished before, unless the error of even
    /// the short step says that this would be too long; and the step takes no part in predictions.
    pub(super) fn accept(&mut self, attempt: Attempt<f64>, error: f64) {
        let (h, clipped) = (attempt.h, attempt.clipped > 0.0);
        let usual = 1.0 / fourth_root(error);
        let largest = if std::mem::take(&mut self.rejected) { 1.0 } else { LARGEST_FACTOR };
        let free = |power: f64| h * (SAFETY * power).clamp(SMALLEST_FACTOR, largest);
        if clipped {
            if error >= LEAST_TELLING {
                self.wished = self.wished.min(h * SAFETY * usual);
            }
            self.wished = self.wished.max(free(usual));
        } else {
            let power = self.previous.map_or(usual, |(before, error_before)| {
                usual.min(h / before * fourth_root(error_before / (error * error)))
            });
            self.wished = free(power);
            self.previous = Some((h, error.max(LEAST_REMEMBERED)));
        }
        if let Some(elapsed) = self.restart {
            let next = h * (RESTART_SAFETY * usual).min(RESTART_GROWTH);
            // A first step that the stop cut short says no more than that it could have been longer: the next one tells, if it
            // begins early enough.
            self.after_event = if clipped { next.max(self.wished) } else { next };
            let elapsed = elapsed + h;
            self.restart = (clipped && elapsed < EARLY * self.wished).then_some(elapsed);
        }
    }

    /// After an attempt of length `h` that was not; its error may be not finite.
    pub(super) fn reject(&mut self, h: f64, error: f64) {
        self.rejected = true;
        let factor = if error.is_finite() { SAFETY / fourth_root(error) } else { SMALLEST_FACTOR };
        self.wished = h * factor.max(SMALLEST_FACTOR);
    }
}

/// The error of a step goes with its fourth power: order of the embedded solution plus one.
fn fourth_root(x: f64) -> f64 {
    x.sqrt().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Attempt<f64> = Attempt { h: 1.0, clipped: 0.0, last: 0.0 };
    const SHORT: Attempt<f64> = Attempt { h: 1e-3, clipped: 1.0, last: 1.0 };

    fn fresh(restart: bool) -> Controller {
        let memory = StepMemory { after_event: 2.0, current: 1.0, ..StepMemory::default() };
        Controller::begin(&memory, restart, 7.0)
    }

    #[test]
    fn the_step_begins_with_what_is_remembered() {
        assert_eq!((fresh(false).wished(), fresh(true).wished()), (1.0, 2.0));
        assert_eq!(Controller::begin(&StepMemory::default(), true, 7.0).wished(), 7.0);
    }

    #[test]
    fn factors_are_limited_and_no_growth_follows_a_rejection() {
        let mut controller = fresh(false);
        controller.accept(FREE, 0.0);
        assert_eq!(controller.wished(), LARGEST_FACTOR);
        for error in [1e9, f64::NAN, f64::INFINITY] {
            controller.reject(1.0, error);
            assert_eq!(controller.wished(), SMALLEST_FACTOR);
        }
        controller.accept(FREE, 1e-9);
        assert_eq!(controller.wished(), 1.0);
        controller.accept(FREE, 1e-9);
        assert!(controller.wished() > 1.0);
        assert_eq!(controller.after_event, 2.0);
    }

    #[test]
    fn a_growing_error_is_expected_to_go_on_growing() {
        let mut controller = fresh(false);
        controller.accept(FREE, 0.02);
        let before = controller.wished();
        controller.accept(FREE, 0.2);
        // Ten times the error at the same step: the next may be expected to have ten times more again.
        let expected = SAFETY * fourth_root(0.02 / 0.04);
        assert!(controller.wished() < before && (controller.wished() / expected - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_short_interval_leaves_what_is_remembered_alone() {
        let mut controller = fresh(false);
        controller.accept(SHORT, 1e-12);
        assert_eq!(controller.wished(), 1.0);
        let mut controller = fresh(true);
        controller.accept(SHORT, 1e-12);
        assert_eq!((controller.wished(), controller.after_event), (2.0, 2.0));
        // Unless even the short step has an error that shows.
        let mut controller = fresh(false);
        controller.accept(SHORT, 0.9);
        assert!(controller.wished() < 1e-3);
    }

    #[test]
    fn a_first_step_cut_short_leaves_it_to_the_next_to_tell_how_to_start() {
        let mut memory = StepMemory { after_event: 2.0, current: 1.0, ..StepMemory::default() };
        let mut controller = Controller::begin(&memory, true, 7.0);
        controller.accept(SHORT, 1e-12);
        controller.remember(&mut memory);
        assert_eq!(memory.since_event, Some(1e-3));
        let mut controller = Controller::begin(&memory, false, 7.0);
        controller.accept(Attempt { h: 2.0, ..FREE }, 0.0);
        controller.remember(&mut memory);
        assert_eq!((memory.after_event, memory.since_event), (2.0 * RESTART_GROWTH, None));
    }

    #[test]
    fn the_step_after_an_event_grows_and_shrinks_with_the_error() {
        let after = |error| {
            let mut controller = fresh(true);
            controller.accept(Attempt { h: 2.0, ..FREE }, error);
            controller.after_event
        };
        assert_eq!(after(0.0), 2.0 * RESTART_GROWTH);
        assert!((after(RESTART_SAFETY.powi(4)) / 2.0 - 1.0).abs() < 1e-14);
        assert!(after(1.0) < 2.0);
    }
}
