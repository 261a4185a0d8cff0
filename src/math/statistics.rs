//! Estimates with their intervals.
//!
//! Every function says what it does with an empty or tiny sample; none returns NaN for finite values. Infinite values
//! (a time that was never reached) are allowed where an order is all that is needed. Knows nothing of endpoints or arms.

use super::distribution::{fair_binomial_lower_tail, normal_quantile, student_two_sided_quantile};

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

/// Wilson score interval of a proportion x/n at confidence `level` (Wilson 1927). NaN-free: n = 0 gives `None`.
pub fn wilson(x: usize, n: usize, level: f64) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let z = normal_deviate(level);
    let (successes, trials) = (x as f64, n as f64);
    let estimate = successes / trials;
    let centre = successes + 0.5 * z * z;
    let half_width = z * (successes * (1.0 - estimate) + 0.25 * z * z).sqrt();
    // At the ends one limit is 0 or 1 exactly; rounding must not say otherwise.
    let lower = if x == 0 { 0.0 } else { (centre - half_width) / (trials + z * z) };
    let upper = if x == n { 1.0 } else { (centre + half_width) / (trials + z * z) };
    Some(Interval { estimate, lower, upper })
}

/// Sample quantile, type 7 (Hyndman and Fan 1996); `sorted` ascending and not empty, 0 ≤ p ≤ 1.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * p;
    let below = position.floor();
    let (fraction, index) = (position - below, below as usize);
    let (lower, upper) = (sorted[index], sorted[(index + 1).min(sorted.len() - 1)]);
    // Not interpolated where there is nothing between, so that two infinite values do not give NaN.
    if fraction == 0.0 || lower == upper { lower } else { lower + fraction * (upper - lower) }
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

/// Mean, standard deviation (n − 1), or `None` for an empty sample (SD 0 for one value).
pub fn mean_sd(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, if values.len() == 1 { 0.0 } else { (squares / (n - 1.0)).sqrt() }))
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

/// Paired mean difference b − a with its t interval and standard error; `None` without pairs, infinite limits and error
/// for a single pair. `a` and `b` in the same order.
pub fn paired_mean_difference(a: &[f64], b: &[f64], level: f64) -> Option<(Interval, f64)> {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let (estimate, sd) = mean_sd(&differences)?;
    let n = differences.len();
    if n == 1 {
        let unbounded = Interval { estimate, lower: f64::NEG_INFINITY, upper: f64::INFINITY };
        return Some((unbounded, f64::INFINITY));
    }
    let error = sd / (n as f64).sqrt();
    let half_width = error * student_two_sided_quantile(level, n - 1);
    Some((Interval { estimate, lower: estimate - half_width, upper: estimate + half_width }, error))
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
    fn paired_mean_difference_of_a_textbook_sample() {
        // Differences 1, 2, 3, 4, 5: mean 3, SE sqrt(2.5/5), t(4) = 2.776 445 105 197 794.
        let (interval, error) =
            paired_mean_difference(&[1.0, 1.0, 1.0, 1.0, 1.0], &[2.0, 3.0, 4.0, 5.0, 6.0], 0.95).unwrap();
        assert_close(error, 0.5_f64.sqrt());
        assert_close(interval.estimate, 3.0);
        assert_close(interval.upper, 3.0 + 2.776_445_105_197_794_4 * 0.5_f64.sqrt());
        assert_close(interval.lower, 6.0 - interval.upper);
        assert_eq!(paired_mean_difference(&[1.0], &[3.0], 0.95).unwrap().1, f64::INFINITY);
        assert_eq!(paired_mean_difference(&[], &[], 0.95), None);
    }
}
