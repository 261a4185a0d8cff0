//! `[tipping]`: which assumption is moved, and which result must cross which margin; and the points of a search under way.

use super::definition::{AxisColumn, Point, Sweep};
use super::input;
use super::keys::Keys;
use super::level::unmeasured;
use super::question::{Question, Tipping};
use super::sensitivity::{moved, moved_columns};
use super::targets::{self, whole};
use crate::diagnostic::{Diagnostic, Span};
use crate::document::{Table, Value};
use crate::math::tipping::Search;
use crate::scenario::{Scenario, number_and_unit};
use crate::trial::Target;

const BLOCK: &str = "tipping";
/// Places of the first grid.
const GRID: usize = 5;
/// Width of a bracket, as a share of the range.
const TOLERANCE: f64 = 1.0 / 64.0;

/// Reads the block.
pub(super) fn read(
    mut table: Table,
    scenario: &Scenario,
    keys: &mut Keys,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Tipping> {
    let errors = diagnostics.len();
    let span = table.span();
    let targets = targets::read(&mut table, (BLOCK, span), scenario, diagnostics);
    let inputs = input::read(table.tables("input", diagnostics), (BLOCK, span), keys, diagnostics);
    let grid = whole(&mut table, "grid", GRID, (2, 1000), diagnostics);
    let tolerance = table.number("tolerance", diagnostics);
    let margin = table.value("margin");
    table.finish(diagnostics);
    if let Some(found) = tolerance.filter(|it| !(1e-6..=0.5).contains(&it.value)) {
        diagnostics.push(
            Diagnostic::error(
                "`tolerance` is a share of the range from 1e-6 to 0.5",
                found.span,
                "out of range",
            )
            .help("write for example `tolerance = 0.01`"),
        );
    }
    let (targets, inputs, grid) = (targets?, inputs?, grid?);
    let margins = margins(margin.as_ref(), &targets, span, diagnostics)?;
    let tolerance = tolerance.map_or(TOLERANCE, |found| found.value);
    let inputs = inputs.into_iter().map(|(input, _)| input).collect();
    (diagnostics.len() == errors).then_some(Tipping { targets, margins, inputs, grid, tolerance })
}

/// One margin for all results, each in its unit. Without, a difference tips at 0 and a ratio at 1; an estimate of one arm has no such
/// margin.
fn margins(
    given: Option<&Value>,
    targets: &[Target],
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<f64>> {
    let parts = match given {
        None => None,
        Some(Value::Number(number)) => Some((number.value, None)),
        Some(Value::Text(text)) => number_and_unit(&text.value),
        Some(_) => None,
    };
    if let (Some(value), None) = (given, &parts) {
        diagnostics.push(unmeasured(value, "margin", "a number with its unit", "margin = \"5 %\""));
        return None;
    }
    let mut margins = Vec::new();
    for target in targets {
        let margin = match &parts {
            None if target.against.is_none() => {
                diagnostics.push(
                    Diagnostic::error(
                        format!("nothing says at which value `{}` tips", target.label),
                        span,
                        "neither `against` nor `margin`",
                    )
                    .help("add `against = \"ARM\"` to compare two arms, or `margin = …`"),
                );
                return None;
            }
            None => f64::from(u8::from(target.ratio)),
            Some((number, unit)) => {
                let place = given.map_or(span, Value::span);
                targets::limit(target, "margin", (*number, unit.as_deref()), place, diagnostics)?
            }
        };
        margins.push(margin);
    }
    Some(margins)
}

impl Tipping {
    /// How each search is carried out.
    pub fn search(&self) -> Search {
        Search { grid: self.grid, tolerance: self.tolerance }
    }

    /// Columns, and the points of the first grid of every input.
    pub(super) fn points(&self) -> (Vec<AxisColumn>, Vec<Point>) {
        let places = self.search().first();
        let all = (0..self.inputs.len()).flat_map(|input| places.iter().map(move |place| (input, *place)));
        (moved_columns(), all.map(|(input, place)| self.point(input, place)).collect())
    }

    /// One input at a place of its range.
    fn point(&self, input: usize, place: f64) -> Point {
        moved(&self.inputs, Some((input, &place.to_string(), self.inputs[input].within(place))))
    }
}

impl Sweep {
    /// The same sweep at these points of a search for tipping points: input and place in its range. Of another sweep the points as they
    /// are.
    pub fn searching(&self, places: &[(usize, f64)]) -> Self {
        let mut sweep = self.clone();
        if let Question::Tipping(tipping) = &self.question {
            sweep.points = places.iter().map(|(input, place)| tipping.point(*input, *place)).collect();
        }
        sweep
    }
}
