//! Later arms against the first, on the same virtual patients.
//!
//! Each patient is treated in every arm, and what is compared is compared within patients: differences of proportions,
//! quantities and restricted means, hazard ratios, log-rank statistics, win ratios. Beside every error that knows of the
//! pairing stands the one that arms of different patients would have. Only patients with a value in both arms count.

use super::estimate::{LEVEL, implied_error, scaled};
use super::hierarchy;
use super::outcome::{Comparison, Contrast};
use super::reading::{self, Reading, Share};
use crate::endpoint::Value;
use crate::math::distribution::normal_two_sided_tail;
use crate::math::statistics::{
    Interval, mean_sd, normal_deviate, paired_mean_difference, paired_risk_difference, wilson,
};
use crate::math::survival::{Observed, Paired, paired_hazard_ratio, paired_log_rank, paired_restricted_mean};
use crate::scenario::{EndpointDefinition, Scenario};

/// All contrasts of all arms: of values by arm, endpoint, patient.
pub fn all(scenario: &Scenario, values: &[&[Vec<Value>]]) -> Vec<Comparison> {
    let Some((first, later)) = values.split_first() else { return Vec::new() };
    let mut comparisons = Vec::new();
    for (arm, values) in (1..).zip(later) {
        for index in 0..scenario.endpoints.len() {
            comparisons.extend(compare(scenario, index, &first[index], arm, &values[index]));
        }
        comparisons.extend(hierarchy::compare(scenario, first, arm, values));
    }
    comparisons
}

/// All contrasts of one endpoint between the first arm's values and those of arm `arm`.
pub fn compare(
    scenario: &Scenario,
    index: usize,
    first: &[Value],
    arm: usize,
    values: &[Value],
) -> Vec<Comparison> {
    let endpoint = &scenario.endpoints[index];
    let blank = |label: &str, contrast, n, unit: &str| empty(arm, index, label, contrast, n, unit);
    match reading::reading(endpoint) {
        Reading::Shares(shares) => {
            let compared = shares.iter().filter(|share| share.compared);
            compared
                .map(|share| {
                    let it = blank(&share.label, Contrast::PairedRiskDifference, 0, "percentage points");
                    risk_difference(it, share, first, values)
                })
                .collect()
        }
        Reading::Quantity => {
            let label = format!("{}: mean", endpoint.name);
            let it = blank(&label, Contrast::PairedMeanDifference, 0, &endpoint.unit.name);
            vec![mean_difference(it, endpoint, first, values)]
        }
        Reading::Periods => Vec::new(),
        // Of what competes: by cause. A restricted mean would take competing events for censoring.
        Reading::Incidence => {
            let (a, b) = pairs(first, values, reading::time);
            vec![
                ratio_of_hazards(blank(&endpoint.name, Contrast::HazardRatio, a.len(), "1"), &a, &b),
                log_rank(blank(&endpoint.name, Contrast::LogRank, a.len(), "1"), &a, &b),
            ]
        }
        Reading::Time => {
            let (a, b) = pairs(first, values, reading::time);
            let (until, text) = restricted_until(scenario);
            let label = format!("{}: mean time to {text}", endpoint.name);
            let unit = &endpoint.unit.name;
            vec![
                ratio_of_hazards(blank(&endpoint.name, Contrast::HazardRatio, a.len(), "1"), &a, &b),
                log_rank(blank(&endpoint.name, Contrast::LogRank, a.len(), "1"), &a, &b),
                restricted_mean(
                    blank(&label, Contrast::RestrictedMeanDifference, a.len(), unit),
                    endpoint,
                    until,
                    (&a, &b),
                ),
            ]
        }
    }
}

/// A contrast of which nothing is known yet.
pub fn empty(
    arm: usize,
    endpoint: usize,
    label: &str,
    contrast: Contrast,
    n: usize,
    unit: &str,
) -> Comparison {
    Comparison {
        arm,
        endpoint,
        label: label.to_owned(),
        contrast,
        n,
        interval: None,
        monte_carlo_error: None,
        independent_error: None,
        independent: None,
        p: None,
        unit: unit.to_owned(),
    }
}

/// Newcombe's method 10 for the pairs; for arms of different patients his method of squares and adds without the correlation
/// (Statistics in Medicine 17 (1998) 873, method 10 there).
fn risk_difference(it: Comparison, share: &Share, first: &[Value], values: &[Value]) -> Comparison {
    let (a, b) = pairs(first, values, |value| share.holds(value));
    let (interval, error) = paired_risk_difference(&a, &b, LEVEL)
        .map(|(interval, error)| (scaled(interval, 100.0), 100.0 * error))
        .unzip();
    let limits = |truths: &[bool]| wilson(truths.iter().filter(|truth| **truth).count(), truths.len(), LEVEL);
    let patients = a.len() as f64;
    let independent = limits(&a).zip(limits(&b)).map(|(a, b)| {
        let estimate = b.estimate - a.estimate;
        let apart = Interval {
            estimate,
            lower: estimate - (b.estimate - b.lower).hypot(a.upper - a.estimate),
            upper: estimate + (b.upper - b.estimate).hypot(a.estimate - a.lower),
        };
        let variance = |p: f64| p * (1.0 - p) / patients;
        (scaled(apart, 100.0), 100.0 * (variance(a.estimate) + variance(b.estimate)).sqrt())
    });
    Comparison {
        n: a.len(),
        interval,
        // No discordant pair does not mean that there are none.
        monte_carlo_error: error.filter(|error| *error > 0.0).or(interval.as_ref().and_then(implied_error)),
        independent_error: independent.map(|(_, error)| error).filter(|error| *error > 0.0),
        independent: independent.map(|(interval, _)| interval),
        ..it
    }
}

/// Paired t; for arms of different patients normal limits of the difference of two means (Welch's standard error).
fn mean_difference(
    it: Comparison,
    endpoint: &EndpointDefinition,
    first: &[Value],
    values: &[Value],
) -> Comparison {
    let shown = |value: &Value| reading::quantity(value).map(|value| endpoint.unit.show(value));
    let (a, b) = pairs(first, values, shown);
    let (interval, error) = paired_mean_difference(&a, &b, LEVEL).unzip();
    let independent_error = mean_sd(&a)
        .zip(mean_sd(&b))
        .filter(|_| a.len() > 1)
        .map(|((_, a_sd), (_, b_sd))| a_sd.hypot(b_sd) / (a.len() as f64).sqrt());
    Comparison {
        n: a.len(),
        interval,
        monte_carlo_error: error.filter(|error| error.is_finite()),
        independent_error,
        independent: interval.zip(independent_error).map(|(it, error)| normal(it.estimate, error)),
        ..it
    }
}

fn ratio_of_hazards(it: Comparison, a: &[Observed], b: &[Observed]) -> Comparison {
    let Ok(found) = paired_hazard_ratio(a, b) else { return it };
    ratio(it, found)
}

/// Fills in a ratio from its logarithm.
fn ratio(it: Comparison, found: Paired) -> Comparison {
    let exponential = |error: f64| {
        let Interval { estimate, lower, upper } = normal(found.estimate, error);
        Interval { estimate: estimate.exp(), lower: lower.exp(), upper: upper.exp() }
    };
    let estimate = found.estimate.exp();
    Comparison {
        interval: Some(exponential(found.standard_error)),
        monte_carlo_error: Some(found.standard_error * estimate),
        independent_error: Some(found.independent_error * estimate),
        independent: Some(exponential(found.independent_error)),
        ..it
    }
}

fn log_rank(it: Comparison, a: &[Observed], b: &[Observed]) -> Comparison {
    let Some(found) = paired_log_rank(a, b) else { return it };
    let p = normal_two_sided_tail(found.estimate.abs());
    Comparison { p: Some(p), ..filled(it, found) }
}

fn restricted_mean(
    it: Comparison,
    endpoint: &EndpointDefinition,
    until: f64,
    (a, b): (&[Observed], &[Observed]),
) -> Comparison {
    // Times are sums of days: follow-up may end a hair before the horizon.
    let last = |times: &[Observed]| times.iter().map(|it| it.time).fold(f64::NEG_INFINITY, f64::max);
    let reached = last(a).min(last(b));
    let tau = if (reached - until).abs() <= 1e-6 { until.min(reached) } else { until };
    let Ok(found) = paired_restricted_mean(a, b, tau) else { return it };
    let shown = endpoint.unit.show(1.0);
    filled(
        it,
        Paired {
            estimate: found.estimate * shown,
            standard_error: found.standard_error * shown,
            independent_error: found.independent_error * shown,
        },
    )
}

/// Fills in a normal estimate.
fn filled(it: Comparison, found: Paired) -> Comparison {
    Comparison {
        interval: Some(normal(found.estimate, found.standard_error)),
        monte_carlo_error: Some(found.standard_error),
        independent_error: Some(found.independent_error),
        independent: Some(normal(found.estimate, found.independent_error)),
        ..it
    }
}

fn normal(estimate: f64, error: f64) -> Interval {
    let half_width = normal_deviate(LEVEL) * error;
    Interval { estimate, lower: estimate - half_width, upper: estimate + half_width }
}

/// Up to when restricted means are taken, d, and as told.
fn restricted_until(scenario: &Scenario) -> (f64, &str) {
    match &scenario.analysis.restricted_mean {
        Some((until, text)) => (*until, text),
        None => (scenario.horizon, &scenario.horizon_text),
    }
}

/// What both arms tell of the same patients.
pub fn pairs<T>(first: &[Value], values: &[Value], read: impl Fn(&Value) -> Option<T>) -> (Vec<T>, Vec<T>) {
    first.iter().zip(values).filter_map(|(a, b)| Some((read(a)?, read(b)?))).unzip()
}
