//! `[[grade_table]]`: the limits of the grades of a toxicity, written as CTCAE prints them.
//!
//! ```text
//! grade  = "-" | range { ";" range }
//! range  = SIGN LIMIT [ "to" [ SIGN ] LIMIT ]      `< 1.5e9/L to 1.0e9/L`: below 1.5, down to 1.0, which belongs to it
//! SIGN   = "<" | "<=" | ">" | ">="
//! LIMIT  = expression of LLN, ULN (limits of normal) and baseline
//! ```
//!
//! A range without `to` has no end. Of several grades that hold, the worst counts. `provided` is what must hold for any
//! grade; it may read `value` too. `[grades]` of a scenario changes a table's limits of normal, and the output it grades.

use super::grade_check;
use super::grade_definition::{BASELINE, Bound, Comparison, Grade, GradeRange, GradeTable, VALUE};
use super::names::{Directory, Found, ModelNames, missing};
use super::quantity::value_in;
use super::signal::{duplicate, identifier};
use super::time::part;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::expression;
use crate::model::{Checked, Formula, Model, Names, check_condition, check_expression};
use crate::units::Dimension;

/// Most grades a table may have; 5 is death in CTCAE.
const MOST_GRADES: usize = 5;

/// All tables that a scenario may name.
#[derive(Debug, Clone, Default)]
pub(super) struct GradeTables {
    tables: Vec<Available>,
}

#[derive(Debug, Clone)]
struct Available {
    name: Text,
    table: Result<GradeTable, Unusable>,
}

/// Why a table cannot be named.
#[derive(Debug, Clone)]
enum Unusable {
    /// It has errors, which have been reported.
    Faulty,
    /// The model lacks its output.
    NoOutput(String),
}

impl GradeTables {
    /// Whether there is such a table, with errors that have been reported.
    pub fn is_faulty(&self, name: &str) -> bool {
        let faulty = |available: &&Available| matches!(available.table, Err(Unusable::Faulty));
        self.tables.iter().filter(faulty).any(|available| available.name.value == name)
    }

    /// The table that a condition or an endpoint names.
    pub fn find(&self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<&GradeTable> {
        let Some(found) = self.tables.iter().find(|available| available.name.value == name) else {
            let known = self.tables.iter().map(|available| available.name.value.as_str());
            let finding = missing(name, span, "grade table", known);
            diagnostics.push(if self.tables.is_empty() {
                finding.help("name a library of grade tables, `use = [\"grades/ctcae-v5\"]`, or define a `[[grade_table]]`")
            } else {
                finding
            });
            return None;
        };
        match &found.table {
            Ok(table) => Some(table),
            Err(Unusable::Faulty) => None,
            Err(Unusable::NoOutput(output)) => {
                diagnostics.push(
                    Diagnostic::error(
                        format!("the table `{name}` grades `{output}`, which this model does not have"),
                        span,
                        "nothing to grade",
                    )
                    .related(found.name.span, "defined here")
                    .help(format!("say which output is meant: `[grades]` with `{name} = {{ of = \"…\" }}`")),
                );
                None
            }
        }
    }
}

/// Reads all tables, with what the scenario's `[grades]` changes of them.
pub(super) fn read(
    tables: Vec<Table>,
    changes: Option<Table>,
    model: &Model,
    names: &ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> GradeTables {
    let mut changes = changes.map_or(Vec::new(), Table::into_entries);
    let mut found = GradeTables::default();
    for mut table in tables {
        let Some(name) = table.required_text("name", diagnostics) else { continue };
        if let Some(first) = found.tables.iter().find(|other| other.name.value == name.value) {
            diagnostics.push(duplicate("grade table", &name, first.name.span));
            continue;
        }
        let change = changes.iter().position(|(changed, _)| changed.value == name.value);
        let change = change.map(|place| changes.remove(place).1);
        let change = match change {
            None => None,
            Some(Value::Table(table)) => Some(table),
            Some(other) => {
                diagnostics.push(other.mistyped(&name.value, "a table", "{ LLN = \"1.8e9/L\" }"));
                None
            }
        };
        let table = Reader { model, names, diagnostics }.table(&name, table, change);
        found.tables.push(Available { name, table });
    }
    for (name, _) in changes {
        let known = found.tables.iter().map(|available| available.name.value.as_str());
        diagnostics.push(missing(&name.value, name.span, "grade table", known));
    }
    found
}

struct Reader<'a> {
    model: &'a Model,
    names: &'a ModelNames,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn table(
        &mut self,
        name: &Text,
        mut table: Table,
        change: Option<Table>,
    ) -> Result<GradeTable, Unusable> {
        let said = self.diagnostics.len();
        let mut texts = ["term", "about", "source"]
            .map(|key| table.text(key, self.diagnostics).map_or(String::new(), |text| text.value));
        let of = table.required_text("of", self.diagnostics);
        let mut normal = [table.value("LLN"), table.value("ULN")];
        let provided = table.text("provided", self.diagnostics);
        let grades = table.texts("grades", self.diagnostics);
        let span = table.span();
        table.finish(self.diagnostics);
        let mut of = of.ok_or(Unusable::Faulty)?;
        let mut output = match exact_or_short(&self.names.outputs, &of) {
            Some(output) => Ok(output),
            None => Err(of.value.clone()),
        };
        if let Some(mut change) = change {
            for (place, key) in ["LLN", "ULN"].into_iter().enumerate() {
                normal[place] = change.value(key).or(normal[place].take());
            }
            if let Some(other) = change.text("of", self.diagnostics) {
                output =
                    self.names.output(&other.value, other.span, self.diagnostics).ok_or_else(String::new);
                of = other;
            }
            change.finish(self.diagnostics);
        }
        if identifier(name, "grade table", self.diagnostics).is_none() || self.diagnostics.len() > said {
            return Err(Unusable::Faulty);
        }
        let output = output.map_err(Unusable::NoOutput)?;
        let unit = self.model.outputs[output].unit.clone();
        let mut scope = TableScope { dimension: unit.unit.dimension, normal: [None; 2], with_value: false };
        for (place, value) in normal.iter().enumerate() {
            if let Some(value) = value {
                let what = format!("a limit of normal of `{}`", of.value);
                scope.normal[place] = value_in(value, &unit, &what, self.diagnostics);
            }
        }
        let read = grades.iter().map(|text| self.grade(text, &mut scope)).collect::<Vec<_>>();
        scope.with_value = true;
        let provided = provided.map(|text| {
            let expression = expression::parse(&text, self.diagnostics)?;
            check_condition(&expression, &mut scope, self.diagnostics)
        });
        if self.diagnostics.len() > said {
            return Err(Unusable::Faulty);
        }
        let falling = self.direction(&read, &grades, name, span).ok_or(Unusable::Faulty)?;
        let [term, about, source] = std::mem::take(&mut texts);
        let table = GradeTable {
            name: name.value.clone(),
            term,
            about,
            source,
            output,
            falling,
            provided: provided.flatten(),
            grades: read.into_iter().map(|grade| grade.unwrap_or_else(none)).collect(),
        };
        grade_check::check(&table, &grades, &unit, &of.value, self.diagnostics);
        if self.diagnostics.len() > said { Err(Unusable::Faulty) } else { Ok(table) }
    }

    /// Whether low values are bad; all ranges must say the same.
    fn direction(
        &mut self,
        grades: &[Option<Grade>],
        texts: &[Text],
        name: &Text,
        span: Span,
    ) -> Option<bool> {
        let sides = |grade: &Grade| -> Vec<bool> {
            grade.ranges.iter().map(|range| range.limit.comparison.is_low()).collect()
        };
        let mut first: Option<(bool, &Text)> = None;
        for (grade, text) in grades.iter().zip(texts) {
            for low in grade.as_ref().map_or(Vec::new(), sides) {
                let (wanted, earlier) = *first.get_or_insert((low, text));
                if wanted != low {
                    self.diagnostics.push(
                        Diagnostic::error(
                            format!("the grade table `{}` is bad in two directions", name.value),
                            text.span,
                            if low { "low values here" } else { "high values here" },
                        )
                        .related(earlier.span, if wanted { "low values here" } else { "high values here" })
                        .help("make two tables of it, one for low and one for high values"),
                    );
                    return None;
                }
            }
        }
        if first.is_none() || grades.len() > MOST_GRADES {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("the grade table `{}` needs 1 to {MOST_GRADES} grades", name.value),
                    span,
                    format!("{} here", grades.len()),
                )
                .help(HOW_TO_WRITE),
            );
            return None;
        }
        first.map(|(low, _)| low)
    }

    fn grade(&mut self, text: &Text, scope: &mut TableScope) -> Option<Grade> {
        if matches!(text.value.trim(), "-" | "–") {
            return Some(none());
        }
        let mut ranges = Vec::new();
        let mut start = 0;
        let mut faulty = false;
        for item in text.value.split(';') {
            let range = self.range(&part(text, start..start + item.len()), scope);
            faulty |= range.is_none();
            ranges.extend(range);
            start += item.len() + 1;
        }
        (!faulty).then(|| Grade { text: text.value.trim().to_owned(), ranges })
    }

    fn range(&mut self, text: &Text, scope: &mut TableScope) -> Option<GradeRange> {
        let (limit, end) = match text.value.find(" to ") {
            None => (text.clone(), None),
            Some(at) => (part(text, 0..at), Some(part(text, at + " to ".len()..text.value.len()))),
        };
        let Some((comparison, limit)) = comparison(&limit) else {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("`{}` is no range of a grade", text.value),
                    text.span,
                    "beyond what?",
                )
                .help(HOW_TO_WRITE),
            );
            return None;
        };
        let limit = self.limit(&limit, scope).map(|limit| Bound { comparison, limit });
        let end = match end {
            None => None,
            Some(end) => {
                // The printed end belongs to the grade: `< 1.5 to 1.0` is 1.0 and more.
                let inclusive = if comparison.is_low() { Comparison::AtLeast } else { Comparison::AtMost };
                let (sign, end) = self::comparison(&end).unwrap_or((inclusive, end));
                if sign.is_low() == comparison.is_low() {
                    self.diagnostics.push(
                        Diagnostic::error("both sides of this range point the same way", end.span, "the end")
                            .help("the end lies beyond the limit: `< 1.5e9/L to 1.0e9/L`, or `to > 1.0e9/L` without the end itself"),
                    );
                    return None;
                }
                Some(Bound { comparison: sign, limit: self.limit(&end, scope)? })
            }
        };
        Some(GradeRange { limit: limit?, end })
    }

    fn limit(&mut self, text: &Text, scope: &mut TableScope) -> Option<Formula> {
        let expression = expression::parse(text, self.diagnostics)?;
        let wanted = (scope.dimension, "a limit of this table");
        Some(check_expression(&expression, scope, Some(wanted), self.diagnostics)?.formula)
    }
}

const HOW_TO_WRITE: &str = "one text for each grade from 1 on, as CTCAE prints it: `grades = [\"< LLN to 1.5e9/L\", \"< 1.5e9/L to 1.0e9/L\", \
     \"< 1.0e9/L to 0.5e9/L\", \"< 0.5e9/L\"]`, and `-` for a grade without limits";

fn none() -> Grade {
    Grade { text: "-".to_owned(), ranges: Vec::new() }
}

/// The sign in front of a limit, and the limit.
fn comparison(text: &Text) -> Option<(Comparison, Text)> {
    const SIGNS: [(&str, Comparison); 6] = [
        ("<=", Comparison::AtMost),
        ("≤", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("≥", Comparison::AtLeast),
        ("<", Comparison::Below),
        (">", Comparison::Above),
    ];
    let (sign, comparison) = SIGNS.into_iter().find(|(sign, _)| text.value.starts_with(sign))?;
    Some((comparison, part(text, sign.len()..text.value.len())))
}

/// The output of this name, silently.
fn exact_or_short(outputs: &Directory, of: &Text) -> Option<usize> {
    match outputs.find(&of.value) {
        Found::One(entry) => super::names::index(entry),
        _ => None,
    }
}

/// The names of a table: limits of normal, the value at the start, and in `provided` the value.
struct TableScope {
    dimension: Dimension,
    /// LLN, ULN.
    normal: [Option<f64>; 2],
    with_value: bool,
}

impl Names for TableScope {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        let place = match name {
            "baseline" => return Some(Checked::symbol(BASELINE, self.dimension)),
            "value" if self.with_value => return Some(Checked::symbol(VALUE, self.dimension)),
            "LLN" => 0,
            "ULN" => 1,
            _ => return None,
        };
        match self.normal[place] {
            Some(limit) => Some(Checked::quantity(Formula::Constant(limit), self.dimension)),
            None => {
                diagnostics.push(
                    Diagnostic::error(format!("this table has no {name}"), span, "a limit of normal")
                        .help(format!("add `{name} = \"…\"` to the table")),
                );
                None
            }
        }
    }

    fn candidates(&self) -> Vec<String> {
        let value = self.with_value.then_some("value");
        ["LLN", "ULN", "baseline"].into_iter().chain(value).map(str::to_owned).collect()
    }
}
