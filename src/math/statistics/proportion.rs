//! Proportions: Wilson's and Clopper and Pearson's limits, paired differences.
//!
//! A proportion has limits even where every patient agrees; nothing here returns NaN. Knows nothing of what is counted.

use super::interval::{Interval, normal_deviate};
use crate::math::distribution::{Tail, binomial_limit};

/// Wilson score interval of a proportion x/n at confidence `level` (Wilson 1927). NaN-free: n = 0 gives `None`.
pub fn wilson(x: usize, n: usize, level: f64) -> Option<Interval> {
    wilson_of_share(x as f64, n, level)
}

/// The same of a broken count, as it comes of a percentage: 0 ≤ x ≤ n.
pub fn wilson_of_share(x: f64, n: usize, level: f64) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let z = normal_deviate(level);
    let (successes, trials) = (x, n as f64);
    let estimate = successes / trials;
    let centre = successes + 0.5 * z * z;
    let half_width = z * (successes * (1.0 - estimate) + 0.25 * z * z).sqrt();
    // At the ends one limit is 0 or 1 exactly; rounding must not say otherwise.
    let lower = if x <= 0.0 { 0.0 } else { (centre - half_width) / (trials + z * z) };
    let upper = if x >= trials { 1.0 } else { (centre + half_width) / (trials + z * z) };
    Some(Interval { estimate, lower, upper })
}

/// Clopper and Pearson's limits of a proportion x/n at confidence `level` (Biometrika 26 (1934) 404), which cover at least
/// that often: the proportions under which x or more, and x or fewer, have the probability (1 − level)/2. As R's
/// `binom.test`. n = 0 gives `None`; x counts as n where it is larger.
pub fn clopper_pearson(x: usize, n: usize, level: f64) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let (x, tail) = (x.min(n), 0.5 * (1.0 - level));
    let lower = if x == 0 { 0.0 } else { binomial_limit(x, n, tail, Tail::Upper) };
    let upper = if x == n { 1.0 } else { binomial_limit(x, n, tail, Tail::Lower) };
    Some(Interval { estimate: x as f64 / n as f64, lower, upper })
}

/// Paired risk difference P(b) − P(a) on the same patients: estimate, Newcombe (1998) method 10 interval, standard error
/// of the difference sqrt((n10 + n01 − (n10 − n01)²/n))/n. `None` without patients.
///
/// Newcombe RG, Improved confidence intervals for the difference between binomial proportions based on paired data,
/// Statistics in Medicine 17 (1998) 2635: the Wilson limits of the two proportions are squared and added, with the
/// correlation φ of the 2×2 table, whose numerator is lessened by n/2 where positive. `a` and `b` in the same order.
pub fn paired_risk_difference(a: &[bool], b: &[bool], level: f64) -> Option<(Interval, f64)> {
    let n = a.len().min(b.len());
    let count = |in_a: bool, in_b: bool| a.iter().zip(b).filter(|(a, b)| **a == in_a && **b == in_b).count();
    let (both, only_b, only_a) = (count(true, true), count(false, true), count(true, false));
    let p_a = wilson(both + only_a, n, level)?;
    let p_b = wilson(both + only_b, n, level)?;
    let phi = corrected_phi([both, only_b, only_a, n - both - only_b - only_a].map(|count| count as f64));
    let squared_and_added = |d1: f64, d2: f64| (d1 * d1 - 2.0 * phi * d1 * d2 + d2 * d2).max(0.0).sqrt();
    let (n, difference) = (n as f64, only_b as f64 - only_a as f64);
    let estimate = difference / n;
    let interval = Interval {
        estimate,
        lower: estimate - squared_and_added(p_b.estimate - p_b.lower, p_a.upper - p_a.estimate),
        upper: estimate + squared_and_added(p_b.upper - p_b.estimate, p_a.estimate - p_a.lower),
    };
    let variance = (only_a + only_b) as f64 - difference * difference / n;
    Some((interval, variance.max(0.0).sqrt() / n))
}

/// Correlation of two paired binary variables, its numerator corrected for continuity as in Newcombe's method 10; 0
/// where a margin is empty.
fn corrected_phi([both, only_b, only_a, neither]: [f64; 4]) -> f64 {
    let margins = (both + only_b) * (only_a + neither) * (both + only_a) * (only_b + neither);
    let product = both * neither - only_b * only_a;
    let half = 0.5 * (both + only_b + only_a + neither);
    let corrected = if product > 0.0 { (product - half).max(0.0) } else { product };
    if margins > 0.0 { corrected / margins.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::excessive_precision)] // Expected values keep the digits of their source.
    use super::*;
    use crate::math::statistics::mean_sd;

    /// Expected values have 16 digits (30-digit arithmetic, mpmath) and agree with those printed.
    const TOLERANCE: f64 = 1e-14;

    fn assert_close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= TOLERANCE, "{value} for {expected}");
    }

    #[test]
    fn wilson_interval_as_printed() {
        // 81/263: Newcombe 1998, Statistics in Medicine 17:857, Table I: 0.2553 to 0.3662.
        for (x, n, lower, upper) in [
            (81, 263, 0.255_288_519_878_274_23, 0.366_209_576_982_800_07),
            (3, 10, 0.107_791_267_406_301_02, 0.603_221_852_538_854_68),
            (0, 10, 0.0, 0.277_532_799_862_889_25),
            (10, 10, 0.722_467_200_137_110_75, 1.0),
        ] {
            let interval = wilson(x, n, 0.95).unwrap();
            assert_close(interval.lower, lower);
            assert_close(interval.upper, upper);
            assert!(interval.lower <= interval.estimate && interval.estimate <= interval.upper);
        }
        assert_eq!(wilson(0, 0, 0.95), None);
    }

    /// Patients with an event in both, only in b, only in a, in neither.
    fn pairs([both, only_b, only_a, neither]: [usize; 4]) -> (Vec<bool>, Vec<bool>) {
        [(true, true, both), (false, true, only_b), (true, false, only_a), (false, false, neither)]
            .into_iter()
            .flat_map(|(a, b, times)| std::iter::repeat_n((a, b), times))
            .unzip()
    }

    #[test]
    fn paired_risk_difference_as_printed() {
        // First row: Newcombe 1998, Statistics in Medicine 17:2635, Table III (0.0569 to 0.3404). Second: Fagerland,
        // Lydersen and Laake 2014, Statistics in Medicine 33:2850, airway hyper-responsiveness (-0.507 to -0.026).
        for (table, estimate, lower, upper) in [
            ([36, 12, 2, 0], 0.2, 0.056_929_584_003_238_811, 0.340_427_602_974_940_7),
            ([1, 1, 7, 12], -6.0 / 21.0, -0.506_920_226_686_140_96, -0.025_559_124_164_859_795),
            ([59, 6, 16, 80], -10.0 / 161.0, -0.118_621_195_638_709_93, -0.004_625_113_933_050_055),
            ([0, 0, 0, 5], 0.0, -0.434_482_464_783_174_82, 0.434_482_464_783_174_82),
            ([0, 7, 0, 0], 1.0, 0.498_901_093_167_131_29, 1.0),
        ] {
            let (a, b) = pairs(table);
            let (interval, error) = paired_risk_difference(&a, &b, 0.95).unwrap();
            assert_close(interval.estimate, estimate);
            assert_close(interval.lower, lower);
            assert_close(interval.upper, upper);
            // The same standard error as of the mean of b − a, but with divisor n.
            let differences: Vec<f64> =
                a.iter().zip(&b).map(|(a, b)| f64::from(*b) - f64::from(*a)).collect();
            let n = differences.len() as f64;
            let (_, sd) = mean_sd(&differences).unwrap();
            assert_close(error, sd * ((n - 1.0) / n / n).sqrt());
        }
        assert_eq!(paired_risk_difference(&[], &[], 0.95), None);
    }

    /// Beta quantiles in 40-digit arithmetic (mpmath); R's `binom.test` agrees.
    #[test]
    fn clopper_pearson_limits_are_beta_quantiles() {
        for (x, n, level, lower, upper) in [
            (0, 12, 0.95, 0.0, 0.264_648_469_397_051_2),
            (1, 1, 0.95, 0.025, 1.0),
            (14, 14, 0.9, 0.05_f64.powf(1.0 / 14.0), 1.0),
            (6, 1500, 0.9, 0.001_743_398_097_416_307_081_3, 0.007_879_561_659_899_920_794),
            (88, 90, 0.95, 0.922_022_314_522_336_1, 0.997_297_364_149_852_3),
        ] {
            let interval = clopper_pearson(x, n, level).unwrap();
            assert!((interval.lower - lower).abs() <= 1e-14 * lower, "{x}/{n}: {}", interval.lower);
            assert!((interval.upper - upper).abs() <= 1e-14 * upper, "{x}/{n}: {}", interval.upper);
        }
        assert_eq!(clopper_pearson(0, 0, 0.95), None);
        // A million trials: scipy 1.17.1, beta.ppf.
        let half = clopper_pearson(500_000, 1_000_000, 0.95).unwrap();
        assert!((half.lower / 0.499_019_519_195_311_84 - 1.0).abs() < 1e-12, "{}", half.lower);
        assert!((half.lower + half.upper - 1.0).abs() < 1e-13);
    }
}
