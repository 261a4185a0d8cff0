//! Accelerated failure time: covariates stretch or shrink the time to the event, which is exponential or Weibull.

use super::covariates::{CovariateError, Standard, scales, standardised};
use super::follow_up::{FollowUp, FollowUpError, Observed, check};
use crate::math::maximum::{Local, MaximumError, inverse, maximise};
use crate::math::statistics::{ChiSquareTest, Interval, mean_sd, normal_deviate};
use std::fmt;

/// Distribution of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Constant hazard: scale 1.
    Exponential,
    /// Hazard a power of time, t^(1/scale − 1).
    Weibull,
}

/// A fitted regression: log T = intercept + x·coefficients + scale·W, W the logarithm of a unit exponential time.
#[derive(Debug, Clone, PartialEq)]
pub struct Accelerated {
    /// Intercept, then one coefficient for each covariate.
    pub coefficients: Vec<f64>,
    /// Scale; the Weibull shape is its inverse, and the log hazard ratio of a covariate −coefficient/scale.
    pub scale: f64,
    /// Covariance of the coefficients and, last and if Weibull, of log scale; row-major.
    pub covariance: Vec<f64>,
    /// Log-likelihood of the times.
    pub log_likelihood: f64,
    /// The same with no covariates.
    pub log_likelihood_null: f64,
    /// The likelihood-ratio test of all covariates together.
    pub likelihood_ratio: ChiSquareTest,
    /// Rows.
    pub n: usize,
    /// Events.
    pub events: usize,
}

/// Why there is no fit; rows count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceleratedError {
    /// The rows make no sense.
    FollowUp(FollowUpError),
    /// A time is not positive.
    NotPositive(usize),
    /// The covariates make no sense, or do not tell rows apart.
    Covariates(CovariateError),
    /// Nobody had the event.
    NoEvents,
    /// An estimate is infinite: a group without events, or event times without spread.
    Unbounded,
    /// The maximum was not found.
    NoConvergence,
}

impl fmt::Display for AcceleratedError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FollowUp(error) => write!(out, "{error}"),
            Self::NotPositive(row) => write!(out, "row {}: time has to be positive", row + 1),
            Self::Covariates(error) => write!(out, "{error}"),
            Self::NoEvents => write!(out, "nobody had the event"),
            Self::Unbounded => write!(
                out,
                "an estimate is infinite: some group is without events, or the times of events without spread"
            ),
            Self::NoConvergence => write!(out, "the regression did not converge"),
        }
    }
}

impl std::error::Error for AcceleratedError {}

/// Fits by maximum likelihood. `covariates` are `[covariate][row]` and may be none. As R's `survreg(Surv(time, event) ~ x,
/// dist = )` (Kalbfleisch and Prentice 2002, section 3.6), standard errors from the observed information of (coefficients,
/// log scale).
pub fn accelerated(
    observed: &[Observed],
    covariates: &[Vec<f64>],
    family: Family,
) -> Result<Accelerated, AcceleratedError> {
    let rows: Vec<FollowUp> = observed.iter().map(|observed| FollowUp::from(*observed)).collect();
    check(&rows).map_err(AcceleratedError::FollowUp)?;
    if let Some(row) = observed.iter().position(|observed| observed.time <= 0.0) {
        return Err(AcceleratedError::NotPositive(row));
    }
    let scales = scales(covariates, observed.len()).map_err(AcceleratedError::Covariates)?;
    let events = observed.iter().filter(|observed| observed.event).count();
    if events == 0 {
        return Err(AcceleratedError::NoEvents);
    }
    let likelihood = Likelihood::new(observed, covariates, &scales, family);
    let (fit, log_likelihood) = likelihood.fit()?;
    let (_, log_likelihood_null) = Likelihood::new(observed, &[], &[], family).fit()?;
    let covariance = likelihood.covariance(&fit).ok_or(AcceleratedError::NoConvergence)?;
    let (coefficients, covariance) = unscaled(&fit.coefficients, &covariance, &scales);
    Ok(Accelerated {
        coefficients,
        scale: fit.scale,
        covariance,
        log_likelihood,
        log_likelihood_null,
        likelihood_ratio: ChiSquareTest::new(2.0 * (log_likelihood - log_likelihood_null), covariates.len()),
        n: observed.len(),
        events,
    })
}

/// Coefficients of standardised covariates, and scale.
struct Fit {
    coefficients: Vec<f64>,
    scale: f64,
}

/// In γ = 1/scale and α = γ·coefficients, z = (log t − x·coefficients)/scale is linear and the log-likelihood
/// Σ_events (log γ + z − log t) − Σ exp z concave (Burridge 1981, JRSS B 43:41).
struct Likelihood<'a> {
    observed: &'a [Observed],
    family: Family,
    /// 1 and the standardised covariates of each row.
    x: Vec<Vec<f64>>,
    /// Logarithm of each time, about its mean and over its standard deviation.
    log_time: Vec<f64>,
    standard: Standard,
}

impl<'a> Likelihood<'a> {
    fn new(observed: &'a [Observed], covariates: &[Vec<f64>], scales: &[Standard], family: Family) -> Self {
        let logarithms: Vec<f64> = observed.iter().map(|observed| observed.time.ln()).collect();
        let (mean, sd) = mean_sd(&logarithms).unwrap_or((0.0, 1.0));
        let spread = sd > 1e-13 * (1.0 + mean.abs());
        let standard = Standard { mean, sd: if spread { sd } else { 1.0 } };
        let row = |row| std::iter::once(1.0).chain(standardised(covariates, scales, row)).collect();
        Likelihood {
            observed,
            family,
            x: (0..observed.len()).map(row).collect(),
            log_time: logarithms.iter().map(|log_time| (log_time - standard.mean) / standard.sd).collect(),
            standard,
        }
    }

    fn fit(&self) -> Result<(Fit, f64), AcceleratedError> {
        // From the exponential distribution of the whole sample.
        let total: f64 = self.observed.iter().map(|observed| observed.time).sum();
        let events = self.observed.iter().filter(|observed| observed.event).count();
        let mut start = vec![0.0; self.x[0].len()];
        start[0] = (total / events as f64).ln() - self.standard.mean;
        if self.family == Family::Weibull {
            start.push(self.standard.sd);
        }
        let maximum = maximise(start, |place| self.local(place)).map_err(|error| match error {
            // The intercept comes first, the inverse scale last.
            MaximumError::Flat(at) if (1..self.x[0].len()).contains(&at) => {
                AcceleratedError::Covariates(CovariateError::Collinear(at - 1))
            }
            MaximumError::Flat(_) | MaximumError::Unbounded(_) => AcceleratedError::Unbounded,
            MaximumError::NoConvergence => AcceleratedError::NoConvergence,
        })?;
        let (coefficients, inverse_scale) = self.split(&maximum.place);
        let scale = self.standard.sd / inverse_scale;
        let mut coefficients: Vec<f64> = coefficients.iter().map(|alpha| alpha * scale).collect();
        coefficients[0] += self.standard.mean;
        Ok((Fit { coefficients, scale }, maximum.local.value))
    }

    /// Parameters as α and γ·sd(log t).
    fn split<'b>(&self, place: &'b [f64]) -> (&'b [f64], f64) {
        match (self.family, place.split_last()) {
            (Family::Weibull, Some((last, rest))) => (rest, *last),
            _ => (place, self.standard.sd),
        }
    }

    fn local(&self, place: &[f64]) -> Local {
        let n = place.len();
        let (alpha, gamma) = self.split(place);
        let weibull = self.family == Family::Weibull;
        let mut local = Local { value: 0.0, gradient: vec![0.0; n], information: vec![0.0; n * n] };
        if gamma <= 0.0 {
            local.value = f64::NEG_INFINITY;
            return local;
        }
        for ((observed, x), u) in self.observed.iter().zip(&self.x).zip(&self.log_time) {
            let z = gamma * u - x.iter().zip(alpha).map(|(x, alpha)| x * alpha).sum::<f64>();
            let (event, hazard) = (f64::from(observed.event), z.exp());
            local.value += event * ((gamma / self.standard.sd).ln() + z - observed.time.ln()) - hazard;
            let slope = |at: usize| if at < x.len() { -x[at] } else { *u };
            for j in 0..n {
                local.gradient[j] += (event - hazard) * slope(j);
                for k in 0..=j {
                    local.information[j * n + k] += hazard * slope(j) * slope(k);
                }
            }
            if weibull {
                local.gradient[n - 1] += event / gamma;
                local.information[n * n - 1] += event / (gamma * gamma);
            }
        }
        local
    }

    /// Covariance of (coefficients, log scale) at the maximum, where Σ(δ − exp z)x = 0 and Σ(δ − exp z)z = −Σδ.
    fn covariance(&self, fit: &Fit) -> Option<Vec<f64>> {
        let p = self.x[0].len();
        let n = p + usize::from(self.family == Family::Weibull);
        let mut information = vec![0.0; n * n];
        for (observed, x) in self.observed.iter().zip(&self.x) {
            let linear: f64 = x.iter().zip(&fit.coefficients).map(|(x, coefficient)| x * coefficient).sum();
            let z = (observed.time.ln() - linear) / fit.scale;
            let slope = |at: usize| if at < p { x[at] / fit.scale } else { z };
            for j in 0..n {
                for k in 0..=j {
                    information[j * n + k] += z.exp() * slope(j) * slope(k);
                }
            }
            if n > p {
                information[n * n - 1] += f64::from(observed.event);
            }
        }
        inverse(&information, n)
    }
}

/// Coefficients and covariance for covariates as they came: each over its standard deviation, the intercept less all means.
fn unscaled(coefficients: &[f64], covariance: &[f64], scales: &[Standard]) -> (Vec<f64>, Vec<f64>) {
    let p = coefficients.len();
    let n = covariance.len().isqrt();
    // Element (to, from) of the linear map.
    let map = |to: usize, from: usize| match (to, from) {
        (0, from) if from > 0 && from < p => -scales[from - 1].mean / scales[from - 1].sd,
        _ if to != from => 0.0,
        _ if to > 0 && to < p => scales[to - 1].sd.recip(),
        _ => 1.0,
    };
    let mapped = (0..p).map(|to| (0..p).map(|from| map(to, from) * coefficients[from]).sum()).collect();
    let element = |j: usize, k: usize| {
        (0..n).flat_map(|a| (0..n).map(move |b| map(j, a) * covariance[a * n + b] * map(k, b))).sum()
    };
    (mapped, (0..n * n).map(|at| element(at / n, at % n)).collect())
}

impl Accelerated {
    /// Standard error of a coefficient, 0 the intercept; of log scale after the last of a Weibull fit.
    pub fn standard_error(&self, coefficient: usize) -> f64 {
        self.covariance[coefficient * (self.covariance.len().isqrt() + 1)].sqrt()
    }

    /// exp(coefficient), the ratio of times, with Wald limits; 1 is the first covariate.
    pub fn time_ratio(&self, coefficient: usize, level: f64) -> Interval {
        let half_width = normal_deviate(level) * self.standard_error(coefficient);
        let [estimate, lower, upper] =
            [0.0, -half_width, half_width].map(|shift| (self.coefficients[coefficient] + shift).exp());
        Interval { estimate, lower, upper }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(list: &[(f64, bool)]) -> Vec<Observed> {
        list.iter().map(|(time, event)| Observed { time: *time, event: *event }).collect()
    }

    /// Exponential by hand: rate events/total time in each group, variance of the log rate 1/events.
    #[test]
    fn exponential_rates_are_events_over_time() {
        let sample = observed(&[(1.0, true), (4.0, false), (5.0, true), (2.0, true), (30.0, false)]);
        let group = vec![vec![0.0, 0.0, 0.0, 1.0, 1.0]];
        let fit = accelerated(&sample, &group, Family::Exponential).unwrap();
        assert!((fit.coefficients[0] - 5.0_f64.ln()).abs() < 1e-13);
        assert!((fit.coefficients[1] - (32.0_f64 / 5.0).ln()).abs() < 1e-13);
        assert!((fit.standard_error(0) - 0.5_f64.sqrt()).abs() < 1e-13);
        assert!((fit.standard_error(1) - 1.5_f64.sqrt()).abs() < 1e-13);
        let likelihood = 2.0 * (0.2_f64.ln() - 1.0) + (1.0 / 32.0_f64).ln() - 1.0;
        assert!((fit.log_likelihood - likelihood).abs() < 1e-13);
        let null = 3.0 * ((3.0_f64 / 42.0).ln() - 1.0);
        assert!((fit.log_likelihood_null - null).abs() < 1e-13);
        assert!((fit.time_ratio(1, 0.95).estimate - 6.4).abs() < 1e-12);
    }

    /// A Weibull sample raised to a power: the scale is multiplied by it, and so are the coefficients.
    #[test]
    fn powers_of_times_scale_the_fit() {
        let times = [1.3, 0.2, 4.0, 2.2, 0.9, 7.0, 3.1, 0.5];
        let sample: Vec<_> = times.iter().map(|time| (*time, *time < 5.0)).collect();
        let squares: Vec<_> = times.iter().map(|time| (time * time, *time < 5.0)).collect();
        let dose = vec![vec![1.0, 3.0, 2.0, 2.0, 5.0, 1.0, 2.0, 4.0]];
        let fit = accelerated(&observed(&sample), &dose, Family::Weibull).unwrap();
        let squared = accelerated(&observed(&squares), &dose, Family::Weibull).unwrap();
        assert!((squared.scale / fit.scale - 2.0).abs() < 1e-12);
        for at in 0..2 {
            assert!((squared.coefficients[at] / fit.coefficients[at] - 2.0).abs() < 1e-12);
            assert!((squared.standard_error(at) / fit.standard_error(at) - 2.0).abs() < 1e-11);
        }
        assert!((squared.standard_error(2) / fit.standard_error(2) - 1.0).abs() < 1e-11);
    }

    #[test]
    fn infinite_estimates_are_said() {
        let sample = observed(&[(1.0, true), (4.0, true), (5.0, false), (2.0, false)]);
        let group = vec![vec![0.0, 0.0, 1.0, 1.0]];
        for family in [Family::Exponential, Family::Weibull] {
            assert_eq!(accelerated(&sample, &group, family), Err(AcceleratedError::Unbounded));
            let twice = vec![vec![1.0, 2.0, 0.0, 1.0], vec![3.0, 5.0, 1.0, 3.0]];
            let collinear = Err(AcceleratedError::Covariates(CovariateError::Collinear(1)));
            assert_eq!(accelerated(&sample, &twice, family), collinear);
        }
        let same = observed(&[(3.0, true), (3.0, true)]);
        assert_eq!(accelerated(&same, &[], Family::Weibull), Err(AcceleratedError::Unbounded));
        assert!(
            (accelerated(&same, &[], Family::Exponential).unwrap().coefficients[0] - 3.0_f64.ln()).abs()
                < 1e-14
        );
        assert_eq!(
            accelerated(&observed(&[(3.0, false)]), &[], Family::Weibull),
            Err(AcceleratedError::NoEvents)
        );
        assert_eq!(
            accelerated(&observed(&[(0.0, true)]), &[], Family::Weibull),
            Err(AcceleratedError::NotPositive(0))
        );
    }
}
