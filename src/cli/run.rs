//! `regimen run`: scenario in, run folder out.

use std::fmt::Write;
use std::path::Path;

use super::loader::Files;
use super::message;
use super::outcome::Outcome;
use super::precision;
use super::progress::{Bar, listen_for_interrupt};
use super::replayed;
use super::settings::RunSettings;
use super::uncertain;
use super::verified;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::population::{self, DrawError, PopulationError, Rejection};
use crate::report::{FolderError, Recording, ReportError, Study};
use crate::scenario::{self, ReplicateDraw, Scenario};
use crate::trial::{self, FailedCourse, Goal, Sought, Trial, TrialError, Verification};

/// Failed patients named one by one; the report lists them all.
const FAILURES_NAMED: usize = 10;

/// Reads, simulates, writes.
pub fn run(settings: &RunSettings) -> Outcome {
    let mut sources = Sources::default();
    let Some(mut scenario) = load(settings, &mut sources) else { return Outcome::WrongInput };
    let Some(goals) = precision::goals(settings, &scenario, &sources) else { return Outcome::WrongInput };
    listen_for_interrupt();
    let sought = match precision::seek(settings, &scenario, &goals) {
        Ok(sought) => sought,
        Err(error) => return no_result(&error, &scenario),
    };
    scenario.patients = sought.as_ref().map_or(scenario.patients, |sought| sought.patients);
    let scenario = scenario;
    let place = settings.place(&scenario.name);
    let recording = match Recording::begin(&scenario, &place) {
        Ok(recording) => recording,
        Err(error) => return unwritable(&place.path(), &error),
    };
    let bar = Bar::new(courses(&scenario), settings.quiet);
    let found = trial::run(&scenario, settings.threads, &bar, recording.log()).and_then(|trial| {
        let uncertainty = trial::uncertainty(&scenario, &trial, settings.threads, &bar)?;
        let replicates = trial::replicates(&scenario, &trial, settings.threads, &bar)?;
        Ok((verify(settings, &scenario, &trial, &bar)?, uncertainty, replicates, trial))
    });
    let (verification, uncertainty, replicates, trial) = match found {
        Ok(found) => found,
        Err(error) => {
            bar.clear();
            return no_result(&error, &scenario);
        }
    };
    bar.writing();
    let study = Study {
        trial: &trial,
        scenario: &scenario,
        verification: verification.as_ref(),
        uncertainty: uncertainty.as_ref(),
        replicates: replicates.as_ref(),
    };
    let written =
        recording.finish(study, &sources, &settings.invocation.about(&settings.scenario, settings.given()));
    bar.clear();
    match written {
        Ok(written) => finish(settings, study, sought.map(|sought| (goals, sought)), &written.report),
        Err(error @ ReportError::Folder(_)) => unwritable(&place.path(), &error),
        Err(error) => {
            message::note(error);
            Outcome::Failed
        }
    }
}

/// The checked scenario; findings are printed.
fn load(settings: &RunSettings, sources: &mut Sources) -> Option<Scenario> {
    let mut diagnostics = Vec::new();
    let scenario = scenario::load(&settings.scenario, &settings.changes, &Files, sources, &mut diagnostics);
    if let Some(scenario) = &scenario {
        diagnostics.extend(population::check_blocks(&scenario.model));
        diagnostics.extend(trial::check_replicates(scenario));
    }
    message::findings(&diagnostics, sources);
    scenario.filter(|_| !has_errors(&diagnostics))
}

/// Courses that the run, its draws of parameters and its replicates of new patients will take.
fn courses(scenario: &Scenario) -> usize {
    let trials = 1 + scenario.uncertainty.as_ref().map_or(0, |known| known.draws);
    let replicates = scenario.analysis.replicates.as_ref().filter(|it| it.draw == ReplicateDraw::New);
    let new = replicates.map_or(0, |it| it.number * it.patients);
    (trials * scenario.patients + new) * scenario.arms.len()
}

/// Computes patients again, if that is wanted.
fn verify(
    settings: &RunSettings,
    scenario: &Scenario,
    trial: &Trial,
    bar: &Bar,
) -> Result<Option<Verification>, TrialError> {
    let Some(patients) = settings.verify else { return Ok(None) };
    bar.verifying(Verification::simulations(scenario, patients));
    trial::verify(scenario, &trial.patients, patients, settings.threads, bar).map(Some)
}

/// Nothing can be written there: said before the simulation, so that no work is lost.
pub fn unwritable(folder: &Path, error: &ReportError) -> Outcome {
    let finding = match error {
        ReportError::Folder(FolderError::Occupied { foreign, .. }) => Diagnostic::plain(format!(
            "`{}` exists and is not the folder of an earlier run{}",
            folder.display(),
            foreign.as_ref().map_or(String::new(), |foreign| format!(
                ": it holds `{}`, which no run wrote",
                foreign.display()
            ))
        ))
        .help("name another folder with --out DIR, or move this one away; nothing of yours is ever replaced"),
        _ => Diagnostic::plain(format!("cannot write the run folder `{}`: {error}", folder.display()))
            .help("name a folder that you may write to with --out DIR"),
    };
    message::findings(&[finding], &Sources::default());
    Outcome::WrongInput
}

/// Says why there is no trial.
pub fn no_result(error: &TrialError, scenario: &Scenario) -> Outcome {
    match error {
        TrialError::Cancelled => {
            message::note("stopped; nothing was written");
            Outcome::Interrupted
        }
        TrialError::Threads(why) => {
            message::note(format!("cannot start the worker threads: {why}; try fewer with --threads"));
            Outcome::Failed
        }
        TrialError::Log(why) => {
            message::note(format!("cannot write the tables: {why}; nothing was kept"));
            Outcome::Failed
        }
        TrialError::Parameters(error) => {
            message::findings(&[no_parameters(error)], &Sources::default());
            Outcome::WrongInput
        }
        TrialError::Population(error) => {
            message::findings(&[no_population(error, scenario)], &Sources::default());
            Outcome::WrongInput
        }
    }
}

/// Why the population parameters cannot be drawn, and what may help.
pub fn no_parameters(error: &DrawError) -> Diagnostic {
    match error {
        DrawError::NotPositiveDefinite { block } => Diagnostic::plain(format!(
            "no parameters can be drawn: the covariances of the estimates of {} contradict each other",
            block.join(", ")
        ))
        .help("bring them nearer to 0"),
        DrawError::Impossible { name, tried } => Diagnostic::plain(format!(
            "no parameters can be drawn: of {tried} draws none was possible, the last because of the sign of `{name}`"
        ))
        .help("give its standard error on the log scale, or name it in `free_sign` under [uncertainty]"),
    }
}

/// Why the population cannot be drawn, and what may help.
pub fn no_population(error: &PopulationError, scenario: &Scenario) -> Diagnostic {
    let number = |patient: &usize| patient + 1;
    match error {
        PopulationError::NotPositiveDefinite { block } => Diagnostic::plain(format!(
            "no patient can be drawn: the correlations between {} contradict each other",
            block.join(", ")
        ))
        .help("bring them nearer to 0"),
        PopulationError::NobodyEligible { patient, tried, reason } => Diagnostic::plain(format!(
            "patient {} cannot be drawn: none of {tried} candidates was eligible, most often because of {}",
            number(patient),
            rejection(*reason, scenario)
        ))
        .help("widen the entry criteria, or shift the population"),
        PopulationError::OutsideBounds { name, patient, tried } => Diagnostic::plain(format!(
            "patient {} cannot be drawn: {tried} draws of `{name}` all fell outside its bounds",
            number(patient)
        ))
        .help("widen the bounds, or shift the distribution"),
        PopulationError::ImpossibleDistribution { name, patient, what } => {
            Diagnostic::plain(format!("patient {} cannot be drawn: `{name}` {what}", number(patient)))
                .help("look at its distribution and at what it is computed from")
        }
        PopulationError::NotFinite { name, patient } => Diagnostic::plain(format!(
            "patient {} cannot be drawn: `{name}` is not a finite number",
            number(patient)
        ))
        .help("look at its distribution and at what it is computed from"),
    }
}

fn rejection(reason: Rejection, scenario: &Scenario) -> String {
    match reason {
        Rejection::Entry(index) => {
            let text = scenario.population.entry.get(index).map_or("?", |entry| entry.text.as_str());
            format!("the entry criterion `{text}`")
        }
        Rejection::Requirement(index) => {
            let text =
                scenario.model.requirements.get(index).map_or("?", |requirement| requirement.text.as_str());
            format!("the model's requirement `{text}`")
        }
    }
}

/// Names what failed, sums up, and ends standard output with the path of the report.
fn finish(
    settings: &RunSettings,
    study: Study<'_>,
    sought: Option<(Vec<Goal>, Sought)>,
    report: &Path,
) -> Outcome {
    let Study { trial, scenario, verification, uncertainty, replicates } = study;
    let mut failed = name_failures(scenario, trial);
    failed |= replayed::name_mismatches(scenario, trial);
    let mut text = String::new();
    if !settings.quiet {
        text = summary(scenario, trial) + &replayed::summary(trial);
    }
    if let Some((goals, sought)) = &sought {
        let mut lines = String::new();
        failed |= !precision::summary(goals, sought, &mut lines);
        if !settings.quiet {
            text += &lines;
        }
    }
    if let Some(replicates) = replicates {
        failed |= replicates.failed > 0;
        if !settings.quiet {
            let _ = writeln!(
                text,
                "{} trials of {} patients in each arm in {:.1} s",
                replicates.number, replicates.patients, replicates.seconds
            );
        }
    }
    if let Some(verification) = verification {
        verified::name_failures(scenario, verification);
        failed |= verification.fails();
        if !settings.quiet {
            text += &verified::summary(scenario, verification);
        }
    }
    if let Some(uncertainty) = uncertainty {
        failed |= uncertain::name_failures(uncertainty);
        if !settings.quiet {
            text += &uncertain::summary(scenario, uncertainty);
        }
    }
    let _ = writeln!(text, "{}", report.display());
    message::result(text, if failed { Outcome::Failed } else { Outcome::Fine })
}

/// Says which patients failed numerically, when, in which state and why. Whether there was one.
fn name_failures(scenario: &Scenario, trial: &Trial) -> bool {
    let failed = scenario.arms.iter().zip(&trial.arms);
    let failures: Vec<String> = failed
        .flat_map(|(arm, result)| result.failures.iter().map(|failed| (arm.name.as_str(), failed)))
        .map(|(arm, FailedCourse { patient, failure })| {
            let state = failure.state.and_then(|state| scenario.model.states.get(state));
            let state = state.map_or(String::new(), |state| format!(", state `{}`", state.name));
            format!(
                "patient {} in arm \"{arm}\" failed on day {:.2}{state}: {}; {}",
                patient + 1,
                failure.time + 1.0,
                sentence(&failure.what),
                sentence(&failure.cause)
            )
        })
        .collect();
    for failure in failures.iter().take(FAILURES_NAMED) {
        message::note(failure);
    }
    if failures.len() > FAILURES_NAMED {
        message::note(format!("and {} more, listed in the report", failures.len() - FAILURES_NAMED));
    }
    if !failures.is_empty() {
        let all = scenario.patients * scenario.arms.len();
        message::note(format!(
            "{} of {all} simulated courses failed numerically; the rest is reported",
            failures.len()
        ));
    }
    !failures.is_empty()
}

/// Without the full stop, to stand inside another sentence.
fn sentence(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

/// A few lines on what was done.
fn summary(scenario: &Scenario, trial: &Trial) -> String {
    let mut text = format!("{}\n", scenario.title);
    let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let _ = writeln!(
        text,
        "{}, {} in each, {}; seed {}",
        plural(scenario.arms.len(), "arm"),
        plural(scenario.patients, "virtual patient"),
        scenario.horizon_text,
        scenario.seed
    );
    let _ = writeln!(
        text,
        "simulated in {:.1} s on {}; {:.0} % of the candidates drawn were eligible",
        trial.seconds,
        plural(trial.threads, "thread"),
        100.0 * trial.acceptance
    );
    text
}
