//! What is kept of the trial at one draw: every result, and the same results with each group of patients left out.
//!
//! Left-out results give pseudo-values, as many as groups, whose mean is the result and which behave like independent
//! values of it: the delete-a-group jackknife (Quenouille 1956; for groups, Kott 2001, J Off Stat 17:521). One
//! method serves means, proportions, medians, survival and hazard ratios alike; of a mean, they are the group means.

use crate::endpoint::Value;
use crate::math::statistics::mean_sd;
use crate::scenario::Scenario;
use crate::trial::compare;
use crate::trial::estimate;
use crate::trial::outcome::{Comparison, Contrast, Estimate, Measure, Trial};
use crate::trial::reading::{self, Reading};
use rayon::prelude::*;

/// Most groups into which patients are split. Twenty give the noise with 19 degrees of freedom per draw.
const MOST_GROUPS: usize = 20;

/// The number of groups for so many patients.
pub fn groups(patients: usize) -> usize {
    patients.min(MOST_GROUPS)
}

/// One result at one draw.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// As shown; infinite if not reached, `None` if it does not exist.
    pub value: Option<f64>,
    /// Pseudo-values by group, on the scale of [`to_scale`]; empty if one does not exist.
    pub pseudo: Vec<f64>,
    /// Standard deviation between patients, where they have values of their own.
    pub spread: Option<f64>,
}

/// All results at one draw.
#[derive(Debug)]
pub struct Sample {
    /// By arm, in the order of its estimates.
    pub arms: Vec<Vec<Sampled>>,
    /// In the order of the comparisons.
    pub comparisons: Vec<Sampled>,
}

/// Ratios are added up as logarithms.
pub fn to_scale(contrast: Option<Contrast>, value: f64) -> f64 {
    if contrast.is_some_and(Contrast::is_ratio) { value.ln() } else { value }
}

/// Back from [`to_scale`].
pub fn from_scale(contrast: Option<Contrast>, value: f64) -> f64 {
    if contrast.is_some_and(Contrast::is_ratio) { value.exp() } else { value }
}

/// Takes from a trial what is kept of it. Runs on the threads of the caller's pool.
pub fn take(scenario: &Scenario, trial: &Trial) -> Sample {
    let groups = groups(trial.patients.len());
    let sizes: Vec<usize> =
        (0..groups).map(|group| (trial.patients.len() + groups - 1 - group) / groups).collect();
    let all: Vec<Vec<&[Value]>> =
        trial.arms.iter().map(|arm| arm.values.iter().map(Vec::as_slice).collect()).collect();
    // `[group]` → results without it.
    let without: Vec<Results> = (0..groups)
        .into_par_iter()
        .map(|group| Results::of(scenario, &without(&all, group, groups)))
        .collect();
    let pseudo = |value: Option<f64>, contrast, left_out: &dyn Fn(&Results) -> Option<f64>| -> Vec<f64> {
        let Some(value) = value.map(|value| to_scale(contrast, value)) else { return Vec::new() };
        let found = without.iter().zip(&sizes).map(|(results, size)| {
            let left_out = to_scale(contrast, left_out(results)?);
            let factor = trial.patients.len() as f64 / *size as f64;
            Some(factor * value - (factor - 1.0) * left_out).filter(|value| value.is_finite())
        });
        found.collect::<Option<Vec<f64>>>().unwrap_or_default()
    };
    let estimate = |arm: usize, place: usize, estimate: &Estimate| {
        let value = estimate.interval.map(|interval| interval.estimate);
        Sampled {
            value,
            pseudo: pseudo(value, None, &|results| results.arms[arm][place]),
            spread: of_estimate(scenario, estimate, &trial.arms[arm].values[estimate.endpoint]),
        }
    };
    let arms = trial.arms.iter().enumerate().map(|(arm, result)| {
        result.estimates.iter().enumerate().map(|(place, found)| estimate(arm, place, found)).collect()
    });
    let comparisons = trial.comparisons.iter().enumerate().map(|(place, found)| {
        let value = found.interval.map(|interval| interval.estimate);
        let values = |arm: usize| trial.arms[arm].values[found.endpoint].as_slice();
        Sampled {
            value,
            pseudo: pseudo(value, Some(found.contrast), &|results| results.comparisons[place]),
            spread: of_comparison(scenario, found, values(0), values(found.arm)),
        }
    });
    Sample { arms: arms.collect(), comparisons: comparisons.collect() }
}

/// Every result as a plain number.
struct Results {
    arms: Vec<Vec<Option<f64>>>,
    comparisons: Vec<Option<f64>>,
}

impl Results {
    /// Of values by arm, endpoint, patient.
    fn of(scenario: &Scenario, values: &[Vec<Vec<Value>>]) -> Self {
        let endpoints = 0..scenario.endpoints.len();
        let arm = |arm: &Vec<Vec<Value>>| {
            let of_endpoint = |index: usize| estimate::estimates(scenario, index, &arm[index]).0;
            let estimates = endpoints.clone().flat_map(of_endpoint);
            estimates.map(|found| found.interval.map(|interval| interval.estimate)).collect()
        };
        let columns: Vec<&[Vec<Value>]> = values.iter().map(Vec::as_slice).collect();
        let comparisons = compare::all(scenario, &columns);
        let comparisons = comparisons.iter().map(|found| found.interval.map(|it| it.estimate)).collect();
        Self { arms: values.iter().map(arm).collect(), comparisons }
    }
}

/// The values without those of one group of patients.
fn without(all: &[Vec<&[Value]>], group: usize, groups: usize) -> Vec<Vec<Vec<Value>>> {
    let kept = |values: &&[Value]| {
        let others = values.iter().enumerate().filter(|(patient, _)| patient % groups != group);
        others.map(|(_, value)| value.clone()).collect()
    };
    all.iter().map(|arm| arm.iter().map(kept).collect()).collect()
}

/// Standard deviation of the patients' own values, of which an estimate is the summary.
fn of_estimate(scenario: &Scenario, estimate: &Estimate, values: &[Value]) -> Option<f64> {
    match estimate.measure {
        // Of yes or no in percent: √(p(100 − p)).
        Measure::Proportion | Measure::SurvivalAt | Measure::IncidenceAt => {
            let share = estimate.interval?.estimate;
            Some((share * (100.0 - share)).max(0.0).sqrt())
        }
        Measure::Mean | Measure::Median => {
            let unit = &scenario.endpoints[estimate.endpoint].unit;
            let values: Vec<f64> =
                values.iter().filter_map(reading::quantity).map(|value| unit.show(value)).collect();
            mean_sd(&values).map(|(_, sd)| sd)
        }
        Measure::SurvivalMedian => None,
    }
}

/// A patient's value as a number, where it has one.
type Number<'a> = dyn Fn(&Value) -> Option<f64> + 'a;

/// Standard deviation of the differences within patients.
fn of_comparison(
    scenario: &Scenario,
    comparison: &Comparison,
    first: &[Value],
    values: &[Value],
) -> Option<f64> {
    if !matches!(comparison.contrast, Contrast::PairedRiskDifference | Contrast::PairedMeanDifference) {
        return None;
    }
    let endpoint = &scenario.endpoints[comparison.endpoint];
    let number: Box<Number<'_>> = match reading::reading(endpoint) {
        Reading::Shares(shares) => {
            let share = shares.into_iter().find(|share| share.label == comparison.label)?;
            Box::new(move |value| share.holds(value).map(|holds| if holds { 100.0 } else { 0.0 }))
        }
        Reading::Quantity => {
            Box::new(|value| reading::quantity(value).map(|value| endpoint.unit.show(value)))
        }
        Reading::Time | Reading::Incidence | Reading::Periods => return None,
    };
    let differences: Vec<f64> =
        first.iter().zip(values).filter_map(|(a, b)| Some(number(b)? - number(a)?)).collect();
    mean_sd(&differences).map(|(_, sd)| sd)
}
