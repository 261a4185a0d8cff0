//! How well a prediction meets an observation, and the normal observation that stands for it near the present ensemble.
//!
//! A count x of n is binomial, its logit normal about the predicted one with the standard deviation between trials and the
//! Monte Carlo error of the prediction. The loss of an endpoint is its deviance: minus twice the logarithm of the likelihood, freed
//! of the highest value that it could have.

use super::problem::{Observation, Observed, Predicted, logistic};

/// Nodes of the integral over the random effect, on either side of its middle: the trapezoidal rule over ±8 SD converges
/// exponentially for what falls off like a normal density (Trefethen and Weideman 2014, SIAM Rev. 56:385).
const NODES: i32 = 32;
const REACH: f64 = 8.0;
/// Logits between which the highest likelihood is sought.
const LARGEST_LOGIT: f64 = 40.0;

/// Normal observation of a predicted value: mean and variance, without the ensemble's own spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Site {
    pub value: f64,
    pub variance: f64,
}

/// Variance of a prediction about the observation's own expectation, sampling aside.
fn spread(observation: &Observation, predicted: Predicted) -> f64 {
    observation.between_trials * observation.between_trials + predicted.error * predicted.error
}

/// The normal observation that, times a normal density of the logit, has the mean and variance that the binomial likelihood times
/// that density has (moment matching; Minka 2001, UAI 17:362). The density is that of the logit over the ensemble: predicted mean, and
/// `variance` of the ensemble; random effects come on top. So it stays finite at 0 of n, and sees the tail of its likelihood.
pub(super) fn site(observation: &Observation, predicted: Predicted, variance: f64) -> Site {
    let more = spread(observation, predicted);
    let found = match observation.observed {
        Observed::Value { value, error } => Site { value, variance: error * error + more },
        Observed::Count { x, n } => {
            let seen = working(x, n, predicted.value, variance + more);
            Site { variance: seen.variance + more, ..seen }
        }
    };
    // A weight multiplies the logarithm of the likelihood, and with it the precision.
    Site { variance: found.variance / observation.weight, ..found }
}

/// The same for the logit itself, random effects included in the density.
fn working(x: f64, n: f64, mean: f64, variance: f64) -> Site {
    let logit = mode(x, n, mean, variance);
    let p = logistic(logit);
    let information = n * p * (1.0 - p);
    let sd = (1.0 / (information + 1.0 / variance)).sqrt();
    let step = REACH / f64::from(NODES);
    let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
    let height = |at: f64| log_binomial(x, n, at) - 0.5 * (at - mean) * (at - mean) / variance;
    let top = height(logit);
    for node in -NODES..=NODES {
        let distance = sd * f64::from(node) * step;
        let density = libm::exp(height(logit + distance) - top);
        sum += density;
        first += density * distance;
        second += density * distance * distance;
    }
    let centre = first / sum;
    let precision = 1.0 / (second / sum - centre * centre) - 1.0 / variance;
    if precision > 0.0 && precision.is_finite() {
        let value = logit + centre + (logit + centre - mean) / (variance * precision);
        return Site { value, variance: 1.0 / precision };
    }
    // A density so narrow that the likelihood changes nothing: its slope and curvature there (Laplace).
    Site { value: logit + (x - n * p) / information, variance: 1.0 / information }
}

/// Where the binomial likelihood times a normal density of the logit is highest. The logarithm is concave: Newton's steps,
/// halved by bisection where they leave the bracket.
fn mode(x: f64, n: f64, mean: f64, variance: f64) -> f64 {
    let slope = |logit: f64| x - n * logistic(logit) - (logit - mean) / variance;
    // The slope is below x − (logit − mean)/variance and above x − n − (logit − mean)/variance.
    let (mut lower, mut upper) = (mean - variance * (n - x), mean + variance * x);
    let mut logit = mean.clamp(lower, upper);
    for _ in 0..200 {
        let (found, p) = (slope(logit), logistic(logit));
        if found > 0.0 {
            lower = logit;
        } else {
            upper = logit;
        }
        let newton = logit + found / (n * p * (1.0 - p) + 1.0 / variance);
        let next = if newton > lower && newton < upper { newton } else { 0.5 * (lower + upper) };
        if (next - logit).abs() <= 1e-12 * (1.0 + logit.abs()) {
            return next;
        }
        logit = next;
    }
    logit
}

/// Loss of an endpoint: its deviance times its weight; 0 at best.
pub fn deviance(observation: &Observation, predicted: Predicted) -> f64 {
    let more = spread(observation, predicted);
    observation.weight
        * match observation.observed {
            Observed::Value { value, error } => {
                let distance = predicted.value - value;
                distance * distance / (error * error + more)
            }
            Observed::Count { x, n } => {
                let best = highest(|logit| log_likelihood(x, n, logit, more));
                (2.0 * (best - log_likelihood(x, n, predicted.value, more))).max(0.0)
            }
        }
}

/// Logarithm of pˣ(1 − p)ⁿ⁻ˣ, its logit normal about `logit`.
fn log_likelihood(x: f64, n: f64, logit: f64, variance: f64) -> f64 {
    if variance <= 0.0 {
        return log_binomial(x, n, logit);
    }
    let (sd, step) = (variance.sqrt(), REACH / f64::from(NODES));
    let nodes = (-NODES..=NODES).map(|node| {
        let u = f64::from(node) * step;
        log_binomial(x, n, logit + sd * u) - 0.5 * u * u
    });
    let terms: Vec<f64> = nodes.collect();
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = terms.iter().map(|term| libm::exp(term - largest)).sum();
    largest + libm::log(sum * step / std::f64::consts::TAU.sqrt())
}

/// x ln p + (n − x) ln(1 − p), from the logit without loss.
fn log_binomial(x: f64, n: f64, logit: f64) -> f64 {
    let softplus = |it: f64| it.max(0.0) + libm::log1p(libm::exp(-it.abs()));
    -x * softplus(-logit) - (n - x) * softplus(logit)
}

/// The highest value of a function with one summit: golden sections (Kiefer 1953).
fn highest(function: impl Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut lower, mut upper) = (-LARGEST_LOGIT, LARGEST_LOGIT);
    let (mut a, mut b) = (upper - ratio * (upper - lower), lower + ratio * (upper - lower));
    let (mut at_a, mut at_b) = (function(a), function(b));
    for _ in 0..60 {
        if at_a >= at_b {
            (upper, b, at_b) = (b, a, at_a);
            a = upper - ratio * (upper - lower);
            at_a = function(a);
        } else {
            (lower, a, at_a) = (a, b, at_b);
            b = lower + ratio * (upper - lower);
            at_b = function(b);
        }
    }
    at_a.max(at_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(x: f64, n: f64, between_trials: f64) -> Observation {
        let observed = Observed::Count { x, n };
        Observation { trial: String::new(), endpoint: String::new(), observed, between_trials, weight: 1.0 }
    }

    fn exactly(value: f64) -> Predicted {
        Predicted { value, error: 0.0 }
    }

    /// 2 (x ln(x/(n p)) + (n − x) ln((n − x)/(n − n p))): the binomial deviance of McCullagh and Nelder 1989, section 4.4.3.
    #[test]
    fn without_random_effects_the_loss_is_the_binomial_deviance() {
        for (x, n, p) in
            [(3.0_f64, 44.0_f64, 0.2_f64), (14.0, 25.0, 0.675), (1.3, 44.0, 0.034), (43.0, 44.0, 0.5)]
        {
            let expected = 2.0 * (x * (x / (n * p)).ln() + (n - x) * ((n - x) / (n - n * p)).ln());
            let found = deviance(&count(x, n, 0.0), exactly((p / (1.0 - p)).ln()));
            assert!((found - expected).abs() < 1e-9, "{x}/{n} at {p}: {found}, not {expected}");
        }
        // None of n: −2 n ln(1 − p), the best being 0.
        let found = deviance(&count(0.0, 25.0, 0.0), exactly((0.08_f64 / 0.92).ln()));
        assert!((found + 50.0 * 0.92_f64.ln()).abs() < 1e-9, "{found}");
    }

    /// Against Simpson's rule over the probability instead of the logit: ∫ pˣ(1−p)ⁿ⁻ˣ density(p) dp.
    #[test]
    fn the_random_effect_is_integrated_out() {
        let (x, n, mean, sd) = (11.0_f64, 34.0_f64, -0.2_f64, 0.65_f64);
        let density = |p: f64| {
            let u = ((p / (1.0 - p)).ln() - mean) / sd;
            (-0.5 * u * u).exp() / (sd * std::f64::consts::TAU.sqrt() * p * (1.0 - p))
        };
        let integrand = |p: f64| (x * p.ln() + (n - x) * (1.0 - p).ln()).exp() * density(p);
        let steps = 20_000;
        let h = 1.0 / f64::from(steps);
        let inner = |k: i32| (if k % 2 == 1 { 4.0 } else { 2.0 }) * integrand(f64::from(k) * h);
        let expected = ((1..steps).map(inner).sum::<f64>() * h / 3.0).ln();
        let found = log_likelihood(x, n, mean, sd * sd);
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    }

    /// Under a flat density of the logit p has a beta distribution: mean ψ(x) − ψ(n − x) of the logit, variance ψ'(x) + ψ'(n − x).
    #[test]
    fn the_working_observation_of_a_wide_ensemble_has_the_moments_of_a_beta_distribution() {
        let found = site(&count(14.0, 44.0, 0.0), exactly(0.5), 1e9);
        let harmonic = |n: i32| (1..n).map(|k| 1.0 / f64::from(k)).sum::<f64>();
        let squares = |n: i32| (1..n).map(|k| 1.0 / f64::from(k * k)).sum::<f64>();
        let mean = harmonic(14) - harmonic(30);
        let variance = std::f64::consts::PI.powi(2) / 3.0 - squares(14) - squares(30);
        assert!((found.value - mean).abs() < 1e-6, "{found:?}, not {mean}");
        assert!((found.variance - variance).abs() < 1e-6, "{found:?}, not {variance}");
    }

    /// Near a point the likelihood is what its slope and curvature are there.
    #[test]
    fn the_working_observation_of_a_narrow_ensemble_is_that_of_generalised_linear_models() {
        let (p, found) = (logistic(0.5), site(&count(14.0, 44.0, 0.0), exactly(0.5), 1e-6));
        let information = 44.0 * p * (1.0 - p);
        assert!((found.value - (0.5 + (14.0 - 44.0 * p) / information)).abs() < 1e-3, "{found:?}");
        assert!((found.variance * information - 1.0).abs() < 1e-3, "{found:?}");
        let point = site(&count(14.0, 44.0, 0.0), exactly(0.5), 1e-300);
        assert!((point.variance * information - 1.0).abs() < 1e-6, "{point:?}");
    }

    #[test]
    fn none_of_n_has_a_working_observation_that_draws_downwards() {
        let found = site(&count(0.0, 16.0, 0.4), exactly(-1.0), 0.5);
        assert!(found.value.is_finite() && found.value < -1.5 && found.variance > 0.16, "{found:?}");
        let mode = mode(0.0, 16.0, -1.0, 0.66);
        let slope = -16.0 * logistic(mode) - (mode + 1.0) / 0.66;
        assert!(slope.abs() < 1e-9, "{slope}");
    }

    #[test]
    fn weight_and_error_act_on_both() {
        let half = Observation { weight: 0.5, ..count(20.0, 40.0, 0.0) };
        let whole = count(20.0, 40.0, 0.0);
        let at = exactly(1.0);
        assert_eq!(deviance(&half, at), 0.5 * deviance(&whole, at));
        assert_eq!(site(&half, at, 1.0).variance, 2.0 * site(&whole, at, 1.0).variance);
        assert!(deviance(&whole, Predicted { error: 0.5, ..at }) < deviance(&whole, at));
    }
}
