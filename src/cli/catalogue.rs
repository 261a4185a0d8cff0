//! What there is to be named: the library built into the program, and the user's files beside it. Answers a name that
//! is nowhere with where was looked and what may have been meant.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::diagnostic::closest;
use crate::model::Kind;

static MODELS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/models");
static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");
static OUTCOMES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/outcomes");
static CALIBRATIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/calibrations");

/// Names listed when nothing near the wanted one exists.
const LISTED: usize = 12;

/// How deep the user's folders are searched for names.
const DEEPEST: usize = 3;

/// The built-in text at a path such as `models/neutropenia.toml`.
pub fn built_in(path: &str) -> Option<&'static str> {
    let (root, rest) = path.split_once('/')?;
    folder(root).get_file(rest)?.contents_utf8()
}

/// The built-in folder of this name.
fn folder(root: &str) -> &'static Dir<'static> {
    match root {
        "models" => &MODELS,
        "outcomes" => &OUTCOMES,
        "calibrations" => &CALIBRATIONS,
        _ => &SCENARIOS,
    }
}

/// The folders in which files of a kind live, below a project's root.
pub fn homes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Model | Kind::Library => &["models"],
        Kind::Population => &["models/populations", "models"],
        Kind::Draws => &[],
        Kind::Scenario => &["scenarios"],
        Kind::Outcomes => &["outcomes"],
        Kind::Calibration => &["calibrations"],
    }
}

/// Whether a name says where the file is, so that nothing is searched.
pub fn is_path(name: &str) -> bool {
    name.starts_with("./") || name.starts_with("../") || Path::new(name).is_absolute()
}

/// The sentence for a name that is in none of these folders, nor in the built-in library if that was asked.
pub fn missing(kind: Kind, name: &str, folders: &[PathBuf], library: bool) -> String {
    let (what, place) = if is_path(name) {
        ("file", String::new())
    } else {
        (noun(kind), format!(" in {}", searched(folders, library)))
    };
    let mut known: Vec<String> = folders.iter().flat_map(|folder| siblings(kind, folder, name)).collect();
    if !is_path(name) {
        known.extend(names(kind, folders, library));
    }
    known.sort();
    known.dedup();
    let advice = match closest(name.trim_end_matches(".toml"), known.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() || is_path(name) => String::new(),
        None => {
            let more = if known.len() > LISTED { ", …" } else { "" };
            format!("; there are: {}{more}", known[..known.len().min(LISTED)].join(", "))
        }
    };
    format!("there is no {what} `{name}`{place}{advice}")
}

/// What the user calls a file of this kind.
fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Model => "model",
        Kind::Population => "population",
        Kind::Library => "library",
        Kind::Draws => "table of draws",
        Kind::Scenario => "scenario",
        Kind::Outcomes => "file of outcomes",
        Kind::Calibration => "calibration",
    }
}

/// Where was looked, in words; folders that do not exist need not be known.
fn searched(folders: &[PathBuf], library: bool) -> String {
    let shown = |folder: &PathBuf| {
        if folder == Path::new("") { "this folder".to_owned() } else { folder.display().to_string() }
    };
    let existing = folders.iter().filter(|folder| *folder == Path::new("") || folder.is_dir());
    let mut places: Vec<String> = existing.map(shown).collect();
    if library {
        places.push("the built-in files".to_owned());
    }
    match places.as_slice() {
        [] => "this folder".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Names of the files that stand where the wanted one would stand in this folder.
fn siblings(kind: Kind, folder: &Path, name: &str) -> Vec<String> {
    let parent = Path::new(name).parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    user_names(&folder.join(parent), &parent.join("").to_string_lossy(), DEEPEST, &mut found);
    let file = |name: &String| folder.join(format!("{name}.toml"));
    match kind {
        Kind::Population => found.retain(|name| is_population(&file(name))),
        Kind::Scenario => found.retain(|name| is_scenario(&file(name))),
        _ => {}
    }
    found
}

/// Whether a file may be a population: it has covariates and neither states nor outputs, which a model has.
fn is_population(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let has = |section: &str| text.lines().any(|line| line.trim_start().starts_with(section));
    has("[covariates") && !has("[states") && !has("[outputs")
}

/// Whether a file may be a scenario: it has arms, which neither a model has nor a sweep.
fn is_scenario(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().any(|line| line.trim_start().starts_with("[[arm]]"))
}

/// Names of all files of a kind in its home folders and in the library.
fn names(kind: Kind, folders: &[PathBuf], library: bool) -> Vec<String> {
    let mut names = Vec::new();
    // Where there are two homes, the second holds other kinds of files too.
    for home in homes(kind).iter().take(1) {
        if library || folders.is_empty() {
            let (root, below) = home.split_once('/').unwrap_or((home, ""));
            let root = folder(root);
            library_names(if below.is_empty() { Some(root) } else { root.get_dir(below) }, below, &mut names);
        }
        for folder in folders.iter().filter(|folder| folder.ends_with(home)) {
            user_names(folder, "", 0, &mut names);
        }
    }
    names.retain(|name| belongs(kind, name));
    names
}

/// Folders under `models` hold more than models.
fn belongs(kind: Kind, name: &str) -> bool {
    let first = name.split_once('/').map_or("", |(first, _)| first);
    match kind {
        Kind::Model => !["populations", "rules", "endpoints"].contains(&first),
        Kind::Library => ["rules", "endpoints"].contains(&first),
        Kind::Population => first.is_empty(),
        Kind::Draws | Kind::Scenario | Kind::Outcomes | Kind::Calibration => true,
    }
}

fn library_names(folder: Option<&Dir<'_>>, below: &str, names: &mut Vec<String>) {
    let Some(folder) = folder else { return };
    for file in folder.files() {
        let path = file.path().to_str().and_then(|path| path.strip_suffix(".toml"));
        names.extend(
            path.map(|path| path.strip_prefix(below).unwrap_or(path).trim_start_matches('/').to_owned()),
        );
    }
    for folder in folder.dirs() {
        library_names(Some(folder), below, names);
    }
}

fn user_names(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) {
    // An empty path is the current folder.
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(file_name) = entry.file_name().into_string() else { continue };
        if entry.path().is_dir() && depth < DEEPEST {
            user_names(&entry.path(), &format!("{prefix}{file_name}/"), depth + 1, names);
        } else if let Some(stem) = file_name.strip_suffix(".toml") {
            names.push(format!("{prefix}{stem}"));
        }
    }
}
