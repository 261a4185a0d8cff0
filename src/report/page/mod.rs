//! The report page.

use super::manifest::Manifest;
use super::study::Study;
use super::summary::Summary;

/// The page as HTML.
pub fn html(study: Study, _summary: &Summary, _manifest: &Manifest) -> String {
    let page = maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (study.scenario.title) } }
            body { h1 { (study.scenario.title) } p { (study.scenario.about) } }
        }
    };
    page.into_string()
}
