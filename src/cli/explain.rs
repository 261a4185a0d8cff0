//! `regimen explain` and `regimen replay`: one patient of a run computed again, told, and given back as a table of records.
//!
//! Nothing is told that does not agree with the tables of the run to the last digit.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::message;
use super::options::{ExplainOptions, ReplayOptions};
use super::outcome::Outcome;
use super::past_run::{self, PastRun};
use super::settings::quoted;
use crate::dataset::{self, Options, Reader};
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::NamedUnit;
use crate::report::story::{Story, page, text};
use crate::report::{Disagreement, PATIENTS, agreement};
use crate::trial::{self, SinglePatient, TrialError};
use crate::units;

/// Why a patient of a run cannot be told.
enum Refusal {
    /// Already said; what was typed or is on the disk is wrong.
    Input,
    /// The computation does not give what the run has.
    Run(String),
}

/// A patient's story, as text on standard output and as a page.
pub fn explain(run: &Path, options: &ExplainOptions) -> Outcome {
    let found = find(run, options.scenario.as_deref(), options.patient, options.arm.as_deref());
    let (past, single, agreeing) = match found {
        Ok(found) => found,
        Err(refusal) => return refused(refusal),
    };
    let story = Story { scenario: &past.scenario, single: &single, agreeing };
    let html = match page(&story) {
        Ok(html) => html,
        Err(error) => return refused(Refusal::Run(format!("cannot draw {}: {}", error.name, error.message))),
    };
    let own = past.folder.join(PATIENTS);
    let name = format!("{}.html", stem(&past, &single));
    let path = options.out.clone().unwrap_or_else(|| own.join(name));
    let prepared = if options.out.is_none() { fs::create_dir_all(&own) } else { Ok(()) };
    if let Err(error) = prepared.and_then(|()| fs::write(&path, html)) {
        return unwritable(&path, &error);
    }
    message::result(format!("{}\n{}\n", text(&story), path.display()), Outcome::Fine)
}

/// A patient's realised dosing as a table of records.
pub fn replay(run: &Path, options: &ReplayOptions) -> Outcome {
    let found = find(run, options.scenario.as_deref(), options.patient, options.arm.as_deref());
    let (past, single, _) = match found {
        Ok(found) => found,
        Err(refusal) => return refused(refusal),
    };
    let (records, individual) = match tables(&past, &single) {
        Ok(tables) => tables,
        Err(refusal) => return refused(refusal),
    };
    let folder = options.out.clone().unwrap_or_else(|| past.folder.join(PATIENTS));
    let stem = stem(&past, &single);
    let place = |what: &str| folder.join(format!("{stem}-{what}.csv"));
    let (records_path, individual_path) = (place("records"), place("individual"));
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&records_path, &records))
        .and_then(|()| fs::write(&individual_path, &individual));
    if let Err(error) = written {
        return unwritable(&records_path, &error);
    }
    let shown = |path: &Path| quoted(&path.display().to_string());
    let mut command =
        format!("regimen simulate {} --as-in {}", quoted(&past.scenario.model.name), shown(run));
    command += &format!(" --data {} --time-unit d", shown(&records_path));
    if individual.contains(',') {
        command += &format!(" --parameters {}", shown(&individual_path));
    }
    if single.course.doses.is_empty() {
        command += " --undosed";
    }
    let lines = format!("{}\n{}\n{command}\n", records_path.display(), individual_path.display());
    message::result(lines, Outcome::Fine)
}

/// The patient computed again, and how many rows of the run's tables agree with it.
fn find(
    run: &Path,
    scenario: Option<&str>,
    patient: u32,
    arm: Option<&str>,
) -> Result<(PastRun, SinglePatient, usize), Refusal> {
    let past = past_run::open(run, scenario).ok_or(Refusal::Input)?;
    let arm = past.arm(arm).ok_or(Refusal::Input)?;
    let number = past.patient(patient).ok_or(Refusal::Input)?;
    let single = trial::single(&past.scenario, number, arm).map_err(|error| {
        let why = match error {
            TrialError::Population(error) => format!("{error:?}"),
            _ => "the patient could not be computed".to_owned(),
        };
        Refusal::Run(format!("patient {patient} cannot be drawn again: {why}"))
    })?;
    let agreeing = agreement(&past.scenario, &single.course, &run.join("tables")).map_err(disagreement)?;
    if agreeing == 0 {
        return Err(Refusal::Run(format!(
            "the tables of this run do not list patient {patient} (of a large trial they list the first patients only), so that nothing \
             can be checked against them"
        )));
    }
    if let Some(Err(differs)) = single.replayed.as_ref().map(|replayed| &replayed.outcome) {
        return Err(Refusal::Run(format!(
            "the replay of the realised dosing differs on day {:.4} in {}: this is a fault of regimen, please report it",
            differs.time + 1.0,
            differs.what
        )));
    }
    Ok((past, single, agreeing))
}

fn disagreement(found: Disagreement) -> Refusal {
    let what = match found {
        Disagreement::Unreadable { table, why } => format!("tables/{table}.csv cannot be read: {why}"),
        Disagreement::Shape { table, what } => {
            format!("tables/{table}.csv does not agree with what is computed now: {what}")
        }
        Disagreement::Cell { table, time, column, run, again } => format!(
            "tables/{table}.csv does not agree with what is computed now: at TIME {time}, {column} is {run} there and {again} now"
        ),
    };
    Refusal::Run(format!(
        "{what}. The tables were changed, or the run was made by another version or kind of machine; run again"
    ))
}

/// Texts of the two tables, which have been read back and replayed.
fn tables(past: &PastRun, single: &SinglePatient) -> Result<(String, String), Refusal> {
    let model = &past.scenario.model;
    let Some(realised) = single.course.realised.as_deref() else {
        return Err(Refusal::Run("this course cannot be written down".to_owned()));
    };
    if realised.has_occasions() {
        return Err(Refusal::Run(
            "what varies between occasions has no place in a table of records: this patient cannot be given back as one; the run \
             itself replays such patients"
                .to_owned(),
        ));
    }
    let records = dataset::records_text(model, &realised.subject).map_err(|inexact| {
        Refusal::Run(format!("{} is near {}, which no number gives back exactly", inexact.what, inexact.near))
    })?;
    let patient = &single.patient;
    let id = &realised.subject.id;
    let changing = dataset::changing(model, &realised.subject);
    let kept = |covariate: &usize| !changing.contains(covariate);
    let kept: Vec<usize> = (0..model.covariates.len()).filter(kept).collect();
    let individual =
        dataset::parameters_text(model, &realised.subject, &patient.covariates, &patient.random_effects);
    let unit = units::parse("d").map(|unit| NamedUnit { name: "d".to_owned(), unit });
    let options =
        Options { time_unit: unit.ok(), elsewhere: kept.clone(), undosed: true, ..Options::default() };
    let mut reader = Reader::new("records", Box::new(Cursor::new(records.clone())), model, &options);
    let subject = reader.subjects(usize::MAX).pop();
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let values = dataset::read_parameters(
        "individual",
        Box::new(individual.as_bytes()),
        model,
        &mut sources,
        &mut diagnostics,
    );
    let same = values.as_ref().and_then(|values| values.of(id)).is_some_and(|values| {
        let given =
            kept.iter().map(|covariate| &patient.covariates[*covariate]).chain(&patient.random_effects);
        values.iter().map(|value| value.to_bits()).eq(given.map(|value| value.to_bits()))
    });
    let replayed = subject.map(|subject| trial::replay_of(&past.scenario, single, &subject));
    match replayed {
        Some(Ok(_)) if same => Ok((records, individual)),
        Some(Err(differs)) => Err(Refusal::Run(format!(
            "the table does not give the course again: day {:.4}, {}",
            differs.time + 1.0,
            differs.what
        ))),
        _ => Err(Refusal::Run("the tables cannot be read back".to_owned())),
    }
}

/// The beginning of file names that tells patient and arm: `patient-417-2-25-mg`.
fn stem(past: &PastRun, single: &SinglePatient) -> String {
    let name = &past.scenario.arms[single.course.arm].name;
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let plain: String = name.chars().map(plain).collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    format!("patient-{}-{}-{}", single.patient.number + 1, single.course.arm + 1, parts.join("-"))
}

fn refused(refusal: Refusal) -> Outcome {
    match refusal {
        Refusal::Input => Outcome::WrongInput,
        Refusal::Run(why) => {
            message::note(why);
            Outcome::Failed
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Outcome {
    let path: PathBuf = path.to_owned();
    let finding = Diagnostic::plain(format!("cannot write `{}`: {error}", path.display()));
    message::findings(&[finding.help("name another place with --out")], &Sources::default());
    Outcome::WrongInput
}
