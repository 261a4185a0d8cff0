//! What the scenarios were written to show.

use regimen::endpoint::Value;

use crate::reading::{result, result_and_courses, scenario, values};

fn quantities(values: &[Value]) -> Vec<f64> {
    let quantity = |value: &Value| match value {
        Value::Quantity(quantity) => *quantity,
        other => panic!("no quantity: {other:?}"),
    };
    values.iter().map(quantity).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Egress arrest ends with the drug: cells held back in nodes come out.
#[test]
fn lymphocytes_rebound_in_the_week_off_only() {
    let scenario = scenario("week-off", 12);
    let trial = result(&scenario);
    let change = |arm: usize| {
        let read = |name| quantities(values(&scenario, &trial.arms[arm], name));
        let before = read("lymphocytes at the end of week 3");
        let after = read("lymphocytes at the end of week 4");
        before.iter().zip(after).map(|(before, after)| after / before).collect::<Vec<f64>>()
    };
    let (daily, with_week_off) = (change(0), change(1));
    assert!(mean(&daily) < 1.0, "on drug: {daily:?}");
    // Who left treatment before has no week off.
    assert!(
        with_week_off.iter().zip(&daily).all(|(off, on)| off >= on),
        "{with_week_off:?} against {daily:?}"
    );
    assert!(mean(&with_week_off) > 1.05, "off drug: {with_week_off:?}");
}

#[test]
fn a_hold_rule_shortens_neutropenia_and_costs_dose() {
    let scenario = scenario("neutropenia-hold", 30);
    let trial = result(&scenario);
    let read = |arm: usize, name| mean(&quantities(values(&scenario, &trial.arms[arm], name)));
    let below = "days with neutrophils below 1.0e9/L";
    assert!(read(1, below) < 0.7 * read(0, below), "{} and {} d", read(0, below), read(1, below));
    assert!((read(0, "dose intensity") - 1.0).abs() < 1e-12);
    let intensity = read(1, "dose intensity");
    assert!((0.5..0.98).contains(&intensity), "dose intensity {intensity}");
}

#[test]
fn exposure_is_proportional_to_dose_and_rises_as_kidney_function_falls() {
    let scenario = scenario("pk-profile", 60);
    let trial = result(&scenario);
    let area = |arm: usize| quantities(values(&scenario, &trial.arms[arm], "AUC to infinity"));
    let (five, twenty_five) = (area(0), area(3));
    for (low, high) in five.iter().zip(&twenty_five) {
        assert!((high / low - 5.0).abs() < 0.01, "{low} and {high}");
    }
    let clearance = scenario.model.covariate("CRCL").expect("a covariate of the model");
    let unit = &scenario.model.covariates[clearance].unit;
    let of = |within: &dyn Fn(f64) -> bool| {
        let patients = trial.patients.iter().zip(&five);
        let chosen = patients.filter(|(patient, _)| within(unit.show(patient.covariates[clearance])));
        mean(&chosen.map(|(_, area)| *area).collect::<Vec<f64>>())
    };
    assert!(of(&|clearance| clearance < 50.0) > 1.5 * of(&|clearance| clearance > 80.0));
}

#[test]
fn the_default_scenario_compares_three_arms_on_the_same_patients() {
    let scenario = scenario("starting-dose", 6);
    assert_eq!(scenario.horizon, 24.0 * 365.25 / 12.0);
    let (trial, courses) = result_and_courses(&scenario);
    assert_eq!(trial.arms.len(), 3);
    let first_doses: Vec<f64> = courses.iter().map(|arm| arm[0].doses[0].amount).collect();
    assert_eq!(first_doses, [2.5, 25.0, 10.0]);
    assert!(trial.comparisons.iter().any(|comparison| comparison.arm == 2));
    let steps = |arm: usize| {
        let decisions = courses[arm].iter().flat_map(|course| &course.decisions);
        decisions.filter(|decision| decision.action == regimen::simulation::Done::Escalate).count()
    };
    assert!(steps(0) > 0 && steps(1) == 0 && steps(2) == 0);
}
