//! What was drawn of the population parameters, in names and shown units: for the manifest.

use serde::Serialize;

use super::study::Study;
use crate::scenario::{DrawLaw, Scale};
use crate::trial::UncertaintyResult;

/// Draws of the population parameters.
#[derive(Debug, Serialize)]
pub struct UncertaintyEntry {
    /// Number of draws.
    pub draws: usize,
    /// `covariance` or `table`.
    pub from: &'static str,
    /// The random numbers behind them; absent where a table gives them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_numbers: Option<&'static str>,
    /// Impossible draws thrown away and drawn again.
    pub rejected: usize,
    /// Draws at which no population could be drawn.
    pub lost: usize,
    /// Courses that failed numerically, over all draws.
    pub failed: usize,
    /// Groups of patients left out in turn to tell Monte Carlo noise.
    pub groups: usize,
    /// Wall time, s.
    pub seconds: f64,
    /// What is uncertain.
    pub parameters: Vec<UncertainEntry>,
}

/// How the draws are keyed.
const KEY: &str = "normal numbers keyed by (seed, draw from 0, \"uncertainty:NAME\", attempt)";

/// One uncertain parameter, in its unit.
#[derive(Debug, Serialize)]
pub struct UncertainEntry {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Value in the model.
    pub value: f64,
    /// Scale of the standard error; absent where a table gives the draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<&'static str>,
    /// Standard error on that scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Mean of the draws.
    pub draws_mean: f64,
    /// Standard deviation of the draws.
    pub draws_sd: f64,
}

/// Names everything.
pub fn entry(study: Study, found: &UncertaintyResult) -> Option<UncertaintyEntry> {
    let known = study.scenario.uncertainty.as_ref()?;
    let normal = matches!(known.law, DrawLaw::Normal(_));
    let parameters = known.parameters.iter().zip(&found.parameters).map(|(parameter, spread)| {
        let factor = if parameter.scale == Scale::Natural { parameter.unit.unit.factor } else { 1.0 };
        UncertainEntry {
            name: parameter.name.clone(),
            unit: parameter.unit.name.clone(),
            value: parameter.unit.show(parameter.target.value(study.model())),
            scale: normal.then(|| parameter.scale.name()),
            standard_error: normal.then_some(parameter.standard_error / factor),
            draws_mean: spread.mean,
            draws_sd: spread.sd,
        }
    });
    Some(UncertaintyEntry {
        draws: found.draws.len(),
        from: if normal { "covariance" } else { "table" },
        random_numbers: normal.then_some(KEY),
        rejected: found.draws.iter().map(|draw| draw.rejected).sum(),
        lost: found.draws.iter().filter(|draw| draw.lost.is_some()).count(),
        failed: found.draws.iter().map(|draw| draw.failed).sum(),
        groups: found.groups,
        seconds: found.seconds,
        parameters: parameters.collect(),
    })
}
