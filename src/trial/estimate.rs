//! Estimates of one arm with 95 % intervals and Monte Carlo standard errors.
//!
//! The Monte Carlo error tells how far the estimate would move on another set of virtual patients of the same size.
//! Of a proportion it is √(p(1−p)/n); of a median it is what the order-statistic interval implies; of a Kaplan-Meier
//! probability it is Greenwood's. Where such an error would be 0 only because every patient agrees, it is the half
//! width of the interval over 1.96 (Wilson's for proportions and survival).

use super::incidence;
use super::outcome::{Estimate, Measure};
use super::reading::{self, Reading, Share};
use crate::endpoint::Value;
use crate::math::statistics::{Interval, median, normal_deviate, paired_mean_difference, wilson};
use crate::math::survival::{KaplanMeier, Observed, kaplan_meier};
use crate::scenario::{EndpointDefinition, Scenario};

/// Confidence level of all intervals.
pub const LEVEL: f64 = 0.95;

/// d.
const MONTH: f64 = 365.25 / 12.0;

/// Times at which survival is always told, months.
const LANDMARKS: [u32; 2] = [12, 24];

/// The standard error that the limits imply if the estimate is normal; `None` if a limit is infinite.
pub fn implied_error(interval: &Interval) -> Option<f64> {
    let width = interval.upper - interval.lower;
    width.is_finite().then(|| width / (2.0 * normal_deviate(LEVEL)))
}

/// The interval with every number multiplied by a factor.
pub fn scaled(interval: Interval, factor: f64) -> Interval {
    Interval {
        estimate: interval.estimate * factor,
        lower: interval.lower * factor,
        upper: interval.upper * factor,
    }
}

/// All estimates of one endpoint in one arm, and its Kaplan-Meier curve if it is a time.
pub fn estimates(
    scenario: &Scenario,
    index: usize,
    values: &[Value],
) -> (Vec<Estimate>, Option<KaplanMeier>) {
    let endpoint = &scenario.endpoints[index];
    match reading::reading(endpoint) {
        Reading::Shares(shares) => {
            (shares.iter().map(|share| proportion(index, share, values)).collect(), None)
        }
        Reading::Quantity => (quantities(index, endpoint, values), None),
        Reading::Time => times(scenario, index, values),
        Reading::Incidence => (incidence::estimates(scenario, index, values), None),
        Reading::Periods => (Vec::new(), None),
    }
}

fn proportion(endpoint: usize, share: &Share, values: &[Value]) -> Estimate {
    let known: Vec<bool> = values.iter().filter_map(|value| share.holds(value)).collect();
    let (count, n) = (known.iter().filter(|holds| **holds).count(), known.len());
    let interval = wilson(count, n, LEVEL);
    Estimate {
        endpoint,
        label: share.label.clone(),
        measure: Measure::Proportion,
        n,
        missing: values.len() - n,
        interval: interval.map(|interval| scaled(interval, 100.0)),
        monte_carlo_error: proportion_error(count, n).map(|error| 100.0 * error),
        unit: "%".to_owned(),
    }
}

/// √(p(1−p)/n), or for p = 0 or 1 what the Wilson interval implies.
pub fn proportion_error(count: usize, n: usize) -> Option<f64> {
    if count == 0 || count == n {
        return implied_error(&wilson(count, n, LEVEL)?);
    }
    let p = count as f64 / n as f64;
    Some((p * (1.0 - p) / n as f64).sqrt())
}

fn quantities(index: usize, endpoint: &EndpointDefinition, values: &[Value]) -> Vec<Estimate> {
    let known: Vec<f64> =
        values.iter().filter_map(reading::quantity).map(|value| endpoint.unit.show(value)).collect();
    let estimate = |name: &str, measure, interval: Option<Interval>, error| Estimate {
        endpoint: index,
        label: format!("{}: {name}", endpoint.name),
        measure,
        n: known.len(),
        missing: values.len() - known.len(),
        interval,
        monte_carlo_error: error,
        unit: endpoint.unit.name.clone(),
    };
    let (middle, middle_error) = median(&known, LEVEL).unzip();
    // The mean of a sample is its mean difference from nothing.
    let nothing = vec![0.0; known.len()];
    let (mean, mean_error) = paired_mean_difference(&nothing, &known, LEVEL).unzip();
    vec![
        estimate("median", Measure::Median, middle, middle_error.filter(|error| error.is_finite())),
        estimate("mean", Measure::Mean, mean, mean_error.filter(|error| error.is_finite())),
    ]
}

fn times(scenario: &Scenario, index: usize, values: &[Value]) -> (Vec<Estimate>, Option<KaplanMeier>) {
    let endpoint = &scenario.endpoints[index];
    let known: Vec<Observed> = values.iter().filter_map(reading::time).collect();
    let curve = (!known.is_empty()).then(|| kaplan_meier(&known, LEVEL));
    let estimate = |name: &str, measure, interval: Option<Interval>, error, unit: &str| Estimate {
        endpoint: index,
        label: format!("{}: {name}", endpoint.name),
        measure,
        n: known.len(),
        missing: values.len() - known.len(),
        interval,
        monte_carlo_error: error,
        unit: unit.to_owned(),
    };
    let mut estimates = Vec::new();
    for (time, text) in landmarks(scenario) {
        // Censoring at the time itself is after it; times are sums of days, hence the hair.
        let watched = known.iter().filter(|course| course.time >= time - 1e-6).count();
        let survival = curve.as_ref().map(|curve| survival_at(curve, time, known.len(), watched));
        let (interval, error) = survival.unzip();
        let interval = interval.map(|interval| scaled(interval, 100.0));
        let error = error.flatten().map(|error| 100.0 * error);
        estimates.push(estimate(&format!("event-free at {text}"), Measure::SurvivalAt, interval, error, "%"));
    }
    let middle = curve.as_ref().map(|curve| scaled(curve.quantile(0.5), endpoint.unit.show(1.0)));
    let error = middle.as_ref().filter(|middle| middle.estimate.is_finite()).and_then(implied_error);
    estimates.push(estimate("median", Measure::SurvivalMedian, middle, error, &endpoint.unit.name));
    (estimates, curve)
}

/// The times at which survival is told: 12 and 24 months if follow-up reaches them, and the end of follow-up.
pub fn landmarks(scenario: &Scenario) -> Vec<(f64, String)> {
    let months = LANDMARKS.into_iter().map(|months| (f64::from(months) * MONTH, format!("{months} months")));
    let end = scenario.horizon;
    let mut landmarks: Vec<(f64, String)> = months.filter(|landmark| landmark.0 <= end + 1e-6).collect();
    if landmarks.iter().all(|landmark| (landmark.0 - end).abs() > 1e-6) {
        landmarks.push((end, scenario.horizon_text.clone()));
    }
    landmarks
}

/// Survival at a time. Where nobody had the event, Greenwood's error is 0 and its limits 1 only because all agree: then
/// it is Wilson's interval of those still `watched` at that time.
fn survival_at(curve: &KaplanMeier, time: f64, n: usize, watched: usize) -> (Interval, Option<f64>) {
    let (interval, error) = curve.at(time);
    if error > 0.0 {
        (interval, Some(error))
    } else if interval.estimate > 0.5 {
        let limits = wilson(watched, watched, LEVEL);
        (limits.unwrap_or(interval), limits.as_ref().and_then(implied_error))
    } else {
        (interval, proportion_error(0, n))
    }
}
