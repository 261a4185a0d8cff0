//! The spread of one result over the draws, taken apart.
//!
//! All draws treat the same virtual patients, so what these patients have in common does not blur the differences between
//! draws; it is the Monte Carlo error of the level and told beside the estimate. What does blur them is what a patient
//! adds differently at each draw: the interaction in a table of draws × groups of patients ([`crossed`]). The variance
//! between draws less that noise is the uncertainty. The draws' results are then drawn together about their mean until they
//! have just that variance, and the interval is read off them: such an ensemble has the spread of the true values, which
//! neither the raw results (too wide) nor each draw's best estimate (too narrow) has (Louis 1984, J Am Stat Assoc 79:393).

use super::result::Decomposition;
use super::sample::{Sampled, from_scale, to_scale};
use crate::math::statistics::{Interval, crossed, mean_sd, quantile};
use crate::trial::outcome::Contrast;

/// Ends of the uncertainty interval.
const ENDS: (f64, f64) = (0.025, 0.975);

/// What a result is at the model's own values.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// The result.
    pub value: Option<f64>,
    /// Its Monte Carlo standard error.
    pub error: Option<f64>,
    /// The contrast, if it is one.
    pub contrast: Option<Contrast>,
    /// Whether patients differ, and with them the results of two samples of patients.
    pub noisy: bool,
}

/// Takes the results of the draws apart, of which some may not exist.
pub fn decompose(point: Point, draws: &[&Sampled]) -> Decomposition {
    let with_value = draws.iter().filter_map(|draw| draw.value.map(|value| (value, *draw)));
    let scaled: Vec<(f64, &Sampled)> =
        with_value.map(|(value, draw)| (to_scale(point.contrast, value), draw)).collect();
    let values: Vec<f64> = scaled.iter().map(|(value, _)| *value).collect();
    let finite = values.iter().filter(|value| value.is_finite()).count();
    let spreads: Vec<f64> = draws.iter().filter_map(|draw| draw.spread.map(|sd| sd * sd)).collect();
    let mut found = Decomposition {
        draws: finite,
        interval: None,
        uncertainty: None,
        between_patients: mean_sd(&spreads).map(|(mean, _)| mean.sqrt()),
        monte_carlo: point.error,
    };
    if values.len() < 2 {
        return found;
    }
    let Some((mean, sd)) = mean_sd(&values).filter(|_| finite == values.len()) else {
        // Some are not reached: their places among the others are known, their distances are not.
        found.interval = Some(interval(f64::INFINITY, values, point.contrast));
        return found;
    };
    let noise = if point.noisy { noise(&scaled) } else { Some(0.0) };
    let Some(noise) = noise else {
        found.interval = Some(interval(mean, values, point.contrast));
        return found;
    };
    let uncertainty = (sd * sd - noise).max(0.0).sqrt();
    let shrunk = if sd > 0.0 { uncertainty / sd } else { 0.0 };
    let values = values.into_iter().map(|value| mean + shrunk * (value - mean)).collect();
    found.interval = Some(interval(mean, values, point.contrast));
    let unit = match point.contrast {
        Some(contrast) if contrast.is_ratio() => {
            point.value.unwrap_or_else(|| from_scale(point.contrast, mean))
        }
        _ => 1.0,
    };
    found.uncertainty = Some(uncertainty * unit);
    found
}

/// Variance between draws that is owed to the sample of patients.
fn noise(draws: &[(f64, &Sampled)]) -> Option<f64> {
    let rows: Vec<Vec<f64>> = draws.iter().map(|(_, draw)| draw.pseudo.clone()).collect();
    crossed(&rows).map(|found| found.noise)
}

fn interval(mean: f64, mut values: Vec<f64>, contrast: Option<Contrast>) -> Interval {
    values.sort_by(f64::total_cmp);
    let at = |p| from_scale(contrast, quantile(&values, p));
    Interval { estimate: from_scale(contrast, mean), lower: at(ENDS.0), upper: at(ENDS.1) }
}
