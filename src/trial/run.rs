//! Running all arms on all patients in parallel.

use super::outcome::Trial;
use crate::population::PopulationError;
use crate::scenario::Scenario;

/// Told about progress; called from worker threads.
pub trait Progress: Sync {
    /// One patient finished one arm.
    fn finished(&self);
    /// Whether to stop early (Ctrl-C).
    fn cancelled(&self) -> bool;
}

/// Why a trial has no result.
#[derive(Debug)]
pub enum TrialError {
    /// The population could not be drawn.
    Population(PopulationError),
    /// Stopped by the user.
    Cancelled,
    /// The thread pool could not be built.
    Threads(String),
}

/// Runs the trial: `threads` workers (0: all cores). The result is the same bits for any number of threads.
pub fn run(_scenario: &Scenario, _threads: usize, _progress: &dyn Progress) -> Result<Trial, TrialError> {
    todo!()
}
