//! What differs between two scenarios as they are written: key by key, the libraries that they use included.
//!
//! Layout, comments, the order of keys and of named items, and texts for readers (titles, meanings, sources, notes) are no
//! differences. A rule, signal or endpoint counts as what it says, wherever it stands: moved from a library into the file, it is the same.

use super::definition::Scenario;
use super::settings::{self, Settings};
use crate::diagnostic::Sources;
use crate::document;
use crate::model::{Kind, Loader};
use std::collections::BTreeMap;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// Path: `arm."10 mg daily".rules`.
    pub path: String,
    /// As written in the first; `None` where it is not there.
    pub first: Option<String>,
    /// As written in the second.
    pub second: Option<String>,
}

/// Keys that hold texts for readers.
const FOR_READERS: [&str; 5] = ["title", "about", "source", "estimand", "name"];

/// Compares two scenarios, each by the name it was loaded by, with the settings of its invocation and what became of it.
pub fn changed_keys(
    first: (&str, &Settings, &Scenario),
    second: (&str, &Settings, &Scenario),
    loader: &dyn Loader,
) -> Vec<KeyChange> {
    let mut changes: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    for (path, value) in written(first, loader) {
        changes.entry(path).or_default().0 = Some(value);
    }
    for (path, value) in written(second, loader) {
        changes.entry(path).or_default().1 = Some(value);
    }
    let differing = changes.into_iter().filter(|(_, (first, second))| first != second);
    differing.map(|(path, (first, second))| KeyChange { path, first, second }).collect()
}

/// Every key of a scenario and its libraries that says something about the trial.
fn written(
    (name, settings, scenario): (&str, &Settings, &Scenario),
    loader: &dyn Loader,
) -> Vec<(String, String)> {
    let (mut sources, mut nothing) = (Sources::default(), Vec::new());
    let Ok((shown, text)) = loader.load(Kind::Scenario, name, None) else { return Vec::new() };
    let file = sources.add(shown.clone(), text.clone());
    let Some(mut table) = document::parse(file, &text, &mut nothing) else { return Vec::new() };
    settings::apply(settings, &mut table, &mut sources, &mut nothing);
    let libraries = table.texts("use", &mut nothing);
    let mut all = table.flat();
    for library in libraries {
        let Ok((shown, text)) = loader.load(Kind::Library, &library.value, Some(&shown)) else { continue };
        let file = sources.add(shown, text.clone());
        all.extend(document::parse(file, &text, &mut nothing).map_or(Vec::new(), |table| table.flat()));
    }
    all.extend(settings.patients.map(|it| ("population.patients".to_owned(), it.to_string())));
    all.extend(settings.seed.map(|it| ("seed".to_owned(), it.to_string())));
    // A library may hold rules that no arm of the scenario names.
    let used = |path: &str| {
        path.strip_prefix("rule.").is_none_or(|rest| {
            scenario.rules.iter().any(|rule| {
                let bare = rest.strip_prefix(rule.name.as_str());
                let quoted = rest.strip_prefix('"').and_then(|it| it.strip_prefix(rule.name.as_str()));
                bare.is_some_and(|it| it.starts_with('.')) || quoted.is_some_and(|it| it.starts_with("\"."))
            })
        })
    };
    all.retain(|(path, _)| {
        let last = path.rsplit('.').next().unwrap_or(path);
        !FOR_READERS.contains(&last) && !path.starts_with("note.") && used(path)
    });
    all
}
