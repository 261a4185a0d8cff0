//! `[parameters]` and `[controls]` of a scenario: other values than the model's, for all arms; and the same from the
//! command line where there is no scenario.

use super::arm::control;
use super::names::{Directory, ModelNames, index};
use super::quantity::{as_written, value_in};
use super::settings::{self, Settings};
use super::signal::duplicate;
use crate::diagnostic::{Diagnostic, Sources, Text};
use crate::document::{self, Table, Value};
use crate::model::Model;

/// Gives a model that no scenario surrounds other values: `name = value` of parameters, by full name or the last part where
/// that is unique, with `parameters.` or without; `controls.name` of controls. Values are numbers in the unit of the model or texts
/// with a unit. Errors are shown with a caret under the option.
pub fn set_values(
    set: &[(String, String)],
    model: &mut Model,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if set.is_empty() {
        return;
    }
    let full = |(path, value): &(String, String)| {
        let said = ["parameters.", "controls."].iter().any(|table| path.starts_with(table));
        (if said { path.clone() } else { format!("parameters.{path}") }, value.clone())
    };
    let set = Settings { set: set.iter().map(full).collect(), ..Settings::default() };
    let file = sources.add("--set", "");
    let Some(mut table) = document::parse(file, "", diagnostics) else { return };
    settings::apply(&set, &mut table, sources, diagnostics);
    let names = ModelNames::new(model);
    let (parameters, controls) =
        (table.table("parameters", diagnostics), table.table("controls", diagnostics));
    apply(parameters, controls, model, &names, diagnostics);
}

/// Applies both tables to the model; returns what was changed, as (full name, value as written).
pub(super) fn apply(
    parameters: Option<Table>,
    controls: Option<Table>,
    model: &mut Model,
    names: &ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(String, String)> {
    let mut overrides = Vec::new();
    for (name, value) in entries(parameters, &names.parameters, diagnostics) {
        let found = names.parameters.expect(&name.value, name.span, "parameter", diagnostics);
        let Some(index) = found.and_then(index) else { continue };
        let parameter = &mut model.parameters[index];
        let what = format!("`{}`", parameter.name);
        if let Some(coherent) = value_in(&value, &parameter.unit, &what, diagnostics) {
            parameter.value = coherent;
            overrides.push((parameter.name.clone(), written(&value, &parameter.unit.name)));
        }
    }
    for (name, value) in entries(controls, &names.controls, diagnostics) {
        let Some(index) = control(&name, model, names, diagnostics) else { continue };
        let control = &mut model.controls[index];
        let what = format!("`{}`", control.name);
        if let Some(coherent) = value_in(&value, &control.unit, &what, diagnostics) {
            control.value = coherent;
            overrides.push((control.name.clone(), written(&value, &control.unit.name)));
        }
    }
    overrides
}

fn written(value: &Value, unit: &str) -> String {
    match value {
        Value::Number(_) if unit != "1" => format!("{} {unit}", as_written(value)),
        _ => as_written(value),
    }
}

/// The entries with dotted keys joined (`flare.ga = 5.7` is `"flare.ga" = 5.7`). A value from the command line replaces
/// the file's; a name given twice in one place is an error.
fn entries(
    table: Option<Table>,
    directory: &Directory,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(Text, Value)> {
    let mut flat = Vec::new();
    for (name, value) in table.map(Table::into_entries).unwrap_or_default() {
        flatten(name, value, &mut flat);
    }
    let mut found: Vec<(Text, Value)> = Vec::new();
    for (name, value) in flat {
        let full = |name: &Text| match directory.find(&name.value) {
            super::names::Found::One(entry) => entry.name.clone(),
            _ => name.value.clone(),
        };
        match found.iter_mut().find(|(other, _)| full(other) == full(&name)) {
            Some((other, _)) if other.span.file == name.span.file => {
                diagnostics.push(duplicate("value of", &name, other.span));
            }
            Some(other) => *other = (name, value),
            None => found.push((name, value)),
        }
    }
    found
}

fn flatten(name: Text, value: Value, found: &mut Vec<(Text, Value)>) {
    match value {
        Value::Table(table) => {
            for (part, value) in table.into_entries() {
                let value_name = format!("{}.{}", name.value, part.value);
                flatten(Text { value: value_name, span: part.span, verbatim: false }, value, found);
            }
        }
        value => found.push((name, value)),
    }
}
