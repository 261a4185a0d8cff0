//! A CSV of real covariates: a header of names, one row per patient, values in the model's units or in those that
//! `[population] units` names. Nothing is filled in: a missing value refuses the file, with its line and column.
//!
//! With a column `TIME` a patient has several rows, told apart by `ID`: the first is the patient at the start, each further
//! one what its covariates are from its time on.

use super::covariates::{Declared, Law};
use super::signal::no_unit;
use crate::diagnostic::{Diagnostic, FileId, Span, Text, has_errors};
use crate::model::{Interpolation, Model, NamedUnit, Tag};

/// Faulty cells shown of one file.
const MOST_ERRORS: usize = 20;
/// Header of the column of times.
const TIME: &str = "TIME";
/// Headers of columns that only name the patient.
const IDENTITIES: [&str; 4] = ["ID", "id", "Id", "SUBJID"];

/// What a CSV gives.
pub(super) struct Patients {
    pub declared: Vec<Declared>,
    /// Coherent values by the columns of [`Law::Column`], of each patient's first row.
    pub rows: Vec<Vec<f64>>,
    /// Further rows of each patient, (time in d, values); empty where the file has no times.
    pub later: Vec<Vec<(f64, Vec<f64>)>>,
}

/// The columns that order the rows of patients who change.
struct Clock {
    id: usize,
    time: usize,
    unit: NamedUnit,
}

/// Whose row, and when (d).
struct Moment {
    id: String,
    time: f64,
    place: Span,
    line: u64,
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
    let clock = clock(&header, model, units, &lines, diagnostics);
    let columns = columns(&header, model, units, &lines, diagnostics);
    let (rows, moments) = rows(&mut reader, (header.len(), clock.as_ref()), &columns, &lines, diagnostics);
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
    let (rows, later) = match clock {
        None => (rows, Vec::new()),
        Some(_) => courses(rows, &moments, diagnostics)?,
    };
    Some(Patients { declared, rows, later })
}

/// The columns `ID` and `TIME`, where the file has times. A covariate of the model called TIME is one.
fn clock(
    header: &[String],
    model: &Model,
    units: &[(Text, NamedUnit)],
    lines: &Lines<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Clock> {
    let time = header.iter().position(|name| name == TIME).filter(|_| model.covariate(TIME).is_none())?;
    let Some(id) = header.iter().position(|name| IDENTITIES.contains(&name.as_str())) else {
        diagnostics.push(
            Diagnostic::error("a file of patients with times needs a column `ID`", lines.at(0), "no `ID`")
                .help("number the patients; the rows of one patient stand together, in order of time"),
        );
        return None;
    };
    for covariate in &model.covariates {
        if covariate.interpolation == Some(Interpolation::Linear) && header.contains(&covariate.name) {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` runs on a line between its values, which a scenario cannot", covariate.name),
                    lines.at(0),
                    "changes with TIME",
                )
                .help("give the covariate `interpolation = \"previous\"` in the model, with enough rows; `regimen simulate` takes lines"),
            );
        }
    }
    let named = units.iter().find(|(name, _)| name.value == TIME).map(|(_, unit)| unit.clone());
    Some(Clock { id, time, unit: named.unwrap_or_else(|| model.time.clone()) })
}

/// Rows of one patient after the first, with their times.
type Later = Vec<(f64, Vec<f64>)>;

/// Rows of each patient: the first, and the later ones with their times.
fn courses(
    rows: Vec<Vec<f64>>,
    moments: &[Moment],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Vec<Vec<f64>>, Vec<Later>)> {
    let (mut first, mut later): (Vec<Vec<f64>>, Vec<Later>) = (Vec::new(), Vec::new());
    let mut seen: Vec<&str> = Vec::new();
    let mut before: Option<&Moment> = None;
    for (row, moment) in rows.into_iter().zip(moments) {
        let Moment { id, time, place, line } = moment;
        let same = before.filter(|before| before.id == *id);
        if same.is_none() && seen.contains(&id.as_str()) {
            diagnostics.push(
                Diagnostic::error(
                    format!("line {line}: the rows of patient {id} do not stand together"),
                    *place,
                    "again here",
                )
                .help("put the rows of one patient one after the other, in order of time"),
            );
            return None;
        }
        match same {
            Some(before) if *time <= before.time => {
                diagnostics.push(
                    Diagnostic::error(
                        format!("line {line}: the times of patient {id} do not ascend"),
                        *place,
                        "not after the row before",
                    )
                    .help("put the rows of one patient in order of time, one for each time"),
                );
                return None;
            }
            Some(_) => {
                if let Some(changes) = later.last_mut() {
                    changes.push((*time, row));
                }
            }
            None => {
                seen.push(id);
                first.push(row);
                later.push(Vec::new());
            }
        }
        before = Some(moment);
    }
    Some((first, later))
}

/// The values of every row, and whose it is where there is a clock; faulty cells are reported, up to a limit. `width` counts
/// the header's cells.
fn rows(
    reader: &mut csv::Reader<&[u8]>,
    (width, clock): (usize, Option<&Clock>),
    columns: &[(usize, Declared)],
    lines: &Lines<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Vec<f64>>, Vec<Moment>) {
    let (mut rows, mut moments) = (Vec::new(), Vec::new());
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
        let mut cell = |column: usize, unit: &NamedUnit, name: &str| match value(record.get(column), unit) {
            Ok(value) => Some(value),
            Err(why) => {
                faulty += 1;
                if faulty <= MOST_ERRORS {
                    let message = format!("line {line}, column `{name}`: {why}");
                    diagnostics.push(
                        Diagnostic::error(message, lines.at(byte), "this patient")
                            .help("complete the value or remove the patient; nothing is filled in"),
                    );
                }
                None
            }
        };
        for (column, covariate) in columns {
            row.extend(cell(*column, &covariate.unit, &covariate.name.value));
        }
        if let Some(Clock { id, time, unit }) = clock {
            let time = cell(*time, unit, TIME).unwrap_or(f64::NAN);
            let id = record.get(*id).unwrap_or_default().to_owned();
            moments.push(Moment { id, time, place: lines.at(byte), line });
        }
        rows.push(row);
    }
    if faulty > MOST_ERRORS {
        let more = faulty - MOST_ERRORS;
        diagnostics.push(Diagnostic::plain(format!("{more} more faulty values in this file are not shown")));
    }
    (rows, moments)
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
        if name == TIME && model.covariate(TIME).is_none() {
            continue;
        }
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
