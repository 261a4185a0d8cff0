//! Who was watched from when to when, and who of them was at risk at a time.

use std::fmt;

/// One observation: time, and whether the event happened then (else censored).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// Time.
    pub time: f64,
    /// Event or censored.
    pub event: bool,
}

/// A stretch of follow-up: at risk at t where start < t ≤ stop (counting process; late entry is left truncation).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FollowUp {
    /// Entry; −∞ for who was watched from the beginning.
    pub start: f64,
    /// End.
    pub stop: f64,
    /// Whether the event happened at the end (else censored).
    pub event: bool,
}

impl From<Observed> for FollowUp {
    fn from(observed: Observed) -> Self {
        FollowUp { start: f64::NEG_INFINITY, stop: observed.time, event: observed.event }
    }
}

/// What is wrong with rows of follow-up; rows count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpError {
    /// There are none.
    Empty,
    /// The end is not a finite number, or the entry is none.
    NoNumber(usize),
    /// The entry is not before the end.
    Backwards(usize),
}

impl fmt::Display for FollowUpError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(out, "nobody was followed up"),
            Self::NoNumber(row) => write!(out, "row {}: a time is missing or infinite", row + 1),
            Self::Backwards(row) => write!(out, "row {}: entry is not before the end", row + 1),
        }
    }
}

impl std::error::Error for FollowUpError {}

/// Whether an analysis can be made of these rows.
pub(super) fn check(rows: &[FollowUp]) -> Result<(), FollowUpError> {
    if rows.is_empty() {
        return Err(FollowUpError::Empty);
    }
    for (index, row) in rows.iter().enumerate() {
        if !row.stop.is_finite() || row.start.is_nan() {
            return Err(FollowUpError::NoNumber(index));
        }
        if row.start >= row.stop {
            return Err(FollowUpError::Backwards(index));
        }
    }
    Ok(())
}

/// One line of a life table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskStep {
    /// Time at which follow-up of someone ended.
    pub time: f64,
    /// At risk just before, those included who end then.
    pub at_risk: usize,
    /// Events.
    pub events: usize,
    /// Censored.
    pub censored: usize,
}

/// The life table: one line for each distinct end of follow-up, ascending.
pub fn risk_table(rows: &[FollowUp]) -> Vec<RiskStep> {
    let mut ends: Vec<(f64, bool)> = rows.iter().map(|row| (row.stop, row.event)).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut entries: Vec<f64> = rows.iter().map(|row| row.start).collect();
    entries.sort_by(f64::total_cmp);
    let (mut entered, mut gone) = (0, 0);
    let mut table = Vec::new();
    for tied in ends.chunk_by(|a, b| a.0 == b.0) {
        let time = tied[0].0;
        entered += entries[entered..].partition_point(|start| *start < time);
        let events = tied.iter().filter(|(_, event)| *event).count();
        table.push(RiskStep { time, at_risk: entered - gone, events, censored: tied.len() - events });
        gone += tied.len();
    }
    table
}

/// Number still at risk (time ≥ t) at each of `times`.
pub fn at_risk(observed: &[Observed], times: &[f64]) -> Vec<usize> {
    times.iter().map(|time| observed.iter().filter(|observed| observed.time >= *time).count()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_risk_include_those_leaving_then() {
        let sample = [(1.0, true), (2.0, false), (2.0, true), (4.0, true)]
            .map(|(time, event)| Observed { time, event });
        assert_eq!(at_risk(&sample, &[0.0, 1.0, 1.5, 2.0, 4.0, 5.0]), [4, 4, 3, 3, 1, 0]);
        let table = risk_table(&sample.map(FollowUp::from));
        assert_eq!(table[1], RiskStep { time: 2.0, at_risk: 3, events: 1, censored: 1 });
    }

    #[test]
    fn who_enters_at_an_event_time_is_at_risk_after_it() {
        let rows =
            [(0.0, 3.0), (3.0, 5.0), (2.0, 5.0)].map(|(start, stop)| FollowUp { start, stop, event: true });
        let table = risk_table(&rows);
        assert_eq!((table[0].at_risk, table[1].at_risk), (2, 2));
    }

    #[test]
    fn rows_that_make_no_sense_are_named() {
        let row = |start, stop| FollowUp { start, stop, event: true };
        assert_eq!(check(&[]), Err(FollowUpError::Empty));
        assert_eq!(check(&[row(0.0, 1.0), row(2.0, 2.0)]), Err(FollowUpError::Backwards(1)));
        assert_eq!(check(&[row(0.0, f64::NAN)]), Err(FollowUpError::NoNumber(0)));
        assert_eq!(check(&[row(0.0, f64::INFINITY)]), Err(FollowUpError::NoNumber(0)));
    }
}
