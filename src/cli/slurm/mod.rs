//! `regimen sweep --slurm`: submits, watches, tells what fails, until the merged folder is there.

mod commands;

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::message;
use super::options::SweepOptions;
use super::outcome::Outcome;
use super::progress::interrupted;
use super::sweep_bar::SweepBar;
use super::sweep_told;
use super::wording::{duration, plural, runs};
use crate::diagnostic::{Diagnostic, Sources};
use crate::sweep::slurm::{
    Begun, Campaign, Event, Job, OptionError, Patience, Size, SlurmError, SlurmOption, Status, ranges,
    shards, take_shards_away,
};
use crate::sweep::{Forecast, Plan, Snapshot, Store};

use commands::Commands;

/// A task that is requeued fails for a moment.
const FAILED: Duration = Duration::from_secs(5);
/// Network file systems keep what a folder held for up to a minute (nfs(5), `acdirmax`).
const STALE: Duration = Duration::from_secs(60);
/// Between two looks, s: at first often, then every thirtieth of the time so far. Each is a question to the cluster's one
/// controller.
const PAUSE: (f64, f64) = (1.0, 30.0);
/// Lines of a log that are shown.
const LINES: usize = 3;

/// Checks the options of Slurm and whether it is there, before anything is read; `None` with a message.
pub fn options(options: &SweepOptions) -> Option<Vec<SlurmOption>> {
    let mut findings = Vec::new();
    let mut found = Vec::new();
    for typed in &options.slurm_option {
        match SlurmOption::parse(typed) {
            Ok(option) => found.push(option),
            Err(OptionError::NoOption) => findings.push(
                Diagnostic::plain(format!("`--slurm-option {typed}` is no option of sbatch"))
                    .help("write its long name and the value: --slurm-option partition=main, --slurm-option time=2:00:00"),
            ),
            Err(OptionError::Ours(key)) => findings.push(
                Diagnostic::plain(format!("`--slurm-option {typed}`: regimen sets `{key}` itself"))
                    .help("leave it out; partition, account, time, mem, cpus-per-task and the like are yours to choose"),
            ),
        }
    }
    if findings.is_empty()
        && !options.dry_run
        && let Some(command) = Commands::missing()
    {
        findings.push(
            Diagnostic::plain(format!("`--slurm` needs Slurm, and there is no command `{command}` here"))
                .help("call it where jobs are submitted (a login node; maybe after `module load slurm`), or compute the parts yourself: \
                       `regimen sweep … --shard I/N --out DIR` on each machine, then `regimen merge`"),
        );
    }
    message::findings(&findings, &Sources::default());
    findings.is_empty().then_some(found)
}

/// What a sweep is cut into, in a line for `--dry-run`.
pub fn cut_text(
    plan: &Plan,
    missing: &[usize],
    forecast: &Forecast,
    typed: &SweepOptions,
    found: &[SlurmOption],
) -> String {
    let size = size(forecast, typed, found);
    let of = typed.shards.map_or_else(|| shards(&size, missing).0, |of| (of as usize).min(plan.points.len()));
    let seconds = size.core_seconds / of as f64 / size.cores as f64;
    format!(
        "under Slurm: {} of about {} on {}\n",
        plural(of, "shard"),
        duration(seconds),
        plural(size.cores, "core")
    )
}

fn size(forecast: &Forecast, typed: &SweepOptions, found: &[SlurmOption]) -> Size {
    Size {
        core_seconds: forecast.seconds * forecast.threads as f64,
        cores: cores(typed, found),
        minutes: typed.shard_minutes,
        most: if typed.dry_run && Commands::missing().is_some() {
            usize::MAX
        } else {
            Commands::most_tasks()
        },
    }
}

/// Cores of a task: as Slurm is asked, else the threads asked for, else one.
fn cores(typed: &SweepOptions, found: &[SlurmOption]) -> usize {
    let asked = found.iter().rev().find_map(SlurmOption::cores);
    asked.or(typed.work.threads.map(usize::from)).unwrap_or(1).max(1)
}

/// What is computed, and where.
pub struct Work<'a> {
    /// The sweep, as it is found again.
    pub shown: &'a str,
    /// All points.
    pub plan: &'a Plan,
    /// The folder of the whole.
    pub store: &'a Store,
    /// As typed.
    pub typed: &'a SweepOptions,
    /// Passed on to Slurm.
    pub found: &'a [SlurmOption],
    /// For the sample.
    pub loader: &'a Snapshot<'a>,
}

/// Carries the sweep out; `None` where all points are complete, so that there is nothing for Slurm to do.
pub fn carry_out(work: &Work<'_>) -> Option<Outcome> {
    let store = work.store;
    let refused = |error| SlurmError::Refused(store.folder().to_owned(), error);
    let found = match store.restore(work.plan).map_err(refused) {
        Ok(()) if missing(work.plan, Some(store)).is_empty() => {
            // What is left of a campaign whose last job ended while nobody watched; it is in the way of nothing.
            let _ = take_shards_away(store.folder());
            return None;
        }
        Ok(()) => attempt(work),
        Err(error) => Err(error),
    };
    Some(found.unwrap_or_else(|error| {
        message::findings(&[finding(&error)], &Sources::default());
        match error {
            SlurmError::Refused(..) | SlurmError::Slurm(_) => Outcome::Failed,
            _ => Outcome::WrongInput,
        }
    }))
}

fn attempt(work: &Work<'_>) -> Result<Outcome, SlurmError> {
    let Work { plan, store, typed, .. } = *work;
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|error| SlurmError::Refused(path.to_owned(), error));
    let folder = absolute(store.folder())?;
    let retries = usize::from(typed.slurm_retries);
    let patience = Patience { retries, failed: FAILED, stale: STALE };
    let mut campaign = Campaign::open(store, &folder, plan, &Commands, patience)?;
    let of = match (typed.shards, campaign.earlier_cut()) {
        (Some(of), _) => (of as usize).min(plan.points.len()),
        (None, Some(of)) => of,
        (None, None) => match sampled(work)? {
            Ok(of) => of,
            Err(outcome) => return Ok(outcome),
        },
    };
    let program = std::env::current_exe().map_err(|error| SlurmError::Refused("regimen".into(), error))?;
    let job = Job {
        program,
        project: absolute(Path::new("."))?,
        sweep: work.shown.to_owned(),
        set: typed.set.clone(),
        digest: plan.digest.clone(),
        folder,
        shards: of,
        cores: cores(typed, work.found),
        options: work.found.to_vec(),
    };
    if campaign.begin(&job)? == Begun::UnderWay {
        message::note(format!("jobs of an earlier call are under way: {}", campaign.jobs().join(", ")));
    }
    watch(work, &mut campaign)
}

/// The number of shards by the timed sample; how the command ends where a sampled point has no results.
fn sampled(work: &Work<'_>) -> Result<Result<usize, Outcome>, SlurmError> {
    let Work { plan, store, typed, loader, .. } = *work;
    let bar = SweepBar::new(true);
    let threads = typed.work.threads();
    match crate::sweep::forecast(plan, Some(store), crate::sweep::Shard::WHOLE, loader, threads, &bar) {
        Ok(forecast) => Ok(Ok(shards(&size(&forecast, typed, work.found), &missing(plan, Some(store))).0)),
        Err((place, error)) => Ok(Err(sweep_told::not_sampled(plan, place, &error))),
    }
}

/// Places of the points that are to be computed.
pub fn missing(plan: &Plan, store: Option<&Store>) -> Vec<usize> {
    let complete = store.and_then(|store| store.complete().ok()).unwrap_or_default();
    (0..plan.points.len()).filter(|place| !complete.contains(&plan.points[*place].file)).collect()
}

fn watch(work: &Work<'_>, campaign: &mut Campaign<'_>) -> Result<Outcome, SlurmError> {
    let line = Line::new(work.typed.work.quiet);
    let started = Instant::now();
    let before = work.plan.points.len() - missing(work.plan, Some(work.store)).len();
    let mut first = None;
    let mut silent = false;
    loop {
        let status = campaign.look()?;
        let deaf = status.events.iter().any(|event| matches!(event, Event::Silent(_)));
        for event in &status.events {
            // That Slurm does not answer is said once.
            if !(silent && matches!(event, Event::Silent(_))) {
                line.tell(|| tell(event, work.typed.work.quiet));
            }
        }
        silent = deaf;
        if status.over {
            line.bar.finish_and_clear();
            return Ok(end(work, &status, before, started.elapsed()));
        }
        let first = *first.get_or_insert((started.elapsed(), status.points));
        line.show(&status, work.plan.points.len(), started.elapsed(), first);
        let pause = (started.elapsed().as_secs_f64() / 30.0).clamp(PAUSE.0, PAUSE.1);
        let until = Instant::now() + Duration::from_secs_f64(pause);
        while Instant::now() < until {
            if interrupted() {
                line.bar.finish_and_clear();
                message::note(format!(
                    "stopped watching; the jobs go on, and the same command watches them again. To end them: scancel {}",
                    campaign.jobs().join(" ")
                ));
                return Ok(Outcome::Interrupted);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn tell(event: &Event, quiet: bool) {
    match event {
        Event::Submitted(shards, job) if !quiet => {
            message::note(format!("job {job}: {} ({})", plural(shards.len(), "shard"), ranges(shards)));
        }
        Event::Submitted(..) => {}
        Event::Again(shard, said, log) => {
            failed(&format!("shard {shard}"), said, "it is submitted again", log)
        }
        Event::MergeAgain(said, log) => failed("the merge", said, "it is submitted again", log),
        Event::GivenUp(shard, said, log) => failed(&format!("shard {shard}"), said, "it is given up", log),
        Event::MergeGivenUp(said, log) => failed("the merge", said, "it is given up", log),
        Event::Released(0, said) => message::note(format!("the merge was held: {said}; it is released")),
        Event::Released(shard, said) => {
            message::note(format!("shard {shard} was held: {said}; it is released"))
        }
        Event::Silent(why) => message::note(format!("Slurm does not answer: {why}; asking again")),
    }
}

fn failed(what: &str, said: &str, fate: &str, log: &Path) {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut shown = format!("{what} ended: {said}; {fate}; log: {}", log.display());
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        let _ = write!(shown, "\n    {line}");
    }
    message::note(shown);
}

/// Says what was done, and names the folder.
fn end(work: &Work<'_>, status: &Status, before: usize, took: Duration) -> Outcome {
    let Work { plan, store, typed, .. } = *work;
    let Some(failed_courses) = status.failed_courses else {
        message::note(format!(
            "{} of {} are complete; the same command submits the rest again",
            status.complete,
            plural(status.shards, "shard")
        ));
        return Outcome::Failed;
    };
    let outcome = sweep_told::failed(failed_courses);
    let mut text = String::new();
    if !typed.work.quiet {
        text = sweep_told::head(plan, crate::sweep::Shard::WHOLE);
        let _ = writeln!(
            text,
            "{} in {} under Slurm, watched for {}, {before} complete before",
            runs(plan.points.len()),
            plural(status.shards, "shard"),
            duration(took.as_secs_f64())
        );
    }
    let _ = writeln!(text, "{}", store.folder().display());
    message::result(text, outcome)
}

fn finding(error: &SlurmError) -> Diagnostic {
    match error {
        SlurmError::Refused(path, why) => {
            Diagnostic::plain(format!("cannot read or write `{}`: {why}", path.display()))
                .help("name a folder that you may write to, and that all nodes see, with --out DIR")
        }
        SlurmError::Slurm(why) => Diagnostic::plain(format!("Slurm refused: {why}")).help(
            "set what it asks for with --slurm-option KEY=VALUE (account, partition, time), or ask for fewer tasks with --shards N; \
             the same command goes on from what is complete",
        ),
        SlurmError::Earlier(jobs) => Diagnostic::plain(format!(
            "jobs for another state of this sweep, or for another number of shards, are not over: {}",
            jobs.join(", ")
        ))
        .help(format!("let them end, or end them with `scancel {}`; what they have computed is kept", jobs.join(" "))),
        SlurmError::Watched(folder) => {
            Diagnostic::plain(format!("another process watches the jobs of `{}`", folder.display()))
                .help("end it first: the jobs go on without it")
        }
        SlurmError::Name(folder) => Diagnostic::plain(format!(
            "Slurm would misread the folder `{}`: it gives `%` and `\\` a meaning of its own in names of logs",
            folder.display()
        ))
        .help("name a folder without these signs with --out DIR"),
    }
}

/// One line on standard error; silent where that is no terminal.
struct Line {
    bar: ProgressBar,
}

impl Line {
    fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("[{bar:20}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar }
    }

    fn tell(&self, message: impl FnOnce()) {
        self.bar.suspend(message);
    }

    fn show(&self, status: &Status, points: usize, elapsed: Duration, first: (Duration, usize)) {
        self.bar.set_length(points as u64);
        self.bar.set_position(status.points as u64);
        self.bar.set_message(status_text(status, points, elapsed, first));
    }
}

/// `5/8 shards, 2 running, 1 waiting (Resources); 61/96 runs; 2 min 5 s, about 1 min left`. The time to go is that of the runs
/// seen to end, at their rate so far; before the first there is none, since nobody knows how long a queue is.
fn status_text(
    status: &Status,
    points: usize,
    elapsed: Duration,
    (then, at_first): (Duration, usize),
) -> String {
    let mut text = format!("{}/{}", status.complete, plural(status.shards, "shard"));
    let mut part = |count: usize, what: &str| {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    };
    part(status.running, "running");
    part(status.waiting, "waiting");
    part(status.held, "held");
    part(status.lost, "given up");
    let reason = status.why.as_deref().and_then(|why| why.split_once('(')?.1.strip_suffix(')'));
    if let Some(reason) = reason.filter(|_| status.waiting > 0) {
        let _ = write!(text, " ({reason})");
    }
    if status.complete == status.shards {
        text.push_str(", merging");
    }
    let _ = write!(text, "; {}/{}; {}", status.points, runs(points), duration(elapsed.as_secs_f64()));
    let seen = status.points.saturating_sub(at_first);
    if seen > 0 && status.points < points {
        let rate = (elapsed - then).as_secs_f64() / seen as f64;
        let _ = write!(text, ", about {} left", duration(rate * (points - status.points) as f64));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_known() {
        let status = Status {
            shards: 8,
            complete: 5,
            running: 2,
            waiting: 1,
            why: Some("PENDING (Resources)".to_owned()),
            points: 61,
            ..Status::default()
        };
        let second = Duration::from_secs;
        let text = status_text(&status, 96, second(125), (second(5), 1));
        assert_eq!(
            text,
            "5/8 shards, 2 running, 1 waiting (Resources); 61/96 runs; 2 min 5 s, about 70 s left"
        );
        // Before the first run has been seen to end there is nothing to say of the rest.
        let text = status_text(&status, 96, second(3), (second(0), 61));
        assert_eq!(text, "5/8 shards, 2 running, 1 waiting (Resources); 61/96 runs; 3.0 s");
        let merging = Status { shards: 1, complete: 1, points: 9, ..Status::default() };
        let text = status_text(&merging, 9, second(3), (second(0), 0));
        assert_eq!(text, "1/1 shard, merging; 9/9 runs; 3.0 s");
    }
}
