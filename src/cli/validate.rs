//! `regimen validate`: published outcomes beside what their scenarios predict; a scoreboard out.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::loader::Files;
use super::message;
use super::options::ValidateOptions;
use super::outcome::Outcome;
use super::progress::{Bar, listen_for_interrupt};
use super::run::{no_result, unwritable};
use super::settings::Invocation;
use crate::diagnostic::{Diagnostic, Sources, closest, has_errors};
use crate::model::{Kind, Loader};
use crate::report::{Place as FolderPlace, ReportError, ScoreboardFolder, Validation};
use crate::sweep::Snapshot;
use crate::validation::{
    self, Ensemble, Outcomes, Place, PredictionError, Predictions, Predictor, Replicates, Scoreboard, Scored,
    Totals,
};

/// The outcomes that are scored where no file is named.
const OUTCOMES: &str = "lenalidomide-cll";
/// Root of replicates where the run has none of its own.
const SEED: u64 = 1;

/// Reads, predicts, scores, writes.
pub fn validate(options: &ValidateOptions, invocation: &Invocation) -> Outcome {
    let mut sources = Sources::default();
    let name = options.outcomes.as_deref().unwrap_or(OUTCOMES);
    let Some(outcomes) = read_outcomes(name, &mut sources) else { return Outcome::WrongInput };
    let Some(places) = chosen(&outcomes, &options.trials) else { return Outcome::WrongInput };
    let ensemble = match &options.posterior {
        None => None,
        Some(path) => match read_posterior(path, options, &mut sources) {
            Some(ensemble) => Some(ensemble),
            None => return Outcome::WrongInput,
        },
    };
    let loader = Snapshot::new(&Files, "");
    let threads = options.work.threads();
    let predictor = match Predictor::new(&outcomes, &places, &sources, &loader, threads) {
        Ok(predictor) => predictor,
        Err(error) => return failed(&error),
    };
    let place = place(options, &outcomes, invocation);
    let folder = match ScoreboardFolder::begin(&place) {
        Ok(folder) => folder,
        Err(error) => return unwritable(&place.path(), &error),
    };
    listen_for_interrupt();
    let started = Instant::now();
    let predictions = match predict(&predictor, ensemble.as_ref(), options) {
        Ok(predictions) => predictions,
        Err(error) => return failed(&error),
    };
    let read = match predictor.read(&options.set) {
        Ok(read) => read,
        Err(error) => return failed(&error),
    };
    for (name, text) in loader.texts() {
        sources.add(name, text);
    }
    let replicates = Replicates { number: options.replicates as usize, seed: options.seed.unwrap_or(SEED) };
    let scoreboard = Scoreboard::new(&outcomes, &predictions, replicates);
    let scenarios: Vec<String> = predictor.scenarios().map(str::to_owned).collect();
    let shown = options.posterior.as_ref().map(|path| path.display().to_string());
    let found = Validation {
        outcomes: &outcomes,
        scoreboard: &scoreboard,
        scenarios: &scenarios,
        read: &read,
        patients: options.patients as usize,
        replicates: replicates.number,
        seed: options.seed,
        threads: predictor.threads(),
        settings: &options.set,
        ensemble: shown.as_deref(),
        seconds: started.elapsed().as_secs_f64(),
    };
    match folder.finish(found, &sources, &invocation.about(name, options.set.clone())) {
        Ok(page) => {
            let text = if options.work.quiet { String::new() } else { summary(found) };
            let outcome = if name_failures(found) { Outcome::Failed } else { Outcome::Fine };
            message::result(format!("{text}{}\n", page.display()), outcome)
        }
        Err(error @ ReportError::Folder(_)) => unwritable(&place.path(), &error),
        Err(error) => {
            message::note(error);
            Outcome::Failed
        }
    }
}

/// The folder: the user's, or a new one below `output/validate/`.
fn place(options: &ValidateOptions, outcomes: &Outcomes, invocation: &Invocation) -> FolderPlace {
    match &options.out {
        Some(out) => FolderPlace::At(out.clone()),
        None => FolderPlace::New {
            parent: PathBuf::from("output").join("validate").join(&outcomes.name),
            name: invocation.stamp(),
        },
    }
}

/// Reads an outcomes file, by path or name; findings are printed.
pub fn read_outcomes(name: &str, sources: &mut Sources) -> Option<Outcomes> {
    let mut diagnostics = Vec::new();
    let outcomes = match Files.load(Kind::Outcomes, name, None) {
        Ok((shown, text)) => validation::read(&shown, &text, sources, &mut diagnostics),
        Err(why) => {
            diagnostics.push(Diagnostic::plain(why));
            None
        }
    };
    message::findings(&diagnostics, sources);
    outcomes.filter(|_| !has_errors(&diagnostics))
}

/// Outcomes of the trials that are named; of all where none is.
fn chosen(outcomes: &Outcomes, names: &[String]) -> Option<Vec<Place>> {
    if names.is_empty() {
        return Some(outcomes.all());
    }
    let known = || outcomes.trials.iter().map(|trial| trial.name.as_str());
    for name in names {
        if !known().any(|trial| trial == name) {
            let none = Diagnostic::plain(format!("there is no trial `{name}` in the outcomes"));
            let help = match closest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known().collect::<Vec<_>>().join(", ")),
            };
            message::findings(&[none.help(help)], &Sources::default());
            return None;
        }
    }
    Some(outcomes.places(|trial, _| names.contains(&trial.name)))
}

fn read_posterior(path: &Path, options: &ValidateOptions, sources: &mut Sources) -> Option<Ensemble> {
    let mut diagnostics = Vec::new();
    let shown = path.display().to_string();
    let found = match Files.load(Kind::Draws, &shown, None) {
        Ok((shown, text)) => validation::read_ensemble(&shown, &text, sources, &mut diagnostics),
        Err(why) => {
            diagnostics.push(Diagnostic::plain(why));
            None
        }
    };
    if let Some(key) = found.as_ref().and_then(|ensemble| ensemble.sets_too(&options.set)) {
        let both = format!("both `--set` and the columns of `{shown}` set `{key}`");
        let finding = Diagnostic::plain(both);
        diagnostics.push(finding.help("leave out the `--set`, or the column"));
    }
    message::findings(&diagnostics, sources);
    found.filter(|_| !has_errors(&diagnostics)).map(|ensemble| ensemble.thinned(options.draws as usize))
}

/// The predictions at every member of the ensemble, or at the model's own values.
fn predict(
    predictor: &Predictor<'_>,
    ensemble: Option<&Ensemble>,
    options: &ValidateOptions,
) -> Result<Vec<Predictions>, PredictionError> {
    let patients = options.patients as usize;
    let members: Vec<Vec<(String, String)>> = match ensemble {
        None => vec![options.set.clone()],
        Some(ensemble) => (0..ensemble.rows.len())
            .map(|row| options.set.iter().cloned().chain(ensemble.settings(row)).collect())
            .collect(),
    };
    let bar = Bar::new(members.len() * predictor.courses(patients), options.work.quiet);
    let found =
        members.iter().map(|member| predictor.predict(member, patients, options.seed, &bar)).collect();
    bar.clear();
    found
}

/// Says whose courses failed, and which outcomes nobody answers. Whether there was one.
fn name_failures(found: Validation<'_>) -> bool {
    let Scoreboard { failed, unanswered, .. } = found.scoreboard;
    for courses in failed {
        message::note(courses.told());
    }
    if !failed.is_empty() {
        message::note(
            "patients that fail are no random ones: the column `failed` says which predictions are without them",
        );
    }
    for it in unanswered {
        message::note(found.not_predicted(it));
    }
    !failed.is_empty() || !unanswered.is_empty()
}

/// Says why there is no prediction.
pub fn failed(error: &PredictionError) -> Outcome {
    match error {
        PredictionError::Scenario(diagnostics, sources) => {
            message::findings(diagnostics, sources);
            Outcome::WrongInput
        }
        PredictionError::Trial(error, scenario) => no_result(error, scenario),
        PredictionError::Threads(why) => {
            message::note(format!("cannot start the worker threads: {why}; try fewer with --threads"));
            Outcome::Failed
        }
        PredictionError::Cancelled => {
            message::note("stopped; nothing was written");
            Outcome::Interrupted
        }
    }
}

/// The scoreboard on the terminal: observed outcomes line by line, and the sums.
fn summary(found: Validation<'_>) -> String {
    let Validation { outcomes, scoreboard, .. } = found;
    let mut text = format!("{}\n", outcomes.title);
    let observed = |it: &&Scored| it.observed.is_some() && outcomes.at(it.place).version_of.is_none();
    let width =
        scoreboard.scored.iter().filter(observed).map(|it| outcomes.label(it.place).chars().count()).max();
    for it in scoreboard.scored.iter().filter(observed) {
        let mark = match (outcomes.at(it.place).calibration, &outcomes.at(it.place).in_sample) {
            (true, _) => '*',
            (_, Some(_)) => '°',
            _ => ' ',
        };
        let (events, verdict) = (it.observed.unwrap_or_default(), it.verdict.as_ref());
        let inside = match verdict {
            Some(it) if it.in_half => "50 %",
            Some(it) if it.in_most => "95 %",
            _ => "OUTSIDE",
        };
        let _ = writeln!(
            text,
            "{mark} {:width$}  {:>7}  predicted {:5.1} %, {:>3}-{:<3} {inside}",
            outcomes.label(it.place),
            format!("{events}/{}", it.of),
            100.0 * it.predicted,
            it.most.0,
            it.most.1,
            width = width.unwrap_or(0),
        );
    }
    sums("calibration (*)", &scoreboard.calibration, &mut text);
    sums("not seen by the model", &scoreboard.others, &mut text);
    let to_follow = scoreboard.scored.iter().filter(|it| it.observed.is_none()).count();
    if to_follow > 0 {
        let _ = writeln!(text, "{to_follow} outcomes to follow are predicted on the page");
    }
    let _ = writeln!(
        text,
        "{} virtual patients per arm, {} of parameters, in {:.1} s on {} threads",
        found.patients,
        match found.ensemble {
            Some(_) => format!("{} sets", scoreboard.members),
            None => "one set (no ensemble: their uncertainty is not in the intervals)".to_owned(),
        },
        found.seconds,
        found.threads
    );
    text
}

fn sums(name: &str, totals: &Totals, text: &mut String) {
    if totals.outcomes == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "{name}: {} outcomes; in the central 95 % {} ({:.1} expected), in 50 % {} ({:.1}), medians in Wilson's interval {}; log score {:.1}, constant predictor {:.1}",
        totals.outcomes,
        totals.in_most,
        totals.expected_most,
        totals.in_half,
        totals.expected_half,
        totals.medians_in_wilson,
        totals.log_score,
        totals.constant
    );
}
