//! Tests of two arms of different patients, as a trial would make them. Two-sided.

use super::plan::{Read, Tested};
use crate::endpoint::Value;
use crate::math::distribution::{normal_two_sided_tail, student_two_sided_quantile};
use crate::math::statistics::mean_sd;
use crate::math::survival::log_rank_z;
use crate::trial::reading;

/// The test of a reading, by name.
pub fn name(tested: &Tested) -> &'static str {
    match tested.read {
        Read::Share(_) => "Pearson's χ² test, without correction",
        Read::Quantity => "Welch's t test, degrees of freedom rounded down",
        Read::Time => "log-rank test",
    }
}

/// Whether the test rejects at a level; `None` where there is no statistic (nobody differs, no events).
pub fn rejects(tested: &Tested, a: &[&Value], b: &[&Value], alpha: f64) -> Option<bool> {
    match &tested.read {
        Read::Share(share) => {
            let known = |values: &[&Value]| {
                values.iter().filter_map(|value| share.holds(value)).collect::<Vec<bool>>()
            };
            chi_square(&known(a), &known(b)).map(|z| normal_two_sided_tail(z) < alpha)
        }
        Read::Quantity => {
            let known = |values: &[&Value]| {
                values.iter().filter_map(|value| reading::quantity(value)).collect::<Vec<f64>>()
            };
            welch(&known(a), &known(b), alpha)
        }
        Read::Time => {
            let known = |values: &[&Value]| {
                values.iter().filter_map(|value| reading::time(value)).collect::<Vec<_>>()
            };
            log_rank_z(&known(a), &known(b)).map(|z| normal_two_sided_tail(z.abs()) < alpha)
        }
    }
}

/// Root of Pearson's χ² of a 2×2 table (Pearson 1900); `None` where a margin is empty.
fn chi_square(a: &[bool], b: &[bool]) -> Option<f64> {
    let count = |truths: &[bool]| truths.iter().filter(|truth| **truth).count() as f64;
    let (n_a, n_b) = (a.len() as f64, b.len() as f64);
    let pooled = (count(a) + count(b)) / (n_a + n_b);
    let variance = pooled * (1.0 - pooled) * (1.0 / n_a + 1.0 / n_b);
    (variance > 0.0 && variance.is_finite())
        .then(|| (count(b) / n_b - count(a) / n_a).abs() / variance.sqrt())
}

/// Welch's test (Biometrika 34 (1947) 28), whose degrees of freedom are rounded down to a whole number.
fn welch(a: &[f64], b: &[f64], alpha: f64) -> Option<bool> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let ((mean_a, sd_a), (mean_b, sd_b)) = (mean_sd(a)?, mean_sd(b)?);
    let (of_a, of_b) = (sd_a * sd_a / a.len() as f64, sd_b * sd_b / b.len() as f64);
    let variance = of_a + of_b;
    if variance <= 0.0 {
        return None;
    }
    let degrees =
        variance * variance / (of_a * of_a / (a.len() as f64 - 1.0) + of_b * of_b / (b.len() as f64 - 1.0));
    let t = (mean_b - mean_a).abs() / variance.sqrt();
    Some(t > student_two_sided_quantile(1.0 - alpha, (degrees as usize).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `chi2_contingency([[8, 12], [15, 5]], correction=False)` gives 5.012787723785166.
    #[test]
    fn pearson_as_scipy() {
        let truths = |yes: usize, no: usize| [vec![true; yes], vec![false; no]].concat();
        let z = chi_square(&truths(8, 12), &truths(15, 5)).expect("a table");
        assert!((z * z - 5.012_787_723_785_166).abs() < 1e-12);
        assert_eq!(chi_square(&truths(0, 5), &truths(0, 5)), None);
        assert_eq!(chi_square(&[], &truths(1, 5)), None);
    }

    /// Means 2 and 5, variances 1 and 4 of 3 and 3: t = 3/√(5/3) = 2.324 with 2.94 degrees of freedom, which count as 2: the
    /// 95 % quantile is 4.303, the 80 % one 1.886.
    #[test]
    fn welch_by_hand() {
        let (a, b) = ([1.0, 2.0, 3.0], [3.0, 5.0, 7.0]);
        assert_eq!(welch(&a, &b, 0.05), Some(false));
        assert_eq!(welch(&a, &b, 0.20), Some(true));
        assert_eq!(welch(&a, &a, 0.99), Some(false));
        assert_eq!(welch(&[1.0, 1.0], &[1.0, 1.0], 0.05), None);
        assert_eq!(welch(&[1.0], &[1.0, 2.0], 0.05), None);
    }
}
