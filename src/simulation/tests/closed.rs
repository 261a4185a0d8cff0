//! What is left out and what is taken together must not be seen in the numbers.

use super::fixture::{
    MODEL, arm, every, hold, model, not, output, patient, record, rule, treatment, with_hazards, with_model,
};
use crate::model::{Formula, Model};
use crate::scenario::{Method, Scenario};
use crate::simulation::{End, Trajectory, compile, simulate};

/// Absorption, two compartments, an area and an effect compartment: all in closed form.
fn kinetics() -> Model {
    let text = r#"
title = "Kinetics"
time = "h"
[parameters]
ka = { value = 1.2, unit = "1/h" }
cl = { value = 5, unit = "L/h" }
v = { value = 40, unit = "L" }
q = { value = 3, unit = "L/h" }
v2 = { value = 90, unit = "L" }
ke0 = { value = 0.4, unit = "1/h" }
[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.4 }
V = { typical = "v", distribution = "log-normal", omega = 0.3 }
[states]
depot = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "ka * depot - (CL + q) / V * central + q / v2 * deep" }
deep = { unit = "mg", rate = "q / V * central - q / v2 * deep" }
area = { unit = "mg*h/L", rate = "central / V" }
effect = { unit = "mg/L", rate = "ke0 * (central / V - effect)" }
[doses]
drug = { into = "depot" }
iv = { into = "central" }
[outputs]
Cp = { unit = "mg/L", value = "central / V", error = { proportional = "10 %" } }
AUC = { unit = "mg*h/L", value = "area" }
Ce = { unit = "mg/L", value = "effect" }
"#;
    model(text)
}

/// Two drugs with days off, visits and two records that do not fall on doses; the first arm as it is, the second with a rule
/// that never acts.
fn plain_and_watched() -> Scenario {
    let mut scenario = with_model(kinetics());
    scenario.records = vec![
        record(&scenario, every(0.37, 84.0), &["Cp", "AUC", "Ce"]),
        record(&scenario, every(1.0, 84.0), &["Cp"]),
    ];
    let mut oral = treatment(0, &[10.0]);
    (oral.days, oral.at) = ((3..=20).collect(), vec![0.0, 0.5]);
    let mut bolus = treatment(1, &[5.0]);
    bolus.days = vec![1, 15];
    let plain = arm(vec![oral, bolus]);
    let mut watched = plain.clone();
    watched.rules = vec![0];
    let never = Formula::Constant(0.0);
    scenario.rules = vec![rule(never.clone(), hold(not(never), 0, 0.0))];
    scenario.rules[0].signals = vec![output(&scenario, "Cp")];
    scenario.arms = vec![plain, watched];
    scenario
}

/// All that is known of a course, in full, but how often rules were looked at.
fn written(mut course: Trajectory) -> String {
    course.arm = 0;
    course.audit.rules.clear();
    format!("{course:?}")
}

#[test]
fn a_rule_that_never_acts_changes_no_bit_of_a_closed_course() {
    let scenario = plain_and_watched();
    let program = compile(&scenario);
    assert!(program.is_closed());
    for number in 0..5 {
        let patient = patient(number, [0.2 * number as f64 - 0.4, 0.3]);
        let [plain, watched] = [0, 1].map(|arm| simulate(&scenario, &program, &patient, arm));
        assert_eq!(plain.end, End::Completed);
        assert_eq!(plain.doses.len(), 3 * 36 + 6);
        assert_eq!(plain.records[0].reached, every(0.37, 84.0).len());
        assert!(written(plain) == written(watched));
    }
}

#[test]
fn a_closed_course_that_breaks_off_does_so_at_the_same_place_with_a_rule_and_without() {
    let mut scenario = plain_and_watched();
    // Too much to be a number, from the second cycle on.
    for arm in &mut scenario.arms {
        (arm.treatments[1].levels, arm.treatments[1].cycles) = (vec![f64::MAX], (2, 3));
    }
    let (program, patient) = (compile(&scenario), patient(0, [0.0; 2]));
    let [plain, watched] = [0, 1].map(|arm| simulate(&scenario, &program, &patient, arm));
    let End::Failed(failure) = &plain.end else { panic!("{:?}", plain.end) };
    assert!((28.0..57.0).contains(&failure.time), "{failure:?}");
    assert!(plain.doses.iter().all(|dose| dose.time <= failure.time));
    assert!(written(plain) == written(watched));
}

#[test]
fn what_the_scenario_cannot_bring_about_is_left_out_and_changes_nothing() {
    let mut scenario = with_hazards();
    scenario.records = vec![record(&scenario, every(1.0, 84.0), &["Cp", "ANC", "marker"])];
    scenario.numerics.relative_tolerance = 1e-10;
    let whole = crate::program::Program::compile(&scenario.model);
    let less = compile(&scenario);
    assert!(less.operations() < whole.operations());
    let steroid = scenario.model.routes.iter().position(|route| route.name == "prednisone");
    let steroid = steroid.expect("a route of the test model");
    assert!(whole.admits(steroid, true) && !less.admits(steroid, false));
    assert!(less.admits(0, false) && !less.admits(0, true));
    for number in 0..8 {
        let patient = patient(number, [0.1 * number as f64, -0.2]);
        let [all, some] = [&whole, &less].map(|program| simulate(&scenario, program, &patient, 0));
        assert_eq!(all.doses, some.doses);
        assert_eq!(all.events.len(), some.events.len());
        for (a, b) in all.records[0].values.iter().zip(&some.records[0].values) {
            assert!((a - b).abs() <= 1e-8 * a.abs() + 1e-12, "{a} for {b}");
        }
    }
}

#[test]
fn a_dose_for_which_the_program_was_not_made_ends_the_course() {
    let mut scenario = with_model(model(MODEL));
    let program = compile(&scenario);
    scenario.arms[0].treatments[0].route = 1;
    for method in [Method::Explicit, Method::Dopri5Reference] {
        scenario.numerics.method = method;
        let course = simulate(&scenario, &program, &patient(0, [0.0; 2]), 0);
        let End::Failed(failure) = course.end else { panic!("{:?}", course.end) };
        assert!(failure.what.contains("`iv`") && failure.time == 0.0, "{failure:?}");
        assert!(course.doses.is_empty());
    }
}
