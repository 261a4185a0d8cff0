//! The dosing interval: area, average, fluctuation, swing, accumulation; clearance and residence time at steady state.
//!
//! Formulas: Phoenix user's guide, parameters of plasma models at steady state.

use super::estimate::{Absent, Estimate, quotient, ratio};
use super::reading::Reading;
use super::settings::Occasion;

/// Nothing where the profile follows a first dose and no interval is known.
pub(super) fn estimates(reading: &Reading<'_>) -> Vec<(&'static str, Estimate)> {
    let occasion = reading.settings.occasion;
    if occasion == Occasion::First && reading.settings.tau.is_none() {
        return Vec::new();
    }
    let tau = tau(reading);
    let whole = over_interval(reading);
    let area = whole.map(|(area, _)| area);
    let end = at_end(reading);
    let rate = reading.terminal.map(|terminal| terminal.rate);
    let average = quotient(area, tau);
    let mut found = vec![
        ("TAU", tau),
        ("AUC_TAU", area),
        ("AUC_TAU_D", reading.per_dose(area)),
        ("AUC_TAU_PCTEXTRAP", extrapolated(reading)),
        ("AUMC_TAU", whole.map(|(_, moment)| moment)),
        ("CTAU", end),
        ("CAVG", average),
        ("ACCUMULATION_INDEX", rate.and_then(|rate| ratio(1.0, -(-rate * tau?).exp_m1()))),
    ];
    if occasion != Occasion::First {
        let top = Ok(reading.peak.1);
        let low = smallest(reading);
        let bottom = low.map(|(_, value)| value);
        let percent = |value: Estimate| value.map(|value| 100.0 * value);
        found.extend([
            ("TMIN", low.map(|(time, _)| time)),
            ("CMIN", bottom),
            ("FLUCTUATION_PCT", percent(quotient(difference(top, bottom), average))),
            ("FLUCTUATION_PCT_TAU", percent(quotient(difference(top, end), average))),
            ("SWING", quotient(difference(top, bottom), bottom)),
            ("SWING_TAU", quotient(difference(top, end), end)),
        ]);
    }
    found
}

/// Dose over the area of the interval.
pub(super) fn clearance(reading: &Reading<'_>) -> Estimate {
    quotient(reading.dose(), over_interval(reading).map(|(area, _)| area))
}

/// Mean residence time at steady state: (AUMCτ + τ (AUC∞ − AUCτ))/AUCτ, less the mean time of input.
pub(super) fn residence(reading: &Reading<'_>, last: Estimate) -> Estimate {
    let (area, moment) = over_interval(reading)?;
    let behind = reading.area_to_infinity(last)? - area;
    Ok(ratio(moment + tau(reading)? * behind, area)? - reading.mean_input())
}

fn tau(reading: &Reading<'_>) -> Estimate {
    reading.settings.tau.filter(|tau| *tau > 0.0).ok_or(Absent::NoInterval)
}

/// The end of the interval on the clock of the samples: the time of the sample that is there but for the rounding of
/// subtracted clock times.
fn end_time(reading: &Reading<'_>) -> Estimate {
    let tau = tau(reading)?;
    let sample = reading.points.iter().map(|point| point.0).find(|time| (time - tau).abs() <= 1e-9 * tau);
    Ok(sample.unwrap_or(tau))
}

fn over_interval(reading: &Reading<'_>) -> Result<(f64, f64), Absent> {
    reading.curve.between(0.0, end_time(reading)?, reading.terminal.as_ref().ok())
}

fn at_end(reading: &Reading<'_>) -> Estimate {
    reading.curve.value_at(end_time(reading)?, reading.terminal.as_ref().ok())
}

/// Part of the area over the interval that lies behind the last positive sample, %.
fn extrapolated(reading: &Reading<'_>) -> Estimate {
    let (area, end, last) = (over_interval(reading)?.0, end_time(reading)?, reading.last?.0);
    if last >= end {
        return Ok(0.0);
    }
    let (behind, _) = reading.curve.between(last, end, reading.terminal.as_ref().ok())?;
    ratio(100.0 * behind, area)
}

/// First smallest sample of the interval.
fn smallest(reading: &Reading<'_>) -> Result<(f64, f64), Absent> {
    tau(reading)?;
    let samples = reading.within_interval();
    samples.iter().copied().min_by(|one, other| one.1.total_cmp(&other.1)).ok_or(Absent::NoInterval)
}

fn difference(left: Estimate, right: Estimate) -> Estimate {
    Ok(left? - right?)
}
