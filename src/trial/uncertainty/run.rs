//! The outer level: one trial per draw of the population parameters.
//!
//! Each draw has a program of its own, since population parameters are constants of the program; its virtual patients draw
//! the same random numbers as those of the trial at the model's values. Draws are run one after the other, each on all
//! threads, so the result is the same bits for any number of threads.

use super::decompose::{Point, decompose};
use super::result::{Decomposition, DrawResult, ParameterSpread, UncertaintyResult};
use super::sample::{self, Sample, Sampled};
use crate::math::statistics::{mean_sd, quantile};
use crate::population::{ParameterDraw, draw_parameters};
use crate::scenario::{Scenario, Uncertainty};
use crate::trial::clinic::without_spare_records;
use crate::trial::log::NoLog;
use crate::trial::outcome::Trial;
use crate::trial::progress::Progress;
use crate::trial::run::{TrialError, run_checked};
use std::time::Instant;

/// Runs the trial at every draw of the scenario's uncertain parameters; `None` where it names none. `trial` is the one at
/// the model's own values.
///
/// # Errors
/// As of [`crate::trial::run`], and when no parameters can be drawn. A draw at which the population cannot be drawn is no error; it is lost
/// and counted.
pub fn uncertainty(
    scenario: &Scenario,
    trial: &Trial,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<UncertaintyResult>, TrialError> {
    let Some(known) = &scenario.uncertainty else { return Ok(None) };
    let started = Instant::now();
    let drawn = draw_parameters(scenario).map_err(TrialError::Parameters)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| TrialError::Threads(error.to_string()))?;
    let mut at = without_spare_records(scenario, |_| true);
    let (mut draws, mut samples) = (Vec::new(), Vec::new());
    for draw in &drawn {
        for (parameter, value) in known.parameters.iter().zip(&draw.values) {
            parameter.target.set(&mut at.model, *value);
        }
        let (result, sample) = match run_checked(&at, threads, progress, &NoLog, false) {
            Ok(trial) => {
                let failed = trial.arms.iter().map(|arm| arm.failures.len()).sum();
                let sample = pool.install(|| sample::take(&at, &trial));
                (told(draw, failed, Some(&sample)), Some(sample))
            }
            Err(TrialError::Population(error)) => {
                (DrawResult { lost: Some(error), ..told(draw, 0, None) }, None)
            }
            Err(error) => return Err(error),
        };
        draws.push(result);
        samples.extend(sample);
    }
    let (arms, comparisons) = decompositions(scenario, trial, &samples);
    Ok(Some(UncertaintyResult {
        parameters: spreads(known, &drawn),
        draws,
        arms,
        comparisons,
        groups: sample::groups(scenario.patients),
        seconds: started.elapsed().as_secs_f64(),
    }))
}

fn told(draw: &ParameterDraw, failed: usize, sample: Option<&Sample>) -> DrawResult {
    let value = |found: &Sampled| found.value;
    let all = |found: &Vec<Sampled>| found.iter().map(value).collect();
    DrawResult {
        values: draw.values.clone(),
        rejected: draw.rejected,
        failed,
        lost: None,
        arms: sample.map_or(Vec::new(), |sample| sample.arms.iter().map(all).collect()),
        comparisons: sample.map_or(Vec::new(), |sample| all(&sample.comparisons)),
    }
}

/// Every result taken apart: by arm, and of comparisons.
fn decompositions(
    scenario: &Scenario,
    trial: &Trial,
    samples: &[Sample],
) -> (Vec<Vec<Decomposition>>, Vec<Decomposition>) {
    let noisy = scenario.variability;
    let arms = trial.arms.iter().enumerate().map(|(arm, result)| {
        let estimates = result.estimates.iter().enumerate().map(|(place, found)| {
            let value = found.interval.map(|interval| interval.estimate);
            let point = Point { value, error: found.monte_carlo_error, contrast: None, noisy };
            decompose(point, &samples.iter().map(|sample| &sample.arms[arm][place]).collect::<Vec<_>>())
        });
        estimates.collect()
    });
    let comparisons = trial.comparisons.iter().enumerate().map(|(place, found)| {
        let value = found.interval.map(|interval| interval.estimate);
        let point = Point { value, error: found.monte_carlo_error, contrast: Some(found.contrast), noisy };
        decompose(point, &samples.iter().map(|sample| &sample.comparisons[place]).collect::<Vec<_>>())
    });
    (arms.collect(), comparisons.collect())
}

fn spreads(known: &Uncertainty, drawn: &[ParameterDraw]) -> Vec<ParameterSpread> {
    let spread = |(place, parameter): (usize, &crate::scenario::UncertainParameter)| {
        let mut values: Vec<f64> = drawn.iter().map(|draw| parameter.unit.show(draw.values[place])).collect();
        values.sort_by(f64::total_cmp);
        let (mean, sd) = mean_sd(&values).unwrap_or((f64::NAN, f64::NAN));
        ParameterSpread { mean, sd, limits: (quantile(&values, 0.025), quantile(&values, 0.975)) }
    };
    known.parameters.iter().enumerate().map(spread).collect()
}
