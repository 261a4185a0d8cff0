//! Something that grows logistically whatever is given, with a hazard in proportion to it: every endpoint has a closed form, so that the
//! differences told can be held against the errors really made.
//!
//! x' = r·x·(1 − x/K): x(t) = K·x₀·eʳᵗ / (K + x₀·(eʳᵗ − 1)), ∫x = K/r·ln(1 + x₀·(eʳᵗ − 1)/K).

use super::{Check, Parted, Verification, verify};
use crate::diagnostic::{Sources, render};
use crate::endpoint::{self, Value};
use crate::math::random::{Identity, Stream};
use crate::model::Kind;
use crate::model::fixture::Texts;
use crate::population::{Patient, Sampler};
use crate::program::Program;
use crate::scenario::{Method, Scenario, Settings, load};
use crate::simulation::{Trajectory, simulate};
use crate::trial::Progress;
use std::sync::atomic::{AtomicUsize, Ordering};

const RATE: f64 = 0.5;
const CAPACITY: f64 = 9.0;
const RISK: f64 = 0.02;
const HORIZON: f64 = 20.0;

const MODEL: &str = r#"
title = "Growth to a capacity"
time = "d"
[parameters]
r = { value = 0.5, unit = "1/d" }
K = { value = 9, unit = "mg" }
risk = { value = 0.02, unit = "1/d/mg" }
start = { value = 0.2, unit = "mg" }
[individual]
x0 = { typical = "start", distribution = "log-normal", omega = 0.8 }
[states]
x = { unit = "mg", initial = "x0", rate = "r * x * (1 - x / K)" }
H = { unit = "1", rate = "risk * x" }
idle = { unit = "mg", rate = "-1 1/d * idle" }
[doses]
drug = { into = "idle" }
[outputs]
size = { unit = "mg", value = "x" }
[hazards]
event = { cumulative = "H", recurrent = false }
"#;

const SCENARIO: &str = r#"
title = "Growth"
model = "m"
horizon = "20 d"
seed = 5
[population]
patients = 12
[visits]
laboratory = ["every 5 d"]
[[arm]]
name = "one"
treatment = [{ drug = "drug", dose = "1 mg", days = "1", cycle = "28 d" }]
rules = ["stop"]
[[arm]]
name = "other"
treatment = [{ drug = "drug", dose = "1 mg", days = "1", cycle = "28 d" }]
[[rule]]
name = "stop"
when = "size > THRESHOLD mg"
discontinue = "drug"
[[record]]
name = "course"
every = "1 d"
outputs = ["size"]
[[endpoint]]
name = "last size"
kind = "trough"
of = "size"
record = "course"
[[endpoint]]
name = "event"
kind = "time to hazard"
hazard = "event"
[[endpoint]]
name = "large"
kind = "worst grade"
of = "size"
thresholds = ["1 mg"]
falling = false
[numerics]
rtol = 1e-4
"#;

const LAST_SIZE: usize = 0;
const EVENT: usize = 1;

/// The scenario; treatment stops where the size is above this at a visit, mg.
fn scenario(threshold: f64) -> Scenario {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let text = SCENARIO.replace("THRESHOLD", &format!("{threshold}"));
    let files = Texts(vec![(Kind::Scenario, "s", text), (Kind::Model, "m", MODEL.to_owned())]);
    let found = load("s", &Settings::default(), &files, &mut sources, &mut diagnostics);
    found.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)))
}

fn patients(scenario: &Scenario, program: &Program) -> Vec<Patient> {
    let sampler = Sampler::new(scenario, program).unwrap();
    (0..scenario.patients).map(|number| sampler.patient(number).unwrap()).collect()
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Progress for Counter {
    fn finished(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn cancelled(&self) -> bool {
        false
    }
}

fn verified(scenario: &Scenario, count: usize, threads: usize) -> Verification {
    let program = Program::compile(&scenario.model);
    verify(scenario, &patients(scenario, &program), count, threads, &Counter::default()).unwrap()
}

/// The closed form of the size at a time, d, from the size at the start.
fn size(start: f64, time: f64) -> f64 {
    let growth = (RATE * time).exp();
    CAPACITY * start * growth / (CAPACITY + start * (growth - 1.0))
}

/// The closed form of the time at which the cumulative hazard reaches the patient's threshold, d.
fn event(start: f64, patient: usize, seed: u64) -> Option<f64> {
    let identity = Identity { seed, patient: patient as u64, purpose: "hazard:event", occasion: 0 };
    let level = -Stream::new(identity).uniform().ln();
    let growth = 1.0 + CAPACITY / start * ((level * RATE / (RISK * CAPACITY)).exp() - 1.0);
    Some(growth.ln() / RATE).filter(|time| *time < HORIZON)
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Quantity(value) | Value::Time { time: value, .. } => *value,
        other => panic!("{other:?}"),
    }
}

/// Largest absolute and relative error of an endpoint over courses, and whose the latter is.
fn largest(scenario: &Scenario, courses: &[Trajectory], endpoint: usize) -> (f64, f64, usize) {
    let mut largest = (0.0_f64, 0.0, 0);
    for course in courses {
        let start = course.records[0].values[0];
        let exact = match endpoint {
            LAST_SIZE => size(start, HORIZON),
            _ => event(start, course.patient, scenario.seed).unwrap_or(HORIZON),
        };
        let value = number(&endpoint::evaluate(&scenario.endpoints[endpoint], scenario, course));
        let error = (value - exact).abs();
        largest.0 = largest.0.max(error);
        if error / exact > largest.1 {
            (largest.1, largest.2) = (error / exact, course.patient);
        }
    }
    largest
}

#[test]
fn the_differences_told_are_the_errors_made() {
    for method in [Method::Automatic, Method::Implicit] {
        let mut scenario = scenario(1000.0);
        scenario.numerics.method = method;
        let program = Program::compile(&scenario.model);
        let patients = patients(&scenario, &program);
        let courses: Vec<Trajectory> =
            patients.iter().map(|patient| simulate(&scenario, &program, patient, 0)).collect();
        let verification = verified(&scenario, 100, 2);
        assert_eq!(verification.sample, (0..12).collect::<Vec<_>>());
        for check in &verification.checks {
            assert_eq!((check.compared, check.parted.len(), check.changed()), (24, 0, 0));
            for endpoint in [LAST_SIZE, EVENT] {
                let (absolute, relative, patient) = largest(&scenario, &courses, endpoint);
                assert!(relative > 1e-9, "there is an error to be found: {relative}");
                let told = &check.endpoints[endpoint].same;
                let found = (told.absolute.unwrap(), told.relative.unwrap());
                // The better run's own error stands in the difference.
                let close = |found: f64, exact: f64| (found / exact - 1.0).abs() < 0.1;
                assert!(close(found.0.value, absolute), "{method:?} {found:?} {absolute}");
                assert!(close(found.1.value, relative), "{method:?} {found:?} {relative}");
                assert_eq!((found.1.place.arm, found.1.place.patient), (0, patient));
            }
        }
    }
}

#[test]
fn every_setting_is_stated_and_every_run_is_counted() {
    let scenario = scenario(1000.0);
    let program = Program::compile(&scenario.model);
    let counter = Counter::default();
    let verification = verify(&scenario, &patients(&scenario, &program), 5, 1, &counter).unwrap();
    assert_eq!(counter.0.into_inner(), Verification::simulations(&scenario, 5));
    let [stricter, reference] = &verification.checks;
    let stated = |check: &Check| {
        let rounded = format!("{:.3e}", check.numerics.relative_tolerance);
        (check.numerics.method, rounded, check.absolute_divisor, check.compared)
    };
    assert_eq!(stated(stricter), (Method::Automatic, "1.000e-6".to_owned(), 100.0, 10));
    assert_eq!(stated(reference), (Method::Dop853Reference, "1.000e-7".to_owned(), 1000.0, 10));
    assert!(stricter.counts.steps > 0 && reference.counts.evaluations > 0);
    assert!(!verification.fails());
    let mut scenario = scenario;
    scenario.numerics.method = Method::Dop853Reference;
    let [_, reference] = verified(&scenario, 1, 1).checks;
    assert_eq!(reference.numerics.method, Method::Dopri5Reference);
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let scenario = scenario(4.0);
    let one = verified(&scenario, 7, 1);
    for threads in [2, 7] {
        assert_eq!(verified(&scenario, 7, threads).checks, one.checks);
    }
}

/// The threshold of the rule lies between what the run's own settings and the closed form give at the second visit.
#[test]
fn a_course_that_a_small_error_tips_over_a_threshold_is_named_and_kept_apart() {
    let mut scenario = scenario(1000.0);
    scenario.numerics.relative_tolerance = 1e-3;
    let program = Program::compile(&scenario.model);
    let patients = patients(&scenario, &program);
    let own = simulate(&scenario, &program, &patients[3], 0);
    let (found, exact) = (own.visits[2].truth[0], size(own.visits[0].truth[0], 10.0));
    assert!((found / exact - 1.0).abs() > 1e-7, "{found} {exact}");
    let tight = self::scenario(0.5 * (found + exact));
    let mut tight = Scenario { numerics: scenario.numerics, ..tight };
    tight.horizon = 12.0;
    let verification = verified(&tight, 12, 2);
    for check in &verification.checks {
        let [parted] = check.parted.as_slice() else { panic!("{:?}", check.parted) };
        assert_eq!((parted.place.arm, parted.place.patient), (0, 3));
        assert_eq!(parted.parting.what, Parted::Rule(0));
        assert_eq!(parted.parting.time, 10.0);
        let compared = &check.endpoints[LAST_SIZE];
        assert_eq!((compared.same.compared, compared.parted.compared), (23, 1));
    }
}
