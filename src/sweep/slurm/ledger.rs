//! `slurm/jobs.json`: what was submitted for a sweep, so that a later call finds it.
//!
//! A job is written down under its name before it is submitted and with its number after. Who is killed in between leaves a
//! name without a number, and the next call asks Slurm for it: no job is submitted twice.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::table::write_whole;
use sha2::{Digest, Sha256};

const FILE: &str = "jobs.json";
/// By this a ledger is known as one of ours.
const PROGRAM: &str = "regimen sweep --slurm";

/// What was submitted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    program: String,
    /// Hash over the plan of the sweep.
    pub digest: String,
    /// Shards.
    pub shards: usize,
    /// Jobs so far, those of other cuts too: their names go on from here.
    submitted: usize,
    /// Jobs of this cut, in order.
    pub jobs: Vec<Submitted>,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    /// Its name.
    pub name: String,
    /// Its number, once Slurm gave one.
    pub id: Option<String>,
    /// Shards it computes; none, if it merges.
    pub shards: Vec<usize>,
}

impl Ledger {
    /// The ledger in a folder; an empty one where there is none that can be read.
    pub fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        let found: Option<Self> = serde_json::from_str(&text).ok();
        found.filter(|ledger| ledger.program == PROGRAM).unwrap_or_default()
    }

    /// Writes it, aside and renamed.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        write_whole(folder, FILE, text.as_bytes()).map(drop)
    }

    /// Begins anew with other shards.
    pub fn cut(&mut self, digest: &str, shards: usize) {
        let program = PROGRAM.to_owned();
        let submitted = self.submitted;
        *self = Self { program, digest: digest.to_owned(), shards, submitted, jobs: Vec::new() };
    }

    /// Adds a job that is about to be submitted; its place. Its name is one that no other job has.
    pub fn add(&mut self, sweep: &str, folder: &Path, shards: Vec<usize>) -> usize {
        self.submitted += 1;
        let mut hash = Sha256::new();
        hash.update(folder.to_string_lossy().as_bytes());
        hash.update(self.digest.as_bytes());
        let token: String = hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        let sweep: String =
            sweep.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
        let name = format!("regimen-{sweep}-{token}-{}", self.submitted);
        self.jobs.push(Submitted { name, id: None, shards });
        self.jobs.len() - 1
    }

    /// The last job of a shard.
    pub fn last_of(&self, shard: usize) -> Option<&Submitted> {
        self.jobs.iter().rev().find(|job| job.shards.contains(&shard))
    }

    /// The last job that merges.
    pub fn last_merge(&self) -> Option<&Submitted> {
        self.jobs.iter().rev().find(|job| job.shards.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_read_as_it_was_written_and_names_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Ledger::read(folder.path()), Ledger::default());
        let mut ledger = Ledger::default();
        ledger.cut("d", 3);
        let array = ledger.add("a b", folder.path(), vec![1, 2, 3]);
        ledger.jobs[array].id = Some("7".to_owned());
        ledger.add("a b", folder.path(), Vec::new());
        ledger.write(folder.path()).expect("written");
        let read = Ledger::read(folder.path());
        assert_eq!(read, ledger);
        assert!(read.jobs[0].name.starts_with("regimen-a-b-") && read.jobs[0].name.ends_with("-1"));
        assert_eq!(read.last_of(2).and_then(|job| job.id.as_deref()), Some("7"));
        assert_eq!(read.last_merge().map(|job| job.id.clone()), Some(None));
        let mut again = read;
        again.cut("d", 4);
        again.add("a b", folder.path(), vec![1]);
        assert!(again.jobs[0].name.ends_with("-3"), "{:?}", again.jobs);
        // Of others, or torn.
        fs::write(folder.path().join(FILE), "{\"program\": \"other\"}").expect("written");
        assert_eq!(Ledger::read(folder.path()), Ledger::default());
    }
}
