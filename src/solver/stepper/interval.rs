//! What a lane is given to go over, and what comes of an attempt.

use super::super::system::{SolverError, StepMemory};

/// What came of the last attempt in a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Accepted; the end lies before the stop.
    Accepted,
    /// Accepted, and the stop is reached.
    Arrived,
    /// Not accepted; a shorter step comes next.
    Rejected,
    /// The lane cannot go on.
    Failed(SolverError),
}

/// How an interval begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// y or f jumped, or what comes of them is no longer what it was: the step that is remembered for such a restart is taken.
    pub jumped: bool,
    /// f, and the magnitudes, are those at the end of the last step of the same system in the same lane, but for rounding: they
    /// are not evaluated anew.
    pub rates_stand: bool,
}

/// Whether it jumped; rates are evaluated.
impl From<bool> for Start {
    fn from(jumped: bool) -> Self {
        Start { jumped, rates_stand: false }
    }
}

/// An interval for a lane to go over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Start.
    pub from: f64,
    /// End, after the start.
    pub to: f64,
    /// How it begins.
    pub start: Start,
    /// What is remembered of the intervals before.
    pub memory: StepMemory,
    /// Attempts allowed.
    pub attempts: u64,
}
