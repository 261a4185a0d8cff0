//! From a profile to its parameters: the peak, areas, the terminal phase; what the dose adds stands in `disposition`,
//! what the dosing interval adds in `interval`.

use super::curve::Point;
use super::estimate::{Absent, Estimate, finite, ratio};
use super::profile::Profile;
use super::reading::{Reading, curve_points};
use super::result::Noncompartmental;
use super::settings::{Administration, Occasion, Settings};
use super::terminal::Terminal;
use super::{disposition, interval};

/// Analyses a profile.
pub fn analyse(profile: &Profile, settings: &Settings) -> Noncompartmental {
    let curve = curve_points(profile.points(), settings);
    let reading = Reading::new(profile.points(), &curve, settings);
    let mut result = Noncompartmental { estimates: Vec::new(), spans: Vec::new() };
    result.extend(samples(&reading));
    result.extend(terminal_estimates(&reading));
    result.extend(areas(&reading));
    result.extend(interval::estimates(&reading));
    result.extend(disposition::estimates(&reading));
    let line = reading.terminal.as_ref().ok();
    let area = |&(from, to): &(f64, f64)| reading.curve.between(from, to, line).map(|(area, _)| area);
    result.spans = settings.spans.iter().map(area).map(finite).collect();
    result
}

/// Peak, first and last samples.
fn samples(reading: &Reading<'_>) -> Vec<(&'static str, Estimate)> {
    let settings = reading.settings;
    let (time, value) = reading.peak;
    let mut found = vec![
        ("TMAX", if value > 0.0 { Ok(time) } else { Err(Absent::NoPositive) }),
        ("CMAX", Ok(value)),
        ("CMAX_D", reading.per_dose(Ok(value))),
        ("TLAST", reading.last.map(|last| last.0)),
        ("CLAST", reading.last.map(|last| last.1)),
    ];
    match (settings.administration, settings.occasion) {
        (Administration::Bolus, _) => found.push(("C0", Ok(reading.start.1))),
        (Administration::Extravascular, Occasion::First) => found.push(("TLAG", lag(reading.points))),
        _ => {}
    }
    found
}

fn lag(points: &[Point]) -> Estimate {
    let first = points.iter().position(|point| point.1 > 0.0).ok_or(Absent::NoPositive)?;
    Ok(if first == 0 { 0.0 } else { points[first - 1].0 })
}

fn terminal_estimates(reading: &Reading<'_>) -> Vec<(&'static str, Estimate)> {
    let of = |value: fn(&Terminal) -> f64| reading.terminal.as_ref().map(value).map_err(|absent| *absent);
    vec![
        ("CLAST_PRED", reading.predicted_last()),
        ("NO_POINTS_LAMBDA_Z", of(|terminal| terminal.count as f64)),
        ("LAMBDA_Z_LOWER", of(|terminal| terminal.lower)),
        ("LAMBDA_Z_UPPER", of(|terminal| terminal.upper)),
        ("RSQ", of(|terminal| terminal.r_squared)),
        ("RSQ_ADJUSTED", of(|terminal| terminal.adjusted)),
        ("LAMBDA_Z", of(|terminal| terminal.rate)),
        ("LAMBDA_Z_INTERCEPT", of(|terminal| terminal.intercept)),
        ("HL_LAMBDA_Z", of(Terminal::half_life)),
        ("SPAN", of(|terminal| (terminal.upper - terminal.lower) / terminal.half_life())),
    ]
}

/// Areas and moments to the last positive sample, to the last sample and to infinity.
fn areas(reading: &Reading<'_>) -> Vec<(&'static str, Estimate)> {
    let (area, moment) = (reading.area_to_last(), reading.moment_to_last());
    let mut found = vec![
        ("AUCLAST", Ok(area)),
        ("AUCLAST_D", reading.per_dose(Ok(area))),
        ("AUCALL", Ok(reading.curve.area_to(f64::INFINITY))),
        ("AUMCLAST", Ok(moment)),
    ];
    for (index, end) in [reading.last.map(|last| last.1), reading.predicted_last()].into_iter().enumerate() {
        let name = |names: [&'static str; 2]| names[index];
        let infinite = reading.area_to_infinity(end);
        let first_moment = reading.moment_to_infinity(end);
        let behind = |whole: Estimate, part: f64| ratio(100.0 * (whole? - part), whole?);
        found.extend([
            (name(["AUCINF_OBS", "AUCINF_PRED"]), infinite),
            (name(["AUCINF_D_OBS", "AUCINF_D_PRED"]), reading.per_dose(infinite)),
            (name(["AUC_PCTEXTRAP_OBS", "AUC_PCTEXTRAP_PRED"]), behind(infinite, area)),
            (name(["AUMCINF_OBS", "AUMCINF_PRED"]), first_moment),
            (name(["AUMC_PCTEXTRAP_OBS", "AUMC_PCTEXTRAP_PRED"]), behind(first_moment, moment)),
        ]);
        if reading.settings.administration == Administration::Bolus {
            let first = reading.points.first().map_or(0.0, |point| point.0);
            let before = infinite.and_then(|whole| ratio(100.0 * reading.curve.area_to(first), whole));
            found.push((name(["AUC_PCTBACK_EXT_OBS", "AUC_PCTBACK_EXT_PRED"]), before));
        }
    }
    found
}
