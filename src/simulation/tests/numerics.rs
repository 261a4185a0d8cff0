//! The solution itself: closed forms, chains, records, failures.

use super::fixture::{
    altered, arm, every, output, patient, record, run, run_patient, scenario, treatment, with_hazards,
    with_model,
};
use crate::program::Program;
use crate::scenario::{ControlSetting, Method, Scenario};
use crate::simulation::{End, Simulator, Trajectory};

fn values(trajectory: &Trajectory) -> &[f64] {
    &trajectory.records[0].values
}

#[test]
fn an_infusion_follows_its_closed_form() {
    let mut scenario = scenario();
    let mut infusion = treatment(1, &[100.0]);
    (infusion.over, infusion.days, infusion.cycles) = (0.5, vec![1], (1, 1));
    scenario.arms = vec![arm(vec![infusion])];
    scenario.horizon = 3.0;
    scenario.numerics.relative_tolerance = 1e-9;
    let times = every(0.125, 3.0);
    scenario.records = vec![record(&scenario, times.clone(), &["Cp"])];
    let trajectory = run(&scenario);
    assert_eq!(trajectory.end, End::Completed);
    let (volume, rate) = (60.0, 240.0 / 60.0);
    for (time, value) in times.iter().zip(values(&trajectory)) {
        let span = time.min(0.5);
        let at_end = 100.0 / 0.5 / (rate * volume) * (1.0 - (-rate * span).exp());
        let exact = at_end * (-rate * (time - span)).exp();
        assert!((value - exact).abs() < 1e-7, "{time}: {value} {exact}");
    }
}

#[test]
fn exact_chains_agree_with_everything_integrated() {
    let mut scenario = scenario();
    scenario.arms[0].treatments[0].days = (1..=21).collect();
    scenario.arms[0].treatments[0].at = vec![0.0, 0.4];
    scenario.horizon = 40.0;
    scenario.numerics.relative_tolerance = 1e-9;
    let names = ["Cp", "ANC", "total", "gut", "marker"];
    scenario.records = vec![record(&scenario, every(0.05, 40.0), &names)];
    let own = run(&scenario);
    for method in [Method::Dop853Reference, Method::Dopri5Reference] {
        scenario.numerics.method = method;
        let reference = run(&scenario);
        assert_eq!(reference.end, End::Completed);
        assert_eq!(reference.doses, own.doses);
        for (own, reference) in values(&own).iter().zip(values(&reference)) {
            assert!((own - reference).abs() <= 1e-6 * reference.abs() + 1e-7, "{own} {reference}");
        }
    }
    assert!(own.counts.evaluations > 0);
}

#[test]
fn an_infusion_into_a_chain_agrees_with_everything_integrated() {
    let mut scenario = scenario();
    scenario.arms[0].treatments[0].over = 0.2;
    scenario.horizon = 5.0;
    scenario.numerics.relative_tolerance = 1e-8;
    scenario.records = vec![record(&scenario, every(0.05, 5.0), &["Cp", "gut", "total"])];
    let own = run(&scenario);
    scenario.numerics.method = Method::Dop853Reference;
    let reference = run(&scenario);
    for (own, reference) in values(&own).iter().zip(values(&reference)) {
        assert!((own - reference).abs() <= 1e-6 * reference.abs() + 1e-7, "{own} {reference}");
    }
}

#[test]
fn mass_balance_closes_to_rounding() {
    let mut scenario = scenario();
    scenario.records = vec![record(&scenario, every(0.25, 84.0), &["total"])];
    scenario.numerics.relative_tolerance = 1e-4;
    let trajectory = run(&scenario);
    for (time, total) in scenario.records[0].times.iter().zip(values(&trajectory)) {
        // A record at a dose time reads the state just before.
        let given = 10.0 * time.ceil();
        assert!((total - given).abs() <= 1e-12 * (1.0 + given), "{time}: {total} {given}");
    }
}

#[test]
fn a_lag_delays_a_dose() {
    let mut scenario = with_model(altered("value = 0, unit = \"h\"", "value = 6, unit = \"h\""));
    scenario.horizon = 2.0;
    scenario.records = vec![record(&scenario, every(0.125, 2.0), &["total"])];
    let trajectory = run(&scenario);
    let mut expected: Vec<f64> = vec![0.0; 3];
    expected.extend([10.0; 8]);
    expected.extend([20.0; 6]);
    for (value, expected) in values(&trajectory).iter().zip(expected) {
        assert!((value - expected).abs() < 1e-9 || trajectory.events.is_empty(), "{value} {expected}");
    }
    assert_eq!(trajectory.doses[0].time, 0.0, "logged when given, not when it arrives");
}

#[test]
fn records_do_not_change_the_steps() {
    let mut scenario = with_hazards();
    let bare: Vec<Trajectory> = (0..5).map(|number| run_patient(&scenario, number, 0)).collect();
    scenario.records = vec![
        record(&scenario, every(0.013, 84.0), &["Cp", "ANC"]),
        record(&scenario, every(1.0, 84.0), &["total"]),
    ];
    for (number, bare) in bare.iter().enumerate() {
        let recorded = run_patient(&scenario, number, 0);
        assert_eq!(recorded.counts, bare.counts);
        assert_eq!(recorded.events, bare.events);
        assert_eq!(recorded.end_time.to_bits(), bare.end_time.to_bits());
        let same = |a: &Trajectory, b: &Trajectory| {
            a.visits.last().map(|v| v.truth.clone()) == b.visits.last().map(|v| v.truth.clone())
        };
        assert!(same(&recorded, bare));
    }
}

#[test]
fn a_record_at_a_dose_reads_the_state_before_it() {
    let mut scenario = scenario();
    scenario.horizon = 3.0;
    scenario.records = vec![record(&scenario, vec![0.0, 1.0, 2.0, 3.0], &["total"])];
    let trajectory = run(&scenario);
    assert_eq!(trajectory.records[0].reached, 4);
    for (value, expected) in values(&trajectory).iter().zip([0.0, 10.0, 20.0, 30.0]) {
        assert!((value - expected).abs() < 1e-11);
    }
}

#[test]
fn one_workspace_gives_the_same_bits_as_a_fresh_one() {
    let mut scenario = with_hazards();
    scenario.records = vec![record(&scenario, every(0.5, 84.0), &["Cp", "ANC"])];
    let program = Program::compile(&scenario.model);
    let mut reused = Simulator::new(&scenario, &program);
    for number in [3, 0, 2, 3] {
        let one = patient(number, [0.1, -0.2]);
        let fresh = Simulator::new(&scenario, &program).simulate(&one, 0);
        assert_eq!(format!("{:?}", reused.simulate(&one, 0)), format!("{fresh:?}"));
    }
}

#[test]
fn controls_hold_from_day_to_day() {
    let mut scenario = scenario();
    let induction = scenario.model.control("induction").expect("a control");
    scenario.arms[0].controls = vec![ControlSetting { control: induction, value: 0.0, from: 2.0, to: 4.0 }];
    scenario.arms[0].treatments[0].days = vec![1];
    scenario.records = vec![record(&scenario, vec![1.9, 2.0, 3.0, 4.0, 4.1], &["Cp"])];
    let trajectory = run(&scenario);
    let [before, start, middle, end, after] = values(&trajectory) else { panic!("five values") };
    assert!(before > start && after < end);
    assert!((start / end - 1.0).abs() < 1e-9 && (middle / end - 1.0).abs() < 1e-9, "no elimination");
}

fn failure(scenario: &Scenario) -> (Trajectory, crate::simulation::Failure) {
    let trajectory = run(scenario);
    match trajectory.end.clone() {
        End::Failed(failure) => (trajectory, failure),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_negative_volume_fails_before_the_first_step() {
    let (trajectory, failure) =
        failure(&with_model(altered("value = 60, unit = \"L\"", "value = -60, unit = \"L\"")));
    assert_eq!(failure.what, "`V` is -60 L for this patient");
    assert_eq!(trajectory.end_time, 0.0);
    assert!(trajectory.visits.is_empty() && trajectory.doses.is_empty());
}

#[test]
fn a_volume_of_zero_fails_before_the_first_step() {
    let (trajectory, failure) =
        failure(&with_model(altered("value = 60, unit = \"L\"", "value = 0, unit = \"L\"")));
    assert_eq!(failure.what, "`V` is 0 L for this patient");
    assert_eq!(trajectory.end_time, 0.0);
}

#[test]
fn a_negative_volume_per_mass_does_not_pass_silently() {
    let equations = "Cc = \"central / V\"\nVkg = { value = \"-V / 70.123456 kg\", unit = \"L/kg\" }";
    let (_, failure) = failure(&with_model(altered("Cc = \"central / V\"", equations)));
    assert!(failure.what.starts_with("`Vkg` is -0.8556 L/kg"), "{failure:?}");
}

#[test]
fn a_volume_that_falls_through_zero_on_day_ten_does_not_pass_silently() {
    let equations = "Vt = \"V * (1 - t / 10 d)\"\nCc = \"central / Vt\"";
    let mut scenario = with_model(altered("Cc = \"central / V\"", equations));
    scenario.records = vec![record(&scenario, every(0.5, 84.0), &["Cp"])];
    for method in [Method::Explicit, Method::Dop853Reference] {
        scenario.numerics.method = method;
        let (trajectory, failure) = failure(&scenario);
        // The rates blow up as the volume nears 0, so the solver may be the first to say so.
        assert!(failure.time >= 9.9 && failure.time <= 10.5, "{failure:?}");
        assert!(values(&trajectory).iter().all(|&value| value >= 0.0));
    }
}

#[test]
fn a_volume_that_nothing_is_divided_by_may_be_zero() {
    let equations = "Cc = \"central / V\"\nshrunk = \"V * max(0, 1 - t / 10 d)\"";
    let end = run(&with_model(altered("Cc = \"central / V\"", equations))).end;
    assert!(!matches!(end, End::Failed(_)), "{end:?}");
}

#[test]
fn what_was_reached_before_a_failure_is_kept() {
    let growth = "steroid = { unit = \"mg\", initial = \"1 mg\", rate = \"0.5 1/d/mg * steroid * steroid\" }";
    let mut scenario =
        with_model(altered("steroid = { unit = \"mg\", rate = \"-1 1/d * steroid\" }", growth));
    scenario.records = vec![record(&scenario, every(0.3, 84.0), &["steroid_amount"])];
    let (trajectory, failure) = failure(&scenario);
    // y' = y²/2 from 1 reaches infinity at t = 2.
    assert!((failure.time - 2.0).abs() < 1e-3, "{failure:?}");
    assert_eq!(failure.state, scenario.model.states.iter().position(|state| state.name == "steroid"));
    assert!((trajectory.end_time - 2.0).abs() < 1e-3);
    assert_eq!(trajectory.records[0].reached, 7);
    assert_eq!(values(&trajectory).len(), 7);
    assert_eq!(trajectory.visits.len(), 1);
}

#[test]
fn the_step_limit_is_a_failure_with_advice() {
    let mut scenario = scenario();
    scenario.numerics.maximum_steps = 20;
    let (_, failure) = failure(&scenario);
    assert!(failure.what.contains("20 steps") && failure.cause.contains("maximum_steps"), "{failure:?}");
}

#[test]
fn an_output_that_is_not_finite_is_never_recorded() {
    let mut scenario = with_model(altered(
        "marker = { unit = \"ng/mL\", value = \"slow\" }",
        "marker = { unit = \"1\", value = \"log(steroid / 1 mg)\" }",
    ));
    scenario.horizon = 3.0;
    let (trajectory, failure) = failure(&scenario);
    assert!(failure.what.contains("`marker` is infinite"), "{failure:?}");
    assert!(trajectory.visits.is_empty());
}

#[test]
fn hazards_end_follow_up_or_treatment() {
    let mut scenario = with_hazards();
    scenario.records = vec![record(&scenario, every(1.0, 84.0), &["ANC", "on"])];
    let (death, dropout) = (0, 1);
    let (mut died, mut dropped) = (0, 0);
    for number in 0..40 {
        let trajectory = run_patient(&scenario, number, 0);
        let end = trajectory.end_time;
        assert!(trajectory.visits.iter().all(|visit| visit.time <= end));
        assert!(trajectory.doses.iter().all(|dose| dose.time < end));
        assert_eq!(trajectory.records[0].reached, end.floor() as usize + 1);
        let own = |hazard| trajectory.events.iter().find(move |event| event.hazard == hazard);
        assert_eq!(trajectory.end == End::Died { hazard: death }, own(death).is_some());
        if let Some(event) = own(death) {
            assert_eq!(event.time.to_bits(), end.to_bits());
            died += 1;
        }
        let stopped = trajectory.treatment.discontinued.map(|(time, _)| time);
        assert_eq!(stopped, own(dropout).map(|event| event.time));
        if let Some(time) = stopped {
            dropped += 1;
            assert!(trajectory.doses.iter().all(|dose| dose.time <= time));
            assert_eq!(trajectory.decisions.len(), 1);
            let driven = output(&scenario, "on");
            for visit in &trajectory.visits {
                assert_eq!(visit.truth[driven] == 1.0, visit.time > 0.0 && visit.time <= time);
            }
        }
    }
    assert!(died > 5 && dropped > 5, "{died} {dropped}");
}

#[test]
fn hazard_times_agree_with_the_reference_methods() {
    let mut scenario = with_hazards();
    scenario.numerics.relative_tolerance = 1e-9;
    for number in 0..10 {
        scenario.numerics.method = Method::Explicit;
        let own = run_patient(&scenario, number, 0);
        scenario.numerics.method = Method::Dop853Reference;
        let reference = run_patient(&scenario, number, 0);
        assert_eq!(own.events.len(), reference.events.len());
        for (own, reference) in own.events.iter().zip(&reference.events) {
            assert_eq!(own.hazard, reference.hazard);
            let difference = (own.time - reference.time).abs();
            assert!(difference < 1e-6, "{own:?}, off by {difference} d");
        }
    }
}

#[test]
fn a_typical_patient_meets_no_hazard_and_no_residual_error() {
    let mut scenario = with_hazards();
    scenario.variability = false;
    let trajectory = run(&scenario);
    assert!(trajectory.events.is_empty());
    assert!(trajectory.visits.iter().all(|visit| visit.truth == visit.measured));
}
