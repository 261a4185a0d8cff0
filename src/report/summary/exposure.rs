//! Exposure over patients, whole arm and by the scenario's groups.

use super::course::{Percentiles, percentiles};
use crate::endpoint::Value;
use crate::report::study::Study;
use crate::scenario::EndpointKind;

/// One exposure endpoint in one arm and group, coherent.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// Arm index.
    pub arm: usize,
    /// Group index; `None` for all patients of the arm.
    pub group: Option<usize>,
    /// Endpoint index.
    pub endpoint: usize,
    /// Percentiles; `None` if no patient has a value.
    pub percentiles: Option<Percentiles>,
    /// Geometric mean; `None` unless all values are positive.
    pub geometric_mean: Option<f64>,
    /// Geometric coefficient of variation √(exp(s²) − 1) with s² the variance of the logarithms.
    pub geometric_cv: Option<f64>,
}

/// Whether an endpoint is one of exposure.
pub fn is_exposure(kind: &EndpointKind) -> bool {
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

/// Whether an endpoint says how low counts fell and for how long.
pub fn is_nadir(kind: &EndpointKind) -> bool {
    matches!(
        kind,
        EndpointKind::Nadir { .. } | EndpointKind::NadirDay { .. } | EndpointKind::DaysBelow { .. }
    )
}

/// The exposure endpoints of all arms: by endpoint, arm, then all patients and each group.
pub fn exposure(study: Study) -> Vec<Exposure> {
    select(study, is_exposure, true)
}

/// The nadir endpoints of all arms, all patients.
pub fn nadirs(study: Study) -> Vec<Exposure> {
    select(study, is_nadir, false)
}

fn select(study: Study, kind: impl Fn(&EndpointKind) -> bool, by_group: bool) -> Vec<Exposure> {
    let mut all = Vec::new();
    for (endpoint, definition) in study.scenario.endpoints.iter().enumerate() {
        if !kind(&definition.kind) {
            continue;
        }
        for (arm, result) in study.trial.arms.iter().enumerate() {
            let Some(values) = result.values.get(endpoint) else { continue };
            all.push(over(arm, None, endpoint, values.iter()));
            if by_group {
                for (group, members) in study.trial.groups.iter().enumerate() {
                    let values = members.iter().filter_map(|patient| values.get(*patient));
                    all.push(over(arm, Some(group), endpoint, values));
                }
            }
        }
    }
    all
}

/// The number that a value carries, if it carries one.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Quantity(x) if x.is_finite() => Some(*x),
        Value::Time { time, event: true } => Some(*time),
        _ => None,
    }
}

fn over<'v>(
    arm: usize,
    group: Option<usize>,
    endpoint: usize,
    values: impl Iterator<Item = &'v Value>,
) -> Exposure {
    let mut sample: Vec<f64> = values.filter_map(number).collect();
    let (geometric_mean, geometric_cv) = geometric(&sample);
    Exposure {
        arm,
        group,
        endpoint,
        percentiles: percentiles(0.0, &mut sample),
        geometric_mean,
        geometric_cv,
    }
}

fn geometric(sample: &[f64]) -> (Option<f64>, Option<f64>) {
    if sample.is_empty() || sample.iter().any(|x| *x <= 0.0) {
        return (None, None);
    }
    let n = sample.len() as f64;
    let mean = sample.iter().map(|x| x.ln()).sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|x| (x.ln() - mean).powi(2)).sum();
    let cv = (sample.len() > 1).then(|| ((squares / (n - 1.0)).exp() - 1.0).sqrt());
    (Some(mean.exp()), cv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_mean_and_cv_have_their_closed_forms() {
        let (mean, cv) = geometric(&[1.0, 4.0]);
        assert!((mean.unwrap() - 2.0).abs() < 1e-12);
        let variance = 2.0 * 2f64.ln().powi(2);
        assert!((cv.unwrap() - (variance.exp() - 1.0).sqrt()).abs() < 1e-12);
        assert_eq!(geometric(&[1.0, 0.0]), (None, None));
    }
}
