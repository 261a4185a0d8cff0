//! `regimen calibrate`: calibration file in, a folder with the posterior and its report out, resumed where it was left.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::loader::Files;
use super::message;
use super::options::CalibrateOptions;
use super::outcome::Outcome;
use super::progress::{interrupted, listen_for_interrupt};
use super::run::no_result;
use super::settings::Invocation;
use super::wording::{duration, plural};
use crate::calibration::{
    self, Asked, Calibration, CalibrationError, CalibrationProgress, Definition, Forward, Simulated, Step,
    Store,
};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::model::{Kind, Loader};
use crate::report::{Fit, RunInfo, STATE};
use crate::sweep::Snapshot;
use crate::trial::Progress;
use crate::validation::PredictionError;

/// Where calibrations are written when `--out` does not say.
const OUTPUT: &str = "output";

/// Reads, evaluates what is missing, writes.
pub fn calibrate(name: &str, options: &CalibrateOptions, invocation: &Invocation) -> Outcome {
    let (shown, text) = match Files.load(Kind::Calibration, name, None) {
        Ok(found) => found,
        Err(why) => {
            message::findings(&[Diagnostic::plain(why)], &Sources::default());
            return Outcome::WrongInput;
        }
    };
    let loader = Snapshot::new(&Files, &shown);
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let asked = Asked {
        loader: &loader,
        set: &options.set,
        patients: options.patients.map(|patients| patients as usize),
        members: options.members.map(|members| members as usize),
    };
    let read = calibration::read(&shown, &text, &asked, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    let Some(definition) = read.filter(|_| !has_errors(&diagnostics)) else { return Outcome::WrongInput };
    listen_for_interrupt();
    let bar = CalibrationBar::new(options.work.quiet || options.dry_run);
    let threads = options.work.threads();
    let simulated = match Simulated::new(&definition, &sources, &loader, threads, &bar) {
        Ok(simulated) => simulated,
        Err(error) => return refused(&error),
    };
    bar.of(simulated.courses());
    if options.dry_run {
        return dry_run(&definition, &simulated);
    }
    let folder =
        options.out.clone().unwrap_or_else(|| Path::new(OUTPUT).join(&definition.name).join("calibration"));
    let store = match Store::open(&folder.join(STATE), &simulated.digest()) {
        Ok(store) => store,
        Err(error) => return unusable(&folder, &error),
    };
    let threads = simulated.threads();
    let found = calibration::calibrate(&definition.problem, &simulated, &store, threads, &bar);
    bar.clear();
    let found = match found {
        Ok(found) => found,
        Err(error) => return without(&definition, &simulated, &error, &folder),
    };
    let run = invocation.about(&shown, options.set.clone());
    let fit = Fit { definition: &definition, found: &found };
    match fit.write(&folder, (bar.computed(), &simulated.digest()), &sources, &run) {
        Ok(page) => finish(&definition, &found, &bar, &run, &page, options.work.quiet),
        Err(error) => unusable(&folder, &error),
    }
}

/// Checks a calibration file with the outcomes and models that it names.
pub fn check(name: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
    match Files.load(Kind::Calibration, name, None) {
        Ok((shown, text)) => {
            let loader = Snapshot::new(&Files, &shown);
            let asked = Asked { loader: &loader, set: &[], patients: None, members: None };
            calibration::read(&shown, &text, &asked, sources, diagnostics);
        }
        Err(why) => diagnostics.push(Diagnostic::plain(why)),
    }
}

fn unusable(folder: &Path, error: &std::io::Error) -> Outcome {
    let finding = Diagnostic::plain(format!("cannot write the folder `{}`: {error}", folder.display()));
    message::findings(&[finding.help("name another folder with --out DIR")], &Sources::default());
    Outcome::Failed
}

/// What a calibration is, in two lines.
fn head(definition: &Definition) -> String {
    let problem = &definition.problem;
    format!(
        "{}\n{} to {} of {}; {}, {} per arm, at most {}\n",
        definition.title,
        plural(definition.parameters.len(), "parameter"),
        plural(definition.places.len(), "endpoint"),
        plural(definition.scenarios().len(), "scenario"),
        plural(problem.members, "member"),
        plural(definition.patients, "patient"),
        plural(problem.evaluations(), "evaluation"),
    )
}

/// Times one evaluation, at the prior's centre: the first has caches to fill.
fn dry_run(definition: &Definition, simulated: &Simulated) -> Outcome {
    let centre: Vec<f64> = definition.problem.unknowns.iter().map(|unknown| unknown.prior).collect();
    let mut seconds = f64::INFINITY;
    for _ in 0..2 {
        let started = Instant::now();
        if let Err(failure) = simulated.predict(&centre, 0) {
            return match simulated.failure() {
                Some(error) => refused(&error),
                None => {
                    message::note(format!("{failure:?}"));
                    Outcome::Failed
                }
            };
        }
        seconds = seconds.min(started.elapsed().as_secs_f64());
    }
    let mut text = head(definition);
    let _ = writeln!(
        text,
        "one evaluation takes {seconds:.2} s on {}, all at most about {}",
        plural(simulated.threads(), "thread"),
        duration(seconds * definition.problem.evaluations() as f64)
    );
    message::result(text, Outcome::Fine)
}

/// Why a calibration has no result; evaluations so far are kept.
fn without(
    definition: &Definition,
    simulated: &Simulated,
    error: &CalibrationError,
    folder: &Path,
) -> Outcome {
    match error {
        CalibrationError::Cancelled => {
            message::note("stopped; evaluations are kept, and the same command goes on from there");
            Outcome::Interrupted
        }
        CalibrationError::Evaluation { values, reason } => {
            if let Some(error) = simulated.failure() {
                refused(&error);
            }
            let at: Vec<String> = definition
                .parameters
                .iter()
                .zip(values)
                .map(|(parameter, value)| format!("{}={value}", parameter.key))
                .collect();
            let finding = Diagnostic::plain(format!("an evaluation has no result: {reason}"));
            let finding = finding.note(format!("at {}", at.join(" "))).help(
                "a calibration does not go on without it: narrow the prior (`sd`) or the `bounds` of the parameter that brings it about",
            );
            message::findings(&[finding], &Sources::default());
            Outcome::Failed
        }
        CalibrationError::Predictions(why) => {
            message::note(why);
            Outcome::Failed
        }
        CalibrationError::Collapsed => {
            let finding = Diagnostic::plain("the members of the ensemble no longer span the parameters");
            message::findings(&[finding.help("widen `bounds`, or take more `members`")], &Sources::default());
            Outcome::Failed
        }
        CalibrationError::Store(error) => unusable(folder, error),
    }
}

fn refused(error: &PredictionError) -> Outcome {
    match error {
        PredictionError::Scenario(diagnostics, sources) => {
            message::findings(diagnostics, sources);
            Outcome::WrongInput
        }
        PredictionError::Trial(error, scenario) => {
            message::note(format!("in the scenario `{}`:", scenario.name));
            no_result(error, scenario)
        }
        PredictionError::Threads(why) => {
            message::note(format!("cannot start the worker threads: {why}; try fewer with --threads"));
            Outcome::Failed
        }
        PredictionError::Cancelled => {
            message::note("stopped");
            Outcome::Interrupted
        }
    }
}

/// Says what was found, and names the page.
fn finish(
    definition: &Definition,
    found: &Calibration,
    bar: &CalibrationBar,
    run: &RunInfo,
    page: &Path,
    quiet: bool,
) -> Outcome {
    let mut text = String::new();
    if !quiet {
        text = head(definition);
        let losses: Vec<String> = found.steps.iter().map(|step| format!("{:.1}", step.loss)).collect();
        let _ = writeln!(text, "loss {}", losses.join(" → "));
        let (centre, ratios) = (found.values(&found.after().centre), found.spread_ratios());
        let width = definition.parameters.iter().map(|parameter| parameter.name.len()).max().unwrap_or(0);
        for ((parameter, value), ratio) in definition.parameters.iter().zip(centre).zip(ratios) {
            let unit = if parameter.unit == "1" { "" } else { &parameter.unit };
            let (name, before) = (&parameter.name, parameter.value);
            let _ = writeln!(
                text,
                "  {name:width$}  {before:.4} → {value:.4} {unit}  (spread {ratio:.2} of the prior's)"
            );
        }
        let _ = writeln!(
            text,
            "{} computed in {}",
            plural(bar.computed(), "evaluation"),
            duration(run.wall_seconds)
        );
    }
    let _ = writeln!(text, "{}", page.display());
    message::result(text, Outcome::Fine)
}

/// One bar over all evaluations on standard error; silent where that is no terminal.
struct CalibrationBar {
    bar: ProgressBar,
    quiet: bool,
    state: Mutex<State>,
}

/// How far this process is.
struct State {
    started: Instant,
    /// Evaluations to come at most, and those that are known.
    of: usize,
    known: usize,
    /// Computed by this process, whole and by the courses of those under way.
    computed: usize,
    courses: usize,
    /// Courses of one evaluation.
    each: usize,
}

impl CalibrationBar {
    fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let state = State { started: Instant::now(), of: 0, known: 0, computed: 0, courses: 0, each: 1 };
        Self { bar, quiet, state: Mutex::new(state) }
    }

    fn of(&self, courses: usize) {
        self.state().each = courses.max(1);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn computed(&self) -> usize {
        self.state().computed
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// The time to go is that of the evaluations computed so far; those found in the store took none.
    fn tell(&self, state: &State) {
        let done = state.courses as f64 / state.each as f64;
        let elapsed = state.started.elapsed().as_secs_f64();
        let left = elapsed * (state.of.saturating_sub(state.known) as f64) / done.max(1e-9);
        let left = if done < 1.0 { "…".to_owned() } else { format!("about {}", duration(left)) };
        self.bar.set_length(state.of as u64);
        self.bar.set_position(state.known as u64);
        self.bar.set_message(format!(
            "{}/{} evaluations  {}, {left} left",
            state.known,
            state.of,
            duration(elapsed)
        ));
    }
}

impl CalibrationProgress for CalibrationBar {
    fn begins(&self, evaluations: usize) {
        let mut state = self.state();
        (state.started, state.of, state.courses) = (Instant::now(), evaluations, 0);
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    /// One line per step, so that a log of many minutes tells whether it converges.
    fn stepped(&self, number: usize, step: &Step) {
        if !self.quiet {
            let mean = step.losses.iter().sum::<f64>() / step.losses.len().max(1) as f64;
            self.bar.suspend(|| {
                message::note(format!(
                    "step {number}: loss {:.1} at the centre, {mean:.1} on average",
                    step.loss
                ));
            });
        }
    }

    fn evaluated(&self, computed: bool) {
        let mut state = self.state();
        state.known += 1;
        state.computed += usize::from(computed);
        // Halved steps come on top of what was to come.
        state.of = state.of.max(state.known);
        self.tell(&state);
    }

    fn cancelled(&self) -> bool {
        interrupted()
    }
}

impl Progress for CalibrationBar {
    fn finished(&self) {
        let mut state = self.state();
        state.courses += 1;
        if state.courses.is_multiple_of(state.each.div_ceil(20)) {
            self.tell(&state);
        }
    }

    fn cancelled(&self) -> bool {
        interrupted()
    }
}
