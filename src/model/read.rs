//! One model file: TOML keys to declarations. Texts are parsed as expressions and units here; names mean nothing yet.

use super::declarations::{
    Covariate, Declarations, Distribution, Dose, Effect, Hazard, Item, Output, State, Use,
};
use super::definition::{Caution, Interpolation, NamedUnit, Tag};
use super::entry::{
    Diagnostics, item, named_unit, parsed, plain, required_number, required_written, unreadable, written,
    written_or_number,
};
use super::variability::{correlation, covariance, individual, spread};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::units;

/// Reads a whole file. Errors are pushed; what could be read is returned all the same, so that one mistake does not
/// hide the others.
pub(super) fn declarations(mut table: Table, diagnostics: &mut Diagnostics) -> Declarations {
    let d = diagnostics;
    let mut all = Declarations {
        title: table.required_text("title", d).map_or_else(String::new, |text| text.value),
        source: plain(&mut table, "source", d),
        about: plain(&mut table, "about", d),
        time: table.text("time", d).and_then(|text| time_unit(&text, d)),
        ..Declarations::default()
    };
    all.extends = table.text("extends", d);
    all.card = table.text("card", d);
    for used in table.tables("use", d) {
        all.uses.extend(read_use(used, all.extends.is_some(), d));
    }
    each(&mut table, "covariates", d, |name, entry, d| all.covariates.push(covariate(name, entry, d)));
    each(&mut table, "inputs", d, |name, mut entry, d| {
        let item = item(name, &mut entry, true, d);
        let default = written(&mut entry, "default", d);
        entry.finish(d);
        all.inputs.push((item, default));
    });
    each(&mut table, "controls", d, |name, mut entry, d| {
        let item = item(name, &mut entry, true, d);
        let value = required_number(&mut entry, "value", "the value when no arm sets it", d);
        let driven = entry.text("driven_by", d);
        if let Some(by) = driven.as_ref().filter(|by| by.value != "treatment") {
            d.push(
                Diagnostic::error(
                    format!("nothing drives a control called `{}`", by.value),
                    by.span,
                    "unknown",
                )
                .help("write `driven_by = \"treatment\"`, or leave the key out"),
            );
        }
        entry.finish(d);
        all.controls.push((item, value, driven.is_some()));
    });
    each(&mut table, "parameters", d, |name, mut entry, d| {
        let item = item(name, &mut entry, true, d);
        let value = required_number(&mut entry, "value", "the population value", d);
        entry.finish(d);
        all.parameters.push((item, value));
    });
    each(&mut table, "individual", d, |name, entry, d| {
        if let Some((individual, kappa)) = individual(name, entry, d) {
            all.individuals.push(individual);
            all.occasion_effects.extend(kappa);
        }
    });
    each(&mut table, "variability", d, |name, entry, d| all.effects.push(effect(name, entry, d)));
    each(&mut table, "occasion_variability", d, |name, entry, d| {
        all.occasion_effects.push(effect(name, entry, d));
    });
    for entry in table.tables("correlation", d) {
        all.correlations.extend(correlation(entry, d));
    }
    for entry in table.tables("covariance", d) {
        all.covariances.extend(covariance(entry, d));
    }
    equations(&mut table, &mut all, d);
    each(&mut table, "states", d, |name, entry, d| all.states.push(state(name, entry, d)));
    each(&mut table, "doses", d, |name, entry, d| all.doses.extend(dose(name, entry, d)));
    each(&mut table, "outputs", d, |name, entry, d| all.outputs.push(output(name, entry, d)));
    each(&mut table, "hazards", d, |name, entry, d| all.hazards.extend(hazard(name, entry, d)));
    for mut entry in table.tables("require", d) {
        let condition = required_written(&mut entry, "condition", d);
        let about = plain(&mut entry, "about", d);
        entry.finish(d);
        all.requirements.push((condition, about));
    }
    for mut entry in table.tables("note", d) {
        let title = entry.required_text("title", d);
        let lines = entry.texts("lines", d).into_iter().map(|line| line.value).collect();
        entry.finish(d);
        all.notes.extend(title.map(|title| Caution { title: title.value, lines }));
    }
    table.finish(d);
    all
}

/// Reads a section whose keys are the user's names and whose values are tables.
fn each(
    table: &mut Table,
    section: &'static str,
    diagnostics: &mut Diagnostics,
    mut read: impl FnMut(Text, Table, &mut Diagnostics),
) {
    let Some(section_table) = table.table(section, diagnostics) else { return };
    for (name, value) in section_table.into_entries() {
        if !is_name(&name.value) {
            diagnostics.push(no_name(&name));
            continue;
        }
        match value {
            Value::Table(entry) => read(name, entry, diagnostics),
            other => diagnostics.push(
                Diagnostic::error(
                    format!("`{}` in [{section}] must be a table, but this is {}", name.value, other.kind()),
                    other.span(),
                    "a table is wanted",
                )
                .help(format!("write `{} = {{ {} }}`", name.value, example(section))),
            ),
        }
    }
}

/// What an entry of a section looks like.
fn example(section: &str) -> &'static str {
    match section {
        "parameters" => "value = 12, unit = \"L/h\", source = \"…\"",
        "covariates" | "inputs" => "unit = \"kg\", about = \"…\"",
        "controls" => "unit = \"1\", value = 0",
        "individual" => "typical = \"CL_typ\", distribution = \"log-normal\", omega = 0.3",
        "variability" | "occasion_variability" => "omega = 0.3",
        "states" => "unit = \"mg\", rate = \"-k * depot\"",
        "doses" => "into = \"depot\"",
        "outputs" => "unit = \"ng/mL\", value = \"central / V\"",
        _ => "cumulative = \"H\"",
    }
}

/// Words of the language.
const RESERVED: [&str; 8] = ["t", "eta", "true", "false", "and", "or", "not", "if"];

fn no_name(name: &Text) -> Diagnostic {
    let finding = Diagnostic::error(format!("`{}` cannot be a name", name.value), name.span, "not a name");
    finding.help(match name.value.as_str() {
        "t" => "`t` is the time; choose another name".to_owned(),
        word if RESERVED.contains(&word) => {
            format!("`{word}` is a word of the language; choose another name")
        }
        _ => "a name starts with a letter and goes on with letters, digits and `_`".to_owned(),
    })
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&text)
}

fn time_unit(text: &Text, diagnostics: &mut Diagnostics) -> Option<NamedUnit> {
    let named = named_unit(text, diagnostics)?;
    if named.unit.dimension == units::Dimension::time() {
        return Some(named);
    }
    diagnostics.push(
        Diagnostic::error(format!("`{}` is not a unit of time", text.value), text.span, "not a time")
            .help("write \"h\" or \"d\""),
    );
    None
}

/// One line of `use`. In a file that extends another a line without `module` binds further inputs of the other's module.
fn read_use(mut entry: Table, extends: bool, d: &mut Diagnostics) -> Option<Use> {
    let further = extends && !entry.has("module");
    let module = if further { None } else { Some(entry.required_text("module", d)) };
    let alias = entry.required_text("as", d);
    let mut inputs = Vec::new();
    if let Some(bindings) = entry.table("inputs", d) {
        for (name, value) in bindings.into_entries() {
            match value {
                Value::Text(text) => {
                    let span = text.span;
                    inputs.push((name, parsed(text, d).unwrap_or_else(|| unreadable(span))));
                }
                other => d.push(
                    Diagnostic::error("an input is bound by an expression", other.span(), other.kind())
                        .help(format!("write `{} = \"pk.Cp\"`", name.value)),
                ),
            }
        }
    }
    entry.finish(d);
    let alias = alias?;
    if !is_name(&alias.value) {
        d.push(no_name(&alias));
        return None;
    }
    if alias.value == "kappa" {
        d.push(
            Diagnostic::error("a module cannot be called `kappa`", alias.span, "taken")
                .help("`kappa.` begins the names of effects of occasions; choose another alias"),
        );
        return None;
    }
    let module = match module {
        Some(module) => Some(module?),
        None => None,
    };
    Some(Use { module, alias, inputs })
}

fn equations(table: &mut Table, all: &mut Declarations, d: &mut Diagnostics) {
    let Some(section) = table.table("equations", d) else { return };
    for (name, value) in section.into_entries() {
        if !is_name(&name.value) {
            d.push(no_name(&name));
            continue;
        }
        match value {
            Value::Text(text) => {
                let item = Item {
                    name,
                    unit: None,
                    about: String::new(),
                    source: String::new(),
                    tag: Tag::Untagged,
                };
                let span = text.span;
                all.equations.push((item, parsed(text, d).unwrap_or_else(|| unreadable(span))));
            }
            Value::Table(mut entry) => {
                let item = item(name, &mut entry, false, d);
                let tree = required_written(&mut entry, "value", d);
                entry.finish(d);
                all.equations.push((item, tree));
            }
            other => d.push(
                Diagnostic::error(
                    format!("an equation is a text, but this is {}", other.kind()),
                    other.span(),
                    "a text is wanted",
                )
                .help(format!(
                    "write `{} = \"…\"`; a constant belongs in [parameters] with its unit",
                    name.value
                )),
            ),
        }
    }
}

/// A bare random effect.
fn effect(name: Text, mut entry: Table, d: &mut Diagnostics) -> Effect {
    let spread = spread(&mut entry, d);
    entry.text("about", d);
    entry.finish(d);
    Effect { name, distribution: Distribution::LogNormal, spread }
}

fn covariate(name: Text, mut entry: Table, d: &mut Diagnostics) -> Covariate {
    let item = item(name, &mut entry, true, d);
    let column = entry.text("column", d).map(|text| text.value);
    let interpolation = entry.text("interpolation", d).and_then(|text| match text.value.as_str() {
        "next" => Some(Interpolation::Next),
        "previous" => Some(Interpolation::Previous),
        "linear" => Some(Interpolation::Linear),
        other => {
            d.push(
                Diagnostic::error(format!("`{other}` is no way to interpolate"), text.span, "unknown").help(
                    "write \"next\" (the value of the record that ends an interval), \"previous\" (of that which begins it) or \
                     \"linear\"",
                ),
            );
            None
        }
    });
    entry.finish(d);
    Covariate { item, column, interpolation }
}

fn state(name: Text, mut entry: Table, d: &mut Diagnostics) -> State {
    let item = item(name, &mut entry, true, d);
    let rate = required_written(&mut entry, "rate", d);
    let initial = written_or_number(&mut entry, "initial", d);
    let tolerance = entry.number("absolute_tolerance", d);
    if let Some(tolerance) = tolerance.filter(|tolerance| tolerance.value <= 0.0) {
        d.push(
            Diagnostic::error("an absolute tolerance must be positive", tolerance.span, "not positive")
                .help("it is the error allowed when the state is near zero, in the state's unit, e.g. 1e-8"),
        );
    }
    entry.finish(d);
    State { item, rate, initial, tolerance }
}

fn dose(name: Text, mut entry: Table, d: &mut Diagnostics) -> Option<Dose> {
    let item = item(name, &mut entry, false, d);
    let fraction = written_or_number(&mut entry, "fraction", d);
    let lag = written(&mut entry, "lag", d);
    let duration = written(&mut entry, "duration", d);
    let rate = written(&mut entry, "rate", d);
    let compartment = entry.integer("compartment", d).and_then(|(number, span)| compartment(number, span, d));
    let mut into = Vec::new();
    match entry.value("into") {
        Some(Value::Text(state)) => into.push((state, fraction)),
        Some(Value::List(destinations, _)) => {
            for destination in destinations {
                let Value::Table(mut destination) = destination else { continue };
                let state = destination.required_text("state", d);
                let share = written_or_number(&mut destination, "fraction", d);
                destination.finish(d);
                into.extend(state.map(|state| (state, share)));
            }
        }
        _ => {}
    }
    if into.is_empty() {
        d.push(
            Diagnostic::error("a dose goes into a state", entry.span(), "needs `into`")
                .help("write `into = \"depot\"` or `into = [{ state = \"depot\", fraction = \"F\" }]`"),
        );
    }
    entry.finish(d);
    Some(Dose { item, into, lag, duration, rate, compartment })
}

/// A number that a record can give in its column CMT.
fn compartment(number: u64, span: Span, d: &mut Diagnostics) -> Option<(u32, Span)> {
    let small = u32::try_from(number).ok().filter(|number| *number > 0);
    if small.is_none() {
        d.push(
            Diagnostic::error(
                format!("{number} is no number of a compartment"),
                span,
                "not a whole number from 1 on",
            )
            .help("write for example `compartment = 1`; records name the route by it in their column CMT"),
        );
    }
    small.map(|number| (number, span))
}

fn output(name: Text, mut entry: Table, d: &mut Diagnostics) -> Output {
    let item = item(name, &mut entry, true, d);
    let value = required_written(&mut entry, "value", d);
    let [mut proportional, mut additive, mut exponential, mut limit_of_quantification] =
        [None, None, None, None];
    if let Some(mut error) = entry.table("error", d) {
        proportional = written_or_number(&mut error, "proportional", d);
        additive = written_or_number(&mut error, "additive", d);
        exponential = written_or_number(&mut error, "exponential", d);
        limit_of_quantification = written_or_number(&mut error, "limit_of_quantification", d);
        error.finish(d);
    }
    entry.finish(d);
    Output { item, value, proportional, additive, exponential, limit_of_quantification }
}

fn hazard(name: Text, mut entry: Table, d: &mut Diagnostics) -> Option<Hazard> {
    let item = item(name, &mut entry, false, d);
    let cumulative = entry.required_text("cumulative", d);
    let mut flag = |key| entry.boolean(key, d).is_some_and(|(value, _)| value);
    let (terminal, ends_treatment, recurrent) = (flag("terminal"), flag("ends_treatment"), flag("recurrent"));
    entry.finish(d);
    Some(Hazard { item, cumulative: cumulative?, terminal, ends_treatment, recurrent })
}
