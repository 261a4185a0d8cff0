//! Figures as data → SVG and PNG, tables → CSV and HTML, the report page. Knows no program, solver or simulation method.
//!
//! The way of a run folder: [`write()`] sums up the trial (`summary`), writes the tables (`tables`), lays the figures
//! out as scenes and renders each twice (`draw`), sets the page (`page`) and the manifest, and puts the finished
//! folder in its place.

mod calibration;
pub mod card;
mod definition;
mod difference;
mod draw;
mod figures;
#[cfg(test)]
mod fixture;
mod folder;
pub mod front;
mod manifest;
mod names;
mod number;
mod page;
pub mod predictions;
mod run;
mod scoreboard;
pub mod sensitivity;
pub mod story;
mod study;
mod summary;
pub mod sweep;
mod tables;
mod uncertain;
mod verified;
mod write;

pub use calibration::{Fit, STATE};
pub use difference::{Amendment, DifferenceFolder, plain_effect};
pub use figures::FigureError;
pub use folder::{FolderError, MANIFEST, PATIENTS, Place};
pub use manifest::sha256;
pub use run::RunInfo;
pub use scoreboard::{ScoreboardFolder, Validation};
pub use study::Study;
pub use tables::{Disagreement, agreement};
pub use write::{Recording, ReportError, Written};
