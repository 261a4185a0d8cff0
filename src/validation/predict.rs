//! Simulating what outcomes ask: each scenario once, however many outcomes it answers, and the patients of all scenarios side
//! by side on all cores.
//!
//! A patient is a function of (seed, number) and a course of patient, arm and scenario, and answers are kept by number: the
//! predictions are the same bits for any number of threads. Under other settings the same patients come again (common random
//! numbers), so that differences between settings are not blurred by other patients.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::definition::{Outcomes, Place};
use super::prediction::{ArmAnswers, FailedCourses, Prediction, Predictions};
use super::question::{Answer, Asked};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::endpoint;
use crate::model::Loader;
use crate::population::{self, Patient, Sampler};
use crate::program::Program;
use crate::scenario::{self, Scenario, Settings};
use crate::simulation::{End, Failure, Task, Trajectory, compile};
use crate::trial::{self, Progress, TrialError};

/// Why there is no prediction.
#[derive(Debug)]
pub enum PredictionError {
    /// A scenario has errors, or not what is asked of it.
    Scenario(Vec<Diagnostic>, Box<Sources>),
    /// A scenario's patients cannot be drawn or treated.
    Trial(TrialError, Box<Scenario>),
    /// The worker threads could not be started.
    Threads(String),
    /// Stopped by the user.
    Cancelled,
}

/// What is predicted, and with what; asked as often as one likes.
pub struct Predictor<'a> {
    outcomes: &'a Outcomes,
    /// By scenario, in the order of their first use.
    scenarios: Vec<Wanted>,
    /// By outcome: its place and, by pooled arm, where its answers are found.
    predicted: Vec<(Place, Vec<Found>)>,
    /// For findings in the outcomes file.
    sources: Sources,
    loader: &'a (dyn Loader + Sync),
    pool: rayon::ThreadPool,
}

/// What is wanted of one scenario.
struct Wanted {
    name: String,
    /// Name of the arm, as written, and the outcomes that ask something of it; without repetition.
    asks: Vec<(Option<crate::diagnostic::Text>, Place)>,
}

/// Where the answers of an outcome's arm are: scenario, question there, weight.
#[derive(Debug, Clone, Copy)]
struct Found {
    scenario: usize,
    ask: usize,
    weight: f64,
}

/// A scenario ready to be simulated.
struct Prepared {
    scenario: Scenario,
    program: Program,
    /// By question: the arm (place in `arms`), and what is read.
    asked: Vec<(usize, Asked)>,
    /// Arms that are simulated.
    arms: Vec<usize>,
    patients: Vec<Patient>,
}

impl<'a> Predictor<'a> {
    /// Prepares the prediction of the outcomes at these places, on `threads` threads (0: all cores). `sources` holds the outcomes file.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn new(
        outcomes: &'a Outcomes,
        places: &[Place],
        sources: &Sources,
        loader: &'a (dyn Loader + Sync),
        threads: usize,
    ) -> Result<Self, PredictionError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| PredictionError::Threads(error.to_string()))?;
        let mut scenarios: Vec<Wanted> = Vec::new();
        let mut predicted = Vec::new();
        for place in places {
            let trial = &outcomes.trials[place.trial];
            let pooled = || outcomes.at(*place).arms.iter().map(|arm| &trial.arms[*arm]);
            let all: usize = pooled().map(|arm| arm.patients).sum();
            let mut found = Vec::new();
            for arm in pooled() {
                let known = scenarios.iter().position(|wanted| wanted.name == arm.scenario.value);
                let scenario = known.unwrap_or_else(|| {
                    scenarios.push(Wanted { name: arm.scenario.value.clone(), asks: Vec::new() });
                    scenarios.len() - 1
                });
                let asks = &mut scenarios[scenario].asks;
                asks.push((arm.arm.clone(), *place));
                let weight = arm.patients as f64 / all as f64;
                found.push(Found { scenario, ask: asks.len() - 1, weight });
            }
            predicted.push((*place, found));
        }
        Ok(Self { outcomes, scenarios, predicted, sources: sources.clone(), loader, pool })
    }

    /// Names of the scenarios that are simulated.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        self.scenarios.iter().map(|wanted| wanted.name.as_str())
    }

    /// The scenarios that are simulated, with `settings`, in the order of their names.
    ///
    /// # Errors
    /// The first scenario that cannot be read.
    pub fn read(&self, settings: &[(String, String)]) -> Result<Vec<Scenario>, PredictionError> {
        let settings = Settings { set: settings.to_vec(), ..Settings::default() };
        let read = |wanted| self.prepare(wanted, &settings).map(|prepared| prepared.scenario);
        self.scenarios.iter().map(read).collect()
    }

    /// Threads.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Courses of one prediction with so many patients per arm: how often `progress` is told.
    pub fn courses(&self, patients: usize) -> usize {
        let arms = |wanted: &Wanted| {
            let mut names: Vec<Option<&str>> =
                wanted.asks.iter().map(|(arm, _)| arm.as_ref().map(|arm| arm.value.as_str())).collect();
            names.sort_unstable();
            names.dedup();
            names.len()
        };
        self.scenarios.iter().map(|wanted| arms(wanted) * patients).sum()
    }

    /// Simulates every scenario with `settings` (keys of the scenario file and values, as `--set` takes them), `patients`
    /// virtual patients per arm and, where given, `seed` instead of the scenarios' own.
    ///
    /// # Errors
    /// The first scenario that cannot be read or carried out.
    pub fn predict(
        &self,
        settings: &[(String, String)],
        patients: usize,
        seed: Option<u64>,
        progress: &dyn Progress,
    ) -> Result<Predictions, PredictionError> {
        let settings =
            Settings { patients: Some(patients), seed, set: settings.to_vec(), ..Settings::default() };
        let prepared: Vec<Result<Prepared, PredictionError>> = self
            .pool
            .install(|| self.scenarios.par_iter().map(|wanted| self.prepare(wanted, &settings)).collect());
        let mut prepared = prepared.into_iter().collect::<Result<Vec<Prepared>, _>>()?;
        for one in &mut prepared {
            one.patients = self.pool.install(|| draw(one))?;
        }
        let found = treat(&self.pool, &prepared, progress)?;
        let arm = |of: &Found| {
            let (arm, _) = prepared[of.scenario].asked[of.ask];
            ArmAnswers {
                weight: of.weight,
                answers: found[of.scenario].answers[of.ask].clone(),
                failed: found[of.scenario].failed[arm].len(),
            }
        };
        let outcomes = self.predicted.iter();
        Ok(Predictions {
            outcomes: outcomes
                .map(|(place, found)| Prediction { place: *place, arms: found.iter().map(arm).collect() })
                .collect(),
            failed: prepared.iter().zip(&found).flat_map(|(one, found)| failures(one, found)).collect(),
        })
    }

    /// Reads and compiles a scenario.
    fn prepare(&self, wanted: &Wanted, settings: &Settings) -> Result<Prepared, PredictionError> {
        let (mut sources, mut diagnostics) = (self.sources.clone(), Vec::new());
        let failed = |diagnostics, sources| Err(PredictionError::Scenario(diagnostics, Box::new(sources)));
        if let Err(why) = self.loader.load(crate::model::Kind::Scenario, &wanted.name, None) {
            let asking = wanted.asks.first().map(|(_, place)| {
                let trial = &self.outcomes.trials[place.trial];
                trial.arms.iter().find(|arm| arm.scenario.value == wanted.name)
            });
            diagnostics.push(match asking.flatten() {
                Some(arm) => Diagnostic::error(why, arm.scenario.span, "asked for here"),
                None => Diagnostic::plain(why),
            });
            return failed(diagnostics, sources);
        }
        let found = scenario::load(&wanted.name, settings, self.loader, &mut sources, &mut diagnostics);
        let Some(scenario) = found.filter(|_| !has_errors(&diagnostics)) else {
            return failed(diagnostics, sources);
        };
        diagnostics.extend(population::check_blocks(&scenario.model));
        let (mut asked, mut arms) = (Vec::new(), Vec::new());
        for (arm, place) in &wanted.asks {
            let arm = arm_of(&scenario, arm.as_ref(), place, self.outcomes, &mut diagnostics);
            let question = Asked::of(&self.outcomes.at(*place).question, &scenario, &mut diagnostics);
            let (Some(arm), Some(question)) = (arm, question) else { continue };
            let place = arms.iter().position(|other| *other == arm).unwrap_or_else(|| {
                arms.push(arm);
                arms.len() - 1
            });
            asked.push((place, question));
        }
        if has_errors(&diagnostics) {
            return failed(diagnostics, sources);
        }
        let scenario =
            trial::without_spare_records(&scenario, |index| asked.iter().any(|(_, it)| it.endpoint == index));
        let program = compile(&scenario);
        Ok(Prepared { scenario, program, asked, arms, patients: Vec::new() })
    }
}

/// The arm of a scenario that is meant.
fn arm_of(
    scenario: &Scenario,
    named: Option<&crate::diagnostic::Text>,
    place: &Place,
    outcomes: &Outcomes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let names = || scenario.arms.iter().map(|arm| arm.name.as_str()).collect::<Vec<_>>().join("`, `");
    match named {
        None if scenario.arms.len() == 1 => Some(0),
        None => {
            let asking = &outcomes.trials[place.trial].arms;
            let asking = asking.iter().find(|arm| arm.arm.is_none());
            let which = format!("which of the {} arms of `{}` is meant?", scenario.arms.len(), scenario.name);
            let finding = match asking {
                Some(arm) => Diagnostic::error(which, arm.scenario.span, "has several"),
                None => Diagnostic::plain(which),
            };
            diagnostics.push(finding.help(format!("add `arm = \"…\"`; there are: `{}`", names())));
            None
        }
        Some(named) => {
            let found = scenario.arms.iter().position(|arm| arm.name == named.value);
            if found.is_none() {
                let none = format!("the scenario `{}` has no arm `{}`", scenario.name, named.value);
                let finding = Diagnostic::error(none, named.span, "not an arm there");
                diagnostics.push(finding.help(format!("there are: `{}`", names())));
            }
            found
        }
    }
}

/// The patients of a scenario; of several errors the one of the lowest number is told.
fn draw(prepared: &Prepared) -> Result<Vec<Patient>, PredictionError> {
    let Prepared { scenario, program, .. } = prepared;
    let failed = |error| PredictionError::Trial(TrialError::Population(error), Box::new(scenario.clone()));
    let sampler = Sampler::new(scenario, program).map_err(failed)?;
    let drawn: Vec<_> =
        (0..scenario.patients).into_par_iter().map(|number| sampler.patient(number)).collect();
    drawn.into_iter().map(|patient| patient.map_err(failed)).collect()
}

/// What the patients of a scenario answered.
struct Treated {
    /// By question and patient.
    answers: Vec<Vec<Option<Answer>>>,
    /// By arm: the numbers of those whose course failed, and why; ascending.
    failed: Vec<Vec<(usize, Failure)>>,
}

/// Arms of a scenario with failed courses.
fn failures(prepared: &Prepared, treated: &Treated) -> Vec<FailedCourses> {
    let Prepared { scenario, arms, patients, .. } = prepared;
    let of_arm = |(arm, failed): (&usize, &Vec<(usize, Failure)>)| {
        let (patient, failure) = failed.first()?;
        let Failure { time, what, cause, .. } = failure;
        Some(FailedCourses {
            scenario: scenario.name.clone(),
            arm: scenario.arms[*arm].name.clone(),
            failed: failed.len(),
            of: patients.len(),
            // Numbers and days from 1, as a run tells them.
            first: format!(
                "patient {} on day {:.2}: {}; {}",
                patient + 1,
                time + 1.0,
                plain(what),
                plain(cause)
            ),
        })
    };
    arms.iter().zip(&treated.failed).filter_map(of_arm).collect()
}

/// Without the full stop, to stand inside another sentence.
fn plain(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

/// What one course answers to the questions of its arm, or why it failed.
type Heard = Result<Vec<Option<Answer>>, Failure>;

/// The state of one scenario while its patients are treated.
struct Ward<'p> {
    prepared: &'p Prepared,
    /// Somebody has begun here.
    begun: AtomicBool,
    next: AtomicUsize,
    tasks: usize,
    /// By task.
    found: Mutex<Vec<Option<Heard>>>,
}

/// Treats the patients of all scenarios. Each thread takes a scenario of its own, the longest first, so that its lanes stay
/// full; where none is left that nobody has begun, it helps with another.
fn treat(
    pool: &rayon::ThreadPool,
    prepared: &[Prepared],
    progress: &dyn Progress,
) -> Result<Vec<Treated>, PredictionError> {
    let wards: Vec<Ward<'_>> = prepared.iter().map(Ward::new).collect();
    let mut order: Vec<&Ward<'_>> = wards.iter().collect();
    let length = |ward: &Ward<'_>| ward.prepared.scenario.horizon * ward.tasks as f64;
    order.sort_by(|one, other| length(other).total_cmp(&length(one)));
    pool.broadcast(|_| {
        while let Some(ward) = order
            .iter()
            .find(|ward| !ward.begun.swap(true, Ordering::Relaxed))
            .or_else(|| order.iter().find(|ward| ward.next.load(Ordering::Relaxed) < ward.tasks))
        {
            if progress.cancelled() {
                break;
            }
            ward.work(progress);
        }
    });
    wards.into_iter().map(Ward::treated).collect::<Option<Vec<Treated>>>().ok_or(PredictionError::Cancelled)
}

impl<'p> Ward<'p> {
    fn new(prepared: &'p Prepared) -> Self {
        let tasks = prepared.arms.len() * prepared.patients.len();
        let found = std::iter::repeat_with(|| None).take(tasks).collect();
        Self {
            prepared,
            begun: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            tasks,
            found: Mutex::new(found),
        }
    }

    fn work(&self, progress: &dyn Progress) {
        let Prepared { scenario, program, arms, patients, .. } = self.prepared;
        let left = self.tasks.saturating_sub(self.next.load(Ordering::Relaxed));
        let mut take = || {
            if progress.cancelled() {
                return None;
            }
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let (arm, patient) = (number / patients.len().max(1), number % patients.len().max(1));
            let arm = *arms.get(arm)?;
            Some(Task { number, patient: patients.get(patient)?, arm, written_down: false })
        };
        let mut enter = |number: usize, course: Trajectory| {
            let heard = match &course.end {
                End::Failed(failure) => Err(failure.clone()),
                _ => Ok(self.read(number / patients.len().max(1), &course)),
            };
            self.found.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(heard);
            progress.finished();
        };
        trial::in_turn(scenario, program, left, &mut take, &mut enter);
    }

    /// What a course answers to the questions of its arm, in their order.
    fn read(&self, arm: usize, course: &Trajectory) -> Vec<Option<Answer>> {
        let Prepared { scenario, asked, .. } = self.prepared;
        // Each endpoint is read once per end of follow-up.
        let mut known: Vec<(usize, Option<f64>, endpoint::Value, bool)> = Vec::new();
        let mut answers = Vec::new();
        for (_, question) in asked.iter().filter(|(place, _)| *place == arm) {
            let same = |it: &&(usize, Option<f64>, endpoint::Value, bool)| {
                it.0 == question.endpoint && it.1 == question.until
            };
            if let Some((_, _, value, over)) = known.iter().find(same) {
                answers.push(question.answer(value, *over));
                continue;
            }
            let definition = &scenario.endpoints[question.endpoint];
            let seen = match question.until {
                None => Cow::Borrowed(course),
                Some(until) => Cow::Owned(endpoint::until(scenario, course, until)),
            };
            let value = endpoint::evaluate(definition, scenario, &seen);
            let over = endpoint::can_no_longer_come(definition, scenario, &seen);
            answers.push(question.answer(&value, over));
            known.push((question.endpoint, question.until, value, over));
        }
        answers
    }

    /// `None` if not all came back.
    fn treated(self) -> Option<Treated> {
        let Prepared { asked, arms, patients, .. } = self.prepared;
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let found = found.into_iter().collect::<Option<Vec<Heard>>>()?;
        let of_arm = |arm: usize| &found[arm * patients.len()..(arm + 1) * patients.len()];
        // How many questions of the same arm came before.
        let mut before = vec![0; arms.len()];
        let of_question = |(arm, _): &(usize, Asked)| {
            let place = before[*arm];
            before[*arm] += 1;
            let answer = |heard: &Heard| heard.as_ref().ok().and_then(|answers| answers[place]);
            of_arm(*arm).iter().map(answer).collect()
        };
        let answers = asked.iter().map(of_question).collect();
        let failed = (0..arms.len()).map(|arm| {
            let heard = of_arm(arm).iter().enumerate();
            heard.filter_map(|(number, heard)| Some((number, heard.as_ref().err()?.clone()))).collect()
        });
        Some(Treated { answers, failed: failed.collect() })
    }
}
