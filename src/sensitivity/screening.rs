//! Morris: elementary effects over the walks, their intervals by resampling walks, and what few patients add.

use super::answer::{LEVEL, Screened, ScreenedInput, Told};
use super::readings::{Reading, with_and_without};
use crate::math::sensitivity::{Jackknife, Screening, bootstrap, elementary_effects, jackknife, screening};
use crate::sweep::Sensitivity;
use crate::trial::Target;

/// Effects, `[walk][input]`, from the results in the order of the points.
fn effects(walks: &[Vec<Vec<f64>>], results: &[f64]) -> Vec<Vec<f64>> {
    let steps = walks.first().map_or(1, Vec::len);
    let pairs = walks.iter().zip(results.chunks(steps));
    pairs.filter_map(|(walk, results)| elementary_effects(walk, results)).collect()
}

fn screen(effects: &[Vec<f64>]) -> Vec<Screening> {
    screening(&effects.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The three measures of an input in a row.
fn three(of: &Screening) -> [f64; 3] {
    [of.mean, of.absolute, of.spread]
}

/// Sums of effects that cancel are off by their rounding: a relative 1e-16 for each term of the sum of their absolute values (Higham 2002,
/// Accuracy and Stability of Numerical Algorithms, section 4.2). What is smaller than this share of the largest effect is 0.
const ROUNDING: f64 = 1e-12;

/// Screens one result.
pub fn screened(
    asked: &Sensitivity,
    walks: &[Vec<Vec<f64>>],
    target: &Target,
    readings: &[Reading],
    sizes: &[usize],
) -> Screened {
    let (whole, without) = with_and_without(readings, |results| effects(walks, results));
    let found = screen(&whole);
    let limits = bootstrap(whole.len(), asked.replicates, asked.seed, LEVEL, |chosen| {
        let chosen: Vec<&[f64]> = chosen.iter().map(|walk| whole[*walk].as_slice()).collect();
        screening(&chosen).iter().flat_map(three).map(Some).collect()
    });
    let left_out: Option<Vec<Vec<Screening>>> =
        without.as_ref().map(|groups| groups.iter().map(|effects| screen(effects)).collect());
    let patients = |input: usize, which: usize| -> Option<Jackknife> {
        let without: Vec<f64> = left_out.as_ref()?.iter().map(|group| three(&group[input])[which]).collect();
        jackknife(three(&found[input])[which], &without, sizes)
    };
    let largest = whole.iter().flatten().fold(0.0_f64, |largest, effect| largest.max(effect.abs()));
    let rounded = |value: f64| if value.abs() < ROUNDING * largest { 0.0 } else { value };
    let told = |input: usize, which: usize| Told {
        value: rounded(three(&found[input])[which]),
        limits: limits[3 * input + which].map(|(lower, upper)| (rounded(lower), rounded(upper))),
        patients: patients(input, which),
    };
    let noise = |input: usize| {
        let groups = without.as_ref()?;
        let error = |walk: usize| {
            let left_out: Vec<f64> = groups.iter().map(|effects| effects[walk][input]).collect();
            Some(jackknife(whole[walk][input], &left_out, sizes)?.error)
        };
        let squares: Vec<f64> =
            (0..whole.len()).map(|walk| error(walk).map(|error| error * error)).collect::<Option<_>>()?;
        Some((squares.iter().sum::<f64>() / squares.len() as f64).sqrt())
    };
    let one = |(place, input): (usize, &crate::sweep::Input)| ScreenedInput {
        input: input.name.clone(),
        about: input.about.clone(),
        mean: told(place, 0),
        absolute: told(place, 1),
        spread: told(place, 2),
        noise: noise(place),
    };
    let mut inputs: Vec<ScreenedInput> = asked.inputs.iter().enumerate().map(one).collect();
    inputs.sort_by(|a, b| b.absolute.value.total_cmp(&a.absolute.value));
    Screened { target: target.clone(), walks: whole.len(), inputs }
}
