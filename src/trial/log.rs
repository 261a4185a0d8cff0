//! What is listed of every course while the trial runs.
//!
//! A course is dropped as soon as it has been counted. Tables of every visit, dose or decision are therefore written as the
//! courses end, by whoever knows how: the trial only keeps the order.

use std::io;

use crate::simulation::Trajectory;

/// Lists courses as they end.
pub trait Log: Sync {
    /// The entry of one course. Called from worker threads, in any order.
    ///
    /// # Errors
    /// When it cannot be put into text; the trial then ends.
    fn entry(&self, course: &Trajectory) -> io::Result<Entry>;

    /// Writes entries down. Called by one thread at a time, for all patients of the first arm in order of their numbers,
    /// then of the next.
    ///
    /// # Errors
    /// When they cannot be written; the trial then ends.
    fn write(&self, entries: &[Entry]) -> io::Result<()>;
}

/// The entry of one course: the rows of each list as text. What lists there are is known to the [`Log`] alone.
pub type Entry = Vec<Vec<u8>>;

/// Lists nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoLog;

impl Log for NoLog {
    fn entry(&self, _course: &Trajectory) -> io::Result<Entry> {
        Ok(Vec::new())
    }
    fn write(&self, _entries: &[Entry]) -> io::Result<()> {
        Ok(())
    }
}
