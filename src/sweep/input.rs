//! `[[sensitivity.input]]`, `[[tipping.input]]`: keys of the scenario and the range or distribution that their values come from.

use super::axis::{name_of, paths};
use super::keys::Keys;
use super::level::{Measured, Range, in_unit, measured, unmeasured};
use super::question::{Input, Spread};
use crate::diagnostic::{Diagnostic, Span, Text, closest};
use crate::document::{Table, Value};

/// Keys that would part the patients of one point from those of another.
pub(super) const PATIENTS: [&[&str]; 2] = [&["seed"], &["population", "patients"]];
/// Shares far out in both tails, farther than any design goes.
const FAR: [f64; 2] = [1e-12, 1.0 - 1e-12];

/// Reads the inputs of a block; `block` is its name, for messages.
pub(super) fn read(
    tables: Vec<Table>,
    block: (&str, Span),
    keys: &mut Keys,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(Input, Span)>> {
    let errors = diagnostics.len();
    if tables.is_empty() {
        diagnostics.push(
            Diagnostic::error(format!("`[{}]` varies nothing", block.0), block.1, "has no input").help(format!(
                "add `[[{}.input]]` with `key = \"parameters.…\"` and `range = {{ from = \"9 L/h\", to = \"15 L/h\" }}`",
                block.0
            )),
        );
        return None;
    }
    let mut found: Vec<(Input, Span)> = Vec::new();
    for table in tables {
        let span = table.span();
        let Some(input) = one(table, keys, diagnostics) else { continue };
        if let Some((_, first)) = found.iter().find(|(other, _)| other.name == input.name) {
            diagnostics.push(
                Diagnostic::error(format!("there are two inputs `{}`", input.name), span, "again here")
                    .related(*first, "first here")
                    .help("give one of them another `name`"),
            );
        }
        found.push((input, span));
    }
    (diagnostics.len() == errors).then_some(found)
}

fn one(mut table: Table, keys: &mut Keys, diagnostics: &mut Vec<Diagnostic>) -> Option<Input> {
    let errors = diagnostics.len();
    let span = table.span();
    let name = table.text("name", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |about| about.value);
    let (key, linked) = (table.text("key", diagnostics), table.texts("keys", diagnostics));
    let written = table.text("as", diagnostics);
    let base = table.value("base");
    let spread = spread(&mut table, span, diagnostics);
    table.finish(diagnostics);
    let paths = paths("input", key, linked, span, diagnostics)?;
    let of_patients = |path: &&Text| PATIENTS.iter().any(|key| keys.touches(&path.value, key));
    if let Some(path) = paths.iter().find(of_patients) {
        diagnostics.push(
            Diagnostic::error(
                "every point must treat the same virtual patients",
                path.span,
                "changes who they are",
            )
            .help("leave the number of patients and the seed alone, or set them once in `[set]`"),
        );
    }
    if let Some(text) = written.as_ref().filter(|text| !text.value.contains("{value}")) {
        diagnostics.push(
            Diagnostic::error("nothing says where the value stands in this text", text.span, "no `{value}`")
                .help("write for example `as = \"ANC < {value}\"`"),
        );
    }
    let name = name_of("input", name, &paths, span, diagnostics);
    let by = name.as_ref().map_or("an input".to_owned(), |name| format!("the input `{}`", name.value));
    let paths = keys.moved(&by, paths, diagnostics);
    paths.iter().for_each(|path| keys.value(&path.value, None, span));
    let (like, spread) = spread?;
    let base = match base {
        Some(value) => Some(base_of(&value, &like, diagnostics)?),
        None => None,
    };
    let name = name?.value;
    (diagnostics.len() == errors).then(|| Input {
        name,
        about,
        base,
        paths: paths.into_iter().map(|path| path.value).collect(),
        written: written.map(|text| text.value),
        like,
        spread,
    })
}

fn base_of(value: &Value, like: &Measured, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let Some(found) = measured(value) else {
        diagnostics.push(unmeasured(value, "base", "a number with its unit", "base = \"12 L/h\""));
        return None;
    };
    let found = in_unit(&found, like);
    if found.is_none() {
        diagnostics.push(another_unit("base", value.span(), like));
    }
    found
}

fn another_unit(key: &str, span: Span, like: &Measured) -> Diagnostic {
    let unit = if like.unit_text.is_empty() { "plain numbers" } else { &like.unit_text };
    Diagnostic::error(format!("`{key}` has another dimension than the rest of this input"), span, "here")
        .help(format!("give all of them in {unit}"))
}

/// A range, or the keys of a distribution.
fn spread(table: &mut Table, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<(Measured, Spread)> {
    let range = table.table("range", diagnostics);
    let distribution = table.text("distribution", diagnostics);
    match (range, distribution) {
        (Some(range), None) => {
            let place = range.span();
            let range = Range::read(range, diagnostics)?;
            if range.values.is_some() {
                diagnostics.push(
                    Diagnostic::error("the range of an input has neither step nor count", place, "a range")
                        .help("leave `step` and `count` out: the method chooses the values"),
                );
                return None;
            }
            let ends = (range.from.value, range.to);
            let spread = match range.logarithmic {
                true => Spread::Logarithmic(ends.0, ends.1),
                false => Spread::Range(ends.0, ends.1),
            };
            Some((range.from, spread))
        }
        (None, Some(kind)) => distribution_of(&kind, table, span, diagnostics),
        (found, _) => {
            let what = if found.is_some() { "both a range and a distribution" } else { "no range" };
            diagnostics.push(Diagnostic::error(format!("this input has {what}"), span, "this input").help(
                "write `range = { from = \"9 L/h\", to = \"15 L/h\" }`, or `distribution = \"log-normal\"` with `median` and `omega`",
            ));
            None
        }
    }
}

/// The names are those of covariates in a population.
fn distribution_of(
    kind: &Text,
    table: &mut Table,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Measured, Spread)> {
    const KINDS: [&str; 2] = ["normal", "log-normal"];
    let normal = match kind.value.as_str() {
        "normal" => true,
        "log-normal" => false,
        other => {
            let near = closest(other, KINDS).map_or(KINDS[0], |near| near);
            diagnostics.push(
                Diagnostic::error(format!("unknown distribution `{other}`"), kind.span, "not known")
                    .help(format!("write `distribution = \"{near}\"`; evenly spread values are a `range`")),
            );
            return None;
        }
    };
    let centre = if normal { "mean" } else { "median" };
    let like = quantity(table, centre, None, span, diagnostics)?;
    let limits = ["lower", "upper"].map(|key| {
        table
            .has(key)
            .then(|| quantity(table, key, Some(&like), span, diagnostics))
            .map(|limit| limit.map(|it| it.value))
    });
    let [lower, upper] = [f64::NEG_INFINITY, f64::INFINITY];
    let [lower, upper] = [limits[0].unwrap_or(Some(lower))?, limits[1].unwrap_or(Some(upper))?];
    let (key, width) = if normal {
        ("sd", quantity(table, "sd", Some(&like), span, diagnostics)?.value)
    } else {
        log_width(table, span, diagnostics)?
    };
    let centre_fits = lower < like.value && like.value < upper && (normal || like.value > 0.0);
    if !width.is_finite() || width <= 0.0 || !centre_fits {
        let what = if centre_fits && width > 0.0 {
            format!("`{key}` is too large")
        } else if centre_fits {
            format!("`{key}` must be above 0")
        } else {
            format!("`{centre}` must lie between the limits")
        };
        diagnostics.push(
            Diagnostic::error(format!("of this distribution {what}"), span, "no such distribution")
                .help("write for example `distribution = \"log-normal\", median = \"12 L/h\", omega = 0.2`"),
        );
        return None;
    }
    let limits = [lower, upper];
    let spread = if normal {
        Spread::Normal(like.value, width, limits)
    } else {
        Spread::LogNormal(like.value, width, limits)
    };
    if !FAR.iter().all(|share| spread.at(*share).is_finite()) {
        diagnostics.push(
            Diagnostic::error("this distribution has values beyond 1.8e308", span, "too wide")
                .help(format!("make `{key}` smaller")),
        );
        return None;
    }
    Some((like, spread))
}

/// `omega`, or `cv` of the log-normal distribution: ω² = ln(1 + CV²).
fn log_width(
    table: &mut Table,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(&'static str, f64)> {
    match (table.has("omega"), table.has("cv")) {
        (true, false) => Some(("omega", table.number("omega", diagnostics)?.value)),
        (false, true) => {
            let cv = table.number("cv", diagnostics)?.value;
            Some(("cv", if cv > 0.0 { libm::sqrt(libm::log1p(cv * cv)) } else { cv }))
        }
        _ => {
            diagnostics.push(
                Diagnostic::error("a log-normal distribution has either `omega` or `cv`", span, "this input")
                    .help("add `omega = 0.2`, the SD of the logarithm, or `cv = 0.2`"),
            );
            None
        }
    }
}

/// A number with its unit, in that of another.
fn quantity(
    table: &mut Table,
    key: &'static str,
    like: Option<&Measured>,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Measured> {
    let Some(value) = table.value(key) else {
        if table.was_refused(key) {
            return None;
        }
        diagnostics.push(
            Diagnostic::error(format!("the key `{key}` is missing"), span, format!("lacks `{key}`"))
                .help(format!("add `{key} = \"12 L/h\"`, or a number where the key takes one")),
        );
        return None;
    };
    let Some(found) = measured(&value) else {
        diagnostics.push(unmeasured(&value, key, "a number with its unit", &format!("{key} = \"12 L/h\"")));
        return None;
    };
    let Some(like) = like else { return Some(found) };
    match in_unit(&found, like) {
        Some(value) => Some(Measured { value, ..like.clone() }),
        None => {
            diagnostics.push(another_unit(key, value.span(), like));
            None
        }
    }
}
