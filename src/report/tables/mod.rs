//! The tables of a run folder: CSV with a header row, numbers in the units shown and in the shortest form that reads
//! back to the same bits, an empty cell where there is no number.

mod listing;
mod patients;
mod results;
mod sheet;
mod verification;

pub use listing::{LISTINGS, Listing, listed_patients};
pub use patients::tag_name;
pub use results::contrast_name;
pub use verification::verification;

use std::io;
use std::path::Path;

use super::study::Study;
use super::summary::Summary;

/// Names of the tables that every run has.
pub const TABLES: [&str; 16] = [
    "endpoints",
    "comparisons",
    "patients",
    "patients-columns",
    "values",
    "visits",
    "doses",
    "decisions",
    "events",
    "course",
    "disposition",
    "exposure",
    "dose-by-cycle",
    "rules",
    "parameters",
    "failures",
];

/// Writes the tables of a finished trial into a folder that exists; those of [`Listing`] are there already.
pub fn write(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    results::endpoints(study, folder)?;
    results::comparisons(study, folder)?;
    results::values(study, folder)?;
    results::course(study, folder)?;
    results::disposition(study, folder)?;
    results::exposure(study, summary, folder)?;
    results::dose_by_cycle(study, folder)?;
    results::rules(study, folder)?;
    results::failures(study, folder)?;
    patients::patients(study, summary, folder)?;
    patients::parameters(study, folder)
}
