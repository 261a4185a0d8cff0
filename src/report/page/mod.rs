//! The report page: one HTML file with its figures, style and letters inside, without scripts and without network.

mod audit;
mod card;
mod comparison;
mod document;
mod limits;
mod model;
mod numerics;
mod parts;
mod patients;
mod question;
mod replicates;
mod results;
mod treatment;
mod uncertainty;
mod verification;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use super::draw::{REGULAR_WOFF2, SEMIBOLD_WOFF2};
use super::figures::{Figure, Place};
use super::manifest::Manifest;
use super::number::{count, significant};
use super::study::Study;
use super::summary::Summary;
pub use document::{Section, document, fact, numbered, table, wide};
pub use limits::{limits, limits_of};
use parts::Page;
pub use parts::{interval, paragraphs};

/// Nothing may be loaded and nothing may run: should a text of the user slip through as markup, it stays text.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:";

/// The page as HTML.
pub fn html(study: Study, summary: &Summary, figures: &[Figure], manifest: &Manifest) -> String {
    let page = Page::new(study, summary, figures, manifest);
    let body = html! {
        (opening(study, manifest))
        (numbered(sections(&page)))
        footer {
            "Simulated by " (manifest.program) " " (manifest.version) ", " (manifest.started) ", seed "
            (manifest.scenario.seed) ". Virtual patients; no person was treated."
        }
    };
    let generator = format!("{} {}", manifest.program, manifest.version);
    document(&study.scenario.title, &generator, &html! {}, &body)
}

fn sections(page: &Page) -> Vec<Section> {
    let section = |id, title, content| Section { id, title, content };
    vec![
        section("arms", "Arms", question::arms(page)),
        section("limits", "Context of use and limits", limits::notes(&page.study.scenario.notes)),
        section("card", "Model card", card::card(page)),
        section(
            "endpoints",
            "Endpoints",
            with(page, !page.study.scenario.endpoints.is_empty(), results::endpoints),
        ),
        section("comparison", "Arms compared", comparison::comparison(page)),
        section("replicates", "Trials of real size", replicates::replicates(page)),
        section("uncertainty", "What is uncertain", uncertainty::uncertainty(page)),
        section(
            "response",
            "Response and time to event",
            html! { (page.figures(Place::Response)) (results::periods(page, true)) (page.figures(Place::Survival)) },
        ),
        section(
            "safety",
            "Toxicity",
            html! { (page.figures(Place::Toxicity)) (results::periods(page, false)) (results::nadirs(page)) },
        ),
        section("treatment", "Treatment as given", treatment::treatment(page)),
        section("audit", "Rules beside the truth", audit::audit(page)),
        section("courses", "Courses over time", courses(page)),
        section("exposure", "Exposure", results::exposure(page)),
        section("patients", "Virtual patients", patients::patients(page)),
        section("model", "Model and sources", model::model(page)),
        section(
            "definitions",
            "Definitions of the endpoints",
            with(page, !page.study.scenario.endpoints.is_empty(), results::definitions),
        ),
        section("numerics", "Numerical health", numerics::numerics(page)),
        section("manifest", "Manifest", numerics::manifest(page)),
    ]
}

fn with(page: &Page, wanted: bool, content: impl Fn(&Page) -> Markup) -> Markup {
    if wanted {
        content(page)
    } else {
        html! {}
    }
}

fn courses(page: &Page) -> Markup {
    html! {
        @if page.has(Place::Course) || page.has(Place::MinorCourse) {
            p {
                "True values, without residual error. Medians and ribbons are over the patients still in follow-up at each "
                "time; thin lines are single patients, chosen evenly by number from the first to the last. The dashed line "
                "repeats the median of the first arm. A logarithmic row is added where the ribbons span more than one and "
                "a half decades."
                @if let Some(error) = page.study.trial.precision.relative_error() {
                    " So many values are counted in fine bins, not kept: percentiles and means lie within "
                    (significant(100.0 * error, 2)) " % of the exact ones."
                }
            }
        }
        (page.figures(Place::Course))
        @if page.has(Place::MinorCourse) {
            details { summary { "Further outputs" } (page.figures(Place::MinorCourse)) }
        }
    }
}

fn opening(study: Study, manifest: &Manifest) -> Markup {
    html! {
        header {
            p.kicker { "Simulated trial · " (manifest.program) " " (manifest.version) " · " (manifest.started) }
            h1 { (study.scenario.title) }
            (parts::paragraphs(&study.scenario.about, "lead"))
            (numerics::alarm(study))
            dl.facts {
                (fact("Arms", count(study.scenario.arms.len())))
                (fact("Virtual patients per arm", count(study.trial.patients.len())))
                (fact("Follow-up", &study.scenario.horizon_text))
                (fact("Seed", study.scenario.seed.to_string()))
                (wide("Model", &study.model().title))
                (wide("Population", &study.scenario.population.title))
            }
        }
    }
}

/// The style sheet, letters inside.
pub fn style() -> String {
    let face = |weight: &str, bytes: &[u8]| {
        format!(
            "@font-face{{font-family:Inter;font-weight:{weight};font-display:block;\
             src:url(data:font/woff2;base64,{}) format(\"woff2\")}}\n",
            STANDARD.encode(bytes)
        )
    };
    format!(
        "{}{}{}",
        face("400", REGULAR_WOFF2),
        face("600 700", SEMIBOLD_WOFF2),
        include_str!("../../../assets/report.css")
    )
}
