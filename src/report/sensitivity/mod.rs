//! The page of a sensitivity analysis or of a search for tipping points: figures, tables, and how to read them.
//!
//! [`section`] gives the part about an answer alone, for a page that tells more of a sweep.

mod tables;
#[cfg(test)]
mod tests;
mod text;

pub(super) use text::columns;
pub use text::text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::draw::{self, Scene};
use super::manifest::PROGRAM;
use super::page::{POLICY, style};
use crate::sensitivity::Answer;
use crate::sweep::Sweep;

/// The page.
const PAGE: &str = "report.html";

/// What was found by a sweep.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// The sweep.
    pub sweep: &'a Sweep,
    /// How many points it took.
    pub points: usize,
    /// What they tell.
    pub answer: &'a Answer,
}

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// A figure could not be drawn: its name, and the drawing library's message.
    Figure(String, String),
    /// The file system refused.
    Refused(PathBuf, io::Error),
}

/// Writes the page into the folder of a sweep, whole or not at all. Returns its path.
///
/// # Errors
/// When a figure cannot be drawn or the file system refuses.
pub fn write(found: Found<'_>, folder: &Path) -> Result<PathBuf, PageError> {
    let page = page(found)?;
    let path = folder.join(PAGE);
    let refused = |error| PageError::Refused(path.clone(), error);
    let mut file = tempfile::Builder::new().prefix(".sweep").tempfile_in(folder).map_err(refused)?;
    file.write_all(page.as_bytes()).map_err(refused)?;
    // Temporary files are their owner's alone; this one is to be read like its neighbours.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode).map_err(refused)?;
    }
    file.persist(&path).map_err(|error| refused(error.error))?;
    Ok(path)
}

/// The page as HTML.
fn page(found: Found<'_>) -> Result<String, PageError> {
    let content = section(found.answer)?;
    Ok(shell(found.sweep, found.points, kicker(found.answer), &content))
}

/// A page of a sweep round its content.
pub(super) fn shell(sweep: &Sweep, points: usize, kicker: &str, content: &Markup) -> String {
    let fact = |name: &str, value: String| html! { div { dt { (name) } dd { (value) } } };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content=(format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")));
                title { (sweep.title) }
                style { (PreEscaped(style())) }
            }
            body {
                main {
                    header {
                        p.kicker { (kicker) " · " (PROGRAM) " " (env!("CARGO_PKG_VERSION")) }
                        h1 { (sweep.title) }
                        @if !sweep.about.is_empty() { p.lead { (sweep.about) } }
                        dl.facts {
                            (fact("Scenario", sweep.scenario.clone()))
                            (fact("Trials", super::number::count(points)))
                            (fact("Virtual patients per arm", super::number::count(sweep.patients)))
                        }
                    }
                    (content)
                    footer { "Simulated by " (PROGRAM) " " (env!("CARGO_PKG_VERSION")) ". Virtual patients; no person was treated." }
                }
            }
        }
    }
    .into_string()
}

fn kicker(answer: &Answer) -> &'static str {
    match answer {
        Answer::Tornados(_) => "Sensitivity, one input at a time",
        Answer::Screenings(_) => "Sensitivity, elementary effects",
        Answer::Indices(_) => "Sensitivity, shares of variance",
        Answer::Curves(_) => "Tipping points",
    }
}

/// Figures, tables and how to read them, as a section of a page.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn section(answer: &Answer) -> Result<Markup, PageError> {
    let (id, title) = match answer {
        Answer::Tornados(_) => ("one-at-a-time", "One input at a time"),
        Answer::Screenings(_) => ("elementary-effects", "Elementary effects"),
        Answer::Indices(_) => ("indices", "Shares of the variance"),
        Answer::Curves(_) => ("tipping", "Tipping points"),
    };
    let parts: Vec<(Scene, Markup)> = match answer {
        Answer::Tornados(all) => all.iter().map(|it| (draw::tornado(it), tables::tornado(it))).collect(),
        Answer::Screenings(all) => {
            all.iter().map(|it| (draw::screening(it), tables::screening(it))).collect()
        }
        Answer::Indices(all) => all.iter().map(|it| (draw::shares(it), tables::shares(it))).collect(),
        Answer::Curves(all) => all.iter().map(|it| (draw::tipping(it), tables::tipping(it))).collect(),
    };
    let figures: Vec<(String, &Markup)> = parts
        .iter()
        .map(|(scene, table)| {
            let svg = draw::svg(scene);
            let svg = svg.map_err(|why| PageError::Figure(scene.name.clone(), why))?;
            Ok((svg, table))
        })
        .collect::<Result<_, PageError>>()?;
    Ok(html! {
        section id=(id) {
            h2 { (title) }
            p { (text::reading(answer)) }
            @for (svg, table) in figures {
                figure { div.scroll { (PreEscaped(svg)) } }
                (table)
            }
            p.under {
                "As tables: "
                @for (place, name) in crate::sensitivity::file_names(answer).iter().enumerate() {
                    @if place > 0 { ", " }
                    a href={ (name) ".csv" } { (name) ".csv" }
                }
                ". Every trial: " a href="runs.csv" { "runs.csv" } "."
            }
        }
    })
}
