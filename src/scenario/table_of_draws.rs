//! A CSV of draws of the population parameters: posterior samples, or estimates from bootstrap samples. The header names
//! parameters, each with its unit in square brackets where that is not the model's; each row is one draw.

use super::table_of_patients::{Lines, delimiter, value};
use super::uncertain::{Around, find, parameter};
use super::uncertainty_definition::{DrawLaw, Uncertain, UncertainParameter, Uncertainty};
use crate::diagnostic::{Diagnostic, Sources, Span, Text, has_errors};
use crate::model::{Kind, NamedUnit, check_unit};

/// Faulty cells shown of one file.
const MOST_ERRORS: usize = 20;
/// Headers of columns that only number the draws.
const NUMBERS: [&str; 8] = ["ID", "draw", "DRAW", "iteration", "ITERATION", "chain", "sample", "model"];

/// Reads the table named in `[uncertainty]`. `draws`: how many of its rows are wanted; all where nothing is said.
pub(super) fn read(
    name: &Text,
    draws: Option<(u64, Span)>,
    around: &Around<'_>,
    free: &[Uncertain],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Uncertainty> {
    let (shown, text) = match around.loader.load(Kind::Draws, &name.value, Some(around.beside)) {
        Ok(found) => found,
        Err(why) => {
            diagnostics.push(Diagnostic::error(why, name.span, "asked for here"));
            return None;
        }
    };
    let errors = diagnostics.len();
    let file = sources.add(shown, text.clone());
    let lines = Lines { file, text: &text };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .delimiter(delimiter(&text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map(|header| header.iter().map(str::to_owned).collect()).unwrap_or_default();
    let columns = columns(&header, &lines, around, diagnostics);
    if columns.is_empty() && !has_errors(&diagnostics[errors..]) {
        diagnostics.push(
            Diagnostic::error(
                "this table of draws has no parameter",
                lines.at(0),
                "no parameter of the model",
            )
            .help(
                "the first line names parameters, such as `cl,v [L],omega.CL`; each further line is a draw",
            ),
        );
    }
    let mut rows = Rows { columns: &columns, free, around, rows: Vec::new(), faulty: 0 };
    for record in reader.records() {
        rows.take(record, &lines, diagnostics);
    }
    if rows.faulty > MOST_ERRORS {
        let more = rows.faulty - MOST_ERRORS;
        diagnostics.push(Diagnostic::plain(format!("{more} more faulty values in this file are not shown")));
    }
    let rows = rows.rows;
    if has_errors(&diagnostics[errors..]) {
        return None;
    }
    let wanted = draws.map_or(rows.len(), |(draws, _)| draws as usize);
    if rows.len() < 2 || wanted > rows.len() {
        let span = draws.map_or(name.span, |(_, span)| span);
        let message = format!("the table `{}` has {} draws", name.value, rows.len());
        diagnostics.push(
            Diagnostic::error(message, span, "more are wanted")
                .help("a spread takes at least two draws; leave `draws` out to use all rows"),
        );
        return None;
    }
    let parameters = columns.into_iter().map(|(_, parameter)| parameter).collect();
    Some(Uncertainty { draws: wanted, parameters, law: DrawLaw::Rows(rows) })
}

/// The columns that are parameters, with the units in which they are given.
fn columns(
    header: &[String],
    lines: &Lines<'_>,
    around: &Around<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(usize, UncertainParameter)> {
    let mut columns: Vec<(usize, UncertainParameter)> = Vec::new();
    for (index, title) in header.iter().enumerate() {
        if NUMBERS.contains(&title.as_str()) || title.is_empty() {
            continue;
        }
        let (name, unit) = match title.strip_suffix(']').and_then(|title| title.split_once('[')) {
            Some((name, unit)) => (name.trim(), Some(unit.trim())),
            None => (title.as_str(), None),
        };
        let text = |value: &str| Text { value: value.to_owned(), span: lines.at(0), verbatim: false };
        let Some(target) = find(&text(name), around, diagnostics) else { continue };
        let mut found = parameter(target, around.model);
        if let Some(unit) = unit {
            let Some(given) = check_unit(&text(unit), diagnostics) else { continue };
            if given.dimension != found.unit.unit.dimension {
                let message = format!("`{}` is in {}, which `{unit}` is not", found.name, found.unit.name);
                diagnostics.push(
                    Diagnostic::error(message, lines.at(0), "in this header")
                        .help("give a unit of the same dimension in the brackets"),
                );
                continue;
            }
            found.unit = NamedUnit { name: unit.to_owned(), unit: given };
        }
        if columns.iter().any(|(_, other)| other.target == target) {
            diagnostics.push(
                Diagnostic::error(
                    format!("the column `{}` stands twice", found.name),
                    lines.at(0),
                    "in this header",
                )
                .help("name each parameter once"),
            );
            continue;
        }
        columns.push((index, found));
    }
    columns
}

/// Draws as they are read.
struct Rows<'a> {
    columns: &'a [(usize, UncertainParameter)],
    free: &'a [Uncertain],
    around: &'a Around<'a>,
    rows: Vec<Vec<f64>>,
    faulty: usize,
}

impl Rows<'_> {
    fn take(
        &mut self,
        record: Result<csv::StringRecord, csv::Error>,
        lines: &Lines<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let record = match record {
            Ok(record) => record,
            Err(why) => {
                let message = format!("a line of this file cannot be read: {why}");
                let finding = Diagnostic::error(message, lines.at(0), "in this file");
                diagnostics.push(finding.help("repair the line"));
                return;
            }
        };
        let place = lines.at(record.position().map_or(0, |position| position.byte() as usize));
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Vec::with_capacity(self.columns.len());
        for (column, parameter) in self.columns {
            let found = value(record.get(*column), &parameter.unit)
                .map_err(|why| (why, "complete the value or remove the draw; nothing is filled in"));
            match found.and_then(|value| self.possible(parameter, value)) {
                Ok(value) => row.push(value),
                Err((why, help)) => {
                    self.faulty += 1;
                    if self.faulty <= MOST_ERRORS {
                        let message = format!("line {line}, column `{}`: {why}", parameter.name);
                        diagnostics.push(Diagnostic::error(message, place, "this draw").help(help));
                    }
                }
            }
        }
        self.rows.push(row);
    }

    /// A value of the sign of the model's, unless the sign is free.
    fn possible(&self, parameter: &UncertainParameter, value: f64) -> Result<f64, (String, &'static str)> {
        let estimate = parameter.target.value(self.around.model);
        if self.free.contains(&parameter.target) || parameter.target.is_possible(estimate, value) {
            return Ok(value);
        }
        let shown = parameter.unit.show(value);
        Err((
            format!("{shown} has another sign than the model's value"),
            "remove the draw, or if both signs make sense name the parameter in `free_sign = [\"…\"]` under [uncertainty]",
        ))
    }
}
