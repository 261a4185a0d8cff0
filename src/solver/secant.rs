//! What the implicit method does where a derivative says nothing: a root or a power below one at 0, a logarithm, 0·∞.
//!
//! There the rates are finite and a step is possible, but the tangent is infinite, not a number, or so steep that it holds
//! over a small part of what the tolerance cannot tell apart: an implicit step takes it for a wall, does not move, and
//! sees no error. The slope over the tolerance, (f(y + δeⱼ) − f(y))/δ with δ the error allowed for yⱼ, then stands in for the tangent,
//! entry by entry. A Rosenbrock method has its order only with exact derivatives; with others it is of order one (Steihaug and
//! Wolfbrandt 1979, Math. Comp. 33:521), so that the error estimate makes such steps short, and only such steps.

use super::implicit::Differentiable;
use super::system::Tolerances;

/// A tangent so many times steeper than the slope over the tolerance is not used.
const STEEPER: f64 = 2.0;
/// A change of f below so many of its spacings is rounding.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
/// √ε: the usual increment of a difference, relative to y, where the tolerance is closer (Dennis and Schnabel 1983, section
/// 5.4).
const INCREMENT: f64 = 1.490_116_119_384_765_6e-8;
/// An increment below this could not be divided by.
const LEAST_INCREMENT: f64 = 1e-100;

/// The derivatives at the start of a step of length `h`, and what they are to be judged by.
pub(super) struct Linearisation<'a> {
    pub(super) t: f64,
    pub(super) h: f64,
    pub(super) y: &'a [f64],
    pub(super) rates: &'a [f64],
    pub(super) magnitudes: &'a [f64],
    pub(super) tolerances: &'a Tolerances,
    pub(super) jacobian: &'a mut [f64],
    pub(super) by_time: &'a mut [f64],
    /// Scratch: an argument of f, and f there.
    pub(super) argument: &'a mut [f64],
    pub(super) beside: &'a mut [f64],
}

impl Linearisation<'_> {
    /// Puts slopes in the place of what cannot be used. Gives the number of evaluations that this took, and whether a
    /// slope belongs to this length of the step. An entry for which there is no slope either (f is not finite on both
    /// sides) becomes 0.
    pub(super) fn mend(&mut self, system: &mut dyn Differentiable) -> (u64, bool) {
        let n = self.y.len();
        let mut evaluations = 0;
        let steep = self.may_be_steep() && {
            evaluations += 1;
            self.is_steep(system)
        };
        for column in 0..n {
            let finite = (0..n).all(|row| self.jacobian[row * n + column].is_finite());
            if !finite || (steep && self.vanishes(column)) {
                evaluations += self.mend_column(system, column);
            }
        }
        let timeless = self.by_time.iter().all(|rate| rate.is_finite());
        if !timeless {
            evaluations += 1;
            self.mend_time(system);
        }
        (evaluations, !timeless)
    }

    /// Whether a state is 0 as far as the tolerance can tell.
    fn vanishes(&self, place: usize) -> bool {
        self.magnitudes[place] <= self.tolerances.scale(place, self.magnitudes[place])
    }

    /// The distance over which a slope is taken.
    fn increment(&self, place: usize) -> f64 {
        let size = self.magnitudes[place];
        let by_tolerance = self.tolerances.scale(place, size).max(INCREMENT * size);
        let by_change = INCREMENT * self.h * self.rates[place].abs();
        let usable = [by_tolerance, by_change].into_iter().find(|width| *width > LEAST_INCREMENT);
        usable.unwrap_or(INCREMENT)
    }

    /// Σ ∂fᵢ/∂yⱼ δⱼ over the states that vanish.
    fn predicted(&self, row: usize) -> f64 {
        let n = self.y.len();
        let entries = self.jacobian[row * n..(row + 1) * n].iter().enumerate();
        entries
            .filter(|(place, _)| self.vanishes(*place))
            .map(|(place, entry)| entry * self.increment(place))
            .sum()
    }

    /// Whether the tangents of states that vanish make a difference to the step at all: over their tolerances, to more than
    /// its tolerance.
    fn may_be_steep(&self) -> bool {
        let any = (0..self.y.len()).any(|place| self.vanishes(place));
        any && (0..self.y.len())
            .any(|row| self.h * self.predicted(row).abs() > self.tolerances.scale(row, self.magnitudes[row]))
    }

    /// Whether the rates change far less than the tangents say when all states that vanish are moved by their tolerance.
    fn is_steep(&mut self, system: &mut dyn Differentiable) -> bool {
        self.argument.copy_from_slice(self.y);
        for place in 0..self.y.len() {
            if self.vanishes(place) {
                self.argument[place] += self.increment(place);
            }
        }
        system.rates(self.t, self.argument, self.beside);
        (0..self.y.len()).any(|row| self.is_steeper(row, self.predicted(row)))
    }

    /// Whether a change of rate that the tangent predicts is far from what was found.
    fn is_steeper(&self, row: usize, predicted: f64) -> bool {
        let found = self.beside[row] - self.rates[row];
        predicted.abs() > STEEPER * found.abs() + ROUNDING * self.rates[row].abs()
    }

    fn mend_column(&mut self, system: &mut dyn Differentiable, column: usize) -> u64 {
        let n = self.y.len();
        let width = self.increment(column);
        let mut evaluations = 0;
        let mut moved = width;
        for width in [width, -width] {
            moved = width;
            self.argument.copy_from_slice(self.y);
            self.argument[column] += width;
            system.rates(self.t, self.argument, self.beside);
            evaluations += 1;
            if self.beside.iter().all(|rate| rate.is_finite()) {
                break;
            }
        }
        for row in 0..n {
            let entry = self.jacobian[row * n + column];
            if !entry.is_finite() || self.is_steeper(row, entry * moved) {
                self.jacobian[row * n + column] = finite((self.beside[row] - self.rates[row]) / moved);
            }
        }
        evaluations
    }

    /// The same by time, over the step.
    fn mend_time(&mut self, system: &mut dyn Differentiable) {
        system.rates(self.t + self.h, self.y, self.beside);
        for (place, entry) in self.by_time.iter_mut().enumerate().filter(|(_, entry)| !entry.is_finite()) {
            *entry = finite((self.beside[place] - self.rates[place]) / self.h);
        }
    }
}

fn finite(slope: f64) -> f64 {
    if slope.is_finite() { slope } else { 0.0 }
}
