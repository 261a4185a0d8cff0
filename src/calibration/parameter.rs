//! `[[parameter]]`: one parameter of the model that is fitted, with its prior.

use super::definition::Parameter;
use super::problem::{Transform, Unknown};
use crate::diagnostic::{Diagnostic, Span, Text, closest};
use crate::document::{Table, Value};
use crate::expression::{self, Kind, UnaryOperator};
use crate::model::{Model, NamedUnit};
use crate::units;

/// Where population parameters stand in a scenario.
const SECTION: &str = "parameters.";

/// A parameter as read.
pub(super) struct Fitted {
    pub parameter: Parameter,
    pub unknown: Unknown,
    /// Of its key.
    pub span: Span,
}

/// Reads one. `models`: those of all scenarios that are simulated, at least one.
pub(super) fn read(
    mut table: Table,
    models: &[(String, Model)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Fitted> {
    let key = table.required_text("key", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |about| about.value);
    let transform = table.text("transform", diagnostics);
    let (prior, bounds) = (table.value("prior"), table.value("bounds"));
    let sd = table.required_number("sd", diagnostics);
    table.finish(diagnostics);
    let key = key?;
    let (name, unit, value) = find(&key, models, prior.is_some(), diagnostics)?;
    let bounds = match bounds {
        Some(bounds) => Some(pair(bounds, &unit, diagnostics)?),
        None => None,
    };
    let prior = match prior {
        Some(prior) => number(&prior, "prior", &unit, diagnostics)?,
        None => value,
    };
    let transform = transform_of(transform.as_ref(), bounds, diagnostics)?;
    let sd = sd?;
    if sd.value <= 0.0 {
        diagnostics.push(
            Diagnostic::error("the standard deviation of a prior is positive", sd.span, "not above 0")
                .help("write for example `sd = 0.5`: on the log scale about 50 % to either side"),
        );
        return None;
    }
    let limits = bounds.unwrap_or(match transform {
        Transform::Natural => (f64::NEG_INFINITY, f64::INFINITY),
        Transform::Log => (0.0, f64::INFINITY),
        Transform::Logit { lower, upper } => (lower, upper),
    });
    let unknown = Unknown { name: name.clone(), transform, prior, sd: sd.value, bounds: limits };
    let label = format!("is {prior} {}", unit.name);
    if !transform.forward(prior).is_finite() {
        let message = format!("the prior of `{name}` has no place on its scale");
        diagnostics.push(Diagnostic::error(message, key.span, label).help(
            "a logarithm needs a value above 0, a logit one between `bounds` (0 and 1 without); `transform = \"natural\"` takes any",
        ));
        return None;
    }
    if !(limits.0 < prior && prior < limits.1) {
        let message = format!("the prior of `{name}` lies outside its bounds");
        diagnostics
            .push(Diagnostic::error(message, key.span, label).help("move the bounds, or give `prior`"));
        return None;
    }
    let unit = if unit.name.is_empty() { "1".to_owned() } else { unit.name };
    let span = key.span;
    Some(Fitted { parameter: Parameter { key: key.value, name, unit, value, about }, unknown, span })
}

/// The parameter that a key means: full name, unit, the models' value.
fn find(
    key: &Text,
    models: &[(String, Model)],
    has_prior: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, NamedUnit, f64)> {
    let Some(name) = key.value.strip_prefix(SECTION) else {
        diagnostics.push(
            Diagnostic::error(
                format!("`{}` is no population parameter", key.value),
                key.span,
                "not under `parameters`",
            )
            .help("write the key as `--set` takes it, for example `key = \"parameters.immune.k_e\"`"),
        );
        return None;
    };
    let name = name.trim_matches(['"', '\'']);
    let mut found: Option<(String, NamedUnit, f64)> = None;
    for (scenario, model) in models {
        let Some(parameter) = model.parameters.iter().find(|parameter| parameter.name == name) else {
            let names = || model.parameters.iter().map(|parameter| parameter.name.as_str());
            let last = format!(".{}", name.rsplit('.').next().unwrap_or(name));
            let near = names().find(|known| known.ends_with(&last)).or_else(|| closest(name, names()));
            let message = format!("the model of `{scenario}` has no parameter `{name}`");
            let help = match near {
                Some(near) => format!("did you mean `{SECTION}{near}`?"),
                None => "`regimen describe MODEL` lists its parameters by their full names".to_owned(),
            };
            diagnostics.push(Diagnostic::error(message, key.span, "not a parameter there").help(help));
            return None;
        };
        let value = parameter.unit.show(parameter.value);
        match &found {
            None => found = Some((name.to_owned(), parameter.unit.clone(), value)),
            Some((_, _, first)) if *first != value && !has_prior => {
                let message = format!("`{name}` is {first} in `{}` and {value} in `{scenario}`", models[0].0);
                diagnostics.push(
                    Diagnostic::error(message, key.span, "which of them is the prior?")
                        .help("say it: `prior = …`; the fitted value will be set in all scenarios"),
                );
                return None;
            }
            Some(_) => {}
        }
    }
    found
}

fn transform_of(
    text: Option<&Text>,
    bounds: Option<(f64, f64)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Transform> {
    let (lower, upper) = bounds.unwrap_or((0.0, 1.0));
    let Some(text) = text else { return Some(Transform::Log) };
    match text.value.as_str() {
        "log" => Some(Transform::Log),
        "logit" => Some(Transform::Logit { lower, upper }),
        "natural" => Some(Transform::Natural),
        other => {
            diagnostics.push(
                Diagnostic::error(format!("`{other}` is no scale of a prior"), text.span, "unknown scale")
                    .help("write \"log\" (of what is positive), \"logit\" (between bounds) or \"natural\""),
            );
            None
        }
    }
}

/// `[lower, upper]`.
fn pair(value: Value, unit: &NamedUnit, diagnostics: &mut Vec<Diagnostic>) -> Option<(f64, f64)> {
    let span = value.span();
    let Value::List(items, _) = &value else {
        diagnostics.push(value.mistyped("bounds", "a list of two", "bounds = [0.01, 0.2]"));
        return None;
    };
    let found: Option<Vec<f64>> =
        items.iter().map(|item| number(item, "bounds", unit, diagnostics)).collect();
    match found?.as_slice() {
        [lower, upper] if lower < upper => Some((*lower, *upper)),
        _ => {
            diagnostics.push(
                Diagnostic::error("bounds are two values, the lower first", span, "here")
                    .help("write for example `bounds = [0.01, 0.2]`"),
            );
            None
        }
    }
}

/// A number in the parameter's unit, or a text with a unit of its own.
fn number(value: &Value, key: &str, unit: &NamedUnit, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    match value {
        Value::Number(number) => Some(number.value),
        Value::Text(text) => {
            let found = quantity(text).and_then(|(value, given)| {
                let given = units::parse(&given).ok()?;
                Some(value * units::conversion(given, unit.unit)?)
            });
            if found.is_none() {
                let message =
                    format!("`{key}` must be in {}, or in a unit of the same dimension", named(unit));
                diagnostics.push(
                    Diagnostic::error(message, text.span, "not in such a unit")
                        .help(format!("write a plain number for {}", named(unit))),
                );
            }
            found
        }
        other => {
            diagnostics.push(other.mistyped(key, "a number, or a text with a unit", &format!("{key} = 0.5")));
            None
        }
    }
}

fn named(unit: &NamedUnit) -> &str {
    if unit.name.is_empty() { "1" } else { &unit.name }
}

/// Value and unit of a text such as `0.05 1/d`.
fn quantity(text: &Text) -> Option<(f64, String)> {
    let (sign, kind) = match expression::parse(text, &mut Vec::new())?.kind {
        Kind::Unary(UnaryOperator::Negate, inner) => (-1.0, inner.kind),
        kind => (1.0, kind),
    };
    match kind {
        Kind::Quantity { value, unit, .. } => Some((sign * value, unit)),
        _ => None,
    }
}
