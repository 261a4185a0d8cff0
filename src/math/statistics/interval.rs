//! An estimate between its limits.

use crate::math::distribution::normal_quantile;

/// An estimate with its 95 % (or other) limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Estimate.
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// The normal deviate z of a two-sided confidence level: 1.96 for 0.95.
pub fn normal_deviate(level: f64) -> f64 {
    normal_quantile(0.5 * (1.0 + level))
}
