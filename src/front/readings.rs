//! The tables of the points, read back: each result by which they are compared, of all patients and on every resample.

use std::io;
use std::path::PathBuf;

use crate::math::pareto::Candidate;
use crate::math::statistics::Interval;
use crate::sweep::{Objectives, Plan, RESAMPLE, Store};
use crate::table::read_numbers;

/// Why points cannot be compared.
#[derive(Debug)]
pub enum FrontError {
    /// A table cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A point, by its place from 0, treats another number of patients than the first: how many, and how many the first.
    Patients(usize, [usize; 2]),
}

/// A number with its errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// With its 95 % limits; infinite where there are none.
    pub interval: Interval,
    /// Monte Carlo standard error.
    pub error: Option<f64>,
}

/// One result at one point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OfTarget {
    /// Of all patients; `None`: undefined.
    pub whole: Option<Told>,
    /// By resample.
    pub resamples: Vec<Option<f64>>,
}

/// One point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// By result, in the order of [`Objectives::targets`].
    pub targets: Vec<OfTarget>,
    /// Courses behind these that failed numerically.
    pub failed: usize,
    /// Patients per arm; 0 where no result tells.
    pub patients: usize,
}

/// What a point reaches, on all patients or on a resample.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Values {
    /// By objective, as estimated.
    pub objectives: Vec<f64>,
    /// By condition.
    pub conditions: Vec<f64>,
}

/// Reads one point.
pub(super) fn read(
    plan: &Plan,
    store: &Store,
    asked: &Objectives,
    place: usize,
) -> Result<Reading, FrontError> {
    let path = store.partition(&plan.points[place].file);
    let columns = [RESAMPLE, "estimate", "lower", "upper", "mc_error", "failed", "n", "missing"];
    let rows = read_numbers(&path, &columns).map_err(|error| FrontError::Unreadable(path.clone(), error))?;
    let rows: Vec<Vec<Option<f64>>> = rows.into_iter().filter(|row| row[0].is_some()).collect();
    let each = asked.replicates + 1;
    if rows.len() != each * asked.targets().len() {
        let error =
            io::Error::other("it has other rows than this sweep writes; remove it and run the sweep again");
        return Err(FrontError::Unreadable(path, error));
    }
    let count = |row: &[Option<f64>], column: usize| row[column].unwrap_or(0.0) as usize;
    let mut reading = Reading { targets: Vec::new(), failed: 0, patients: 0 };
    for rows in rows.chunks(each) {
        let whole = &rows[0];
        reading.failed = reading.failed.max(count(whole, 5));
        reading.patients = reading.patients.max(count(whole, 6) + count(whole, 7));
        let told = |estimate| Told {
            interval: Interval {
                estimate,
                lower: whole[2].unwrap_or(f64::NEG_INFINITY),
                upper: whole[3].unwrap_or(f64::INFINITY),
            },
            error: whole[4],
        };
        let resamples = rows[1..].iter().map(|row| row[1]).collect();
        reading.targets.push(OfTarget { whole: whole[1].map(told), resamples });
    }
    Ok(reading)
}

/// Whether all points treat as many patients: a resample is common to them only then.
pub(super) fn same_patients(readings: &[Reading]) -> Result<(), FrontError> {
    let mut known = readings.iter().enumerate().filter(|(_, reading)| reading.patients > 0);
    let Some((_, first)) = known.next() else { return Ok(()) };
    match known.find(|(_, reading)| reading.patients != first.patients) {
        Some((place, other)) => Err(FrontError::Patients(place, [other.patients, first.patients])),
        None => Ok(()),
    }
}

impl Reading {
    /// Values of all patients, or of a resample; `None` where one is undefined.
    pub fn values(&self, asked: &Objectives, resample: Option<usize>) -> Option<Values> {
        let value = |place: usize| {
            let target = self.targets.get(place)?;
            match resample {
                Some(resample) => *target.resamples.get(resample)?,
                None => Some(target.whole?.interval.estimate),
            }
        };
        let objectives = asked.objectives.iter().map(|it| value(asked.place(&it.target)));
        let conditions = asked.conditions.iter().map(|it| value(asked.place(&it.target)));
        Some(Values {
            objectives: objectives.collect::<Option<_>>()?,
            conditions: conditions.collect::<Option<_>>()?,
        })
    }

    /// The point as one that is searched for: courses that failed leave it without a value.
    pub fn candidate(&self, asked: &Objectives) -> Candidate {
        match self.values(asked, None).filter(|_| self.failed == 0) {
            Some(values) => {
                Candidate { violation: values.violation(asked), objectives: Some(values.minimised(asked)) }
            }
            None => Candidate { objectives: None, violation: 0.0 },
        }
    }
}

impl Values {
    /// Objectives, all to be minimised.
    pub fn minimised(&self, asked: &Objectives) -> Vec<f64> {
        asked
            .objectives
            .iter()
            .zip(&self.objectives)
            .map(|(objective, value)| objective.minimised(*value))
            .collect()
    }

    /// By how much the conditions are missed, summed; 0: all are met.
    pub fn violation(&self, asked: &Objectives) -> f64 {
        asked
            .conditions
            .iter()
            .zip(&self.conditions)
            .map(|(condition, value)| condition.violation(*value))
            .sum()
    }
}
