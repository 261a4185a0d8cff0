//! The run folder: built beside its place under a name that starts with a dot, and put there whole at the end.
//!
//! An interrupted run therefore leaves nothing that looks finished, and a folder of an earlier run is replaced only
//! by a complete one. A folder that is not a run's (no manifest in it) is never touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file that every finished run folder has.
pub const MANIFEST: &str = "manifest.json";

/// Why a run folder could not be written.
#[derive(Debug)]
pub enum FolderError {
    /// The place is taken by something that is not a run folder.
    Occupied(PathBuf),
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
    pub fn begin(place: &Path) -> Result<Self, FolderError> {
        check_place(place)?;
        let name = place.file_name().ok_or_else(|| FolderError::NoName(place.to_owned()))?;
        let parent = parent(place);
        fs::create_dir_all(parent).map_err(|e| FolderError::refused("create", parent, e))?;
        let building = parent.join(format!(".{}.partial", name.to_string_lossy()));
        remove(&building)?;
        fs::create_dir(&building).map_err(|e| FolderError::refused("create", &building, e))?;
        Ok(Self { building, place: place.to_owned(), finished: false })
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

/// Nothing there, an empty folder, or an earlier run's folder.
fn check_place(place: &Path) -> Result<(), FolderError> {
    match fs::read_dir(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Either the place itself is a file, or a folder on the way to it is; the latter shows when it is created.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory && place.exists() => {
            Err(FolderError::Occupied(place.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(()),
        Err(error) => Err(FolderError::refused("read", place, error)),
        Ok(mut entries) => {
            if entries.next().is_none() || place.join(MANIFEST).is_file() {
                Ok(())
            } else {
                Err(FolderError::Occupied(place.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_folder_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("run");
        let partial = Partial::begin(&place).unwrap();
        partial.file("report.html", b"half").unwrap();
        drop(partial);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_finished_folder_replaces_an_earlier_one_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("run");
        for text in ["first", "second"] {
            let partial = Partial::begin(&place).unwrap();
            partial.file(MANIFEST, text.as_bytes()).unwrap();
            partial.finish().unwrap();
        }
        assert_eq!(fs::read_to_string(place.join(MANIFEST)).unwrap(), "second");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);

        let other = root.path().join("thesis");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("chapter1.txt"), "years of work").unwrap();
        assert!(matches!(Partial::begin(&other), Err(FolderError::Occupied(_))));
        assert!(other.join("chapter1.txt").exists());
    }

    #[test]
    fn an_interrupted_folder_is_hidden_and_swept_by_the_next_run() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("run");
        let partial = Partial::begin(&place).unwrap();
        partial.file(MANIFEST, b"{}").unwrap();
        std::mem::forget(partial);
        assert!(!place.exists());
        Partial::begin(&place).unwrap().finish().unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
