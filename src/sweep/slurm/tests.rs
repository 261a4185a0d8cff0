//! Campaigns against a Slurm that does as it is told: failures, requeues, watchers that are killed, jobs that are forgotten.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Begun, Campaign, Event, Job, Patience, Scheduler, SlurmError, State, Status, Task, ranges};
use crate::sweep::index;
use crate::sweep::store::file_name;
use crate::sweep::{AxisColumn, Cell, Plan, Planned, Point, Question, Shard, Store, Sweep, View, merge};
use crate::table::{Column, TableWriter};

/// A job: its name, and its tasks by number (0 for a job without an array).
type FakeJob = (String, BTreeMap<usize, Task>);

/// Does as it is told.
#[derive(Default)]
struct Fake {
    /// By number.
    jobs: RefCell<BTreeMap<String, FakeJob>>,
    /// Options of every submission.
    submitted: RefCell<Vec<Vec<String>>>,
    released: RefCell<Vec<String>>,
    silent: RefCell<bool>,
    /// Takes jobs without saying so.
    loses_answers: RefCell<bool>,
}

fn task(number: usize, state: State) -> Task {
    let numbers = if number == 0 { Vec::new() } else { vec![number] };
    Task { numbers, state, said: format!("{state:?}"), code: 0 }
}

impl Fake {
    fn set(&self, job: &str, number: usize, state: State, code: u8) {
        let mut jobs = self.jobs.borrow_mut();
        let task = Task { code, ..task(number, state) };
        jobs.get_mut(job).expect("a job").1.insert(number, task);
    }
    fn last_options(&self) -> String {
        self.submitted.borrow().last().expect("a submission").join(" ")
    }
}

impl Scheduler for Fake {
    fn submit(&self, _: &Path, options: &[String]) -> Result<String, String> {
        let mut jobs = self.jobs.borrow_mut();
        let id = (jobs.len() + 10).to_string();
        let option = |name: &str| options.iter().find_map(|it| it.strip_prefix(name)).map(str::to_owned);
        let mut tasks = BTreeMap::new();
        for range in option("--array=").unwrap_or_else(|| "0".to_owned()).split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            for number in first.parse().expect("a number")..=last.parse().expect("a number") {
                tasks.insert(number, task(number, State::Waiting));
            }
        }
        jobs.insert(id.clone(), (option("--job-name=").expect("a name"), tasks));
        self.submitted.borrow_mut().push(options.to_vec());
        if *self.loses_answers.borrow() { Err("Socket timed out".to_owned()) } else { Ok(id) }
    }
    fn tasks(&self, job: &str) -> Result<Vec<Task>, String> {
        if *self.silent.borrow() {
            return Err("Unable to contact slurm controller".to_owned());
        }
        Ok(self.jobs.borrow().get(job).map_or_else(Vec::new, |(_, tasks)| tasks.values().cloned().collect()))
    }
    fn named(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.jobs.borrow().iter().find(|(_, (other, _))| other == name).map(|(id, _)| id.clone()))
    }
    fn release(&self, task: &str) -> Result<(), String> {
        self.released.borrow_mut().push(task.to_owned());
        Ok(())
    }
    fn cancel(&self, job: &str) -> Result<(), String> {
        let (job, number) =
            job.split_once('_').map_or((job, 0), |(job, it)| (job, it.parse().expect("a number")));
        self.set(job, number, State::Cancelled, 0);
        Ok(())
    }
}

/// A folder, a plan of nine points in it, and a Slurm.
struct World {
    folder: tempfile::TempDir,
    plan: Plan,
    slurm: Fake,
}

impl World {
    fn new() -> Self {
        let axis =
            AxisColumn { name: "x".to_owned(), unit: String::new(), numeric: true, about: String::new() };
        let point = |place: usize| Point { settings: Vec::new(), cells: vec![Cell::Number(place as f64)] };
        let planned = |place: usize| Planned { id: format!("p{place}"), file: format!("{place:040}") };
        let sweep = Sweep {
            name: "s".to_owned(),
            title: "S".to_owned(),
            about: String::new(),
            scenario: "s".to_owned(),
            fixed: Vec::new(),
            arms: None,
            axes: vec![axis],
            points: (0..9).map(point).collect(),
            left_out: 0,
            patients: 1,
            arm_count: 1,
            question: Question::default(),
            view: View::default(),
            objectives: None,
            search: None,
            source: crate::sweep::source::Source::default(),
        };
        let plan = Plan { sweep, points: (0..9).map(planned).collect(), digest: "d".to_owned() };
        Self { folder: tempfile::tempdir().expect("a folder"), plan, slurm: Fake::default() }
    }

    fn store(&self) -> Store {
        Store::open(self.folder.path(), "s").expect("a folder")
    }

    fn job(&self, shards: usize) -> Job {
        Job {
            program: "regimen".into(),
            project: self.folder.path().into(),
            sweep: "s".to_owned(),
            set: Vec::new(),
            digest: self.plan.digest.clone(),
            folder: self.folder.path().into(),
            shards,
            cores: 1,
            options: Vec::new(),
        }
    }

    fn shard(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("slurm/shards/{number}"))
    }

    /// What the task of a shard does.
    fn compute(&self, number: usize, of: usize, complete: bool) {
        let store = Store::open(&self.shard(number), "s").expect("a folder");
        let shard = Shard { number, of };
        let own = (0..9).filter(|place| shard.has(*place)).take(if complete { 9 } else { 1 });
        for place in own {
            let columns = ["arm", "reference"].map(Column::text).into_iter().chain([Column::count("failed")]);
            let table = store.partition(&self.plan.points[place].file);
            let table = TableWriter::create(&table, columns.collect()).expect("begun");
            table.finish_sealed("0").expect("written");
        }
        if complete {
            index::write(&self.plan, &store).expect("written");
            store.take_away_empty_folders();
        }
        store.describe(&self.plan, shard, complete, 0, 1.0).expect("written");
    }

    fn merge(&self, of: usize) {
        let folders: Vec<PathBuf> = (1..=of).map(|number| self.shard(number)).collect();
        merge(&folders, self.folder.path()).expect("merged");
    }
}

const PATIENCE: Patience = Patience { retries: 2, failed: Duration::ZERO, stale: Duration::ZERO };

fn opened<'a>(world: &'a World, store: &'a Store, patience: Patience) -> Campaign<'a> {
    Campaign::open(store, world.folder.path(), &world.plan, &world.slurm, patience).expect("it opens")
}

fn look(campaign: &mut Campaign<'_>) -> Status {
    campaign.look().expect("it looks")
}

#[test]
fn nothing_goes_wrong() {
    let (world, patience) = (World::new(), PATIENCE);
    let store = world.store();
    let mut campaign = opened(&world, &store, patience);
    assert_eq!(campaign.earlier_cut(), None);
    assert_eq!(campaign.begin(&world.job(3)).expect("begun"), Begun::Anew);
    let status = look(&mut campaign);
    assert_eq!(status.events, [Event::Submitted(vec![1, 2, 3], "10".to_owned())]);
    assert!(world.slurm.submitted.borrow()[0].contains(&"--array=1-3".to_owned()));
    let merge = world.slurm.last_options();
    assert!(
        merge.starts_with("--dependency=afterok:10 --kill-on-invalid-dep=yes --job-name=regimen-s-"),
        "{merge}"
    );
    world.slurm.set("10", 1, State::Running, 0);
    world.compute(1, 3, false);
    let status = look(&mut campaign);
    assert_eq!((status.running, status.waiting, status.points, status.over), (1, 2, 1, false));
    for shard in 1..=3 {
        world.compute(shard, 3, true);
        world.slurm.set("10", shard, State::Completed, 0);
    }
    let status = look(&mut campaign);
    assert_eq!((status.complete, status.points, status.over), (3, 9, false));
    world.merge(3);
    world.slurm.set("11", 0, State::Completed, 0);
    let status = look(&mut campaign);
    assert_eq!((status.over, status.failed_courses, status.points), (true, Some(0), 9));
    assert!(!world.shard(1).exists());
    assert_eq!(world.slurm.submitted.borrow().len(), 2);
}

#[test]
fn what_fails_is_submitted_again_and_then_given_up() {
    let world = World::new();
    let store = world.store();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    world.slurm.set("10", 2, State::Failed, 1);
    world.slurm.set("10", 1, State::Running, 0);
    let status = look(&mut campaign);
    let log = world.folder.path().join("slurm/logs/shard-2.log");
    assert_eq!(status.events[0], Event::Again(2, "Failed".to_owned(), log.clone()));
    assert!(world.slurm.submitted.borrow()[2].contains(&"--array=2".to_owned()));
    // The merge waits for the new job and for what is left of the old one; the one before is ended.
    assert!(world.slurm.last_options().contains("afterok:12:10_1:10_3 "), "{}", world.slurm.last_options());
    assert_eq!(world.slurm.tasks("11").expect("known")[0].state, State::Cancelled);
    // Ended well, with nothing to show for it: counts as a failure too.
    world.slurm.set("12", 2, State::Completed, 0);
    assert!(matches!(look(&mut campaign).events[0], Event::Again(2, ..)));
    world.slurm.set("14", 2, State::Failed, 1);
    for shard in [1, 3] {
        world.compute(shard, 3, true);
        world.slurm.set("10", shard, State::Completed, 0);
    }
    let status = look(&mut campaign);
    assert_eq!(status.events, [Event::GivenUp(2, "Failed".to_owned(), log)]);
    assert_eq!((status.over, status.failed_courses, status.complete), (true, None, 2));
    // A new call begins with new patience, and with what is missing only.
    drop(campaign);
    let mut campaign = opened(&world, &store, PATIENCE);
    assert_eq!(campaign.earlier_cut(), Some(3));
    campaign.begin(&world.job(3)).expect("begun");
    assert_eq!(look(&mut campaign).events, [Event::Submitted(vec![2], "16".to_owned())]);
}

#[test]
fn wrong_input_and_what_somebody_cancelled_are_not_submitted_again() {
    let world = World::new();
    let store = world.store();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    world.slurm.set("10", 1, State::Failed, 2);
    world.slurm.set("10", 2, State::Cancelled, 0);
    world.slurm.set("10", 3, State::Running, 0);
    let status = look(&mut campaign);
    assert!(
        status.events.iter().all(|event| matches!(event, Event::GivenUp(1 | 2, ..))),
        "{:?}",
        status.events
    );
    // The third goes on to its end.
    assert_eq!((status.lost, status.over), (2, false));
    world.compute(3, 3, true);
    world.slurm.set("10", 3, State::Completed, 0);
    let status = look(&mut campaign);
    assert_eq!((status.complete, status.over), (1, true));
    assert_eq!(world.slurm.submitted.borrow().len(), 2);
}

#[test]
fn what_slurm_requeued_and_holds_is_let_go_and_what_somebody_holds_is_not() {
    let world = World::new();
    let store = world.store();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    world.slurm.set("10", 1, State::HeldBySlurm, 0);
    world.slurm.set("10", 2, State::HeldBySomebody, 0);
    let status = look(&mut campaign);
    assert_eq!(status.events, [Event::Released(1, "HeldBySlurm".to_owned())]);
    assert_eq!((status.held, *world.slurm.released.borrow() == ["10_1"]), (1, true));
    // Again and again: it is ended, and given up.
    look(&mut campaign);
    look(&mut campaign);
    assert!(matches!(look(&mut campaign).events[0], Event::GivenUp(1, ..)));
}

#[test]
fn a_watcher_killed_at_any_moment_doubles_nothing() {
    let world = World::new();
    let store = world.store();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    drop(campaign);
    // Killed after Slurm had the jobs and before their numbers were written down.
    let ledger = world.folder.path().join("slurm/jobs.json");
    let text = fs::read_to_string(&ledger).expect("a ledger");
    fs::write(
        &ledger,
        text.replace("\"id\": \"10\"", "\"id\": null").replace("\"id\": \"11\"", "\"id\": null"),
    )
    .expect("written");
    world.compute(1, 3, true);
    world.slurm.set("10", 1, State::Completed, 0);
    let mut campaign = opened(&world, &store, PATIENCE);
    assert_eq!(campaign.begin(&world.job(3)).expect("begun"), Begun::UnderWay);
    let status = look(&mut campaign);
    assert_eq!((status.complete, status.waiting, status.events.len()), (1, 2, 0));
    // A second watcher at the same time.
    let second = Campaign::open(&store, world.folder.path(), &world.plan, &world.slurm, PATIENCE);
    assert!(matches!(second, Err(SlurmError::Watched(_))));
    drop(campaign);
    // Killed between the shards and the merge.
    world.slurm.cancel("11").expect("cancelled");
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    assert!(world.slurm.last_options().contains("afterok:10_2:10_3 "), "{}", world.slurm.last_options());
    assert_eq!(world.slurm.submitted.borrow().len(), 3);
    drop(campaign);
    // All over and forgotten while nobody watched, but for the merge.
    for shard in 1..=3 {
        world.compute(shard, 3, true);
    }
    world.slurm.jobs.borrow_mut().clear();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    assert!(world.slurm.last_options().starts_with("--job-name="), "{}", world.slurm.last_options());
}

#[test]
fn an_answer_that_is_lost_submits_nothing_twice() {
    let world = World::new();
    let store = world.store();
    *world.slurm.loses_answers.borrow_mut() = true;
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    assert_eq!(look(&mut campaign).events, [Event::Submitted(vec![1, 2, 3], "10".to_owned())]);
    look(&mut campaign);
    assert_eq!(world.slurm.submitted.borrow().len(), 2);
}

#[test]
fn a_merge_that_fails_is_tried_again() {
    let world = World::new();
    let store = world.store();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(2)).expect("begun");
    look(&mut campaign);
    for shard in 1..=2 {
        world.compute(shard, 2, true);
        world.slurm.set("10", shard, State::Completed, 0);
    }
    for job in ["11", "12"] {
        world.slurm.set(job, 0, State::Failed, 1);
        assert!(matches!(look(&mut campaign).events[0], Event::MergeAgain(..)));
    }
    world.slurm.set("13", 0, State::Failed, 1);
    let status = look(&mut campaign);
    assert!(matches!(status.events[0], Event::MergeGivenUp(..)));
    assert!(status.over && status.failed_courses.is_none());
}

#[test]
fn a_failure_is_believed_when_it_lasts() {
    let world = World::new();
    let store = world.store();
    let patience = Patience { failed: Duration::from_secs(3600), ..PATIENCE };
    let mut campaign = opened(&world, &store, patience);
    campaign.begin(&world.job(1)).expect("begun");
    look(&mut campaign);
    // As a task looks in the moment before it is requeued.
    world.slurm.set("10", 1, State::Failed, 0);
    let status = look(&mut campaign);
    assert_eq!((status.events.len(), status.waiting, status.over), (0, 1, false));
    world.slurm.set("10", 1, State::Waiting, 0);
    look(&mut campaign);
    // Slurm is away for a while.
    *world.slurm.silent.borrow_mut() = true;
    assert!(matches!(look(&mut campaign).events[0], Event::Silent(_)));
    *world.slurm.silent.borrow_mut() = false;
    assert_eq!(world.slurm.submitted.borrow().len(), 2);
}

#[test]
fn another_cut_keeps_what_was_computed_and_waits_for_what_runs() {
    let mut world = World::new();
    let store = world.store();
    let mut campaign = opened(&world, &store, PATIENCE);
    campaign.begin(&world.job(3)).expect("begun");
    look(&mut campaign);
    world.compute(1, 3, true);
    world.compute(2, 3, false);
    fs::write(world.shard(2).join("points").join(file_name(&world.plan.points[4].file)), "PAR1")
        .expect("written");
    assert!(matches!(campaign.begin(&world.job(2)), Err(SlurmError::Earlier(jobs)) if jobs == ["10", "11"]));
    drop(campaign);
    // A changed model while jobs run.
    world.plan.digest = "other".to_owned();
    let store = world.store();
    let opening = Campaign::open(&store, world.folder.path(), &world.plan, &world.slurm, PATIENCE);
    assert!(matches!(opening, Err(SlurmError::Earlier(_))));
    drop(opening);
    world.slurm.jobs.borrow_mut().clear();
    let mut campaign = opened(&world, &store, PATIENCE);
    assert_eq!(campaign.earlier_cut(), None);
    campaign.begin(&world.job(2)).expect("begun");
    // Three points of the first shard and one of the second; what was cut off is left behind.
    assert_eq!(store.complete().expect("read").len(), 4);
    let status = look(&mut campaign);
    assert_eq!((status.points, status.waiting), (4, 2));
}

#[test]
fn names_that_slurm_would_misread_are_refused() {
    let world = World::new();
    let store = world.store();
    let folder = Path::new("/data/50%");
    let opening = Campaign::open(&store, folder, &world.plan, &world.slurm, PATIENCE);
    assert!(matches!(opening, Err(SlurmError::Name(_))));
}

#[test]
fn numbers_are_written_as_ranges() {
    assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1-3,7,9-10");
    assert_eq!(ranges(&[]), "");
}
