//! Exposure after an intravenous bolus, against dose/CL: a profile begins behind the dose that is given at its first time.

mod texts;

use regimen::endpoint::Value;
use texts::{scenario, trial};

/// Into the plasma at once, under a lag, or by mouth. All three have CL = 5 L/h and V = 40 L.
const MODEL: &str = r#"
title = "one compartment"
time = "h"
[parameters]
cl = { value = 5, unit = "L/h" }
v = { value = 40, unit = "L" }
ka = { value = 2, unit = "1/h" }
[states]
depot = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "ka * depot - cl / v * central" }
[doses]
vein = { into = "central" }
late = { into = "central", lag = "24 h" }
mouth = { into = "depot" }
[outputs]
C = { unit = "mg/L", value = "central / v" }
"#;

const SCENARIO: &str = r#"
title = "Exposure"
model = "m"
horizon = "30 d"
[population]
patients = 1
[[arm]]
name = "once"
treatment = [{ drug = "vein", dose = "100 mg", days = "1", cycles = "1-1" }]
[[arm]]
name = "daily"
treatment = [{ drug = "vein", dose = "100 mg" }]
[[arm]]
name = "late"
treatment = [{ drug = "late", dose = "100 mg", days = "1", cycles = "1-1" }]
[[arm]]
name = "by mouth"
treatment = [{ drug = "mouth", dose = "100 mg", days = "1", cycles = "1-1" }]
[[record]]
name = "first day"
to = "24 h"
every = "2 h"
outputs = ["C"]
[[record]]
name = "second day"
from = "day 2"
to = "day 3"
every = "2 h"
outputs = ["C"]
[[record]]
name = "day 29"
from = "day 29"
to = "day 30"
every = "2 h"
outputs = ["C"]
"#;

/// The endpoint of each arm, in h, mg/L and their products.
fn values(kind: &str, record: &str, unit: &str, method: &str) -> Vec<f64> {
    let endpoint = format!(
        "[[endpoint]]\nname = \"it\"\nkind = \"{kind}\"\nof = \"C\"\nrecord = \"{record}\"\nunit = \"{unit}\"\n"
    );
    let numerics = format!("[numerics]\nmethod = \"{method}\"\nrtol = 1e-10\n");
    let trial = trial(&scenario(MODEL, &format!("{SCENARIO}{endpoint}{numerics}")), 1);
    let unit = regimen::units::parse(unit).expect("a unit");
    let value = |value: &Value| match value {
        Value::Quantity(value) => value / unit.factor,
        _ => f64::NAN,
    };
    trial.arms.iter().map(|arm| value(&arm.values[0][0])).collect()
}

fn near(found: f64, expected: f64, relative: f64, what: &str) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{what}: {found}, closed form {expected}");
}

/// The trapezoids of an exponential are exact; the dose/CL is 20 mg h/L. Both by closed forms and integrated.
#[test]
fn the_area_of_a_bolus_is_dose_over_clearance() {
    for method in ["explicit", "dop853-reference"] {
        let whole = values("AUC to infinity", "first day", "mg*h/L", method);
        near(whole[0], 20.0, 1e-8, method);
        let later = values("AUC to infinity", "second day", "mg*h/L", method);
        near(later[2], 20.0, 1e-8, "under a lag of a day");
        // At steady state over the interval: what is left of earlier doses stands before the record.
        let interval = values("AUC", "day 29", "mg*h/L", method);
        near(interval[1], 20.0, 1e-8, "at steady state");
    }
}

#[test]
fn peak_half_life_and_trough_of_a_bolus() {
    let left = (-0.125_f64 * 24.0).exp();
    for method in ["explicit", "dop853-reference"] {
        let peak = values("Cmax", "first day", "mg/L", method);
        near(peak[0], 2.5, 1e-12, "C0");
        near(values("Cmax", "day 29", "mg/L", method)[1], 2.5 / (1.0 - left), 1e-8, "steady peak");
        assert_eq!(values("Tmax", "first day", "h", method)[0], 0.0);
        near(
            values("half-life", "first day", "h", method)[0],
            std::f64::consts::LN_2 / 0.125,
            1e-8,
            "half-life",
        );
        let trough = values("trough", "day 29", "mg/L", method)[1];
        near(trough, 2.5 * left / (1.0 - left), 1e-8, "before the next dose");
    }
}

/// Nothing jumps in the plasma, so nothing changes: the area of the samples, by hand.
#[test]
fn a_dose_by_mouth_starts_from_nothing() {
    let level = |t: f64| 2.5 * 2.0 / (2.0 - 0.125) * ((-0.125 * t).exp() - (-2.0 * t).exp());
    let levels: Vec<f64> = (0..=12).map(|step| level(2.0 * f64::from(step))).collect();
    let part = |pair: &[f64]| {
        if pair[1] < pair[0] {
            2.0 * (pair[0] - pair[1]) / (pair[0] / pair[1]).ln()
        } else {
            pair[0] + pair[1]
        }
    };
    let expected: f64 = levels.windows(2).map(part).sum();
    near(values("AUC", "first day", "mg*h/L", "explicit")[3], expected, 1e-8, "by mouth");
}
