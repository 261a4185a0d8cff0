//! What is wrong with a table: kept with the line it stands in, since nothing else of the table is held.

use std::ops::Range;

use super::line::Lines;
use crate::diagnostic::{Diagnostic, Severity, Sources, Span};

/// Faulty places shown of one table.
const MOST: usize = 20;

/// One finding in a line of a table.
#[derive(Debug)]
struct Fault {
    line: u64,
    text: String,
    range: Range<usize>,
    finding: Diagnostic,
    label: String,
}

/// What was found so far.
#[derive(Debug)]
pub(super) struct Faults {
    /// The table's name as shown.
    name: String,
    found: Vec<Fault>,
    /// Errors that are counted only.
    more: usize,
}

/// What to say of a place.
pub(super) struct Finding {
    /// What is wrong.
    pub message: String,
    /// Under the place.
    pub label: String,
    /// What to do.
    pub help: String,
}

impl Finding {
    pub(super) fn new(message: impl Into<String>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Finding { message: message.into(), label: label.into(), help: help.into() }
    }
}

impl Faults {
    pub(super) fn new(name: &str) -> Self {
        Faults { name: name.to_owned(), found: Vec::new(), more: 0 }
    }

    /// An error in a cell of the present line.
    pub(super) fn cell(&mut self, lines: &Lines<'_>, cell: usize, finding: Finding) {
        self.push(lines, lines.range(cell), finding, Severity::Error);
    }

    /// An error of the present line.
    pub(super) fn line(&mut self, lines: &Lines<'_>, finding: Finding) {
        self.push(lines, 0..lines.text().len(), finding, Severity::Error);
    }

    /// Something in a cell of the present line that is probably not meant.
    pub(super) fn warning(&mut self, lines: &Lines<'_>, cell: usize, finding: Finding) {
        self.push(lines, lines.range(cell), finding, Severity::Warning);
    }

    /// An error of a line that is past.
    pub(super) fn earlier(&mut self, (line, text): &(u64, String), finding: Finding) {
        self.add(*line, text, 0..text.len(), finding, Severity::Error);
    }

    fn push(&mut self, lines: &Lines<'_>, range: Range<usize>, finding: Finding, severity: Severity) {
        // An empty table has no line to show but the first.
        self.add(lines.number().max(1), lines.text(), range, finding, severity);
    }

    fn add(&mut self, line: u64, text: &str, range: Range<usize>, finding: Finding, severity: Severity) {
        if self.found.len() >= MOST {
            self.more += usize::from(severity == Severity::Error);
            return;
        }
        let Finding { message, label, help } = finding;
        let finding = Diagnostic { severity, ..Diagnostic::plain(message).help(help) };
        self.found.push(Fault { line, text: text.to_owned(), range, finding, label });
    }

    /// Whether the table cannot be used.
    pub(super) fn any(&self) -> bool {
        self.more > 0 || self.found.iter().any(|fault| fault.finding.severity == Severity::Error)
    }

    /// Whether enough is known of what is wrong.
    pub(super) fn full(&self) -> bool {
        self.found.len() >= MOST
    }

    /// Hands everything over; each place brings its line.
    pub(super) fn report(&mut self, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
        for Fault { line, text, range, finding, label } in self.found.drain(..) {
            let file = sources.excerpt(&self.name, text, usize::try_from(line).unwrap_or(usize::MAX));
            let span = Span { file, start: range.start, end: range.end };
            diagnostics.push(Diagnostic { place: Some((span, label)), ..finding });
        }
        if self.more > 0 {
            let message =
                format!("reading of `{}` ended after {MOST} findings; there may be more", self.name);
            diagnostics.push(Diagnostic::plain(message));
            self.more = 0;
        }
    }
}
