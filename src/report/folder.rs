//! The run folder: built beside its place under a name that starts with a dot, and put there whole at the end.
//!
//! An interrupted run therefore leaves nothing that looks finished, and a folder of an earlier run is replaced only
//! by a complete one. What counts as the folder of an earlier run: its manifest is this program's, and every file below
//! it is one that the manifest lists. Any other folder is refused and never touched. A link is followed to its folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::PROGRAM;

/// The file that every finished run folder has.
pub const MANIFEST: &str = "manifest.json";
/// Subfolder of what is written later about single patients.
pub const PATIENTS: &str = "patients";

/// Why a run folder could not be written.
#[derive(Debug)]
pub enum FolderError {
    /// The place is taken by something that is not a run folder.
    Occupied {
        /// The place.
        place: PathBuf,
        /// What lies below it and is of no run, relative to it; `None` if the place is itself a file.
        foreign: Option<PathBuf>,
    },
    /// The path names no folder (it ends in `..` or is empty).
    NoName(PathBuf),
    /// The file system refused.
    Refused {
        /// What was being done: "create", "write", "rename".
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl FolderError {
    fn refused(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Refused { doing, path: path.to_owned(), source }
    }
}

/// Where a run folder will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// There, instead of an earlier run's folder if there is one.
    At(PathBuf),
    /// A new one in a folder, of this name or, if that is taken, of the name with "-2", "-3", …
    New {
        /// In which folder.
        parent: PathBuf,
        /// Which name.
        name: String,
    },
}

impl Place {
    /// The path, or the one that is tried first.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::At(path) => path.clone(),
            Self::New { parent, name } => parent.join(name),
        }
    }
}

/// A run folder being built. Dropped before [`Partial::finish`], it removes what it built.
pub struct Partial {
    building: PathBuf,
    place: PathBuf,
    finished: bool,
}

impl Partial {
    /// Starts a folder that will stand at `place`; creates missing parents.
    ///
    /// # Errors
    /// When `place` holds something other than a run folder or an empty folder, or the file system refuses.
    pub fn begin(place: &Place) -> Result<Self, FolderError> {
        match place {
            Place::At(place) => Self::at(place),
            Place::New { parent, name } => Self::new(parent, name),
        }
    }

    /// Whoever creates the hidden folder of a name has the name, and keeps it: another run that started within the
    /// same second takes the next.
    fn new(parent: &Path, name: &str) -> Result<Self, FolderError> {
        fs::create_dir_all(parent).map_err(|e| FolderError::refused("create", parent, e))?;
        let mut number = 1_u32;
        loop {
            let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
            let (place, building) = (parent.join(&name), parent.join(format!(".{name}.partial")));
            match fs::create_dir(&building) {
                Ok(()) => {
                    let begun = Self { building, place, finished: false };
                    // Looked at last: a run that has finished meanwhile has put its folder there. Dropped, this one goes.
                    if !begun.place.exists() {
                        return Ok(begun);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(FolderError::refused("create", &building, error)),
            }
            number += 1;
        }
    }

    fn at(place: &Path) -> Result<Self, FolderError> {
        let place = &followed(place)?;
        check_place(place)?;
        let name = place.file_name().ok_or_else(|| FolderError::NoName(place.to_owned()))?;
        let parent = parent(place);
        fs::create_dir_all(parent).map_err(|e| FolderError::refused("create", parent, e))?;
        // The process number keeps two runs of one place out of each other's way.
        let building = parent.join(format!(".{}.{}.partial", name.to_string_lossy(), std::process::id()));
        remove(&building)?;
        fs::create_dir(&building).map_err(|e| FolderError::refused("create", &building, e))?;
        Ok(Self { building, place: place.to_owned(), finished: false })
    }

    /// The folder's present path.
    pub fn path(&self) -> &Path {
        &self.building
    }

    /// Creates a subfolder and returns its present path.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn subfolder(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.building.join(name);
        fs::create_dir(&path).map_err(|e| FolderError::refused("create", &path, e))?;
        Ok(path)
    }

    /// Writes one file.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.building.join(name);
        fs::write(&path, bytes).map_err(|e| FolderError::refused("write", &path, e))
    }

    /// Puts the folder in its place, instead of an earlier run's folder if there is one.
    ///
    /// # Errors
    /// When the file system refuses; the earlier folder then stands as it was.
    pub fn finish(mut self) -> Result<PathBuf, FolderError> {
        check_place(&self.place)?;
        let aside = self.building.with_extension("replaced");
        remove(&aside)?;
        let replaces = self.place.exists();
        if replaces {
            fs::rename(&self.place, &aside).map_err(|e| FolderError::refused("rename", &self.place, e))?;
        }
        if let Err(error) = fs::rename(&self.building, &self.place) {
            if replaces && fs::rename(&aside, &self.place).is_err() {
                return Err(FolderError::refused("put back", &aside, error));
            }
            return Err(FolderError::refused("rename", &self.building, error));
        }
        self.finished = true;
        if replaces {
            remove(&aside)?;
        }
        Ok(self.place.clone())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            // Nobody is left to be told; the name says that the folder is not finished.
            let _ = fs::remove_dir_all(&self.building);
        }
    }
}

fn parent(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FolderError::refused("remove", path, error)),
    }
}

/// The folder that a link leads to; any other path as it is.
fn followed(place: &Path) -> Result<PathBuf, FolderError> {
    if place.is_symlink() {
        return place.canonicalize().map_err(|e| FolderError::refused("follow the link", place, e));
    }
    Ok(place.to_owned())
}

/// Nothing there, an empty folder, or an earlier run's folder.
fn check_place(place: &Path) -> Result<(), FolderError> {
    let occupied = |foreign| Err(FolderError::Occupied { place: place.to_owned(), foreign });
    match foreign(place) {
        Ok(None) => Ok(()),
        Ok(Some(foreign)) => occupied(Some(foreign)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Either the place itself is a file, or a folder on the way to it is; the latter shows when it is created.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory && place.exists() => occupied(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(()),
        Err(error) => Err(FolderError::refused("read", place, error)),
    }
}

/// Something below a folder that no run wrote, by its path in the folder.
fn foreign(folder: &Path) -> io::Result<Option<PathBuf>> {
    let top = entries(folder)?;
    let Some(first) = top.first() else { return Ok(None) };
    let Some(files) = listed(folder) else {
        let manifest = top.iter().find(|entry| entry.file_name() == MANIFEST);
        return Ok(Some(manifest.unwrap_or(first).file_name().into()));
    };
    let folders: BTreeSet<&Path> = files.iter().flat_map(|file| file.ancestors().skip(1)).collect();
    let mut waiting = vec![PathBuf::new()];
    while let Some(inside) = waiting.pop() {
        for entry in entries(&folder.join(&inside))? {
            let path = inside.join(entry.file_name());
            // A link is neither: no run writes one.
            let kind = entry.file_type()?;
            if kind.is_dir() && (folders.contains(path.as_path()) || path == Path::new(PATIENTS)) {
                waiting.push(path);
            } else if !(kind.is_file() && (files.contains(&path) || is_of_a_patient(&path))) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// Whether this is a file that was written later about one patient: `patients/patient-N-….html` or `.csv`.
fn is_of_a_patient(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_prefix("patient-").and_then(|rest| rest.split('-').next()).unwrap_or_default();
    let numbered = !number.is_empty() && number.bytes().all(|letter| letter.is_ascii_digit());
    path.parent() == Some(Path::new(PATIENTS))
        && numbered
        && (name.ends_with(".html") || name.ends_with(".csv"))
}

/// The files of a run folder by its manifest, the manifest among them; `None` if there is no manifest of this program.
fn listed(folder: &Path) -> Option<BTreeSet<PathBuf>> {
    let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    if manifest.get("program")?.as_str()? != PROGRAM {
        return None;
    }
    let files = manifest.get("files")?.as_array()?.iter().filter_map(|file| file.as_str());
    Some(files.chain([MANIFEST]).map(PathBuf::from).collect())
}

/// What a folder holds, sorted by name.
fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = r#"{"program": "regimen", "files": ["report.html", "tables/course.csv"]}"#;

    /// What is refused about a folder with these files.
    fn refused(files: &[(&str, &str)]) -> Option<PathBuf> {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        match Partial::at(root.path()) {
            Ok(_) => None,
            Err(FolderError::Occupied { foreign, .. }) => foreign,
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn any_folder_with_a_manifest_was_taken_for_a_run_and_removed() {
        let path = |name: &str| Some(PathBuf::from(name));
        assert_eq!(refused(&[(MANIFEST, OURS), ("report.html", ""), ("tables/course.csv", "")]), None);
        for theirs in ["{}", "not JSON", r#"{"name": "web app", "files": []}"#, r#"{"program": "other"}"#] {
            assert_eq!(refused(&[(MANIFEST, theirs), ("index.html", "")]), path(MANIFEST), "{theirs}");
        }
        let notes = [(MANIFEST, OURS), ("report.html", ""), ("notes.txt", "mine")];
        assert_eq!(refused(&notes), path("notes.txt"));
        assert_eq!(refused(&[(MANIFEST, OURS), ("tables/mine.csv", "")]), path("tables/mine.csv"));
        assert_eq!(refused(&[(MANIFEST, OURS), ("scripts/plot.R", "")]), path("scripts"));
        assert_eq!(refused(&[(MANIFEST, OURS), ("patients/patient-12-1-a.html", "")]), None);
        for theirs in ["patients/notes.txt", "patients/patient-x-1.csv", "patients/patient-3-1.R"] {
            assert_eq!(refused(&[(MANIFEST, OURS), (theirs, "")]), path(theirs));
        }
        assert_eq!(refused(&[("years.txt", "of work")]), path("years.txt"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_was_replaced_instead_of_the_folder_that_it_leads_to() {
        let root = tempfile::tempdir().unwrap();
        let (target, link) = (root.path().join("target"), root.path().join("link"));
        fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let partial = Partial::at(&link).unwrap();
        partial.file(MANIFEST, OURS.as_bytes()).unwrap();
        partial.finish().unwrap();
        assert!(link.is_symlink() && target.join(MANIFEST).is_file());
        fs::write(target.join("notes.txt"), "mine").unwrap();
        assert!(matches!(Partial::at(&link), Err(FolderError::Occupied { .. })));
    }

    #[test]
    fn two_runs_of_one_second_claimed_the_same_name() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::New { parent: root.path().join("trial"), name: "noon".to_owned() };
        fs::create_dir_all(place.path()).unwrap();
        let begun: Vec<Partial> = (0..3).map(|_| Partial::begin(&place).unwrap()).collect();
        let folders: Vec<PathBuf> = begun.into_iter().map(|partial| partial.finish().unwrap()).collect();
        let names: Vec<_> =
            folders.iter().map(|folder| folder.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["noon-2", "noon-3", "noon-4"]);
        drop(Partial::begin(&place).unwrap());
        assert_eq!(fs::read_dir(root.path().join("trial")).unwrap().count(), 4);
    }

    #[test]
    fn a_dropped_folder_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("run");
        let partial = Partial::at(&place).unwrap();
        partial.file("report.html", b"half").unwrap();
        drop(partial);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_finished_folder_replaces_an_earlier_one_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("run");
        for text in ["first", "second"] {
            let partial = Partial::at(&place).unwrap();
            partial.file(MANIFEST, OURS.as_bytes()).unwrap();
            partial.file("report.html", text.as_bytes()).unwrap();
            partial.finish().unwrap();
        }
        assert_eq!(fs::read_to_string(place.join("report.html")).unwrap(), "second");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);

        let other = root.path().join("thesis");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("chapter1.txt"), "years of work").unwrap();
        assert!(matches!(Partial::at(&other), Err(FolderError::Occupied { .. })));
        assert!(other.join("chapter1.txt").exists());
    }

    #[test]
    fn an_interrupted_folder_is_hidden_and_swept_by_the_next_run_of_the_process() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("run");
        let partial = Partial::at(&place).unwrap();
        partial.file(MANIFEST, b"{}").unwrap();
        std::mem::forget(partial);
        assert!(!place.exists());
        Partial::at(&place).unwrap().finish().unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
