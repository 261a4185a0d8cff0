//! Putting the folders of shards together into what one process would have written, byte for byte, `sweep.json` aside.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::index::{INDEX, INDEX_PARQUET};
use super::manifest::Manifest;
use super::store::{POINTS, Store, StoreError, ending, names};
use super::whole;
use crate::table::PARQUET;

/// Why folders cannot be put together.
#[derive(Debug)]
pub enum MergeError {
    /// No finished sweep or shard.
    NotFinished(PathBuf),
    /// Folders of different sweeps, or of one with different models, scenarios or settings.
    DifferentSweeps(PathBuf, PathBuf),
    /// Folders written with different arithmetic: which, and what each has.
    DifferentArithmetic([(PathBuf, String); 2]),
    /// Points that no folder has: how many of how many, and the file of the first.
    Missing(usize, usize, String),
    /// The index of a folder cannot be read.
    Index(PathBuf),
    /// A table that is cut off or no table.
    Damaged(PathBuf),
    /// Two folders have different results of one point.
    Contradiction(PathBuf, PathBuf),
    /// The target cannot be used.
    Target(StoreError),
    /// The file system refused.
    Refused(PathBuf, io::Error),
}

/// What was put together.
#[derive(Debug, Clone, Copy)]
pub struct Merged {
    /// Points.
    pub points: usize,
    /// Folders.
    pub folders: usize,
    /// Courses that failed numerically behind all points.
    pub failed_courses: usize,
}

/// Copies the partitions of all folders into `target`, with the index. Nothing is written before all points are found.
///
/// # Errors
/// When the folders do not belong together, or are not all.
pub fn merge(folders: &[PathBuf], target: &Path) -> Result<Merged, MergeError> {
    let mut first: Option<(&Path, Manifest, Vec<u8>)> = None;
    for folder in folders {
        let (manifest, index) = finished(folder)?;
        let Some((path, other, other_index)) = &first else {
            first = Some((folder, manifest, index));
            continue;
        };
        if manifest.numeric_class != other.numeric_class {
            let one = (path.to_path_buf(), other.numeric_class.clone());
            return Err(MergeError::DifferentArithmetic([one, (folder.clone(), manifest.numeric_class)]));
        }
        if manifest.digest != other.digest || index != *other_index {
            return Err(MergeError::DifferentSweeps(path.to_path_buf(), folder.clone()));
        }
    }
    let Some((path, manifest, index)) = first else { return Err(MergeError::NotFinished(PathBuf::new())) };
    let wanted = files(&index).ok_or_else(|| MergeError::Index(path.join(INDEX)))?;
    let found = find(&wanted, folders)?;
    let failed_courses = found.values().map(|(_, failed)| failed).sum();
    let store = Store::open(target, &manifest.sweep).map_err(MergeError::Target)?;
    let refused = |error| MergeError::Refused(target.to_owned(), error);
    for (file, (from, _)) in &found {
        // `points/HASH.parquet`: the table is written aside under a name of its own.
        let place = target.join(file);
        if !fs::read(&place).is_ok_and(|there| fs::read(from).is_ok_and(|wanted| wanted == there)) {
            copy(&store, from, &place).map_err(refused)?;
        }
    }
    // As one process does with what it held before under another model.
    let stems = wanted.iter().filter_map(|file| Path::new(file).file_stem()?.to_str()).collect();
    store.supersede(&stems).map_err(refused)?;
    if Manifest::read(target).is_some_and(|there| there.digest != manifest.digest) {
        store.forget_answers().map_err(refused)?;
    }
    for name in [INDEX, INDEX_PARQUET] {
        if name == INDEX || PARQUET {
            copy(&store, &path.join(name), &target.join(name)).map_err(refused)?;
        }
    }
    let whole =
        Manifest { shard: "1/1".to_owned(), complete: true, failed_courses, wall_seconds: 0.0, ..manifest };
    whole.write(target).map_err(refused)?;
    store.take_away_empty_folders();
    Ok(Merged { points: wanted.len(), folders: folders.len(), failed_courses })
}

/// The manifest and index of a folder in which a sweep or a shard was finished.
fn finished(folder: &Path) -> Result<(Manifest, Vec<u8>), MergeError> {
    let not = || MergeError::NotFinished(folder.to_owned());
    let manifest = Manifest::read(folder).filter(|manifest| manifest.complete).ok_or_else(not)?;
    let index = fs::read(folder.join(INDEX)).map_err(|_| not())?;
    Ok((manifest, index))
}

/// The files that an index names, inside the folder of partitions only.
fn files(index: &[u8]) -> Option<Vec<String>> {
    let mut reader = csv::Reader::from_reader(index);
    let column = reader.headers().ok()?.iter().position(|name| name == "file")?;
    let one = |record: Result<csv::StringRecord, csv::Error>| {
        let file = record.ok()?.get(column)?.to_owned();
        let inside = file.strip_prefix(POINTS)?.strip_prefix('/')?;
        (!inside.contains(['/', '\\'])).then_some(file)
    };
    reader.records().map(one).collect()
}

/// Where each file lies, with the courses that failed behind it. Where several folders have it, all have the same bytes.
fn find(wanted: &[String], folders: &[PathBuf]) -> Result<BTreeMap<String, (PathBuf, usize)>, MergeError> {
    // Folders are listed once: to ask each of a thousand for each of ten thousand tables takes long over a network.
    let refused = |path: &Path, error| MergeError::Refused(path.to_owned(), error);
    let mut there: Vec<(PathBuf, BTreeSet<String>)> = Vec::new();
    for points in folders.iter().map(|folder| folder.join(POINTS)) {
        let names = names(&points).map_err(|error| refused(&points, error))?;
        there.push((points, names));
    }
    let mut found = BTreeMap::new();
    let mut missing = Vec::new();
    for file in wanted {
        let name = file.strip_prefix(POINTS).and_then(|file| file.strip_prefix('/')).unwrap_or(file);
        let stem = name.strip_suffix(ending()).and_then(|name| name.strip_suffix('.')).unwrap_or(name);
        let mut places =
            there.iter().filter(|(_, names)| names.contains(stem)).map(|(points, _)| points.join(name));
        let Some(place) = places.next() else {
            missing.push(file.clone());
            continue;
        };
        let whole = |place: &Path| match whole::failed_courses(place) {
            Ok(Some(failed)) => Ok(failed),
            Ok(None) => Err(MergeError::Damaged(place.to_owned())),
            Err(error) => Err(refused(place, error)),
        };
        let failed = whole(&place)?;
        for other in places {
            whole(&other)?;
            let read = |path: &Path| fs::read(path).map_err(|error| refused(path, error));
            if read(&place)? != read(&other)? {
                return Err(MergeError::Contradiction(place, other));
            }
        }
        found.insert(file.clone(), (place, failed));
    }
    match missing.first() {
        Some(first) => Err(MergeError::Missing(missing.len(), wanted.len(), first.clone())),
        None => Ok(found),
    }
}

fn copy(store: &Store, from: &Path, to: &Path) -> io::Result<()> {
    let ending = to.extension().unwrap_or_default().to_string_lossy();
    let aside = store.under_way("merge", &ending)?;
    fs::copy(from, &aside)?;
    store.publish(&aside, to)
}
