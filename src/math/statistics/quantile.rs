//! Sample quantiles, and the median with distribution-free limits.
//!
//! Infinite values (a time that was never reached) are allowed: an order is all that is needed.

use super::interval::{Interval, normal_deviate};
use crate::math::distribution::fair_binomial_lower_tail;

/// Sample quantile, type 7 (Hyndman and Fan 1996); `sorted` ascending and not empty, 0 ≤ p ≤ 1.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * p;
    let below = position.floor();
    let (fraction, index) = (position - below, below as usize);
    let (lower, upper) = (sorted[index], sorted[(index + 1).min(sorted.len() - 1)]);
    // Not interpolated where there is nothing between, so that two infinite values do not give NaN.
    if fraction == 0.0 || lower == upper { lower } else { lower + fraction * (upper - lower) }
}

/// The nine definitions of a sample quantile, numbered as in Hyndman and Fan (The American Statistician 50 (1996) 361) and
/// R's `quantile(type = )`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantileType {
    /// 1: inverse of the empirical distribution function.
    InverseDistribution,
    /// 2: the same, averaged at its steps (SAS's default).
    AveragedSteps,
    /// 3: the nearest order statistic, the even one where two are as near.
    NearestEven,
    /// 4: linear interpolation of the empirical distribution function.
    LinearDistribution,
    /// 5: Hazen's, linear between the midpoints of the steps.
    Hazen,
    /// 6: Weibull's, p = k/(n + 1) (Minitab, SPSS).
    Weibull,
    /// 7: Gumbel's, p = (k − 1)/(n − 1) (R's default, and of this project).
    Gumbel,
    /// 8: about median-unbiased whatever the distribution.
    MedianUnbiased,
    /// 9: Blom's, about unbiased for a normal sample.
    Blom,
}

impl QuantileType {
    /// The type of a number from 1 to 9.
    pub fn numbered(number: usize) -> Option<Self> {
        use QuantileType::*;
        let types = [
            InverseDistribution,
            AveragedSteps,
            NearestEven,
            LinearDistribution,
            Hazen,
            Weibull,
            Gumbel,
            MedianUnbiased,
            Blom,
        ];
        types.get(number.checked_sub(1)?).copied()
    }
}

/// Sample quantile of a chosen type; `sorted` ascending and not empty, 0 ≤ p ≤ 1.
///
/// Hyndman and Fan, equation 1: (1 − γ)x_j + γx_{j+1} with j = ⌊np + m⌋. A position within rounding of a whole number counts
/// as whole (R from 4.3 on for all types but 7), so that 7 % of 100 values is the seventh and not the eighth.
pub fn quantile_of_type(sorted: &[f64], p: f64, kind: QuantileType) -> f64 {
    let n = sorted.len() as f64;
    let m = match kind {
        QuantileType::Gumbel => return quantile(sorted, p),
        QuantileType::InverseDistribution
        | QuantileType::AveragedSteps
        | QuantileType::LinearDistribution => 0.0,
        QuantileType::NearestEven => -0.5,
        QuantileType::Hazen => 0.5,
        QuantileType::Weibull => p,
        QuantileType::MedianUnbiased => (p + 1.0) / 3.0,
        QuantileType::Blom => 0.25 * p + 0.375,
    };
    let position = n * p + m;
    let hair = 4.0 * f64::EPSILON * position.abs().max(1.0);
    let below = (position + hair).floor();
    let between = if position - below <= hair { 0.0 } else { position - below };
    let share = match kind {
        QuantileType::InverseDistribution => f64::from(between > 0.0),
        QuantileType::AveragedSteps => 0.5 * (1.0 + f64::from(between > 0.0)),
        QuantileType::NearestEven => f64::from(between > 0.0 || below.rem_euclid(2.0) == 1.0),
        _ => between,
    };
    // Order statistics from 1; beyond the ends it is the end.
    let order = |rank: f64| sorted[(rank.clamp(1.0, n) - 1.0) as usize];
    let (lower, upper) = (order(below), order(below + 1.0));
    if share == 0.0 || lower == upper {
        lower
    } else if share == 1.0 {
        upper
    } else {
        (1.0 - share) * lower + share * upper
    }
}

/// Median with a distribution-free interval from order statistics (binomial), and the Monte Carlo standard error
/// that the interval implies. `None` for an empty sample. Limits are infinite where the sample is too small.
///
/// The limits are the k-th smallest and k-th largest value with the largest k for which the coverage 1 − 2P(X < k), X
/// binomial(n, 1/2), is at least `level` (Conover 1999, section 3.2). The standard error is half their distance
/// over the normal deviate of the coverage attained.
pub fn median(values: &[f64], level: f64) -> Option<(Interval, f64)> {
    if values.is_empty() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let estimate = quantile(&sorted, 0.5);
    let allowed = 0.5 * (1.0 - level);
    let tail = fair_binomial_lower_tail(sorted.len(), allowed);
    let rank = tail.iter().take_while(|probability| **probability <= allowed).count();
    if rank == 0 {
        let unbounded = Interval { estimate, lower: f64::NEG_INFINITY, upper: f64::INFINITY };
        return Some((unbounded, f64::INFINITY));
    }
    let (lower, upper) = (sorted[rank - 1], sorted[sorted.len() - rank]);
    let half_width = if lower == upper { 0.0 } else { 0.5 * (upper - lower) };
    Some((Interval { estimate, lower, upper }, half_width / normal_deviate(1.0 - 2.0 * tail[rank - 1])))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::excessive_precision)] // Expected values keep the digits of their source.
    use super::*;

    /// Expected values have 16 digits (30-digit arithmetic, mpmath) and agree with those printed.
    const TOLERANCE: f64 = 1e-14;

    fn assert_close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= TOLERANCE, "{value} for {expected}");
    }

    #[test]
    fn median_limits_are_order_statistics() {
        // n = 10: ranks 2 and 9, coverage 97.85 % (Conover 1999, Table A3).
        let values: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        let (interval, error) = median(&values, 0.95).unwrap();
        assert_eq!(interval, Interval { estimate: 5.5, lower: 2.0, upper: 9.0 });
        assert_close(error, 3.5 / normal_deviate(1.0 - 22.0 / 1024.0));
        // n = 6 is the smallest sample with 95 % limits; n = 5 has none.
        assert_eq!(
            median(&values[..6], 0.95).unwrap().0,
            Interval { estimate: 7.5, lower: 5.0, upper: 10.0 }
        );
        assert_eq!(median(&values[..5], 0.95).unwrap().0.upper, f64::INFINITY);
        assert_eq!(median(&[], 0.95), None);
        // Times never reached are infinite, and stay so.
        let (interval, error) = median(&[f64::INFINITY; 9], 0.95).unwrap();
        assert_eq!((interval.estimate, interval.lower, error), (f64::INFINITY, f64::INFINITY, 0.0));
    }

    #[test]
    fn quantiles_of_a_small_sample_by_hand() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        // np + m = 1 + m for p = 1/4.
        for (number, expected) in [
            (1, 1.0),
            (2, 1.5),
            (3, 1.0), // 0.5 lies between none and the first.
            (4, 1.0),
            (5, 1.5),
            (6, 1.25),
            (7, 1.75),
            (8, 1.0 + 5.0 / 12.0),
            (9, 1.4375),
        ] {
            let kind = QuantileType::numbered(number).unwrap();
            assert_close(quantile_of_type(&sorted, 0.25, kind), expected);
            assert_eq!(quantile_of_type(&sorted, 0.0, kind), 1.0);
            assert_eq!(quantile_of_type(&sorted, 1.0, kind), 8.0);
            assert_eq!(quantile_of_type(&[3.0], 0.3, kind), 3.0);
        }
        assert_eq!(QuantileType::numbered(0), None);
        assert_eq!(QuantileType::numbered(10), None);
    }

    #[test]
    fn seven_percent_of_a_hundred_is_the_seventh_value() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        // 0.07 · 100 is 7.000000000000001 in binary.
        assert_eq!(quantile_of_type(&sorted, 0.07, QuantileType::InverseDistribution), 7.0);
        assert_eq!(quantile_of_type(&sorted, 0.07, QuantileType::AveragedSteps), 7.5);
        // 0.29 · 100 is 28.999999999999996.
        assert_eq!(quantile_of_type(&sorted, 0.29, QuantileType::AveragedSteps), 29.5);
    }
}
