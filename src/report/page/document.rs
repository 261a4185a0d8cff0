//! What all pages have in common: one HTML file with style and letters inside, facts, numbered sections, tables with a file beside.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{POLICY, style};

/// A page as HTML, round what stands in it. `marks` are further elements of its head.
pub fn document(title: &str, generator: &str, marks: &Markup, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content=(generator);
                (marks)
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body { main { (body) } }
        }
    }
    .into_string()
}

/// A section of a page, with its heading; one without content is left out.
pub struct Section {
    /// Anchor, unique on the page.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What stands in it.
    pub content: Markup,
}

/// Sections with their numbers, behind a list of them.
pub fn numbered(sections: impl IntoIterator<Item = Section>) -> Markup {
    let sections: Vec<Section> =
        sections.into_iter().filter(|section| !section.content.0.trim().is_empty()).collect();
    html! {
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
    }
}

/// A fact at the head of a page.
pub fn fact(name: &str, value: impl AsRef<str>) -> Markup {
    html! { div { dt { (name) } dd { (value.as_ref()) } } }
}

/// A fact that takes a line of its own.
pub fn wide(name: &str, value: impl AsRef<str>) -> Markup {
    html! { div.wide { dt { (name) } dd { (value.as_ref()) } } }
}

/// A table that stands in `tables/FILE.csv` too.
pub fn table(title: &str, head: &Markup, body: &Markup, under: &str, file: &str) -> Markup {
    html! {
        div.table {
            div.scroll { table { caption { b { (title) } } thead { (head) } tbody { (body) } } }
            p.under { (under) " " span.links { a href={ "tables/" (file) ".csv" } { (file) ".csv" } } }
        }
    }
}
