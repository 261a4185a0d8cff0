//! Patients in company against patients alone: the same bits, whoever sits beside them.

use super::fixture::{MODEL, arm, every, model, patient, record, treatment, with_model};
use crate::math::processor::Processor;
use crate::population::Patient;
use crate::program::Program;
use crate::scenario::{Method, Scenario};
use crate::simulation::{End, Ensemble, Task, Trajectory, simulate};

/// Patient who has a value that is not a number, one whose volume is negative, and one whose steroid grows without bound.
const FAULTY: [(usize, [f64; 2]); 3] = [(5, [f64::NAN, 0.0]), (17, [0.0, 2.0]), (29, [1.5, 0.0])];

/// The test model with ways to fail built in.
fn scenario() -> Scenario {
    let text = MODEL.replace("Cc = \"central / V\"", "Vd = \"V * (2 - base / (3 * N0))\"\nCc = \"central / Vd\"").replace(
        "steroid = { unit = \"mg\", rate = \"-1 1/d * steroid\" }",
        "steroid = { unit = \"mg\", initial = \"if(CL > 40 L/h, 1 mg, 0 mg)\", rate = \"0.5 1/d/mg * steroid * steroid\" }",
    );
    let mut scenario = with_model(model(&text));
    scenario.horizon = 40.0;
    scenario.arms = vec![arm(vec![treatment(0, &[10.0])]), arm(vec![treatment(1, &[25.0])])];
    scenario.arms[1].treatments[0].over = 0.2;
    scenario.records = vec![record(&scenario, every(0.7, 40.0), &["Cp", "ANC"])];
    scenario
}

fn patients() -> Vec<Patient> {
    let spread = |number: usize, factor: f64| ((number as f64 * factor).sin()) * 0.6;
    let effects = |number| match FAULTY.iter().find(|faulty| faulty.0 == number) {
        Some((_, effects)) => *effects,
        None => [spread(number, 1.3), spread(number, 2.1)],
    };
    (0..45).map(|number| patient(number, effects(number))).collect()
}

/// Everything known of each (patient, arm), arm by arm, as text: floating-point numbers are written in full.
fn together(scenario: &Scenario, program: &Program, patients: &[Patient], expected: usize) -> Vec<String> {
    let tasks = scenario.arms.len() * patients.len();
    let mut found = vec![String::new(); tasks];
    let mut tasks = (0..tasks).map(|number| {
        let (arm, place) = (number / patients.len(), number % patients.len());
        Task { number, patient: &patients[place], arm, written_down: false }
    });
    Ensemble::new(scenario, program, expected)
        .simulate(&mut || tasks.next(), &mut |number, trajectory| found[number] = format!("{trajectory:?}"));
    found
}

#[test]
fn company_changes_nobodys_bits_on_any_processor_and_at_any_width() {
    let (scenario, patients) = (scenario(), patients());
    let program = Program::compile(&scenario.model);
    let mut failed = 0;
    let mut alone = Vec::new();
    for arm in 0..scenario.arms.len() {
        for patient in &patients {
            let trajectory = simulate(&scenario, &program, patient, arm);
            failed += usize::from(matches!(trajectory.end, End::Failed(_)));
            alone.push(format!("{trajectory:?}"));
        }
    }
    assert_eq!(failed, 2 * FAULTY.len(), "the faulty ones, and no other");
    for processor in Processor::kinds() {
        let program = Program::compile(&scenario.model).with_processor(processor);
        for expected in [1, 60, 10_000] {
            let found = together(&scenario, &program, &patients, expected);
            for (number, (found, alone)) in found.iter().zip(&alone).enumerate() {
                assert!(
                    found == alone,
                    "task {number}, {processor:?}, lanes for {expected}:\n{found}\n{alone}"
                );
            }
        }
    }
}

#[test]
fn a_failed_patient_changes_nobody_else() {
    let (scenario, all) = (scenario(), patients());
    let sound: Vec<Patient> = all
        .iter()
        .filter(|patient| FAULTY.iter().all(|faulty| faulty.0 != patient.number))
        .cloned()
        .collect();
    let program = Program::compile(&scenario.model);
    let with = together(&scenario, &program, &all, 100);
    let without = together(&scenario, &program, &sound, 100);
    for (place, patient) in sound.iter().enumerate() {
        assert!(with[patient.number] == without[place], "patient {}", patient.number);
    }
}

/// Some patients' effect follows the concentration within a tenth of a second.
fn partly_stiff(method: Method) -> Scenario {
    let fast = MODEL.replace(
        "rate = \"ke0 * (Cc - effect)\"",
        "rate = \"if(CL > CL_typ, 10000, 1) * ke0 * (Cc - effect)\"",
    );
    let mut scenario = with_model(model(&fast));
    scenario.horizon = 10.0;
    scenario.numerics.method = method;
    scenario.records = vec![record(&scenario, every(0.7, 10.0), &["Cp", "ANC"])];
    scenario
}

#[test]
fn stiff_patients_go_on_by_the_implicit_method_in_company_as_alone() {
    let automatic = partly_stiff(Method::Automatic);
    let program = Program::compile(&automatic.model);
    let patients: Vec<Patient> =
        (0..12).map(|number| patient(number, [(-1.0_f64).powi(number as i32) * 0.3, 0.1])).collect();
    let found = together(&automatic, &program, &patients, 60);
    let implicit = partly_stiff(Method::Implicit);
    for (patient, found) in patients.iter().zip(&found) {
        let alone = simulate(&automatic, &program, patient, 0);
        assert!(*found == format!("{alone:?}"), "patient {}", patient.number);
        let stiff = patient.random_effects[0] > 0.0;
        // A thousand steps until it is noticed; the explicit method would take more than a million.
        assert!(alone.counts.steps < 20_000, "{:?}", alone.counts);
        assert_eq!(alone.counts.steps > 1_000, stiff, "{:?}", alone.counts);
        let other = simulate(&implicit, &program, patient, 0);
        let values = |trajectory: &Trajectory| trajectory.records[0].values.clone();
        for (value, other) in values(&alone).iter().zip(values(&other)) {
            assert!((value - other).abs() <= 1e-4 * other.abs() + 1e-9, "{value} for {other}");
        }
    }
}
