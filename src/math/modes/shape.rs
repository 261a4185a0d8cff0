//! What is known of a linear system before its numbers: which rates may share a slot, and how many powers of t each slot takes.

use crate::math::elementary::pow;

/// How many rates a system may have that are not 0 by structure.
pub const MOST_RATES: usize = 5;
/// Rounding errors may grow by this factor, by number of rates, so that what is given is right to 1e-12 of what was there
/// at the start: a smaller factor takes more terms.
const GROWTH: [f64; MOST_RATES + 1] = [1.0, 1.0, 100.0, 1e3, 5e3, 5e3];
/// Truncated series are right to this, relative to what was there at the start.
const TRUNCATION: f64 = 1e-15;
/// Rates share a slot, too, whose difference times the span to be covered is below: the exponentials of both differ so little
/// there that a few powers of t make up for it. Above, what is divided by such a difference is right to 1e-12 still, twice
/// and three times over. This is what makes slow rates right beside inflows and areas, whose rate is 0.
pub(super) const CLOSE_IN_SPAN: f64 = 0.1;

/// What is known of a system before its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Sizes of the blocks on the diagonal, 1 to 3, and whether the block is a single state that only accumulates.
    pub(super) blocks: Vec<(usize, bool)>,
    /// Number of terms (powers of t) of each slot; a last slot with μ = 0 may follow the others.
    pub(super) slots: Vec<usize>,
    pub(super) has_resting: bool,
    /// Rates whose relative difference is below share a slot.
    pub(super) closeness: f64,
}

/// Why a system has no closed form here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoModes {
    /// A number of A is not finite; its row.
    NotFinite(usize),
    /// Compartments of the block that starts at this row swing: the product of their exchange rates is negative.
    Oscillating(usize),
}

impl Shape {
    /// Of blocks in the order of flow, each with its size and whether it is a single state without a rate of its own
    /// (an accumulator); `inflow` says whether r may differ from 0. `None` if there are more than [`MOST_RATES`]
    /// rates.
    pub fn new(blocks: &[(usize, bool)], inflow: bool) -> Option<Self> {
        let accumulators = blocks.iter().filter(|block| block.1).count();
        let size: usize = blocks.iter().map(|block| block.0).sum();
        let rates = size - accumulators;
        if rates > MOST_RATES {
            return None;
        }
        // Differences of n rates are multiplied in a denominator.
        let closeness = if rates > 1 { pow(GROWTH[rates], -1.0 / (rates - 1) as f64) } else { 0.0 };
        let mut slots: Vec<usize> = (1..=rates).map(|slot| terms(rates / slot, closeness)).collect();
        let has_resting = inflow || accumulators > 0;
        if has_resting {
            // All other rates may be next to 0 in some patient.
            slots.push(accumulators + usize::from(inflow) + rates + powers(CLOSE_IN_SPAN * rates as f64));
        }
        Some(Shape { blocks: blocks.to_vec(), slots, has_resting, closeness })
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.blocks.iter().map(|block| block.0).sum()
    }

    /// Number of terms of each slot, in their order.
    pub fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// Whether the last slot has μ = 0.
    pub fn has_resting(&self) -> bool {
        self.has_resting
    }

    pub(super) fn terms(&self) -> usize {
        self.slots.iter().sum()
    }

    pub(super) fn first_term(&self, slot: usize) -> usize {
        self.slots[..slot].iter().sum()
    }
}

/// Powers p of a number ≤ x from which on xᵖ/p! is below what may be cut off.
fn powers(x: f64) -> usize {
    let mut term = 1.0;
    (1..)
        .find(|&p| {
            term *= x / p as f64;
            term < TRUNCATION
        })
        .unwrap_or(1)
}

/// Terms that a slot needs for so many rates: for those close in the span the powers of their differences from the
/// middle; for those close to one another, with s half their relative spread, the term after the last is at most
/// C(j, m − 1) s^(j − m + 1)/√(2πj) of the start, the largest value that tʲe^(−λt)/j! takes being (j/eλ)ʲ/j!.
fn terms(rates: usize, closeness: f64) -> usize {
    if rates <= 1 {
        return 1;
    }
    let spread = 0.5 * closeness * (rates - 1) as f64;
    let bound = |j: usize| {
        let choose: f64 = (1..rates).map(|i| (j + 1 - i) as f64 / i as f64).product();
        let power = (0..=j - rates).fold(spread, |power, _| power * spread);
        choose * power / (std::f64::consts::TAU * j as f64).sqrt()
    };
    let close = (rates..).find(|&j| bound(j) < TRUNCATION).unwrap_or(rates);
    // Both kinds may come together.
    close.max(rates - 1 + powers(0.5 * CLOSE_IN_SPAN * (rates - 1) as f64)) + 1
}
