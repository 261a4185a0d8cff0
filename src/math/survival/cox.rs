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
