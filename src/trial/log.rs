//! What is listed of every course while the trial runs.
//!
//! A course is dropped as soon as it has been counted. Tables of every visit, dose or decision are therefore written as the
//! courses end, by whoever knows how: the trial only keeps the order.

use std::io;

use crate::simulation::Trajectory;
use crate::table::Rows;

/// Lists courses as they end.
pub trait Log: Sync {
    /// The entry of one course. Called from worker threads, in any order.
    ///
    /// # Errors
    /// When it cannot be put into rows; the trial then ends.
    fn entry(&self, course: &Trajectory) -> io::Result<Entry>;

    /// Writes entries down and takes their rows. Called by one thread at a time, for all patients of the first arm in order of their numbers,
    /// then of the next.
    ///
    /// # Errors
    /// When they cannot be written; the trial then ends.
    fn write(&self, entries: Vec<Entry>) -> io::Result<()>;
}

/// The entry of one course: its rows in each list. What lists there are is known to the [`Log`] alone.
pub type Entry = Vec<Rows>;

/// Lists nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoLog;

impl Log for NoLog {
    fn entry(&self, _course: &Trajectory) -> io::Result<Entry> {
        Ok(Vec::new())
    }
    fn write(&self, _entries: Vec<Entry>) -> io::Result<()> {
        Ok(())
    }
}
