//! TOML with positions: reads a text into a tree whose every key and value knows its byte range, and hands out
//! tables through [`Table`] readers that report every missing, mistyped and unknown key, not only the first.
//!
//! Model, scenario, population and library files are all read through this room.

use crate::diagnostic::{Diagnostic, FileId, Span, Text};

/// A number with its place. Not-a-number and infinities are refused on reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The value.
    pub value: f64,
    /// Its place.
    pub span: Span,
}

/// A value of any TOML type, with its place.
#[derive(Debug, Clone)]
pub enum Value {
    /// A text.
    Text(Text),
    /// An integer or a finite float.
    Number(Number),
    /// true or false.
    Boolean(bool, Span),
    /// A list.
    List(Vec<Value>, Span),
    /// A table.
    Table(Table),
}

/// A table being read: entries are taken one by one; what is left at [`Table::finish`] is unknown.
#[derive(Debug, Clone)]
pub struct Table {
    entries: Vec<(Text, Value)>,
    span: Span,
    asked: Vec<&'static str>,
}

/// Parses a TOML text. Syntax errors are pushed to `diagnostics`; `None` when nothing usable is left.
/// Not-a-number, infinite and out-of-range numbers (`1e400`) and dates are refused with their place.
pub fn parse(_file: FileId, _text: &str, _diagnostics: &mut Vec<Diagnostic>) -> Option<Table> {
    todo!()
}

impl Value {
    /// Where the value stands.
    pub fn span(&self) -> Span {
        todo!()
    }
    /// What the value is, in words: "a text", "a number", "a list".
    pub fn kind(&self) -> &'static str {
        todo!()
    }
}

impl Table {
    /// Where the table stands (its header or braces).
    pub fn span(&self) -> Span {
        self.span
    }
    /// Takes a text if the key is there; a value of another type is reported.
    pub fn text(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Option<Text> {
        todo!()
    }
    /// Takes a text that must be there.
    pub fn required_text(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Option<Text> {
        todo!()
    }
    /// Takes a number if the key is there.
    pub fn number(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Option<Number> {
        todo!()
    }
    /// Takes a whole number ≥ 0 if the key is there.
    pub fn integer(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Option<(u64, Span)> {
        todo!()
    }
    /// Takes a boolean if the key is there.
    pub fn boolean(
        &mut self,
        _key: &'static str,
        _diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(bool, Span)> {
        todo!()
    }
    /// Takes a table if the key is there.
    pub fn table(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Option<Table> {
        todo!()
    }
    /// Takes a list of tables (`[[key]]` or `key = [{…}]`); empty if the key is not there.
    pub fn tables(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Vec<Table> {
        todo!()
    }
    /// Takes a list of texts, or one text as a list of one; empty if the key is not there.
    pub fn texts(&mut self, _key: &'static str, _diagnostics: &mut Vec<Diagnostic>) -> Vec<Text> {
        todo!()
    }
    /// Takes any value.
    pub fn value(&mut self, _key: &'static str) -> Option<Value> {
        todo!()
    }
    /// The remaining entries in file order, for tables whose keys are the user's names. Duplicates cannot occur (TOML).
    pub fn into_entries(self) -> Vec<(Text, Value)> {
        todo!()
    }
    /// Reports every entry that nobody asked for, with "did you mean" among the keys that were.
    pub fn finish(self, _diagnostics: &mut Vec<Diagnostic>) {
        todo!()
    }
}
