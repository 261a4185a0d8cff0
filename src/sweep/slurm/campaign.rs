//! A sweep under Slurm from the first submission to the merged folder, through failures, requeues and the end of the watcher.
//!
//! What has been done is read off the folders, what will be done off Slurm; nothing else is remembered but which jobs were
//! submitted. So a campaign may be left at any moment, and another call goes on with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::ledger::{Ledger, Submitted};
use super::script::{Job, slurm_takes};
use super::status::{Begun, Event, Patience, SlurmError, Status};
use super::task::{Scheduler, State, Task};
use crate::sweep::plan::{Plan, Shard};
use crate::sweep::store::{POINTS, SLURM, Store, names};
use crate::sweep::whole;

const SHARDS: &str = "shards";
const LOGS: &str = "logs";

/// A sweep under Slurm.
pub struct Campaign<'a> {
    store: &'a Store,
    plan: &'a Plan,
    pub(super) scheduler: &'a dyn Scheduler,
    pub(super) patience: Patience,
    /// `slurm/` in the folder of the sweep, in full.
    folder: PathBuf,
    pub(super) ledger: Ledger,
    /// Places of each shard that are complete in the folder of the sweep already, and all of them.
    before: Vec<(usize, usize)>,
    pub(super) complete: BTreeSet<usize>,
    /// When a task was first seen to have ended; 0 is the merge.
    ended: BTreeMap<usize, Instant>,
    tried: BTreeMap<usize, usize>,
    pub(super) lost: BTreeSet<usize>,
    _lock: Option<File>,
}

/// With this exit code a shard ends that would end so again.
const WRONG_INPUT: u8 = 2;
/// The merge, where shards have numbers from 1.
pub(super) const MERGE: usize = 0;

impl<'a> Campaign<'a> {
    /// Looks for an earlier call's jobs. `folder` is the store's, in full.
    ///
    /// # Errors
    /// When another process watches, jobs of an earlier state are not over, or the folder or Slurm refuses.
    pub fn open(
        store: &'a Store,
        folder: &Path,
        plan: &'a Plan,
        scheduler: &'a dyn Scheduler,
        patience: Patience,
    ) -> Result<Self, SlurmError> {
        if !slurm_takes(folder) {
            return Err(SlurmError::Name(folder.to_owned()));
        }
        let folder = folder.join(SLURM);
        fs::create_dir_all(folder.join(LOGS)).map_err(|error| SlurmError::Refused(folder.clone(), error))?;
        let lock = lock(&folder)?;
        let mut ledger = Ledger::read(&folder);
        for job in ledger.jobs.iter_mut().filter(|job| job.id.is_none()) {
            job.id = scheduler.named(&job.name).map_err(SlurmError::Slurm)?;
        }
        ledger.jobs.retain(|job| job.id.is_some());
        let (ended, tried) = (BTreeMap::new(), BTreeMap::new());
        let campaign = Self {
            store,
            plan,
            scheduler,
            patience,
            folder,
            ledger,
            before: Vec::new(),
            complete: BTreeSet::new(),
            ended,
            tried,
            lost: BTreeSet::new(),
            _lock: lock,
        };
        let alive = campaign.alive()?;
        if campaign.ledger.digest != plan.digest && !alive.is_empty() {
            return Err(SlurmError::Earlier(alive.into_keys().collect()));
        }
        Ok(campaign)
    }

    /// Jobs of the ledger that are not over, with the numbers of their tasks that are not.
    fn alive(&self) -> Result<BTreeMap<String, BTreeSet<usize>>, SlurmError> {
        let mut alive = BTreeMap::new();
        for id in self.ledger.jobs.iter().filter_map(|job| job.id.as_ref()) {
            let mut tasks = self.scheduler.tasks(id).map_err(SlurmError::Slurm)?;
            tasks.retain(|task| task.state.is_alive());
            if !tasks.is_empty() {
                alive.insert(id.clone(), tasks.into_iter().flat_map(|task| task.numbers).collect());
            }
        }
        Ok(alive)
    }

    /// Into how many shards an earlier call cut the same plan, where it did.
    pub fn earlier_cut(&self) -> Option<usize> {
        (self.ledger.digest == self.plan.digest && self.ledger.shards > 0).then_some(self.ledger.shards)
    }

    /// Writes the scripts and submits what is neither complete nor under way. Another number of shards than before is for
    /// when no job is under way; what the old shards computed is kept.
    ///
    /// # Errors
    /// When the folder or Slurm refuses, or jobs for another number of shards are under way.
    pub fn begin(&mut self, job: &Job) -> Result<Begun, SlurmError> {
        let alive = self.alive()?;
        if self.earlier_cut() != Some(job.shards) {
            if !alive.is_empty() {
                return Err(SlurmError::Earlier(alive.into_keys().collect()));
            }
            let folder = self.folder.clone();
            self.cut(job.shards).map_err(|error| SlurmError::Refused(folder, error))?;
        }
        // What ended under an earlier call, however it did, is that call's; this one submits what it left.
        for job in &mut self.ledger.jobs {
            let numbers = job.id.as_ref().and_then(|id| alive.get(id));
            job.shards.retain(|shard| numbers.is_some_and(|numbers| numbers.contains(shard)));
        }
        self.ledger.jobs.retain(|job| job.id.as_ref().is_some_and(|id| alive.contains_key(id)));
        let folder = self.folder.clone();
        let refused = |error| SlurmError::Refused(folder.clone(), error);
        fs::create_dir_all(folder.join(SHARDS)).map_err(refused)?;
        fs::write(folder.join("array.sh"), job.array()).map_err(refused)?;
        fs::write(folder.join("merge.sh"), job.merge()).map_err(refused)?;
        let complete = self.store.complete().map_err(refused)?;
        self.before = vec![(0, 0); job.shards];
        for (place, point) in self.plan.points.iter().enumerate() {
            let (there, all) = &mut self.before[Shard::with(place, job.shards).number - 1];
            *all += 1;
            *there += usize::from(complete.contains(&point.file));
        }
        Ok(if alive.is_empty() { Begun::Anew } else { Begun::UnderWay })
    }

    /// Begins with other shards: what the old ones computed goes to the folder of the sweep, from where the new ones take it.
    fn cut(&mut self, shards: usize) -> io::Result<()> {
        let wanted: BTreeSet<&str> = self.plan.points.iter().map(|point| point.file.as_str()).collect();
        for old in fs::read_dir(self.folder.join(SHARDS)).into_iter().flatten().flatten() {
            let points = old.path().join(POINTS);
            for name in
                names(&points).unwrap_or_default().iter().filter(|name| wanted.contains(name.as_str()))
            {
                let target = self.store.partition(name);
                let from = points.join(target.file_name().unwrap_or_default());
                if !target.exists() && whole::failed_courses(&from)?.is_some() {
                    fs::rename(from, target)?;
                }
            }
        }
        take_shards_away(self.store.folder())?;
        self.ledger.cut(&self.plan.digest, shards);
        self.ledger.write(&self.folder)
    }

    /// Looks at the folders and at Slurm, and does what is to be done.
    ///
    /// # Errors
    /// When the folder refuses, or Slurm refuses a job.
    pub fn look(&mut self) -> Result<Status, SlurmError> {
        let mut status = Status { shards: self.ledger.shards, ..Status::default() };
        // Slurm first: a task that ends between the two looks has its folder complete.
        let said = self.ask();
        self.look_at_folders(&mut status);
        if self.look_whether_merged(&mut status)? {
            return Ok(status);
        }
        let said = match said {
            Ok(said) => said,
            Err(why) => {
                status.events.push(Event::Silent(why));
                return Ok(status);
            }
        };
        let mut again = Vec::new();
        let mut alive = BTreeMap::new();
        for shard in
            (1..=self.ledger.shards).filter(|shard| !self.complete.contains(shard)).collect::<Vec<_>>()
        {
            self.judge(shard, &said, &mut status, &mut again, &mut alive);
        }
        status.lost = self.lost.len();
        if !again.is_empty() {
            self.submit(&again, &mut status)?;
        }
        self.look_after_merge(&said, &again, &alive, &mut status)?;
        status.over = !self.lost.is_empty() && alive.is_empty() && again.is_empty();
        Ok(status)
    }

    /// What Slurm says of each job.
    fn ask(&self) -> Result<BTreeMap<String, Vec<Task>>, String> {
        let ids = self.ledger.jobs.iter().filter_map(|job| job.id.clone());
        ids.map(|id| self.scheduler.tasks(&id).map(|tasks| (id, tasks))).collect()
    }

    fn look_at_folders(&mut self, status: &mut Status) {
        for shard in 1..=self.ledger.shards {
            let (there, all) = self.before[shard - 1];
            let folder = self.folder.join(SHARDS).join(shard.to_string());
            let part = Shard { number: shard, of: self.ledger.shards };
            if self.complete.contains(&shard) || Store::is_finished(&folder, &self.plan.digest, part) {
                self.complete.insert(shard);
                self.lost.remove(&shard);
                status.points += all;
            } else {
                status.points +=
                    names(&folder.join(POINTS)).map_or(0, |names| names.len()).max(there).min(all);
            }
        }
        status.complete = self.complete.len();
    }

    /// Whether everything is where it should be; then the shards' own folders go.
    fn look_whether_merged(&mut self, status: &mut Status) -> Result<bool, SlurmError> {
        let folder = self.store.folder();
        if !Store::is_finished(folder, &self.plan.digest, Shard::WHOLE) {
            return Ok(false);
        }
        let refused = |error| SlurmError::Refused(folder.to_owned(), error);
        let complete = self.store.complete().map_err(refused)?;
        if !self.plan.points.iter().all(|point| complete.contains(&point.file)) {
            return Ok(false);
        }
        status.points = self.plan.points.len();
        status.complete = status.shards;
        status.over = true;
        let files = self.plan.points.iter().map(|point| point.file.as_str());
        status.failed_courses = Some(self.store.failed_courses(files).map_err(refused)?);
        take_shards_away(self.store.folder()).map_err(refused)?;
        Ok(true)
    }

    /// What is to be done about a shard that is not complete.
    fn judge(
        &mut self,
        shard: usize,
        said: &BTreeMap<String, Vec<Task>>,
        status: &mut Status,
        again: &mut Vec<usize>,
        alive: &mut BTreeMap<String, Vec<usize>>,
    ) {
        if self.lost.contains(&shard) {
            return;
        }
        let Some(id) = self.ledger.last_of(shard).and_then(|job| job.id.clone()) else {
            // Never submitted: the first look, or a call that was killed before.
            again.push(shard);
            return;
        };
        let known = said.get(&id).and_then(|tasks| tasks.iter().find(|task| task.numbers.contains(&shard)));
        let Task { state, said: words, code, .. } = known.cloned().unwrap_or_else(Task::forgotten);
        if state.is_alive() {
            self.ended.remove(&shard);
            alive.entry(id.clone()).or_default().push(shard);
            match state {
                State::Running => status.running += 1,
                State::HeldBySomebody => status.held += 1,
                State::HeldBySlurm => self.release(shard, &id, words, status),
                _ => {
                    status.waiting += 1;
                    status.why = Some(words);
                }
            }
        } else if state == State::Cancelled || code == WRONG_INPUT {
            self.lost.insert(shard);
            status.events.push(Event::GivenUp(shard, words, self.log(shard)));
        } else if self.is_over(shard, state) {
            if self.may_try_again(shard) {
                status.events.push(Event::Again(shard, words, self.log(shard)));
                again.push(shard);
            } else {
                self.lost.insert(shard);
                status.events.push(Event::GivenUp(shard, words, self.log(shard)));
            }
        } else {
            status.waiting += 1;
            alive.entry(id).or_default();
        }
    }

    /// A task that Slurm requeued and holds; one that this happens to again and again is ended.
    fn release(&mut self, shard: usize, id: &str, words: String, status: &mut Status) {
        status.waiting += 1;
        let task = format!("{id}_{shard}");
        if !self.may_try_again(shard) {
            let _ = self.scheduler.cancel(&task);
        } else if let Err(why) = self.scheduler.release(&task) {
            status.events.push(Event::Silent(why));
        } else {
            status.events.push(Event::Released(shard, words));
        }
    }

    /// Whether an end is to be believed.
    pub(super) fn is_over(&mut self, shard: usize, state: State) -> bool {
        let since = self.ended.entry(shard).or_insert_with(Instant::now).elapsed();
        let over =
            since >= if state == State::Completed { self.patience.stale } else { self.patience.failed };
        if over {
            self.ended.remove(&shard);
        }
        over
    }

    pub(super) fn may_try_again(&mut self, shard: usize) -> bool {
        let tried = self.tried.entry(shard).or_default();
        *tried += 1;
        *tried <= self.patience.retries
    }

    pub(super) fn log(&self, shard: usize) -> PathBuf {
        let name = if shard == MERGE { "merge.log".to_owned() } else { format!("shard-{shard}.log") };
        self.folder.join(LOGS).join(name)
    }

    /// Submits shards as one array.
    fn submit(&mut self, shards: &[usize], status: &mut Status) -> Result<(), SlurmError> {
        let numbers = format!("--array={}", ranges(shards));
        let id = self.submit_one("array.sh", shards.to_vec(), vec![numbers])?;
        status.waiting += shards.len();
        status.events.push(Event::Submitted(shards.to_vec(), id));
        Ok(())
    }

    pub(super) fn submit_one(
        &mut self,
        script: &str,
        shards: Vec<usize>,
        mut options: Vec<String>,
    ) -> Result<String, SlurmError> {
        let folder = self.folder.clone();
        let refused = |error| SlurmError::Refused(folder.clone(), error);
        let place = self.ledger.add(&self.plan.sweep.name, &folder, shards);
        self.ledger.write(&folder).map_err(refused)?;
        options.push(format!("--job-name={}", self.ledger.jobs[place].name));
        let submitted = self.scheduler.submit(&folder.join(script), &options).or_else(|why| {
            // An answer that was lost on a busy network is no refusal.
            self.scheduler.named(&self.ledger.jobs[place].name).ok().flatten().ok_or(why)
        });
        match submitted {
            Ok(id) => {
                self.ledger.jobs[place].id = Some(id.clone());
                self.ledger.write(&folder).map_err(refused)?;
                Ok(id)
            }
            Err(why) => {
                self.ledger.jobs.truncate(place);
                self.ledger.write(&folder).map_err(refused)?;
                Err(SlurmError::Slurm(why))
            }
        }
    }

    /// Numbers of the jobs submitted so far.
    pub fn jobs(&self) -> Vec<&str> {
        self.ledger.jobs.iter().filter_map(|job: &Submitted| job.id.as_deref()).collect()
    }
}

/// Takes away what the shards of a sweep left, once it is in the folder of the whole.
///
/// # Errors
/// When the file system refuses.
pub fn take_shards_away(sweep: &Path) -> io::Result<()> {
    match fs::remove_dir_all(sweep.join(SLURM).join(SHARDS)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// One watcher at a time, where the file system has locks.
fn lock(folder: &Path) -> Result<Option<File>, SlurmError> {
    let path = folder.join("watcher");
    let file = File::create(&path).map_err(|error| SlurmError::Refused(path.clone(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(SlurmError::Watched(folder.to_owned())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// `1-3,7`, of numbers in order.
pub fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => parts.push((*number, *number)),
        }
    }
    let shown = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    parts.iter().map(shown).collect::<Vec<_>>().join(",")
}
