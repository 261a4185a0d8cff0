//! `regimen sweep … --report`, and the page at the end of every sweep.

use std::path::{Path, PathBuf};

use super::front;
use super::message;
use super::outcome::Outcome;
use super::sensitivity;
use crate::diagnostic::{Diagnostic, Sources};
use crate::report::sweep::{self as page, PageError, Told};
use crate::sweep::{Plan, Question, Ranking, Results, Shard, Store};

/// Writes the page of a sweep from what is complete. `None` where the sweep has no page of this kind, or it is there already, made of
/// the same results in the same way, and `anew` is false.
///
/// # Errors
/// With the outcome, when that was said.
pub fn write(plan: &Plan, store: &Store, anew: bool) -> Result<Option<PathBuf>, Outcome> {
    if !matches!(plan.sweep.question, Question::Map) || plan.sweep.search.is_some() {
        return Ok(None);
    }
    // A large sweep that is complete answers at once: its thousands of tables are not read to write the same page.
    let complete = store.complete().unwrap_or_default();
    let complete = plan.points.iter().filter(|point| complete.contains(&point.file)).count();
    // Goals and limits of a front may be edited without any point being computed.
    let anew = anew || plan.sweep.objectives.is_some();
    if !anew && complete >= plan.points.len() && page::is_of(plan, store.folder()) {
        return Ok(None);
    }
    let results = Results::read(plan, store).map_err(|(path, error)| {
        let finding = Diagnostic::plain(format!("cannot read `{}`: {error}", path.display()))
            .help("remove the file and run the sweep again: it computes only what is missing");
        message::findings(&[finding], &Sources::default());
        Outcome::Failed
    })?;
    let ranking = Ranking::new(&plan.sweep, &results);
    let told = Told { plan, results: &results, ranking: &ranking };
    let front = front::section(plan, store, complete)?;
    page::write(told, front.into_iter().collect(), store.folder()).map(Some).map_err(|error| no_page(&error))
}

/// Says why there is no page.
pub fn no_page(error: &PageError) -> Outcome {
    match error {
        PageError::Figure(name, why) => message::note(format!("cannot draw the figure {name}: {why}")),
        PageError::Refused(path, why) => message::note(format!("cannot write {}: {why}", path.display())),
    }
    Outcome::Failed
}

/// Says that there is nothing to write a page from.
pub fn nothing(folder: &Path) -> Outcome {
    refuse(
        Diagnostic::plain(format!("`{}` holds no results of this sweep", folder.display()))
            .note("results under another model, scenario, setting or program are not those of this sweep")
            .help("run the sweep without --report, or name its folder with --out DIR"),
    )
}

fn refuse(finding: Diagnostic) -> Outcome {
    message::findings(&[finding], &Sources::default());
    Outcome::WrongInput
}

/// Writes the page alone; computes nothing.
pub fn only(plan: &Plan, store: &Store, quiet: bool) -> Outcome {
    if let Some(outcome) = damaged(plan, store) {
        return outcome;
    }
    let complete = store.complete().unwrap_or_default();
    let there = plan.points.iter().filter(|point| complete.contains(&point.file)).count();
    let of = plan.points.len();
    let folder = store.folder().display();
    if plan.sweep.search.is_some() {
        return its_own("a search");
    }
    match plan.sweep.question {
        Question::Map if there == 0 => nothing(store.folder()),
        Question::Map => {
            if there < of {
                message::note(format!("{} of {of} points have no results yet; the page says so", of - there));
            }
            match write(plan, store, true) {
                Ok(Some(path)) => message::result(format!("{}\n", path.display()), Outcome::Fine),
                Ok(None) => Outcome::Fine,
                Err(outcome) => outcome,
            }
        }
        Question::Sensitivity(_) if there < of => refuse(
            Diagnostic::plain(format!("{} of {of} points have no results yet", of - there))
                .note("a sensitivity analysis needs them all")
                .help("run the sweep without --report: it computes only what is missing"),
        ),
        Question::Sensitivity(_) => match sensitivity::finish(plan, store, Shard::WHOLE) {
            Ok(said) => {
                let said = said.filter(|_| !quiet).unwrap_or_default();
                message::result(format!("{said}{folder}\n"), Outcome::Fine)
            }
            Err(outcome) => outcome,
        },
        Question::Tipping(_) => its_own("a search for tipping points"),
    }
}

/// Says which tables are damaged, if any are: what they held is not known, and nothing is made of what is left.
fn damaged(plan: &Plan, store: &Store) -> Option<Outcome> {
    let damaged = store.damaged(plan).unwrap_or_default();
    let first = damaged.first()?;
    let finding = Diagnostic::plain(format!("`{}` is damaged: it is not what was written", first.display()));
    let finding = match damaged.len() {
        1 => finding,
        more => finding.note(format!("and so are {} more", more - 1)),
    };
    let finding = finding.help("run the sweep without --report: it computes them anew and what is missing");
    message::findings(&[finding], &Sources::default());
    Some(Outcome::Failed)
}

/// Says that a page comes with the results alone.
fn its_own(what: &str) -> Outcome {
    refuse(
        Diagnostic::plain(format!("{what} writes its page by itself"))
            .help("run it without --report: what is complete is not computed again"),
    )
}
