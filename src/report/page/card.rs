//! The model's card: what it is for, what it must never be used for, its evidence and how it did.

use maud::{Markup, html};

use super::limits::never;
use super::parts::{Page, paragraphs};
use crate::model::{CardTable, Evidence};

/// The whole section; empty where the model has no card.
pub fn card(page: &Page) -> Markup {
    let Some(card) = &page.study.model().card else { return html! {} };
    html! {
        h3 { "Question" }
        (paragraphs(&card.question, ""))
        h3 { "Context of use" }
        (paragraphs(&card.context, ""))
        (never(card))
        @if !card.evidence.is_empty() { (evidence(page, &card.evidence)) }
        @for table in &card.tables { (shown(page, table)) }
    }
}

fn evidence(page: &Page, evidence: &[Evidence]) -> Markup {
    let head = html! { tr { th scope="col" { "Mechanism" } th scope="col" { "Evidence" } th scope="col" { "Not known" } } };
    let body = html! {
        @for line in evidence {
            tr { th scope="row" { (line.mechanism) } td.wide { (line.evidence) } td.wide { (line.gap) } }
        }
    };
    page.table("Evidence for each mechanism.", &head, &body, "", None)
}

/// Long tables are folded.
fn shown(page: &Page, table: &CardTable) -> Markup {
    let head = html! { tr { @for column in &table.columns { th scope="col" { (column) } } } };
    let body = html! {
        @for row in &table.rows {
            tr { @for (place, cell) in row.iter().enumerate() { @if place == 0 { th scope="row" { (cell) } } @else { td { (cell) } } } }
        }
    };
    let shown = page.table(&table.title, &head, &body, &table.about, None);
    html! {
        @if table.rows.len() > 12 {
            details { summary { (table.title) " (" (table.rows.len()) " rows)" } (shown) }
        } @else {
            (shown)
        }
    }
}
