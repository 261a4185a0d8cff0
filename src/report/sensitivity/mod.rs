//! The page of a sensitivity analysis or of a search for tipping points: figures, tables, and how to read them.
//!
//! [`section`] gives the part about an answer alone, for a page that tells more of a sweep.

mod tables;
#[cfg(test)]
mod tests;
mod text;

pub(super) use text::columns;
pub use text::text;

use std::path::{Path, PathBuf};

use maud::{Markup, PreEscaped, html};

use super::draw::{self, Scene};
use super::manifest::PROGRAM;
use super::number::count;
use super::page::{document, fact, paragraphs};
use super::sweep::{PAGE, PageError, place, scenario_name};
use crate::sensitivity::Answer;
use crate::sweep::Sweep;

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

/// Writes the page into the folder of a sweep, whole or not at all. Returns its path.
///
/// # Errors
/// When a figure cannot be drawn or the file system refuses.
pub fn write(found: Found<'_>, folder: &Path) -> Result<PathBuf, PageError> {
    let content = section(found.answer)?;
    let page = shell(found.sweep, found.points, kicker(found.answer), &content);
    place(folder, PAGE, page.as_bytes())
}

/// A page of a sweep round its content.
pub(super) fn shell(sweep: &Sweep, points: usize, kicker: &str, content: &Markup) -> String {
    let program = format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"));
    let body = html! {
        header {
            p.kicker { (kicker) " · " (program) }
            h1 { (sweep.title) }
            (paragraphs(&sweep.about, "lead"))
            dl.facts {
                (fact("Scenario", scenario_name(sweep)))
                (fact("Trials", count(points)))
                (fact("Virtual patients per arm", count(sweep.patients)))
            }
        }
        (content)
        footer { "Simulated by " (program) ". Virtual patients; no person was treated." }
    };
    document(&sweep.title, &program, &html! {}, &body)
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
