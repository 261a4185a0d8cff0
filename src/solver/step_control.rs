//! How long the next step may be: error norm in, step factor out.
//!
//! A proportional-integral controller (Gustafsson 1991, ACM TOMS 17:533; Hairer, Nørsett and Wanner 1993, Solving
//! Ordinary Differential Equations I, section II.4; and Hairer and Wanner 1996, II, section IV.2). It is worked in
//! logarithms: h · safety · err^(−α) · err_old^β costs one logarithm and one exponential. Knows nothing of stages or
//! equations.

use super::tsitouras::ORDER;
use crate::math::elementary::{exp, ln, pow};

/// Safety factor of Hairer, Nørsett and Wanner (4.13).
const SAFETY: f64 = 0.9;
/// A step shrinks to no less than a fifth and grows to no more than ten times (their values for order 5).
const SMALLEST_FACTOR: f64 = 0.2;
const LARGEST_FACTOR: f64 = 10.0;
/// Exponents of the last error (β) and the present one (α = 1/order − 3/4 β), as in their code DOPRI5. Larger β makes the
/// steps smoother and more: with 0.08 there were no rejections on the test problems but a quarter more steps.
const BETA: f64 = 0.04;
const ALPHA: f64 = 1.0 / ORDER - 0.75 * BETA;
/// Errors below this are all alike to the controller's memory (DOPRI5): a step that by chance makes no error says
/// nothing about the next.
const LEAST_REMEMBERED: f64 = 1e-4;
/// Stands in for an error of zero, whose logarithm is not finite; far beyond where the factor is at its limit.
const LEAST_ERROR: f64 = 1e-8;
/// Aim of the step with which the next restart begins: a rejected first step costs more than one that is a little short.
const RESTART_SAFETY: f64 = 0.8;
/// The restart step grows at most by this factor from one restart to the next, for doses differ.
const RESTART_GROWTH: f64 = 5.0;

/// The controller's state over one interval between stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Controller {
    /// Logarithm of the last accepted step's error; absent before the first.
    previous: Option<f64>,
    /// Whether the last attempt was rejected: then the next accepted step does not grow.
    rejected: bool,
}

impl Controller {
    /// The step after one of length `taken` that was accepted with this error norm (≤ 1).
    ///
    /// A stop may have cut it short of the `intended` length: then the next is as long as that, unless the error of even the
    /// short step is large enough to say that this would be too long (a small one is mostly rounding); and the controller's
    /// memory learns nothing from it.
    pub fn after_acceptance(&mut self, error: f64, taken: f64, intended: Option<f64>) -> f64 {
        let grow = !std::mem::take(&mut self.rejected);
        if let Some(intended) = intended {
            let longest =
                if error < LEAST_REMEMBERED { intended } else { taken * SAFETY * pow(error, -1.0 / ORDER) };
            return intended.min(longest);
        }
        let logarithm = ln(error.max(LEAST_ERROR));
        let factor = match self.previous {
            Some(previous) => SAFETY * exp(BETA * previous - ALPHA * logarithm),
            None => SAFETY * exp(-logarithm / ORDER),
        };
        self.previous = Some(logarithm.max(ln(LEAST_REMEMBERED)));
        taken * factor.clamp(SMALLEST_FACTOR, if grow { LARGEST_FACTOR } else { 1.0 })
    }

    /// Factor for the next attempt after a step of this error norm (> 1 or not finite) was rejected.
    pub fn after_rejection(&mut self, error: f64) -> f64 {
        self.rejected = true;
        if error.is_finite() {
            (SAFETY * pow(error, -1.0 / ORDER)).max(SMALLEST_FACTOR)
        } else {
            SMALLEST_FACTOR
        }
    }
}

/// The step with which the next restart should begin, from the first accepted step of this one and its error.
pub fn next_restart(first_step: f64, error: f64) -> f64 {
    first_step * (RESTART_SAFETY * pow(error, -1.0 / ORDER)).min(RESTART_GROWTH)
}

/// First guess of the step where nothing is remembered (Hairer, Nørsett and Wanner, II.4, algorithm "starting step
/// size", steps a to c): a step along which the solution moves by a hundredth of its size.
pub fn first_guess(size: f64, slope: f64) -> f64 {
    if size < 1e-5 || slope < 1e-5 { 1e-6 } else { 0.01 * size / slope }
}

/// The same algorithm, steps e and f, once the curvature along `guess` is known.
pub fn initial_step(guess: f64, slope: f64, curvature: f64) -> f64 {
    if !curvature.is_finite() {
        return 0.01 * guess;
    }
    let steepest = slope.max(curvature);
    let step = if steepest <= 1e-15 { (1e-3 * guess).max(1e-6) } else { pow(0.01 / steepest, 1.0 / ORDER) };
    step.min(100.0 * guess)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_error_settles_at_the_safety_factor() {
        // With the same error again and again the fixed point of the controller is err^(α − β) = safety.
        let steady = SAFETY.powf(1.0 / (ALPHA - BETA));
        let mut controller = Controller::default();
        controller.after_acceptance(steady, 1.0, None);
        assert!((controller.after_acceptance(steady, 1.0, None) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn factors_are_limited_and_no_growth_follows_a_rejection() {
        let mut controller = Controller::default();
        assert_eq!(controller.after_acceptance(0.0, 1.0, None), LARGEST_FACTOR);
        assert_eq!(controller.after_rejection(1e9), SMALLEST_FACTOR);
        assert_eq!(controller.after_rejection(f64::NAN), SMALLEST_FACTOR);
        assert_eq!(controller.after_rejection(f64::INFINITY), SMALLEST_FACTOR);
        assert_eq!(controller.after_acceptance(1e-9, 1.0, None), 1.0);
        assert!(controller.after_acceptance(1e-9, 1.0, None) > 1.0);
    }

    #[test]
    fn clipped_steps_shorten_the_next_only_if_they_must() {
        let mut controller = Controller::default();
        assert_eq!(controller.after_acceptance(0.0, 0.1, Some(2.0)), 2.0);
        assert_eq!(controller.after_acceptance(1e-9, 0.1, Some(2.0)), 2.0);
        assert!(controller.after_acceptance(0.9, 0.1, Some(2.0)) < 0.1);
        assert_eq!(controller.previous, None);
    }

    #[test]
    fn restart_steps_follow_the_error() {
        assert_eq!(next_restart(1.0, 0.0), RESTART_GROWTH);
        assert!((next_restart(1.0, RESTART_SAFETY.powf(ORDER)) - 1.0).abs() < 1e-14);
        assert!(next_restart(1.0, 1.0) < 1.0);
    }

    #[test]
    fn starting_step_of_an_equation_at_rest_is_small_but_positive() {
        assert_eq!(initial_step(first_guess(0.0, 0.0), 0.0, 0.0), 1e-6);
        assert!(initial_step(1.0, 1.0, f64::NAN) == 0.01);
    }
}
