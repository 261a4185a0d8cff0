//! `[comparison]` and `[replicates]`: up to when restricted means go, what wins a comparison of two patients, and which trials
//! of real size are drawn.

use super::analysis_definition::{Analysis, Choice, ChoiceLimit, HierarchyItem, ReplicateDraw, Replicates};
use super::endpoint_definition::{EndpointDefinition, EndpointKind};
use super::names::missing;
use super::quantity::quantity;
use super::time::duration;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Number, Table, Value};
use crate::units;

/// Largest number of replicates, and of patients in each arm of one.
const MOST: u64 = 1_000_000;

/// Reads both tables. Endpoints are those of the scenario, `cycle` and `horizon` in d.
pub(super) fn read(
    comparison: Option<Table>,
    replicates: Option<Table>,
    endpoints: &[EndpointDefinition],
    (cycle, horizon): (f64, f64),
    diagnostics: &mut Vec<Diagnostic>,
) -> Analysis {
    let mut analysis = Analysis::default();
    if let Some(mut table) = comparison {
        let until = table.text("restricted_mean", diagnostics);
        let items = table.value("win_ratio");
        table.finish(diagnostics);
        analysis.restricted_mean = until.and_then(|text| restricted_mean(&text, cycle, horizon, diagnostics));
        analysis.hierarchy = items.map_or(Vec::new(), |items| hierarchy(items, endpoints, diagnostics));
    }
    analysis.replicates = replicates.and_then(|table| read_replicates(table, diagnostics));
    analysis
}

fn restricted_mean(
    text: &Text,
    cycle: f64,
    horizon: f64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(f64, String)> {
    let until = duration(text, Some(cycle), diagnostics)?;
    if until <= 0.0 || until > horizon + 1e-6 {
        diagnostics.push(
            Diagnostic::error(
                "a restricted mean ends after the start and not after the end of follow-up",
                text.span,
                "not within follow-up",
            )
            .help("write for example `restricted_mean = \"12 months\"`, or leave it out for the whole follow-up"),
        );
        return None;
    }
    Some((until, text.value.clone()))
}

fn hierarchy(
    items: Value,
    endpoints: &[EndpointDefinition],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<HierarchyItem> {
    let Value::List(items, _) = items else {
        diagnostics.push(items.mistyped(
            "win_ratio",
            "a list of endpoints",
            "win_ratio = [\"progression-free survival\", \"neutropenia\"]",
        ));
        return Vec::new();
    };
    let mut seen: Vec<Text> = Vec::new();
    let mut hierarchy = Vec::new();
    for item in items {
        let (name, better, margin) = match item {
            Value::Text(name) => (Some(name), None, None),
            Value::Table(mut table) => {
                let name = table.required_text("endpoint", diagnostics);
                let (better, margin) = (table.text("better", diagnostics), table.text("margin", diagnostics));
                table.finish(diagnostics);
                (name, better, margin)
            }
            other => {
                diagnostics.push(other.mistyped("win_ratio", "a list of endpoints", "win_ratio = [\"…\"]"));
                continue;
            }
        };
        let Some(name) = name else { continue };
        if let Some(first) = seen.iter().find(|other| other.value == name.value) {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` stands twice in the win ratio", name.value),
                    name.span,
                    "again",
                )
                .related(first.span, "first here")
                .help("name each endpoint once: what ties there once ties again"),
            );
            continue;
        }
        seen.push(name.clone());
        hierarchy.extend(hierarchy_item(&name, better.as_ref(), margin.as_ref(), endpoints, diagnostics));
    }
    hierarchy
}

fn hierarchy_item(
    name: &Text,
    better: Option<&Text>,
    margin: Option<&Text>,
    endpoints: &[EndpointDefinition],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<HierarchyItem> {
    let Some(endpoint) = endpoints.iter().position(|endpoint| endpoint.name == name.value) else {
        let known = endpoints.iter().map(|endpoint| endpoint.name.as_str());
        diagnostics.push(missing(&name.value, name.span, "endpoint", known));
        return None;
    };
    let definition = &endpoints[endpoint];
    let higher_is_better = match better.map(|text| text.value.as_str()) {
        Some("higher") => true,
        Some("lower") => false,
        Some(_) => {
            let span = better.map_or(name.span, |text| text.span);
            diagnostics
                .push(Diagnostic::error("`better` is \"higher\" or \"lower\"", span, "neither").help(
                    "write `better = \"higher\"` where a larger value, a longer time or yes is better",
                ));
            return None;
        }
        None => better_by_kind(&definition.kind).or_else(|| {
            diagnostics.push(
                Diagnostic::error(
                    format!("nothing says whether more or less of `{}` is better", name.value),
                    name.span,
                    "its kind does not tell",
                )
                .help(format!("write `{{ endpoint = \"{}\", better = \"higher\" }}`", name.value)),
            );
            None
        })?,
    };
    let margin = match margin {
        None => 0.0,
        Some(text) => {
            quantity(text, definition.unit.unit.dimension, "a margin", diagnostics).filter(|it| *it >= 0.0)?
        }
    };
    Some(HierarchyItem { endpoint, higher_is_better, margin })
}

/// Whether more is better, where the kind of endpoint tells: times to what one wants late; grades and ranks of response.
fn better_by_kind(kind: &EndpointKind) -> Option<bool> {
    match kind {
        EndpointKind::ProgressionFreeSurvival { .. }
        | EndpointKind::TimeToHazard { .. }
        | EndpointKind::TimeOnTreatment => Some(true),
        EndpointKind::WorstGrade { .. }
        | EndpointKind::BestResponse(_)
        | EndpointKind::TumourLysis { .. } => Some(false),
        _ => None,
    }
}

fn read_replicates(mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Replicates> {
    let patients = count(&mut table, "patients", None, diagnostics);
    let number = count(&mut table, "replicates", Some(1000), diagnostics);
    let draw = match table.text("draw", diagnostics) {
        None => Some(ReplicateDraw::Resampled),
        Some(text) => match text.value.as_str() {
            "resampled" => Some(ReplicateDraw::Resampled),
            "new" => Some(ReplicateDraw::New),
            other => {
                let known = ["resampled", "new"].into_iter();
                diagnostics.push(missing(other, text.span, "way to draw replicates", known));
                None
            }
        },
    };
    let tests = table.texts("tests", diagnostics);
    let alpha = match table.number("alpha", diagnostics) {
        None => Some(0.05),
        Some(Number { value, .. }) if value > 0.0 && value < 1.0 => Some(value),
        Some(Number { span, .. }) => {
            diagnostics.push(
                Diagnostic::error("`alpha` lies between 0 and 1", span, "no level of a test")
                    .help("write for example `alpha = 0.05`"),
            );
            None
        }
    };
    let choice = table.table("choose", diagnostics);
    let choice = choice.map(|choice| read_choice(choice, diagnostics));
    table.finish(diagnostics);
    let choice = match choice {
        Some(choice) => Some(choice?),
        None => None,
    };
    Some(Replicates { patients: patients?, number: number?, draw: draw?, tests, alpha: alpha?, choice })
}

fn count(
    table: &mut Table,
    key: &'static str,
    default: Option<usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    if default.is_none() && !table.has(key) {
        let finding =
            Diagnostic::error(format!("the key `{key}` is missing"), table.span(), format!("lacks `{key}`"));
        diagnostics
            .push(finding.help(format!("add `{key} = 60`: so many in each arm, as the protocol plans")));
        return None;
    }
    let errors = diagnostics.len();
    match table.integer(key, diagnostics) {
        None if diagnostics.len() > errors => None,
        None => default,
        Some((number, _)) if (2..=MOST).contains(&number) => usize::try_from(number).ok(),
        Some((_, span)) => {
            diagnostics.push(
                Diagnostic::error(format!("`{key}` lies between 2 and {MOST}"), span, "out of range")
                    .help(format!("write for example `{key} = {}`", default.unwrap_or(60))),
            );
            None
        }
    }
}

fn read_choice(mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Choice> {
    let span = table.span();
    let (largest, smallest) = (table.text("largest", diagnostics), table.text("smallest", diagnostics));
    let mut limits = Vec::new();
    for (key, at_most) in [("at_most", true), ("at_least", false)] {
        for limit in table.tables(key, diagnostics) {
            limits.extend(read_limit(limit, at_most, diagnostics));
        }
    }
    table.finish(diagnostics);
    let (of, largest) = match (largest, smallest) {
        (Some(of), None) => (of, true),
        (None, Some(of)) => (of, false),
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    "an arm is chosen by one estimate",
                    span,
                    "wants one of `largest`, `smallest`",
                )
                .help("write for example `choose = { largest = \"best response: ORR (CR+CRi+PR)\" }`"),
            );
            return None;
        }
    };
    Some(Choice { of, largest, limits })
}

fn read_limit(mut table: Table, at_most: bool, diagnostics: &mut Vec<Diagnostic>) -> Option<ChoiceLimit> {
    let span = table.span();
    let of = table.required_text("of", diagnostics);
    let limit = table.value("limit");
    table.finish(diagnostics);
    let wanted = |span: Span| {
        Diagnostic::error("a limit is a number with the unit of its estimate", span, "no such number")
            .help("write for example `limit = \"20 %\"`")
    };
    let (limit, unit, span) = match limit {
        Some(Value::Number(number)) => (number.value, None, number.span),
        Some(Value::Text(text)) => {
            let Some((limit, unit)) = number_and_unit(&text.value) else {
                diagnostics.push(wanted(text.span));
                return None;
            };
            (limit, unit, text.span)
        }
        other => {
            diagnostics.push(wanted(other.map_or(span, |value| value.span())));
            return None;
        }
    };
    Some(ChoiceLimit { of: of?, at_most, limit, unit, span })
}

/// "20 %" as 20 and "%": a finite number and what follows it, if anything.
pub fn number_and_unit(text: &str) -> Option<(f64, Option<String>)> {
    let text = text.trim();
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || "+-.eE".contains(letter)))
        .unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = text[end..].trim();
    number.is_finite().then(|| (number, (!unit.is_empty()).then(|| unit.to_owned())))
}

/// A limit in the unit in which a result is told; `None` where the limit's unit is of another dimension. Counts may be written as
/// in conditions: `0.5e9/L` is a number with the unit `/L`. A result without a unit takes a limit without one.
pub fn limit_in(shown: &str, limit: f64, unit: Option<&str>) -> Option<f64> {
    match unit {
        None => Some(limit),
        Some(unit) if unit == shown => Some(limit),
        Some(_) if shown == "1" => None,
        Some(unit) => {
            let to = units::parse(shown).ok()?;
            let factor = |unit: &str| units::conversion(units::parse(unit).ok()?, to);
            if unit.starts_with('/') {
                // Of counts, which are written in 1e9 cells, or of pure numbers.
                return factor(&format!("1e9{unit}"))
                    .map(|factor| limit * 1e-9 * factor)
                    .or_else(|| Some(limit * factor(&format!("1{unit}"))?));
            }
            Some(limit * factor(unit)?)
        }
    }
}
