//! Tables of a calibration: exact numbers, proportions as such.

use std::io;

use super::Fit;
use crate::calibration::{Predicted, Stage};
use crate::math::statistics::quantile;
use crate::table::Sheet;

/// Central part of the ensemble that is told.
pub const LIMITS: (f64, f64) = (0.025, 0.975);

/// Every table with its name.
pub fn all(fit: Fit) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    Ok(vec![
        ("steps", steps(fit)?),
        ("endpoints", endpoints(fit)?),
        ("parameters", parameters(fit)?),
        ("correlations", correlations(fit)?),
    ])
}

/// A stage in one word.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Tempered { .. } => "tempered",
        Stage::Refinement => "refinement",
        Stage::Posterior => "posterior",
    }
}

/// Lower and upper end of the ensemble's central 95 %.
pub fn limits(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    if values.is_empty() {
        (f64::NAN, f64::NAN)
    } else {
        (quantile(&values, LIMITS.0), quantile(&values, LIMITS.1))
    }
}

/// Of a parameter over the posterior ensemble.
pub fn parameter_limits(fit: Fit, place: usize) -> (f64, f64) {
    limits(fit.found.members.iter().map(|member| fit.found.values(member)[place]).collect())
}

/// Of an endpoint as it is shown, over the posterior ensemble.
pub fn endpoint_limits(fit: Fit, place: usize) -> (f64, f64) {
    let observation = &fit.definition.problem.observations[place];
    limits(fit.found.predictions.iter().map(|found| observation.shown(found[place])).collect())
}

fn steps(fit: Fit) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::new(Vec::new());
    let names = fit.definition.parameters.iter().map(|parameter| parameter.name.as_str());
    let head = ["step", "stage", "factor", "loss", "loss_mean", "loss_lowest", "loss_highest", "at_bounds"];
    sheet.header(head.into_iter().chain(names))?;
    for (number, step) in fit.found.steps.iter().enumerate() {
        sheet.count(number)?;
        sheet.text(stage(step.stage))?;
        sheet.optional(match step.stage {
            Stage::Tempered { factor } => Some(factor),
            Stage::Refinement | Stage::Posterior => None,
        })?;
        sheet.number(step.loss)?;
        sheet.number(step.losses.iter().sum::<f64>() / step.losses.len() as f64)?;
        sheet.number(step.losses.iter().copied().fold(f64::INFINITY, f64::min))?;
        sheet.number(step.losses.iter().copied().fold(f64::NEG_INFINITY, f64::max))?;
        sheet.count(step.at_bounds)?;
        for value in fit.found.values(&step.centre) {
            sheet.number(value)?;
        }
        sheet.end()?;
    }
    sheet.into_text()
}

fn endpoints(fit: Fit) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::new(Vec::new());
    sheet.header([
        "trial",
        "endpoint",
        "weight",
        "between_trial_sd",
        "observed",
        "lower",
        "upper",
        "before",
        "after",
        "after_lower",
        "after_upper",
        "mc_error_logit",
        "loss_before",
        "loss_after",
    ])?;
    let (before, after) = (fit.found.before(), fit.found.after());
    let losses = (fit.found.deviances(before), fit.found.deviances(after));
    for (place, observation) in fit.definition.problem.observations.iter().enumerate() {
        let seen = observation.interval();
        let shown = |found: Predicted| observation.shown(found);
        let ends = endpoint_limits(fit, place);
        sheet.text(&observation.trial)?;
        sheet.text(&observation.endpoint)?;
        let numbers = [
            observation.weight,
            observation.between_trials,
            seen.estimate,
            seen.lower,
            seen.upper,
            shown(before.predictions[place]),
            shown(after.predictions[place]),
            ends.0,
            ends.1,
            after.predictions[place].error,
            losses.0[place],
            losses.1[place],
        ];
        numbers.into_iter().try_for_each(|value| sheet.number(value))?;
        sheet.end()?;
    }
    sheet.into_text()
}

fn parameters(fit: Fit) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::new(Vec::new());
    sheet.header([
        "key",
        "unit",
        "model",
        "prior",
        "prior_sd",
        "posterior",
        "lower",
        "upper",
        "shift_in_prior_sd",
        "spread_ratio",
    ])?;
    let after = fit.found.after();
    let (values, ratios) = (fit.found.values(&after.centre), fit.found.spread_ratios());
    for (place, parameter) in fit.definition.parameters.iter().enumerate() {
        let unknown = &fit.definition.problem.unknowns[place];
        let (lower, upper) = parameter_limits(fit, place);
        sheet.text(&parameter.key)?;
        sheet.text(&parameter.unit)?;
        let numbers = [
            parameter.value,
            unknown.prior,
            unknown.sd,
            values[place],
            lower,
            upper,
            after.centre[place],
            ratios[place],
        ];
        numbers.into_iter().try_for_each(|value| sheet.number(value))?;
        sheet.end()?;
    }
    sheet.into_text()
}

fn correlations(fit: Fit) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::new(Vec::new());
    let names: Vec<&str> =
        fit.definition.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    sheet.header(std::iter::once("parameter").chain(names.iter().copied()))?;
    for (row, name) in names.iter().enumerate() {
        sheet.text(name)?;
        for column in 0..names.len() {
            sheet.number(fit.found.after().distribution.correlation(row, column))?;
        }
        sheet.end()?;
    }
    sheet.into_text()
}
