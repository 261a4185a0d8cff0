//! Restricted mean survival time: the area under a survival curve up to a horizon.

use super::kaplan_meier::KaplanMeier;
use crate::math::statistics::{Interval, normal_deviate};
use std::fmt;

/// A mean time without the event within the first τ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The mean, time.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RestrictedMeanError {
    /// The horizon is not a positive number.
    NoHorizon,
    /// Follow-up ended at this time, before the horizon, while some were without the event.
    BeyondFollowUp(f64),
}

impl fmt::Display for RestrictedMeanError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHorizon => write!(out, "the horizon of a restricted mean has to be positive"),
            Self::BeyondFollowUp(last) => {
                write!(out, "the horizon of a restricted mean is beyond the end of follow-up, {last}")
            }
        }
    }
}

impl std::error::Error for RestrictedMeanError {}

/// ∫₀^τ S(t) dt with the variance Σ A_j² d_j/(n_j(n_j − d_j)), A_j the area from event time t_j to τ (Irwin 1949; Klein and
/// Moeschberger 2003, equations 4.5.1 and 4.5.2).
///
/// The variance is that of R's `print(survfit(...), rmean = tau)` and of survRM2, without the factor m/(m − 1) that some
/// programs apply. R carries the curve on beyond the last time; here as in survRM2 that is an error.
pub fn restricted_mean(curve: &KaplanMeier, tau: f64) -> Result<RestrictedMean, RestrictedMeanError> {
    if !(tau > 0.0 && tau.is_finite()) {
        return Err(RestrictedMeanError::NoHorizon);
    }
    if tau > curve.last && curve.survival.last().is_none_or(|survival| *survival > 0.0) {
        return Err(RestrictedMeanError::BeyondFollowUp(curve.last));
    }
    let within = curve.times.partition_point(|time| *time <= tau);
    let (mut area, mut variance, mut end) = (0.0, 0.0, tau);
    for step in (0..within).rev() {
        let time = curve.times[step].max(0.0);
        area += (end - time) * curve.survival[step];
        end = time;
        let (n, d) = (curve.at_risk[step] as f64, curve.events[step] as f64);
        // Where the survival falls to 0 nothing is left to vary.
        if n > d {
            variance += area * area * d / (n * (n - d));
        }
    }
    Ok(RestrictedMean { mean: area + end, standard_error: variance.sqrt() })
}

impl RestrictedMean {
    /// The mean between normal limits.
    pub fn interval(&self, level: f64) -> Interval {
        let half_width = normal_deviate(level) * self.standard_error;
        Interval { estimate: self.mean, lower: self.mean - half_width, upper: self.mean + half_width }
    }

    /// This mean minus that of an independent sample, between normal limits.
    pub fn minus(&self, other: &Self, level: f64) -> Interval {
        let standard_error = self.standard_error.hypot(other.standard_error);
        RestrictedMean { mean: self.mean - other.mean, standard_error }.interval(level)
    }
}

#[cfg(test)]
mod tests {
    use super::super::follow_up::Observed;
    use super::super::kaplan_meier::kaplan_meier;
    use super::*;

    fn curve(list: &[(f64, bool)]) -> KaplanMeier {
        let observed: Vec<_> =
            list.iter().map(|(time, event)| Observed { time: *time, event: *event }).collect();
        kaplan_meier(&observed, 0.95)
    }

    /// Without censoring the restricted mean is the mean of min(T, τ) and its variance that of the sample with divisor n².
    #[test]
    fn without_censoring_it_is_the_mean_of_the_cut_times() {
        let times = [1.0, 2.0, 2.0, 5.0, 7.0, 11.0];
        let curve = curve(&times.map(|time| (time, true)));
        for tau in [0.5, 2.0, 6.0, 11.0, 50.0] {
            let cut = times.map(|time: f64| time.min(tau));
            let mean = cut.iter().sum::<f64>() / 6.0;
            let variance: f64 = cut.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / 36.0;
            let result = restricted_mean(&curve, tau).unwrap();
            assert!((result.mean - mean).abs() < 1e-14);
            assert!((result.standard_error - variance.sqrt()).abs() < 1e-14);
        }
    }

    #[test]
    fn no_mean_beyond_what_was_watched() {
        let censored = curve(&[(1.0, true), (4.0, false)]);
        assert_eq!(restricted_mean(&censored, 5.0), Err(RestrictedMeanError::BeyondFollowUp(4.0)));
        assert_eq!(restricted_mean(&censored, 4.0).unwrap().mean, 2.5);
        assert_eq!(restricted_mean(&censored, 0.0), Err(RestrictedMeanError::NoHorizon));
        assert!(restricted_mean(&curve(&[]), 1.0).is_err());
        let nobody = curve(&[(4.0, false)]);
        let all = restricted_mean(&nobody, 3.0).unwrap();
        assert_eq!((all.mean, all.standard_error), (3.0, 0.0));
        let difference = all.minus(&restricted_mean(&censored, 3.0).unwrap(), 0.95);
        assert_eq!(difference.estimate, 1.0);
    }
}
