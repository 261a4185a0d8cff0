//! The story as one page, self-contained as the report is.

use maud::{PreEscaped, html};

use super::Story;
use crate::report::draw;
use crate::report::figures::FigureError;
use crate::report::manifest::PROGRAM;
use crate::report::page::document;

/// The page as HTML.
///
/// # Errors
/// When the figure cannot be drawn.
pub fn page(story: &Story) -> Result<String, FigureError> {
    let scene = draw::patient(story.scenario, &story.single.course);
    let svg = draw::svg(&scene).map_err(|message| FigureError { name: scene.name.clone(), message })?;
    let title = story.title();
    let body = html! {
        header {
            p.kicker { (story.scenario.title) }
            h1 { (title) }
            @for line in story.trust() { p { (line) } }
        }
        section id="plots" {
            h2 { "Course" }
            figure {
                div.scroll { (PreEscaped(&svg)) }
                figcaption {
                    b { "Signals and dose. " }
                    "Lines: true values; dots: as measured at visits. Shaded: on hold. Strokes under a panel: decisions. Lowest \
                     panel: the dose given on each day by the arm's first treatment."
                }
            }
        }
        section id="story" {
            h2 { "What happened, and why" }
            div.table { div.scroll { table {
                thead { tr { th scope="col" { "When" } th scope="col" { "What" } } }
                tbody {
                    @for happening in story.happenings() {
                        tr { th scope="row" { (happening.when) } td { (happening.what) } }
                    }
                }
            } } }
        }
        section id="endpoints" {
            h2 { "Endpoints" }
            div.table { div.scroll { table {
                tbody {
                    @for (name, value) in story.endpoints() {
                        tr { th scope="row" { (name) } td { (value) } }
                    }
                }
            } } }
        }
        section id="patient" {
            h2 { "Patient" }
            div.table { div.scroll { table {
                tbody {
                    @for (name, value, about) in story.covariates() {
                        tr { th scope="row" { (name) } td { (value) } td { (about) } }
                    }
                    @for (name, value) in story.effects() {
                        tr { th scope="row" { (name) } td { (value) } td { "random effect" } }
                    }
                }
            } } }
        }
    };
    Ok(document(&title, PROGRAM, &html! {}, &body))
}
