//! Headers of every table that a sweep writes: no two of one table may be the same, or a reader takes one column for the other.
//!
//! Names of axes, inputs, results and objectives become headers, some with an ending, beside those that the tables have of themselves.

use super::definition::{AxisColumn, Sweep};
use super::index::INDEX;
use super::objective::Objectives;
use super::partition::{axis_columns, columns};
use super::question::Question;
use super::view::ViewColumn;
use crate::diagnostic::{Diagnostic, Span, Text};

/// Names that a sweep file gives, by what they become columns of.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Of axes and of inputs that are columns, the last of [`Sweep::axes`].
    pub axes: Vec<Text>,
    /// By column of the view: where it is named; `None`: by default.
    pub results: Vec<Option<Span>>,
    /// By objective.
    pub objectives: Vec<Span>,
}

/// A header, and the name in the file that it is made of.
struct Header {
    text: String,
    named: Option<Span>,
}

/// Refuses a sweep in one of whose tables two columns would have the same header.
pub(super) fn check(sweep: &Sweep, names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    let mut said: Vec<Span> = Vec::new();
    for (table, headers) in tables(sweep, names) {
        for (place, second) in headers.iter().enumerate() {
            let Some(first) = headers[..place].iter().find(|first| first.text == second.text) else {
                continue;
            };
            let (named, other) = match (first.named, second.named) {
                (first, Some(second)) => (second, first),
                (Some(first), None) => (first, None),
                (None, None) => continue,
            };
            if said.contains(&named) {
                continue;
            }
            said.push(named);
            let what = format!("two columns of {table} would be called `{}`", second.text);
            let finding = Diagnostic::error(what, named, "of this");
            let finding = match other {
                Some(other) => finding.related(other, "and of this"),
                None => finding.note("one of them is a column that this table has of itself"),
            };
            diagnostics
                .push(finding.help("add another `name`, or change it: one word that is no other column"));
        }
    }
}

/// Every table with names of the file in its headers.
fn tables(sweep: &Sweep, names: &Names) -> Vec<(String, Vec<Header>)> {
    let own = sweep.axes.len().saturating_sub(names.axes.len());
    let axis = |(place, axis): (usize, &AxisColumn)| {
        let named = names.axes.iter().find(|name| place >= own && name.value == axis.name);
        Header { text: axis.name.clone(), named: named.map(|name| name.span) }
    };
    let axes = || sweep.axes.iter().enumerate().map(axis);
    let plain = |text: String| Header { text, named: None };
    let mut of_points: Vec<Header> = columns(sweep).into_iter().map(|it| plain(it.name)).collect();
    of_points.splice(1..=sweep.axes.len(), axes());
    let index = ["number", "point", "file"].map(|text| plain(text.to_owned())).into_iter().chain(axes());
    let mut found =
        vec![(format!("`{INDEX}`"), index.collect()), ("the tables of points".to_owned(), of_points)];
    if let Some(objectives) = &sweep.objectives {
        let (searched, first) = (sweep.search.is_some(), ["number", "point"]);
        let named = |it: Column| Header {
            text: it.text,
            named: it.of.and_then(|place| names.objectives.get(place).copied()),
        };
        let whole = |more: Vec<Column>| {
            let head = first.map(|text| plain(text.to_owned())).into_iter().chain(axes());
            head.chain(more.into_iter().map(named)).collect()
        };
        found.push(("`front.csv`".to_owned(), whole(of_objectives(objectives, searched))));
        if searched {
            let mut all = of_objectives(objectives, false);
            all.extend(SEARCHED.map(|text| Column { text: text.to_owned(), of: None }));
            found.push(("`search.csv`".to_owned(), whole(all)));
        }
    }
    if matches!(sweep.question, Question::Map) && sweep.search.is_none() {
        let results = of_results(&sweep.axes, &sweep.view.columns, sweep.view.sort.is_some());
        let axes: Vec<Header> = axes().collect();
        let named = |it: Column| {
            let named = it.of.and_then(|place| names.results.get(place).copied().flatten());
            let named = named.or_else(|| axes.iter().find(|axis| axis.text == it.text)?.named);
            Header { text: it.text, named }
        };
        found.push(("`results.csv`".to_owned(), results.into_iter().map(named).collect()));
    }
    found
}

/// A header behind the axes, and of which result or objective it is.
struct Column {
    text: String,
    of: Option<usize>,
}

/// Columns of `search.csv` alone.
const SEARCHED: [&str; 2] = ["generation", "chosen"];

/// Columns behind the axes of `front.csv` and `search.csv`; `first`: with what the search estimated.
fn of_objectives(objectives: &Objectives, first: bool) -> Vec<Column> {
    let mut found = Vec::new();
    for (place, objective) in objectives.objectives.iter().enumerate() {
        let endings = ["", "_lower", "_upper", "_mc_error"].into_iter().chain(first.then_some("_search"));
        found.extend(endings.map(|it| Column { text: format!("{}{it}", objective.name), of: Some(place) }));
    }
    let own = (1..=objectives.conditions.len()).map(|number| format!("condition_{number}"));
    let standing = ["status", "why", "layer", "front_probability", "accept_probability", "undefined_share"];
    let own = own.chain(standing.map(str::to_owned));
    found.extend(own.map(|text| Column { text, of: None }));
    found
}

/// Columns of `results.csv`; `sorted`: with those of the order.
fn of_results(axes: &[AxisColumn], columns: &[ViewColumn], sorted: bool) -> Vec<Column> {
    let own = |text: &str| Column { text: text.to_owned(), of: None };
    let mut found: Vec<Column> = ["rank", "number", "point"].map(own).into();
    found.extend(axis_columns(axes).map(|axis| own(&axis.name)));
    for (place, column) in columns.iter().enumerate() {
        found.extend(
            ["", "_error"].map(|it| Column { text: format!("{}{it}", column.name), of: Some(place) }),
        );
    }
    if sorted {
        found.extend(["order", "order_error", "below_first", "below_first_error"].map(own));
    }
    found.push(own("failed"));
    found
}

/// Whether `results.csv` may have a further column of this name, however it is sorted.
pub(super) fn is_free(name: &str, axes: &[AxisColumn], columns: &[ViewColumn]) -> bool {
    let taken = of_results(axes, columns, true);
    ["", "_error"].iter().all(|ending| {
        let wanted = format!("{name}{ending}");
        taken.iter().all(|other| other.text != wanted)
    })
}

impl Sweep {
    /// Headers of `results.csv`.
    pub fn results_header(&self) -> Vec<String> {
        let found = of_results(&self.axes, &self.view.columns, self.view.sort.is_some());
        found.into_iter().map(|it| it.text).collect()
    }
}

#[cfg(test)]
impl Objectives {
    /// Headers behind the axes: with what the search estimated, or with what tells points of a search apart.
    pub fn header(&self, first: bool, searched: bool) -> Vec<String> {
        let found = of_objectives(self, first).into_iter().map(|it| it.text);
        found.chain(SEARCHED.iter().filter(|_| searched).map(|it| (*it).to_owned())).collect()
    }
}
