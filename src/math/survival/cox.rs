//! Cox regression: the effect of covariates on a hazard whose course in time is left open.

use super::covariates::{CovariateError, Standard, scales};
use super::cox_likelihood::PartialLikelihood;
use super::follow_up::{FollowUp, FollowUpError, check};
use crate::math::distribution::normal_two_sided_tail;
use crate::math::maximum::{Local, MaximumError, inverse, maximise, solve};
use crate::math::statistics::{ChiSquareTest, Interval, normal_deviate};
use std::fmt;

/// What tied events are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// One after the other, in a mean order (Efron 1977): near to the truth, and fast.
    Efron,
    /// All from the full risk set (Breslow 1974).
    Breslow,
    /// Truly simultaneous (Cox 1972, the discrete model): each set of as many subjects could have been the one.
    Exact,
}

/// The rows of a regression. A subject may have several that do not overlap: covariates that change in time.
#[derive(Debug, Clone, Copy)]
pub struct CoxRows<'a> {
    /// Follow-up.
    pub follow_up: &'a [FollowUp],
    /// Covariates: `[covariate][row]`.
    pub covariates: &'a [Vec<f64>],
    /// Stratum of each row, each with a hazard of its own; empty for one stratum.
    pub strata: &'a [usize],
}

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Cox {
    /// Logarithms of hazard ratios, per unit of each covariate.
    pub coefficients: Vec<f64>,
    /// Their covariance, row-major: the inverse of the information at the maximum.
    pub covariance: Vec<f64>,
    /// Log partial likelihood without the covariates.
    pub log_likelihood_null: f64,
    /// Log partial likelihood at the maximum.
    pub log_likelihood: f64,
    /// Wald's test of all coefficients together.
    pub wald: ChiSquareTest,
    /// Rao's score test of the same, at zero.
    pub score: ChiSquareTest,
    /// The likelihood-ratio test of the same.
    pub likelihood_ratio: ChiSquareTest,
    /// Rows.
    pub n: usize,
    /// Events.
    pub events: usize,
}

/// Why there is no fit; covariates and rows count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoxError {
    /// The rows make no sense.
    FollowUp(FollowUpError),
    /// The covariates make no sense, or do not tell rows apart.
    Covariates(CovariateError),
    /// Nobody had the event.
    NoEvents,
    /// The likelihood rises for ever as this coefficient grows (all events in one group, say): the estimate is infinite.
    Monotone(usize),
    /// The maximum was not found.
    NoConvergence,
}

impl fmt::Display for CoxError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FollowUp(error) => write!(out, "{error}"),
            Self::Covariates(error) => write!(out, "{error}"),
            Self::NoEvents => write!(out, "nobody had the event"),
            Self::Monotone(covariate) => write!(
                out,
                "the coefficient of covariate {} is infinite: the likelihood rises for ever (monotone likelihood)",
                covariate + 1
            ),
            Self::NoConvergence => write!(out, "the regression did not converge"),
        }
    }
}

impl std::error::Error for CoxError {}

/// Fits by maximum partial likelihood (Cox 1972, 1975), with Newton's method. As R's `coxph(Surv(start, stop, event) ~ x +
/// strata(s), ties = )`; robust variances and weights are not offered.
pub fn cox(rows: CoxRows, ties: Ties) -> Result<Cox, CoxError> {
    let scales = checked_scales(rows)?;
    let p = rows.covariates.len();
    let likelihood = PartialLikelihood::new(rows, &scales, ties);
    let maximum = maximise(vec![0.0; p], |place| likelihood.local(place)).map_err(|error| match error {
        MaximumError::Flat(covariate) => CoxError::Covariates(CovariateError::Collinear(covariate)),
        MaximumError::Unbounded(covariate) => CoxError::Monotone(covariate),
        MaximumError::NoConvergence => CoxError::NoConvergence,
    })?;
    let Local { value, information, .. } = maximum.local;
    let standardised = inverse(&information, p).ok_or(CoxError::NoConvergence)?;
    let score = solve(&maximum.start.information, &maximum.start.gradient).ok_or(CoxError::NoConvergence)?;
    let score = maximum.start.gradient.iter().zip(&score).map(|(gradient, solved)| gradient * solved).sum();
    let wald = (0..p * p)
        .map(|at| maximum.place[at / p] * symmetric(&information, p, at / p, at % p) * maximum.place[at % p])
        .sum();
    let null = maximum.start.value;
    Ok(Cox {
        coefficients: maximum.place.iter().zip(&scales).map(|(place, scale)| place / scale.sd).collect(),
        covariance: (0..p * p).map(|at| standardised[at] / (scales[at / p].sd * scales[at % p].sd)).collect(),
        log_likelihood_null: null,
        log_likelihood: value,
        wald: ChiSquareTest::new(wald, p),
        score: ChiSquareTest::new(score, p),
        likelihood_ratio: ChiSquareTest::new(2.0 * (value - null), p),
        n: rows.follow_up.len(),
        events: rows.follow_up.iter().filter(|row| row.event).count(),
    })
}

/// The element of a symmetric matrix of which the lower triangle is kept.
fn symmetric(matrix: &[f64], n: usize, row: usize, column: usize) -> f64 {
    matrix[row.max(column) * n + row.min(column)]
}

fn checked_scales(rows: CoxRows) -> Result<Vec<Standard>, CoxError> {
    let n = rows.follow_up.len();
    check(rows.follow_up).map_err(CoxError::FollowUp)?;
    if rows.covariates.is_empty() || !(rows.strata.is_empty() || rows.strata.len() == n) {
        return Err(CoxError::Covariates(CovariateError::Shape));
    }
    if !rows.follow_up.iter().any(|row| row.event) {
        return Err(CoxError::NoEvents);
    }
    scales(rows.covariates, n).map_err(CoxError::Covariates)
}

impl Cox {
    /// Standard error of a coefficient.
    pub fn standard_error(&self, covariate: usize) -> f64 {
        self.covariance[covariate * (self.coefficients.len() + 1)].sqrt()
    }

    /// exp(coefficient) with Wald limits exp(coefficient ∓ z·se).
    pub fn hazard_ratio(&self, covariate: usize, level: f64) -> Interval {
        let half_width = normal_deviate(level) * self.standard_error(covariate);
        let [estimate, lower, upper] =
            [0.0, -half_width, half_width].map(|shift| (self.coefficients[covariate] + shift).exp());
        Interval { estimate, lower, upper }
    }

    /// Two-sided p value of a coefficient, by its z = coefficient/se.
    pub fn p(&self, covariate: usize) -> f64 {
        normal_two_sided_tail(self.coefficients[covariate] / self.standard_error(covariate))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Observed, hazard_ratio};
    use super::*;

    fn rows(list: &[(f64, f64, bool)]) -> Vec<FollowUp> {
        list.iter()
            .map(|(start, stop, event)| FollowUp { start: *start, stop: *stop, event: *event })
            .collect()
    }

    fn fit(follow_up: &[FollowUp], covariates: &[Vec<f64>], ties: Ties) -> Result<Cox, CoxError> {
        cox(CoxRows { follow_up, covariates, strata: &[] }, ties)
    }

    /// Ninety subjects on a grid of times, with many ties; from a linear congruential sequence.
    fn sample() -> (Vec<FollowUp>, Vec<f64>) {
        let mut state = 12_345_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from((state >> 16) % below)
        };
        (0..90)
            .map(|_| {
                let group = next(2);
                let stop = 1.0 + next(12) + 3.0 * group;
                (FollowUp { start: f64::NEG_INFINITY, stop, event: next(3) > 0.0 }, group)
            })
            .unzip()
    }

    #[test]
    fn two_groups_agree_with_the_regression_reduced_to_counts() {
        let (follow_up, group) = sample();
        let of = |wanted: f64| -> Vec<Observed> {
            let members = follow_up.iter().zip(&group).filter(|(_, group)| **group == wanted);
            members.map(|(row, _)| Observed { time: row.stop, event: row.event }).collect()
        };
        let reduced = hazard_ratio(&of(0.0), &of(1.0), 0.95).unwrap();
        let full = fit(&follow_up, &[group], Ties::Efron).unwrap();
        assert!((full.coefficients[0] - reduced.coefficient).abs() < 1e-12);
        assert!((full.standard_error(0) - reduced.standard_error).abs() < 1e-12);
        assert!((full.hazard_ratio(0, 0.95).upper - reduced.ratio.upper).abs() < 1e-12);
    }

    /// Order a, b, a: L = 1/(2 + r) · r/(1 + r), greatest at r = √2; without ties all methods are one.
    #[test]
    fn three_subjects_in_closed_form() {
        let follow_up = rows(&[(0.0, 1.0, true), (0.0, 2.0, true), (0.0, 3.0, true)]);
        let log_likelihood = |r: f64| (r / ((2.0 + r) * (1.0 + r))).ln();
        for ties in [Ties::Efron, Ties::Breslow, Ties::Exact] {
            // Far from zero, and spread out: only differences count.
            let fit = fit(&follow_up, &[vec![1e6, 1e6 + 4.0, 1e6]], ties).unwrap();
            assert!((4.0 * fit.coefficients[0] - 0.5 * 2.0_f64.ln()).abs() < 1e-9);
            assert!((fit.log_likelihood - log_likelihood(2.0_f64.sqrt())).abs() < 1e-14);
            assert!((fit.log_likelihood_null - log_likelihood(1.0)).abs() < 1e-14);
            // U = 1 − 1/3 − 1/2, I = 2/9 + 1/4.
            assert!((fit.score.statistic - (1.0_f64 / 6.0).powi(2) / (17.0 / 36.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_stretch_cut_in_two_changes_nothing() {
        let (follow_up, group) = sample();
        let (mut cut, mut groups) = (follow_up.clone(), group.clone());
        for (row, group) in follow_up.iter().zip(&group).filter(|(row, _)| row.stop > 4.0) {
            cut.push(FollowUp { start: 4.0, ..*row });
            groups.push(*group);
        }
        for row in cut.iter_mut().take(follow_up.len()).filter(|row| row.stop > 4.0) {
            (row.stop, row.event) = (4.0, false);
        }
        for ties in [Ties::Efron, Ties::Breslow, Ties::Exact] {
            let whole = fit(&follow_up, std::slice::from_ref(&group), ties).unwrap();
            let pieces = fit(&cut, std::slice::from_ref(&groups), ties).unwrap();
            assert!((whole.coefficients[0] - pieces.coefficients[0]).abs() < 1e-12);
            assert!((whole.log_likelihood - pieces.log_likelihood).abs() < 1e-11);
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_said() {
        let follow_up = rows(&[(0.0, 1.0, true), (0.0, 2.0, true), (0.0, 3.0, true), (0.0, 4.0, false)]);
        let collinear = |at| Err(CoxError::Covariates(CovariateError::Collinear(at)));
        for ties in [Ties::Efron, Ties::Breslow, Ties::Exact] {
            let fit = |covariates: &[Vec<f64>]| fit(&follow_up, covariates, ties).map(|_| ());
            assert_eq!(fit(&[vec![0.7; 4]]), collinear(0));
            let (x, twice) = (vec![1.0, 3.0, 2.0, 1.5], vec![2.5, 6.5, 4.5, 3.5]);
            assert_eq!(fit(&[x.clone(), twice]), collinear(1));
            assert_eq!(fit(&[vec![1.0, 1.0, 1.0, 0.0]]), Err(CoxError::Monotone(0)));
            assert_eq!(fit(&[x, vec![4.0, 3.0, 2.0, 1.0]]), Err(CoxError::Monotone(1)));
            assert_eq!(fit(&[]), Err(CoxError::Covariates(CovariateError::Shape)));
            let missing = vec![vec![1.0, f64::NAN, 0.0, 0.0]];
            assert_eq!(fit(&missing), Err(CoxError::Covariates(CovariateError::NoNumber(0, 1))));
        }
        let nobody = rows(&[(0.0, 1.0, false), (0.0, 2.0, false)]);
        assert_eq!(fit(&nobody, &[vec![0.0, 1.0]], Ties::Efron), Err(CoxError::NoEvents));
        // A covariate that tells only strata apart.
        let strata =
            CoxRows { follow_up: &follow_up, covariates: &[vec![0.0, 0.0, 1.0, 1.0]], strata: &[3, 3, 5, 5] };
        assert_eq!(cox(strata, Ties::Efron).map(|_| ()), collinear(0));
    }
}
