//! A run folder opened again: the scenario is read as the run read it, and refused where any text has changed since.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::loader::Files;
use super::message;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::population;
use crate::report::{MANIFEST, sha256};
use crate::scenario::{self, Scenario, Settings};

/// A run that can be computed again.
pub struct PastRun {
    /// Its folder.
    pub folder: PathBuf,
    /// Its scenario, with the settings of its command line.
    pub scenario: Scenario,
}

/// Opens a run folder; `scenario` is where its scenario is now, if elsewhere. What is wrong is said.
pub fn open(folder: &Path, scenario: Option<&str>) -> Option<PastRun> {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let found = try_open(folder, scenario, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    let scenario = found.filter(|_| !has_errors(&diagnostics))?;
    Some(PastRun { folder: folder.to_owned(), scenario })
}

fn try_open(
    folder: &Path,
    scenario: Option<&str>,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    let path = folder.join(MANIFEST);
    let manifest: Option<Value> =
        fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let Some(manifest) = manifest else {
        let finding = Diagnostic::plain(format!("`{}` is not the folder of a run", folder.display()));
        diagnostics
            .push(finding.help(format!("name a folder that `regimen run` wrote: it holds `{MANIFEST}`")));
        return None;
    };
    let file = scenario.or(manifest["scenario"]["file"].as_str());
    let Some(file) = file else {
        let finding = Diagnostic::plain("this run does not say where its scenario is".to_owned());
        diagnostics
            .push(finding.help("it was written by an earlier version; name the file with --scenario FILE"));
        return None;
    };
    let found = scenario::load(file, &settings(&manifest), &Files, sources, diagnostics);
    if let Some(found) = &found {
        diagnostics.extend(population::check_blocks(&found.model));
    }
    let changed = changed(&manifest, sources);
    for name in &changed {
        let finding = Diagnostic::plain(format!("`{name}` is not the text that the run read"));
        diagnostics.push(finding.help(
            "what would be computed now is not what the run computed: restore the file, name the scenario with --scenario FILE if \
             it was moved, or run again",
        ));
    }
    found.filter(|_| changed.is_empty())
}

/// The settings of the command line.
fn settings(manifest: &Value) -> Settings {
    let given = manifest["settings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut settings = Settings::default();
    for setting in given {
        let (Some(name), Some(value)) = (setting["name"].as_str(), setting["value"].as_str()) else {
            continue;
        };
        match name {
            "patients" => settings.patients = value.parse().ok(),
            "seed" => settings.seed = value.parse().ok(),
            "method" => settings.method = Some(value.to_owned()),
            "rtol" => settings.relative_tolerance = value.parse().ok(),
            "set" => settings
                .set
                .extend(value.split_once('=').map(|(path, value)| (path.to_owned(), value.to_owned()))),
            _ => {}
        }
    }
    settings
}

/// Texts that differ from those of the run, by their hashes: in either direction, a text more or less counts too.
fn changed(manifest: &Value, sources: &Sources) -> Vec<String> {
    let entries = manifest["sources"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut before: Vec<&str> = entries.iter().filter_map(|entry| entry["sha256"].as_str()).collect();
    let mut changed = Vec::new();
    for (name, text) in sources.files() {
        let hash = sha256(text.as_bytes());
        match before.iter().position(|known| *known == hash) {
            Some(place) => drop(before.swap_remove(place)),
            None => changed.push(name.to_owned()),
        }
    }
    if changed.is_empty() {
        let gone = entries
            .iter()
            .filter(|entry| entry["sha256"].as_str().is_some_and(|hash| before.contains(&hash)));
        changed.extend(gone.filter_map(|entry| entry["name"].as_str().map(str::to_owned)));
    }
    changed
}

impl PastRun {
    /// Index of the arm with this name, or of the first one.
    pub fn arm(&self, name: Option<&str>) -> Option<usize> {
        let Some(name) = name else { return Some(0) };
        let arms = &self.scenario.arms;
        let found = arms.iter().position(|arm| arm.name == name);
        if found.is_none() {
            let names: Vec<String> = arms.iter().map(|arm| format!("\"{}\"", arm.name)).collect();
            let finding = Diagnostic::plain(format!("the run has no arm \"{name}\""));
            message::findings(
                &[finding.help(format!("its arms are {}", names.join(", ")))],
                &Sources::default(),
            );
        }
        found
    }

    /// Number (from 0) of a patient that is counted from 1.
    pub fn patient(&self, number: u32) -> Option<usize> {
        let found = (number as usize).checked_sub(1).filter(|number| *number < self.scenario.patients);
        if found.is_none() {
            let finding = Diagnostic::plain(format!("the run has no patient {number}"));
            let help = format!("its patients are 1 to {}", self.scenario.patients);
            message::findings(&[finding.help(help)], &Sources::default());
        }
        found
    }
}
