//! `regimen check`: what kind of file each is, and everything that is wrong with it.

use std::fmt::Write;

use super::calibrate;
use super::loader::Files;
use super::message;
use super::outcome::Outcome;
use super::sweep;
use crate::diagnostic::{Diagnostic, Severity, Sources, has_errors};
use crate::document::{self, Table};
use crate::lint;
use crate::model::{self, Kind, Loader};
use crate::population;
use crate::scenario;
use crate::trial;
use crate::validation;

/// Checks every file; findings go to standard error, `ok` lines to standard output. `strict` refuses warnings too.
pub fn check(files: &[String], strict: bool) -> Outcome {
    let mut outcome = Outcome::Fine;
    let mut text = String::new();
    for file in files {
        let mut sources = Sources::default();
        let mut diagnostics = Vec::new();
        let subject = check_one(file, &mut sources, &mut diagnostics);
        message::findings(&diagnostics, &sources);
        if has_errors(&diagnostics) {
            outcome = Outcome::WrongInput;
            continue;
        }
        let warnings = diagnostics.iter().filter(|finding| finding.severity == Severity::Warning).count();
        if strict && warnings > 0 {
            outcome = Outcome::WrongInput;
            continue;
        }
        let remark = match warnings {
            0 => String::new(),
            1 => ", 1 warning".to_owned(),
            more => format!(", {more} warnings"),
        };
        let _ = writeln!(text, "ok: {file} ({}{remark})", subject.map_or("", Subject::noun));
    }
    message::result(text, outcome)
}

/// Checks one file as what it is.
fn check_one(file: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Subject> {
    let subject = subject_of(file, sources, diagnostics)?;
    match subject {
        Subject::Model => {
            if let Some(model) = model::check_module(file, &Files, sources, diagnostics) {
                diagnostics.extend(population::check_blocks(&model));
            }
        }
        Subject::Scenario => {
            let changes = scenario::Settings::default();
            let loaded = scenario::load_with_places(file, &changes, &Files, sources, diagnostics);
            if let Some((scenario, places)) = loaded {
                diagnostics.extend(population::check_blocks(&scenario.model));
                lint::review(&scenario, &places, diagnostics);
                diagnostics.extend(trial::check_replicates(&scenario));
            }
        }
        Subject::Sweep => sweep::check(file, sources, diagnostics),
        Subject::Calibration => calibrate::check(file, sources, diagnostics),
        Subject::Population => scenario::check_population(file, &Files, sources, diagnostics),
        Subject::Library => scenario::check_library(file, &Files, sources, diagnostics),
        Subject::Card => model::check_card(file, &Files, sources, diagnostics),
        Subject::Outcomes => {
            if let Ok((shown, text)) = Files.load(Kind::Outcomes, file, None) {
                validation::read(&shown, &text, sources, diagnostics);
            }
        }
    }
    Some(subject)
}

/// Tells by its keys what a file is. `None` with a finding where it is nothing; the findings of the reading itself are
/// left to the check of the kind, which reads again.
fn subject_of(file: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Subject> {
    let (shown, text) = match find(file) {
        Ok(found) => found,
        Err(why) => {
            diagnostics.push(Diagnostic::plain(why));
            return None;
        }
    };
    if shown.ends_with(".csv") {
        let finding = Diagnostic::plain(format!("`{shown}` is a table of patients"));
        diagnostics.push(finding.help("check the scenario that names it in `[population] from`"));
        return None;
    }
    let mut reading = Vec::new();
    let id = sources.add(&shown, &text);
    let table = document::parse(id, &text, &mut reading);
    let subject = table.as_ref().and_then(Subject::of);
    if subject.is_none() {
        if !has_errors(&reading) {
            reading.push(Diagnostic::plain(format!("`{shown}` is neither a model, a population, a library, a scenario, a sweep, a calibration, outcomes nor a card")).help(
                "a model has [states], [equations] or [parameters]; a population [covariates]; a library [[rule]], [[signal]] or \
                 [[endpoint]]; a scenario `model = …` and [[arm]]; a sweep `scenario = …` and [[axis]]; a \
                 calibration `outcomes = …` and [[parameter]]; outcomes [[trial]]; a card `question = …`",
            ));
        }
        diagnostics.append(&mut reading);
    }
    subject
}

/// The text of a file, or of what the loader knows by this name.
fn find(file: &str) -> Result<(String, String), String> {
    let kinds = [Kind::Scenario, Kind::Population, Kind::Library, Kind::Outcomes];
    let mut found = Files.load(Kind::Model, file, None);
    for kind in kinds {
        if found.is_err() {
            found = Files.load(kind, file, None).or(found);
        }
    }
    found
}

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Sweep,
    Calibration,
    Scenario,
    Model,
    Population,
    Library,
    Outcomes,
    Card,
}

/// Keys that only one kind of file has, the most telling kind first.
const TELLING: [(Subject, &[&str]); 8] = [
    (Subject::Calibration, &["outcomes", "parameter", "members", "refinements"]),
    (
        Subject::Sweep,
        &["scenario", "axis", "template", "design", "sensitivity", "tipping", "front", "search"],
    ),
    (Subject::Scenario, &["arm", "horizon", "model", "visits", "numerics"]),
    (
        Subject::Model,
        &[
            "states",
            "equations",
            "individual",
            "parameters",
            "variability",
            "outputs",
            "doses",
            "inputs",
            "hazards",
            "extends",
            "time",
        ],
    ),
    (Subject::Library, &["signal", "grade_table", "rule", "endpoint", "record", "group", "note", "accept"]),
    (Subject::Outcomes, &["kind", "trial", "to_follow"]),
    (Subject::Population, &["covariates", "entry", "from"]),
    (Subject::Card, &["question", "context", "never", "evidence", "table"]),
];

impl Subject {
    fn noun(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Calibration => "calibration",
            Self::Scenario => "scenario",
            Self::Model => "model",
            Self::Population => "population; its fit to a model is checked with the scenario",
            Self::Card => "card of a model",
            Self::Outcomes => "outcomes; what they ask of scenarios is checked by `regimen validate`",
            Self::Library => "library; the names it uses are checked with the scenario",
        }
    }

    fn of(table: &Table) -> Option<Self> {
        TELLING.iter().find(|(_, keys)| keys.iter().any(|key| table.has(key))).map(|(subject, _)| *subject)
    }
}
