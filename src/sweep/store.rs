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

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::index::{INDEX, INDEX_PARQUET};
use super::plan::{Plan, Shard};
use crate::table::{ASIDE, PARQUET, write_whole};

/// Names inside the folder.
pub(super) const MANIFEST: &str = "sweep.json";
pub(super) const POINTS: &str = "points";
const SUPERSEDED: &str = "superseded";
const CLAIMS: &str = "claims";
const UNDER_WAY: &str = "under-way";
pub(super) const SLURM: &str = "slurm";
/// By this a manifest is known as one of ours.
const PROGRAM: &str = "regimen sweep";

/// Tells tables of one process that are under way apart.
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// Tells processes apart: on two machines that share a folder, two may have the same number.
static PROCESS: LazyLock<String> = LazyLock::new(|| {
    // The standard library's source of chance; nothing that is written depends on it.
    format!("{}-{:016x}", std::process::id(), RandomState::new().build_hasher().finish())
});

/// The arithmetic of this program: results of different ones must not be mixed.
pub fn numeric_class() -> String {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{}+{} {system} {processor}", env!("CARGO_PKG_VERSION"), env!("REGIMEN_ARITHMETIC"))
}

/// `sweep.json`.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub(super) struct Manifest {
    pub program: String,
    pub numeric_class: String,
    pub sweep: String,
    pub title: String,
    /// Hash over the whole plan.
    pub digest: String,
    /// Points of the whole sweep.
    pub points: usize,
    /// Part that the last process computed: `2/8`.
    pub shard: String,
    /// Whether that part is complete.
    pub complete: bool,
    /// Courses that failed numerically in what the processes of this plan and part computed.
    #[serde(default)]
    pub failed_courses: usize,
    /// Wall time of the last process, s.
    pub wall_seconds: f64,
}

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
        match Self::read_manifest(folder) {
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
        Ok(Self { folder: folder.to_owned() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the results of a point lie once they are complete.
    pub fn partition(&self, file: &str) -> PathBuf {
        self.folder.join(POINTS).join(file_name(file))
    }

    /// Names of all complete partitions.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn complete(&self) -> io::Result<BTreeSet<String>> {
        names(&self.folder.join(POINTS))
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
        for file in self.complete()?.iter().filter(|file| !wanted.contains(file.as_str())) {
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
                if is_whole(&from)? {
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

    /// What `sweep.json` says, if there is one of ours.
    pub(super) fn read_manifest(folder: &Path) -> Option<Manifest> {
        let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
        serde_json::from_str(&text).ok().filter(|manifest: &Manifest| manifest.program == PROGRAM)
    }

    /// Courses that failed numerically in earlier calls for this part of the plan.
    pub(super) fn failed_before(&self, plan: &Plan, shard: Shard) -> usize {
        let same = |it: &Manifest| it.digest == plan.digest && it.shard == shard.to_string();
        Self::read_manifest(&self.folder).filter(same).map_or(0, |manifest| manifest.failed_courses)
    }

    /// Whether a folder holds a finished part of a plan: by its digest, and `2/8`.
    pub(super) fn is_finished(folder: &Path, digest: &str, shard: Shard) -> bool {
        Self::read_manifest(folder)
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
            program: PROGRAM.to_owned(),
            numeric_class: numeric_class(),
            sweep: plan.sweep.name.clone(),
            title: plan.sweep.title.clone(),
            digest: plan.digest.clone(),
            points: plan.points.len(),
            shard: shard.to_string(),
            complete,
            failed_courses,
            wall_seconds,
        };
        self.write_manifest(&manifest)
    }

    pub(super) fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        let text = serde_json::to_string_pretty(manifest)? + "\n";
        write_whole(&self.folder, MANIFEST, text.as_bytes()).map(drop)
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

/// Whether a table ends as it should: Parquet begins and ends with `PAR1`, with the length of its footer before the end
/// (<https://parquet.apache.org/docs/file-format/>); CSV ends with a line. What was cut off on a full disk or on its way from
/// another machine does not.
pub(super) fn is_whole(table: &Path) -> io::Result<bool> {
    const MARK: [u8; 4] = *b"PAR1";
    let mut file = File::open(table)?;
    let length = file.metadata()?.len();
    if !PARQUET {
        let mut last = [0; 1];
        return Ok(length > 0 && {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            last == *b"\n"
        });
    }
    if length < 12 {
        return Ok(false);
    }
    let (mut begin, mut footer, mut end) = ([0; 4], [0; 4], [0; 4]);
    file.read_exact(&mut begin)?;
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut footer)?;
    file.read_exact(&mut end)?;
    Ok(begin == MARK && end == MARK && u64::from(u32::from_le_bytes(footer)) + 12 <= length)
}

/// Another process may have been quicker.
fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
