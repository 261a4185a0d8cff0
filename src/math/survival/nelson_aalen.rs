//! The Nelson-Aalen estimate of a cumulative hazard.

use super::follow_up::{FollowUp, FollowUpError, check, risk_table};
use crate::math::statistics::{Interval, normal_deviate};

/// What tied events add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TiedHazard {
    /// d/n, variance d/n²: all see the same risk set (Nelson 1972, Aalen 1978; R's `survfit(ctype = 1)`).
    Together,
    /// Σ 1/(n − l), variance Σ 1/(n − l)², l from 0 to d − 1: one after the other (Fleming and Harrington 1984; R's
    /// `survfit(ctype = 2)`).
    OneByOne,
}

/// A cumulative hazard: steps at distinct event times.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeHazard {
    /// Distinct times with at least one event.
    pub times: Vec<f64>,
    /// Cumulative hazard just after.
    pub hazard: Vec<f64>,
    /// Its standard error.
    pub standard_error: Vec<f64>,
}

/// Cumulative hazard of rows of follow-up, late entry allowed.
pub fn nelson_aalen(rows: &[FollowUp], tied: TiedHazard) -> Result<CumulativeHazard, FollowUpError> {
    check(rows)?;
    let mut curve = CumulativeHazard { times: vec![], hazard: vec![], standard_error: vec![] };
    let (mut hazard, mut variance) = (0.0, 0.0);
    for step in risk_table(rows).iter().filter(|step| step.events > 0) {
        let (n, d) = (step.at_risk as f64, step.events as f64);
        match tied {
            TiedHazard::Together => {
                hazard += d / n;
                variance += d / (n * n);
            }
            TiedHazard::OneByOne => {
                for left in (0..step.events).map(|earlier| n - earlier as f64) {
                    hazard += left.recip();
                    variance += left.powi(-2);
                }
            }
        }
        curve.times.push(step.time);
        curve.hazard.push(hazard);
        curve.standard_error.push(variance.sqrt());
    }
    Ok(curve)
}

impl CumulativeHazard {
    /// Cumulative hazard at a time, and its standard error; (0, 0) before the first event.
    pub fn at(&self, time: f64) -> (f64, f64) {
        match self.times.partition_point(|event| *event <= time).checked_sub(1) {
            None => (0.0, 0.0),
            Some(step) => (self.hazard[step], self.standard_error[step]),
        }
    }

    /// Cumulative hazard at a time between limits that are symmetric on the log scale, H·exp(∓z·se/H), which keeps them
    /// positive (Klein and Moeschberger 2003, equation 4.3.5 carried over to H); all 0 before the first event.
    pub fn interval(&self, time: f64, level: f64) -> Interval {
        let (estimate, error) = self.at(time);
        let factor = if estimate > 0.0 { (normal_deviate(level) * error / estimate).exp() } else { 1.0 };
        Interval { estimate, lower: estimate / factor, upper: estimate * factor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_a_small_sample_by_hand() {
        let row = |stop, event| FollowUp { start: f64::NEG_INFINITY, stop, event };
        let rows = [row(1.0, true), row(2.0, false), row(3.0, true), row(3.0, true)];
        let together = nelson_aalen(&rows, TiedHazard::Together).unwrap();
        assert_eq!(together.at(0.5), (0.0, 0.0));
        assert_eq!(together.at(2.5), (0.25, 0.25));
        assert_eq!(together.at(3.0), (1.25, (0.0625_f64 + 0.5).sqrt()));
        let one_by_one = nelson_aalen(&rows, TiedHazard::OneByOne).unwrap();
        assert_eq!(one_by_one.at(9.0), (1.75, (0.0625_f64 + 0.25 + 1.0).sqrt()));
        let interval = together.interval(1.0, 0.95);
        assert!((interval.lower * interval.upper - 0.0625).abs() < 1e-15);
        assert_eq!(together.interval(0.0, 0.95).upper, 0.0);
    }
}
