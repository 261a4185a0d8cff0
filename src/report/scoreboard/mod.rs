//! The folder of a validation: one page with figures, the scoreboard as a table, a manifest.

mod card;
mod figure;
mod page;
mod tables;

use std::path::PathBuf;

use serde::Serialize;

use super::card::file as card_file;
use super::draw;
use super::figures::FigureError;
use super::folder::{MANIFEST, Partial, Place as FolderPlace};
use super::manifest::{self, PROGRAM, SourceEntry};
use super::run::RunInfo;
use super::write::ReportError;
use crate::diagnostic::Sources;
use crate::scenario::{Arm, Scenario, cautions};
use crate::table::PARQUET;
use crate::validation::{FailedCourses, Outcomes, PublishedTrial, Scoreboard, Unanswered};

/// The page.
const PAGE: &str = "report.html";
/// The scoreboard as tables for a model's card.
const CARD: &str = "card.toml";

/// Everything that the page and the tables read.
#[derive(Clone, Copy)]
pub struct Validation<'a> {
    /// What was published.
    pub outcomes: &'a Outcomes,
    /// What was predicted and found.
    pub scoreboard: &'a Scoreboard,
    /// Scenarios that were simulated.
    pub scenarios: &'a [String],
    /// The same, read, in that order.
    pub read: &'a [Scenario],
    /// Virtual patients per arm.
    pub patients: usize,
    /// Replicates drawn where they are.
    pub replicates: usize,
    /// Root of the random numbers where it is not the scenarios' own.
    pub seed: Option<u64>,
    /// Worker threads.
    pub threads: usize,
    /// Settings given for all scenarios.
    pub settings: &'a [(String, String)],
    /// The table of the ensemble of parameters; `None` where there is none.
    pub ensemble: Option<&'a str>,
    /// Wall time of the simulation, s.
    pub seconds: f64,
}

impl Validation<'_> {
    /// What the models want said of a trial, by the titles of their notes in small letters: "uncalibrated".
    pub fn cautions(&self, trial: &PublishedTrial) -> Vec<String> {
        let mut titles: Vec<String> = Vec::new();
        for arm in &trial.arms {
            let place = self.scenarios.iter().position(|name| *name == arm.scenario.value);
            let Some(scenario) = place.and_then(|place| self.read.get(place)) else { continue };
            let wanted = |name: &str| arm.arm.as_ref().is_none_or(|arm| arm.value == name);
            let arms: Vec<Arm> = scenario.arms.iter().filter(|arm| wanted(&arm.name)).cloned().collect();
            for note in cautions(&scenario.model, &arms) {
                let title = note.title.to_lowercase();
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
        }
        titles
    }

    /// "Not predicted: Chen 2011: ORR, to which no virtual patient has an answer, with sets 2 and 5 of parameters".
    pub fn not_predicted(&self, it: &Unanswered) -> String {
        let label = self.outcomes.label(it.place);
        let all = it.members.len() == self.scoreboard.members;
        let numbers: Vec<String> = it.members.iter().map(|member| (member + 1).to_string()).collect();
        let sets = match numbers.as_slice() {
            _ if all => String::new(),
            [one] => format!(" with set {one} of the parameters"),
            several => format!(" with sets {} of the parameters", several.join(", ")),
        };
        format!("not predicted: {label}; no virtual patient has an answer{sets}")
    }
}

/// Courses of an arm that failed.
#[derive(Serialize)]
struct FailedEntry<'a> {
    scenario: &'a str,
    arm: &'a str,
    failed: usize,
    of: usize,
    first: &'a str,
}

/// What was validated, from which texts.
#[derive(Serialize)]
struct Manifest<'a> {
    program: &'static str,
    version: &'a str,
    command: &'a str,
    started: &'a str,
    wall_seconds: f64,
    simulation_seconds: f64,
    threads: usize,
    patients: usize,
    replicates: usize,
    seed: Option<u64>,
    outcomes: &'a str,
    scenarios: &'a [String],
    settings: &'a [(String, String)],
    ensemble: Option<&'a str>,
    members: usize,
    failed: Vec<FailedEntry<'a>>,
    not_predicted: Vec<String>,
    sources: Vec<SourceEntry>,
    files: Vec<String>,
}

/// A folder for a validation, claimed before the work is done. Dropped before [`ScoreboardFolder::finish`], it leaves nothing.
pub struct ScoreboardFolder(Partial);

impl ScoreboardFolder {
    /// Claims the place.
    ///
    /// # Errors
    /// When it is taken by something other than a run folder, or the file system refuses.
    pub fn begin(place: &FolderPlace) -> Result<Self, ReportError> {
        Ok(Self(Partial::begin(place)?))
    }

    /// Writes the page, the figures, the tables and the manifest. Returns the path of the page.
    ///
    /// # Errors
    /// When the file system refuses, or a figure cannot be drawn.
    pub fn finish(
        self,
        found: Validation<'_>,
        sources: &Sources,
        run: &RunInfo,
    ) -> Result<PathBuf, ReportError> {
        let Self(partial) = self;
        let mut files = vec![PAGE.to_owned()];
        files.push(CARD.to_owned());
        partial.file(CARD, card_file("regimen validate", &card::tables(found)).as_bytes())?;
        files.extend(tables::write(found, &partial.subfolder("tables")?).map_err(ReportError::Table)?);
        let folder = partial.subfolder("figures")?;
        let mut figures = Vec::new();
        for drawn in figure::all(found) {
            let fail = |message: String| {
                ReportError::Figure(FigureError { name: drawn.scene.name.clone(), message })
            };
            let svg = draw::svg(&drawn.scene).map_err(fail)?;
            let name = &drawn.scene.name;
            std::fs::write(folder.join(format!("{name}.svg")), &svg).map_err(|it| fail(it.to_string()))?;
            draw::write_png(&drawn.scene, &folder.join(format!("{name}.png"))).map_err(fail)?;
            files.extend(["svg", "png"].map(|ending| format!("figures/{name}.{ending}")));
            figures.push((drawn, svg));
        }
        let manifest = Manifest {
            program: PROGRAM,
            version: &run.version,
            command: &run.command,
            started: &run.started,
            wall_seconds: run.wall_seconds,
            simulation_seconds: found.seconds,
            threads: found.threads,
            patients: found.patients,
            replicates: found.replicates,
            seed: found.seed,
            outcomes: &run.scenario,
            scenarios: found.scenarios,
            settings: found.settings,
            ensemble: found.ensemble,
            members: found.scoreboard.members,
            failed: found.scoreboard.failed.iter().map(failed_entry).collect(),
            not_predicted: found.scoreboard.unanswered.iter().map(|it| found.not_predicted(it)).collect(),
            sources: manifest::sources(sources),
            files,
        };
        let mut json = serde_json::to_string_pretty(&manifest).map_err(ReportError::Manifest)?;
        json.push('\n');
        partial.file(PAGE, page::html(found, &figures, run).as_bytes())?;
        partial.file(MANIFEST, json.as_bytes())?;
        Ok(partial.finish()?.join(PAGE))
    }
}

fn failed_entry(it: &FailedCourses) -> FailedEntry<'_> {
    let FailedCourses { scenario, arm, failed, of, first } = it;
    FailedEntry { scenario, arm, failed: *failed, of: *of, first }
}

/// Endings of the tables.
fn endings() -> &'static [&'static str] {
    if PARQUET { &["csv", "parquet"] } else { &["csv"] }
}
