//! Estimates with their intervals.

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

/// Wilson score interval of a proportion x/n at confidence `level` (Wilson 1927). NaN-free: n = 0 gives `None`.
pub fn wilson(_x: usize, _n: usize, _level: f64) -> Option<Interval> {
    todo!()
}

/// Sample quantile, type 7 (Hyndman and Fan 1996); `sorted` ascending and not empty, 0 ≤ p ≤ 1.
pub fn quantile(_sorted: &[f64], _p: f64) -> f64 {
    todo!()
}

/// Median with a distribution-free interval from order statistics (binomial), and the Monte Carlo standard error
/// that the interval implies. `None` for an empty sample. Limits are infinite where the sample is too small.
pub fn median(_values: &[f64], _level: f64) -> Option<(Interval, f64)> {
    todo!()
}

/// Mean, standard deviation (n − 1), or `None` for an empty sample (SD 0 for one value).
pub fn mean_sd(_values: &[f64]) -> Option<(f64, f64)> {
    todo!()
}

/// Paired risk difference P(b) − P(a) on the same patients: estimate, Newcombe (1998) method 10 interval, standard error
/// of the difference sqrt((n10 + n01 − (n10 − n01)²/n))/n.
pub fn paired_risk_difference(_a: &[bool], _b: &[bool], _level: f64) -> Option<(Interval, f64)> {
    todo!()
}

/// Paired mean difference b − a with its t interval and standard error.
pub fn paired_mean_difference(_a: &[f64], _b: &[f64], _level: f64) -> Option<(Interval, f64)> {
    todo!()
}

pub use super::distribution::normal_quantile;
