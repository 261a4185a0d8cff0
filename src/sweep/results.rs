//! The results of a sweep that its page looks at, read back from the tables of its points.
//!
//! Points without a table stay empty, so that a page can be made of what is there. Not for methods that need every point
//! ([`crate::sensitivity`] reads its own).

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::partition::{LEFT_OUT, RESAMPLE};
use super::plan::Plan;
use super::store::Store;
use super::view::ViewColumn;
use crate::table::{Columns, read_columns};
use crate::trial::groups;

/// The results of all points, in the order of the plan.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// `None` of a point that has not been computed.
    pub points: Vec<Option<Outcome>>,
}

/// The results of one point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// By column of the view and by arm.
    pub readings: Vec<Vec<Option<Reading>>>,
    /// Courses that failed numerically, over all arms.
    pub failed: usize,
    /// Virtual patients per arm; 0 where no result tells.
    pub patients: usize,
    /// By column: its result with each group of patients left out, where the point keeps it.
    pub left_out: Vec<Vec<Option<f64>>>,
}

/// One number with its errors, in its column's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Estimate; `None` where there is none, or it is not finite (a median that is not reached).
    pub estimate: Option<f64>,
    /// Lower 95 % limit.
    pub lower: Option<f64>,
    /// Upper 95 % limit.
    pub upper: Option<f64>,
    /// Monte Carlo standard error.
    pub error: Option<f64>,
}

const TEXTS: [&str; 4] = ["arm", "reference", "endpoint", "measure"];
const NUMBERS: [&str; 7] = ["estimate", "lower", "upper", "mc_error", "failed", "n", "missing"];

impl Results {
    /// Reads what is there.
    ///
    /// # Errors
    /// With the table that cannot be read.
    pub fn read(plan: &Plan, store: &Store) -> Result<Self, (PathBuf, io::Error)> {
        let complete = store.complete().map_err(|error| (store.folder().to_owned(), error))?;
        let grouped = !plan.sweep.kept_apart().is_empty();
        let mut points = Vec::with_capacity(plan.points.len());
        for planned in &plan.points {
            if !complete.contains(&planned.file) {
                points.push(None);
                continue;
            }
            let path = store.partition(&planned.file);
            let mut numbers = NUMBERS.to_vec();
            numbers.extend(grouped.then_some(LEFT_OUT));
            numbers.extend(plan.sweep.objectives.as_ref().map(|_| RESAMPLE));
            let table = read_columns(&path, &TEXTS, &numbers).map_err(|error| (path, error))?;
            let found = outcome(&table, &plan.sweep.view.columns, grouped);
            // Errors of pairs from other groups than those of the patients would look like any others.
            if found.left_out.iter().any(|left_out| grouped && left_out.len() != groups(found.patients)) {
                let error = "it has other rows than this sweep writes";
                return Err((store.partition(&planned.file), io::Error::other(error)));
            }
            points.push(Some(found));
        }
        Ok(Self { points })
    }

    /// How many points have results.
    pub fn complete(&self) -> usize {
        self.points.iter().flatten().count()
    }
}

/// Sorts the rows of a table into columns and arms.
fn outcome(table: &Columns, columns: &[ViewColumn], grouped: bool) -> Outcome {
    let [arm, reference, endpoint, measure] = &table.texts[..] else { return Outcome::default() };
    let [estimate, lower, upper, error, failed, n, missing, more @ ..] = &table.numbers[..] else {
        return Outcome::default();
    };
    let group = |row: usize| more.first().filter(|_| grouped).and_then(|column| column[row]);
    // Rows of resamples are read where points are compared.
    let resampled = |row: &usize| more.get(usize::from(grouped)).is_some_and(|column| column[*row].is_some());
    let rows: Vec<usize> = (0..arm.len()).filter(|row| !resampled(row)).collect();
    let mut arms: Vec<&str> = Vec::new();
    let mut failures: BTreeMap<&str, usize> = BTreeMap::new();
    let mut patients = 0;
    for row in rows.iter().copied().filter(|row| reference[*row].is_empty() && group(*row).is_none()) {
        if !arms.contains(&arm[row].as_str()) {
            arms.push(&arm[row]);
        }
        failures.insert(&arm[row], failed[row].unwrap_or(0.0) as usize);
        patients = patients.max((n[row].unwrap_or(0.0) + missing[row].unwrap_or(0.0)) as usize);
    }
    let mut found = Outcome {
        readings: vec![vec![None; arms.len()]; columns.len()],
        failed: failures.values().sum(),
        patients,
        left_out: vec![Vec::new(); columns.len()],
    };
    for row in rows {
        let Some(place) = arms.iter().position(|name| *name == arm[row]) else { continue };
        for (column, wanted) in columns.iter().enumerate() {
            let target = &wanted.target;
            let is_it = endpoint[row] == target.label
                && measure[row] == target.measure
                && reference[row].is_empty() == target.against.is_none();
            match group(row) {
                None if is_it => {
                    found.readings[column][place] = Some(Reading {
                        estimate: estimate[row],
                        lower: lower[row],
                        upper: upper[row],
                        error: error[row],
                    });
                }
                // The whole is among the groups as 0.
                Some(group) if is_it && group > 0.0 && place == wanted.arm() => {
                    let (group, left_out) = (group as usize, &mut found.left_out[column]);
                    left_out.resize(left_out.len().max(group), None);
                    left_out[group - 1] = estimate[row];
                }
                _ => {}
            }
        }
    }
    found
}

impl Outcome {
    /// The results of all columns, each of its arm.
    pub fn estimates(&self, columns: &[ViewColumn]) -> Vec<Option<f64>> {
        self.each(columns).map(|reading| reading.and_then(|it| it.estimate)).collect()
    }

    /// Their Monte Carlo standard errors.
    pub fn errors(&self, columns: &[ViewColumn]) -> Vec<Option<f64>> {
        self.each(columns).map(|reading| reading.and_then(|it| it.error)).collect()
    }

    /// The reading of every column, of its arm.
    fn each<'a>(&'a self, columns: &'a [ViewColumn]) -> impl Iterator<Item = Option<Reading>> + 'a {
        columns
            .iter()
            .enumerate()
            .map(|(place, column)| self.readings.get(place)?.get(column.arm()).copied().flatten())
    }
}
