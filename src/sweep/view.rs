//! `[report]`: which results of a sweep are looked at together, and how its page lays them out.
//!
//! It changes no result and no name of a result, but where it asks for paired errors: the rest may be edited at any time, and the page
//! written anew from what is there.

use super::axis::is_word;
use super::definition::{AxisColumn, Cell, Point};
use super::headers::is_free;
use super::level::{self, Measured, measured};
use super::score::Score;
use super::targets::whole;
use crate::diagnostic::{Diagnostic, Span, Text, closest};
use crate::document::{Table, Value};
use crate::model::Card;
use crate::scenario::{Note, Scenario};
use crate::trial::Target;
use crate::units;

/// Rows of the table on the page.
const ROWS: usize = 100;
const MOST_ROWS: usize = 2000;
/// Results that are shown where none are named.
const DEFAULT_COLUMNS: usize = 6;
/// More named results than this make no page to read.
const MOST_COLUMNS: usize = 24;

/// What is looked at, and how.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Results, one column each.
    pub columns: Vec<ViewColumn>,
    /// Arms of every point as the scenario calls them, the first being the reference of comparisons.
    pub arms: Vec<String>,
    /// Root of random numbers of the scenario as it stands.
    pub seed: u64,
    /// Length of follow-up of the scenario as it stands, as written.
    pub horizon: String,
    /// Notes of the scenario as it stands, and the card of its model: what its page must say.
    pub notes: Vec<Note>,
    /// The card.
    pub card: Option<Card>,
    /// Axis of maps from left to right; `None`: the page chooses.
    pub x: Option<usize>,
    /// Axis of maps from bottom to top.
    pub y: Option<usize>,
    /// Places of the points that are marked as the reference.
    pub reference: Vec<usize>,
    /// Column by which lines are coloured.
    pub colour: usize,
    /// By what the table is sorted, the largest first.
    pub sort: Option<Score>,
    /// Rows of the table on the page; all points are in its file.
    pub rows: usize,
    /// Whether points keep these results with groups of patients left out, for errors of pairs.
    pub paired: bool,
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewColumn {
    /// Name in expressions and in files.
    pub name: String,
    /// Which result.
    pub target: Target,
    /// Whether the file names the arm, so that others are not shown beside it.
    pub one_arm: bool,
}

impl ViewColumn {
    /// Index of the arm.
    pub fn arm(&self) -> usize {
        self.target.arms().next().unwrap_or(0)
    }
}

/// What the block is read against.
pub(super) struct Frame<'a> {
    pub axes: &'a [AxisColumn],
    pub points: &'a [Point],
    /// With the arms of every point alone, in their order.
    pub scenario: &'a Scenario,
}

/// Reads the block, or takes what suits a sweep without one. With the place of each column that the file names.
pub(super) fn read(
    table: Option<Table>,
    frame: &Frame<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(View, Vec<Option<Span>>)> {
    let scenario = frame.scenario;
    let mut view = View {
        arms: scenario.arms.iter().map(|arm| arm.name.clone()).collect(),
        seed: scenario.seed,
        horizon: scenario.horizon_text.clone(),
        notes: scenario.notes.clone(),
        card: scenario.model.card.clone(),
        rows: ROWS,
        ..View::default()
    };
    let Some(mut table) = table else {
        view.columns = default_columns(frame);
        let places = vec![None; view.columns.len()];
        return Some((view, places));
    };
    let errors = diagnostics.len();
    let (columns, places) = columns(&mut table, frame, diagnostics).into_iter().unzip();
    view.columns = columns;
    let axis = |text: Option<Text>, diagnostics: &mut Vec<Diagnostic>| {
        text.and_then(|text| axis(&text, frame.axes, diagnostics).map(|place| (place, text.span)))
    };
    let x = table.text("x", diagnostics);
    let x = axis(x, diagnostics);
    let y = table.text("y", diagnostics);
    let y = axis(y, diagnostics);
    if let (Some((x, first)), Some((y, span))) = (x, y)
        && x == y
    {
        diagnostics.push(
            Diagnostic::error("`x` and `y` are the same axis", span, "again here")
                .related(first, "first here")
                .help("name another axis, or leave one of the two out"),
        );
    }
    (view.x, view.y) = (x.map(|it| it.0), y.map(|it| it.0));
    if let Some(wanted) = table.table("reference", diagnostics) {
        view.reference = reference(wanted, frame, diagnostics);
    }
    if let Some(colour) = table.text("colour", diagnostics) {
        view.colour = column(&colour, &view.columns, diagnostics).unwrap_or(0);
    }
    if let Some(sort) = table.text("sort", diagnostics) {
        view.sort = Score::read(&sort, frame.axes, &view.columns, diagnostics);
    }
    view.rows = whole(&mut table, "rows", ROWS, (1, MOST_ROWS), diagnostics).unwrap_or(ROWS);
    view.paired = table.boolean("paired", diagnostics).is_some_and(|(paired, _)| paired);
    table.finish(diagnostics);
    (diagnostics.len() == errors).then_some((view, places))
}

/// The finding that there are no axes to lay out.
pub(super) fn no_axes(span: Span) -> Diagnostic {
    Diagnostic::error("`[report]` lays out results over axes, and this sweep has none", span, "this block")
        .help("remove it: sensitivity and tipping points have a page of their own")
}

/// One result of each endpoint, of the last arm.
fn default_columns(frame: &Frame<'_>) -> Vec<ViewColumn> {
    let mut found: Vec<ViewColumn> = Vec::new();
    for target in Target::leading(frame.scenario).into_iter().take(DEFAULT_COLUMNS) {
        let mut name = word(&target.label);
        while !is_free(&name, frame.axes, &found) {
            name.push('_');
        }
        found.push(ViewColumn { name, target, one_arm: false });
    }
    found
}

/// `endpoints`: labels, or tables with `endpoint`, `name`, `arm`, `against`.
fn columns(
    table: &mut Table,
    frame: &Frame<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(ViewColumn, Option<Span>)> {
    let items = match table.value("endpoints") {
        None => return default_columns(frame).into_iter().map(|column| (column, None)).collect(),
        Some(Value::List(items, _)) if (1..=MOST_COLUMNS).contains(&items.len()) => items,
        Some(Value::List(items, span)) => {
            let (what, help) = if items.is_empty() {
                ("`endpoints` is an empty list".to_owned(), "list labels of results, or leave the key out")
            } else {
                (format!("more than {MOST_COLUMNS} results on one page"), "list those that matter most")
            };
            diagnostics.push(Diagnostic::error(what, span, "here").help(help));
            return Vec::new();
        }
        Some(other) => {
            diagnostics.push(other.mistyped(
                "endpoints",
                "a list of labels",
                "endpoints = [\"PFS: median\"]",
            ));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for item in items {
        let span = item.span();
        found.extend(one_column(item, frame.scenario, diagnostics).map(|column| (column, Some(span))));
    }
    found
}

fn one_column(item: Value, scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<ViewColumn> {
    let (label, name, arm, against) = match item {
        Value::Text(label) => (label, None, None, None),
        Value::Table(mut table) => {
            let name = table.text("name", diagnostics);
            let label = table.required_text("endpoint", diagnostics);
            let (arm, against) = (table.text("arm", diagnostics), table.text("against", diagnostics));
            table.finish(diagnostics);
            (label?, name, arm, against)
        }
        other => {
            diagnostics.push(other.mistyped(
                "endpoints",
                "a label, or a table with its name",
                "endpoints = [{ name = \"response\", endpoint = \"overall response\" }]",
            ));
            return None;
        }
    };
    let target = Target::read(&label, arm.as_ref(), against.as_ref(), scenario, diagnostics)?;
    if let Some(against) =
        against.filter(|name| scenario.arms.first().is_none_or(|first| first.name != name.value))
    {
        let first = scenario.arms.first().map_or("", |arm| arm.name.as_str());
        diagnostics.push(
            Diagnostic::error("a sweep compares every arm with the first", against.span, "not the first arm")
                .help(format!("write `against = \"{first}\"`")),
        );
        return None;
    }
    if let Some(name) = name.as_ref().filter(|name| !is_word(&name.value)) {
        diagnostics.push(
            Diagnostic::error(format!("`{}` cannot be a name", name.value), name.span, "not one word")
                .help(format!("use letters, digits and _, a letter first: `{}`", word(&name.value))),
        );
        return None;
    }
    let name = name.map_or_else(|| word(&target.label), |name| name.value);
    Some(ViewColumn { name, target, one_arm: arm.is_some() })
}

/// A label as one word: "neutropenia: grade 4" is `neutropenia_grade_4`.
pub(super) fn word(label: &str) -> String {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let mut found = String::new();
    for letter in label.chars().map(letter) {
        if !(letter == '_' && (found.is_empty() || found.ends_with('_'))) {
            found.push(letter);
        }
    }
    let found = found.trim_end_matches('_');
    if is_word(found) { found.to_owned() } else { format!("result_{found}").trim_end_matches('_').to_owned() }
}

/// The place of the axis of this name.
fn axis(name: &Text, axes: &[AxisColumn], diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let names = axes.iter().map(|axis| axis.name.as_str());
    named("axis", name, names.collect(), diagnostics)
}

/// The place of the column of this name.
fn column(name: &Text, columns: &[ViewColumn], diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    if columns.is_empty() {
        return None;
    }
    named("result", name, columns.iter().map(|column| column.name.as_str()).collect(), diagnostics)
}

fn named(what: &str, name: &Text, known: Vec<&str>, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let found = known.iter().position(|other| *other == name.value);
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(
                format!("there is no {what} `{}`", name.value),
                name.span,
                format!("no such {what}"),
            )
            .help(match closest(&name.value, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are `{}`", known.join("`, `")),
            }),
        );
    }
    found
}

/// Places of the points that have these values on these axes.
fn reference(table: Table, frame: &Frame<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<usize> {
    let span = table.span();
    let errors = diagnostics.len();
    let mut wanted: Vec<(usize, Span, Value)> = Vec::new();
    for (name, value) in table.into_entries() {
        if let Some(place) = axis(&name, frame.axes, diagnostics) {
            wanted.push((place, value.span(), value));
        }
    }
    let mut places: Vec<usize> = (0..frame.points.len()).collect();
    for (axis, span, value) in &wanted {
        let on_it = |place: &usize| is_at(&frame.points[*place].cells[*axis], value, &frame.axes[*axis]);
        if !(0..frame.points.len()).any(|place| on_it(&place)) {
            let known = some_values(frame, *axis);
            diagnostics.push(
                Diagnostic::error(
                    format!("no point has this value of `{}`", frame.axes[*axis].name),
                    *span,
                    "no such value",
                )
                .help(format!("its values are {known}")),
            );
            return Vec::new();
        }
        places.retain(on_it);
    }
    if diagnostics.len() > errors {
        return Vec::new();
    }
    if wanted.is_empty() || places.is_empty() {
        diagnostics.push(
            Diagnostic::error("no point is this reference", span, "nothing meets this")
                .help("give one value of each axis, of a point that `where` keeps"),
        );
        return Vec::new();
    }
    places
}

/// Whether a cell holds a value, in whatever unit it is written.
fn is_at(cell: &Cell, value: &Value, axis: &AxisColumn) -> bool {
    match cell {
        Cell::Text(text) => *text == level::shown(value),
        Cell::Number(number) => {
            let Ok(unit) = units::parse(&axis.unit) else { return false };
            let like = Measured { value: *number, unit_text: axis.unit.clone(), unit };
            let found = measured(value).and_then(|value| level::in_unit(&value, &like));
            found.is_some_and(|found| (found - number).abs() <= 1e-9 * number.abs())
        }
    }
}

/// The first few values of an axis, for advice.
fn some_values(frame: &Frame<'_>, axis: usize) -> String {
    let mut known: Vec<String> = Vec::new();
    for point in frame.points {
        let shown = format!("{} {}", point.cells[axis].shown(), frame.axes[axis].unit);
        let shown = format!("`{}`", shown.trim_end());
        if !known.contains(&shown) {
            known.push(shown);
        }
        if known.len() > 8 {
            known[8] = "…".to_owned();
            break;
        }
    }
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_words() {
        for (label, expected) in [
            ("neutropenia: grade 3-4", "neutropenia_grade_3_4"),
            ("AUC (0-24 h): mean", "auc_0_24_h_mean"),
            ("4 weeks", "result_4_weeks"),
            ("µ", "result"),
        ] {
            assert_eq!(word(label), expected);
            assert!(is_word(&word(label)));
        }
    }
}
