//! `[[axis]]`: keys of the scenario and the values that they take, alone or together.

use super::definition::{AxisColumn, Block, Cell, Entry};
use super::keys::Keys;
use super::level::{self, Measured, Range, measured};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::units::Dimension;

/// An axis as read.
pub(super) enum Axis {
    /// Its values are told.
    Listed(Block),
    /// A range whose values a design chooses.
    Free(Free),
}

/// A range without step or count.
#[derive(Debug, Clone)]
pub(super) struct Free {
    pub column: AxisColumn,
    pub paths: Vec<String>,
    pub range: Range,
    /// Text in which the value stands for `{value}`.
    pub written: Option<String>,
}

impl Free {
    /// What it sets at a value of its range.
    pub fn settings(&self, value: f64) -> impl Iterator<Item = (String, String)> + '_ {
        let toml = match &self.written {
            Some(text) => {
                let shown = format!("{value} {}", self.range.from.unit_text);
                level::quoted(&text.replace("{value}", shown.trim_end()))
            }
            None => self.range.from.toml(value),
        };
        self.paths.iter().map(move |path| (path.clone(), toml.clone()))
    }
}

/// Reads one axis.
pub(super) fn read(
    mut table: Table,
    keys: &mut Keys,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Text, Axis)> {
    let errors = diagnostics.len();
    let span = table.span();
    let name = table.text("name", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |about| about.value);
    let key = table.text("key", diagnostics);
    let linked = table.texts("keys", diagnostics);
    let several = !linked.is_empty();
    let values = table.value("values");
    let range = table.table("range", diagnostics);
    let written = written(&mut table, range.is_some(), diagnostics);
    let has_labels = table.has("labels");
    let labels = table.texts("labels", diagnostics);
    let refused = table.was_refused("values") || table.was_refused("range");
    table.finish(diagnostics);
    let paths = paths("axis", key, linked, span, diagnostics)?;
    let name = name_of("axis", name, &paths, span, diagnostics)?;
    let paths = keys.moved(&format!("the axis `{}`", name.value), paths, diagnostics);
    let column =
        AxisColumn { name: name.value.clone(), unit: String::new(), numeric: false, about: about.clone() };
    let axis = match (values, range) {
        (Some(Value::List(items, span)), None) if items.is_empty() => {
            diagnostics.push(
                Diagnostic::error("`values` is an empty list", span, "no value")
                    .help("list at least one value: `values = [\"5 mg\", \"10 mg\"]`"),
            );
            return None;
        }
        (Some(Value::List(items, _)), None) => {
            let labels = has_labels.then_some(labels);
            let block = listed(column, &paths, several, &items, labels.as_deref(), diagnostics)?;
            for (entry, item) in block.entries.iter().zip(&items) {
                for (path, value) in &entry.settings {
                    keys.value(path, Some(value.clone()), item.span());
                }
            }
            Axis::Listed(block)
        }
        (Some(other), None) => {
            diagnostics.push(other.mistyped("values", "a list of values", "values = [\"5 mg\", \"10 mg\"]"));
            return None;
        }
        (None, Some(table)) => {
            let range = Range::read(table, diagnostics)?;
            if has_labels {
                diagnostics.push(
                    Diagnostic::error("a range has no labels", range.span, "a range")
                        .help("remove `labels`, or list the values"),
                );
            }
            let paths: Vec<String> = paths.into_iter().map(|path| path.value).collect();
            paths.iter().for_each(|path| keys.value(path, None, range.span));
            ranged(Free { column: column_of(column, &range), paths, range, written })
        }
        (None, None) if refused => return None,
        (found, _) => {
            let what = if found.is_some() { "has both values and a range" } else { "has no values" };
            diagnostics.push(Diagnostic::error(format!("this axis {what}"), span, "this axis").help(
                "write `values = [\"5 mg\", \"10 mg\"]` or `range = { from = \"5 mg\", to = \"25 mg\", step = \"5 mg\" }`",
            ));
            return None;
        }
    };
    (diagnostics.len() == errors).then_some((name, axis))
}

/// `as`: of ranges alone, since values of a list are written as they are.
fn written(table: &mut Table, ranged: bool, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let text = table.text("as", diagnostics)?;
    let (what, help) = if !ranged {
        ("`as` writes the values of a range", "write the values of the list as they stand in the scenario")
    } else if !text.value.contains("{value}") {
        ("nothing says where the value stands in this text", "write for example `as = \"ANC < {value}\"`")
    } else {
        return Some(text.value);
    };
    diagnostics.push(Diagnostic::error(what, text.span, "here").help(help));
    None
}

/// The paths of `key` or `keys`; `what` is an axis or an input, for messages.
pub(super) fn paths(
    what: &str,
    key: Option<Text>,
    keys: Vec<Text>,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Text>> {
    let found = match (key, keys.is_empty()) {
        (Some(key), true) => vec![key],
        (None, false) => keys,
        (found, _) => {
            let which = if found.is_some() { "both `key` and `keys`" } else { "no `key`" };
            let this = format!("this {what}");
            diagnostics.push(Diagnostic::error(format!("{this} has {which}"), span, this).help(
                "write `key = \"parameters.pk.cl_f\"`, or `keys = [\"…\", \"…\"]` for keys that move together",
            ));
            return None;
        }
    };
    if let Some(empty) = found.iter().find(|path| path.value.trim().is_empty()) {
        diagnostics.push(
            Diagnostic::error("this is no path to a key", empty.span, "empty")
                .help("write for example `horizon`, `population.patients` or `arm.0.treatment.0.start`"),
        );
        return None;
    }
    Some(found)
}

/// The name as given, or the last part of the first key; `what` is an axis or an input, for messages.
pub(super) fn name_of(
    what: &str,
    given: Option<Text>,
    paths: &[Text],
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Text> {
    let was_given = given.is_some();
    let name = given.or_else(|| {
        let path = paths.first()?;
        let last = path.value.rsplit('.').next()?.trim_matches(['"', '\'']);
        Some(Text { value: last.to_owned(), span: path.span, verbatim: false })
    })?;
    if is_word(&name.value) {
        return Some(name);
    }
    let (refused, place) = match was_given {
        true => (format!("`{}` cannot name an {what}", name.value), name.span),
        false => (format!("this {what} needs a name"), span),
    };
    diagnostics.push(Diagnostic::error(refused, place, "here").help(
        "add `name = \"start\"`: letters, digits and `_`, the first a letter; it names a column of the results and stands in `where`",
    ));
    None
}

/// Whether a text can be a name in an expression.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The settings of each value.
fn settings_of(
    paths: &[Text],
    several: bool,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, String)>> {
    match value {
        Value::List(items, span) if several => {
            if items.len() != paths.len() {
                diagnostics.push(
                    Diagnostic::error(
                        format!("{} values for {} keys", items.len(), paths.len()),
                        *span,
                        "one value for each key",
                    )
                    .help("list one value for each of `keys`, or write one value that all of them take"),
                );
                return None;
            }
            Some(
                paths.iter().zip(items).map(|(path, item)| (path.value.clone(), level::toml(item))).collect(),
            )
        }
        value => Some(paths.iter().map(|path| (path.value.clone(), level::toml(value))).collect()),
    }
}

fn listed(
    column: AxisColumn,
    paths: &[Text],
    several: bool,
    items: &[Value],
    labels: Option<&[Text]>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Block> {
    let errors = diagnostics.len();
    if let Some(labels) = labels
        && labels.len() != items.len()
    {
        let span = labels.first().map_or(items[0].span(), |label| label.span);
        diagnostics.push(
            Diagnostic::error(
                format!("{} labels for {} values", labels.len(), items.len()),
                span,
                "one for each value",
            )
            .help("write one label for each of `values`"),
        );
        return None;
    }
    let mut block = block(column, items, labels);
    for (entry, item) in block.entries.iter_mut().zip(items) {
        entry.settings = settings_of(paths, several, item, diagnostics).unwrap_or_default();
    }
    for (place, entry) in block.entries.iter().enumerate() {
        if let Some(first) = block.entries[..place].iter().position(|other| other.cells == entry.cells) {
            diagnostics.push(
                Diagnostic::error("this value stands twice on its axis", items[place].span(), "again here")
                    .related(items[first].span(), "first here")
                    .help("remove one of the two, or tell them apart by `labels`"),
            );
        }
    }
    (diagnostics.len() == errors).then_some(block)
}

/// The column and cells of a list of values, which set nothing yet.
pub(super) fn block(mut column: AxisColumn, items: &[Value], labels: Option<&[Text]>) -> Block {
    let numbers: Option<Vec<Measured>> = items.iter().map(measured).collect();
    let numbers = numbers.filter(|found| {
        labels.is_none() && found.iter().all(|one| one.unit.dimension == found[0].unit.dimension)
    });
    let entry = |cell| Entry { cells: vec![cell], settings: Vec::new() };
    let (entries, factor, dimension) = match &numbers {
        Some(numbers) => {
            let first = &numbers[0];
            column.numeric = true;
            column.unit.clone_from(&first.unit_text);
            let cell = |one: &Measured| entry(Cell::Number(level::in_unit(one, first).unwrap_or(one.value)));
            (numbers.iter().map(cell).collect(), first.unit.factor, first.unit.dimension)
        }
        None => {
            let cell = |(place, item): (usize, &Value)| {
                let label = labels.and_then(|labels| labels.get(place));
                entry(Cell::Text(label.map_or_else(|| level::shown(item), |label| label.value.clone())))
            };
            (items.iter().enumerate().map(cell).collect(), 1.0, Dimension::NONE)
        }
    };
    Block { columns: vec![column], factors: vec![factor], dimensions: vec![dimension], entries }
}

/// The column of a range.
fn column_of(column: AxisColumn, range: &Range) -> AxisColumn {
    AxisColumn { numeric: true, unit: range.from.unit_text.clone(), ..column }
}

fn ranged(axis: Free) -> Axis {
    let Some(values) = &axis.range.values else { return Axis::Free(axis) };
    let entry =
        |value: &f64| Entry { cells: vec![Cell::Number(*value)], settings: axis.settings(*value).collect() };
    let entries = values.iter().map(entry).collect();
    let unit = axis.range.from.unit;
    Axis::Listed(Block {
        columns: vec![axis.column],
        factors: vec![unit.factor],
        dimensions: vec![unit.dimension],
        entries,
    })
}
