//! Between-occasion variability: closed forms by hand with the draws of the named streams, in trials and in tables of records;
//! what the draws have in common and what not.
//!
//! Statistics of n draws are allowed 4.5 standard errors, which chance exceeds 7 times in a million.

mod tables;

use regimen::math::random::{Identity, Stream};
use regimen::model::Interpolation;
use regimen::population::{Patient, Sampler};
use regimen::program::Program;
use regimen::scenario::Scenario;
use regimen::simulation::{End, Ensemble, Task, Trajectory, simulate};
use tables::Job;
use tables::texts::{scenario, trial};

const OMEGA: f64 = 0.3;
const KAPPA: f64 = 0.25;

/// An intravenous drug; both kappas are correlated, and one parameter is written as an equation.
const MODEL: &str = r#"
title = "one compartment"
time = "d"
[parameters]
cl = { value = 24, unit = "L/d" }
v = { value = 20, unit = "L" }
[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.3, occasion = { omega = 0.25 } }
[occasion_variability]
V = { omega = 0.1 }
[[correlation]]
between = ["kappa.CL", "kappa.V"]
value = 0.6
[equations]
V = "v * exp(kappa.V)"
[states]
central = { unit = "mg", rate = "-CL / V * central" }
[doses]
drug = { into = "central" }
[outputs]
A = { unit = "mg", value = "central" }
kCL = { unit = "1", value = "log(CL / cl)" }
kV = { unit = "1", value = "log(V / v)" }
"#;

const SCENARIO: &str = r#"
title = "Weekly occasions"
model = "m"
horizon = "21 d"
seed = 5
occasions = "every 7 d"
[population]
patients = 60
[[arm]]
name = "once"
treatment = [{ drug = "drug", dose = "100 mg", days = "1", cycles = "1-1" }]
[[arm]]
name = "daily"
treatment = [{ drug = "drug", dose = "100 mg" }]
[[endpoint]]
name = "last amount"
kind = "trough"
of = "A"
record = "course"
[[record]]
name = "course"
every = "1 d"
outputs = ["A", "kCL", "kV"]
"#;

fn patients(scenario: &Scenario, program: &Program) -> Vec<Patient> {
    let sampler = Sampler::new(scenario, program).unwrap_or_else(|error| panic!("{error:?}"));
    let one = |number| sampler.patient(number).unwrap_or_else(|error| panic!("{error:?}"));
    (0..scenario.patients).map(one).collect()
}

/// A standard normal of a stream, the first.
fn normal(seed: u64, patient: u64, purpose: &str, occasion: u64) -> f64 {
    Stream::new(Identity { seed, patient, purpose, occasion }).normal()
}

/// Effects of a patient on an occasion, as docs/model-file.md says: of the patient, and of the two that are correlated.
fn effects(seed: u64, patient: u64, occasion: u64) -> (f64, f64, f64) {
    let [first, second] = ["kappa:CL", "kappa:V"].map(|name| normal(seed, patient, name, occasion));
    let eta = OMEGA * normal(seed, patient, "eta:CL", 0);
    (eta, KAPPA * first, 0.1 * (0.6 * first + 0.8 * second))
}

fn courses(scenario: &Scenario) -> Vec<Trajectory> {
    let program = Program::compile(&scenario.model);
    let patients = patients(scenario, &program);
    let all = patients.iter().flat_map(|patient| (0..scenario.arms.len()).map(move |arm| (patient, arm)));
    all.map(|(patient, arm)| simulate(scenario, &program, patient, arm)).collect()
}

/// Amounts by the days of the record: each day decays at the rate of its own occasion.
fn by_hand(seed: u64, patient: u64, daily: bool) -> Vec<f64> {
    let mut amount = 0.0;
    let mut amounts = Vec::new();
    for day in 0..=21_u64 {
        amounts.push(amount);
        if day == 0 || daily {
            amount += 100.0;
        }
        let (eta, cl, v) = effects(seed, patient, day / 7 + 1);
        amount *= (-24.0 / 20.0 * (eta + cl - v).exp()).exp();
    }
    amounts
}

/// Within a relative tolerance; below 1e-6, in units of which a state's own tolerance is 1e-2, within that of 1e-6.
fn assert_near(found: f64, expected: f64, relative: f64, what: &str) {
    let size = expected.abs().max(1e-6);
    assert!((found - expected).abs() <= relative * size, "{what}: {found}, by hand {expected}");
}

/// By closed forms, by our solver and by one that integrates everything.
#[test]
fn each_occasion_of_a_trial_has_the_parameters_of_its_streams() {
    for (method, relative) in [("explicit", 1e-11), ("dop853-reference", 1e-7)] {
        let text = format!("{SCENARIO}[numerics]\nmethod = \"{method}\"\nrtol = 1e-10\n");
        for course in courses(&scenario(MODEL, &text)) {
            assert_eq!(course.end, End::Completed);
            let patient = course.patient as u64;
            let series = &course.records[0];
            let amounts = by_hand(5, patient, course.arm == 1);
            for (day, expected) in amounts.iter().enumerate() {
                let at = |output: usize| series.values[3 * day + output];
                let what = format!("{method}, arm {}, patient {patient}, day {day}", course.arm);
                assert_near(at(0), *expected, relative, &what);
                // A record at the very start of an occasion is still of the one before.
                let occasion = day.saturating_sub(1) / 7 + 1;
                let (eta, cl, v) = effects(5, patient, occasion as u64);
                assert!((at(1) - eta - cl).abs() < 1e-12 && (at(2) - v).abs() < 1e-12, "{what}");
            }
        }
    }
}

/// A saturable model in lanes: each patient gets the same bits as alone, and a trial the same for any number of threads.
#[test]
fn lanes_and_threads_change_no_bit() {
    let model = MODEL.replace("-CL / V * central\"", "-CL / V * central / (1 + central / 50 mg)\"");
    assert_ne!(model, MODEL);
    let scenario = scenario(&model, SCENARIO);
    let program = Program::compile(&scenario.model);
    assert!(!program.is_closed());
    let patients = patients(&scenario, &program);
    let mut tasks = patients.iter().enumerate().map(|(number, patient)| Task {
        number,
        patient,
        arm: 1,
        written_down: false,
    });
    let mut found: Vec<Option<Trajectory>> = patients.iter().map(|_| None).collect();
    Ensemble::new(&scenario, &program, patients.len())
        .simulate(&mut || tasks.next(), &mut |number, course| found[number] = Some(course));
    for (patient, course) in patients.iter().zip(found) {
        let (alone, course) = (simulate(&scenario, &program, patient, 1), course.expect("a course"));
        assert_eq!(alone.records[0].values, course.records[0].values, "patient {}", patient.number);
    }
    let values =
        |threads: usize| trial(&scenario, threads).arms.into_iter().map(|arm| arm.values).collect::<Vec<_>>();
    let one = values(1);
    assert_eq!(one, values(2));
    assert_eq!(one, values(7));
}

/// Longer follow-up gives later occasions and changes no earlier one; other patients have others.
#[test]
fn a_draw_depends_on_patient_and_occasion_alone() {
    let short = scenario(MODEL, SCENARIO);
    let long = scenario(MODEL, &SCENARIO.replace("horizon = \"21 d\"", "horizon = \"70 d\""));
    let drawn = |scenario: &Scenario| patients(scenario, &Program::compile(&scenario.model));
    let mut seen = Vec::new();
    for (few, many) in drawn(&short).iter().zip(drawn(&long)) {
        assert_eq!((few.occasion_effects.len(), many.occasion_effects.len()), (2 * 4, 2 * 11));
        assert_eq!(few.occasion_effects, many.occasion_effects[..8]);
        seen.extend(few.occasion_effects.iter().map(|value| value.to_bits()));
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count, "no two are the same");
}

#[test]
fn occasions_may_be_cycles_days_or_the_visits_of_a_schedule() {
    let with = |occasions: &str| {
        let text = SCENARIO.replace("occasions = \"every 7 d\"", occasions);
        scenario(
            MODEL,
            &text.replace("[population]", "[visits]\ncycle = \"10 d\"\nblood = \"day 3, 9\"\n[population]"),
        )
        .occasions
    };
    assert_eq!(with("occasions = \"day 1 of each cycle\""), [0.0, 10.0, 20.0]);
    assert_eq!(with("occasions = [\"day 5\", \"every 8 d from day 7\"]"), [0.0, 4.0, 6.0, 14.0]);
    assert_eq!(with("occasions = \"blood\""), [0.0, 2.0, 8.0]);
}

/// Of 20 000 patients with two occasions each: both omegas, the correlation, and none between occasions or with the patient.
#[test]
fn the_spread_of_occasions_is_the_stated_one() {
    const N: usize = 20_000;
    let text = SCENARIO.replace("patients = 60", &format!("patients = {N}")).replace("\"21 d\"", "\"10 d\"");
    let scenario = scenario(MODEL, &text);
    let drawn = patients(&scenario, &Program::compile(&scenario.model));
    let column = |place: usize| -> Vec<f64> { drawn.iter().map(|it| it.occasion_effects[place]).collect() };
    let eta: Vec<f64> = drawn.iter().map(|patient| patient.random_effects[0]).collect();
    let columns = [eta, column(0), column(1), column(2), column(3)];
    let n = N as f64;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n;
    let omegas = [OMEGA, KAPPA, 0.1, KAPPA, 0.1];
    for (i, (a, omega)) in columns.iter().zip(omegas).enumerate() {
        let deviation = product(a, a).sqrt();
        assert!((deviation / omega - 1.0).abs() < 4.5 / (2.0 * n).sqrt(), "{i}: {deviation} {omega}");
        for (j, (b, other)) in columns.iter().zip(omegas).enumerate().take(i) {
            let expected: f64 = if (j, i) == (1, 2) || (j, i) == (3, 4) { 0.6 } else { 0.0 };
            let found = product(a, b) / (omega * other);
            let error = ((1.0 + expected * expected) / n).sqrt();
            assert!((found - expected).abs() < 4.5 * error, "{i} and {j}: {found}");
        }
    }
}

/// The typical patient has no occasions, and needs none to be named.
#[test]
fn without_variability_nothing_varies() {
    let text = SCENARIO.replace("patients = 60", "patients = 1\nvariability = false");
    let text = text.replace("occasions = \"every 7 d\"\n", "");
    for course in courses(&scenario(MODEL, &text)) {
        let values = &course.records[0].values;
        assert!(values.chunks_exact(3).all(|row| row[1] == 0.0 && row[2] == 0.0));
        if course.arm == 0 {
            assert_near(values[3 * 21], 100.0 * (-21.0 * 1.2_f64).exp(), 1e-12, "the last day");
        }
    }
}

/// An occasion that does not meet a requirement is drawn again from the same streams, whatever the others are.
#[test]
fn an_occasion_outside_a_requirement_is_drawn_again() {
    let model = format!("{MODEL}[[require]]\ncondition = \"V > 18 L\"\nabout = \"not too small\"\n");
    let scenario = scenario(&model, SCENARIO);
    let mut again = 0;
    for patient in patients(&scenario, &Program::compile(&scenario.model)) {
        for (occasion, drawn) in patient.occasion_effects.chunks_exact(2).enumerate() {
            let stream = |purpose: &str| {
                let (patient, occasion) = (patient.number as u64, occasion as u64 + 1);
                Stream::new(Identity { seed: 5, patient, purpose, occasion })
            };
            let (mut cl, mut v) = (stream("kappa:CL"), stream("kappa:V"));
            let pairs = std::iter::repeat_with(|| (cl.normal(), v.normal()));
            let mut pairs = pairs.map(|(a, b)| (KAPPA * a, 0.1 * (0.6 * a + 0.8 * b))).enumerate();
            let expected = pairs.find(|(_, pair)| 20.0 * pair.1.exp() > 18.0).expect("one within");
            assert!((drawn[0] - expected.1.0).abs() < 1e-12 && (drawn[1] - expected.1.1).abs() < 1e-12);
            again += usize::from(expected.0 > 0);
        }
    }
    assert!(again > 10, "{again}");
}

fn job(records: &str) -> Job {
    let mut job = Job::new(records);
    job.variability = Some(9);
    job.options.occasion = Some("OCC".to_owned());
    job
}

const HEADER: &str = "ID,TIME,EVID,AMT,OCC\n";

/// Two subjects, the second with other occasions than the first, one of them twice, and rows without a number.
#[test]
fn records_take_the_occasion_of_the_row_that_ends_an_interval() {
    let rows =
        "a,0,1,100,1\na,0.5,0,0,1\na,1,1,50,2\na,2,0,0,.\na,3,0,0,1\nb,0,1,100,3\nb,1.5,0,0,1\nb,2,0,0,3\n";
    let steps: [&[(f64, f64, u64)]; 2] = [
        &[(0.0, 100.0, 1), (0.5, 0.0, 1), (1.0, 50.0, 2), (2.0, 0.0, 2), (3.0, 0.0, 1)],
        &[(0.0, 100.0, 3), (1.5, 0.0, 1), (2.0, 0.0, 3)],
    ];
    for previous in [false, true] {
        let mut expected = Vec::new();
        for (subject, steps) in steps.iter().enumerate() {
            let (mut amount, mut before) = (0.0, (0.0, 0.0, steps[0].2));
            for &(time, dose, occasion) in *steps {
                let (eta, cl, v) = effects(9, subject as u64, if previous { before.2 } else { occasion });
                amount *= (-1.2 * (eta + cl - v).exp() * (time - before.0)).exp();
                amount += dose;
                before = (time, dose, occasion);
                let (eta, cl, v) = effects(9, subject as u64, occasion);
                expected.push([amount, eta + cl, v]);
            }
        }
        for method in ["explicit", "dop853-reference"] {
            let mut job = job(&format!("{HEADER}{rows}")).method(method);
            if previous {
                job.interpolation = Interpolation::Previous;
            }
            for (row, (found, expected)) in job.values(MODEL).iter().zip(&expected).enumerate() {
                for (found, expected) in found.iter().zip(expected) {
                    assert!(
                        (found - expected).abs() < 1e-8 * expected.abs().max(1.0),
                        "{method}, row {row}: {found} {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_column_of_occasions_may_have_another_name_and_means_nothing_to_the_typical_subject() {
    let rows = "1,0,1,100,1\n1,1,0,0,1\n1,2,0,0,2\n";
    let usual = job(&format!("{HEADER}{rows}")).values(MODEL);
    let mut other = job(&format!("ID,TIME,EVID,AMT,PERIOD\n{rows}"));
    other.options.occasion = Some("period".to_owned());
    assert_eq!(usual, other.values(MODEL));
    let mut typical = job(&format!("{HEADER}{rows}"));
    (typical.variability, typical.options.occasion) = (None, None);
    let found = typical.values(MODEL);
    assert!(found.iter().all(|row| row[1] == 0.0 && row[2] == 0.0));
    assert_near(found[2][0], 100.0 * (-2.4_f64).exp(), 1e-12, "two days");
}
