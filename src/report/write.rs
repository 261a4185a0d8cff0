//! The run folder from first to last file: some tables while the trial runs, the rest when it has ended.

use std::fmt;
use std::path::PathBuf;

use super::figures::{self, FigureError};
use super::folder::{FolderError, MANIFEST, Partial, Place};
use super::manifest::manifest;
use super::page;
use super::run::RunInfo;
use super::study::Study;
use super::summary::Summary;
use super::tables::{self, Listing};
use crate::diagnostic::Sources;
use crate::scenario::Scenario;
use crate::trial::Log;

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
    /// A figure could not be written.
    Figure(FigureError),
    /// The manifest could not be written as JSON.
    Manifest(serde_json::Error),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(FolderError::Occupied { place, foreign }) => {
                write!(f, "{} exists and is not the folder of an earlier run", place.display())?;
                if let Some(foreign) = foreign {
                    write!(f, ": it holds `{}`, which no run wrote", foreign.display())?;
                }
                write!(f, "; name another folder with --out, or move it away")
            }
            Self::Folder(FolderError::NoName(path)) => write!(f, "`{}` names no folder", path.display()),
            Self::Folder(FolderError::Refused { doing, path, source }) => {
                write!(f, "cannot {doing} {}: {source}", path.display())
            }
            Self::Table(source) => write!(f, "cannot write the tables: {source}"),
            Self::Figure(FigureError { name, message }) => {
                write!(f, "cannot write the figure {name}: {message}")
            }
            Self::Manifest(source) => write!(f, "cannot write the manifest: {source}"),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Folder(FolderError::Refused { source, .. }) | Self::Table(source) => Some(source),
            Self::Folder(_) | Self::Figure(_) => None,
            Self::Manifest(source) => Some(source),
        }
    }
}

impl From<FolderError> for ReportError {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}

/// A run folder that is being filled while the trial runs. Dropped before [`Recording::finish`], it leaves nothing.
pub struct Recording<'a> {
    partial: Partial,
    tables: PathBuf,
    listing: Listing<'a>,
}

impl<'a> Recording<'a> {
    /// Begins a run folder that will stand at `place`, before the work is done: whatever speaks against the place is
    /// said now. Creates missing parents.
    ///
    /// # Errors
    /// When the place is taken by something other than a run folder, or the file system refuses.
    pub fn begin(scenario: &'a Scenario, place: &Place) -> Result<Self, ReportError> {
        let partial = Partial::begin(place)?;
        let folder = partial.subfolder("tables")?;
        let listing = Listing::create(scenario, &folder, partial.path());
        let listing = listing.map_err(|error| ReportError::Table(error.into()))?;
        Ok(Self { partial, tables: folder, listing })
    }

    /// Where the trial lists its courses.
    pub fn log(&self) -> &impl Log {
        &self.listing
    }

    /// Writes what remains: `report.html`, `figures/`, the other tables, `manifest.json`. The folder appears whole or not
    /// at all.
    ///
    /// # Errors
    /// As of [`Recording::begin`], or when a figure cannot be drawn.
    pub fn finish(self, study: Study<'_>, sources: &Sources, run: &RunInfo) -> Result<Written, ReportError> {
        let Self { partial, tables: folder, listing } = self;
        listing.finish().map_err(ReportError::Table)?;
        let summary = Summary::of(study);
        let parquet = partial.path();
        tables::write(study, &summary, &folder, parquet).map_err(ReportError::Table)?;
        let figures = figures::write(study, &partial.subfolder("figures")?).map_err(ReportError::Figure)?;
        let mut files = vec![PAGE.to_owned()];
        files.extend(
            figures
                .iter()
                .flat_map(|figure| ["svg", "png"].map(|kind| format!("figures/{}.{kind}", figure.name))),
        );
        let more = study.verification.map(|_| "verification");
        let drawn = study.uncertainty.map(|_| tables::DRAWS).into_iter().flatten();
        let replicated = study.replicates.map(|_| tables::REPLICATES).into_iter().flatten();
        let checks = study.scenario.log_all_decisions.then_some(tables::CHECKS);
        let tables = tables::TABLES.into_iter().chain(checks).chain(more).chain(drawn).chain(replicated);
        files.extend(tables.clone().map(|name| format!("tables/{name}.csv")));
        files.extend(tables::PARQUETS.iter().map(|name| format!("{name}.parquet")));
        let manifest = manifest(study, sources, run, files);
        if let Some(entry) = &manifest.verification {
            tables::verification(entry, &folder).map_err(ReportError::Table)?;
        }
        let mut json = serde_json::to_string_pretty(&manifest).map_err(ReportError::Manifest)?;
        json.push('\n');
        partial.file(PAGE, page::html(study, &summary, &figures, &manifest).as_bytes())?;
        partial.file(MANIFEST, json.as_bytes())?;
        let folder = partial.finish()?;
        let report = folder.join(PAGE);
        Ok(Written { folder, report, tables: tables.count(), figures: figures.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use std::path::Path;

    fn run() -> RunInfo {
        RunInfo {
            scenario: "made-up.toml".to_owned(),
            command: "regimen run made-up.toml --patients 40".to_owned(),
            version: "0.1.0".to_owned(),
            started: "2026-07-01 12:00:00 UTC".to_owned(),
            wall_seconds: 13.5,
            settings: vec![("patients".to_owned(), "40".to_owned())],
        }
    }

    /// The made-up trial, run and written.
    fn write(scenario: &Scenario, sources: &Sources, folder: &Path) -> Result<Written, ReportError> {
        let recording = Recording::begin(scenario, &Place::At(folder.to_owned()))?;
        let trial = fixture::trial_listed(scenario, recording.log());
        let study =
            Study { trial: &trial, scenario, verification: None, uncertainty: None, replicates: None };
        recording.finish(study, sources, &run())
    }

    /// Set `REGIMEN_LOOK=/some/folder` to keep the folder and look at it.
    fn written(patients: usize, arms: usize) -> (tempfile::TempDir, Written) {
        let (scenario, sources) = fixture::scenario(patients, arms);
        let root = tempfile::tempdir().unwrap();
        let written = write(&scenario, &sources, &root.path().join("run")).unwrap();
        if let Some(place) = std::env::var_os("REGIMEN_LOOK") {
            let place = Path::new(&place).join(format!("{arms}-arms"));
            write(&scenario, &sources, &place).unwrap();
        }
        (root, written)
    }

    #[test]
    fn the_folder_has_all_its_parts_and_no_table_says_nan() {
        let (_root, written) = written(40, 3);
        assert!(written.report.is_file());
        let manifest = std::fs::read_to_string(written.folder.join(MANIFEST)).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["counts"]["steps"], 3 * 40 * 12_000);
        assert_eq!(manifest["failed"], 1);
        for file in manifest["files"].as_array().unwrap() {
            assert!(written.folder.join(file.as_str().unwrap()).is_file(), "{file}");
        }
        for name in tables::TABLES {
            let text = std::fs::read_to_string(written.folder.join(format!("tables/{name}.csv"))).unwrap();
            let low = text.to_lowercase();
            assert!(!low.contains("nan,") && !low.contains(",inf") && !low.contains(",nan"), "{name}");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert!(reader.records().all(|record| record.is_ok()), "{name}");
        }
        assert_eq!(std::fs::read_dir(written.folder.join("figures")).unwrap().count(), 2 * written.figures);
    }

    #[test]
    fn endpoints_have_the_promised_columns_and_one_row_per_estimate() {
        let (_root, written) = written(6, 2);
        let text = std::fs::read_to_string(written.folder.join("tables/endpoints.csv")).unwrap();
        assert!(text.starts_with("arm,endpoint,n,estimate,lower,upper,mc_error,unit\n"));
        assert_eq!(text.lines().count(), 1 + 2 * 10);
        let doses = std::fs::read_to_string(written.folder.join("tables/doses.csv")).unwrap();
        assert!(doses.starts_with("ID,TIME,AMT,EVID,CMT,ARM"));
    }

    #[test]
    fn every_column_is_documented() {
        let documentation = include_str!("../../docs/tables.md");
        let (_root, written) = written(2, 2);
        // The columns of these two are named by model and scenario.
        let fixed = tables::TABLES.into_iter().filter(|name| !["patients", "visits"].contains(name));
        for name in fixed {
            let file = format!("`tables/{name}.csv` |");
            let rows: Vec<&str> = documentation.lines().filter(|line| line.contains(&file)).collect();
            let mut table =
                csv::Reader::from_path(written.folder.join(format!("tables/{name}.csv"))).unwrap();
            let columns: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
            assert_eq!(rows.len(), columns.len(), "{name}");
            for (row, column) in rows.iter().zip(&columns) {
                assert!(row.contains(&format!("| `{column}` |")), "{name}: {column} is not in {row}");
            }
        }
    }

    #[test]
    fn the_page_stands_alone_and_texts_of_the_user_stay_texts() {
        let (_root, written) = written(12, 3);
        let page = std::fs::read_to_string(&written.report).unwrap();
        assert!(page.len() < 6_000_000);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>markup"));
        assert!(page.contains("&lt;script&gt;alert('model')"));
        assert!(
            !page.contains("http://")
                || page.matches("http://").count() == page.matches("http://www.w3.org").count()
        );
        assert!(!page.contains("src=\"") && !page.contains("@import") && !page.contains("<link"));
        let mut ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id is used twice");
    }

    #[test]
    fn what_no_rule_of_an_arm_can_do_is_a_dash_in_the_disposition() {
        let (_root, written) = written(12, 3);
        let page = std::fs::read_to_string(&written.report).unwrap();
        let cells = |label: &str| {
            let row = page.split(label).nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap();
            row.split("<td").skip(1).map(|cell| cell.contains('–')).collect::<Vec<bool>>()
        };
        // Only the first arm steps up; all hold, and resume lower.
        assert_eq!(cells("Dose stepped up at least once"), [false, true, true]);
        assert_eq!(cells("Held at least once"), [false; 3]);
        assert_eq!(cells("Dose reduced at least once"), [false; 3]);
    }

    #[test]
    fn one_arm_has_no_comparison_and_many_arms_are_all_shown() {
        let (_root, single) = written(6, 1);
        let page = std::fs::read_to_string(&single.report).unwrap();
        assert!(!page.contains("Arms compared"));
        let (_root, many) = written(4, 7);
        assert!(many.figures > single.figures);
    }

    #[test]
    fn a_run_replaces_the_whole_folder_of_an_earlier_run() {
        let (scenario, sources) = fixture::scenario(2, 2);
        let root = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            write(&scenario, &sources, &root.path().join("run")).unwrap();
        }
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused_with_advice() {
        let (scenario, sources) = fixture::scenario(2, 1);
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("notes.txt"), "mine").unwrap();
        let error = write(&scenario, &sources, root.path()).unwrap_err();
        assert!(error.to_string().contains("--out"), "{error}");
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
