//! The section on a front, for the page of a sweep, and the page of a search: figures, tables, and how to read them.

#[cfg(test)]
mod tests;
mod text;

pub use text::{search_text, text};

use std::path::{Path, PathBuf};

use maud::{Markup, PreEscaped, html};

use super::draw::{self, FrontView};
use super::number::{capital, significant, with_unit};
use super::sensitivity::shell;
use super::sweep::{PAGE, PageError, Section, place};
use crate::front::{Found, Front, Placed};
use crate::sweep::{Cell, Sweep};

/// Most points told in a table of the page; the rest are in the tables beside it.
const MOST_ROWS: usize = 40;

/// Writes the page of a search. Returns its path.
///
/// # Errors
/// When a figure cannot be drawn or the file system refuses.
pub fn write_search(sweep: &Sweep, found: &Found, folder: &Path) -> Result<PathBuf, PageError> {
    let points = found.search.points.len() + found.finals.chosen.len();
    let page = shell(sweep, points, "Search over several results", &search_sections(found)?);
    place(folder, PAGE, page.as_bytes())
}

/// A front: a figure for each pair of objectives, and its points.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn section(front: &Front) -> Result<Section, PageError> {
    let figures = figures(front, &[])?;
    let content = html! {
        p { (text::reading(front)) }
        @for svg in figures { figure { div.scroll { (PreEscaped(svg)) } } }
        (table(front, &[]))
        p.under { "All points: " a href="front.csv" { "front.csv" } "." }
    };
    Ok(Section { id: "front", title: "Front", content })
}

/// In place of a front where points have no results: what they reach might dominate any of the others.
pub fn incomplete(missing: usize, of: usize) -> Section {
    let content = html! {
        p { (missing) " of " (of) " points have no results. A front needs them all: one that is missing may be better than those that are there." }
    };
    Section { id: "front", title: "Front", content }
}

/// A search: all its points, then the best estimated again.
///
/// # Errors
/// When a figure cannot be drawn.
fn search_sections(found: &Found) -> Result<Markup, PageError> {
    let search = &found.search;
    let finals = &found.finals;
    let earlier: Vec<&Placed> = finals.chosen.iter().filter_map(|place| search.points.get(*place)).collect();
    let all = figures(search, &[])?;
    let again = figures(&finals.again, &earlier)?;
    Ok(html! {
        section id="search" {
            h2 { "Search" }
            p { (text::search_reading(found)) }
            @for svg in all { figure { div.scroll { (PreEscaped(svg)) } } }
        }
        section id="front" {
            h2 { "The best, estimated again" }
            p { (text::again_reading(found)) }
            @for sentence in text::optimism(found) { p { (sentence) } }
            @if !finals.chosen.is_empty() {
                @for svg in again { figure { div.scroll { (PreEscaped(svg)) } } }
                (table(&finals.again, &earlier))
            }
            p.under {
                "As tables: " a href="front.csv" { "front.csv" } ", " a href="search.csv" { "search.csv" } ". Every trial: "
                a href="runs.csv" { "runs.csv" } "."
            }
        }
    })
}

/// One for each pair of objectives.
fn figures(front: &Front, earlier: &[&Placed]) -> Result<Vec<String>, PageError> {
    let count = front.asked.objectives.len();
    let pairs = (0..count).flat_map(|up| (up + 1..count).map(move |across| (across, up)));
    pairs
        .map(|objectives| {
            let scene = draw::front(FrontView { front, objectives, earlier });
            draw::svg(&scene).map_err(|why| PageError::Figure(scene.name.clone(), why))
        })
        .collect()
}

/// Points of the front, then those that would be in at least one in twenty resamples.
fn table(front: &Front, earlier: &[&Placed]) -> Markup {
    let rows = text::told(front, !earlier.is_empty());
    let hidden = rows.len().saturating_sub(MOST_ROWS);
    let limits = |point: &Placed, place: usize| match &point.reached[place] {
        Some(told) => {
            let [lower, upper] = text::limits(&front.asked.objectives[place].target, told);
            html! { (significant(told.interval.estimate, 3)) small { (lower) " to " (upper) } }
        }
        None => html! { "–" },
    };
    html! {
        div.table {
            div.scroll {
                table {
                    caption { "Points of the front, and those that might be (95 % interval of each estimate)." }
                    thead { tr {
                        th scope="col" { "Point" }
                        @for axis in text::shown_axes(front) { th scope="col" { (front.axes[axis].name) } }
                        @for objective in &front.asked.objectives {
                            th.n scope="col" { (text::with_its_unit(&capital(&objective.target.label), &objective.target.unit)) small { (objective.goal()) } }
                            @if !earlier.is_empty() { th.n scope="col" { "in the search" } }
                        }
                        th.n scope="col" { "On the front" }
                        @if !front.asked.conditions.is_empty() { th.n scope="col" { "Accepted" } }
                        th scope="col" { "" }
                    } }
                    tbody {
                        @for at in rows.iter().take(MOST_ROWS) {
                            @let point = &front.points[*at];
                            tr {
                                th scope="row" { (point.number) }
                                @for axis in text::shown_axes(front) { td { (cell(front, point, axis)) } }
                                @for place in 0..point.reached.len() {
                                    td.n { (limits(point, place)) }
                                    @if let Some(earlier) = earlier.get(*at) {
                                        td.n { @if let Some(told) = &earlier.reached[place] { (significant(told.interval.estimate, 3)) } @else { "–" } }
                                    }
                                }
                                td.n { (text::share(point.standing.on_front)) }
                                @if !front.asked.conditions.is_empty() { td.n { (text::share(point.standing.accepted)) } }
                                td { (point.status.name()) @if !point.status.why().is_empty() { small { (point.status.why()) } } }
                            }
                        }
                    }
                }
            }
            p.under {
                @if hidden > 0 { (hidden) " more are in the table beside. " }
                "On the front, accepted: share of " (front.asked.replicates) " resamples of the patients."
            }
        }
    }
}

/// What a point sets on an axis, with its unit.
fn cell(front: &Front, point: &Placed, axis: usize) -> String {
    match &point.cells[axis] {
        Cell::Number(number) => with_unit(*number, &front.axes[axis].unit),
        Cell::Text(text) => text.clone(),
    }
}
