//! The tables of a run folder: numbers in the units shown, an empty cell where there is no number. All as CSV; those that other
//! programs read most, of patients, trajectories and decisions, as Parquet too.

mod agreement;
mod audit;
mod listing;
mod patients;
mod replicates;
mod results;
mod trajectories;
mod uncertainty;
mod verification;

pub use agreement::{Disagreement, compare as agreement};
pub use listing::{CHECKS, LISTINGS, Listing, listed_patients, listed_trajectories};
pub use patients::tag_name;
pub use results::contrast_name;
pub use verification::verification;

use std::io;
use std::path::Path;

use super::study::Study;
use super::summary::Summary;
use crate::table::PARQUET;

/// Names of the tables that every run has.
pub const TABLES: [&str; 19] = [
    "endpoints",
    "comparisons",
    "periods",
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
    "audit",
    "rule-reasons",
    "parameters",
    "failures",
];

/// Names of the tables that runs with uncertain parameters have besides.
pub const DRAWS: [&str; 2] = ["draws", "draw-results"];

/// Names of the tables that runs with replicates have besides.
pub const REPLICATES: [&str; 3] = ["replicates", "power", "choice"];

/// Names of the Parquet files; none where this program has no Parquet.
pub const PARQUETS: &[&str] = if PARQUET { &["patients", "trajectories", "decisions"] } else { &[] };

/// Writes the tables of a finished trial, CSV into one folder and Parquet into another, both of which exist; those of
/// [`Listing`] are there already.
pub fn write(study: Study, summary: &Summary, folder: &Path, parquet: &Path) -> io::Result<()> {
    results::endpoints(study, folder)?;
    results::comparisons(study, folder)?;
    results::periods(study, folder)?;
    results::values(study, folder)?;
    results::course(study, folder)?;
    results::disposition(study, folder)?;
    results::exposure(study, summary, folder)?;
    results::dose_by_cycle(study, folder)?;
    results::rules(study, folder)?;
    audit::audit(study, folder)?;
    audit::reasons(study, folder)?;
    results::failures(study, folder)?;
    if let Some(found) = study.uncertainty {
        uncertainty::draws(study, found, folder)?;
        uncertainty::results(study, found, folder)?;
    }
    if let Some(found) = study.replicates {
        replicates::results(study, found, folder)?;
        replicates::power(study, found, folder)?;
        replicates::choice(study, found, folder)?;
    }
    patients::patients(study, summary, folder, parquet)?;
    patients::parameters(study, folder)
}
