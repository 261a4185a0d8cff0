//! Clearance, volumes and residence time: what the dose and the curve together say of the body.

use super::estimate::{Absent, Estimate, quotient, ratio};
use super::interval;
use super::reading::Reading;
use super::settings::{Administration, Occasion};

/// Where the area to infinity is that of the dose, from it; at steady state from the dosing interval; else absent.
pub(super) fn estimates(reading: &Reading<'_>) -> Vec<(&'static str, Estimate)> {
    let mut found = vec![("MRTLAST", residence_to_last(reading))];
    let extravascular = reading.settings.administration == Administration::Extravascular;
    let ends = [reading.last.map(|last| last.1), reading.predicted_last()];
    if reading.settings.occasion == Occasion::SteadyState {
        let clearance = interval::clearance(reading);
        let volume = quotient(clearance, reading.terminal.map(|terminal| terminal.rate));
        let names = if extravascular { ["CLSS_F", "VZ_F"] } else { ["CLSS", "VZ"] };
        found.extend([(names[0], clearance), (names[1], volume)]);
        for (end, names) in ends.into_iter().zip([["MRTINF_OBS", "VSS_OBS"], ["MRTINF_PRED", "VSS_PRED"]]) {
            let residence = interval::residence(reading, end);
            found.extend(with_volume(names, residence, clearance, extravascular));
        }
        return found;
    }
    let names = if extravascular {
        [
            ["CL_F_OBS", "VZ_F_OBS", "MRTINF_OBS", "VSS_OBS"],
            ["CL_F_PRED", "VZ_F_PRED", "MRTINF_PRED", "VSS_PRED"],
        ]
    } else {
        [["CL_OBS", "VZ_OBS", "MRTINF_OBS", "VSS_OBS"], ["CL_PRED", "VZ_PRED", "MRTINF_PRED", "VSS_PRED"]]
    };
    for (end, names) in ends.into_iter().zip(names) {
        let area = alone(reading).and_then(|()| reading.area_to_infinity(end));
        let clearance = quotient(reading.dose(), area);
        let volume = quotient(clearance, reading.terminal.map(|terminal| terminal.rate));
        let residence =
            quotient(reading.moment_to_infinity(end), area).map(|time| time - reading.mean_input());
        found.extend([(names[0], clearance), (names[1], volume)]);
        found.extend(with_volume([names[2], names[3]], residence, clearance, extravascular));
    }
    found
}

/// Residence time, and the volume that it gives together with clearance. An extravascular dose has none: its residence
/// time includes absorption.
fn with_volume(
    names: [&'static str; 2],
    residence: Estimate,
    clearance: Estimate,
    extravascular: bool,
) -> impl Iterator<Item = (&'static str, Estimate)> {
    let volume = residence.and_then(|time| Ok(time * clearance?));
    let volume = (!extravascular).then_some((names[1], volume));
    std::iter::once((names[0], residence)).chain(volume)
}

fn residence_to_last(reading: &Reading<'_>) -> Estimate {
    alone(reading)?;
    reading.last?;
    Ok(ratio(reading.moment_to_last(), reading.area_to_last())? - reading.mean_input())
}

/// Whether the whole curve is that of this dose.
fn alone(reading: &Reading<'_>) -> Result<(), Absent> {
    match reading.settings.occasion {
        Occasion::First => Ok(()),
        Occasion::SteadyState | Occasion::Later => Err(Absent::EarlierDoses),
    }
}
