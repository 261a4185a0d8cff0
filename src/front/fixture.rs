//! A front and a search made by hand, for tests here and of their figures.

use super::placed::Front;
use super::readings::{OfTarget, Reading, Told};
use super::search::{Finals, Found, Optimism};
use crate::diagnostic::Sources;
use crate::math::statistics::Interval;
use crate::model::Kind;
use crate::model::fixture::{ONE_COMPARTMENT, Texts};
use crate::sweep::{Plan, read};

const SCENARIO: &str = r#"
title = "One arm"
model = "m"
horizon = "28 d"
[population]
patients = 4
[[arm]]
name = "a"
treatment = [{ drug = "drug", dose = "10 mg" }]
[[endpoint]]
name = "exposure"
kind = "AUC"
of = "Cp"
record = "profile"
unit = "ng*h/mL"
about = "Area."
estimand = "All."
[[endpoint]]
name = "peak"
kind = "Cmax"
of = "Cp"
record = "profile"
unit = "ng/mL"
about = "Peak."
estimand = "All."
[[record]]
name = "profile"
every = "12 h"
outputs = ["Cp"]
"#;

const SWEEP: &str = r#"
scenario = "s"
[[axis]]
name = "dose"
key = "arm.0.treatment.0.dose"
values = ["1 mg", "2 mg", "3 mg", "4 mg", "5 mg", "6 mg"]
[front]
replicates = 100
accept = ["exposure: mean <= 100 ng*h/mL"]
[[front.objective]]
name = "exposure"
endpoint = "exposure: mean"
goal = "maximise"
[[front.objective]]
name = "peak"
endpoint = "peak: mean"
goal = "minimise"
"#;

pub fn plan() -> Plan {
    let files = Texts(vec![
        (Kind::Scenario, "s", SCENARIO.to_owned()),
        (Kind::Model, "m", ONE_COMPARTMENT.to_owned()),
    ]);
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let sweep = read("t.toml", SWEEP, &[], &files, &mut sources, &mut diagnostics);
    let plan = sweep.and_then(|sweep| Plan::new(sweep, &files, &mut sources, &mut diagnostics));
    plan.unwrap_or_else(|| panic!("{}", crate::diagnostic::render(&diagnostics, &sources, false)))
}

/// Exposure and peak, the same in every resample but that `of` may change it.
pub(super) fn reading(values: [Option<f64>; 2], of: impl Fn(usize, f64) -> Option<f64>) -> Reading {
    let target = |value: Option<f64>| OfTarget {
        whole: value.map(|estimate| Told {
            interval: Interval { estimate, lower: estimate, upper: estimate },
            error: None,
        }),
        resamples: (0..100).map(|resample| value.and_then(|value| of(resample, value))).collect(),
    };
    Reading { targets: values.map(target).into(), failed: 0, patients: 4 }
}

/// Two points on the front, one that might be, one that misses a condition, one without a value.
pub fn front() -> Front {
    let plan = plan();
    let asked = plan.sweep.objectives.clone().expect("objectives");
    let moved = |resample: usize, value: f64| Some(value + (resample as f64 - 49.5) / 100.0);
    let readings = [
        reading([Some(50.0), Some(5.0)], moved),
        reading([Some(30.0), Some(3.0)], moved),
        // Its peak moves with that of the first.
        reading([Some(40.0), Some(5.0)], |resample, value| match value {
            40.0 => Some(if resample < 10 { 80.0 } else { value }),
            peak => moved(resample, peak),
        }),
        reading([Some(150.0), Some(1.0)], moved),
        reading([None, Some(1.0)], moved),
    ];
    Front::new(&plan, &asked, &[0, 1, 2, 3, 4], &readings)
}

/// The front of that, estimated again.
pub fn searched() -> Found {
    let plan = plan();
    let search = front();
    let moved = |resample: usize, value: f64| Some(value + (resample as f64 - 49.5) / 100.0);
    let second = [reading([Some(47.0), Some(5.5)], moved), reading([Some(29.0), Some(2.5)], moved)];
    let again = Front::new(&plan, &search.asked, &[0, 1], &second);
    let optimism =
        vec![Some(Optimism { mean: 2.0, worse: 2, of: 2 }), Some(Optimism { mean: 0.0, worse: 1, of: 2 })];
    Found { search, generations: vec![1, 1, 1, 2, 2], finals: Finals { chosen: vec![0, 1], again, optimism } }
}
