//! The Kaplan-Meier estimate of a survival curve, its limits and its quantiles.

use super::follow_up::{FollowUp, FollowUpError, Observed, RiskStep, check, risk_table};
use crate::math::statistics::{Interval, normal_deviate};

/// A Kaplan-Meier curve: steps at distinct event times.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    /// Distinct times with at least one event.
    pub times: Vec<f64>,
    /// At risk just before.
    pub at_risk: Vec<usize>,
    /// Events.
    pub events: Vec<usize>,
    /// Survival just after.
    pub survival: Vec<f64>,
    /// Standard error (Greenwood) of the logarithm of the survival; infinite where the survival is 0.
    pub log_error: Vec<f64>,
    /// Standard error (Greenwood) of the survival; NaN where the survival is 0.
    pub standard_error: Vec<f64>,
    /// Lower limit; NaN where the survival is 0.
    pub lower: Vec<f64>,
    /// Upper limit; NaN where the survival is 0.
    pub upper: Vec<f64>,
    /// Last time at which anyone was observed; −∞ for an empty sample.
    pub last: f64,
}

/// How pointwise limits are made symmetric: on which scale z standard errors are added and taken off (R's `conf.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// The survival itself: S ∓ z·se·S.
    Plain,
    /// Its logarithm: S·exp(∓z·se).
    Log,
    /// The logarithm of minus its logarithm: exp(−exp(log(−log S) ± z·se/log S)).
    LogLog,
    /// Its log-odds: those of S ∓ z·se/(1 − S).
    Logit,
    /// The arcsine of its root: sin²(arcsin √S ∓ z·se/2·√(S/(1 − S))).
    Arcsine,
}

impl Transform {
    /// The lower or upper limit (`sign` −1 or 1) at a survival strictly between 0 and 1, cut to that range; `error` is the
    /// standard error of log S times z.
    fn limit(self, survival: f64, error: f64, sign: f64) -> f64 {
        let limit = match self {
            Transform::Plain => survival + sign * error * survival,
            Transform::Log => survival * (sign * error).exp(),
            Transform::LogLog => {
                let log_survival = survival.ln();
                (-((-log_survival).ln() + sign * error / log_survival).exp()).exp()
            }
            Transform::Logit => {
                let log_odds = (survival / (1.0 - survival)).ln() + sign * error / (1.0 - survival);
                1.0 / (1.0 + (-log_odds).exp())
            }
            Transform::Arcsine => {
                let angle =
                    survival.sqrt().asin() + sign * 0.5 * error * (survival / (1.0 - survival)).sqrt();
                angle.clamp(0.0, std::f64::consts::FRAC_PI_2).sin().powi(2)
            }
        };
        limit.clamp(0.0, 1.0)
    }
}

/// Kaplan-Meier estimate of samples watched from the beginning, with log-log limits at confidence `level`.
pub fn kaplan_meier(observed: &[Observed], level: f64) -> KaplanMeier {
    let rows: Vec<FollowUp> = observed.iter().map(|observed| FollowUp::from(*observed)).collect();
    estimate(&risk_table(&rows), Transform::LogLog, level)
}

/// Kaplan-Meier estimate with late entry; limits by `transform` at confidence `level` (0 < `level` < 1).
///
/// As R's `survfit(Surv(start, stop, event) ~ 1, conf.type = )`. With late entry everyone at risk early may have the event,
/// after which the survival stays 0.
pub fn product_limit(
    rows: &[FollowUp],
    transform: Transform,
    level: f64,
) -> Result<KaplanMeier, FollowUpError> {
    check(rows)?;
    Ok(estimate(&risk_table(rows), transform, level))
}

/// The product-limit estimate (Kaplan and Meier 1958), Greenwood's variance of its logarithm Σ d/(n(n − d)), and limits
/// (Kalbfleisch and Prentice 2002, section 1.4; logit and arcsine as in R's `survfit_confint`).
fn estimate(table: &[RiskStep], transform: Transform, level: f64) -> KaplanMeier {
    let z = normal_deviate(level);
    let mut curve = KaplanMeier {
        times: vec![],
        at_risk: vec![],
        events: vec![],
        survival: vec![],
        log_error: vec![],
        standard_error: vec![],
        lower: vec![],
        upper: vec![],
        last: table.last().map_or(f64::NEG_INFINITY, |last| last.time),
    };
    let (mut survival, mut variance) = (1.0, 0.0);
    for step in table.iter().filter(|step| step.events > 0) {
        let (n, d) = (step.at_risk as f64, step.events as f64);
        // Once the survival is 0 the variance of its logarithm is infinite, and stays so.
        survival *= (n - d) / n;
        variance += if survival > 0.0 { d / (n * (n - d)) } else { f64::INFINITY };
        let log_error = variance.sqrt();
        let estimable = survival > 0.0;
        let limit = |sign| if estimable { transform.limit(survival, z * log_error, sign) } else { f64::NAN };
        curve.times.push(step.time);
        curve.at_risk.push(step.at_risk);
        curve.events.push(step.events);
        curve.survival.push(survival);
        curve.log_error.push(log_error);
        curve.standard_error.push(if estimable { survival * log_error } else { f64::NAN });
        curve.lower.push(limit(-1.0));
        curve.upper.push(limit(1.0));
    }
    curve
}

impl KaplanMeier {
    /// Survival at a time with its limits and standard error; (1, 1, 1, 0) before the first event. Where the survival is
    /// 0, limits and standard error are NaN.
    pub fn at(&self, time: f64) -> (Interval, f64) {
        match self.times.partition_point(|event| *event <= time).checked_sub(1) {
            None => (Interval { estimate: 1.0, lower: 1.0, upper: 1.0 }, 0.0),
            Some(step) => {
                let (estimate, lower, upper) = (self.survival[step], self.lower[step], self.upper[step]);
                (Interval { estimate, lower, upper }, self.standard_error[step])
            }
        }
    }

    /// Smallest time with survival ≤ 1 − p, or the middle of the interval over which the survival equals 1 − p; limits
    /// by the same rule on the pointwise limits (Brookmeyer and Crowley 1982). Infinite where not reached.
    pub fn quantile(&self, p: f64) -> Interval {
        Interval {
            estimate: self.first_below(&self.survival, 1.0 - p),
            lower: self.first_below(&self.lower, 1.0 - p),
            upper: self.first_below(&self.upper, 1.0 - p),
        }
    }

    /// Where a falling step curve reaches `target`; NaN never does.
    fn first_below(&self, curve: &[f64], target: f64) -> f64 {
        // Survival is a product of fractions: equal means equal but for rounding (R uses the same tolerance).
        let equal = |value: f64| (value - target).abs() < f64::EPSILON.sqrt();
        match curve.iter().position(|value| *value <= target || equal(*value)) {
            None => f64::INFINITY,
            Some(step) if equal(curve[step]) => {
                let end = curve[step..].iter().position(|value| !equal(*value));
                0.5 * (self.times[step] + end.map_or(self.last, |end| self.times[step + end]))
            }
            Some(step) => self.times[step],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(list: &[(f64, bool)]) -> Vec<Observed> {
        list.iter().map(|(time, event)| Observed { time: *time, event: *event }).collect()
    }

    #[test]
    fn empty_and_uneventful_samples() {
        let curve = kaplan_meier(&[], 0.95);
        assert!(curve.times.is_empty());
        assert_eq!(curve.quantile(0.5).estimate, f64::INFINITY);
        let curve = kaplan_meier(&observed(&[(3.0, false), (5.0, false)]), 0.95);
        assert_eq!(curve.at(10.0), (Interval { estimate: 1.0, lower: 1.0, upper: 1.0 }, 0.0));
        assert_eq!(curve.quantile(0.5).upper, f64::INFINITY);
    }

    #[test]
    fn survival_zero_has_no_limits_but_the_median_has() {
        let curve = kaplan_meier(&observed(&[(1.0, true), (2.0, true), (3.0, true)]), 0.95);
        assert_eq!(curve.survival[2], 0.0);
        assert!(curve.lower[2].is_nan() && curve.standard_error[2].is_nan());
        assert_eq!(curve.quantile(0.5).estimate, 2.0);
    }

    #[test]
    fn median_is_the_middle_of_a_flat_part_at_one_half() {
        let curve = kaplan_meier(&observed(&[(1.0, true), (2.0, true), (6.0, true), (7.0, true)]), 0.95);
        assert_eq!(curve.quantile(0.5).estimate, 4.0);
        let until_the_end =
            kaplan_meier(&observed(&[(1.0, true), (2.0, true), (6.0, false), (9.0, false)]), 0.95);
        assert_eq!(until_the_end.quantile(0.5).estimate, 5.5);
    }
}
