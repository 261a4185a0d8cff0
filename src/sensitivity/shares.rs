//! Sobol': shares of the result's variance, their intervals by resampling rows, and what few patients add.
//!
//! With common random numbers the noise of the patients is a fixed function of the inputs, and any analysis of the computed function
//! takes it for an effect. How large it is shows when patients are left out: the part of the variance between points
//! that is not the same in every group of patients ([`crate::math::statistics::crossed`]), and of each index the bias that vanishes with
//! many patients.

use super::answer::{AnswerError, Indices, LEVEL, Shared, Told};
use super::readings::{Reading, with_and_without};
use crate::math::sensitivity::{Index, bootstrap, jackknife, pseudo_values, sobol_indices};
use crate::math::statistics::{crossed, mean_sd};
use crate::sweep::Sensitivity;
use crate::trial::Target;

/// Results by matrix: of A, of B, of each mixed one `[input][row]`.
struct Matrices {
    a: Vec<f64>,
    b: Vec<f64>,
    mixed: Vec<Vec<f64>>,
}

impl Matrices {
    /// From results in the order of the points, row after row.
    fn new(results: &[f64], inputs: usize) -> Self {
        let column = |at: usize| results.iter().skip(at).step_by(inputs + 2).copied().collect();
        Self { a: column(0), b: column(1), mixed: (0..inputs).map(|input| column(2 + input)).collect() }
    }

    fn indices(&self, rows: &[usize]) -> Option<Vec<Index>> {
        sobol_indices(&self.a, &self.b, &self.mixed, rows)
    }
}

fn both(of: &Index) -> [f64; 2] {
    [of.first, of.total]
}

/// Shares out the variance of one result.
///
/// # Errors
/// Where it does not vary.
pub fn indices(
    asked: &Sensitivity,
    rows: usize,
    target: &Target,
    readings: &[Reading],
    sizes: &[usize],
) -> Result<Indices, AnswerError> {
    let count = asked.inputs.len();
    let all: Vec<usize> = (0..rows).collect();
    let (whole, without) = with_and_without(readings, |results| Matrices::new(results, count));
    let found = whole.indices(&all).ok_or_else(|| AnswerError::Constant(target.title()))?;
    let limits = bootstrap(rows, asked.replicates, asked.seed, LEVEL, |chosen| match whole.indices(chosen) {
        Some(found) => found.iter().flat_map(both).map(Some).collect(),
        None => vec![None; 2 * count],
    });
    let left_out: Option<Vec<Vec<Index>>> =
        without.and_then(|groups| groups.iter().map(|group| group.indices(&all)).collect());
    let told = |input: usize, which: usize| {
        let value = both(&found[input])[which];
        let patients = left_out.as_ref().and_then(|groups| {
            let without: Vec<f64> = groups.iter().map(|group| both(&group[input])[which]).collect();
            jackknife(value, &without, sizes)
        });
        Told { value, limits: limits[2 * input + which], patients }
    };
    let one = |(place, input): (usize, &crate::sweep::Input)| Shared {
        input: input.name.clone(),
        about: input.about.clone(),
        first: told(place, 0),
        total: told(place, 1),
    };
    let mut inputs: Vec<Shared> = asked.inputs.iter().enumerate().map(one).collect();
    inputs.sort_by(|a, b| b.total.value.total_cmp(&a.total.value));
    let values: Vec<f64> = whole.a.iter().chain(&whole.b).copied().collect();
    let (mean, deviation) = mean_sd(&values).unwrap_or((f64::NAN, f64::NAN));
    Ok(Indices {
        target: target.clone(),
        rows,
        mean,
        deviation,
        noise: noise(readings, count, sizes),
        inputs,
    })
}

/// Share of the variance between points that differs from one group of patients to another: over the points of A and B, which are drawn
/// from the inputs' distribution.
fn noise(readings: &[Reading], inputs: usize, sizes: &[usize]) -> Option<f64> {
    let of_design = readings.iter().enumerate().filter(|(at, _)| at % (inputs + 2) < 2);
    let rows: Option<Vec<Vec<f64>>> = of_design
        .map(|(_, reading)| {
            let left_out = reading.left_out.as_ref()?;
            Some(pseudo_values(reading.interval.estimate, left_out, sizes))
        })
        .collect();
    let found = crossed(&rows?)?;
    (found.of_row_means > 0.0).then(|| (found.noise / found.of_row_means).clamp(0.0, 1.0))
}
