//! The folder of a sweep: partitions that appear whole or not at all, and claims by which processes share the work.
//!
//! ```text
//! sweep.json      which sweep, which arithmetic, whether it is complete: what differs from process to process
//! runs.csv        every point: number, name, file, axis values
//! runs.parquet    the same
//! points/         one table per point, named by the hash of all that determines it
//! superseded/     tables of points as they were under another model, scenario or program
//! claims/         one file per point under way, locked by its process
//! under-way/      tables being written
//! slurm/          scripts, logs and shards of `--slurm`
//! ```
//!
//! A claim is a lock of the operating system on a file: it ends with its process, however that ends, so that a stale claim
//! is no claim. Where a file system has no locks, two processes may compute the same point; both write the same bytes under
//! names of their own, and the second takes the place of the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use super::index::{INDEX, INDEX_PARQUET};
use super::manifest::{self, MANIFEST, Manifest};
use super::plan::{Plan, Shard};
use super::whole;
use crate::table::{ASIDE, PARQUET};

/// Names inside the folder.
pub(super) const POINTS: &str = "points";
const SUPERSEDED: &str = "superseded";
const CLAIMS: &str = "claims";
const UNDER_WAY: &str = "under-way";
pub(super) const SLURM: &str = "slurm";
/// What tables and pages that are made of results are called, whoever makes them: of all points, a front, a search, a sensitivity analysis.
const ANSWERS: [&str; 10] = [
    "runs",
    "results",
    "report",
    "front",
    "search",
    "one-at-a-time",
    "morris",
    "sobol",
    "tipping",
    "tipping-curves",
];

/// Tells tables of one process that are under way apart.
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// Tells processes apart: on two machines that share a folder, two may have the same number.
static PROCESS: LazyLock<String> = LazyLock::new(|| {
    // The standard library's source of chance; nothing that is written depends on it.
    format!("{}-{:016x}", std::process::id(), RandomState::new().build_hasher().finish())
});

/// Why a folder cannot be used.
#[derive(Debug)]
pub enum StoreError {
    /// It holds something else.
    Foreign(PathBuf),
    /// It holds another sweep, of this name.
    OtherSweep(String),
    /// The file system refused.
    Refused(PathBuf, io::Error),
}

/// An open folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Tables that were found whole, each looked at once, with the courses that failed behind them.
    whole: Mutex<BTreeMap<String, usize>>,
    /// Digest of the plan with which this process began.
    begun: OnceLock<String>,
}

/// The right to compute a point; given back when dropped, or taken by the system when the process ends.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    /// Holds the lock; `None` where the file system has none.
    _lock: Option<File>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // While it is still locked, so that who finds the file can lock it only as an empty shell. Whoever locks such a shell
        // looks for the partition before computing anything.
        let _ = fs::remove_file(&self.path);
    }
}

/// What became of an attempt to claim.
pub(super) enum Claimed {
    /// Ours.
    Ours(Claim),
    /// Another process is computing it.
    Others,
}

impl Store {
    /// Opens a folder for a sweep, or makes it.
    ///
    /// # Errors
    /// Where it holds something else or cannot be written.
    pub fn open(folder: &Path, sweep: &str) -> Result<Self, StoreError> {
        match Manifest::read(folder) {
            Some(manifest) if manifest.sweep != sweep => return Err(StoreError::OtherSweep(manifest.sweep)),
            Some(_) => {}
            None => {
                // A process that was killed before it wrote its manifest leaves the folders; another is at the same point.
                // An index beside results is ours too, where the manifest was damaged.
                let ours = [POINTS, SUPERSEDED, CLAIMS, UNDER_WAY, SLURM];
                let index = [INDEX, INDEX_PARQUET].into_iter().filter(|_| folder.join(POINTS).is_dir());
                let ours: Vec<&str> = ours.into_iter().chain(index).collect();
                for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    if !ours.contains(&name.as_str()) && !name.starts_with(ASIDE) && name != MANIFEST {
                        return Err(StoreError::Foreign(entry.path()));
                    }
                }
            }
        }
        let points = folder.join(POINTS);
        fs::create_dir_all(&points).map_err(|error| StoreError::Refused(points, error))?;
        Ok(Self { folder: folder.to_owned(), whole: Mutex::default(), begun: OnceLock::new() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the results of a point lie once they are complete.
    pub fn partition(&self, file: &str) -> PathBuf {
        self.folder.join(POINTS).join(file_name(file))
    }

    /// Names of all partitions that are complete: there, and what was written.
    ///
    /// # Errors
    /// When the folder or a table cannot be read.
    pub fn complete(&self) -> io::Result<BTreeSet<String>> {
        let there = names(&self.folder.join(POINTS))?;
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.retain(|file, _| there.contains(file));
        for file in there {
            if !whole.contains_key(&file)
                && let Some(failed) = self.failed_behind(&file)?
            {
                whole.insert(file, failed);
            }
        }
        Ok(whole.keys().cloned().collect())
    }

    /// Courses that failed numerically behind partitions, those left aside that are not complete.
    ///
    /// # Errors
    /// As [`Store::complete`].
    pub(super) fn failed_courses<'a>(&self, files: impl Iterator<Item = &'a str>) -> io::Result<usize> {
        self.complete()?;
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(files.filter_map(|file| whole.get(file)).sum())
    }

    /// Tables of a plan that are there and not what was written.
    ///
    /// # Errors
    /// As [`Store::complete`].
    pub fn damaged(&self, plan: &Plan) -> io::Result<Vec<PathBuf>> {
        let complete = self.complete()?;
        let there = names(&self.folder.join(POINTS))?;
        let damaged = |file: &&str| there.contains(*file) && !complete.contains(*file);
        let files = plan.points.iter().map(|point| point.file.as_str());
        Ok(files.filter(damaged).map(|file| self.partition(file)).collect())
    }

    /// Takes away what is damaged of these partitions, so that it is computed anew; how many that were.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn take_damaged_away<'a>(&self, files: impl Iterator<Item = &'a str>) -> io::Result<usize> {
        let complete = self.complete()?;
        let there = names(&self.folder.join(POINTS))?;
        let mut taken = 0;
        for file in files.filter(|file| there.contains(*file) && !complete.contains(*file)) {
            // Another process may have seen the same and have computed it anew meanwhile: who has the claim looks again.
            if let Claimed::Ours(_claim) = self.claim(file)?
                && self.partition(file).exists()
                && self.failed_behind(file)?.is_none()
            {
                absent_is_fine(fs::remove_file(self.partition(file)))?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Courses that failed behind a partition; `None` of one that is absent or damaged.
    pub(super) fn failed_behind(&self, file: &str) -> io::Result<Option<usize>> {
        match whole::failed_courses(&self.partition(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            found => found,
        }
    }

    /// Makes the folder one of this plan, the first one of a search, before anything is computed: what is of no point of it is set
    /// aside, and tables and pages that were made of other results are taken away. Where the folder is that of the plan already
    /// nothing happens: another process may be at work, on later points of a search that this plan does not know.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn begin(&self, plan: &Plan, shard: Shard) -> io::Result<()> {
        let begun = self.begun.get_or_init(|| plan.digest.clone());
        if Manifest::read(&self.folder).is_some_and(|manifest| manifest.begun == *begun) {
            return Ok(());
        }
        self.supersede(&plan.points.iter().map(|point| point.file.as_str()).collect())?;
        self.forget_answers()?;
        self.describe(plan, shard, false, 0, 0.0)
    }

    /// Takes tables and pages away that were made of the results of a folder.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn forget_answers(&self) -> io::Result<()> {
        for stem in ANSWERS {
            for ending in ["csv", "parquet", "html"] {
                absent_is_fine(fs::remove_file(self.folder.join(format!("{stem}.{ending}"))))?;
            }
        }
        Ok(())
    }

    /// A place for a table under way that no other process and no other thread uses.
    pub(super) fn under_way(&self, file: &str, ending: &str) -> io::Result<PathBuf> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.join(UNDER_WAY);
        // As that of claims.
        fs::create_dir_all(&folder)?;
        Ok(folder.join(format!("{file}-{}-{number}.{ending}", *PROCESS)))
    }

    /// Gives a table under way its name. It is on the disk before it has it.
    pub(super) fn publish(&self, table: &Path, place: &Path) -> io::Result<()> {
        File::open(table)?.sync_all()?;
        fs::rename(table, place)
    }

    /// Claims a point.
    pub(super) fn claim(&self, file: &str) -> io::Result<Claimed> {
        let path = self.folder.join(CLAIMS).join(file);
        let opened = match File::create(&path) {
            // The first claim, or another process has finished the whole sweep and taken the empty folder away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(self.folder.join(CLAIMS))?;
                File::create(&path)?
            }
            other => other?,
        };
        match opened.try_lock() {
            Ok(()) => Ok(Claimed::Ours(Claim { path, _lock: Some(opened) })),
            Err(TryLockError::WouldBlock) => Ok(Claimed::Others),
            Err(TryLockError::Error(_)) => Ok(Claimed::Ours(Claim { path, _lock: None })),
        }
    }

    /// Takes back what was set aside when the model was another one.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn restore(&self, plan: &Plan) -> io::Result<()> {
        let Ok(aside) = names(&self.folder.join(SUPERSEDED)) else { return Ok(()) };
        for point in plan.points.iter().filter(|point| aside.contains(&point.file)) {
            let from = self.folder.join(SUPERSEDED).join(file_name(&point.file));
            absent_is_fine(fs::rename(from, self.partition(&point.file)))?;
        }
        let _ = fs::remove_dir(self.folder.join(SUPERSEDED));
        Ok(())
    }

    /// Sets aside all partitions that are of no point of the plan, and takes away what killed processes left of points that
    /// are complete.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn tidy(&self, plan: &Plan) -> io::Result<()> {
        self.supersede(&plan.points.iter().map(|point| point.file.as_str()).collect())?;
        for entry in fs::read_dir(self.folder.join(UNDER_WAY)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let file = name.trim_start_matches('.').split('-').next().unwrap_or_default();
            // What is still under way is claimed.
            if let Ok(Claimed::Ours(_claim)) = self.claim(file) {
                absent_is_fine(fs::remove_file(entry.path()))?;
            }
        }
        for entry in fs::read_dir(self.folder.join(CLAIMS)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Ok(Claimed::Ours(claim)) = self.claim(&name) {
                drop(claim);
            }
        }
        self.take_away_empty_folders();
        Ok(())
    }

    /// Sets all other partitions aside.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn supersede(&self, wanted: &BTreeSet<&str>) -> io::Result<()> {
        let there = names(&self.folder.join(POINTS))?;
        for file in there.iter().filter(|file| !wanted.contains(file.as_str())) {
            fs::create_dir_all(self.folder.join(SUPERSEDED))?;
            let aside = self.folder.join(SUPERSEDED).join(file_name(file));
            absent_is_fine(fs::rename(self.partition(file), aside))?;
        }
        Ok(())
    }

    /// Copies what is whole and missing here from the folders of other calls; how many tables that were. Their names say that they
    /// are what would be computed.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn take_over<'a>(
        &self,
        missing: impl Iterator<Item = &'a str>,
        folders: &[PathBuf],
    ) -> io::Result<usize> {
        let mut taken = 0;
        let there: Vec<_> =
            folders.iter().map(|folder| (folder, names(&folder.join(POINTS)).unwrap_or_default())).collect();
        for file in missing {
            for (folder, _) in there.iter().filter(|(_, names)| names.contains(file)) {
                let from = folder.join(POINTS).join(file_name(file));
                if whole::failed_courses(&from)?.is_some() {
                    let aside = self.under_way(file, ending())?;
                    fs::copy(from, &aside)?;
                    self.publish(&aside, &self.partition(file))?;
                    taken += 1;
                    break;
                }
            }
        }
        Ok(taken)
    }

    /// Takes the folders of work away; they stay while others are at work.
    pub(super) fn take_away_empty_folders(&self) {
        if absent_is_fine(fs::remove_dir(self.folder.join(CLAIMS))).is_ok() {
            let _ = fs::remove_dir(self.folder.join(UNDER_WAY));
        }
    }

    /// Whether a folder holds a finished part of a plan: by its digest, and `2/8`.
    pub(super) fn is_finished(folder: &Path, digest: &str, shard: Shard) -> bool {
        Manifest::read(folder)
            .is_some_and(|it| it.complete && it.digest == digest && it.shard == shard.to_string())
    }

    /// Writes `sweep.json`, aside and renamed.
    pub(super) fn describe(
        &self,
        plan: &Plan,
        shard: Shard,
        complete: bool,
        failed_courses: usize,
        wall_seconds: f64,
    ) -> io::Result<()> {
        let manifest = Manifest {
            program: manifest::PROGRAM.to_owned(),
            numeric_class: manifest::numeric_class(),
            sweep: plan.sweep.name.clone(),
            title: plan.sweep.title.clone(),
            digest: plan.digest.clone(),
            begun: self.begun.get().unwrap_or(&plan.digest).clone(),
            points: plan.points.len(),
            shard: shard.to_string(),
            complete,
            failed_courses,
            wall_seconds,
        };
        manifest.write(&self.folder)
    }
}

/// The ending of tables, by what this program can write.
pub(super) fn ending() -> &'static str {
    if PARQUET { "parquet" } else { "csv" }
}

pub(super) fn file_name(file: &str) -> String {
    format!("{file}.{}", ending())
}

/// Names without ending of the tables in a folder.
pub(super) fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(ending()).and_then(|name| name.strip_suffix('.')) {
            found.insert(stem.to_owned());
        }
    }
    Ok(found)
}

/// Another process may have been quicker.
fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
