//! `regimen describe`: a model as tables, in text or Markdown.

use std::fmt::Write;

use super::loader::Files;
use super::message;
use super::outcome::Outcome;
use super::table::{Table, rounded};
use crate::diagnostic::Sources;
use crate::model::{
    self, Covariate, Error, Formula, Interpolation, Model, NamedUnit, RandomEffect, Symbol, Tag,
};
use crate::program::Program;
use crate::report::card;

/// Digits shown of a value: all that a file usually gives, fewer than the noise of unit conversion.
const DIGITS: usize = 10;

/// Digits shown of a standard deviation that may have been computed from a coefficient of variation.
const OMEGA_DIGITS: usize = 6;

/// Prints the card of the model called `name`.
pub fn show_card(name: &str) -> Outcome {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let model = model::check_module(name, &Files, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    let Some(model) = model else { return Outcome::WrongInput };
    match &model.card {
        Some(card) => message::result(card::markdown(title(&model), card), Outcome::Fine),
        None => {
            message::note(format!(
                "the model `{}` has no card; name one by `card = \"…\"` in its file (docs/model-file.md)",
                model.name
            ));
            Outcome::WrongInput
        }
    }
}

/// The title, or the name where there is none.
fn title(model: &Model) -> &str {
    if model.title.is_empty() { &model.name } else { &model.title }
}

/// Prints the model called `name`. A module that is made for composition is described with its inputs open.
pub fn describe(name: &str, markdown: bool) -> Outcome {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let model = model::check_module(name, &Files, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    match model {
        Some(model) => message::result(description(&model, markdown), Outcome::Fine),
        None => Outcome::WrongInput,
    }
}

/// The whole description.
fn description(model: &Model, markdown: bool) -> String {
    let mut text = head(model, markdown);
    for table in tables(model).iter().filter(|table| !table.rows.is_empty()) {
        let rendered = if markdown { table.markdown() } else { table.text() };
        let _ = write!(text, "\n{rendered}");
    }
    text
}

/// Title, sources and modules.
fn head(model: &Model, markdown: bool) -> String {
    let mut text = String::new();
    let title = title(model);
    let _ = if markdown {
        writeln!(text, "# {title}\n\nModel `{}`. Rates are per {}.", model.name, model.time.name)
    } else {
        writeln!(text, "{title}\n\nModel {}. Rates are per {}.", model.name, model.time.name)
    };
    if let Some(own) = model.modules.first() {
        if !own.about.is_empty() {
            let _ = writeln!(text, "\n{}", own.about.trim());
        }
        if !own.source.is_empty() {
            let _ = writeln!(text, "\nSource: {}", own.source.trim());
        }
    }
    text
}

fn tables(model: &Model) -> Vec<Table> {
    vec![
        modules(model),
        covariates(model),
        parameters(model),
        controls(model),
        random_effects(model, false),
        random_effects(model, true),
        correlations(model),
        states(model),
        equations(model),
        doses(model),
        outputs(model),
        hazards(model),
        requirements(model),
    ]
}

fn modules(model: &Model) -> Table {
    let mut table = Table::new("Modules", "", &["prefix", "title", "source"]);
    for module in model.modules.iter().skip(1) {
        table.row([format!("{}.", module.alias), module.title.clone(), module.source.clone()]);
    }
    table
}

fn covariates(model: &Model) -> Table {
    let said = |covariate: &Covariate| covariate.column.is_some() || covariate.interpolation.is_some();
    if !model.covariates.iter().any(said) {
        let mut table = Table::new("Covariates", "What a patient brings.", &["name", "unit", "meaning"]);
        for covariate in &model.covariates {
            table.row([covariate.name.clone(), covariate.unit.name.clone(), covariate.about.clone()]);
        }
        return table;
    }
    let about = "What a patient brings. In a table of records: its column, and its value between two of them, which is that of the \
                 record that ends the interval (next) or begins it (previous), or on the line between them (linear).";
    let columns = ["name", "unit", "column", "between records", "meaning"];
    let mut table = Table::new("Covariates", about, &columns);
    for covariate in &model.covariates {
        let interpolation = match covariate.interpolation {
            Some(Interpolation::Next) => "next",
            Some(Interpolation::Previous) => "previous",
            Some(Interpolation::Linear) => "linear",
            None => "as asked for",
        };
        table.row([
            covariate.name.clone(),
            covariate.unit.name.clone(),
            covariate.column.clone().unwrap_or_else(|| covariate.name.clone()),
            interpolation.to_owned(),
            covariate.about.clone(),
        ]);
    }
    table
}

fn parameters(model: &Model) -> Table {
    let about = "Origin: read in the source, derived by arithmetic from it, calibrated to trial outcomes, or assumed.";
    let columns = ["name", "value", "unit", "origin", "meaning", "source"];
    let mut table = Table::new("Parameters", about, &columns).right(1);
    for parameter in &model.parameters {
        table.row([
            parameter.name.clone(),
            value_in(&parameter.unit, parameter.value),
            parameter.unit.name.clone(),
            tag(parameter.tag).to_owned(),
            parameter.about.clone(),
            parameter.source.clone(),
        ]);
    }
    table
}

fn controls(model: &Model) -> Table {
    let about = "Set by the arms of a scenario; constant between events.";
    let mut table = Table::new("Controls", about, &["name", "value", "unit", "meaning"]).right(1);
    for control in &model.controls {
        let value = if control.driven_by_treatment {
            "1 on treatment".to_owned()
        } else {
            value_in(&control.unit, control.value)
        };
        table.row([control.name.clone(), value, control.unit.name.clone(), control.about.clone()]);
    }
    table
}

/// Effects of patients, or of their occasions.
fn random_effects(model: &Model, by_occasion: bool) -> Table {
    let columns = ["effect", "distribution", "omega", "CV %", "bounds"];
    let (title, about) = if by_occasion {
        (
            "Between-occasion variability",
            "Differences between a patient's occasions, drawn anew on each; on top of those between patients.",
        )
    } else {
        (
            "Between-subject variability",
            "Differences between patients. omega: standard deviation of the effect, on the log or logit scale; \
             CV: sqrt(exp(omega²) − 1), the coefficient of variation of a log-normal quantity.",
        )
    };
    let mut table = Table::new(title, about, &columns).right(2).right(3);
    for effect in model.random_effects.iter().filter(|effect| effect.by_occasion == by_occasion) {
        let bounds = match (&effect.lower, &effect.upper) {
            (None, None) => "",
            (Some(_), None) => "redrawn below the lower bound",
            (None, Some(_)) => "redrawn above the upper bound",
            (Some(_), Some(_)) => "redrawn outside both bounds",
        };
        table.row([
            effect.symbol(),
            effect.distribution.clone(),
            omega(effect),
            coefficient_of_variation(effect),
            bounds.to_owned(),
        ]);
    }
    table
}

fn omega(effect: &RandomEffect) -> String {
    let value = rounded(effect.unit.show(effect.omega), OMEGA_DIGITS);
    if effect.unit.name == "1" || effect.unit.name.is_empty() {
        value
    } else {
        format!("{value} {}", effect.unit.name)
    }
}

/// Only a log-normal quantity has one that does not depend on its typical value.
fn coefficient_of_variation(effect: &RandomEffect) -> String {
    if effect.distribution == "log-normal" {
        format!("{:.1}", 100.0 * (effect.omega * effect.omega).exp_m1().sqrt())
    } else {
        "–".to_owned()
    }
}

fn correlations(model: &Model) -> Table {
    let columns = ["effect", "with", "correlation"];
    let mut table = Table::new("Correlations between effects", "", &columns).right(2);
    for correlation in &model.correlations {
        let name = |index: usize| model.random_effects[index].symbol();
        table.row([name(correlation.between.0), name(correlation.between.1), number(correlation.value)]);
    }
    table
}

fn states(model: &Model) -> Table {
    let about = "Rate: change per time. Solved: `exactly` marks states that have a closed form between events (transit chains; \
                 linear absorption, compartments, effect compartments, areas); the rest is integrated. The reference \
                 methods integrate everything.";
    let columns = ["name", "unit", "initial", "rate", "solved", "meaning"];
    let mut table = Table::new("States", about, &columns).code(2).code(3);
    let program = Program::compile(model);
    for (index, state) in model.states.iter().enumerate() {
        let solved = if program.is_exact(index) { "exactly" } else { "integrated" };
        table.row([
            state.name.clone(),
            state.unit.name.clone(),
            state.initial_text.clone(),
            state.text.clone(),
            solved.to_owned(),
            state.about.clone(),
        ]);
    }
    table
}

fn equations(model: &Model) -> Table {
    let mut table = Table::new("Equations", "", &["name", "unit", "value", "meaning"]).code(2);
    // The reader of models gives every output an equation of the same name; it is shown among the outputs.
    let is_output = |name: &str| model.outputs.iter().any(|output| output.name == name);
    for equation in model.equations.iter().filter(|equation| !is_output(&equation.name)) {
        table.row([
            equation.name.clone(),
            equation.unit.name.clone(),
            equation.text.clone(),
            equation.about.clone(),
        ]);
    }
    table
}

fn doses(model: &Model) -> Table {
    let about = "CMT: the number by which records name the route. Duration and rate: of an infusion whose record leaves it to the \
                 model (RATE -2, -1). varies: depends on the patient.";
    let columns = ["name", "unit", "CMT", "into", "fraction", "lag", "duration", "rate", "meaning"];
    let mut table = Table::new("Doses", about, &columns).right(2);
    let numbered = model.routes.iter().any(|route| route.compartment.is_some());
    let shown = |formula: &Formula, factor: f64, unit: &str| match fixed_value(formula, model) {
        Some(value) => format!("{} {unit}", number(value / factor)),
        None => "varies".to_owned(),
    };
    let time = &model.time;
    for (place, route) in model.routes.iter().enumerate() {
        let into: Vec<&str> = route.into.iter().map(|it| model.states[it.state].name.as_str()).collect();
        let fractions: Vec<String> = route.into.iter().map(|it| shown(&it.fraction, 1.0, "")).collect();
        let compartment = if numbered { route.compartment.map(|it| it as usize) } else { Some(place + 1) };
        let lag = match fixed_value(&route.lag, model) {
            Some(0.0) => "–".to_owned(),
            _ => shown(&route.lag, time.unit.factor, &time.name),
        };
        let optional = |formula: &Option<Formula>, factor: f64, unit: &str| {
            formula.as_ref().map_or("–".to_owned(), |formula| shown(formula, factor, unit))
        };
        let rate = format!("{}/{}", route.unit.name, time.name);
        table.row([
            route.name.clone(),
            route.unit.name.clone(),
            compartment.map_or("–".to_owned(), |number| number.to_string()),
            into.join(", "),
            fractions.join(", "),
            lag,
            optional(&route.duration, time.unit.factor, &time.name),
            optional(&route.rate, route.unit.unit.factor / time.unit.factor, &rate),
            route.about.clone(),
        ]);
    }
    table
}

fn outputs(model: &Model) -> Table {
    let about = "Residual error: what is added to the true value when it is measured. Of proportional and additive parts the \
                 variances add; CV of an exponential one: sqrt(exp(omega²) − 1). \
                 BLQ: below the limit of quantification.";
    let columns = ["name", "unit", "value", "residual error", "meaning"];
    let mut table = Table::new("Outputs", about, &columns).code(2);
    for output in &model.outputs {
        let error =
            output.error.as_ref().map_or("–".to_owned(), |error| residual(error, &output.unit, model));
        table.row([
            output.name.clone(),
            output.unit.name.clone(),
            output.text.clone(),
            error,
            output.about.clone(),
        ]);
    }
    table
}

/// "exponential 0.28", "additive 0.4 g/dL"; where a part depends on the patient, only its kind.
fn residual(error: &Error, unit: &NamedUnit, model: &Model) -> String {
    let mut parts = Vec::new();
    let mut push = |kind: &str, formula: &Option<Formula>, show: &dyn Fn(f64) -> String| {
        if let Some(formula) = formula {
            let shown = fixed_value(formula, model).map_or("varies".to_owned(), show);
            parts.push(format!("{kind} {shown}"));
        }
    };
    push("proportional", &error.proportional, &|share| format!("{} %", number(100.0 * share)));
    push("additive", &error.additive, &|size| format!("{} {}", value_in(unit, size), unit.name));
    push("exponential", &error.exponential, &|omega| {
        format!("{} (CV {:.1} %)", number(omega), 100.0 * (omega * omega).exp_m1().sqrt())
    });
    if let Some(limit) = error.limit_of_quantification {
        parts.push(format!("BLQ below {} {}", value_in(unit, limit), unit.name));
    }
    parts.join(", ")
}

/// The value of a formula of parameters and numbers alone.
fn fixed_value(formula: &Formula, model: &Model) -> Option<f64> {
    let value = formula.evaluate(&mut |symbol| match symbol {
        Symbol::Parameter(index) => model.parameters[index].value,
        _ => f64::NAN,
    });
    value.is_finite().then_some(value)
}

fn hazards(model: &Model) -> Table {
    let about = "An event happens when its cumulative hazard reaches −ln U.";
    let columns = ["name", "cumulative hazard", "effect", "meaning"];
    let mut table = Table::new("Events", about, &columns);
    for hazard in &model.hazards {
        let effect = match (hazard.terminal, hazard.ends_treatment, hazard.recurrent) {
            (true, _, _) => "ends follow-up",
            (_, true, _) => "ends treatment",
            (_, _, true) => "can recur",
            _ => "counted once",
        };
        let state = model.states[hazard.state].name.clone();
        table.row([hazard.name.clone(), state, effect.to_owned(), hazard.about.clone()]);
    }
    table
}

fn requirements(model: &Model) -> Table {
    let about = "A virtual patient who does not meet one of these is drawn again.";
    let mut table = Table::new("Requirements", about, &["condition", "reason"]).code(0);
    for requirement in &model.requirements {
        table.row([requirement.text.clone(), requirement.about.clone()]);
    }
    table
}

fn tag(tag: Tag) -> &'static str {
    match tag {
        Tag::Read => "read",
        Tag::Derived => "derived",
        Tag::Calibrated => "calibrated",
        Tag::Assumed => "assumed",
        Tag::Untagged => "–",
    }
}

/// A coherent value in its unit.
fn value_in(unit: &NamedUnit, coherent: f64) -> String {
    number(unit.show(coherent))
}

fn number(value: f64) -> String {
    rounded(value, DIGITS)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn noise_of_unit_conversion_is_not_shown() {
        assert_eq!(number(12.0 * 24.0 / 24.000000000000004), "12");
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(1.5e-9), "1.5e-9");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(-2.25e8), "-2.25e8");
    }
}
