//! Building blocks of the page: numbered figures and tables, cells, intervals.

use std::cell::Cell;

use maud::{Markup, PreEscaped, html};

use crate::math::statistics::Interval;
use crate::report::figures::{Figure, Place};
use crate::report::manifest::Manifest;
use crate::report::number::{decimals, fixed};
use crate::report::study::Study;
use crate::report::summary::Summary;

/// Everything that the sections read, and the running numbers of figures and tables.
pub struct Page<'a> {
    /// The trial.
    pub study: Study<'a>,
    /// What was summed up from it.
    pub summary: &'a Summary,
    /// The figures.
    pub figures: &'a [Figure],
    /// The manifest.
    pub manifest: &'a Manifest,
    figure: Cell<usize>,
    table: Cell<usize>,
}

impl<'a> Page<'a> {
    /// A page on which nothing is numbered yet.
    pub fn new(
        study: Study<'a>,
        summary: &'a Summary,
        figures: &'a [Figure],
        manifest: &'a Manifest,
    ) -> Self {
        Self { study, summary, figures, manifest, figure: Cell::new(0), table: Cell::new(0) }
    }

    /// Whether some figure stands at a place.
    pub fn has(&self, place: Place) -> bool {
        self.figures.iter().any(|figure| figure.place == place)
    }

    /// The figures of a place, numbered.
    pub fn figures(&self, place: Place) -> Markup {
        html! {
            @for figure in self.figures.iter().filter(|figure| figure.place == place) { (self.figure(figure)) }
        }
    }

    fn figure(&self, figure: &Figure) -> Markup {
        self.figure.set(self.figure.get() + 1);
        html! {
            figure {
                div.scroll { (PreEscaped(&figure.svg)) }
                figcaption {
                    b { "Figure " (self.figure.get()) ". " (figure.heading) } " " (figure.caption) " "
                    span.links {
                        a href={ "figures/" (figure.name) ".svg" } { "SVG" } " · "
                        a href={ "figures/" (figure.name) ".png" } { "PNG" }
                    }
                }
            }
        }
    }

    /// A numbered table: its title, header and body rows, what to know when reading it, and the CSV file behind it.
    pub fn table(
        &self,
        title: &str,
        head: &Markup,
        body: &Markup,
        under: &str,
        file: Option<&str>,
    ) -> Markup {
        self.table.set(self.table.get() + 1);
        html! {
            div.table {
                div.scroll {
                    table {
                        caption { b { "Table " (self.table.get()) ". " } (title) }
                        thead { (head) }
                        tbody { (body) }
                    }
                }
                p.under {
                    (under)
                    @if let Some(file) = file { " " span.links { a href={ "tables/" (file) ".csv" } { (file) ".csv" } } }
                }
            }
        }
    }

    /// The colour of an arm's column, and its width where few arms share this much (%) of the table.
    fn arm_style(&self, index: usize, share: usize) -> String {
        let colour = crate::report::draw::arm_colour(index);
        match self.study.scenario.arms.len() {
            arms @ 1..=4 => format!("color:{colour};width:{}%", share / arms.max(2)),
            _ => format!("color:{colour}"),
        }
    }

    /// Header cells of the arms, right-aligned, on this share (%) of the table.
    pub fn arm_heads(&self, share: usize) -> Markup {
        html! {
            @for (index, name) in self.study.arm_names().iter().enumerate() {
                th.n scope="col" style=(self.arm_style(index, share)) { (name) }
            }
        }
    }
}

/// Paragraphs of a text: blank lines part them.
pub fn paragraphs(text: &str, class: &str) -> Markup {
    let parts: Vec<String> = text
        .split("\n\n")
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .collect();
    html! { @for part in parts { p class=(class) { (part) } } }
}

/// `estimate (lower to upper)` without the unit, all with the same decimals; NR where a time is not reached; a dash where
/// there is no estimate. Percentages have decimals only where so many patients carry them.
pub fn interval(interval: Option<&Interval>, unit_name: &str, patients: usize) -> String {
    let Some(Interval { estimate, lower, upper }) = interval.copied() else { return "–".to_owned() };
    let decimals = match unit_name {
        "%" | "percentage points" | "points" => usize::from(patients >= 500),
        _ => decimals(&[estimate, lower, upper]),
    };
    let show = |value: f64| if value.is_infinite() { "NR".to_owned() } else { fixed(value, decimals) };
    format!("{} ({}\u{a0}to\u{a0}{})", show(estimate), show(lower), show(upper))
}

/// `median (low to high)` with the same decimals.
pub fn spread(median: f64, low: f64, high: f64) -> String {
    interval(Some(&Interval { estimate: median, lower: low, upper: high }), "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_that_are_not_reached_say_so() {
        let told = |estimate, lower, upper| interval(Some(&Interval { estimate, lower, upper }), "d", 100);
        assert_eq!(told(f64::INFINITY, 512.0, f64::INFINITY), "NR (512\u{a0}to\u{a0}NR)");
        assert_eq!(told(420.0, 300.0, 512.0), "420 (300\u{a0}to\u{a0}512)");
        assert_eq!(interval(None, "%", 100), "–");
    }
}
