//! `[numerics]`: method, tolerance, step limit.

use super::definition::{Method, Numerics};
use super::names::missing;
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, Span};
use crate::document::Table;

/// Relative tolerance where nothing is said; docs/numerics.md says what it delivers.
pub const DEFAULT_RELATIVE_TOLERANCE: f64 = 1e-6;
/// Steps per patient and arm where nothing is said.
const DEFAULT_MAXIMUM_STEPS: u64 = 10_000_000;
/// Below this, rounding decides; above the largest, nothing is solved.
const TOLERANCES: std::ops::RangeInclusive<f64> = 1e-14..=1e-2;
const METHODS: [&str; 5] = ["auto", "explicit", "implicit", "dopri5-reference", "dop853-reference"];

/// The numerics where there is no scenario: what the command line says, else the defaults.
pub fn chosen(settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Numerics {
    read(None, settings, diagnostics)
}

/// Reads `[numerics]`; the command line wins.
pub(super) fn read(table: Option<Table>, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Numerics {
    let mut numerics = Numerics {
        method: Method::Automatic,
        relative_tolerance: DEFAULT_RELATIVE_TOLERANCE,
        maximum_steps: DEFAULT_MAXIMUM_STEPS,
    };
    if let Some(mut table) = table {
        if let Some(name) = table.text("method", diagnostics)
            && settings.method.is_none()
            && let Some(found) = method(&name.value, Some(name.span), diagnostics)
        {
            numerics.method = found;
        }
        if let Some(tolerance) = table.number("rtol", diagnostics) {
            check_tolerance(tolerance.value, Some(tolerance.span), diagnostics);
            numerics.relative_tolerance = tolerance.value;
        }
        if let Some((steps, span)) = table.integer("maximum_steps", diagnostics) {
            numerics.maximum_steps = steps;
            if steps == 0 {
                diagnostics.push(
                    Diagnostic::error("the step limit must be at least 1", span, "no step at all")
                        .help(format!("write for example `maximum_steps = {DEFAULT_MAXIMUM_STEPS}`")),
                );
            }
        }
        table.finish(diagnostics);
    }
    if let Some(found) = settings.method.as_deref().and_then(|name| method(name, None, diagnostics)) {
        numerics.method = found;
    }
    if let Some(tolerance) = settings.relative_tolerance {
        check_tolerance(tolerance, None, diagnostics);
        numerics.relative_tolerance = tolerance;
    }
    numerics
}

impl Numerics {
    /// What the absolute tolerances are multiplied by: a relative one tighter than the default tightens them with it, or small
    /// values would stay as inexact as they were.
    pub fn absolute_share(&self) -> f64 {
        (self.relative_tolerance / DEFAULT_RELATIVE_TOLERANCE).min(1.0)
    }
}

fn method(name: &str, span: Option<Span>, diagnostics: &mut Vec<Diagnostic>) -> Option<Method> {
    match name {
        "auto" => return Some(Method::Automatic),
        "explicit" => return Some(Method::Explicit),
        "implicit" => return Some(Method::Implicit),
        "dopri5-reference" => return Some(Method::Dopri5Reference),
        "dop853-reference" => return Some(Method::Dop853Reference),
        _ => {}
    }
    let help = format!("the methods are {}", METHODS.join(", "));
    diagnostics.push(match (name, span) {
        (_, Some(span)) => missing(name, span, "method", METHODS.into_iter()),
        (_, None) => Diagnostic::plain(format!("there is no method `{name}`")).help(help),
    });
    None
}

fn check_tolerance(value: f64, span: Option<Span>, diagnostics: &mut Vec<Diagnostic>) {
    if TOLERANCES.contains(&value) {
        return;
    }
    let message = "the relative tolerance must lie between 1e-14 and 1e-2";
    diagnostics.push(
        match span {
            Some(span) => Diagnostic::error(message, span, format!("{value:e}")),
            None => Diagnostic::plain(format!("{message}, not {value:e}")),
        }
        .help("1e-6 is the default; 1e-9 is tight"),
    );
}
