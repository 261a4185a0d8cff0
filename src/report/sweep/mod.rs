//! The page of a sweep: what was asked and run, maps of its results, lines across all of them, and its points in order.
//!
//! One file with its figures, style and letters inside, without scripts and without network, the same bytes from the same results.
//! What else is known of a sweep (a front, a sensitivity analysis) comes as further [`Section`]s.

mod figures;
mod layout;
mod question;
mod table;

use std::io;
use std::path::{Path, PathBuf};

use maud::{Markup, PreEscaped, html};

use super::draw;
use super::manifest::{PROGRAM, sha256};
pub use super::page::Section;
use super::page::{document, limits, numbered};
use crate::sweep::{Plan, Ranking, Reading, Results, Sweep, ViewColumn};
use crate::table::write_whole;
use figures::Drawn;
use layout::Grid;

/// The page.
pub const PAGE: &str = "report.html";
/// Every point with the results looked at.
pub const RESULTS: &str = "results.csv";

/// A sweep with its results.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// What was asked.
    pub plan: &'a Plan,
    /// What was found.
    pub results: &'a Results,
    /// The points in order.
    pub ranking: &'a Ranking,
}

impl<'a> Told<'a> {
    fn columns(&self) -> &'a [ViewColumn] {
        &self.plan.sweep.view.columns
    }

    /// The result of a column, of its arm, at a point.
    fn reading(&self, point: usize, column: usize) -> Option<&'a Reading> {
        let arm = self.columns().get(column)?.arm();
        self.results.points.get(point)?.as_ref()?.readings.get(column)?.get(arm)?.as_ref()
    }
}

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// A figure could not be drawn: its name, and the drawing library's message.
    Figure(String, String),
    /// The file system refused.
    Refused(PathBuf, io::Error),
}

/// Writes the page and the table of all points into the folder of a sweep, each whole or not at all; `more` comes between the figures
/// and the table of points. Returns the page's path.
///
/// # Errors
/// When a figure cannot be drawn or the file system refuses.
pub fn write(told: Told<'_>, more: Vec<Section>, folder: &Path) -> Result<PathBuf, PageError> {
    let page = html(told, more)?;
    let results = table::file(&told).map_err(|error| PageError::Refused(folder.join(RESULTS), error))?;
    place(folder, RESULTS, &results)?;
    place(folder, PAGE, page.as_bytes())
}

/// Writes a file of a sweep's folder, whole or not at all. Returns its path.
pub(super) fn place(folder: &Path, name: &str, content: &[u8]) -> Result<PathBuf, PageError> {
    write_whole(folder, name, content).map_err(|error| PageError::Refused(folder.join(name), error))
}

/// The scenario by its name, not by where its file lies: a page tells the same on every machine.
pub(super) fn scenario_name(sweep: &Sweep) -> String {
    let stem = Path::new(&sweep.scenario).file_stem();
    stem.map_or_else(|| sweep.scenario.clone(), |stem| stem.to_string_lossy().into_owned())
}

/// A hash of all that determines the page: it is the same where the page would be.
fn mark(plan: &Plan) -> String {
    let sweep = &plan.sweep;
    let text = format!(
        "{} {} {:?} {:?}",
        plan.digest,
        env!("CARGO_PKG_VERSION"),
        (&sweep.title, &sweep.about),
        sweep.view
    );
    sha256(text.as_bytes())
}

/// Whether the page in a folder is that of this plan with all its points.
pub fn is_of(plan: &Plan, folder: &Path) -> bool {
    let page = std::fs::read_to_string(folder.join(PAGE)).unwrap_or_default();
    folder.join(RESULTS).is_file() && page.contains(&format!("name=\"sweep\" content=\"{}\"", mark(plan)))
}

/// The page as HTML.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn html(told: Told<'_>, more: Vec<Section>) -> Result<String, PageError> {
    let sweep = &told.plan.sweep;
    let program = format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"));
    let complete = told.results.complete() == sweep.points.len();
    let marks = html! { @if complete { meta name="sweep" content=(mark(told.plan)); } };
    let body = html! {
        (question::opening(&told))
        (numbered(sections(told, more)?))
        footer { "Simulated by " (program) ", seed " (sweep.view.seed) ". Virtual patients; no person was treated." }
    };
    Ok(document(&sweep.title, &program, &marks, &body))
}

fn sections(told: Told<'_>, more: Vec<Section>) -> Result<Vec<Section>, PageError> {
    let (grid, view) = (Grid::new(&told.plan.sweep), &told.plan.sweep.view);
    let section = |id, title, content| Section { id, title, content };
    let something = told.results.complete() > 0;
    let mut numbered = 1..;
    let mut figures = |drawn: Vec<Drawn>| -> Result<Markup, PageError> {
        let rendered = drawn.into_iter().zip(&mut numbered).map(|(drawn, number)| figure(&drawn, number));
        let rendered = rendered.collect::<Result<Vec<Markup>, PageError>>()?;
        Ok(html! { @for figure in rendered { (figure) } })
    };
    let (maps, across) = if something {
        let maps = figures(figures::maps(&told, &grid))?;
        (maps, figures(figures::across(&told, &grid).into_iter().collect())?)
    } else {
        (html! {}, html! {})
    };
    let mut all = vec![
        section("run", "What was run", question::run(&told, &grid)),
        section("limits", "Context of use and limits", limits(view.card.as_slice(), &view.notes)),
        section("maps", "Results over the axes", maps),
    ];
    all.push(section("across", "All points at once", across));
    all.extend(more);
    all.push(section("points", "Points in order", table::points(&told, &grid)));
    all.push(section("definitions", "Reading these numbers", question::reading(&told)));
    Ok(all)
}

fn figure(drawn: &Drawn, number: usize) -> Result<Markup, PageError> {
    let svg = draw::svg(&drawn.scene).map_err(|why| PageError::Figure(drawn.scene.name.clone(), why))?;
    Ok(html! {
        figure {
            div.scroll { (PreEscaped(svg)) }
            figcaption { b { "Figure " (number) ". " } (drawn.caption) }
        }
    })
}
