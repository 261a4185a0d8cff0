//! Sweeps whose next points depend on the results of those before: stage after stage in one folder.
//!
//! Points of earlier stages are complete when a later one begins, so that a search which was stopped goes the same way again, through
//! what is there, and on.

use std::path::PathBuf;

use super::definition::Sweep;
use super::plan::{Plan, Shard};
use super::run::{Ran, RunError, SweepProgress, Work, end, run_stage};
use super::store::Store;
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Loader;

/// The stages of a search, and what they took so far.
pub struct Stages<'a> {
    store: &'a Store,
    loader: &'a (dyn Loader + Sync),
    reuse: &'a [PathBuf],
    threads: usize,
    progress: &'a dyn SweepProgress,
    ran: Ran,
}

/// Why a stage ended without its results.
#[derive(Debug)]
pub enum StageError {
    /// A scenario cannot be read.
    Scenario(Vec<Diagnostic>, Sources),
    /// As a sweep stops.
    Run(RunError),
}

impl From<RunError> for StageError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl<'a> Stages<'a> {
    /// Before the first stage; results in the folders `reuse` are taken over; `threads` 0: all cores.
    pub fn new(
        store: &'a Store,
        loader: &'a (dyn Loader + Sync),
        reuse: &'a [PathBuf],
        threads: usize,
        progress: &'a dyn SweepProgress,
    ) -> Self {
        Self { store, loader, reuse, threads, progress, ran: Ran::default() }
    }

    /// The folder.
    pub fn store(&self) -> &'a Store {
        self.store
    }

    /// What was done, over all stages so far.
    pub fn ran(&self) -> &Ran {
        &self.ran
    }

    /// The same, of a search that ends without all results.
    pub fn into_ran(self) -> Ran {
        self.ran
    }

    /// Computes what is missing of these points.
    ///
    /// # Errors
    /// As [`StageError`] has it. Points that are complete stay.
    pub fn compute(&mut self, sweep: Sweep) -> Result<Plan, StageError> {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let plan = Plan::new(sweep, self.loader, &mut sources, &mut diagnostics);
        let plan = plan.ok_or(StageError::Scenario(diagnostics, sources))?;
        // The first one: nothing happens at later ones.
        self.store.begin(&plan, Shard::WHOLE).map_err(RunError::from)?;
        let stage = run_stage(&self.work(&plan))?;
        self.ran.add_stage(stage);
        Ok(plan)
    }

    /// Ends a search of which nothing is missing any more: writes the index and tidies up. What was done in all.
    ///
    /// # Errors
    /// When the folder refuses.
    pub fn close(self, plan: &Plan) -> Result<Ran, StageError> {
        end(&self.work(plan), &self.ran)?;
        Ok(self.ran)
    }

    fn work<'w>(&'w self, plan: &'w Plan) -> Work<'w> {
        let Self { store, loader, reuse, threads, progress, .. } = *self;
        Work { plan, store, shard: Shard::WHOLE, reuse, loader, threads, progress }
    }
}
