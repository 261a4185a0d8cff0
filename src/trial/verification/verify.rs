//! The sampled patients in every arm, three times: by the run's own settings, more strictly, and by a reference method.

use rayon::prelude::*;

use super::agreement::Agreement;
use super::check::{Against, Check, Place};
use super::sample::sample;
use crate::population::Patient;
use crate::program::Program;
use crate::scenario::{Method, Numerics, Scenario};
use crate::simulation::{Counts, End, Trajectory, simulate};
use crate::trial::outcome::FailedCourse;
use crate::trial::progress::Progress;
use crate::trial::run::TrialError;

/// The run's own tolerances over those of the stricter run.
const STRICTER: f64 = 100.0;
/// The run's own tolerances over those of the reference: it has to be better than the stricter run, or its own error would
/// be shown.
const REFERENCE: f64 = 1000.0;
/// No tighter relative tolerance is asked for: below it rounding decides.
const TIGHTEST: f64 = 1e-13;
/// Steps that a more accurate run may take over the run's own limit.
const MORE_STEPS: u64 = 10;

/// What came of computing a sample again.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// Numbers of the patients, from 0, ascending.
    pub sample: Vec<usize>,
    /// Courses that failed in the run's own settings and are compared with nothing.
    pub failed: usize,
    /// Against the stricter run, and against the reference.
    pub checks: [Check; 2],
    /// Wall time, s.
    pub seconds: f64,
}

impl Verification {
    /// Whether a course failed in the stricter run that does not fail in the run's own settings.
    pub fn fails(&self) -> bool {
        self.checks.iter().any(|check| check.against == Against::Stricter && !check.failures.is_empty())
    }

    /// Simulations that verifying so many patients takes: in each arm by three settings.
    pub fn simulations(scenario: &Scenario, patients: usize) -> usize {
        3 * scenario.arms.len() * patients.min(scenario.patients)
    }
}

/// Computes `count` of the patients (all, if there are fewer) again in every arm, with `threads` workers (0: all cores).
/// The result is the same for any number of threads.
///
/// # Errors
/// When cancelled, or without worker threads.
pub fn verify(
    scenario: &Scenario,
    patients: &[Patient],
    count: usize,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Verification, TrialError> {
    let started = std::time::Instant::now();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| TrialError::Threads(error.to_string()))?;
    // The whole model, so that what the trial's own program leaves out is verified too.
    let program = Program::compile(&scenario.model);
    let sample = sample(scenario.seed, patients.len(), count);
    let places: Vec<Place> = (0..scenario.arms.len())
        .flat_map(|arm| sample.iter().map(move |&patient| Place { arm, patient }))
        .collect();
    let settings = [stricter(scenario), reference(scenario)];
    let again = |place: &Place| {
        let patient = &patients[place.patient];
        let run = |scenario: &Scenario| {
            let course = (!progress.cancelled()).then(|| simulate(scenario, &program, patient, place.arm))?;
            progress.finished();
            Some(course)
        };
        let own = run(scenario)?;
        let found = [run(&settings[0].scenario)?, run(&settings[1].scenario)?];
        Some((matches!(own.end, End::Failed(_)), found.map(|better| beside(scenario, &own, better))))
    };
    let courses: Vec<Option<(bool, [Beside; 2])>> =
        pool.install(|| places.par_iter().with_max_len(1).map(again).collect());
    let mut checks =
        settings.map(|it| Check::new(scenario, it.against, it.scenario.numerics, it.absolute_divisor));
    let mut failed = 0;
    for (place, course) in places.into_iter().zip(courses) {
        let (own_failed, found) = course.ok_or(TrialError::Cancelled)?;
        failed += usize::from(own_failed);
        for (check, beside) in checks.iter_mut().zip(found) {
            enter(check, place, beside);
        }
    }
    Ok(Verification { sample, failed, checks, seconds: started.elapsed().as_secs_f64() })
}

/// A more accurate run.
struct Setting {
    against: Against,
    scenario: Scenario,
    absolute_divisor: f64,
}

/// The same method at a hundredth of the tolerances.
fn stricter(scenario: &Scenario) -> Setting {
    tightened(scenario, Against::Stricter, scenario.numerics.method, STRICTER)
}

/// A method of other authors that integrates everything.
fn reference(scenario: &Scenario) -> Setting {
    let method = match scenario.numerics.method {
        Method::Dop853Reference => Method::Dopri5Reference,
        _ => Method::Dop853Reference,
    };
    tightened(scenario, Against::Reference, method, REFERENCE)
}

fn tightened(scenario: &Scenario, against: Against, method: Method, by: f64) -> Setting {
    let own = scenario.numerics;
    let relative_tolerance = (own.relative_tolerance / by).max(TIGHTEST).min(own.relative_tolerance);
    let mut scenario = scenario.clone();
    scenario.numerics =
        Numerics { method, relative_tolerance, maximum_steps: own.maximum_steps.saturating_mul(MORE_STEPS) };
    let share = own.absolute_share() / (by * scenario.numerics.absolute_share());
    for state in &mut scenario.model.states {
        state.absolute_tolerance *= share;
    }
    Setting { against, scenario, absolute_divisor: by }
}

/// A course beside the more accurate one.
struct Beside {
    /// What the more accurate one cost.
    counts: Counts,
    /// Nothing where the course itself failed; the more accurate one failed where this is an error.
    agreement: Result<Option<Agreement>, FailedCourse>,
}

fn beside(scenario: &Scenario, own: &Trajectory, better: Trajectory) -> Beside {
    let counts = better.counts;
    let agreement = match (&own.end, &better.end) {
        (End::Failed(_), _) => Ok(None),
        (_, End::Failed(failure)) => Err(FailedCourse { patient: own.patient, failure: failure.clone() }),
        _ => Ok(Some(Agreement::between(scenario, own, &better))),
    };
    Beside { counts, agreement }
}

fn enter(check: &mut Check, place: Place, Beside { counts, agreement }: Beside) {
    check.counts.steps += counts.steps;
    check.counts.rejected += counts.rejected;
    check.counts.evaluations += counts.evaluations;
    match agreement {
        Ok(Some(agreement)) => check.enter(place, &agreement),
        Ok(None) => {}
        Err(failed) => check.failures.push((place.arm, failed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::fixture;
    use crate::model::{Formula, NamedUnit, State};
    use crate::simulation::Failure;

    #[test]
    fn absolute_tolerances_are_divided_whatever_share_comes_with_the_relative_one() {
        let mut scenario = fixture::scenario(1);
        scenario.model.states.push(State {
            name: "amount".to_owned(),
            unit: NamedUnit { name: "mg".to_owned(), unit: crate::units::parse("mg").unwrap() },
            text: String::new(),
            rate: Formula::Constant(0.0),
            initial: Formula::Constant(0.0),
            initial_text: "0".to_owned(),
            absolute_tolerance: 1e-8,
            about: String::new(),
        });
        let effective = |scenario: &Scenario| {
            let share = scenario.numerics.absolute_share();
            scenario.model.states.iter().map(|state| share * state.absolute_tolerance).collect::<Vec<_>>()
        };
        assert!(!scenario.model.states.is_empty());
        for relative in [1e-3, 1e-5, 1e-6, 1e-9, 1e-12, 1e-13] {
            scenario.numerics.relative_tolerance = relative;
            let own = effective(&scenario);
            for (better, by) in [(stricter(&scenario), 100.0), (reference(&scenario), 1000.0)] {
                for (own, better) in own.iter().zip(effective(&better.scenario)) {
                    assert!((own / better / by - 1.0).abs() < 1e-9, "{relative}: {own} {better}");
                }
                assert!(better.scenario.numerics.relative_tolerance <= relative);
            }
        }
    }

    #[test]
    fn only_a_failure_of_the_stricter_run_alone_is_one_of_the_verification() {
        let scenario = fixture::scenario(1);
        let sound = fixture::visited(&[(0.0, 1.0)]);
        let mut broken = sound.clone();
        broken.end =
            End::Failed(Failure { time: 1.0, state: None, what: String::new(), cause: String::new() });
        let after = |against, own: &Trajectory, better: &Trajectory| {
            let mut check = Check::new(&scenario, against, scenario.numerics, 1.0);
            enter(&mut check, Place { arm: 0, patient: 0 }, beside(&scenario, own, better.clone()));
            check
        };
        for (own, better, stricter_fails, reference_fails) in [
            (&sound, &sound, false, false),
            (&sound, &broken, true, true),
            (&broken, &broken, false, false),
            (&broken, &sound, false, false),
        ] {
            let checks = [Against::Stricter, Against::Reference].map(|against| after(against, own, better));
            let failed = checks.iter().map(|check| check.failures.len() == 1).collect::<Vec<_>>();
            assert_eq!(failed, [stricter_fails, reference_fails]);
            let compared = usize::from(own.end == better.end && own.end == sound.end);
            assert!(checks.iter().all(|check| check.compared == compared));
            let verification = Verification { sample: vec![0], failed: 0, checks, seconds: 0.0 };
            assert_eq!(verification.fails(), stricter_fails);
        }
    }
}
