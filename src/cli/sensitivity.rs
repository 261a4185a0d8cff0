//! What `regimen sweep` says and writes beside its points where a sweep file asks more: sensitivity, tipping points.

use std::path::Path;

use super::message;
use super::outcome::Outcome;
use super::sweep_report::no_page;
use super::sweep_told::{ended, stopped};
use crate::diagnostic::{Diagnostic, Sources};
use crate::report::sensitivity::{self as page, Found};
use crate::sensitivity::{self, Answer, AnswerError, SearchError, Searched};
use crate::sweep::{Input, Plan, Question, Shard, Store, Sweep};

/// What a sweep asks and what it varies, for the line that says so; `None` for one that asks nothing more.
pub fn asked(sweep: &Sweep) -> Option<String> {
    let names =
        |inputs: &[Input]| inputs.iter().map(|input| input.name.clone()).collect::<Vec<_>>().join(", ");
    match &sweep.question {
        Question::Map => None,
        Question::Sensitivity(it) => {
            Some(format!("for sensitivity, {}, to {}", it.method.name(), names(&it.inputs)))
        }
        Question::Tipping(it) => Some(format!("for tipping points along {}", names(&it.inputs))),
    }
}

/// How many runs may come after those that are planned: of a search, whose points depend on each other.
pub fn still_to_come(sweep: &Sweep) -> Option<String> {
    let Question::Tipping(it) = &sweep.question else { return None };
    let curves = it.targets.len() * it.inputs.len();
    let most = it.search().most_for_one_change();
    Some(format!(
        "then up to about {most} more for each change that is found, of {curves} {} to search",
        if curves == 1 { "curve" } else { "curves" }
    ))
}

/// Reads the points of a finished sensitivity analysis, writes tables and page. What is to be printed; `None` where nothing was asked.
///
/// # Errors
/// With the outcome, when that was said.
pub fn finish(plan: &Plan, store: &Store, shard: Shard) -> Result<Option<String>, Outcome> {
    if !matches!(plan.sweep.question, Question::Sensitivity(_)) {
        return Ok(None);
    }
    if shard != Shard::WHOLE {
        return Ok(Some(
            "the analysis needs all shards: merge them, then run this sweep again with --out on the merged folder\n"
                .to_owned(),
        ));
    }
    match sensitivity::answer(plan, store) {
        Ok(Some(answer)) => written(&plan.sweep, plan.points.len(), &answer, store.folder()).map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(unanswered(&plan.sweep, &error)),
    }
}

/// Writes what a search for tipping points found and says it.
pub fn searched(
    plan: &Plan,
    store: &Store,
    found: Result<Option<Searched>, SearchError>,
    quiet: bool,
) -> Outcome {
    match found {
        Ok(Some(Searched { plan, ran, curves })) => {
            // Of points without results nothing is made up.
            let more = if ran.without > 0 {
                Ok(String::new())
            } else {
                written(&plan.sweep, plan.points.len(), &Answer::Curves(curves), store.folder())
            };
            match more {
                Ok(more) => ended(&plan, store, Shard::WHOLE, &ran, quiet, &more),
                Err(outcome) => outcome,
            }
        }
        Ok(None) => Outcome::Fine,
        Err(SearchError::Stage(error)) => stopped(store.folder(), &error),
        Err(SearchError::Answer(error)) => unanswered(&plan.sweep, &error),
    }
}

fn written(sweep: &Sweep, points: usize, answer: &Answer, folder: &Path) -> Result<String, Outcome> {
    if let Err(error) = sensitivity::write(answer, folder) {
        message::note(format!("cannot write the tables to {}: {error}", folder.display()));
        return Err(Outcome::Failed);
    }
    match page::write(Found { sweep, points, answer }, folder) {
        Ok(place) => Ok(format!("{}{}\n", page::text(answer), place.display())),
        Err(error) => Err(no_page(&error)),
    }
}

/// Says why there is no answer. Nothing is made up for what is missing.
fn unanswered(sweep: &Sweep, error: &AnswerError) -> Outcome {
    let point = |place: &usize| format!("point {} of the sweep `{}`", place + 1, sweep.name);
    let finding = match error {
        AnswerError::Unreadable(path, why) => {
            Diagnostic::plain(format!("cannot read `{}`: {why}", path.display()))
                .help("remove the file and run the sweep again: it computes only what is missing")
        }
        AnswerError::Failed(place, result, courses) => Diagnostic::plain(format!(
            "{courses} simulated courses behind `{result}` failed numerically at {}",
            point(place)
        ))
        .note("nothing is computed from what is left of it: patients that fail are no random ones")
        .help("narrow the ranges of the inputs, or set `numerics.rtol` lower in `[set]`"),
        AnswerError::NoValue(place, result) => {
            Diagnostic::plain(format!("`{result}` has no value at {}", point(place)))
                .note("a median that is not reached, a ratio without an event, or no patient with a value")
                .help("look at a proportion, a mean or the survival at a time instead, or narrow the ranges")
        }
        AnswerError::Constant(result) => Diagnostic::plain(format!(
            "`{result}` is the same at every point: there is no variance to share out"
        ))
        .help("look at another result, widen the ranges, or simulate more patients"),
    };
    message::findings(&[finding], &Sources::default());
    Outcome::Failed
}
