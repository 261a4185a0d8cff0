//! `regimen sweep`: sweep file in, a folder of partitions out, resumed where it was left.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::front;
use super::loader::Files;
use super::message;
use super::options::SweepOptions;
use super::outcome::Outcome;
use super::progress::{interrupted, listen_for_interrupt};
use super::run::{no_parameters, no_population};
use super::sensitivity;
use super::slurm;
use super::sweep_report;
use super::text;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::sensitivity::{SearchError, Searched};
use crate::sweep::slurm::SlurmOption;
use crate::sweep::{
    self, Forecast, Plan, PointError, Question, Ran, RunError, Shard, Snapshot, Store, StoreError,
    SweepProgress, Work,
};
use crate::trial::TrialError;

/// Where sweeps are written when `--out` does not say.
const OUTPUT: &str = "output";
/// How long a sweep file may be, bytes.
const LIMIT: u64 = 4 << 20;

/// Reads, plans, computes what is missing.
pub fn sweep(name: &str, options: &SweepOptions) -> Outcome {
    let for_slurm = if options.slurm { slurm::options(options) } else { Some(Vec::new()) };
    let Some(for_slurm) = for_slurm else { return Outcome::WrongInput };
    let (shown, text) = match find(name) {
        Ok(found) => found,
        Err(why) => {
            message::findings(&[Diagnostic::plain(why)], &Sources::default());
            return Outcome::WrongInput;
        }
    };
    let loader = Snapshot::new(&Files, &shown);
    let Some(plan) = planned(&shown, &text, options, &loader) else { return Outcome::WrongInput };
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    let folder = options.out.clone().unwrap_or_else(|| place(&plan, shard));
    listen_for_interrupt();
    let tips = matches!(plan.sweep.question, Question::Tipping(_));
    let searches = tips || plan.sweep.search.is_some();
    if searches && (shard != Shard::WHOLE || options.slurm) {
        return sensitivity::no_shards(&plan.sweep);
    }
    if options.dry_run {
        let store = folder.is_dir().then(|| Store::open(&folder, &plan.sweep.name));
        return match store.transpose() {
            Ok(store) => dry_run(&plan, store.as_ref(), shard, &loader, options, &for_slurm),
            Err(error) => unusable(&folder, &error),
        };
    }
    if options.report && !folder.is_dir() {
        return sweep_report::nothing(&folder);
    }
    let store = match Store::open(&folder, &plan.sweep.name) {
        Ok(store) => store,
        Err(error) => return unusable(&folder, &error),
    };
    if options.report {
        return sweep_report::only(&plan, &store, options.quiet);
    }
    if !values_are_fine(&plan, &store, &loader) {
        return Outcome::WrongInput;
    }
    if options.slurm {
        let (plan, store, loader) = (&plan, &store, &loader);
        let work = slurm::Work { shown: &shown, plan, store, typed: options, found: &for_slurm, loader };
        if let Some(outcome) = slurm::carry_out(&work) {
            return outcome;
        }
    }
    compute(&plan, &store, shard, &loader, options)
}

/// The plan of a sweep, if it can be made and is the one that is asked for; else `None`, with findings.
fn planned(shown: &str, text: &str, options: &SweepOptions, loader: &Snapshot<'_>) -> Option<Plan> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let read = sweep::read(shown, text, &options.set, loader, &mut sources, &mut diagnostics);
    let plan = read.and_then(|sweep| Plan::new(sweep, loader, &mut sources, &mut diagnostics));
    message::findings(&diagnostics, &sources);
    let plan = plan.filter(|_| !has_errors(&diagnostics))?;
    if let Some(wanted) = options.plan.as_ref().filter(|wanted| **wanted != plan.digest) {
        message::findings(&[other_plan(&plan, wanted)], &Sources::default());
        return None;
    }
    Some(plan)
}

/// Computes what is missing in this process.
fn compute(
    plan: &Plan,
    store: &Store,
    shard: Shard,
    loader: &Snapshot<'_>,
    options: &SweepOptions,
) -> Outcome {
    let bar = SweepBar::new(options.quiet);
    let threads = options.threads.map_or(0, usize::from);
    if matches!(plan.sweep.question, Question::Tipping(_)) {
        let found = sensitivity::search(&plan.sweep, store, loader, threads, &bar);
        bar.clear();
        return searched(plan, store, found, options.quiet);
    }
    if plan.sweep.search.is_some() {
        let found = crate::front::search(&plan.sweep, store, loader, threads, &bar);
        bar.clear();
        return front::searched(plan, store, found, options.quiet);
    }
    let ran =
        sweep::run(&Work { plan, store, shard, reuse: &options.reuse, loader, threads, progress: &bar });
    bar.clear();
    match ran {
        Ok(ran) => finish(plan, store, shard, &ran, options.quiet),
        Err(error) => stopped(store.folder(), &error),
    }
}

/// Says why a sweep stopped.
pub fn stopped(folder: &Path, error: &RunError) -> Outcome {
    match error {
        RunError::Cancelled => {
            message::note("stopped; what is complete is kept, and the same command goes on from there");
            Outcome::Interrupted
        }
        RunError::Store(error) => {
            message::note(format!(
                "cannot write to {}: {error}; what is complete is kept, and the same command goes on from there",
                folder.display()
            ));
            Outcome::Failed
        }
    }
}

/// Says what a search found.
fn searched(
    plan: &Plan,
    store: &Store,
    found: Result<Option<Searched>, SearchError>,
    quiet: bool,
) -> Outcome {
    match found {
        Ok(Some(found)) if found.ran.without > 0 => {
            finish(&found.plan, store, Shard::WHOLE, &found.ran, quiet)
        }
        Ok(Some(found)) => match sensitivity::searched(&found, store.folder()) {
            Ok(more) => ended(&found.plan, store, Shard::WHOLE, &found.ran, quiet, &more),
            Err(outcome) => outcome,
        },
        Ok(None) => Outcome::Fine,
        Err(SearchError::Scenario(diagnostics, sources)) => {
            message::findings(&diagnostics, &sources);
            Outcome::WrongInput
        }
        Err(SearchError::Run(error)) => stopped(store.folder(), &error),
        Err(SearchError::Answer(error)) => sensitivity::unanswered(&plan.sweep, &error),
    }
}

/// Checks a sweep file and its scenario at few points.
pub fn check(name: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
    match find(name) {
        Ok((shown, text)) => {
            let loader = Snapshot::new(&Files, &shown);
            if let Some(sweep) = sweep::read(&shown, &text, &[], &loader, sources, diagnostics) {
                sweep::check_values(&sweep, &loader, sources, diagnostics);
            }
        }
        Err(why) => diagnostics.push(Diagnostic::plain(why)),
    }
}

/// The shown name and the text of a sweep file.
fn find(name: &str) -> Result<(String, String), String> {
    let toml = format!("{name}.toml");
    let below = |name: &str| Path::new("sweeps").join(name);
    for path in [PathBuf::from(name), PathBuf::from(&toml), below(name), below(&toml)] {
        match text::read(&path, LIMIT) {
            Ok(text) => return Ok((path.display().to_string(), text)),
            Err(text::TextError::Missing | text::TextError::Folder) => {}
            Err(error) => return Err(error.sentence(&path)),
        }
    }
    Err(format!("there is no sweep `{name}`, neither here nor in the folder `sweeps`"))
}

/// The folder of a sweep where none is given: always the same, so that the same command goes on.
fn place(plan: &Plan, shard: Shard) -> PathBuf {
    let part = match shard {
        Shard::WHOLE => "sweep".to_owned(),
        Shard { number, of } => format!("shard-{number}-of-{of}"),
    };
    Path::new(OUTPUT).join(&plan.sweep.name).join(part)
}

/// Looks for mistakes in the values of the axes, unless everything has been computed with them.
fn values_are_fine(plan: &Plan, store: &Store, loader: &Snapshot<'_>) -> bool {
    let complete = store.complete().unwrap_or_default();
    if plan.points.iter().all(|point| complete.contains(&point.file)) {
        return true;
    }
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    sweep::check_values(&plan.sweep, loader, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    !has_errors(&diagnostics)
}

fn unusable(folder: &Path, error: &StoreError) -> Outcome {
    let folder = folder.display();
    let finding = match error {
        StoreError::Foreign(what) => {
            Diagnostic::plain(format!("`{folder}` holds `{}`, which no sweep wrote", what.display()))
        }
        StoreError::OtherSweep(other) => {
            Diagnostic::plain(format!("`{folder}` holds the results of the sweep `{other}`"))
        }
        StoreError::Refused(path, why) => {
            Diagnostic::plain(format!("cannot write the folder `{}`: {why}", path.display()))
        }
    };
    message::findings(&[finding.help("name another folder with --out DIR")], &Sources::default());
    Outcome::WrongInput
}

fn dry_run(
    plan: &Plan,
    store: Option<&Store>,
    shard: Shard,
    loader: &Snapshot<'_>,
    options: &SweepOptions,
    for_slurm: &[SlurmOption],
) -> Outcome {
    let bar = SweepBar::new(true);
    let threads = options.threads.map_or(0, usize::from);
    let found = sweep::forecast(plan, store, shard, loader, threads, &bar);
    bar.clear();
    match found {
        Ok(forecast) => {
            let mut text = forecast_text(plan, shard, &forecast);
            if options.slurm && forecast.timed > 0 {
                let missing = slurm::missing(plan, store);
                text += &slurm::cut_text(plan, &missing, &forecast, options, for_slurm);
            }
            message::result(text, Outcome::Fine)
        }
        Err((place, error)) => not_sampled(plan, place, &error),
    }
}

/// Says why the sample could not be timed.
pub fn not_sampled(plan: &Plan, place: usize, error: &PointError) -> Outcome {
    if let PointError::Trial(TrialError::Cancelled, _) = error {
        message::note("stopped");
        return Outcome::Interrupted;
    }
    without(plan, place, error)
}

fn other_plan(plan: &Plan, wanted: &str) -> Diagnostic {
    Diagnostic::plain(format!("the sweep `{}` has another plan than asked for with --plan", plan.sweep.name))
        .note(format!("asked for: {wanted}"))
        .note(format!("found:     {}", plan.digest))
        .help("a file that the sweep reads, a setting or the program was changed meanwhile: take it back, or submit the sweep again")
}

fn forecast_text(plan: &Plan, shard: Shard, forecast: &Forecast) -> String {
    let mut text = head(plan, shard);
    let _ = writeln!(
        text,
        "{} of {} are complete, {} are missing",
        forecast.points - forecast.missing,
        runs(forecast.points),
        forecast.missing
    );
    if forecast.timed > 0 {
        let _ = writeln!(
            text,
            "about {} on {}, from {} of {} patients per arm",
            duration(forecast.seconds),
            plural(forecast.threads, "thread"),
            runs(forecast.timed),
            forecast.patients
        );
    }
    if let Some(more) = sensitivity::still_to_come(&plan.sweep).or_else(|| front::still_to_come(&plan.sweep))
    {
        let _ = writeln!(text, "{more}");
    }
    text
}

/// What a sweep is, in two lines.
pub fn head(plan: &Plan, shard: Shard) -> String {
    let sweep = &plan.sweep;
    let axes: Vec<&str> = sweep.axes.iter().map(|axis| axis.name.as_str()).collect();
    let axes = sensitivity::asked(sweep)
        .or_else(|| front::asked(sweep))
        .unwrap_or_else(|| format!("over {}", axes.join(", ")));
    let part = match shard {
        Shard::WHOLE => String::new(),
        Shard { number, of } => format!("; shard {number} of {of}"),
    };
    let left_out = match sweep.left_out {
        0 => String::new(),
        some => format!(", {some} left out by `where`"),
    };
    format!(
        "{}\n{} of `{}` {axes}{left_out}{part}; {} and {} in each as the scenario stands\n",
        sweep.title,
        runs(plan.points.len()),
        sweep.scenario,
        plural(sweep.arm_count, "arm"),
        plural(sweep.patients, "patient")
    )
}

/// Says what was done, and names the folder.
fn finish(plan: &Plan, store: &Store, shard: Shard, ran: &Ran, quiet: bool) -> Outcome {
    // Of points without results nothing is made up.
    let more = if ran.without > 0 { Ok(None) } else { sensitivity::finish(plan, store, shard) };
    let more = match more {
        Ok(None) if ran.without == 0 => front::finish(plan, store, shard),
        more => more,
    };
    match more.and_then(|more| Ok((more, page(plan, store, shard, ran)?))) {
        Ok((more, page)) => {
            ended(plan, store, shard, ran, quiet, &(more.unwrap_or_default() + &page.unwrap_or_default()))
        }
        Err(outcome) => outcome,
    }
}

/// Writes the page of a whole sweep, with what there is. The line that names it.
fn page(plan: &Plan, store: &Store, shard: Shard, ran: &Ran) -> Result<Option<String>, Outcome> {
    if shard != Shard::WHOLE || ran.without == ran.points {
        return Ok(None);
    }
    let written = sweep_report::write(plan, store, ran.computed > 0)?;
    Ok(written.map(|path| format!("{}\n", path.display())))
}

/// The same, with what is to be said beside.
pub fn ended(plan: &Plan, store: &Store, shard: Shard, ran: &Ran, quiet: bool, more: &str) -> Outcome {
    let mut outcome = Outcome::Fine;
    for (place, error) in &ran.reasons {
        outcome = worse(outcome, without(plan, *place, error));
    }
    if ran.without > 0 {
        message::note(format!("{} of {} have no results", ran.without, runs(ran.points)));
    }
    if ran.failed_courses > 0 {
        message::note(format!(
            "{} failed numerically; the column `failed` says in which arms",
            plural(ran.failed_courses, "simulated course")
        ));
        outcome = worse(outcome, Outcome::Failed);
    }
    let mut text = String::new();
    if !quiet {
        text = head(plan, shard);
        let elsewhere = (ran.points - ran.before - ran.without).saturating_sub(ran.computed);
        let _ = write!(
            text,
            "{} computed in {} on {}",
            runs(ran.computed),
            duration(ran.seconds),
            plural(ran.threads, "thread")
        );
        let _ = write!(text, ", {} complete before", ran.before);
        let _ = if elsewhere > 0 {
            writeln!(text, ", {elsewhere} computed by other processes")
        } else {
            writeln!(text)
        };
        text.push_str(more);
    }
    let _ = writeln!(text, "{}", store.folder().display());
    message::result(text, outcome)
}

/// Says why a point has no results.
fn without(plan: &Plan, place: usize, error: &PointError) -> Outcome {
    let point = format!("point {} of the sweep `{}`", place + 1, plan.sweep.name);
    match error {
        PointError::Scenario(diagnostics, sources) => {
            message::findings(diagnostics, sources);
            Outcome::WrongInput
        }
        PointError::Trial(error, scenario) => {
            match error {
                TrialError::Population(error) => {
                    message::findings(&[no_population(error, scenario).note(point)], &Sources::default());
                }
                TrialError::Parameters(error) => {
                    message::findings(&[no_parameters(error).note(point)], &Sources::default());
                }
                TrialError::Threads(why) => {
                    message::note(format!("{point}: cannot start the worker threads: {why}"))
                }
                TrialError::Log(why) => message::note(format!("{point}: {why}")),
                TrialError::Cancelled => message::note(format!("{point}: stopped")),
            }
            Outcome::Failed
        }
    }
}

fn worse(one: Outcome, other: Outcome) -> Outcome {
    if one == Outcome::Fine || other == Outcome::WrongInput { other } else { one }
}

/// `3 runs`.
pub fn runs(count: usize) -> String {
    plural(count, "run")
}

/// A count with its noun: `1 run`, `3 runs`.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A duration in the largest two units: `3 min 20 s`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..120 => format!("{whole} s"),
        120..7200 => format!("{} min {} s", whole / 60, whole % 60),
        7200..172_800 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

/// One bar over all missing runs on standard error; silent where that is no terminal.
pub struct SweepBar {
    bar: ProgressBar,
    state: Mutex<State>,
}

/// How far this process is.
struct State {
    started: Instant,
    /// Runs, with parts of those under way.
    done: f64,
    of: usize,
}

/// Steps of the bar per run.
const STEPS: f64 = 1000.0;

impl SweepBar {
    /// Hidden where quiet.
    pub fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, state: Mutex::new(State { started: Instant::now(), done: 0.0, of: 0 }) }
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl SweepProgress for SweepBar {
    fn begins(&self, points: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { started: Instant::now(), done: 0.0, of: points };
        self.bar.set_length((points as f64 * STEPS) as u64);
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    /// The time to go is that of the average run so far, parts included: runs differ, and nothing better is known of those to
    /// come.
    fn advanced(&self, part: f64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += part;
        let elapsed = state.started.elapsed().as_secs_f64();
        let left = elapsed * (state.of as f64 - state.done).max(0.0) / state.done.max(1e-9);
        self.bar.set_position((state.done * STEPS) as u64);
        let left = if elapsed < 2.0 { "…".to_owned() } else { format!("about {}", duration(left)) };
        self.bar.set_message(format!(
            "{:.0}/{}  {}, {left} left",
            state.done.floor(),
            runs(state.of),
            duration(elapsed)
        ));
    }

    fn finished(&self) {}

    fn cancelled(&self) -> bool {
        interrupted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_two_units() {
        let told: Vec<String> = [0.04, 9.4, 59.6, 200.0, 7300.0, 180_000.0].map(duration).into();
        assert_eq!(told, ["0.0 s", "9.4 s", "60 s", "3 min 20 s", "2 h 1 min", "2 d 2 h"]);
    }
}
