//! Exposure over all patients of an arm and over each group of the scenario.

use crate::endpoint::Value;
use crate::math::statistics::quantile;
use crate::scenario::{EndpointKind, Scenario};
use crate::trial::reading;

/// An exposure endpoint in a group of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupExposure {
    /// "All patients", or the name of the scenario's group.
    pub group: String,
    /// Endpoint index.
    pub endpoint: usize,
    /// Patients with a value.
    pub n: usize,
    /// Members without one.
    pub missing: usize,
    /// Median, 5th and 95th percentile in the endpoint's unit; `None` if nobody has a value.
    pub quantiles: Option<ExposureQuantiles>,
}

/// Percentiles over patients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExposureQuantiles {
    /// 5th percentile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// 95th percentile.
    pub high: f64,
}

/// Exposure endpoints (Cmax, Tmax, areas, half-life, trough) of one arm in all patients and in each group; `values` by
/// endpoint and patient, `members` by group.
pub fn exposure_by_group(
    scenario: &Scenario,
    patients: usize,
    members: &[Vec<usize>],
    values: &[Vec<Value>],
) -> Vec<GroupExposure> {
    let everybody: Vec<usize> = (0..patients).collect();
    let all = std::iter::once(("All patients", &everybody));
    let groups: Vec<(&str, &Vec<usize>)> =
        all.chain(scenario.groups.iter().map(|group| group.name.as_str()).zip(members)).collect();
    let mut rows = Vec::new();
    for (endpoint, described) in scenario.endpoints.iter().enumerate() {
        if !is_exposure(&described.kind) {
            continue;
        }
        let values = &values[endpoint];
        for (name, members) in &groups {
            let mut known: Vec<f64> = members
                .iter()
                .filter_map(|patient| reading::quantity(&values[*patient]))
                .map(|value| described.unit.show(value))
                .collect();
            known.sort_by(f64::total_cmp);
            rows.push(GroupExposure {
                group: (*name).to_owned(),
                endpoint,
                n: known.len(),
                missing: members.len() - known.len(),
                quantiles: (!known.is_empty()).then(|| ExposureQuantiles {
                    low: quantile(&known, 0.05),
                    median: quantile(&known, 0.5),
                    high: quantile(&known, 0.95),
                }),
            });
        }
    }
    rows
}

fn is_exposure(kind: &EndpointKind) -> bool {
    matches!(
        kind,
        EndpointKind::Cmax { .. }
            | EndpointKind::Tmax { .. }
            | EndpointKind::Auc { .. }
            | EndpointKind::AucInfinity { .. }
            | EndpointKind::HalfLife { .. }
            | EndpointKind::Trough { .. }
    )
}
