//! Simulating what outcomes ask: each scenario once, however many outcomes it answers, and the patients of all scenarios side
//! by side on all cores.
//!
//! A patient is a function of (seed, number) and a course of patient, arm and scenario, and answers are kept by number: the
//! predictions are the same bits for any number of threads. Under other settings the same patients come again (common random
//! numbers), so that differences between settings are not blurred by other patients.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::definition::{Outcomes, Place};
use super::prediction::{ArmAnswers, Prediction};
use super::question::{Answer, Asked};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::endpoint;
use crate::model::Loader;
use crate::population::{self, Patient, Sampler};
use crate::program::Program;
use crate::scenario::{self, Scenario, Settings};
use crate::simulation::{Task, Trajectory, compile};
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
    /// virtual patients per arm and, where given, `seed` instead of the scenarios' own. Predictions in the order of the places.
    ///
    /// # Errors
    /// The first scenario that cannot be read or carried out.
    pub fn predict(
        &self,
        settings: &[(String, String)],
        patients: usize,
        seed: Option<u64>,
        progress: &dyn Progress,
    ) -> Result<Vec<Prediction>, PredictionError> {
        let settings =
            Settings { patients: Some(patients), seed, set: settings.to_vec(), ..Settings::default() };
        let prepared: Vec<Result<Prepared, PredictionError>> = self
            .pool
            .install(|| self.scenarios.par_iter().map(|wanted| self.prepare(wanted, &settings)).collect());
        let mut prepared = prepared.into_iter().collect::<Result<Vec<Prepared>, _>>()?;
        for one in &mut prepared {
            one.patients = self.pool.install(|| draw(one))?;
        }
        let answers = treat(&self.pool, &prepared, progress)?;
        let arm = |found: &Found| ArmAnswers {
            weight: found.weight,
            answers: answers[found.scenario][found.ask].clone(),
        };
        let predictions = self.predicted.iter();
        Ok(predictions
            .map(|(place, found)| Prediction { place: *place, arms: found.iter().map(arm).collect() })
            .collect())
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

/// Answers by scenario, question and patient.
type Answers = Vec<Vec<Vec<Option<Answer>>>>;

/// The state of one scenario while its patients are treated.
struct Ward<'p> {
    prepared: &'p Prepared,
    /// Somebody has begun here.
    begun: AtomicBool,
    next: AtomicUsize,
    tasks: usize,
    /// By task: by question of its arm.
    found: Mutex<Vec<Option<Vec<Option<Answer>>>>>,
}

/// Treats the patients of all scenarios. Each thread takes a scenario of its own, the longest first, so that its lanes stay
/// full; where none is left that nobody has begun, it helps with another.
fn treat(
    pool: &rayon::ThreadPool,
    prepared: &[Prepared],
    progress: &dyn Progress,
) -> Result<Answers, PredictionError> {
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
    wards.into_iter().map(Ward::answers).collect::<Option<Answers>>().ok_or(PredictionError::Cancelled)
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
            let answers = self.read(number / patients.len().max(1), &course);
            self.found.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(answers);
            progress.finished();
        };
        trial::in_turn(scenario, program, left, &mut take, &mut enter);
    }

    /// What a course answers to the questions of its arm, in their order.
    fn read(&self, arm: usize, course: &Trajectory) -> Vec<Option<Answer>> {
        let Prepared { scenario, asked, .. } = self.prepared;
        // Each endpoint is read once per end of follow-up.
        let mut known: Vec<(usize, Option<f64>, endpoint::Value)> = Vec::new();
        let mut answers = Vec::new();
        for (_, question) in asked.iter().filter(|(place, _)| *place == arm) {
            let same = |it: &&(usize, Option<f64>, endpoint::Value)| {
                it.0 == question.endpoint && it.1 == question.until
            };
            if let Some((_, _, value)) = known.iter().find(same) {
                answers.push(question.answer(value));
                continue;
            }
            let definition = &scenario.endpoints[question.endpoint];
            let value = match question.until {
                None => endpoint::evaluate(definition, scenario, course),
                Some(until) => {
                    endpoint::evaluate(definition, scenario, &endpoint::until(scenario, course, until))
                }
            };
            answers.push(question.answer(&value));
            known.push((question.endpoint, question.until, value));
        }
        answers
    }

    /// By question and patient; `None` if not all came back.
    fn answers(self) -> Option<Vec<Vec<Option<Answer>>>> {
        let patients = self.prepared.patients.len();
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let found = found.into_iter().collect::<Option<Vec<_>>>()?;
        // How many questions of the same arm came before.
        let mut before = vec![0; self.prepared.arms.len()];
        let of_question = |(arm, _): &(usize, Asked)| {
            let place = before[*arm];
            before[*arm] += 1;
            found[arm * patients..(arm + 1) * patients].iter().map(|answers| answers[place]).collect()
        };
        Some(self.prepared.asked.iter().map(of_question).collect())
    }
}
