//! One patient's rows in the tables of a run folder against those of the same patient computed again: the same text, since
//! numbers are written in the shortest form that reads back to the same bits.

use std::io;
use std::path::Path;

use super::listing::{LISTINGS, Listing};
use crate::scenario::Scenario;
use crate::trial::{Log, Trajectory};

/// Why the rows do not agree.
#[derive(Debug)]
pub enum Disagreement {
    /// A table cannot be read.
    Unreadable {
        /// The table.
        table: &'static str,
        /// Why.
        why: String,
    },
    /// A table has other columns, or another number of rows of this patient.
    Shape {
        /// The table.
        table: &'static str,
        /// In words.
        what: String,
    },
    /// A cell differs.
    Cell {
        /// The table.
        table: &'static str,
        /// Its TIME.
        time: String,
        /// The column.
        column: String,
        /// In the run folder.
        run: String,
        /// Computed again.
        again: String,
    },
}

/// Compares the visits, doses, decisions and events of a course with the tables in a folder; the number of equal rows.
///
/// # Errors
/// The first difference.
pub fn compare(scenario: &Scenario, course: &Trajectory, tables: &Path) -> Result<usize, Disagreement> {
    let unwritten = |error: io::Error| Disagreement::Unreadable { table: "visits", why: error.to_string() };
    let place = tempfile::tempdir().map_err(unwritten)?;
    let listing = Listing::create(scenario, place.path(), place.path());
    let listing = listing.map_err(|error| unwritten(error.into()))?;
    let entry = listing.entry(course).map_err(unwritten)?;
    listing.write(vec![entry]).and_then(|()| listing.finish()).map_err(unwritten)?;
    let arm = &scenario.arms[course.arm].name;
    let id = (course.patient + 1).to_string();
    let mut equal = 0;
    for table in LISTINGS {
        let file = format!("{table}.csv");
        let again = rows(&place.path().join(&file), table, arm, &id)?;
        let run = rows(&tables.join(&file), table, arm, &id)?;
        equal += same(table, &run, &again)?;
    }
    Ok(equal)
}

/// Header and rows of a patient.
type Table = (csv::StringRecord, Vec<csv::StringRecord>);

fn rows(path: &Path, table: &'static str, arm: &str, id: &str) -> Result<Table, Disagreement> {
    let unreadable = |error: csv::Error| Disagreement::Unreadable { table, why: error.to_string() };
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap_or(usize::MAX);
    let (arms, ids) = (column("ARM"), column("ID"));
    let mut found = Vec::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        if row.get(arms) == Some(arm) && row.get(ids) == Some(id) {
            found.push(row);
        }
    }
    Ok((header, found))
}

fn same(table: &'static str, run: &Table, again: &Table) -> Result<usize, Disagreement> {
    let shape = |what: String| Err(Disagreement::Shape { table, what });
    if run.0 != again.0 {
        return shape("it has other columns".to_owned());
    }
    let time = run.0.iter().position(|column| column == "TIME").unwrap_or_default();
    for (ours, theirs) in run.1.iter().zip(&again.1) {
        let differs = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs);
        if let Some(column) = differs {
            return Err(Disagreement::Cell {
                table,
                time: ours.get(time).unwrap_or_default().to_owned(),
                column: run.0.get(column).unwrap_or_default().to_owned(),
                run: ours.get(column).unwrap_or_default().to_owned(),
                again: theirs.get(column).unwrap_or_default().to_owned(),
            });
        }
    }
    if run.1.len() != again.1.len() {
        return shape(format!("it has {} rows of this patient, not {}", run.1.len(), again.1.len()));
    }
    Ok(run.1.len())
}
