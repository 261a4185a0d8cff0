//! Tests of a hypothesis by a statistic that is χ² distributed if it holds.

use crate::math::distribution::chi_square_upper_tail;

/// A χ² test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquareTest {
    /// The statistic.
    pub statistic: f64,
    /// Degrees of freedom.
    pub degrees: usize,
    /// Probability of a statistic at least as large.
    pub p: f64,
}

impl ChiSquareTest {
    /// The test of a statistic; without degrees of freedom nothing is tested and p is 1.
    pub fn new(statistic: f64, degrees: usize) -> Self {
        ChiSquareTest { statistic, degrees, p: chi_square_upper_tail(statistic, degrees) }
    }
}
