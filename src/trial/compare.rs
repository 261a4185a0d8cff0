//! Later arms against the first, on the same virtual patients.
//!
//! Proportions and quantities are compared within patients (each patient is treated in every arm). Hazard ratios come
//! from a Cox regression that takes the arms as independent samples: the pairing is not used, so their limits are
//! wider than they need be. Only patients with a value in both arms count.

use super::estimate::{LEVEL, implied_error, scaled};
use super::outcome::{Comparison, Contrast};
use super::reading::{self, Reading};
use crate::endpoint::Value;
use crate::math::statistics::{paired_mean_difference, paired_risk_difference};
use crate::math::survival::hazard_ratio;
use crate::scenario::Scenario;

/// All contrasts of one endpoint between the first arm's values and those of arm `arm`.
pub fn compare(
    scenario: &Scenario,
    index: usize,
    first: &[Value],
    arm: usize,
    values: &[Value],
) -> Vec<Comparison> {
    let endpoint = &scenario.endpoints[index];
    let comparison = |label: &str, contrast, n, unit: &str| Comparison {
        arm,
        endpoint: index,
        label: label.to_owned(),
        contrast,
        n,
        interval: None,
        monte_carlo_error: None,
        unit: unit.to_owned(),
    };
    match reading::reading(endpoint) {
        Reading::Shares(shares) => shares
            .iter()
            .filter(|share| share.compared)
            .map(|share| {
                let (a, b) = pairs(first, values, |value| share.holds(value));
                let difference = paired_risk_difference(&a, &b, LEVEL);
                let (interval, error) =
                    difference.map(|(it, error)| (scaled(it, 100.0), 100.0 * error)).unzip();
                Comparison {
                    interval,
                    // No discordant pair does not mean that there are none.
                    monte_carlo_error: error
                        .filter(|error| *error > 0.0)
                        .or(interval.as_ref().and_then(implied_error)),
                    ..comparison(&share.label, Contrast::PairedRiskDifference, a.len(), "percentage points")
                }
            })
            .collect(),
        Reading::Quantity => {
            let shown = |value: &Value| reading::quantity(value).map(|value| endpoint.unit.show(value));
            let (a, b) = pairs(first, values, shown);
            let (interval, error) = paired_mean_difference(&a, &b, LEVEL).unzip();
            let label = format!("{}: mean", endpoint.name);
            let unit = &endpoint.unit.name;
            vec![Comparison {
                interval,
                monte_carlo_error: error.filter(|error| error.is_finite()),
                ..comparison(&label, Contrast::PairedMeanDifference, a.len(), unit)
            }]
        }
        Reading::Periods => Vec::new(),
        Reading::Time | Reading::Incidence => {
            let (a, b) = pairs(first, values, reading::time);
            let ratio = hazard_ratio(&a, &b, LEVEL).ok();
            vec![Comparison {
                interval: ratio.map(|ratio| ratio.ratio),
                monte_carlo_error: ratio.map(|ratio| ratio.standard_error * ratio.ratio.estimate),
                ..comparison(&endpoint.name, Contrast::HazardRatio, a.len(), "1")
            }]
        }
    }
}

/// What both arms tell of the same patients.
fn pairs<T>(first: &[Value], values: &[Value], read: impl Fn(&Value) -> Option<T>) -> (Vec<T>, Vec<T>) {
    first.iter().zip(values).filter_map(|(a, b)| Some((read(a)?, read(b)?))).unzip()
}
