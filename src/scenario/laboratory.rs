//! `[laboratory]`: how outputs are measured in this trial: another assay error than the model's, none, or blood drawn some
//! time before the visit.

use super::names::ModelNames;
use super::quantity::value_in;
use super::signal::no_unit;
use super::time::non_negative_duration;
use crate::diagnostic::Diagnostic;
use crate::document::{Table, Value};
use crate::model::{Error, Formula, Model, NamedUnit};

/// Reads the table and changes the model's residual errors. Gives for each output how long before the visit its blood is
/// drawn, d.
pub(super) fn read(
    table: Option<Table>,
    model: &mut Model,
    names: &mut ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<f64> {
    let mut drawn_before = Vec::new();
    for (name, value) in table.map(Table::into_entries).unwrap_or_default() {
        let Some(output) = names.output(&name.value, name.span, diagnostics) else { continue };
        let Value::Table(mut table) = value else {
            diagnostics.push(value.mistyped(
                &name.value,
                "a table",
                &format!("{} = {{ delay = \"1 d\" }}", name.value),
            ));
            continue;
        };
        let delay = table.text("delay", diagnostics);
        let error = table.value("error");
        table.finish(diagnostics);
        if let Some(days) = delay.and_then(|delay| non_negative_duration(&delay, None, diagnostics)) {
            drawn_before.resize(model.outputs.len(), 0.0);
            drawn_before[output] = days;
            // What is known only from visits is measured, if need be without error.
            let none = Error {
                proportional: None,
                additive: None,
                exponential: None,
                limit_of_quantification: None,
            };
            model.outputs[output].error.get_or_insert(none);
        }
        if let Some(error) = error {
            let unit = model.outputs[output].unit.clone();
            let limit = model.outputs[output].limit_of_quantification();
            if let Some(error) = assay_error(error, &unit, limit, diagnostics) {
                model.outputs[output].error = Some(error);
            }
        }
        names.measured[output] = model.outputs[output].error.is_some();
    }
    drawn_before
}

/// `false`, or `{ proportional, additive, exponential }`; the limit of quantification stays.
fn assay_error(
    value: Value,
    unit: &NamedUnit,
    limit: Option<f64>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Error> {
    let mut error =
        Error { proportional: None, additive: None, exponential: None, limit_of_quantification: limit };
    let mut table = match value {
        Value::Boolean(false, _) => return Some(error),
        Value::Table(table) => table,
        other => {
            diagnostics.push(
                Diagnostic::error(
                    format!("an assay error is not {}", other.kind()),
                    other.span(),
                    "which error?",
                )
                .help("write `error = false` for none, or `error = { proportional = \"10 %\" }`"),
            );
            return None;
        }
    };
    let span = table.span();
    let parts = [("proportional", no_unit()), ("additive", unit.clone()), ("exponential", no_unit())];
    let mut read = Vec::new();
    for (key, unit) in parts {
        let Some(value) = table.value(key) else {
            read.push(None);
            continue;
        };
        let size = value_in(&value, &unit, &format!("`{key}`"), diagnostics)?;
        if size < 0.0 {
            diagnostics.push(
                Diagnostic::error("a standard deviation is not negative", value.span(), "below 0")
                    .help(format!("write `{key}` as a size from 0")),
            );
            return None;
        }
        read.push(Some(Formula::Constant(size)));
    }
    table.finish(diagnostics);
    if read.iter().all(Option::is_none) {
        diagnostics.push(
            Diagnostic::error("this assay error has no part", span, "empty")
                .help("give `proportional`, `additive` or `exponential`, or write `error = false`"),
        );
        return None;
    }
    error.exponential = read.pop().flatten();
    error.additive = read.pop().flatten();
    error.proportional = read.pop().flatten();
    Some(error)
}
