//! What `regimen sweep` says and writes beside its points where a sweep compares them by several results: a front, a search.

use std::path::Path;

use super::message;
use super::outcome::Outcome;
use super::sweep_report::no_page;
use super::sweep_told::{ended, stopped};
use crate::diagnostic::{Diagnostic, Sources};
use crate::front::{self, Found, Front, FrontError, SearchError, Searched};
use crate::report::front as page;
use crate::report::sweep::Section;
use crate::sweep::{Plan, Shard, Store, Sweep};

/// What a search looks for, for the line that says so; `None` for a sweep that is no search.
pub fn asked(sweep: &Sweep) -> Option<String> {
    let objectives = sweep.objectives.as_ref().filter(|_| sweep.search.is_some())?;
    let axes: Vec<&str> = sweep.axes.iter().skip(1).map(|axis| axis.name.as_str()).collect();
    let goals: Vec<String> =
        objectives.objectives.iter().map(|it| format!("{} {}", it.goal(), it.target.label)).collect();
    Some(format!("in a search over {} to {}", axes.join(", "), goals.join(", ")))
}

/// How many runs may come after those that are planned: of a search, whose points depend on each other.
pub fn still_to_come(sweep: &Sweep) -> Option<String> {
    let search = sweep.search.as_ref()?;
    let more = if search.exhaustive { 0 } else { search.budget.saturating_sub(sweep.points.len()) };
    Some(format!(
        "then up to {more} more in the search, and up to {} again with {} patients per arm",
        search.finalists, search.again.patients
    ))
}

/// Reads the points of a finished sweep and writes tables. What is to be printed; `None` where nothing is compared.
///
/// # Errors
/// With the outcome, when that was said.
pub fn finish(plan: &Plan, store: &Store, shard: Shard) -> Result<Option<String>, Outcome> {
    if plan.sweep.objectives.is_none() || plan.sweep.search.is_some() {
        return Ok(None);
    }
    if shard != Shard::WHOLE {
        return Ok(Some(
            "the front needs all shards: merge them, then run this sweep again with --out on the merged folder\n"
                .to_owned(),
        ));
    }
    let Some(front) = answer(plan, store)? else { return Ok(None) };
    front::write(&front, store.folder()).map_err(|error| unwritten(store.folder(), &error))?;
    Ok(Some(page::text(&front)))
}

/// The section of the page, given how many points are complete; `None` where nothing is compared.
///
/// # Errors
/// With the outcome, when that was said.
pub fn section(plan: &Plan, store: &Store, complete: usize) -> Result<Option<Section>, Outcome> {
    if plan.sweep.objectives.is_none() {
        return Ok(None);
    }
    let missing = plan.points.len() - complete;
    if missing > 0 {
        return Ok(Some(page::incomplete(missing, plan.points.len())));
    }
    let Some(front) = answer(plan, store)? else { return Ok(None) };
    page::section(&front).map(Some).map_err(|error| no_page(&error))
}

fn answer(plan: &Plan, store: &Store) -> Result<Option<Front>, Outcome> {
    front::answer(plan, store).map_err(|error| incomparable(&plan.sweep, &error))
}

/// Writes what a search found and says it.
pub fn searched(
    plan: &Plan,
    store: &Store,
    searched: Result<Option<Searched>, SearchError>,
    quiet: bool,
) -> Outcome {
    match searched {
        Ok(Some(Searched { plan, ran, found })) => {
            let more = found.map_or(Ok(String::new()), |found| written(&plan.sweep, &found, store.folder()));
            match more {
                Ok(more) => ended(&plan, store, Shard::WHOLE, &ran, quiet, &more),
                Err(outcome) => outcome,
            }
        }
        Ok(None) => Outcome::Fine,
        Err(SearchError::Stage(error)) => stopped(store.folder(), &error),
        Err(SearchError::Front(error)) => incomparable(&plan.sweep, &error),
    }
}

fn written(sweep: &Sweep, found: &Found, folder: &Path) -> Result<String, Outcome> {
    front::write_search(found, folder).map_err(|error| unwritten(folder, &error))?;
    let place = page::write_search(sweep, found, folder).map_err(|error| no_page(&error))?;
    Ok(format!("{}{}\n", page::search_text(found), place.display()))
}

/// Says why points cannot be compared.
fn incomparable(sweep: &Sweep, error: &FrontError) -> Outcome {
    let finding = match error {
        FrontError::Unreadable(path, why) => {
            Diagnostic::plain(format!("cannot read `{}`: {why}", path.display()))
                .help("remove the file and run the sweep again: it computes only what is missing")
        }
        FrontError::Patients(place, [own, first]) => Diagnostic::plain(format!(
            "point {} of the sweep `{}` treats {own} patients per arm, the first one {first}",
            place + 1,
            sweep.name
        ))
        .note("points are compared on the same resampled patients")
        .help("give all of them the same number: `\"population.patients\" = 300` in `[set]`"),
    };
    message::findings(&[finding], &Sources::default());
    Outcome::Failed
}

fn unwritten(folder: &Path, error: &std::io::Error) -> Outcome {
    message::note(format!("cannot write the tables to {}: {error}", folder.display()));
    Outcome::Failed
}
