//! Means, spreads and their geometric counterparts.
//!
//! Every function says what it does with an empty or tiny sample; none returns NaN for finite values.

use super::interval::Interval;
use super::quantile::quantile;
use crate::math::distribution::{normal_quantile, student_two_sided_quantile};

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

/// Geometric mean, and geometric coefficient of variation √(exp(s²) − 1) with s² the variance of the logarithms (divisor
/// n − 1; Kirkwood 1979, Biometrics 35:908), of the positive values; `None` if there are none (coefficient 0 for one).
pub fn geometric(values: &[f64]) -> Option<(f64, f64)> {
    let logarithms: Vec<f64> = values.iter().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
    let (mean, sd) = mean_sd(&logarithms)?;
    Some((mean.exp(), (sd * sd).exp_m1().sqrt()))
}

/// Median absolute deviation from the median over the normal 0.75 quantile, which makes it the standard deviation of a
/// normal sample (Hampel 1974; R's `mad`); `None` for an empty sample.
pub fn median_absolute_deviation(values: &[f64]) -> Option<f64> {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then(|| quantile(&values, 0.5))
    };
    let median = middle(values.to_vec())?;
    let deviations = values.iter().map(|value| (value - median).abs()).collect();
    Some(middle(deviations)? / normal_quantile(0.75))
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

    #[test]
    fn geometric_statistics_leave_out_what_is_not_positive() {
        // Logarithms 0, ln 2, ln 4: mean ln 2, variance (ln 2)².
        let (mean, variation) = geometric(&[0.0, 1.0, 2.0, 4.0, -3.0]).unwrap();
        assert_close(mean, 2.0);
        assert_close(variation, (2.0_f64.ln().powi(2).exp() - 1.0).sqrt());
        assert_eq!(geometric(&[0.0]), None);
        assert_eq!(geometric(&[5.0]).unwrap().1, 0.0);
    }

    #[test]
    fn median_absolute_deviation_of_a_small_sample() {
        // Median 3, deviations 2, 1, 0, 1, 97: median 1. The factor is R's 1.4826, here to all digits.
        let deviation = median_absolute_deviation(&[1.0, 2.0, 3.0, 4.0, 100.0]).unwrap();
        assert_close(deviation, 1.482_602_218_505_602);
        assert_eq!(median_absolute_deviation(&[]), None);
    }
}
