//! Computing the points of a sweep that are missing, on all cores, beside other processes.
//!
//! Each thread takes the next point and computes it alone: no thread waits for another within a trial. When fewer points are
//! left than threads, a point gets the idle ones too, so that a few large trials keep all cores busy. A trial is the same
//! bits for any number of threads ([`crate::trial::run`]), and so is its table.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::index;
use super::partition;
use super::plan::{Plan, Shard};
use super::store::{Claimed, Store, ending};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::model::Loader;
use crate::population;
use crate::scenario::{self, Scenario};
use crate::trial::{self, NoLog, Progress, TrialError};

/// How long to wait before looking again whether another process has finished a point.
const PAUSE: Duration = Duration::from_millis(100);
/// How often points are looked for that are gone again: another process of another plan may set them aside when it begins or ends.
const ROUNDS: usize = 3;
/// Points without results whose reason is kept.
const REASONS_KEPT: usize = 5;

/// What is computed, and with what.
pub struct Work<'a> {
    /// All points.
    pub plan: &'a Plan,
    /// Where their results go.
    pub store: &'a Store,
    /// Which of them are this process' own.
    pub shard: Shard,
    /// Folders of other calls, from which results are taken that are there.
    pub reuse: &'a [PathBuf],
    /// Where the scenarios' texts come from.
    pub loader: &'a (dyn Loader + Sync),
    /// Threads; 0 for all cores.
    pub threads: usize,
    /// Who is told.
    pub progress: &'a dyn SweepProgress,
}

/// Told how far a sweep has come; called from worker threads.
pub trait SweepProgress: Sync {
    /// So many points of this process are missing.
    fn begins(&self, points: usize);
    /// A part of a point, 0 … 1, has been computed.
    fn advanced(&self, part: f64);
    /// A point is complete, here or elsewhere.
    fn finished(&self);
    /// Whether to stop early.
    fn cancelled(&self) -> bool;
}

/// Why a point has no results.
#[derive(Debug)]
pub enum PointError {
    /// Its scenario has errors.
    Scenario(Vec<Diagnostic>, Sources),
    /// Its trial could not be carried out.
    Trial(TrialError, Box<Scenario>),
}

/// What a process did.
#[derive(Debug, Default)]
pub struct Ran {
    /// Points of this process' part.
    pub points: usize,
    /// Of these, complete when it began.
    pub before: usize,
    /// Computed here.
    pub computed: usize,
    /// Tables that were damaged and taken away before.
    pub damaged: usize,
    /// Courses that failed numerically behind all points of this part that have results, whoever computed them.
    pub failed_courses: usize,
    /// Points without results.
    pub without: usize,
    /// The reasons of the first few, by place.
    pub reasons: Vec<(usize, PointError)>,
    /// Threads.
    pub threads: usize,
    /// Wall time, s.
    pub seconds: f64,
}

impl Ran {
    /// Adds a stage to what was done: points of earlier stages were complete when it began.
    pub(super) fn add_stage(&mut self, stage: Self) {
        self.points = stage.points;
        self.computed += stage.computed;
        self.damaged += stage.damaged;
        self.failed_courses = stage.failed_courses;
        self.without = stage.without;
        self.reasons = stage.reasons;
        self.threads = stage.threads;
        self.seconds += stage.seconds;
        self.before = self.points - self.computed - self.without;
    }
}

/// Why a sweep stopped.
#[derive(Debug)]
pub enum RunError {
    /// By the user.
    Cancelled,
    /// The folder cannot be read or written.
    Store(io::Error),
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::Store(error)
    }
}

/// Threads for 0.
pub fn threads(wanted: usize) -> usize {
    if wanted > 0 { wanted } else { thread::available_parallelism().map_or(1, usize::from) }
}

/// Makes the folder that of the plan, computes what is missing, then writes the index and tidies up. Points that another process is
/// computing are waited for.
///
/// # Errors
/// When the user stops it, or the folder refuses.
pub fn run(work: &Work<'_>) -> Result<Ran, RunError> {
    work.store.begin(work.plan, work.shard)?;
    let ran = run_stage(work)?;
    end(work, &ran)?;
    Ok(ran)
}

/// Writes the index and, where nothing is missing, tidies up.
pub(super) fn end(work: &Work<'_>, ran: &Ran) -> Result<(), RunError> {
    index::write(work.plan, work.store)?;
    if ran.without == 0 {
        work.store.tidy(work.plan)?;
    }
    work.store.describe(work.plan, work.shard, ran.without == 0, ran.failed_courses, ran.seconds)?;
    Ok(())
}

/// Computes what is missing and leaves the folder open: of a search whose next points depend on these.
///
/// # Errors
/// As [`run`].
pub(super) fn run_stage(work: &Work<'_>) -> Result<Ran, RunError> {
    let started = Instant::now();
    let own: Vec<usize> = (0..work.plan.points.len()).filter(|place| work.shard.has(*place)).collect();
    let files = || own.iter().map(|place| work.plan.points[*place].file.as_str());
    let damaged = work.store.take_damaged_away(files())?;
    let mut missing = missing(work, &own)?;
    if !work.reuse.is_empty() {
        let files = missing.iter().map(|place| work.plan.points[*place].file.as_str());
        work.store.take_over(files, work.reuse)?;
        missing = self::missing(work, &own)?;
    }
    let mut ran = Ran {
        points: own.len(),
        before: own.len() - missing.len(),
        damaged,
        threads: threads(work.threads),
        ..Ran::default()
    };
    for _ in 0..ROUNDS {
        if missing.is_empty() || ran.without > 0 {
            break;
        }
        let failed = work.store.failed_courses(files())?;
        work.store.describe(work.plan, work.shard, false, failed, started.elapsed().as_secs_f64())?;
        index::write(work.plan, work.store)?;
        work.progress.begins(missing.len());
        ran = Crew::new(work, missing, ran).compute()?;
        missing = self::missing(work, &own)?;
    }
    ran.without = ran.without.max(missing.len());
    ran.seconds = started.elapsed().as_secs_f64();
    ran.failed_courses = work.store.failed_courses(files())?;
    Ok(ran)
}

/// Points of this part that are not complete, once what was set aside is back.
fn missing(work: &Work<'_>, own: &[usize]) -> io::Result<VecDeque<usize>> {
    work.store.restore(work.plan)?;
    let complete = work.store.complete()?;
    Ok(own.iter().copied().filter(|place| !complete.contains(&work.plan.points[*place].file)).collect())
}

/// The threads of this process, and what they share.
struct Crew<'a> {
    work: &'a Work<'a>,
    queue: Mutex<VecDeque<usize>>,
    /// Points that are not complete, here or elsewhere.
    left: AtomicUsize,
    ran: Mutex<Ran>,
    stopped: Mutex<Option<RunError>>,
}

/// What became of a point that was taken up.
enum Fate {
    Complete,
    /// Another process is at it.
    Elsewhere,
    Without,
}

impl<'a> Crew<'a> {
    fn new(work: &'a Work<'a>, missing: VecDeque<usize>, ran: Ran) -> Self {
        let left = AtomicUsize::new(missing.len());
        Self { work, queue: Mutex::new(missing), left, ran: Mutex::new(ran), stopped: Mutex::new(None) }
    }

    fn compute(self) -> Result<Ran, RunError> {
        let threads = self.ran.lock().unwrap_or_else(PoisonError::into_inner).threads;
        let crew = threads.min(self.left.load(Ordering::SeqCst));
        thread::scope(|scope| {
            for _ in 0..crew {
                scope.spawn(|| self.work_off(threads));
            }
        });
        match self.stopped.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => {
                let mut ran = self.ran.into_inner().unwrap_or_else(PoisonError::into_inner);
                ran.reasons.sort_by_key(|(place, _)| *place);
                Ok(ran)
            }
        }
    }

    /// Takes points until none is left.
    fn work_off(&self, threads: usize) {
        loop {
            if self.work.progress.cancelled() {
                return self.stop(RunError::Cancelled);
            }
            if self.stopped.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                return;
            }
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(place) = next else { return };
            let share = (threads / self.left.load(Ordering::SeqCst).max(1)).max(1);
            match self.take_up(place, share) {
                Ok(Fate::Elsewhere) => {
                    self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(place);
                    // Where all that is left is elsewhere, this is how often it is looked at.
                    thread::sleep(PAUSE / self.left.load(Ordering::SeqCst).clamp(1, 100) as u32);
                }
                Ok(Fate::Complete | Fate::Without) => {
                    self.left.fetch_sub(1, Ordering::SeqCst);
                    self.work.progress.finished();
                }
                Err(error) => return self.stop(error),
            }
        }
    }

    fn stop(&self, error: RunError) {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    fn take_up(&self, place: usize, threads: usize) -> Result<Fate, RunError> {
        let Work { plan, store, .. } = *self.work;
        let planned = &plan.points[place];
        let _claim = match store.claim(&planned.file)? {
            Claimed::Ours(claim) => claim,
            Claimed::Others => return Ok(Fate::Elsewhere),
        };
        // Whoever had the claim before may have finished it.
        if store.failed_behind(&planned.file)?.is_some() {
            self.work.progress.advanced(1.0);
            return Ok(Fate::Complete);
        }
        let found = compute(plan, place, self.work.loader, threads, self.work.progress);
        let (scenario, trial) = match found {
            Ok(found) => found,
            Err(PointError::Trial(TrialError::Cancelled, _)) => return Err(RunError::Cancelled),
            Err(error) => {
                let mut ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
                ran.without += 1;
                if ran.reasons.len() < REASONS_KEPT {
                    ran.reasons.push((place, error));
                }
                return Ok(Fate::Without);
            }
        };
        let table = store.under_way(&planned.file, ending())?;
        partition::write(&table, &plan.sweep, &planned.id, &plan.sweep.points[place], &scenario, &trial)?;
        store.publish(&table, &store.partition(&planned.file))?;
        let mut ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
        ran.computed += 1;
        Ok(Fate::Complete)
    }
}

/// Tells a sweep how far one of its trials has come.
struct Part<'a> {
    progress: &'a dyn SweepProgress,
    /// One course as a part of the point.
    course: f64,
}

impl Progress for Part<'_> {
    fn finished(&self) {
        self.progress.advanced(self.course);
    }
    fn cancelled(&self) -> bool {
        self.progress.cancelled()
    }
}

/// The scenario of a point, checked.
pub fn scenario_of(plan: &Plan, place: usize, loader: &dyn Loader) -> Result<Scenario, PointError> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let origin = format!("point {} of the sweep `{}`", place + 1, plan.sweep.name);
    let settings = plan.sweep.settings(&plan.sweep.points[place], origin);
    let found = scenario::load(&plan.sweep.scenario, &settings, loader, &mut sources, &mut diagnostics);
    if let Some(scenario) = &found {
        diagnostics.extend(population::check_blocks(&scenario.model));
    }
    match found.filter(|_| !has_errors(&diagnostics)) {
        Some(scenario) => Ok(scenario),
        None => Err(PointError::Scenario(diagnostics, sources)),
    }
}

/// Carries out the trial of a point.
pub fn compute(
    plan: &Plan,
    place: usize,
    loader: &dyn Loader,
    threads: usize,
    progress: &dyn SweepProgress,
) -> Result<(Scenario, trial::Trial), PointError> {
    let mut scenario = scenario_of(plan, place, loader)?;
    forget_unread_records(&mut scenario);
    let courses = (scenario.patients * scenario.arms.len()).max(1);
    let part = Part { progress, course: 1.0 / courses as f64 };
    match trial::run(&scenario, threads, &part, &NoLog) {
        Ok(trial) => Ok((scenario, trial)),
        Err(error) => Err(PointError::Trial(error, Box::new(scenario))),
    }
}

/// Records that no endpoint reads are for figures of a run, and a sweep has none: their times, which never change the steps, are
/// left out.
pub fn forget_unread_records(scenario: &mut Scenario) {
    let read: Vec<usize> = scenario
        .endpoints
        .iter()
        .flat_map(|endpoint| endpoint.kind.reads())
        .filter_map(|(_, record)| record)
        .collect();
    for (place, record) in scenario.records.iter_mut().enumerate() {
        if !read.contains(&place) {
            record.times.clear();
        }
    }
}
