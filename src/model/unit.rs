//! Unit texts to units, pointing into the text when it is none.

use crate::diagnostic::{Diagnostic, Span, Text};
use crate::units::{self, Unit, UnitError};

/// Reads a declared unit (`unit = "ng/mL"`).
pub fn check_unit(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Unit> {
    units::parse(&text.value)
        .map_err(|error| diagnostics.push(finding(&error, text.span, text.verbatim).help(error.help())))
        .ok()
}

/// Reads the unit of a quantity literal. What follows a number is always its unit, so an implicit product (`2 CL`) and
/// a quotient without spaces (`10 mg/V`) end up here; `known` are the names that could have been meant.
pub(super) fn literal_unit(
    value: f64,
    unit: &str,
    span: Span,
    known: &dyn Fn() -> Vec<String>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Unit> {
    let error = match units::parse(unit) {
        Ok(unit) => return Some(unit),
        Err(error) => error,
    };
    let is_name = |part: &str| known().iter().any(|name| name == part);
    let help = match &error {
        UnitError::Unknown { name, range, .. } if is_name(name) && range.start == 0 => {
            format!("behind a number stands its unit; for a product write `{value} * {unit}`")
        }
        UnitError::Unknown { name, range, .. } if is_name(name) => {
            let (before, after) = unit.split_at(range.start);
            let sign = before.chars().next_back().unwrap_or('/');
            let before = before.trim_end_matches(sign);
            format!("a unit ends at the first white space: write `{value} {before} {sign} {after}`")
        }
        UnitError::Unknown { suggestion: None, .. } => {
            format!("{}; products and quotients with names take spaces, as in `10 mg / V`", error.help())
        }
        _ => error.help(),
    };
    // The unit of cells, `1.0e9/L`, has a place as long as its text `1e9/L`; a text with escapes has only the whole.
    let exact = span.end - span.start == unit.len();
    diagnostics.push(finding(&error, span, exact).help(help));
    None
}

fn finding(error: &UnitError, span: Span, exact: bool) -> Diagnostic {
    let range = error.range();
    let place = if exact && span.start + range.end <= span.end {
        Span { start: span.start + range.start, end: span.start + range.end, ..span }
    } else {
        span
    };
    let label = if matches!(error, UnitError::Unknown { .. }) { "unknown unit" } else { "" };
    Diagnostic::error(error.to_string(), place, label)
}
