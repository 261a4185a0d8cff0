//! The page of a sweep: what was asked and run, maps of its results, lines across all of them, and its points in order.
//!
//! One file with its figures, style and letters inside, without scripts and without network, the same bytes from the same results.
//! What else is known of a sweep (a front, a sensitivity analysis) comes as further [`Section`]s.

mod figures;
mod layout;
mod question;
mod table;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::draw;
use super::manifest::{PROGRAM, sha256};
use super::page::{POLICY, style};
use crate::sweep::{Plan, Ranking, Reading, Results, ViewColumn};
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

/// A section of the page, with its heading; one without content is left out.
pub struct Section {
    /// Anchor, unique on the page.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What stands in it.
    pub content: Markup,
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
    let place = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        persist(folder, &path, content).map_err(|error| PageError::Refused(path.clone(), error))?;
        Ok(path)
    };
    let results = table::file(&told).map_err(|error| PageError::Refused(folder.join(RESULTS), error))?;
    place(RESULTS, &results)?;
    place(PAGE, page.as_bytes())
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

/// Writes a file aside and gives it its name.
pub(super) fn persist(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".sweep").tempfile_in(folder)?;
    file.write_all(content)?;
    // Temporary files are their owner's alone; this one is to be read like its neighbours.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

/// The page as HTML.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn html(told: Told<'_>, more: Vec<Section>) -> Result<String, PageError> {
    let sweep = &told.plan.sweep;
    let sections = sections(told, more)?;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content=(format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")));
                @if told.results.complete() == sweep.points.len() { meta name="sweep" content=(mark(told.plan)); }
                title { (sweep.title) }
                style { (PreEscaped(style())) }
            }
            body {
                main {
                    (question::opening(&told))
                    nav aria-label="Contents" {
                        @for (index, section) in sections.iter().enumerate() {
                            a href={ "#" (section.id) } { span.number { (index + 1) } (section.title) }
                        }
                    }
                    @for (index, section) in sections.iter().enumerate() {
                        section id=(section.id) {
                            h2 { span.number { (index + 1) } (section.title) }
                            (section.content)
                        }
                    }
                    footer {
                        "Simulated by " (PROGRAM) " " (env!("CARGO_PKG_VERSION")) ", seed " (sweep.view.seed)
                        ". Virtual patients; no person was treated."
                    }
                }
            }
        }
    }
    .into_string())
}

fn sections(told: Told<'_>, more: Vec<Section>) -> Result<Vec<Section>, PageError> {
    let grid = Grid::new(&told.plan.sweep);
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
        section("maps", "Results over the axes", maps),
    ];
    all.push(section("across", "All points at once", across));
    all.extend(more);
    all.push(section("points", "Points in order", table::points(&told, &grid)));
    all.push(section("definitions", "Reading these numbers", question::reading(&told)));
    all.retain(|section| !section.content.0.trim().is_empty());
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
