//! The realised dosing, given back as records, against the run: the same bits; and a changed dose is seen.

use super::fixture::{
    MODEL, arm, below, every, hold, memory, model, not, patient, reads, record, rule, run, scenario,
    treatment, with_model,
};
use crate::dataset::Event;
use crate::model::{Formula, Model};
use crate::population::Patient;
use crate::program::Program;
use crate::scenario::{Action, Adherence, CoMedication, ControlSetting, MemoryKind, Method, Scenario};
use crate::simulation::{End, Ensemble, Mismatch, Replay, Replayed, Simulator, Task, Trajectory, compile};

/// A lag, infusions, doses at night, doses not taken, a control in time, holds with co-medication and extra visits, deaths, dropouts and
/// infections, a record between the stops.
fn eventful(model: Model) -> Scenario {
    let mut scenario = with_model(model);
    scenario.horizon = 60.0;
    scenario.visits_while_held = Some(2.5);
    let (oral, mut infusion) = (treatment(0, &[5.0, 10.0, 25.0]), treatment(1, &[20.0]));
    (infusion.over, infusion.days, infusion.at) = (0.3, vec![1, 8, 15], vec![0.125, 0.5]);
    scenario.arms = vec![arm(vec![oral, infusion]), arm(vec![treatment(0, &[10.0])])];
    scenario.arms[0].treatments[0].start = 2;
    scenario.arms[1].treatments[0].adherence =
        Some(Adherence { first: 0.9, after_taken: 0.9, after_missed: 0.4 });
    scenario.arms[0].controls = vec![
        ControlSetting { control: 1, value: 1.7, from: 3.3, to: 9.0 },
        ControlSetting { control: 1, value: 0.6, from: 20.0, to: 21.5 },
    ];
    let low = || below(reads(&scenario, "ANC"), 2.2);
    let mut held = rule(low(), hold(not(low()), 1, 0.0));
    held.give = Some(CoMedication::daily(2, 3.0));
    let mut step = rule(
        Formula::Constant(1.0),
        Action::Escalate { drug: 0, first: 10.0, every: 14.0, highest: 25.0, regain: true },
    );
    step.daily = true;
    let anc = reads(&scenario, "ANC");
    let ever = memory(&mut scenario, MemoryKind::Nadir, anc);
    let stop = rule(below(ever, 0.7), Action::Discontinue { drug: Some(1) });
    scenario.rules = vec![held, step, stop];
    scenario.arms[0].rules = vec![0, 1, 2];
    scenario.records = vec![record(&scenario, every(0.37, 60.0), &["Cp", "ANC", "total"])];
    scenario
}

fn patients(count: usize) -> Vec<Patient> {
    let spread = |number: usize, factor: f64| ((number as f64 * factor).sin()) * 0.6;
    (0..count).map(|number| patient(number, [spread(number, 1.3), spread(number, 2.1)])).collect()
}

/// All courses, written down; by the explicit methods in lanes.
fn courses(scenario: &Scenario, program: &Program, patients: &[Patient]) -> Vec<Trajectory> {
    let pairs = (0..scenario.arms.len()).flat_map(|arm| patients.iter().map(move |patient| (arm, patient)));
    let mut found = Vec::new();
    match scenario.numerics.method {
        Method::Implicit => {
            let mut simulator = Simulator::new(scenario, program);
            found.extend(pairs.map(|(arm, patient)| simulator.realise(patient, arm)));
        }
        _ => {
            let mut tasks = pairs.map(|(arm, patient)| Task { number: 0, patient, arm, written_down: true });
            let mut ensemble = Ensemble::new(scenario, program, patients.len());
            ensemble.simulate(&mut || tasks.next(), &mut |_, course| found.push(course));
        }
    }
    found
}

/// Replays all; the number of values compared.
fn replayed(scenario: &Scenario, count: usize) -> (Vec<Trajectory>, usize) {
    let (program, patients) = (compile(scenario), patients(count));
    let replay = Replay::new(scenario);
    let courses = courses(scenario, &program, &patients);
    let values = courses.iter().map(|course| {
        assert!(!matches!(course.end, End::Failed(_)), "{:?}", course.end);
        let found = replay.check(&patients[course.patient], course);
        found
            .unwrap_or_else(|found| panic!("patient {}, arm {}: {found:?}", course.patient, course.arm))
            .values
    });
    let values = values.sum();
    (courses, values)
}

#[test]
fn realised_dosing_gives_the_course_again_to_the_last_bit() {
    let lagged = || model(&MODEL.replace("lag = { value = 0, unit", "lag = { value = 1.9, unit"));
    for method in [Method::Explicit, Method::Automatic, Method::Implicit] {
        let mut scenario = eventful(lagged());
        scenario.numerics.method = method;
        let (courses, values) = replayed(&scenario, 14);
        assert!(values > 14 * 2 * 160 * 3, "{values}");
        // What is meant to be covered is covered.
        let any = |found: &dyn Fn(&Trajectory) -> bool| courses.iter().any(found);
        assert!(any(&|course| course.decisions.iter().any(|decision| decision.drug == 2)), "co-medication");
        assert!(any(&|course| matches!(course.end, End::Died { .. })), "a death");
        assert!(any(&|course| course.events.iter().any(|event| event.hazard == 2)), "an infection");
        assert!(
            any(&|course| course.treatment.discontinued.is_some() && course.end == End::Completed),
            "a dropout"
        );
    }
}

#[test]
fn who_turns_out_stiff_on_the_way_is_replayed_too() {
    let stiff = MODEL
        .replace(
            "kel = { value = 0.5, unit = \"1/d\" }",
            "kel = { value = 0.5, unit = \"1/d\" }\nfast = { value = 40000, unit = \"1/d\" }",
        )
        .replace("rate = \"ke0 * (Cc - effect)\"", "rate = \"fast * N / (N + 1 1e9/L) * (Cc - effect)\"");
    let mut scenario = eventful(model(&stiff));
    scenario.horizon = 12.0;
    scenario.numerics.method = Method::Automatic;
    replayed(&scenario, 3);
}

#[test]
fn closed_forms_alone_are_replayed_too() {
    let text = r#"
title = "Closed"
time = "h"
[parameters]
ka = { value = 1.1, unit = "1/h" }
V = { value = 60, unit = "L" }
[individual]
k = { typical = "0.2 1/h", distribution = "log-normal", omega = 0.4 }
j = { typical = "0.1 1/h", distribution = "log-normal", omega = 0.4 }
[states]
gut = { unit = "mg", rate = "-ka * gut" }
central = { unit = "mg", rate = "ka * gut - k * central - j * central + j * other" }
other = { unit = "mg", rate = "j * central - j * other" }
[doses]
drug = { into = "gut" }
[outputs]
Cp = { unit = "ng/mL", value = "central / V" }
"#;
    let mut scenario = with_model(model(text));
    scenario.horizon = 20.0;
    replayed(&scenario, 3);
    // Recorded between the doses, at them, and not at all: the same bits where both look.
    let seen = run(&scenario);
    for spacing in [0.1, 1.0 / 3.0, 1.0] {
        scenario.records = vec![record(&scenario, every(spacing, 20.0), &["Cp"])];
        replayed(&scenario, 3);
        let again = run(&scenario);
        for (visit, other) in seen.visits.iter().zip(&again.visits) {
            assert_eq!(visit.truth[0].to_bits(), other.truth[0].to_bits(), "{spacing} {}", visit.time);
        }
    }
}

/// The first difference after one dose of a course is changed.
fn corrupted(change: impl Fn(&mut crate::dataset::Dose)) -> (f64, Result<Replayed, Mismatch>) {
    let scenario = eventful(model(MODEL));
    let (program, patients) = (compile(&scenario), patients(1));
    let course = Simulator::new(&scenario, &program).realise(&patients[0], 0);
    let realised = course.realised.as_deref().expect("written down");
    let mut subject = realised.subject.clone();
    let doses = subject.records.iter_mut().filter_map(|record| match &mut record.event {
        Event::Dose(dose) => Some((record.time, dose)),
        _ => None,
    });
    let (time, dose) = doses.filter(|(_, dose)| dose.route == 0).nth(4).expect("a fifth dose");
    change(dose);
    (time, Replay::new(&scenario).compare(&patients[0], &course, realised, &subject))
}

#[test]
fn a_corrupted_dose_is_caught_where_it_begins_to_tell() {
    assert!(corrupted(|_| {}).1.is_ok());
    for factor in [1.0 + 1e-12, 0.5, 0.0] {
        let (time, found) = corrupted(|dose| dose.amount *= factor);
        let found = found.expect_err("a dose was changed");
        assert!(found.time >= time && found.time <= time + 1.0, "{found:?}");
        assert!(found.run != found.replay && found.what.starts_with('`'), "{found:?}");
    }
    assert!(corrupted(|dose| dose.route = 1).1.is_err());
}

#[test]
fn a_controller_that_repeats_a_fixed_regimen_equals_the_plain_run() {
    let mut plain = scenario();
    plain.arms = vec![arm(vec![treatment(0, &[10.0]), treatment(2, &[4.0])])];
    plain.records = vec![record(&plain, every(0.37, 84.0), &["Cp", "ANC", "steroid_amount"])];
    let mut controlled = plain.clone();
    controlled.arms = vec![arm(vec![treatment(0, &[10.0])])];
    let mut given = rule(Formula::Constant(1.0), Action::Give);
    given.give = Some(CoMedication::daily(2, 4.0));
    let anc = || reads(&plain, "ANC");
    controlled.rules = vec![
        rule(below(anc(), 0.0), hold(not(below(anc(), 0.0)), 1, 0.0)),
        rule(below(anc(), 0.0), Action::Discontinue { drug: None }),
        given,
    ];
    controlled.arms[0].rules = vec![0, 1, 2];
    let (plain, controlled) = (run(&plain), run(&controlled));
    assert_eq!(plain.records[0].values, controlled.records[0].values);
    let given = |course: &Trajectory| -> Vec<(f64, usize, f64)> {
        course.doses.iter().map(|dose| (dose.time, dose.route, dose.amount)).collect()
    };
    assert_eq!(given(&plain), given(&controlled));
    assert_eq!(plain.counts, controlled.counts);
}
