//! Values of axes: numbers with units told from other values, written back as TOML, ranges spread out.

use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::expression::{self, Kind, UnaryOperator};
use crate::scenario::{DEFAULT_TABLETS, Rounding, Tablets};
use crate::units::{self, Unit};

/// More values in one range are a slip.
const MOST: usize = 100_000;
/// Share of a step by which the last value may miss the end of its range.
const HAIR: f64 = 1e-9;

/// A number with its unit as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    pub value: f64,
    pub unit_text: String,
    pub unit: Unit,
}

impl Measured {
    /// As TOML: a bare number, or a text with the unit.
    pub fn toml(&self, value: f64) -> String {
        if self.unit_text.is_empty() { number(value) } else { quoted(&format!("{value} {}", self.unit_text)) }
    }
}

/// A value as a number with a unit, if it is one: `25`, `"25 mg"`, `"-1 d"`.
pub(super) fn measured(value: &Value) -> Option<Measured> {
    match value {
        Value::Number(number) => {
            Some(Measured { value: number.value, unit_text: String::new(), unit: Unit::ONE })
        }
        Value::Text(text) => {
            let parsed = expression::parse(text, &mut Vec::new())?;
            let (sign, kind) = match parsed.kind {
                Kind::Unary(UnaryOperator::Negate, inner) => (-1.0, inner.kind),
                kind => (1.0, kind),
            };
            let Kind::Quantity { value, unit, .. } = kind else { return None };
            Some(Measured { value: sign * value, unit: units::parse(&unit).ok()?, unit_text: unit })
        }
        _ => None,
    }
}

/// The finding that a value is no number with a unit: what is wrong with its text, or that it is something else.
pub(super) fn unmeasured(value: &Value, key: &str, wanted: &str, example: &str) -> Diagnostic {
    let Value::Text(text) = value else { return value.mistyped(key, wanted, example) };
    let mut found = Vec::new();
    let parsed = expression::parse(text, &mut found);
    if let Some(first) = found.into_iter().next().filter(|_| parsed.is_none()) {
        return first;
    }
    Diagnostic::error(format!("`{key}` must be {wanted}"), text.span, "another text")
        .help(format!("write for example `{example}`"))
}

/// A value as TOML in one line.
pub(super) fn toml(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(&text.value),
        Value::Number(found) => found.whole.map_or_else(|| number(found.value), |whole| whole.to_string()),
        Value::Boolean(truth, _) => truth.to_string(),
        Value::List(items, _) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let entry = |(key, value): (Text, Value)| format!("{} = {}", quoted(&key.value), toml(&value));
            let entries: Vec<String> = table.clone().into_entries().into_iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A number as TOML; whole ones as integers, so that they fit keys that count.
pub(super) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:?}") }
}

/// A value as shown in a cell of texts.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.value.clone(),
        Value::List(items, _) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => toml(other),
    }
}

/// Without the noise of the last digits: 0.1 + 0.2 is 0.3.
pub(super) fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

/// A range from one number to another.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// Its unit is that of all values.
    pub from: Measured,
    /// In the unit of `from`.
    pub to: f64,
    /// Spread on the logarithm.
    pub logarithmic: bool,
    /// `step`, `count` or `tablets`; without, a design or a search chooses.
    pub values: Option<Vec<f64>>,
    pub span: Span,
}

impl Range {
    /// `{ from, to, step | count | tablets, scale }`.
    pub fn read(mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let errors = diagnostics.len();
        let span = table.span();
        let from = end("from", &mut table, diagnostics);
        let to = end("to", &mut table, diagnostics);
        let step = table.value("step");
        let count = table.integer("count", diagnostics);
        let tablets = table.value("tablets");
        let most = table.integer("tablets_at_most", diagnostics).map(|(most, _)| most);
        let scale = table.text("scale", diagnostics);
        table.finish(diagnostics);
        let logarithmic = match scale.as_ref().map(|scale| scale.value.as_str()) {
            None | Some("linear") => false,
            Some("logarithmic") => true,
            Some(other) => {
                let span = scale.as_ref().map_or(span, |scale| scale.span);
                diagnostics.push(
                    Diagnostic::error(format!("unknown scale `{other}`"), span, "not known")
                        .help("write `scale = \"linear\"` or `scale = \"logarithmic\"`"),
                );
                return None;
            }
        };
        let (from, to) = (from?, to?);
        let Some(to) = in_unit(&to, &from) else {
            diagnostics.push(
                Diagnostic::error("the ends of this range have different dimensions", span, "these two")
                    .help(format!("give both in one unit, such as `{}`", unit_or_number(&from))),
            );
            return None;
        };
        if to <= from.value || (logarithmic && from.value <= 0.0) {
            let what = if to <= from.value { "`to` must be above `from`" } else { "`from` must be above 0" };
            diagnostics
                .push(Diagnostic::error(format!("in this range {what}"), span, "an empty range").help(
                    "write for example `range = { from = \"5 mg\", to = \"25 mg\", step = \"5 mg\" }`",
                ));
            return None;
        }
        if !(to - from.value).is_finite() {
            diagnostics.push(
                Diagnostic::error("this range is wider than 1.8e308", span, "too wide")
                    .help("use a larger unit, or nearer ends"),
            );
            return None;
        }
        let mut range = Range { from, to, logarithmic, values: None, span };
        range.values = match tablets {
            Some(tablets) if step.is_none() && count.is_none() => {
                range.of_tablets(&tablets, most, diagnostics)
            }
            Some(tablets) => {
                diagnostics.push(
                    Diagnostic::error(
                        "a range of tablets has neither step nor count",
                        tablets.span(),
                        "here",
                    )
                    .help("leave `step` and `count` out: every dose of whole tablets is a value"),
                );
                None
            }
            None => range.spread(step, count, diagnostics),
        };
        (diagnostics.len() == errors).then_some(range)
    }

    /// The value at a share of the range, 0 … 1.
    pub fn at(&self, share: f64) -> f64 {
        let from = self.from.value;
        if self.logarithmic {
            // Of `libm`, so that a design has the same bits everywhere.
            libm::exp(libm::log(from) + share * (libm::log(self.to) - libm::log(from)))
        } else {
            from + share * (self.to - from)
        }
    }

    /// Every dose of whole tablets between the ends.
    fn of_tablets(
        &self,
        given: &Value,
        most: Option<u64>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<f64>> {
        let strength = |item: &Value| {
            let strength = measured(item).and_then(|found| in_unit(&found, &self.from));
            strength.filter(|strength| *strength > 0.0)
        };
        let strengths: Option<Vec<f64>> = match given {
            Value::List(items, _) => items.iter().map(strength).collect(),
            _ => None,
        };
        let most = most.map_or(DEFAULT_TABLETS, |most| u32::try_from(most).unwrap_or(u32::MAX));
        let strengths = strengths.filter(|strengths| !strengths.is_empty());
        let made = strengths.as_ref().map(|strengths| Tablets::new(strengths, most, Rounding::Down));
        if let Some(None) = made {
            diagnostics.push(
                Diagnostic::error("these tablets make too many different doses", given.span(), "too many")
                    .help("list fewer strengths, or lower `tablets_at_most`"),
            );
            return None;
        }
        let made = made.flatten();
        let between = |dose: &f64| *dose >= self.from.value * (1.0 - HAIR) && *dose <= self.to * (1.0 + HAIR);
        let values: Vec<f64> =
            made.iter().flat_map(Tablets::doses).filter(between).map(|dose| rounded(dose, 12)).collect();
        if values.is_empty() {
            diagnostics.push(
                Diagnostic::error("these tablets make no dose of this range", given.span(), "no dose").help(format!(
                    "list strengths in {}: `tablets = [\"2.5 mg\", \"5 mg\"]`, and `tablets_at_most` if more than {most} may be taken",
                    unit_or_number(&self.from)
                )),
            );
            return None;
        }
        Some(values)
    }

    fn spread(
        &self,
        step: Option<Value>,
        count: Option<(u64, Span)>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<f64>> {
        let mut refuse = |what: &str, span: Span, help: String| {
            diagnostics.push(Diagnostic::error(what, span, "here").help(help));
            None
        };
        match (step, count) {
            (Some(step), None) => {
                let span = step.span();
                let found = measured(&step).and_then(|step| in_unit(&step, &self.from));
                let Some(step) = found.filter(|step| *step > 0.0) else {
                    let help = format!("write it in {}, above 0", unit_or_number(&self.from));
                    return refuse("this step does not fit the range", span, help);
                };
                if self.logarithmic {
                    let help = "say how many values there are: `count = 5`".to_owned();
                    return refuse("a logarithmic range has no step", span, help);
                }
                let steps = ((self.to - self.from.value) / step + HAIR).floor();
                if steps >= MOST as f64 {
                    return refuse("this range has too many values", span, "make the step larger".to_owned());
                }
                Some((0..=steps as usize).map(|k| rounded(self.from.value + k as f64 * step, 12)).collect())
            }
            (None, Some((count, span))) => {
                let Some(count) = usize::try_from(count).ok().filter(|count| (2..=MOST).contains(count))
                else {
                    let help = format!("write a whole number from 2 to {MOST}");
                    return refuse("this range has too few or too many values", span, help);
                };
                let share = |k: usize| k as f64 / (count - 1) as f64;
                let mut values: Vec<f64> = (0..count).map(|k| rounded(self.at(share(k)), 12)).collect();
                values[count - 1] = self.to;
                Some(values)
            }
            (Some(_), Some((_, span))) => {
                refuse("a range has either a step or a count", span, "leave one of the two out".to_owned())
            }
            (None, None) => None,
        }
    }
}

fn end(key: &'static str, table: &mut Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Measured> {
    let Some(value) = table.value(key) else {
        if table.was_refused(key) {
            return None;
        }
        diagnostics.push(
            Diagnostic::error(format!("the key `{key}` is missing"), table.span(), format!("lacks `{key}`"))
                .help(format!("add `{key} = \"5 mg\"`, or a number where the key takes one")),
        );
        return None;
    };
    let found = measured(&value);
    if found.is_none() {
        diagnostics.push(unmeasured(&value, key, "a number with its unit", &format!("{key} = \"5 mg\"")));
    }
    found
}

/// A value in the unit of another; `None` where the dimensions differ.
pub(super) fn in_unit(value: &Measured, like: &Measured) -> Option<f64> {
    if value.unit_text == like.unit_text {
        return Some(value.value);
    }
    units::conversion(value.unit, like.unit).map(|factor| rounded(value.value * factor, 14))
}

fn unit_or_number(like: &Measured) -> String {
    if like.unit_text.is_empty() { "plain numbers".to_owned() } else { like.unit_text.clone() }
}
