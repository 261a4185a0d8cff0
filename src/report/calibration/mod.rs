//! The folder of a finished calibration: tables, the posterior ready to be used, one page.
//!
//! ```text
//! state/            evaluations, one file each (written by the calibration itself)
//! posterior.csv     the posterior ensemble: one row per member, one column per parameter
//! posterior.toml    the same as [parameters] and [uncertainty] of a scenario
//! card.toml         the parameters as a table for a model's card
//! tables/           steps, endpoints, parameters, correlations
//! report.html       the page
//! calibration.json  what was run, when, how long: all that differs from one time to another
//! ```
//!
//! All files but the last are the same bytes for the same calibration. Each is written aside and renamed.

mod card;
mod figure;
mod page;
mod posterior;
mod tables;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::card::file as card_file;
use super::manifest::{self, PROGRAM, SourceEntry};
use super::run::RunInfo;
use crate::calibration::{Calibration, Definition};
use crate::diagnostic::Sources;
use crate::table::write_whole;

/// The page.
const PAGE: &str = "report.html";
/// Facts about the run.
pub const CALIBRATION: &str = "calibration.json";
/// Evaluations, below the folder.
pub const STATE: &str = "state";

/// What was asked, and what was found.
#[derive(Clone, Copy)]
pub struct Fit<'a> {
    /// The calibration file.
    pub definition: &'a Definition,
    /// What it led to.
    pub found: &'a Calibration,
}

#[derive(Serialize)]
struct Manifest<'a> {
    program: &'static str,
    version: &'a str,
    calibration: &'a str,
    command: &'a str,
    started: &'a str,
    wall_seconds: f64,
    evaluations_computed: usize,
    digest: &'a str,
    sources: Vec<SourceEntry>,
}

impl Fit<'_> {
    /// Writes everything into a folder that exists. `computed`: evaluations of this run; `digest`: of what determines them.
    /// Returns the path of the page.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(
        self,
        folder: &Path,
        (computed, digest): (usize, &str),
        sources: &Sources,
        run: &RunInfo,
    ) -> io::Result<PathBuf> {
        fs::create_dir_all(folder.join("tables"))?;
        write_whole(folder, "posterior.csv", &posterior::table(self)?)?;
        write_whole(folder, "posterior.toml", posterior::toml(self).as_bytes())?;
        for (name, bytes) in tables::all(self)? {
            write_whole(&folder.join("tables"), &format!("{name}.csv"), &bytes)?;
        }
        let by = format!("regimen calibrate {}", self.definition.name);
        write_whole(folder, "card.toml", card_file(&by, &[card::table(self)]).as_bytes())?;
        write_whole(folder, PAGE, page::html(self, &run.version).as_bytes())?;
        let manifest = Manifest {
            program: PROGRAM,
            version: &run.version,
            calibration: &self.definition.name,
            command: &run.command,
            started: &run.started,
            wall_seconds: run.wall_seconds,
            evaluations_computed: computed,
            digest,
            sources: manifest::sources(sources),
        };
        write_whole(folder, CALIBRATION, (serde_json::to_string_pretty(&manifest)? + "\n").as_bytes())?;
        Ok(folder.join(PAGE))
    }
}
