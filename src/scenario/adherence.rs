//! Whether planned doses are taken: `adherence` of a treatment, and `[adherence]` by drug for all treatments that say nothing.
//!
//! A number is the probability of taking each dose, whatever became of the others; a table with `after_taken` and
//! `after_missed` gives it by what became of the dose before.

use super::conduct::Adherence;
use super::names::ModelNames;
use super::quantity::value_in;
use super::signal::no_unit;
use crate::diagnostic::Diagnostic;
use crate::document::{Table, Value};

/// Reads `[adherence]`: (route, how surely it is taken).
pub(super) fn read(
    table: Option<Table>,
    names: &ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(usize, Adherence)> {
    let mut found = Vec::new();
    for (drug, value) in table.map(Table::into_entries).unwrap_or_default() {
        let route = names.route(&drug.value, drug.span, diagnostics);
        let adherence = one(value, diagnostics);
        found.extend(route.zip(adherence));
    }
    found
}

/// Reads the adherence to one drug.
pub(super) fn one(value: Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Adherence> {
    let Value::Table(mut table) = value else {
        let each = probability(&value, "adherence", diagnostics)?;
        return Some(Adherence { first: each, after_taken: each, after_missed: each });
    };
    let span = table.span();
    let mut read = |key: &'static str, diagnostics: &mut Vec<Diagnostic>| {
        table.value(key).map(|value| probability(&value, &format!("`{key}`"), diagnostics))
    };
    let after_taken = read("after_taken", diagnostics);
    let after_missed = read("after_missed", diagnostics);
    let first = read("first", diagnostics);
    table.finish(diagnostics);
    let (Some(after_taken), Some(after_missed)) = (after_taken, after_missed) else {
        diagnostics.push(
            Diagnostic::error(
                "adherence by the dose before needs `after_taken` and `after_missed`",
                span,
                "not both",
            )
            .help("write `{ after_taken = 0.95, after_missed = 0.6 }`, or one number for every dose"),
        );
        return None;
    };
    let after_taken = after_taken?;
    let first = first.unwrap_or(Some(after_taken));
    Some(Adherence { first: first?, after_taken, after_missed: after_missed? })
}

/// A probability: a number from 0 to 1 or a text such as `90 %`.
pub(super) fn probability(value: &Value, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let probability = value_in(value, &no_unit(), what, diagnostics)?;
    if (0.0..=1.0).contains(&probability) {
        return Some(probability);
    }
    diagnostics.push(
        Diagnostic::error(format!("{what} is a probability, from 0 to 1"), value.span(), "outside")
            .help("write for example `0.9` or `\"90 %\"`"),
    );
    None
}
