//! A CSV of real covariates: a header of names, one row per patient, values in the model's units or in those that
//! `[population] units` names. Nothing is filled in: a missing value refuses the file, with its line and column.

use super::covariates::{Declared, Law};
use super::signal::no_unit;
use crate::diagnostic::{Diagnostic, FileId, Span, Text, has_errors};
use crate::model::{Model, NamedUnit, Tag};

/// Faulty cells shown of one file.
const MOST_ERRORS: usize = 20;
/// Headers of columns that only name the patient.
const IDENTITIES: [&str; 4] = ["ID", "id", "Id", "SUBJID"];

/// What a CSV gives.
pub(super) struct Patients {
    pub declared: Vec<Declared>,
    /// Coherent values by the columns of [`Law::Column`].
    pub rows: Vec<Vec<f64>>,
}

/// Reads the text of a CSV. `units` are those that the scenario names.
pub(super) fn read(
    file: FileId,
    text: &str,
    model: &Model,
    units: &[(Text, NamedUnit)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Patients> {
    let errors = diagnostics.len();
    let lines = Lines { file, text };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .delimiter(delimiter(text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(_) => Vec::new(),
    };
    if header.iter().all(String::is_empty) {
        diagnostics.push(Diagnostic::error("this file of patients is empty", lines.at(0), "no header").help(
            "the first line names the covariates, such as `AGE,WT,CRCL`; each further line is a patient",
        ));
        return None;
    }
    let columns = columns(&header, model, units, &lines, diagnostics);
    let rows = rows(&mut reader, header.len(), &columns, &lines, diagnostics);
    if rows.is_empty() && !has_errors(&diagnostics[errors..]) {
        diagnostics.push(
            Diagnostic::error("this file has no patients", lines.at(0), "only a header")
                .help("add one line for each patient"),
        );
    }
    if has_errors(&diagnostics[errors..]) {
        return None;
    }
    let declared = columns.into_iter().map(|(_, covariate)| covariate).collect();
    Some(Patients { declared, rows })
}

/// The values of every patient; faulty cells are reported, up to a limit. `width` counts the header's cells.
fn rows(
    reader: &mut csv::Reader<&[u8]>,
    width: usize,
    columns: &[(usize, Declared)],
    lines: &Lines<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Vec<f64>> {
    let mut rows = Vec::new();
    let mut faulty = 0_usize;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(why) => {
                let message = format!("a line of this file cannot be read: {why}");
                diagnostics
                    .push(Diagnostic::error(message, lines.at(0), "in this file").help("repair the line"));
                continue;
            }
        };
        let byte = record.position().map_or(0, |position| position.byte() as usize);
        let line = record.position().map_or(0, csv::Position::line);
        // Cells behind the last column are empty at most: a decimal comma shifts what stands behind it.
        if record.iter().skip(width).any(|cell| !cell.is_empty()) {
            faulty += 1;
            if faulty <= MOST_ERRORS {
                diagnostics.push(too_long(line, record.len(), width, lines.at(byte)));
            }
            continue;
        }
        let mut row = Vec::with_capacity(columns.len());
        for (column, covariate) in columns {
            match value(record.get(*column), &covariate.unit) {
                Ok(value) => row.push(value),
                Err(why) => {
                    faulty += 1;
                    if faulty <= MOST_ERRORS {
                        let message = format!("line {line}, column `{}`: {why}", covariate.name.value);
                        diagnostics.push(
                            Diagnostic::error(message, lines.at(byte), "this patient")
                                .help("complete the value or remove the patient; nothing is filled in"),
                        );
                    }
                }
            }
        }
        rows.push(row);
    }
    if faulty > MOST_ERRORS {
        let more = faulty - MOST_ERRORS;
        diagnostics.push(Diagnostic::plain(format!("{more} more faulty values in this file are not shown")));
    }
    rows
}

fn too_long(line: u64, cells: usize, width: usize, place: Span) -> Diagnostic {
    let message = format!("line {line} has {cells} cells, but the header has {width}");
    Diagnostic::error(message, place, "this patient").help(
        "write decimals with a point, `71.5`, and take out what stands behind the last column; columns are separated by \
         what the header has most of: comma, semicolon or tab",
    )
}

/// Comma, semicolon or tab, whichever the header has most of.
pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    let count = |wanted: char| header.chars().filter(|found| *found == wanted).count();
    match (count(','), count(';'), count('\t')) {
        (comma, semicolon, tab) if semicolon > comma && semicolon >= tab => b';',
        (comma, _, tab) if tab > comma => b'\t',
        _ => b',',
    }
}

fn columns(
    header: &[String],
    model: &Model,
    units: &[(Text, NamedUnit)],
    lines: &Lines<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(usize, Declared)> {
    let mut columns: Vec<(usize, Declared)> = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let named = units.iter().find(|(known, _)| known.value == *name).map(|(_, unit)| unit.clone());
        let covariate = model.covariate(name).map(|i| &model.covariates[i]);
        let unit = match (&named, covariate) {
            (Some(unit), _) => unit.clone(),
            (None, Some(covariate)) => covariate.unit.clone(),
            (None, None) => {
                if !IDENTITIES.contains(&name.as_str()) {
                    diagnostics.push(
                        Diagnostic::error(
                            format!("the column `{name}` is no covariate of the model"),
                            lines.at(0),
                            "ignored",
                        )
                        .help(format!("remove it, or name its unit: `units = {{ {name} = \"1\" }}`"))
                        .warning(),
                    );
                }
                continue;
            }
        };
        if columns.iter().any(|(_, other)| other.name.value == *name) {
            diagnostics.push(
                Diagnostic::error(format!("the column `{name}` stands twice"), lines.at(0), "in this header")
                    .help("name each covariate once"),
            );
            continue;
        }
        columns.push((
            index,
            Declared {
                name: Text { value: name.clone(), span: lines.at(0), verbatim: false },
                unit,
                about: covariate.map_or(String::new(), |covariate| covariate.about.clone()),
                source: "file of patients".to_owned(),
                tag: Tag::Read,
                law: Law::Column(columns.len()),
            },
        ));
    }
    for (name, _) in units.iter().filter(|(name, _)| !header.contains(&name.value)) {
        let known = header.iter().map(String::as_str);
        diagnostics.push(super::names::missing(&name.value, name.span, "column", known));
    }
    columns
}

/// A cell in coherent units.
pub(super) fn value(cell: Option<&str>, unit: &NamedUnit) -> Result<f64, String> {
    let Some(cell) = cell else { return Err("the line is too short".to_owned()) };
    if matches!(cell, "" | "." | "NA" | "na" | "NaN" | "nan" | "null" | "-") {
        return Err("the value is missing".to_owned());
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() && unit.read(value).is_finite() => Ok(unit.read(value)),
        _ => Err(format!("`{cell}` is not a number")),
    }
}

/// Places in the file by line.
pub(super) struct Lines<'a> {
    pub file: FileId,
    pub text: &'a str,
}

impl Lines<'_> {
    /// The line that begins at a byte.
    pub fn at(&self, byte: usize) -> Span {
        let start = byte.min(self.text.len());
        let rest = self.text.get(start..).unwrap_or("");
        // The position of a record may stand before line breaks that are skipped.
        let skipped = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let start = start + skipped;
        let length = rest[skipped..].find(['\r', '\n']).unwrap_or(rest.len() - skipped);
        Span { file: self.file, start, end: start + length }
    }
}

/// Reads `units = { WT = "lb" }`.
pub(super) fn units(
    table: Option<crate::document::Table>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(Text, NamedUnit)> {
    let mut found = Vec::new();
    for (name, value) in table.map(crate::document::Table::into_entries).unwrap_or_default() {
        match value {
            crate::document::Value::Text(text) => {
                let unit = crate::model::check_unit(&text, diagnostics);
                let unit = unit.map_or(no_unit(), |unit| NamedUnit { name: text.value, unit });
                found.push((name, unit));
            }
            other => {
                let example = format!("{} = \"kg\"", name.value);
                diagnostics.push(other.mistyped(&name.value, "a unit", &example));
            }
        }
    }
    found
}
