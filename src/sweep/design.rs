//! `[design]`: how points are spread over ranges that have neither step nor count.

use super::axis::Free;
use super::definition::{Block, Cell, Entry};
use super::level;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::math::design::{MOST_SOBOL_DIMENSIONS, MOST_SOBOL_POINTS, latin_hypercube, sobol};

/// Digits of a chosen value behind its first.
const DIGITS: usize = 9;
/// Most points of a Latin hypercube.
pub const MOST_POINTS: usize = 1_000_000;

enum Kind {
    Sobol,
    LatinHypercube,
}

/// Reads `[design]` and spreads its points over the free axes. `None` where there are none, or with an error.
pub(super) fn read(
    table: Option<Table>,
    free: &[Free],
    file: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Block> {
    let Some(mut table) = table else {
        diagnostics.extend(free.first().map(unsaid));
        return None;
    };
    let errors = diagnostics.len();
    let span = if table.span().end > table.span().start { table.span() } else { file };
    let kind = table.required_text("kind", diagnostics);
    if !table.has("points") {
        diagnostics.push(
            Diagnostic::error("the key `points` is missing", span, "lacks `points`")
                .help("add `points = 64`"),
        );
    }
    let points = table.integer("points", diagnostics);
    let seed = table.integer("seed", diagnostics).map_or(1, |(seed, _)| seed);
    table.finish(diagnostics);
    let kind = kind.and_then(|kind| kind_of(&kind, diagnostics));
    let (kind, (points, place)) = (kind?, points?);
    if free.is_empty() {
        diagnostics.push(Diagnostic::error("this design has no axis", span, "nothing to spread over").help(
            "give it axes with a range without step and count: `range = { from = \"5 mg\", to = \"25 mg\" }`",
        ));
        return None;
    }
    let most = if matches!(kind, Kind::Sobol) { MOST_SOBOL_POINTS } else { MOST_POINTS };
    let Some(points) = usize::try_from(points).ok().filter(|points| (1..=most).contains(points)) else {
        diagnostics.push(
            Diagnostic::error(format!("this design has 1 to {most} points"), place, "out of range")
                .help("write for example `points = 64`"),
        );
        return None;
    };
    let spread = match kind {
        Kind::Sobol => sobol(points, free.len(), seed),
        Kind::LatinHypercube => Some(latin_hypercube(points, free.len(), seed)),
    };
    let Some(spread) = spread else {
        diagnostics.push(
            Diagnostic::error(format!("more than {MOST_SOBOL_DIMENSIONS} axes"), span, "too many")
                .help("write `kind = \"latin hypercube\"`"),
        );
        return None;
    };
    (diagnostics.len() == errors).then(|| block(free, &spread))
}

/// Nothing says which values an axis has.
fn unsaid(axis: &Free) -> Diagnostic {
    Diagnostic::error(
        format!("nothing says which values of `{}` are tried", axis.column.name),
        axis.range.span,
        "neither a step nor a count",
    )
    .help(
        "add `step` or `count`, or `[design]` with `kind = \"sobol\"` and `points = 64` at the end of the file",
    )
}

fn kind_of(kind: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Kind> {
    match kind.value.as_str() {
        "sobol" => Some(Kind::Sobol),
        "latin hypercube" => Some(Kind::LatinHypercube),
        other => {
            diagnostics.push(
                Diagnostic::error(format!("unknown design `{other}`"), kind.span, "not known")
                    .help("write `kind = \"sobol\"` or `kind = \"latin hypercube\"`"),
            );
            None
        }
    }
}

/// The points of a design as one block.
fn block(free: &[Free], spread: &[Vec<f64>]) -> Block {
    let entry = |point: &Vec<f64>| {
        let mut entry = Entry::default();
        for (axis, share) in free.iter().zip(point) {
            let value = level::rounded(axis.range.at(*share), DIGITS);
            entry.cells.push(Cell::Number(value));
            entry.settings.extend(axis.settings(value));
        }
        entry
    };
    Block {
        columns: free.iter().map(|axis| axis.column.clone()).collect(),
        factors: free.iter().map(|axis| axis.range.from.unit.factor).collect(),
        dimensions: free.iter().map(|axis| axis.range.from.unit.dimension).collect(),
        entries: spread.iter().map(entry).collect(),
    }
}
