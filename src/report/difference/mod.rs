//! The folder of a difference between two scenarios: one page, tables, a manifest.

mod page;
mod tables;

pub use page::plain as plain_effect;

use std::path::PathBuf;

use serde::Serialize;

use super::folder::{MANIFEST, Partial, Place};
use super::manifest::{self, PROGRAM, SourceEntry};
use super::run::RunInfo;
use super::write::ReportError;
use crate::diagnostic::Sources;
use crate::scenario::{KeyChange, Scenario};
use crate::trial::Difference;

/// The page.
const PAGE: &str = "report.html";
/// Names of the tables.
pub const TABLES: [&str; 5] = ["keys", "causes", "effects", "changed", "patients"];

/// Everything that the page and the tables read.
#[derive(Clone, Copy)]
pub struct Amendment<'a> {
    /// The two scenarios.
    pub scenarios: [&'a Scenario; 2],
    /// What they are called for the reader.
    pub names: [&'a str; 2],
    /// How they differ as they are written.
    pub keys: &'a [KeyChange],
    /// How they differ in what they do.
    pub difference: &'a Difference,
}

/// What was compared, from which texts.
#[derive(Serialize)]
struct Manifest<'a> {
    program: &'static str,
    version: &'a str,
    command: &'a str,
    started: &'a str,
    wall_seconds: f64,
    simulation_seconds: f64,
    first: &'a str,
    second: &'a str,
    seed: u64,
    patients: usize,
    sources: Vec<SourceEntry>,
    files: Vec<String>,
}

/// A folder for a difference, claimed before the work is done. Dropped before [`DifferenceFolder::finish`], it leaves nothing.
pub struct DifferenceFolder(Partial);

impl DifferenceFolder {
    /// Claims the place.
    ///
    /// # Errors
    /// When it is taken by something other than a run folder, or the file system refuses.
    pub fn begin(place: &Place) -> Result<Self, ReportError> {
        Ok(Self(Partial::begin(place)?))
    }

    /// Writes the page, the tables and the manifest. Returns the path of the page.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(
        self,
        found: Amendment<'_>,
        sources: &Sources,
        run: &RunInfo,
    ) -> Result<PathBuf, ReportError> {
        let Self(partial) = self;
        tables::write(found, &partial.subfolder("tables")?).map_err(ReportError::Table)?;
        let tables = TABLES.iter().map(|name| format!("tables/{name}.csv"));
        let manifest = Manifest {
            program: PROGRAM,
            version: &run.version,
            command: &run.command,
            started: &run.started,
            wall_seconds: run.wall_seconds,
            simulation_seconds: found.difference.seconds,
            first: found.names[0],
            second: found.names[1],
            seed: found.scenarios[0].seed,
            patients: found.difference.patients,
            sources: manifest::sources(sources),
            files: std::iter::once(PAGE.to_owned()).chain(tables).collect(),
        };
        let mut json = serde_json::to_string_pretty(&manifest).map_err(ReportError::Manifest)?;
        json.push('\n');
        partial.file(PAGE, page::html(found, run).as_bytes())?;
        partial.file(MANIFEST, json.as_bytes())?;
        Ok(partial.finish()?.join(PAGE))
    }
}
