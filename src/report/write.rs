//! The run folder from first to last file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::folder::{FolderError, MANIFEST, Partial};
use super::manifest::manifest;
use super::page;
use super::run::RunInfo;
use super::study::Study;
use super::summary::Summary;
use super::tables;
use crate::diagnostic::Sources;
use crate::scenario::Scenario;
use crate::trial::Trial;

/// The page.
const PAGE: &str = "report.html";

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The run folder.
    pub folder: PathBuf,
    /// The page in it.
    pub report: PathBuf,
    /// Number of tables.
    pub tables: usize,
    /// Number of figures.
    pub figures: usize,
}

/// Why no report was written. Nothing that looks finished is left behind.
#[derive(Debug)]
pub enum ReportError {
    /// The run folder could not be built.
    Folder(FolderError),
    /// A table could not be written.
    Table(std::io::Error),
    /// The manifest could not be written as JSON.
    Manifest(serde_json::Error),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(FolderError::Occupied(path)) => write!(
                f,
                "{} exists and is not the folder of an earlier run; name another folder with --out, or move it away",
                path.display()
            ),
            Self::Folder(FolderError::NoName(path)) => write!(f, "`{}` names no folder", path.display()),
            Self::Folder(FolderError::Refused { doing, path, source }) => {
                write!(f, "cannot {doing} {}: {source}", path.display())
            }
            Self::Table(source) => write!(f, "cannot write the tables: {source}"),
            Self::Manifest(source) => write!(f, "cannot write the manifest: {source}"),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Folder(FolderError::Refused { source, .. }) | Self::Table(source) => Some(source),
            Self::Folder(_) => None,
            Self::Manifest(source) => Some(source),
        }
    }
}

impl From<FolderError> for ReportError {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}

/// Whether a run folder can stand at `folder`, asked before the work is done. Creates missing parents.
///
/// # Errors
/// As those of [`write()`] that concern the folder.
pub fn probe(folder: &Path) -> Result<(), ReportError> {
    Partial::begin(folder)?;
    Ok(())
}

/// Writes the run folder: `report.html`, `figures/`, `tables/`, `manifest.json`. It appears at `folder` whole or not at all.
///
/// # Errors
/// When the place is taken by something other than a run folder, or the file system refuses.
pub fn write(
    trial: &Trial,
    scenario: &Scenario,
    sources: &Sources,
    folder: &Path,
    run: &RunInfo,
) -> Result<Written, ReportError> {
    let study = Study { trial, scenario };
    let partial = Partial::begin(folder)?;
    let summary = Summary::of(study);
    tables::write(study, &summary, &partial.subfolder("tables")?).map_err(ReportError::Table)?;
    let mut files = vec![PAGE.to_owned()];
    files.extend(tables::TABLES.iter().map(|name| format!("tables/{name}.csv")));
    let manifest = manifest(study, sources, run, files);
    let mut json = serde_json::to_string_pretty(&manifest).map_err(ReportError::Manifest)?;
    json.push('\n');
    partial.file(PAGE, page::html(study, &summary, &manifest).as_bytes())?;
    partial.file(MANIFEST, json.as_bytes())?;
    let folder = partial.finish()?;
    let report = folder.join(PAGE);
    Ok(Written { folder, report, tables: tables::TABLES.len(), figures: 0 })
}
