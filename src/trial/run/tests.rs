//! The run on synthetic patients and trajectories: what is tested is the running, not the simulation.

use super::*;
use crate::endpoint::{Value, fixture};
use crate::model::Formula;
use crate::scenario::{EndpointDefinition, EndpointKind, GradeTimes, Group, Progression, Strategy};
use crate::simulation::{Counts, End, Failure};
use crate::table::{Column, Format, Rows};
use crate::trial::{Contrast, Entry, Measure, NoLog};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn scenario(patients: usize) -> Scenario {
    let endpoint = |name: &str, kind: EndpointKind| EndpointDefinition {
        name: name.to_owned(),
        about: String::new(),
        estimand: String::new(),
        kind,
        unit: fixture::unit("weeks", 7.0),
        strategy: Strategy::AsDefined,
    };
    let grades = EndpointKind::WorstGrade {
        output: 0,
        thresholds: vec![2.0, 1.5, 1.0, 0.5],
        falling: true,
        table: None,
        at: GradeTimes::Visits,
    };
    Scenario {
        patients,
        arms: vec![fixture::arm("first", Vec::new()), fixture::arm("second", Vec::new())],
        endpoints: vec![
            endpoint("Neutropenia", grades),
            endpoint(
                "PFS",
                EndpointKind::ProgressionFreeSurvival {
                    progression: Progression { signal: 0, flare: None },
                    death: None,
                },
            ),
            endpoint("Nadir", EndpointKind::Nadir { output: 0 }),
            endpoint("Ever", EndpointKind::EverTrue { signal: 0 }),
        ],
        groups: vec![Group { name: "group".to_owned(), condition: Formula::Constant(1.0) }],
        ..fixture::scenario(1)
    }
}

/// A number in [0, 1) that depends on a patient and an arm in no simple way.
fn scattered(patient: usize, arm: usize) -> f64 {
    (((patient * 7919 + arm * 104_729) % 1000) as f64 / 1000.0 * 13.7).fract()
}

fn patient(number: usize) -> Result<Patient, PopulationError> {
    let rejected = if number.is_multiple_of(3) { vec![Rejection::Entry(0)] } else { Vec::new() };
    Ok(Patient {
        number,
        population_covariates: vec![scattered(number, 9)],
        later: Vec::new(),
        covariates: vec![scattered(number, 9)],
        random_effects: Vec::new(),
        occasion_effects: Vec::new(),
        rejected,
    })
}

fn course(patient: &Patient, arm: usize) -> Trajectory {
    let value = scattered(patient.number, arm);
    let mut trajectory =
        fixture::visited(&[(0.0, 2.5), (100.0, 0.3 + 2.0 * value), (200.0 + 500.0 * value, 1.0)]);
    trajectory.patient = patient.number;
    trajectory.arm = arm;
    trajectory.visits[2].signals[0] = f64::from(u8::from(value < 0.6));
    trajectory.counts = Counts { steps: 10, rejected: 1, evaluations: 60 };
    trajectory
}

fn failing_course(patient: &Patient, arm: usize) -> Trajectory {
    let mut trajectory = course(patient, arm);
    if patient.number == 4 && arm == 1 {
        trajectory.end =
            End::Failed(Failure { time: 3.0, state: None, what: String::new(), cause: String::new() });
    }
    trajectory
}

fn groups(patient: &Patient) -> Vec<bool> {
    vec![patient.covariates[0] < 0.5]
}

/// Treats patients one after the other.
fn treated(queue: &mut Tasks<'_, '_>, sink: &mut Sink<'_>, course: impl Fn(&Patient, usize) -> Trajectory) {
    while let Some(task) = queue() {
        sink(course(task.patient, task.arm));
    }
}

/// Treats 5 patients at a time; the last to come is the first to end.
fn treated_in_lanes(queue: &mut Tasks<'_, '_>, sink: &mut Sink<'_>) {
    let mut lanes: Vec<Task> = Vec::new();
    loop {
        lanes.extend(std::iter::from_fn(&mut *queue).take(5 - lanes.len()));
        let Some(task) = lanes.pop() else { return };
        sink(course(task.patient, task.arm));
    }
}

const PARTS: Parts<'static> = Parts {
    patient: &patient,
    courses: &|_, queue, sink| treated(queue, sink, course),
    groups: &groups,
    replay: None,
};

#[derive(Default)]
struct Counter {
    finished: AtomicUsize,
    stop_after: Option<usize>,
}

impl Progress for Counter {
    fn finished(&self) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }
    fn cancelled(&self) -> bool {
        self.stop_after.is_some_and(|limit| self.finished.load(Ordering::Relaxed) >= limit)
    }
}

/// Lists arm and patient of each course, as numbers of rows, and refuses to once so many are listed.
#[derive(Default)]
struct List(Mutex<Vec<u8>>, Option<usize>);

fn rows(count: usize) -> io::Result<Rows> {
    let mut rows = Rows::new([Column::count("row")].into(), Format::Csv);
    for row in 0..count {
        rows.count(row)?;
        rows.end()?;
    }
    Ok(rows)
}

impl Log for List {
    fn entry(&self, course: &Trajectory) -> io::Result<Entry> {
        Ok(vec![rows(course.arm)?, rows(course.patient)?])
    }
    fn write(&self, entries: Vec<Entry>) -> io::Result<()> {
        let mut list = self.0.lock().map_err(|_| io::Error::other("poisoned"))?;
        for rows in entries.iter().flatten() {
            list.push(u8::try_from(rows.len()).map_err(io::Error::other)?);
        }
        let full = self.1.is_some_and(|most| list.len() > 2 * most);
        if full { Err(io::Error::other("disk full")) } else { Ok(()) }
    }
}

fn trial(scenario: &Scenario, threads: usize, parts: &Parts<'_>) -> Trial {
    run_with(scenario, threads, &Counter::default(), &NoLog, parts).expect("a trial")
}

/// Everything but the wall time and the number of threads; floats print with all their digits.
fn printed(trial: &Trial) -> String {
    let courses = (&trial.courses, &trial.first_visits);
    format!(
        "{:?}",
        (&trial.patients, &trial.rejections, &trial.groups, &trial.arms, &trial.comparisons, courses)
    )
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let scenario = scenario(50);
    let one = trial(&scenario, 1, &PARTS);
    for threads in [2, 7] {
        let many = trial(&scenario, threads, &PARTS);
        assert_eq!(many.threads, threads);
        assert_eq!(printed(&one), printed(&many));
        let lanes = Parts { courses: &|_, queue, sink| treated_in_lanes(queue, sink), ..PARTS };
        assert_eq!(printed(&one), printed(&trial(&scenario, threads, &lanes)));
    }
}

#[test]
fn every_arm_treats_the_same_patients_in_order() {
    let scenario = scenario(20);
    let counter = Counter::default();
    let list = List::default();
    let trial = run_with(&scenario, 3, &counter, &list, &PARTS).expect("a trial");
    assert_eq!(counter.finished.load(Ordering::Relaxed), 40);
    let expected: Vec<u8> = (0..2).flat_map(|arm| (0..20).flat_map(move |number| [arm, number])).collect();
    assert_eq!(*list.0.lock().expect("a list"), expected);
    for result in &trial.arms {
        assert_eq!(result.counts, Counts { steps: 200, rejected: 20, evaluations: 1200 });
    }
    // Patients 0, 3, … 18 were drawn twice.
    assert_eq!(trial.rejections, vec![(Rejection::Entry(0), 7)]);
    assert_eq!(trial.acceptance, 20.0 / 27.0);
    let group: Vec<usize> = (0..20).filter(|number| scattered(*number, 9) < 0.5).collect();
    assert_eq!(trial.groups, vec![group]);
}

#[test]
fn a_failing_patient_changes_nobody_elses_values_and_is_counted() {
    let scenario = scenario(20);
    let sound = trial(&scenario, 2, &PARTS);
    let failing = trial(
        &scenario,
        2,
        &Parts { courses: &|_, queue, sink| treated(queue, sink, failing_course), ..PARTS },
    );
    assert_eq!(
        (sound.arms[1].failures.len(), failing.arms[0].failures.len(), failing.arms[1].failures.len()),
        (0, 0, 1)
    );
    for (before, after) in sound.arms[1].values.iter().zip(&failing.arms[1].values) {
        for (number, (before, after)) in before.iter().zip(after).enumerate() {
            if number == 4 {
                assert_eq!(after, &Value::Missing("failed numerically"));
            } else {
                assert_eq!(before, after);
            }
        }
    }
    for estimate in &failing.arms[1].estimates {
        assert_eq!((estimate.n, estimate.missing), (19, 1), "{}", estimate.label);
    }
    assert!(failing.comparisons.iter().all(|comparison| comparison.n == 19));
    assert_eq!(sound.arms[0].estimates, failing.arms[0].estimates);
}

#[test]
fn cancelling_gives_no_trial() {
    let scenario = scenario(50);
    for limit in [0, 30] {
        let counter = Counter { stop_after: Some(limit), ..Counter::default() };
        let result = run_with(&scenario, 2, &counter, &NoLog, &PARTS);
        assert!(matches!(result, Err(TrialError::Cancelled)));
        // At most one course per worker was under way.
        assert!(counter.finished.load(Ordering::Relaxed) <= limit + 2);
    }
}

#[test]
fn a_log_that_cannot_be_written_ends_the_trial() {
    let counter = Counter::default();
    let list = List(Mutex::default(), Some(10));
    let result = run_with(&scenario(500), 2, &counter, &list, &PARTS);
    assert!(matches!(result, Err(TrialError::Log(why)) if why.to_string() == "disk full"));
    assert!(counter.finished.load(Ordering::Relaxed) < 1000);
}

#[test]
fn a_population_that_cannot_be_drawn_names_its_first_patient() {
    let nobody = |number: usize| {
        if number < 11 {
            patient(number)
        } else {
            Err(PopulationError::NotFinite { name: "AGE".to_owned(), patient: number })
        }
    };
    let result =
        run_with(&scenario(50), 4, &Counter::default(), &NoLog, &Parts { patient: &nobody, ..PARTS });
    let Err(TrialError::Population(PopulationError::NotFinite { patient, .. })) = result else {
        panic!("expected a population error");
    };
    assert_eq!(patient, 11);
}

#[test]
fn estimates_have_unique_labels_units_and_errors() {
    let trial = trial(&scenario(50), 2, &PARTS);
    let estimates = &trial.arms[0].estimates;
    let labels: Vec<&str> = estimates.iter().map(|estimate| estimate.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "Neutropenia: grade 1-4",
            "Neutropenia: grade 2-4",
            "Neutropenia: grade 3-4",
            "Neutropenia: grade 4",
            "PFS: event-free at 12 months",
            "PFS: event-free at 24 months",
            "PFS: median",
            "Nadir: median",
            "Nadir: mean",
            "Ever",
        ]
    );
    let values: Vec<f64> = (0..50).map(|number| scattered(number, 0)).collect();
    // Grade 3-4: the second visit below 1.0, that is value < 0.35 (the third is 1.0, grade 2).
    let severe = values.iter().filter(|value| 0.3 + 2.0 * **value < 1.0).count() as f64 / 50.0;
    let grade = &estimates[2];
    assert_eq!((grade.measure, grade.unit.as_str()), (Measure::Proportion, "%"));
    assert!((grade.interval.expect("patients").estimate - 100.0 * severe).abs() < 1e-9);
    let error = 100.0 * (severe * (1.0 - severe) / 50.0).sqrt();
    assert!((grade.monte_carlo_error.expect("patients") - error).abs() < 1e-9);
    // Units of quantities and times are the endpoint's: a week is 7 d.
    let nadirs: f64 = values.iter().map(|value| (0.3 + 2.0 * value).min(1.0) / 7.0).sum::<f64>() / 50.0;
    assert!((estimates[8].interval.expect("patients").estimate - nadirs).abs() < 1e-12);
    let median = estimates[6].interval.expect("patients").estimate;
    let curve = &trial.arms[0].curves[0];
    assert_eq!(curve.0, 1);
    assert!((curve.1.quantile(0.5).estimate / 7.0 - median).abs() < 1e-9);
    assert!((200.0 / 7.0..700.0 / 7.0).contains(&median));
}

#[test]
fn a_share_that_nobody_or_everybody_has_keeps_a_monte_carlo_error() {
    let never = |patient: &Patient, arm: usize| {
        let mut trajectory = course(patient, arm);
        trajectory.visits[2].signals[0] = 0.0;
        trajectory
    };
    let trial =
        trial(&scenario(50), 2, &Parts { courses: &|_, queue, sink| treated(queue, sink, never), ..PARTS });
    let of = |label: &str| {
        trial.arms[0].estimates.iter().find(|estimate| estimate.label == label).expect("an estimate")
    };
    // Wilson for 0 of 50: upper limit z²/(n + z²) = 3.8415/53.8415 = 7.135 %; half of it over 1.96 is 1.820 %.
    assert!((of("Ever").monte_carlo_error.expect("error") - 1.8202).abs() < 1e-3);
    // Survival without an event: Wilson for all of those still in follow-up at 12 months.
    let still = |value: &Value| matches!(value, Value::Time { time, .. } if *time >= 365.25 - 1e-6);
    let watched = trial.arms[0].values[1].iter().filter(|value| still(value)).count() as f64;
    let free = of("PFS: event-free at 12 months");
    let lower = 100.0 * watched / (watched + 3.8415);
    assert!((free.interval.expect("a curve").lower - lower).abs() < 1e-2);
    assert!((free.monte_carlo_error.expect("error") - (100.0 - lower) / 3.92).abs() < 1e-2);
    let median = of("PFS: median");
    assert_eq!(median.interval.expect("a curve").estimate, f64::INFINITY);
    assert_eq!(median.monte_carlo_error, None);
    let ratio =
        trial.comparisons.iter().find(|it| it.contrast == Contrast::HazardRatio).expect("a comparison");
    assert_eq!((ratio.interval, ratio.monte_carlo_error), (None, None));
    let ever = trial.comparisons.iter().find(|it| it.label == "Ever").expect("a comparison");
    assert_eq!(ever.interval.expect("pairs").estimate, 0.0);
    assert!(ever.monte_carlo_error.expect("pairs") > 0.0);
}

#[test]
fn arms_are_compared_within_patients() {
    let trial = trial(&scenario(50), 2, &PARTS);
    let of = |label: &str| trial.comparisons.iter().find(|it| it.label == label).expect("a comparison");
    let labels: Vec<&str> = trial.comparisons.iter().map(|it| it.label.as_str()).collect();
    let of_time = ["PFS", "PFS", "PFS: mean time to 24 months"];
    let expected =
        [&["Neutropenia: grade 1-4", "Neutropenia: grade 3-4"][..], &of_time, &["Nadir: mean", "Ever"]];
    assert_eq!(labels, expected.concat());
    let share = |arm: usize| (0..50).filter(|number| scattered(*number, arm) < 0.6).count() as f64 / 50.0;
    let ever = of("Ever");
    assert_eq!((ever.arm, ever.n, ever.contrast), (1, 50, Contrast::PairedRiskDifference));
    assert!((ever.interval.expect("pairs").estimate - 100.0 * (share(1) - share(0))).abs() < 1e-9);
    assert_eq!(of("PFS").contrast, Contrast::HazardRatio);
    assert!(of("PFS").interval.expect("events").estimate > 0.0);
}

#[test]
fn without_values_an_estimate_is_absent_but_listed() {
    let fails = |patient: &Patient, arm: usize| {
        let mut trajectory = course(patient, arm);
        trajectory.end =
            End::Failed(Failure { time: 3.0, state: None, what: String::new(), cause: String::new() });
        trajectory
    };
    let trial =
        trial(&scenario(3), 1, &Parts { courses: &|_, queue, sink| treated(queue, sink, fails), ..PARTS });
    assert_eq!(trial.arms[0].failures.len(), 3);
    assert_eq!(trial.arms[0].estimates.len(), 10);
    for estimate in &trial.arms[0].estimates {
        assert_eq!((estimate.n, estimate.missing, estimate.interval), (0, 3, None), "{}", estimate.label);
        assert_eq!(estimate.monte_carlo_error, None);
    }
    assert!(trial.arms[0].curves.is_empty());
    assert!(trial.comparisons.iter().all(|comparison| comparison.interval.is_none()));
}
