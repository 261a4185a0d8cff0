//! `sweep.json`: which sweep a folder holds, computed with which arithmetic, and how far it is. What differs from process to process is here
//! and in no other file of the folder.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::table::write_whole;

/// Its name.
pub const MANIFEST: &str = "sweep.json";
/// By this a manifest is known as one of ours.
pub const PROGRAM: &str = "regimen sweep";

/// The arithmetic of this program: results of different ones must not be mixed.
pub fn numeric_class() -> String {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{}+{} {system} {processor}", env!("CARGO_PKG_VERSION"), env!("REGIMEN_ARITHMETIC"))
}

/// What it says.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Manifest {
    pub program: String,
    pub numeric_class: String,
    pub sweep: String,
    pub title: String,
    /// Hash over the whole plan.
    pub digest: String,
    /// The same of the plan with which it was begun: of a search, that of its first points.
    #[serde(default)]
    pub begun: String,
    /// Points of the whole sweep.
    pub points: usize,
    /// Part that the last process computed: `2/8`.
    pub shard: String,
    /// Whether that part is complete.
    pub complete: bool,
    /// Courses that failed numerically behind what that part has.
    #[serde(default)]
    pub failed_courses: usize,
    /// Wall time of the last process, s.
    pub wall_seconds: f64,
}

impl Manifest {
    /// That of a folder, if there is one of ours.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
        serde_json::from_str(&text).ok().filter(|manifest: &Self| manifest.program == PROGRAM)
    }

    /// Writes it into a folder, whole or not at all.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        write_whole(folder, MANIFEST, text.as_bytes()).map(drop)
    }
}
