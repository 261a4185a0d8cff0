//! What `regimen sweep` says: what a sweep is, how long it will take, what was done, why it stopped.

use std::fmt::Write;
use std::path::Path;

use super::front;
use super::message;
use super::outcome::Outcome;
use super::run::{no_parameters, no_population};
use super::sensitivity;
use super::wording::{duration, plural, runs};
use crate::diagnostic::Sources;
use crate::sweep::{Forecast, Plan, PointError, Ran, RunError, Shard, StageError, Store};
use crate::trial::TrialError;

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

/// How many runs, and how long they will take.
pub fn forecast_text(plan: &Plan, shard: Shard, forecast: &Forecast) -> String {
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

/// Says why the sample could not be timed.
pub fn not_sampled(plan: &Plan, place: usize, error: &PointError) -> Outcome {
    if let PointError::Trial(TrialError::Cancelled, _) = error {
        message::note("stopped");
        return Outcome::Interrupted;
    }
    without(plan, place, error)
}

/// Says what was done, with what is to be said beside, and names the folder.
pub fn ended(plan: &Plan, store: &Store, shard: Shard, ran: &Ran, quiet: bool, more: &str) -> Outcome {
    let mut outcome = Outcome::Fine;
    for (place, error) in &ran.reasons {
        outcome = worse(outcome, without(plan, *place, error));
    }
    if ran.without > 0 {
        message::note(format!("{} of {} have no results", ran.without, runs(ran.points)));
    }
    if ran.damaged > 0 {
        message::note(format!("{} found damaged and computed anew", plural(ran.damaged, "table")));
    }
    outcome = worse(outcome, failed(ran.failed_courses));
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

/// Says how many courses failed numerically, if any did.
pub fn failed(courses: usize) -> Outcome {
    if courses == 0 {
        return Outcome::Fine;
    }
    message::note(format!(
        "{} failed numerically; the column `failed` says in which arms",
        plural(courses, "simulated course")
    ));
    Outcome::Failed
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

/// Says why a sweep stopped.
pub fn stopped(folder: &Path, error: &StageError) -> Outcome {
    match error {
        StageError::Scenario(diagnostics, sources) => {
            message::findings(diagnostics, sources);
            Outcome::WrongInput
        }
        StageError::Run(RunError::Cancelled) => {
            message::note("stopped; what is complete is kept, and the same command goes on from there");
            Outcome::Interrupted
        }
        StageError::Run(RunError::Store(error)) => {
            message::note(format!(
                "cannot write to {}: {error}; what is complete is kept, and the same command goes on from there",
                folder.display()
            ));
            Outcome::Failed
        }
    }
}
