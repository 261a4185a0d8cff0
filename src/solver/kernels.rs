//! The arithmetic of one attempt of a step, lane by lane: the step, the stages' arguments, error and acceptance, and the
//! solution that is carried on. [`super::stepper`] says in which order.
//!
//! Every kernel is written once, for one number or a register of them; none sums across lanes.

use super::step_control::{Attempt, Memory};
use super::system::{LEAST_STEP, LEAST_TIME, STIFF_AFTER, Tolerances};
use super::tsitouras::{self, STAGES};
use crate::math::aligned::Aligned;
use crate::math::lane::Lane;
use crate::math::processor::Kernel;

/// A step is bound by stability from this share of the bound on: the step control swings about the bound, and the error
/// estimate, which grows there too, keeps it a little below.
const NEAR_BOUND: f64 = 0.8;
/// So many steps in a row that are not bound by stability end the suspicion (Hairer and Wanner's codes).
const EASED_AFTER: f64 = 6.0;

/// One number per lane each; truth values are 1 and 0.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) t: Aligned,
    pub(super) stop: Aligned,
    /// Time of the stage being evaluated.
    pub(super) stage_time: Aligned,
    pub(super) h: Aligned,
    pub(super) clipped: Aligned,
    pub(super) last: Aligned,
    pub(super) end: Aligned,
    pub(super) error: Aligned,
    pub(super) accepted: Aligned,
    pub(super) wished: Aligned,
    pub(super) previous: Aligned,
    pub(super) rejected: Aligned,
    pub(super) restart: Aligned,
    pub(super) after_event: Aligned,
    /// Whether the lane holds a system.
    pub(super) live: Aligned,
    /// Attempts of the interval, accepted ones, and attempts allowed.
    pub(super) attempts: Aligned,
    pub(super) steps: Aligned,
    pub(super) limit: Aligned,
    /// Evaluations before the first attempt.
    pub(super) begun: Aligned,
    /// See [`super::StepMemory`].
    pub(super) stability_bound: Aligned,
    pub(super) eased: Aligned,
    /// From this time on the caller wants to see accepted steps.
    pub(super) due: Aligned,
    /// Whether the caller has something to look at.
    pub(super) look: Aligned,
}

impl Rows {
    /// Zeros for as many lanes.
    pub(super) fn new(width: usize) -> Self {
        let row = || Aligned::zeros(width);
        Rows {
            t: row(),
            stop: row(),
            stage_time: row(),
            h: row(),
            clipped: row(),
            last: row(),
            end: row(),
            error: row(),
            accepted: row(),
            wished: row(),
            previous: row(),
            rejected: row(),
            restart: row(),
            after_event: row(),
            live: row(),
            attempts: row(),
            steps: row(),
            limit: row(),
            begun: row(),
            stability_bound: row(),
            eased: row(),
            due: row(),
            look: row(),
        }
    }
}

/// Steps of all lanes, see [`Attempt::plan`].
pub(super) struct Plan<'a> {
    pub(super) t: &'a [f64],
    pub(super) stop: &'a [f64],
    pub(super) wished: &'a [f64],
    pub(super) h: &'a mut [f64],
    pub(super) clipped: &'a mut [f64],
    pub(super) last: &'a mut [f64],
}

impl Kernel for Plan<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        for place in (0..self.t.len()).step_by(L::WIDTH) {
            let load = |row: &[f64]| L::load(token, &row[place..]);
            let attempt = Attempt::plan(load(self.t), load(self.wished), load(self.stop));
            attempt.h.store(&mut self.h[place..]);
            attempt.clipped.store(&mut self.clipped[place..]);
            attempt.last.store(&mut self.last[place..]);
        }
    }
}

/// `result` = `y` + h Σ weightsᵢ kᵢ, and the times of the stage. The order of summation is fixed.
pub(super) struct Combine<'a, const N: usize> {
    pub(super) t: &'a [f64],
    pub(super) h: &'a [f64],
    pub(super) times: &'a mut [f64],
    pub(super) node: f64,
    pub(super) y: &'a [f64],
    pub(super) weights: &'a [f64; N],
    pub(super) k: [&'a [f64]; N],
    pub(super) result: &'a mut [f64],
}

impl<const N: usize> Kernel for Combine<'_, N> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        let width = self.t.len();
        let node = L::splat(token, self.node);
        for lane in (0..width).step_by(L::WIDTH) {
            let h = L::load(token, &self.h[lane..]);
            h.mul_add(node, L::load(token, &self.t[lane..])).store(&mut self.times[lane..]);
        }
        // Not `map`, which the compiler does not always inline, see [`Kernel::run`].
        let mut weights = [node; N];
        for (weight, value) in weights.iter_mut().zip(self.weights) {
            *weight = L::splat(token, *value);
        }
        let n = self.result.len();
        // Slices of one length let the compiler drop bounds checks.
        let (y, k) = (&self.y[..n], self.k);
        for row in (0..n).step_by(width) {
            for lane in (0..width).step_by(L::WIDTH) {
                let place = row + lane;
                let mut sum = weights[0] * L::load(token, &k[0][place..]);
                for stage in 1..N {
                    sum = L::load(token, &k[stage][place..]).mul_add(weights[stage], sum);
                }
                let value = sum.mul_add(L::load(token, &self.h[lane..]), L::load(token, &y[place..]));
                value.store(&mut self.result[place..]);
            }
        }
    }
}

/// Values of one equation, one per lane, from which on the caller wants to see a step.
#[derive(Debug)]
pub(super) struct Level {
    equation: usize,
    pub(super) at: Aligned,
}

impl Level {
    /// Nothing to be seen yet.
    pub(super) fn new(equation: usize, width: usize) -> Self {
        let mut at = Aligned::zeros(width);
        at.fill(f64::INFINITY);
        Level { equation, at }
    }
}

/// Error norms (root mean square of error over tolerance; not finite if anything in the step was not), decisions, and
/// whether the caller has something to look at.
pub(super) struct Judge<'a> {
    pub(super) lanes: &'a mut Rows,
    pub(super) k: [&'a [f64]; STAGES],
    pub(super) next: &'a [f64],
    pub(super) magnitudes: [&'a [f64]; 2],
    pub(super) tolerances: &'a Tolerances,
    pub(super) ratios: &'a mut [f64],
    pub(super) levels: &'a [Level],
    /// Argument of the sixth stage, if stiffness is to be found.
    pub(super) sixth: Option<&'a [f64]>,
}

impl Judge<'_> {
    /// The error norm of the lanes from `lane` on.
    #[inline(always)]
    fn norm<L: Lane>(&mut self, token: L::Token, lane: usize, h: L) -> L {
        let splat = |value| L::splat(token, value);
        let width = self.lanes.t.len();
        let mut weights = [h; STAGES];
        for (weight, value) in weights.iter_mut().zip(&tsitouras::ERROR) {
            *weight = splat(*value);
        }
        let (relative, least, zero) = (splat(self.tolerances.relative), splat(f64::MIN_POSITIVE), splat(0.0));
        let mut squares = zero;
        for (equation, absolute) in self.tolerances.absolute.iter().enumerate() {
            let place = equation * width + lane;
            let load = |table: &[f64]| L::load(token, &table[place..]);
            let mut error = weights[0] * load(self.k[0]);
            for (stage, weight) in self.k.iter().zip(weights).skip(1) {
                error = load(stage).mul_add(weight, error);
            }
            let (start, end) = (load(self.magnitudes[0]), load(self.magnitudes[1]));
            let magnitude = L::choose(start.less(end), end, start);
            // Never zero, so that an equation that stays exactly zero has error zero.
            let scale = relative.mul_add(magnitude, splat(*absolute));
            let scale = L::choose(scale.less(least), least, scale);
            // An infinite solution or scale would make the ratio zero: adding 0·∞ = NaN gives it away.
            let ratio = zero.mul_add(load(self.next) + scale, h * error / scale);
            ratio.store(&mut self.ratios[place..]);
            squares = ratio.mul_add(ratio, squares);
        }
        (squares / splat(self.tolerances.absolute.len().max(1) as f64)).sqrt()
    }
}

impl Judge<'_> {
    /// Notes in the lanes from `lane` on whether the step was bound by stability: h times the Lipschitz constant along the
    /// last two stages, both at the end of the step, reaches the bound (Hairer and Wanner 1996, section IV.2).
    #[inline(always)]
    fn note_stiffness<L: Lane>(&mut self, token: L::Token, lane: usize, h: L, accepted: L) {
        let Some(sixth) = self.sixth else { return };
        let splat = |value| L::splat(token, value);
        let width = self.lanes.t.len();
        let (relative, least, zero, one) =
            (splat(self.tolerances.relative), splat(f64::MIN_POSITIVE), splat(0.0), splat(1.0));
        let (mut slope, mut distance) = (zero, zero);
        for (equation, absolute) in self.tolerances.absolute.iter().enumerate() {
            let place = equation * width + lane;
            let load = |table: &[f64]| L::load(token, &table[place..]);
            let scale = relative.mul_add(load(self.magnitudes[1]), splat(*absolute));
            let inverse = one / L::choose(scale.less(least), least, scale);
            let change = (load(self.k[6]) - load(self.k[5])) * inverse;
            let way = (load(self.next) - load(sixth)) * inverse;
            slope = change.mul_add(change, slope);
            distance = way.mul_add(way, distance);
        }
        let bound = NEAR_BOUND * tsitouras::STABILITY;
        let bound = splat(bound * bound);
        let bound_by_stability = (bound * distance).less(h * h * slope);
        let lanes = &mut *self.lanes;
        let load = |row: &[f64]| L::load(token, &row[lane..]);
        let (count, eased) = (load(&lanes.stability_bound), load(&lanes.eased));
        let eased_now = L::choose(bound_by_stability, zero, eased + one);
        let counted = L::choose(bound_by_stability, count + one, count);
        let counted = L::choose(eased_now.less(splat(EASED_AFTER)), counted, zero);
        let taken = zero.less(accepted);
        L::choose(taken, counted, count).store(&mut lanes.stability_bound[lane..]);
        L::choose(taken, eased_now, eased).store(&mut lanes.eased[lane..]);
    }
}

impl Kernel for Judge<'_> {
    type Output = bool;
    #[inline(always)]
    fn run<L: Lane>(mut self, token: L::Token) -> bool {
        let width = self.lanes.t.len();
        let mut any = false;
        for lane in (0..width).step_by(L::WIDTH) {
            let load = |row: &[f64]| L::load(token, &row[lane..]);
            let (zero, one) = (L::splat(token, 0.0), L::splat(token, 1.0));
            let h = load(&self.lanes.h);
            let error = self.norm(token, lane, h);
            let accepted = error.less_equal(one);
            self.note_stiffness(token, lane, h, L::choose(accepted, one, zero));
            let lanes = &mut *self.lanes;
            let attempt = Attempt { h, clipped: load(&lanes.clipped), last: load(&lanes.last) };
            let memory = Memory {
                wished: load(&lanes.wished),
                previous: load(&lanes.previous),
                rejected: load(&lanes.rejected),
                restart: load(&lanes.restart),
                after_event: load(&lanes.after_event),
            };
            let memory = memory.decide(attempt, error);
            let accepted = one - memory.rejected;
            let is_last = zero.less(attempt.last);
            let end = L::choose(is_last, load(&lanes.stop), load(&lanes.t) + h);
            let attempts = load(&lanes.attempts) + one;
            let mut ended = L::or(token, is_last, load(&lanes.due).less_equal(end));
            for level in self.levels {
                let value = L::load(token, &self.next[level.equation * width + lane..]);
                ended = L::or(token, ended, load(&level.at).less_equal(value));
            }
            let ended = L::choose(ended, accepted, zero);
            let least = L::splat(token, LEAST_STEP) * (load(&lanes.t).abs() + L::splat(token, LEAST_TIME));
            let stuck = L::choose(memory.wished.less(least), memory.rejected * load(&lanes.live), zero);
            let exhausted = L::choose(load(&lanes.limit).less_equal(attempts), one, zero);
            let stiff = L::splat(token, STIFF_AFTER).less_equal(load(&lanes.stability_bound));
            let look = ended + stuck + exhausted + L::choose(stiff, accepted, zero);
            error.store(&mut lanes.error[lane..]);
            accepted.store(&mut lanes.accepted[lane..]);
            end.store(&mut lanes.end[lane..]);
            memory.wished.store(&mut lanes.wished[lane..]);
            memory.previous.store(&mut lanes.previous[lane..]);
            memory.rejected.store(&mut lanes.rejected[lane..]);
            memory.restart.store(&mut lanes.restart[lane..]);
            memory.after_event.store(&mut lanes.after_event[lane..]);
            attempts.store(&mut lanes.attempts[lane..]);
            (load(&lanes.steps) + accepted).store(&mut lanes.steps[lane..]);
            look.store(&mut lanes.look[lane..]);
            any |= lanes.look[lane..lane + L::WIDTH].iter().any(|look| *look != 0.0);
        }
        any
    }
}

/// Replaces the old by the new where the step was accepted.
pub(super) struct Take<'a> {
    pub(super) accepted: &'a [f64],
    pub(super) pairs: [(&'a mut [f64], &'a [f64]); 4],
}

impl Kernel for Take<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        let zero = L::splat(token, 0.0);
        let width = self.accepted.len();
        for (old, new) in self.pairs {
            for row in (0..old.len()).step_by(width) {
                for lane in (0..width).step_by(L::WIDTH) {
                    let accepted = zero.less(L::load(token, &self.accepted[lane..]));
                    let place = row + lane;
                    let (new, kept) = (L::load(token, &new[place..]), L::load(token, &old[place..]));
                    L::choose(accepted, new, kept).store(&mut old[place..]);
                }
            }
        }
    }
}
