//! What every page of a simulated result says first: what its models are for, what they must never be used for, and what is known
//! against them.

use maud::{Markup, html};

use super::parts::paragraphs;
use crate::model::Card;
use crate::scenario::{Note, Scenario, all_notes};

/// Notes of scenarios: context of use, limits, known misfits.
pub fn notes(notes: &[Note]) -> Markup {
    html! {
        @for note in notes {
            @let class = if note.title.to_lowercase().contains("never") { "limits never" } else { "limits" };
            div class=(class) {
                h3 { (note.title) }
                @if note.lines.len() == 1 { (paragraphs(&note.lines[0], "")) } @else {
                    ul { @for line in &note.lines { li { (line) } } }
                }
            }
        }
    }
}

/// What the card of a model says of its use.
pub fn never(card: &Card) -> Markup {
    html! {
        @if !card.never.is_empty() {
            div class="limits never" {
                h3 { "Must never be used" }
                ul { @for line in &card.never { li { (line) } } }
            }
        }
    }
}

/// Notes and cards in short, for pages of several scenarios; empty where there are none.
pub fn limits(cards: &[Card], of_scenarios: &[Note]) -> Markup {
    html! {
        @for card in cards {
            h3 { "Question" }
            (paragraphs(&card.question, ""))
            (never(card))
        }
        (notes(of_scenarios))
    }
}

/// The same of these scenarios, each card and each note once.
pub fn limits_of<'a>(scenarios: impl IntoIterator<Item = &'a Scenario> + Clone) -> Markup {
    let mut cards: Vec<Card> = Vec::new();
    for card in scenarios.clone().into_iter().filter_map(|scenario| scenario.model.card.as_ref()) {
        if !cards.contains(card) {
            cards.push(card.clone());
        }
    }
    limits(&cards, &all_notes(scenarios))
}
