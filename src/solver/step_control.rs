//! How long the next step may be: error norm in, step out.
//!
//! A proportional-integral controller (Gustafsson 1991, ACM TOMS 17:533; Hairer, Nørsett and Wanner 1993, Solving
//! Ordinary Differential Equations I, section II.4; and Hairer and Wanner 1996, II, section IV.2). It is worked in
//! logarithms: h · safety · err^(−α) · err_old^β costs one logarithm and one exponential, for one system or for as many as
//! the processor has lanes. Knows nothing of stages or equations.

use super::tsitouras::ORDER;
use crate::math::elementary::{exp, ln};
use crate::math::lane::Lane;

/// Safety factor of Hairer, Nørsett and Wanner (4.13), who take 0.8 to 0.9. Here one attempt in a hundred is rejected with it; 0.9
/// takes a twentieth more steps.
const SAFETY: f64 = 0.95;
/// A step shrinks to no less than a fifth and grows to no more than ten times (their values for order 5).
const SMALLEST_FACTOR: f64 = 0.2;
const LARGEST_FACTOR: f64 = 10.0;
/// Exponents of the last error (β) and the present one (α = 1/order − 3/4 β, as in their code DOPRI5). Larger β makes the
/// steps smoother and more. Half of DOPRI5's 0.04, since steps here mostly grow, from one dose to the next, and a memory of the
/// errors before holds them back: a twentieth fewer.
const BETA: f64 = 0.02;
const ALPHA: f64 = 1.0 / ORDER - 0.75 * BETA;
/// Errors below this are all alike to the controller's memory (DOPRI5): a step that by chance makes no error says
/// nothing about the next. Its logarithm.
const LEAST_REMEMBERED: f64 = 1e-4;
const LEAST_REMEMBERED_LOGARITHM: f64 = -9.210_340_371_976_182;
/// Stands in for an error of zero, whose logarithm is not finite; far beyond where the factor is at its limit.
const LEAST_ERROR: f64 = 1e-8;
/// Aim of the step with which the next restart begins: a rejected first step costs more than one that is a little short.
pub(super) const RESTART_SAFETY: f64 = 0.9;
/// The restart step grows at most by this factor from one restart to the next, for doses differ.
pub(super) const RESTART_GROWTH: f64 = 5.0;
/// A last step may be stretched by this much to reach the stop, instead of leaving a sliver behind (DOPRI5).
const STRETCH: f64 = 1.01;

/// Stands for "no step of this interval was accepted yet" in [`Memory::previous`]: logarithms of accepted errors are ≤ 0.
pub const NONE_YET: f64 = 1.0;

/// What the controller remembers. Truth values are 1 and 0.
#[derive(Debug, Clone, Copy)]
pub struct Memory<L> {
    /// Step wished for next.
    pub wished: L,
    /// Logarithm of the error of the interval's last accepted step that was not cut short, or [`NONE_YET`].
    pub previous: L,
    /// Whether the last attempt was rejected: then the next accepted step does not grow.
    pub rejected: L,
    /// Whether no step was accepted yet after a discontinuity.
    pub restart: L,
    /// Step with which to start after the next discontinuity.
    pub after_event: L,
}

/// One attempt. Truth values are 1 and 0.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<L> {
    /// Step.
    pub h: L,
    /// Cut short to meet the stop.
    pub clipped: L,
    /// Ends exactly at the stop.
    pub last: L,
}

impl<L: Lane> Attempt<L> {
    /// A step of the wished length; near the stop it is stretched to it, cut to it, or cut to half the way, so that no
    /// sliver remains.
    #[inline(always)]
    pub fn plan(t: L, wished: L, stop: L) -> Self {
        let (zero, one) = (t.constant(0.0), t.constant(1.0));
        let remaining = stop - t;
        let last = remaining.less_equal(t.constant(STRETCH) * wished);
        let near = remaining.less(t.constant(2.0) * wished);
        let short = remaining.less(wished);
        let h = L::choose(near, t.constant(0.5) * remaining, wished);
        Attempt {
            h: L::choose(last, remaining, h),
            clipped: L::choose(last, L::choose(short, one, zero), L::choose(near, one, zero)),
            last: L::choose(last, one, zero),
        }
    }
}

impl<L: Lane> Memory<L> {
    /// What to do after an attempt with this error norm, which is accepted if it is ≤ 1 (a norm that is not finite is not).
    ///
    /// A stop may have cut the step short: then the next is as long as was wished before, unless the error of even the short step
    /// is large enough to say that this would be too long (a small one is mostly rounding); and the memory learns
    /// nothing from it.
    #[inline(always)]
    pub fn decide(self, attempt: Attempt<L>, error: L) -> Self {
        let constant = |value| error.constant(value);
        let (zero, one) = (constant(0.0), constant(1.0));
        let accepted = error.less_equal(one);
        let clipped = zero.less(attempt.clipped);
        let logarithm = ln(L::choose(error.less(constant(LEAST_ERROR)), constant(LEAST_ERROR), error));
        let plain = logarithm * constant(-1.0 / ORDER);
        let both = self.previous.mul_add(constant(BETA), logarithm * constant(-ALPHA));
        let both = L::choose(self.previous.less_equal(zero), both, plain);
        let power = exp(L::choose(clipped, plain, L::choose(accepted, both, plain)));
        let factor = constant(SAFETY) * power;

        let largest = L::choose(zero.less(self.rejected), one, constant(LARGEST_FACTOR));
        let at_least = larger(factor, constant(SMALLEST_FACTOR));
        let free = attempt.h * smaller(at_least, largest);
        let longest = L::choose(error.less(constant(LEAST_REMEMBERED)), self.wished, attempt.h * factor);
        let after_acceptance = L::choose(clipped, smaller(self.wished, longest), free);
        // An error that is not a number fails this comparison too.
        let finite = error.less(constant(f64::INFINITY));
        let after_rejection = attempt.h * L::choose(finite, at_least, constant(SMALLEST_FACTOR));
        let wished = L::choose(accepted, after_acceptance, after_rejection);

        let learnt =
            L::choose(clipped, self.previous, larger(logarithm, constant(LEAST_REMEMBERED_LOGARITHM)));
        // After a discontinuity nothing was accepted before, so that `power` is the plain one. A first step that the
        // stop cut short says no more than that it could have been longer.
        let next = attempt.h * smaller(constant(RESTART_SAFETY) * power, constant(RESTART_GROWTH));
        let next = L::choose(clipped, larger(next, wished), next);
        let next = L::choose(zero.less(self.restart), next, self.after_event);
        Memory {
            wished,
            previous: L::choose(accepted, learnt, self.previous),
            rejected: L::choose(accepted, zero, one),
            restart: L::choose(accepted, zero, self.restart),
            after_event: L::choose(accepted, next, self.after_event),
        }
    }
}

#[inline(always)]
fn smaller<L: Lane>(a: L, b: L) -> L {
    L::choose(a.less(b), a, b)
}

#[inline(always)]
fn larger<L: Lane>(a: L, b: L) -> L {
    L::choose(b.less(a), a, b)
}

/// First guess of the step where nothing is remembered (Hairer, Nørsett and Wanner, II.4, algorithm "starting step
/// size", steps a to c): a step along which the solution moves by a hundredth of its size.
pub fn first_guess(size: f64, slope: f64) -> f64 {
    let guess = if size < 1e-5 || slope < 1e-5 { 1e-6 } else { 0.01 * size / slope };
    // A state that is 0 with a tolerance of 0 makes its rate infinite in tolerances.
    if guess > 0.0 { guess } else { 1e-6 }
}

/// The same algorithm, steps e and f, once the curvature along `guess` is known.
pub fn initial_step(guess: f64, slope: f64, curvature: f64) -> f64 {
    if !curvature.is_finite() {
        return 0.01 * guess;
    }
    let steepest = slope.max(curvature);
    let step = if steepest <= 1e-15 {
        (1e-3 * guess).max(1e-6)
    } else {
        crate::math::elementary::pow(0.01 / steepest, 1.0 / ORDER)
    };
    step.min(100.0 * guess)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Attempt<f64> = Attempt { h: 1.0, clipped: 0.0, last: 0.0 };

    fn fresh(wished: f64) -> Memory<f64> {
        Memory { wished, previous: NONE_YET, rejected: 0.0, restart: 0.0, after_event: 7.0 }
    }

    #[test]
    fn steady_error_settles_at_the_safety_factor() {
        // With the same error again and again the fixed point of the controller is err^(α − β) = safety.
        let steady = SAFETY.powf(1.0 / (ALPHA - BETA));
        let memory = fresh(1.0).decide(FREE, steady).decide(FREE, steady);
        assert!((memory.wished - 1.0).abs() < 1e-14);
    }

    #[test]
    fn factors_are_limited_and_no_growth_follows_a_rejection() {
        let memory = fresh(1.0).decide(FREE, 0.0);
        assert_eq!(memory.wished, LARGEST_FACTOR);
        for error in [1e9, f64::NAN, f64::INFINITY] {
            assert_eq!(memory.decide(FREE, error).wished, SMALLEST_FACTOR);
        }
        let memory = memory.decide(FREE, 3.0).decide(FREE, 1e-9);
        assert_eq!(memory.wished, 1.0);
        assert!(memory.decide(FREE, 1e-9).wished > 1.0);
        assert_eq!(memory.after_event, 7.0);
    }

    #[test]
    fn clipped_steps_shorten_the_next_only_if_they_must() {
        let short = Attempt { h: 0.1, clipped: 1.0, last: 1.0 };
        assert_eq!(fresh(2.0).decide(short, 0.0).wished, 2.0);
        assert_eq!(fresh(2.0).decide(short, 1e-9).wished, 2.0);
        assert!(fresh(2.0).decide(short, 0.9).wished < 0.1);
        assert_eq!(fresh(2.0).decide(short, 0.9).previous, NONE_YET);
    }

    #[test]
    fn restart_steps_follow_the_error() {
        let restart = |attempt, error| {
            let memory = Memory { restart: 1.0, ..fresh(1.0) }.decide(attempt, error);
            assert_eq!(memory.restart, if error <= 1.0 { 0.0 } else { 1.0 });
            memory.after_event
        };
        assert_eq!(restart(FREE, 0.0), RESTART_GROWTH);
        assert!((restart(FREE, RESTART_SAFETY.powf(ORDER)) - 1.0).abs() < 1e-14);
        assert!(restart(FREE, 1.0) < 1.0);
        assert_eq!(restart(FREE, 2.0), 7.0);
        // Cut short: not below what is wished.
        assert_eq!(restart(Attempt { h: 0.01, clipped: 1.0, last: 1.0 }, 1e-9), 1.0);
    }

    #[test]
    fn no_sliver_is_left_before_the_stop() {
        let plan = |remaining| Attempt::plan(10.0, 1.0, 10.0 + remaining);
        assert_eq!((plan(3.0).h, plan(3.0).clipped, plan(3.0).last), (1.0, 0.0, 0.0));
        assert_eq!((plan(1.5).h, plan(1.5).clipped, plan(1.5).last), (0.75, 1.0, 0.0));
        assert_eq!((plan(1.0).h, plan(1.0).clipped, plan(1.0).last), (1.0, 0.0, 1.0));
        assert_eq!((plan(0.5).h, plan(0.5).clipped, plan(0.5).last), (0.5, 1.0, 1.0));
        // An idle lane: no stop and no step.
        assert_eq!(Attempt::plan(0.0, 0.0, f64::INFINITY).h, 0.0);
    }

    #[test]
    fn the_logarithm_is_that_of_the_least_error_remembered() {
        assert_eq!(LEAST_REMEMBERED_LOGARITHM, ln(LEAST_REMEMBERED));
    }

    #[test]
    fn starting_step_of_an_equation_at_rest_is_small_but_positive() {
        assert_eq!(initial_step(first_guess(0.0, 0.0), 0.0, 0.0), 1e-6);
        assert!(initial_step(1.0, 1.0, f64::NAN) == 0.01);
        assert_eq!(first_guess(1.0, f64::INFINITY), 1e-6);
    }
}
