//! The tables of the points, read back: of each result that is looked at its value, as a whole and with groups of patients left out.

use super::answer::AnswerError;
use crate::math::statistics::Interval;
use crate::sweep::{LEFT_OUT, Plan, Store};
use crate::table::read_numbers;
use crate::trial::groups;

/// A result at one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// With its 95 % limits; infinite where there are none.
    pub interval: Interval,
    /// Monte Carlo standard error.
    pub error: Option<f64>,
    /// With each group of patients left out; `None` where one of these has no value, or there is one group.
    pub left_out: Option<Vec<f64>>,
}

/// Readings by result and point. All points must be complete.
///
/// # Errors
/// As [`super::answer`].
pub fn read(plan: &Plan, store: &Store) -> Result<Vec<Vec<Reading>>, AnswerError> {
    let targets = plan.sweep.question.targets();
    let mut found = vec![Vec::with_capacity(plan.points.len()); targets.len()];
    for place in 0..plan.points.len() {
        for (found, reading) in found.iter_mut().zip(read_point(plan, store, place)?) {
            found.push(reading);
        }
    }
    Ok(found)
}

/// Readings of one point by result.
fn read_point(plan: &Plan, store: &Store, place: usize) -> Result<Vec<Reading>, AnswerError> {
    let path = store.partition(&plan.points[place].file);
    let rows = read_numbers(&path, &[LEFT_OUT, "estimate", "lower", "upper", "mc_error", "failed"])
        .map_err(|error| AnswerError::Unreadable(path.clone(), error))?;
    let rows: Vec<Vec<Option<f64>>> = rows.into_iter().filter(|row| row[0].is_some()).collect();
    let targets = plan.sweep.question.targets();
    let each = groups(plan.sweep.patients) + 1;
    if rows.len() != each * targets.len() {
        let error = std::io::Error::other(
            "it has other rows than this sweep writes; remove it and run the sweep again",
        );
        return Err(AnswerError::Unreadable(path, error));
    }
    let one = |(target, rows): (&crate::trial::Target, &[Vec<Option<f64>>])| {
        let whole = &rows[0];
        if let Some(failed) = whole[5].filter(|failed| *failed > 0.0) {
            return Err(AnswerError::Failed(place, target.title(), failed as usize));
        }
        let estimate = whole[1].ok_or_else(|| AnswerError::NoValue(place, target.title()))?;
        let interval = Interval {
            estimate,
            lower: whole[2].unwrap_or(f64::NEG_INFINITY),
            upper: whole[3].unwrap_or(f64::INFINITY),
        };
        let left_out: Option<Vec<f64>> = rows[1..].iter().map(|row| row[1]).collect();
        Ok(Reading { interval, error: whole[4], left_out: left_out.filter(|left_out| left_out.len() > 1) })
    };
    targets.iter().zip(rows.chunks(each)).map(one).collect()
}

/// Applies a function of the results at all points to the whole and to every group left out.
pub fn with_and_without<T>(readings: &[Reading], function: impl Fn(&[f64]) -> T) -> (T, Option<Vec<T>>) {
    let whole: Vec<f64> = readings.iter().map(|reading| reading.interval.estimate).collect();
    let without: Option<Vec<&Vec<f64>>> = readings.iter().map(|reading| reading.left_out.as_ref()).collect();
    let without = without.filter(|without| !without.is_empty()).map(|without| {
        let groups = without.iter().map(|of| of.len()).min().unwrap_or(0);
        (0..groups).map(|group| function(&without.iter().map(|of| of[group]).collect::<Vec<f64>>())).collect()
    });
    (function(&whole), without)
}
