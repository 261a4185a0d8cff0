//! Three arms of the calibration, smaller than there: the rates must be recognised.
//!
//! What is compared with is the simulated column of `docs/flagship.md` (1,000 patients, an earlier program). The tolerance
//! is three standard errors of 150 patients; with 1,000 the rates are within 6 points (the same page). The draws are
//! keyed, so that the outcome of this test is always the same.

use regimen::endpoint::Value;
use regimen::scenario::Scenario;
use regimen::trial::ArmResult;

use crate::shelf::{result, scenario, values};

const PATIENTS: usize = 150;
const POINTS: f64 = 12.0;

/// Percent of patients with a value for whom `is` holds.
fn percent(values: &[Value], is: impl Fn(&Value) -> bool) -> f64 {
    let known = values.iter().filter(|value| !matches!(value, Value::Missing(_)));
    let yes = known.clone().filter(|value| is(value)).count();
    100.0 * yes as f64 / known.count() as f64
}

fn grade(scenario: &Scenario, arm: &ArmResult, endpoint: &str, least: u8) -> f64 {
    percent(values(scenario, arm, endpoint), |value| matches!(value, Value::Grade(grade) if *grade >= least))
}

/// (response, neutropenia 3-4, thrombocytopenia 3-4, flare of at least this grade: (grade, %))
struct Wanted {
    response: f64,
    neutropenia: f64,
    thrombocytopenia: f64,
    flare: (u8, f64),
}

fn resembles(name: &str, wanted: &Wanted) {
    let scenario = scenario(name, PATIENTS);
    let trial = result(&scenario);
    let arm = &trial.arms[0];
    let best = values(&scenario, arm, "best response");
    let found = [
        (
            "response",
            wanted.response,
            percent(best, |value| matches!(value, Value::Category { rank: 0..=2, .. })),
        ),
        ("neutropenia", wanted.neutropenia, grade(&scenario, arm, "neutropenia", 3)),
        ("thrombocytopenia", wanted.thrombocytopenia, grade(&scenario, arm, "thrombocytopenia", 3)),
        ("flare", wanted.flare.1, grade(&scenario, arm, "tumour flare", wanted.flare.0)),
    ];
    for (what, wanted, found) in found {
        assert!((found - wanted).abs() <= POINTS, "{name}, {what}: {found:.1} % instead of {wanted} %");
    }
    assert_eq!(arm.failed, 0);
}

#[test]
fn ferrajoli_is_recognised() {
    let wanted = Wanted { response: 38.8, neutropenia: 74.5, thrombocytopenia: 46.8, flare: (1, 72.0) };
    resembles("trials/ferrajoli-2008", &wanted);
}

/// Grade 3 flare of all three starting doses together.
#[test]
fn cll_009_with_5_mg_is_recognised() {
    let wanted = Wanted { response: 42.9, neutropenia: 71.6, thrombocytopenia: 46.1, flare: (3, 7.1) };
    resembles("trials/cll009-5mg", &wanted);
}

/// Response and counts of groups A and B together.
#[test]
fn chanan_khan_group_a_is_recognised() {
    let wanted = Wanted { response: 50.9, neutropenia: 71.3, thrombocytopenia: 39.9, flare: (1, 75.4) };
    resembles("trials/chanan-khan-a", &wanted);
}
