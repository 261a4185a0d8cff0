//! Figures of a calibration: every endpoint before and after beside what was observed, and the loss step by step.

use super::Fit;
use super::tables::endpoint_limits;
use crate::calibration::Observed;
use crate::report::draw::{Scene, calibration as drawn};

/// Observed intervals with predictions before and after; `None` where no endpoint is a proportion.
pub fn endpoints(fit: Fit) -> Option<Scene> {
    let (before, after) = (fit.found.before(), fit.found.after());
    let observations = fit.definition.problem.observations.iter().enumerate();
    let rows: Vec<drawn::Row> = observations
        .filter(|(_, observation)| matches!(observation.observed, Observed::Count { .. }))
        .map(|(place, observation)| drawn::Row {
            group: observation.trial.clone(),
            label: observation.endpoint.clone(),
            observed: observation.interval(),
            before: observation.shown(before.predictions[place]),
            after: observation.shown(after.predictions[place]),
            limits: endpoint_limits(fit, place),
        })
        .collect();
    (!rows.is_empty()).then(|| drawn::endpoints(&rows))
}

/// Loss of the centre and of the members, step by step.
pub fn losses(fit: Fit) -> Scene {
    let steps: Vec<(f64, Vec<f64>)> =
        fit.found.steps.iter().map(|step| (step.loss, step.losses.clone())).collect();
    drawn::losses(&steps)
}
