//! The report page.

use super::figures::Figure;
use super::manifest::Manifest;
use super::study::Study;
use super::summary::Summary;

/// The page as HTML.
pub fn html(study: Study, _summary: &Summary, figures: &[Figure], _manifest: &Manifest) -> String {
    let page = maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (study.scenario.title) } }
            body { h1 { (study.scenario.title) } p { (study.scenario.about) } @for f in figures { h3 { (f.heading) } (maud::PreEscaped(&f.svg)) p { (f.caption) } } }
        }
    };
    page.into_string()
}
