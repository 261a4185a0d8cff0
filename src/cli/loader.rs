//! Where model, population, library and scenario texts come from: the user's files first, then the library that is
//! built into the program.
//!
//! A name is looked for beside the file that asks for it, in the folders above that file and in their `models` or
//! `scenarios` folder, in the current folder's, and among the built-in files. A built-in file asks built-in files
//! only, so that `regimen` without arguments gives the same numbers everywhere.

use std::path::{Path, PathBuf};

use super::catalogue;
use super::text::{self, TextError};
use crate::model::{Kind, Loader};

/// In front of the shown name of a built-in file: `built-in:models/neutropenia.toml`.
pub const BUILT_IN: &str = "built-in:";

/// How many folders above the asking file are searched.
const ANCESTORS: usize = 4;

/// Reads from the file system and from the built-in library.
#[derive(Debug)]
pub struct Files;

/// Where a name is looked for, in this order.
#[derive(Debug, PartialEq, Eq)]
struct Search {
    /// Folders of the user's.
    folders: Vec<PathBuf>,
    /// Folders of the built-in library, `models/pk`.
    built_in: Vec<String>,
}

impl Loader for Files {
    fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String> {
        if let Some(path) = name.strip_prefix(BUILT_IN) {
            let found = file_names(path).iter().find_map(|path| built_in(path));
            return found.ok_or_else(|| format!("there is no built-in file `{path}`"));
        }
        let search = search(kind, name, beside);
        let mut folder_of_that_name = None;
        // A scenario may have the name of its model: the file that asks comes last.
        let mut files = search.files(name);
        files.sort_by_key(|path| beside.is_some_and(|asking| Path::new(asking) == path));
        for path in files {
            match text::read(&path, limit(&path)) {
                Ok(text) => return Ok((path.display().to_string(), text)),
                Err(TextError::Missing) => {}
                // The folder `pk` may stand beside the file `pk.toml`, which is looked at next.
                Err(TextError::Folder) => folder_of_that_name = folder_of_that_name.or(Some(path)),
                Err(error) => return Err(error.sentence(&path)),
            }
        }
        let names = file_names(name);
        let below = |folder: &String| names.iter().map(|name| format!("{folder}/{name}")).collect::<Vec<_>>();
        let mut library: Vec<String> = search.built_in.iter().flat_map(below).collect();
        // So may a calibration have that of its outcomes.
        let asking = beside.and_then(|beside| beside.strip_prefix(BUILT_IN));
        library.sort_by_key(|path| asking == Some(path.as_str()));
        if let Some(found) = library.iter().find_map(|path| built_in(path)) {
            return Ok(found);
        }
        Err(match folder_of_that_name {
            Some(path) => TextError::Folder.sentence(&path),
            None => catalogue::missing(kind, name, &search.folders, !search.built_in.is_empty()),
        })
    }
}

impl Search {
    fn files(&self, name: &str) -> Vec<PathBuf> {
        let names = file_names(name);
        self.folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))).collect()
    }
}

/// How long a file may be, in bytes. Files of equations are written by hand; a table of patients is not.
fn limit(path: &Path) -> u64 {
    if path.extension().is_some_and(|extension| extension == "csv") { 256 << 20 } else { 4 << 20 }
}

/// The shown name and the text of a built-in file, by a path such as `models/neutropenia.toml`.
fn built_in(path: &str) -> Option<(String, String)> {
    let text = catalogue::built_in(path)?;
    Some((format!("{BUILT_IN}{path}"), text.to_owned()))
}

fn search(kind: Kind, name: &str, beside: Option<&str>) -> Search {
    let homes = catalogue::homes(kind);
    if let Some(asking) = beside.and_then(|beside| beside.strip_prefix(BUILT_IN)) {
        let own = asking.rsplit_once('/').map(|(folder, _)| folder);
        let built_in = own.into_iter().chain(homes.iter().copied()).map(ToOwned::to_owned).collect();
        return Search { folders: Vec::new(), built_in };
    }
    let folder = beside.and_then(|beside| Path::new(beside).parent()).unwrap_or(Path::new(""));
    let mut folders = vec![folder.to_owned()];
    if catalogue::is_path(name) {
        return Search { folders, built_in: Vec::new() };
    }
    for above in folder.ancestors().take(ANCESTORS).chain([Path::new("")]) {
        let below = homes.iter().map(|home| above.join(home));
        for folder in std::iter::once(above.to_owned()).chain(below) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    Search { folders, built_in: homes.iter().map(ToString::to_string).collect() }
}

/// The name as it is, and with the ending that was left out.
fn file_names(name: &str) -> Vec<String> {
    if name.ends_with(".toml") || name.ends_with(".csv") {
        vec![name.to_owned()]
    } else {
        vec![name.to_owned(), format!("{name}.toml")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_file_asks_only_built_in_files() {
        let found = search(Kind::Model, "pk/lenalidomide", Some("built-in:models/cll/burden.toml"));
        assert!(found.folders.is_empty());
        assert_eq!(found.built_in, ["models/cll", "models"]);
        let loaded = Files.load(Kind::Model, "pk/lenalidomide", Some("built-in:models/cll/burden.toml"));
        assert_eq!(loaded.map(|(shown, _)| shown).as_deref(), Ok("built-in:models/pk/lenalidomide.toml"));
        // The calibration that asks for the outcomes of its own name does not find itself.
        let asking = Some("built-in:calibrations/lenalidomide-cll.toml");
        let loaded = Files.load(Kind::Outcomes, "lenalidomide-cll", asking);
        assert_eq!(loaded.map(|(shown, _)| shown).as_deref(), Ok("built-in:outcomes/lenalidomide-cll.toml"));
    }

    #[test]
    fn a_name_is_looked_for_beside_the_asker_then_above_then_built_in() {
        let found = search(Kind::Model, "pk/own", Some("trial/models/mine.toml"));
        let folders: Vec<String> = found.folders.iter().map(|folder| folder.display().to_string()).collect();
        assert_eq!(folders, ["trial/models", "trial/models/models", "trial", "", "models"]);
        assert_eq!(found.built_in, ["models"]);
    }

    #[test]
    fn a_slip_in_a_name_is_answered_with_the_name_meant() {
        let answer = Files.load(Kind::Model, "neutropenai", None).unwrap_err();
        assert!(answer.contains("did you mean `neutropenia`?"), "{answer}");
        assert!(answer.contains("built-in"), "{answer}");
    }

    #[test]
    fn a_sweep_is_not_offered_as_a_scenario() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("doses.toml", "scenario = \"dose\"\n[template]\narm = \"a\"\n");
        write("my-dose.toml", "title = \"A dose\"\n[[arm]]\nname = \"a\"\n");
        let asking = folder.path().join("doses.toml").display().to_string();
        let answer = Files.load(Kind::Scenario, "my-doze", Some(&asking)).unwrap_err();
        assert!(answer.contains("did you mean `my-dose`?"), "{answer}");
        let answer = Files.load(Kind::Scenario, "dose", Some(&asking)).unwrap_err();
        assert!(!answer.contains("`doses`"), "{answer}");
    }

    #[test]
    fn a_scenario_named_like_its_model_does_not_find_itself() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let scenario = write("scenarios/oral.toml", "model = \"oral\"");
        let model = write("models/oral.toml", "title = \"Oral\"");
        let found = Files.load(Kind::Model, "oral", Some(&scenario)).unwrap();
        assert_eq!(found, (model, "title = \"Oral\"".to_owned()));
        // A model that names itself still finds itself, and is told so.
        let alone = write("alone/self.toml", "title = \"Self\"");
        assert_eq!(Files.load(Kind::Model, "self", Some(&alone)).unwrap().0, alone);
    }

    #[test]
    fn a_path_is_not_searched_for() {
        let answer = Files.load(Kind::Model, "./neutropenia.toml", None).unwrap_err();
        assert_eq!(answer, "there is no file `./neutropenia.toml`");
    }
}
