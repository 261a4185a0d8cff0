//! What a campaign says of itself: how far it has come, what happened, why it cannot go on.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How long is waited, and how often tried.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a shard, or the merge, is submitted again.
    pub retries: usize,
    /// How long a task must have failed before it is believed: one that is requeued fails for a moment.
    pub failed: Duration,
    /// How long the folder of a task that ended well, or that Slurm has forgotten, may look incomplete: network file systems
    /// show for up to a minute what was there before.
    pub stale: Duration,
}

/// Why a campaign cannot begin or go on.
#[derive(Debug)]
pub enum SlurmError {
    /// The file system refused.
    Refused(PathBuf, io::Error),
    /// Slurm refused or does not answer: its words.
    Slurm(String),
    /// Jobs for an earlier state of the sweep are not over.
    Earlier(Vec<String>),
    /// Another process watches.
    Watched(PathBuf),
    /// Slurm would misread the folder's name.
    Name(PathBuf),
}

/// What happened since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Shards were submitted as this job.
    Submitted(Vec<usize>, String),
    /// A shard failed and is submitted again: what Slurm said, its log.
    Again(usize, String, PathBuf),
    /// The merge failed and is submitted again.
    MergeAgain(String, PathBuf),
    /// A task that Slurm held was let go.
    Released(usize, String),
    /// A shard is not submitted again.
    GivenUp(usize, String, PathBuf),
    /// The merge is not submitted again.
    MergeGivenUp(String, PathBuf),
    /// Slurm does not answer.
    Silent(String),
}

/// How far it has come.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Shards.
    pub shards: usize,
    /// Complete.
    pub complete: usize,
    /// At work.
    pub running: usize,
    /// Not yet.
    pub waiting: usize,
    /// Why one of them waits, in Slurm's words.
    pub why: Option<String>,
    /// Held by somebody.
    pub held: usize,
    /// Given up.
    pub lost: usize,
    /// Points that are complete.
    pub points: usize,
    /// What happened.
    pub events: Vec<Event>,
    /// Whether it is over: all complete, or nothing left to wait for.
    pub over: bool,
    /// Courses that failed numerically, once all is complete.
    pub failed_courses: Option<usize>,
}

/// What a call found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Nothing was submitted before, or all of it is over.
    Anew,
    /// Jobs of an earlier call are under way.
    UnderWay,
}
