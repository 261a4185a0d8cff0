//! Where model, population, library and scenario texts come from: the user's files first, then the library that is
//! built into the program.
//!
//! A name is looked for beside the file that asks for it, in the `models` or `scenarios` folder of that file's folder
//! and of the folders above it, in the current folder's, and among the built-in files. A built-in file asks built-in files only, so that
//! `regimen` without arguments gives the same numbers everywhere.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::text::{self, TextError};
use crate::diagnostic::closest;
use crate::model::{Kind, Loader};

static MODELS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/models");
static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// In front of the shown name of a built-in file: `built-in:models/neutropenia.toml`.
pub const BUILT_IN: &str = "built-in:";

/// How many folders above the asking file are searched.
const ANCESTORS: usize = 4;

/// Names listed when nothing near the wanted one exists.
const LISTED: usize = 12;

/// Reads from the file system and from the built-in library.
#[derive(Debug)]
pub struct Files;

/// One place to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// A file of the user's.
    File(PathBuf),
    /// A path within the built-in library, `models/pk/lenalidomide.toml`.
    BuiltIn(String),
}

impl Loader for Files {
    fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String> {
        let places = places(kind, name, beside);
        let mut hindrance = None;
        for place in &places {
            match place {
                Place::BuiltIn(path) => {
                    if let Some(text) = built_in(path) {
                        return Ok((format!("{BUILT_IN}{path}"), text.to_owned()));
                    }
                }
                Place::File(path) => match text::read(path, limit(path)) {
                    Ok(text) => return Ok((path.display().to_string(), text)),
                    Err(TextError::Missing) => {}
                    // The folder `pk` may stand beside the file `pk.toml`, which is looked at next.
                    Err(TextError::Folder) => hindrance = hindrance.or(Some((path, TextError::Folder))),
                    Err(error) => return Err(error.sentence(path)),
                },
            }
        }
        Err(hindrance.map_or_else(|| missing(kind, name, &places), |(path, error)| error.sentence(path)))
    }
}

/// How long a file may be, in bytes. Files of equations are written by hand; a table of patients is not.
fn limit(path: &Path) -> u64 {
    if path.extension().is_some_and(|extension| extension == "csv") { 256 << 20 } else { 4 << 20 }
}

/// The built-in text at a path such as `models/neutropenia.toml`.
fn built_in(path: &str) -> Option<&'static str> {
    let (root, rest) = path.split_once('/')?;
    let library = if root == "models" { &MODELS } else { &SCENARIOS };
    library.get_file(rest)?.contents_utf8()
}

/// The folders in which files of a kind live, below a project's root.
fn homes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Model | Kind::Library => &["models"],
        Kind::Population => &["models/populations", "models"],
        Kind::Scenario => &["scenarios"],
    }
}

/// What the user calls a file of this kind.
fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Model => "model",
        Kind::Population => "population",
        Kind::Library => "library of rules and endpoints",
        Kind::Scenario => "scenario",
    }
}

/// Where to look, in this order.
fn places(kind: Kind, name: &str, beside: Option<&str>) -> Vec<Place> {
    if let Some(path) = name.strip_prefix(BUILT_IN) {
        return file_names(path).into_iter().map(Place::BuiltIn).collect();
    }
    if let Some(asking) = beside.and_then(|beside| beside.strip_prefix(BUILT_IN)) {
        return built_in_places(kind, name, Some(asking));
    }
    let folder = beside.and_then(|beside| Path::new(beside).parent()).unwrap_or(Path::new(""));
    let mut folders = vec![folder.to_owned()];
    if !is_path(name) {
        let above = folder.ancestors().take(ANCESTORS).chain([Path::new("")]);
        for folder in above.flat_map(|folder| homes(kind).iter().map(|home| folder.join(home))) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    let names = file_names(name);
    let files = folders.iter().flat_map(|folder| names.iter().map(|name| Place::File(folder.join(name))));
    let mut places: Vec<Place> = files.collect();
    if !is_path(name) {
        places.extend(built_in_places(kind, name, None));
    }
    places
}

fn built_in_places(kind: Kind, name: &str, asking: Option<&str>) -> Vec<Place> {
    let own = asking.and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
    let folders = own.into_iter().chain(homes(kind).iter().copied());
    folders
        .flat_map(|folder| file_names(name).into_iter().map(move |name| format!("{folder}/{name}")))
        .map(Place::BuiltIn)
        .collect()
}

/// Whether a name says where the file is, so that nothing is searched.
fn is_path(name: &str) -> bool {
    name.starts_with("./") || name.starts_with("../") || Path::new(name).is_absolute()
}

/// The name as it is, and with the ending that was left out.
fn file_names(name: &str) -> Vec<String> {
    if name.ends_with(".toml") || name.ends_with(".csv") {
        vec![name.to_owned()]
    } else {
        vec![name.to_owned(), format!("{name}.toml")]
    }
}

/// The sentence for a name that is nowhere.
fn missing(kind: Kind, name: &str, places: &[Place]) -> String {
    let noun = noun(kind);
    if is_path(name) {
        return format!("there is no file `{name}`");
    }
    let mut folders: Vec<String> = Vec::new();
    for place in places {
        let folder = match place {
            Place::File(path) => shown_folder(path, name),
            Place::BuiltIn(_) => "the built-in files".to_owned(),
        };
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let known = known(kind, places);
    let stem = name.trim_end_matches(".toml");
    let advice = match closest(stem, known.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => String::new(),
        None => format!(
            "; there are: {}{}",
            known[..known.len().min(LISTED)].join(", "),
            if known.len() > LISTED { ", …" } else { "" }
        ),
    };
    format!("there is no {noun} `{name}` in {}{advice}", listed(&folders))
}

/// The folder that was searched: the path without the name that was asked for.
fn shown_folder(path: &Path, name: &str) -> String {
    let depth = Path::new(name).components().count();
    let folder = path.ancestors().nth(depth).unwrap_or(Path::new(""));
    if folder == Path::new("") { "the current folder".to_owned() } else { folder.display().to_string() }
}

fn listed(items: &[String]) -> String {
    match items {
        [] => "the current folder".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Names of the files of a kind in the places that were searched, without the ending, sorted.
fn known(kind: Kind, places: &[Place]) -> Vec<String> {
    let mut names = Vec::new();
    for home in homes(kind) {
        let root = if home.starts_with("models") { &MODELS } else { &SCENARIOS };
        built_in_names(root, home.split_once('/').map_or("", |(_, below)| below), &mut names);
        if places.iter().any(|place| matches!(place, Place::File(_))) {
            user_names(Path::new(home), "", 0, &mut names);
        }
    }
    names.retain(|name| belongs(kind, name));
    names.sort();
    names.dedup();
    names
}

/// The folders under `models` that hold no models.
fn belongs(kind: Kind, name: &str) -> bool {
    let first = name.split_once('/').map_or("", |(first, _)| first);
    match kind {
        Kind::Model => !["populations", "rules", "endpoints"].contains(&first),
        Kind::Library => ["rules", "endpoints"].contains(&first),
        Kind::Population => first.is_empty(),
        Kind::Scenario => true,
    }
}

fn built_in_names(folder: &Dir<'_>, below: &str, names: &mut Vec<String>) {
    for file in folder.files() {
        if let Some(name) = file.path().to_str().and_then(|path| path.strip_suffix(".toml")) {
            let name = name.strip_prefix(below).unwrap_or(name).trim_start_matches('/');
            names.push(name.to_owned());
        }
    }
    for folder in folder.dirs() {
        built_in_names(folder, below, names);
    }
}

fn user_names(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) {
    const DEEPEST: usize = 3;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_file_asks_only_built_in_files() {
        let found = places(Kind::Model, "pk/lenalidomide", Some("built-in:models/lenalidomide-cll.toml"));
        assert!(found.iter().all(|place| matches!(place, Place::BuiltIn(_))));
        assert!(found.contains(&Place::BuiltIn("models/pk/lenalidomide.toml".to_owned())));
    }

    #[test]
    fn a_name_is_looked_for_beside_the_asker_then_above_then_built_in() {
        let found = places(Kind::Model, "pk/own", Some("trial/models/mine.toml"));
        let files: Vec<String> = found
            .iter()
            .filter_map(|place| match place {
                Place::File(path) => Some(path.display().to_string()),
                Place::BuiltIn(_) => None,
            })
            .filter(|path| path.ends_with(".toml"))
            .collect();
        let expected = ["trial/models/pk/own.toml", "trial/models/models/pk/own.toml", "models/pk/own.toml"];
        assert_eq!(files, expected);
        assert_eq!(found.last(), Some(&Place::BuiltIn("models/pk/own.toml".to_owned())));
    }

    #[test]
    fn a_slip_in_a_name_is_answered_with_the_name_meant() {
        let answer = Files.load(Kind::Model, "neutropenai", None).unwrap_err();
        assert!(answer.contains("did you mean `neutropenia`?"), "{answer}");
        assert!(answer.contains("built-in"), "{answer}");
    }

    #[test]
    fn a_path_is_not_searched_for() {
        let answer = Files.load(Kind::Model, "./neutropenia.toml", None).unwrap_err();
        assert_eq!(answer, "there is no file `./neutropenia.toml`");
    }
}
