//! Which results a sensitivity analysis or a search for tipping points looks at: `endpoint`, `arm`, `against`.

use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::scenario::{Scenario, limit_in};
use crate::trial::Target;

/// Reads the three keys of a block and finds every result in the scenario.
pub(super) fn read(
    table: &mut Table,
    block: (&str, Span),
    scenario: &Scenario,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Target>> {
    let labels = labels(table, diagnostics);
    let (arm, against) = (table.text("arm", diagnostics), table.text("against", diagnostics));
    if labels.is_empty() {
        diagnostics.push(
            Diagnostic::error(format!("`[{}]` looks at no result", block.0), block.1, "has no `endpoint`")
                .help(
                    "add `endpoint = [\"neutropenia: grade 3-4\", …]`: labels as in a report of the scenario",
                ),
        );
        return None;
    }
    let mut found: Vec<Target> = Vec::new();
    for label in &labels {
        let target = Target::read(label, arm.as_ref(), against.as_ref(), scenario, diagnostics)?;
        if found.contains(&target) {
            diagnostics.push(
                Diagnostic::error("this result is named twice", label.span, "again here")
                    .help("remove one of the two"),
            );
            return None;
        }
        found.push(target);
    }
    Some(found)
}

/// One label or a list of them.
fn labels(table: &mut Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Text> {
    match table.value("endpoint") {
        None => Vec::new(),
        Some(Value::Text(text)) => vec![text],
        Some(Value::List(items, _)) => {
            let text = |item: Value| match item {
                Value::Text(text) => Some(text),
                other => {
                    diagnostics.push(other.mistyped(
                        "endpoint",
                        "a list of labels",
                        "endpoint = [\"PFS: median\"]",
                    ));
                    None
                }
            };
            items.into_iter().filter_map(text).collect()
        }
        Some(other) => {
            diagnostics.push(other.mistyped("endpoint", "a label or a list", "endpoint = \"PFS: median\""));
            Vec::new()
        }
    }
}

/// A limit or a margin of a result, as `what` calls it, in the unit of the result, which it must have: 0.3 may be 0.3 % or 30 %. 0 is the
/// same in all units.
pub(super) fn limit(
    target: &Target,
    what: &str,
    (number, unit): (f64, Option<&str>),
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<f64> {
    let points = target.unit == "percentage points" && unit == Some("%");
    let found = limit_in(&target.unit, number, unit.filter(|_| !points));
    let found = found.filter(|_| unit.is_some() || target.unit == "1" || number == 0.0);
    if found.is_none() {
        let (told, wanted) = match target.unit.as_str() {
            "1" => ("has no unit".to_owned(), "as a plain number".to_owned()),
            "percentage points" => ("is told in percentage points".to_owned(), "in %: `5 %`".to_owned()),
            own => (format!("is told in {own}"), format!("in {own}: `{number} {own}`")),
        };
        let given = unit.map_or("has no unit".to_owned(), |unit| format!("is in {unit}"));
        diagnostics.push(
            Diagnostic::error(
                format!("`{}` {told}, but the {what} {given}", target.label),
                span,
                "another unit",
            )
            .help(format!("write the {what} {wanted}")),
        );
    }
    found
}

/// A whole number between limits, or a default.
pub(super) fn whole(
    table: &mut Table,
    key: &'static str,
    default: usize,
    (least, most): (usize, usize),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let Some((value, span)) = table.integer(key, diagnostics) else { return Some(default) };
    let found = usize::try_from(value).ok().filter(|value| (least..=most).contains(value));
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(
                format!("`{key}` is a whole number from {least} to {most}"),
                span,
                "out of range",
            )
            .help(format!("write for example `{key} = {default}`")),
        );
    }
    found
}
