//! `[[record]]`: what is written down on a time grid.
//!
//! A record without `outputs` holds those with a residual error and those that endpoints read; every record also holds
//! what an endpoint reads from it. Where a file has no record at all, or an endpoint reads a record `course` that the file
//! does not define, there is a daily record of that name.

use super::definition::Record;
use super::endpoint_definition::EndpointDefinition;
use super::names::{ModelNames, missing};
use super::signal::duplicate;
use super::time::{duration, moment};
use super::visit::every;
use crate::diagnostic::{Diagnostic, Text};
use crate::document::Table;
use crate::model::Model;

/// Name of the record that exists by default.
const DEFAULT: &str = "course";
/// More times than this in one record are a mistake.
const MOST_TIMES: f64 = 1e6;

/// Records as written; which outputs they hold is settled by [`Records::finish`].
pub(super) struct Records {
    declared: Vec<(Text, Record, bool)>,
    faulty: Vec<String>,
    /// The record that is only there if an endpoint wants it, or nothing else is.
    default: Record,
}

impl Records {
    pub fn read(
        tables: Vec<Table>,
        names: &ModelNames,
        horizon: f64,
        cycle: f64,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let default =
            Record { name: DEFAULT.to_owned(), times: every(0.0, 1.0, horizon), outputs: Vec::new() };
        let mut records = Self { declared: Vec::new(), faulty: Vec::new(), default };
        for mut table in tables {
            let Some(name) = table.required_text("name", diagnostics) else { continue };
            match read_one(&name, table, names, horizon, cycle, diagnostics) {
                Some((record, open)) => {
                    if let Some((first, ..)) =
                        records.declared.iter().find(|(other, ..)| other.value == name.value)
                    {
                        diagnostics.push(duplicate("record", &name, first.span));
                    }
                    records.declared.push((name, record, open));
                }
                None => records.faulty.push(name.value),
            }
        }
        records
    }

    /// The index of a record; the default one stands after all others.
    pub fn find(&self, name: &str, text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
        let found = self.declared.iter().position(|(known, ..)| known.value == name);
        if found.is_some() || self.faulty.iter().any(|known| known == name) {
            return found;
        }
        if name == DEFAULT {
            return Some(self.declared.len());
        }
        let known = self.declared.iter().map(|(name, ..)| name.value.as_str());
        diagnostics.push(missing(name, text.span, "record", known.chain([DEFAULT])));
        None
    }

    /// The records with their outputs.
    pub fn finish(self, endpoints: &[EndpointDefinition], model: &Model) -> Vec<Record> {
        let read: Vec<(usize, Option<usize>)> =
            endpoints.iter().flat_map(|endpoint| endpoint.kind.reads()).collect();
        let count = self.declared.len();
        let wants_default = read.iter().any(|(_, record)| *record == Some(count)) || count == 0;
        let mut usual: Vec<usize> = (0..model.outputs.len())
            .filter(|i| model.outputs[*i].error.is_some() || read.iter().any(|(output, _)| output == i))
            .collect();
        if usual.is_empty() {
            usual = (0..model.outputs.len()).collect();
        }
        let mut records: Vec<Record> = Vec::new();
        for (_, mut record, open) in self.declared {
            if open {
                record.outputs.clone_from(&usual);
            }
            records.push(record);
        }
        if wants_default {
            records.push(Record { outputs: usual, ..self.default });
        }
        for (output, record) in read {
            if let Some(record) = record.and_then(|record| records.get_mut(record))
                && !record.outputs.contains(&output)
            {
                record.outputs.push(output);
            }
        }
        records
    }
}

/// A record, and whether its outputs are left open.
fn read_one(
    name: &Text,
    mut table: Table,
    names: &ModelNames,
    horizon: f64,
    cycle: f64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Record, bool)> {
    let open = !table.has("outputs");
    let spacing = table.text("every", diagnostics);
    let from = table.text("from", diagnostics);
    let to = table.text("to", diagnostics);
    let outputs = table.texts("outputs", diagnostics);
    table.finish(diagnostics);
    let cycle = Some(cycle);
    let place = from.as_ref().unwrap_or(name).span;
    let spacing = spacing.map_or(Some(1.0), |text| duration(&text, cycle, diagnostics));
    let from = from.map_or(Some(0.0), |text| moment(&text, cycle, diagnostics));
    let to = to.map_or(Some(horizon), |text| moment(&text, cycle, diagnostics));
    let mut held: Vec<usize> = Vec::new();
    let mut faulty = false;
    for output in &outputs {
        match names.output(&output.value, output.span, diagnostics) {
            Some(index) if held.contains(&index) => {
                diagnostics.push(
                    Diagnostic::error(
                        format!("`{}` stands twice in this record", output.value),
                        output.span,
                        "again here",
                    )
                    .help("name each output once"),
                );
                faulty = true;
            }
            Some(index) => held.push(index),
            None => faulty = true,
        }
    }
    let (spacing, from, to) = (spacing?, from?, to?);
    let end = to.min(horizon);
    if from >= end {
        diagnostics.push(
            Diagnostic::error(
                format!("the record `{}` has no times within the trial", name.value),
                place,
                format!("runs from {from} d to {to} d, the trial to {horizon} d"),
            )
            .help("let `from` lie before `to` and before the horizon; day n starts at (n - 1) d"),
        );
        return None;
    }
    if (end - from) / spacing > MOST_TIMES {
        diagnostics.push(
            Diagnostic::error("too many times in this record", name.span, format!("more than {MOST_TIMES}"))
                .help("make `every` longer, or the record shorter by `from` and `to`"),
        );
        return None;
    }
    let record = Record { name: name.value.clone(), times: every(from, spacing, end), outputs: held };
    (!faulty).then_some((record, open))
}
