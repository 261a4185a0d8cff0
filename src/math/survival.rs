//! Time-to-event statistics: Kaplan-Meier, Cox.

use super::statistics::Interval;

/// One observation: time, and whether the event happened then (else censored).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// Time.
    pub time: f64,
    /// Event or censored.
    pub event: bool,
}

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
    /// Standard error (Greenwood) of the survival.
    pub standard_error: Vec<f64>,
    /// Lower log-log limit.
    pub lower: Vec<f64>,
    /// Upper log-log limit.
    pub upper: Vec<f64>,
}

/// Kaplan-Meier estimate with Greenwood variance and log-log limits at `level` (Kalbfleisch and Prentice 1980).
pub fn kaplan_meier(_observed: &[Observed], _level: f64) -> KaplanMeier {
    todo!()
}

impl KaplanMeier {
    /// Survival at a time with its limits and standard error; (1, 1, 1, 0) before the first event.
    pub fn at(&self, _time: f64) -> (Interval, f64) {
        todo!()
    }
    /// Smallest time with survival ≤ 1 − p, limits by inverting the pointwise limits (Brookmeyer and Crowley 1982);
    /// infinite where not reached.
    pub fn quantile(&self, _p: f64) -> Interval {
        todo!()
    }
}

/// Number still at risk (time ≥ t) at each of `times`.
pub fn at_risk(_observed: &[Observed], _times: &[f64]) -> Vec<usize> {
    todo!()
}

/// Result of a Cox regression on one binary covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatio {
    /// exp(β) with Wald limits.
    pub ratio: Interval,
    /// β.
    pub coefficient: f64,
    /// Standard error of β.
    pub standard_error: f64,
}

/// Hazard ratio of group b against group a by Cox regression, ties by Efron (1977), Newton-Raphson.
/// `None` when it does not exist (no events, or all in one group: monotone likelihood).
pub fn hazard_ratio(_a: &[Observed], _b: &[Observed], _level: f64) -> Option<HazardRatio> {
    todo!()
}
