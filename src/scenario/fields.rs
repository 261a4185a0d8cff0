//! One endpoint's table being taken apart: the keys that several kinds share, and what they are read against.

use super::definition::{Signal, VisitSchedule};
use super::names::{ModelNames, missing};
use super::quantity::{quantity, value_in};
use super::record::Records;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::model::Model;
use crate::units::Dimension;

/// What endpoints are read against.
pub(super) struct Surroundings<'a> {
    pub model: &'a Model,
    pub names: &'a ModelNames,
    pub signals: &'a [Signal],
    /// Signals that are declared with errors: nothing more is said about them.
    pub faulty_signals: &'a [String],
    pub visits: &'a [VisitSchedule],
    pub records: &'a Records,
    /// Length of a cycle, d.
    pub cycle: f64,
}

/// One endpoint's table being taken apart.
pub(super) struct Fields<'a, 'b> {
    pub table: Table,
    pub around: &'a Surroundings<'a>,
    pub diagnostics: &'b mut Vec<Diagnostic>,
    /// Where the kind stands.
    pub span: Span,
}

impl Fields<'_, '_> {
    /// The output that `of` names.
    pub fn output(&mut self) -> Option<usize> {
        let of = self.table.required_text("of", self.diagnostics)?;
        self.around.names.output(&of.value, of.span, self.diagnostics)
    }

    /// The record that `record` names.
    pub fn record(&mut self) -> Option<usize> {
        let record = self.table.required_text("record", self.diagnostics)?;
        self.around.records.find(&record.value, &record, self.diagnostics)
    }

    /// The route that `drug` names.
    pub fn drug(&mut self) -> Option<usize> {
        let drug = self.table.required_text("drug", self.diagnostics)?;
        self.around.names.route(&drug.value, drug.span, self.diagnostics)
    }

    /// A value that must be there.
    pub fn value(&mut self, key: &'static str) -> Option<Value> {
        let value = self.table.value(key);
        if value.is_none() {
            self.diagnostics.push(
                Diagnostic::error(format!("the key `{key}` is missing"), self.span, "this kind needs it")
                    .help(format!("add `{key} = …`")),
            );
        }
        value
    }

    /// A limit of an output: a bare number is in the output's unit.
    pub fn limit(&mut self, value: &Value, output: usize) -> Option<f64> {
        let output = &self.around.model.outputs[output];
        value_in(value, &output.unit, &format!("a limit of `{}`", output.name), self.diagnostics)
    }

    /// A length or another plain quantity that may be left out.
    pub fn quantity_or(&mut self, key: &'static str, dimension: Dimension, default: f64) -> Option<f64> {
        match self.table.text(key, self.diagnostics) {
            None => Some(default),
            Some(text) => quantity(&text, dimension, &format!("`{key}`"), self.diagnostics),
        }
    }

    /// A hazard by name.
    pub fn hazard(&mut self, text: &Text) -> Option<usize> {
        let hazards = &self.around.model.hazards;
        let found = hazards.iter().position(|hazard| hazard.name == text.value);
        if found.is_none() {
            let known = hazards.iter().map(|hazard| hazard.name.as_str());
            self.diagnostics.push(missing(&text.value, text.span, "hazard", known));
        }
        found
    }

    /// A signal by name.
    pub fn signal(&mut self, text: &Text) -> Option<usize> {
        let found = self.around.signals.iter().position(|signal| signal.name == text.value);
        if found.is_none() && !self.around.faulty_signals.contains(&text.value) {
            let known = self.around.signals.iter().map(|signal| signal.name.as_str());
            self.diagnostics.push(missing(&text.value, text.span, "signal", known));
        }
        found
    }

    /// A signal that is true or false.
    pub fn condition_signal(&mut self, text: &Text) -> Option<usize> {
        let found = self.signal(text)?;
        if !self.around.signals[found].logical {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("the signal `{}` is a quantity", text.value),
                    text.span,
                    "a condition is wanted",
                )
                .help("name a signal that is defined by `when`"),
            );
            return None;
        }
        Some(found)
    }
}
