//! The function that is fitted: the trials of an outcomes file, simulated with other values of parameters.
//!
//! Every evaluation has the same virtual patients (common random numbers): what changes between two evaluations is what the
//! parameters change.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::definition::Definition;
use super::problem::{Failure, Forward, Predicted};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::model::Loader;
use crate::scenario::{self, Settings};
use crate::sweep::numeric_class;
use crate::trial::{Progress, TrialError};
use crate::validation::{Prediction, PredictionError, Predictor};

/// Changes when what an evaluation means does.
const FORM: &str = "regimen calibration 1";
/// Shown name of what the command line sets.
const SET: &str = "set at every evaluation";

/// Trials as a function of parameters.
pub struct Simulated<'a> {
    definition: &'a Definition,
    predictor: Predictor<'a>,
    digest: String,
    progress: &'a dyn Progress,
    /// Why the first evaluation without result has none.
    failed: Mutex<Option<PredictionError>>,
}

impl<'a> Simulated<'a> {
    /// Prepares the trials of a definition on so many threads (0: all cores). `sources` holds the outcomes file.
    ///
    /// # Errors
    /// When the threads cannot be started, or a scenario cannot be read.
    pub fn new(
        definition: &'a Definition,
        sources: &Sources,
        loader: &'a (dyn Loader + Sync),
        threads: usize,
        progress: &'a dyn Progress,
    ) -> Result<Self, PredictionError> {
        let Definition { outcomes, places, .. } = definition;
        let predictor = Predictor::new(outcomes, places, sources, loader, threads)?;
        let digest = digest(definition, loader)?;
        Ok(Self { definition, predictor, digest, progress, failed: Mutex::default() })
    }

    /// Threads.
    pub fn threads(&self) -> usize {
        self.predictor.threads()
    }

    /// Simulated courses of one evaluation: how often the progress is told.
    pub fn courses(&self) -> usize {
        self.predictor.courses(self.definition.patients)
    }

    /// Why the first evaluation without result has none; `None` if all had one.
    pub fn failure(&self) -> Option<PredictionError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Forward for Simulated<'_> {
    /// The threads are those of the predictor, whatever share is offered: evaluations at once take turns on them.
    fn predict(&self, values: &[f64], _: usize) -> Result<Vec<Predicted>, Failure> {
        let settings = self.definition.settings(values);
        let found = self.predictor.predict(&settings, self.definition.patients, None, self.progress);
        let predictions = found.map_err(|error| {
            let failure = failure(&error);
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            failure
        })?;
        let predicted = |prediction: &Prediction| {
            predicted(prediction).ok_or_else(|| {
                let label = self.definition.outcomes.label(prediction.place);
                Failure::Reason(format!("no virtual patient answers {label}"))
            })
        };
        // Patients that fail are no random ones: what the others answer is the value of no parameters.
        if let Some(failed) = predictions.failed.first() {
            return Err(Failure::Reason(failed.told()));
        }
        predictions.outcomes.iter().map(predicted).collect()
    }

    fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// On the logit scale. The error is that of so many independent patients, widened or narrowed by how much the patients' answers
/// vary in truth: arms share patients, and cycles belong to them.
fn predicted(prediction: &Prediction) -> Option<Predicted> {
    let (p, patients) = (prediction.proportion()?, prediction.patients() as f64);
    let plain = Predicted::of_count(p * patients, patients);
    let binomial = p * (1.0 - p) / patients;
    let design = match prediction.monte_carlo_error() {
        Some(error) if binomial > 0.0 => error * error / binomial,
        _ => 1.0,
    };
    Some(Predicted { error: plain.error * design.sqrt(), ..plain })
}

fn failure(error: &PredictionError) -> Failure {
    match error {
        PredictionError::Cancelled | PredictionError::Trial(TrialError::Cancelled, _) => Failure::Cancelled,
        PredictionError::Scenario(diagnostics, _) => {
            let first = diagnostics.iter().find(|finding| has_errors(std::slice::from_ref(*finding)));
            Failure::Reason(first.map_or_else(String::new, |finding| finding.message.clone()))
        }
        PredictionError::Trial(_, scenario) => {
            Failure::Reason(format!("the patients of `{}` cannot be drawn or treated", scenario.name))
        }
        PredictionError::Threads(why) => Failure::Reason(format!("cannot start the worker threads: {why}")),
    }
}

/// A digest of all that determines predictions: the arithmetic, every text that a scenario reads by its content, what is asked of
/// it, patients and settings. What was observed is no part of it, nor where files lie.
fn digest(definition: &Definition, loader: &dyn Loader) -> Result<String, PredictionError> {
    let mut hash = Hash::default();
    hash.field(FORM).field(&numeric_class()).field(&definition.patients.to_string());
    for (key, value) in &definition.set {
        hash.field(key).field(value);
    }
    for parameter in &definition.parameters {
        hash.field(&parameter.key);
    }
    for place in &definition.places {
        let trial = &definition.outcomes.trials[place.trial];
        let outcome = definition.outcomes.at(*place);
        let question = &outcome.question;
        hash.field(&question.endpoint.value);
        hash.field(question.measure.as_ref().map_or("", |measure| &measure.value));
        for time in [question.at.map(|at| at.time), question.until] {
            hash.field(&time.map_or_else(String::new, |time| time.to_string()));
        }
        for arm in outcome.arms.iter().map(|arm| &trial.arms[*arm]) {
            hash.field(&arm.scenario.value).field(arm.arm.as_ref().map_or("", |arm| &arm.value));
            hash.field(&arm.patients.to_string());
        }
    }
    for name in definition.scenarios() {
        let (mut sources, mut found) = (Sources::default(), Vec::<Diagnostic>::new());
        // What is set may name other files; it becomes a source too, and is part of the digest by itself.
        let settings =
            Settings { set: definition.set.clone(), origin: Some(SET.to_owned()), ..Settings::default() };
        scenario::load(name, &settings, loader, &mut sources, &mut found);
        if has_errors(&found) {
            return Err(PredictionError::Scenario(found, Box::new(sources)));
        }
        for (shown, text) in sources.files().filter(|(shown, _)| *shown != SET) {
            hash.field(&Path::new(shown).file_name().unwrap_or_default().to_string_lossy()).field(text);
        }
    }
    Ok(hash.hexadecimal())
}

/// SHA-256 over fields, each after its length, so that no two lists of fields are one text.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn field(&mut self, text: &str) -> &mut Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    fn hexadecimal(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
