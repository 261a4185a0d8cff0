//! Values with units as scenario and population files write them: a text with a unit, or a number where the unit is known.

use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Value;
use crate::expression;
use crate::model::{Checked, NamedUnit, Names, check_expression};
use crate::units::Dimension;

/// The scope of a plain value: no name has a meaning.
struct NoNames;

impl Names for NoNames {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        diagnostics.push(
            Diagnostic::error(format!("a plain value is wanted here, not `{name}`"), span, "a name")
                .help("write a number with its unit, such as `25 mg` or `1.0e9/L`"),
        );
        None
    }
    fn candidates(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A text such as `25 mg`, in coherent units. `what` says what it is: "a dose of lenalidomide".
pub(super) fn quantity(
    text: &Text,
    dimension: Dimension,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<f64> {
    if let Some(word) = not_finite(&text.value) {
        diagnostics.push(
            Diagnostic::error(
                format!("`{word}` is not a value: {what} is finite"),
                text.span,
                "not a number",
            )
            .help("write a finite number with its unit, such as `25 mg` or `1.0e9/L`"),
        );
        return None;
    }
    let expression = expression::parse(text, diagnostics)?;
    let checked = check_expression(&expression, &mut NoNames, Some((dimension, what)), diagnostics)?;
    finite(checked.formula.evaluate(&mut |_| f64::NAN), text.span, diagnostics)
}

/// The first word of a text if it is `nan`, `inf` or `infinity`, with or without a sign.
fn not_finite(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    let bare = word.trim_start_matches(['-', '+']).to_ascii_lowercase();
    ["nan", "inf", "infinity"].contains(&bare.as_str()).then_some(word)
}

fn finite(value: f64, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    if !value.is_finite() {
        diagnostics.push(
            Diagnostic::error("this value is not finite", span, "out of range")
                .help("write a number below 1e300"),
        );
        return None;
    }
    Some(value)
}

/// A value of a known unit: a bare number is in that unit, a text brings its own. Coherent.
pub(super) fn value_in(
    value: &Value,
    unit: &NamedUnit,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<f64> {
    match value {
        Value::Number(number) => finite(unit.read(number.value), number.span, diagnostics),
        Value::Boolean(truth, _) if unit.unit.dimension.is_none() => Some(f64::from(u8::from(*truth))),
        Value::Text(text) => quantity(text, unit.unit.dimension, what, diagnostics),
        other => {
            diagnostics.push(
                Diagnostic::error(format!("{what} is a value, not {}", other.kind()), other.span(), "here")
                    .help(format!("write a number in {} or a text with a unit", unit.name)),
            );
            None
        }
    }
}

/// What a TOML value looks like in the file, for reports: texts as they are, numbers shortest.
pub(super) fn as_written(value: &Value) -> String {
    match value {
        Value::Text(text) => text.value.clone(),
        Value::Number(number) => number.value.to_string(),
        Value::Boolean(truth, _) => truth.to_string(),
        other => other.kind().to_owned(),
    }
}

/// A number for a message, without the noise of a unit conversion in its last digits.
pub(super) fn shortest(value: f64) -> String {
    let rounded: f64 = format!("{value:.10e}").parse().unwrap_or(value);
    rounded.to_string()
}
