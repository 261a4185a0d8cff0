//! Figures as data → SVG and PNG, tables → CSV and HTML, the report page. Knows no program, solver or simulation method.
//!
//! The way of a run folder: [`write()`] sums up the trial (`summary`), writes the tables (`tables`), lays the figures
//! out as scenes and renders each twice (`draw`), sets the page (`page`) and the manifest, and puts the finished
//! folder in its place.

mod definition;
mod draw;
mod figures;
#[cfg(test)]
mod fixture;
mod folder;
mod manifest;
mod names;
mod number;
mod page;
pub mod predictions;
mod run;
mod study;
mod summary;
mod tables;
mod uncertain;
mod verified;
mod write;

pub use folder::{FolderError, Place};
pub use run::RunInfo;
pub use study::Study;
pub use write::{Recording, ReportError, Written};
