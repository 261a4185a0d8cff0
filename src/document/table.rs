//! Values, tables, and the readers that take a table apart key by key.

use crate::diagnostic::{Diagnostic, Span, Text, closest};

/// A number with its place. Not-a-number and infinities are refused on reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The value.
    pub value: f64,
    /// The value of a TOML integer (−2^63 … 2^63 − 1), every digit kept.
    pub whole: Option<i64>,
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
    /// Keys whose value was refused while parsing: reported already, so not missing.
    refused: Vec<String>,
    span: Span,
    asked: Vec<&'static str>,
}

impl Value {
    /// Where the value stands (a text without its quotes).
    pub fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::Number(number) => number.span,
            Self::Boolean(_, span) | Self::List(_, span) => *span,
            Self::Table(table) => table.span,
        }
    }
    /// What the value is, in words: "a text", "a number", "a list".
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Boolean(..) => "true or false",
            Self::List(..) => "a list",
            Self::Table(_) => "a table",
        }
    }
    /// The finding that `key` wants something else, with an example of it.
    pub fn mistyped(&self, key: &str, wanted: &str, example: &str) -> Diagnostic {
        let found = self.kind();
        Diagnostic::error(format!("`{key}` must be {wanted}, but this is {found}"), self.span(), found)
            .help(format!("write for example `{example}`"))
    }
}

impl Table {
    pub(super) fn new(entries: Vec<(Text, Value)>, refused: Vec<String>, span: Span) -> Self {
        Self { entries, refused, span, asked: Vec::new() }
    }
    pub(super) fn entries_mut(&mut self) -> &mut Vec<(Text, Value)> {
        &mut self.entries
    }
    /// Where the table stands (its header or braces).
    pub fn span(&self) -> Span {
        self.span
    }
    /// Whether the key is there; does not take it.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.value == key)
    }
    /// Whether the value of this key was refused while parsing, and reported.
    pub fn was_refused(&self, key: &str) -> bool {
        self.refused.iter().any(|name| name == key)
    }
    /// Whether no entry is left.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// Takes a text if the key is there; a value of another type is reported.
    pub fn text(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<Text> {
        match self.value(key)? {
            Value::Text(text) => Some(text),
            Value::Number(number) => {
                let value = number.value;
                let help = format!(
                    "write it in quotes, `{key} = \"{value}\"`, with its unit where it has one, `\"{value} mg\"`"
                );
                diagnostics.push(Value::Number(number).mistyped(key, "a text", "").help(help));
                None
            }
            other => {
                diagnostics.push(other.mistyped(key, "a text", &format!("{key} = \"…\"")));
                None
            }
        }
    }
    /// Takes a text that must be there.
    pub fn required_text(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<Text> {
        self.require(key, "\"…\"", diagnostics);
        self.text(key, diagnostics)
    }
    /// Takes a number if the key is there.
    pub fn number(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<Number> {
        match self.value(key)? {
            Value::Number(number) => Some(number),
            Value::Text(text) if text.value.trim().parse::<f64>().is_ok_and(f64::is_finite) => {
                let help = format!("remove the quotes: `{key} = {}`", text.value.trim());
                diagnostics.push(Value::Text(text).mistyped(key, "a number", "").help(help));
                None
            }
            other => {
                diagnostics.push(other.mistyped(key, "a number", &format!("{key} = 1.5")));
                None
            }
        }
    }
    /// Takes a number that must be there.
    pub fn required_number(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Number> {
        self.require(key, "1.5", diagnostics);
        self.number(key, diagnostics)
    }
    /// Takes a list of numbers, one at least, or one number as a list of one; it must be there.
    pub fn required_numbers(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<Number>> {
        self.require(key, "1.5", diagnostics);
        let example = format!("{key} = [1.5, 2.5]");
        match self.value(key)? {
            Value::Number(number) => Some(vec![number]),
            Value::List(values, span) if values.is_empty() => {
                diagnostics.push(Value::List(values, span).mistyped(key, "one number at least", &example));
                None
            }
            Value::List(values, _) => {
                let number = |value: Value| match value {
                    Value::Number(number) => Some(number),
                    other => {
                        diagnostics.push(other.mistyped(key, "a list of numbers", &example));
                        None
                    }
                };
                values.into_iter().map(number).collect()
            }
            other => {
                diagnostics.push(other.mistyped(key, "a number or a list of numbers", &example));
                None
            }
        }
    }
    /// Takes a whole number from 0 to 2^63 − 1, the largest integer of TOML, if the key is there.
    pub fn integer(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<(u64, Span)> {
        /// Whole numbers up to 2^53 are exact as floats, so `1e6` may stand for an integer.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let Number { value, whole, span } = self.number(key, diagnostics)?;
        let found = match whole {
            Some(whole) => u64::try_from(whole).ok(),
            // Whole and in range, so the conversion is exact.
            None => (value.fract() == 0.0 && (0.0..=EXACT).contains(&value)).then_some(value as u64),
        };
        if found.is_none() {
            let what = format!("`{key}` must be a whole number from 0 to 2^63 - 1");
            diagnostics.push(
                Diagnostic::error(what, span, "not a whole number in this range")
                    .help(format!("write for example `{key} = 100`")),
            );
        }
        Some((found?, span))
    }
    /// Takes a boolean if the key is there.
    pub fn boolean(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<(bool, Span)> {
        match self.value(key)? {
            Value::Boolean(value, span) => Some((value, span)),
            other => {
                diagnostics.push(other.mistyped(key, "true or false", &format!("{key} = true")));
                None
            }
        }
    }
    /// Takes a table if the key is there.
    pub fn table(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<Table> {
        match self.value(key)? {
            Value::Table(table) => Some(table),
            other => {
                diagnostics.push(other.mistyped(
                    key,
                    "a table",
                    &format!("{key} = {{ … }}` or a header `[{key}]"),
                ));
                None
            }
        }
    }
    /// Takes a list of tables (`[[key]]` or `key = [{…}]`); empty if the key is not there.
    pub fn tables(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Table> {
        let example = format!("{key} = [{{ … }}, {{ … }}]` or headers `[[{key}]]");
        match self.value(key) {
            None => Vec::new(),
            Some(Value::List(values, _)) => {
                let mut tables = Vec::with_capacity(values.len());
                for value in values {
                    match value {
                        Value::Table(table) => tables.push(table),
                        other => diagnostics.push(other.mistyped(key, "a list of tables", &example)),
                    }
                }
                tables
            }
            Some(other) => {
                diagnostics.push(other.mistyped(key, "a list of tables", &example));
                Vec::new()
            }
        }
    }
    /// Takes a list of texts, or one text as a list of one; empty if the key is not there.
    pub fn texts(&mut self, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Text> {
        let example = format!("{key} = [\"…\", \"…\"]");
        match self.value(key) {
            None => Vec::new(),
            Some(Value::Text(text)) => vec![text],
            Some(Value::List(values, _)) => {
                let mut texts = Vec::with_capacity(values.len());
                for value in values {
                    match value {
                        Value::Text(text) => texts.push(text),
                        other => diagnostics.push(other.mistyped(key, "a list of texts", &example)),
                    }
                }
                texts
            }
            Some(other) => {
                diagnostics.push(other.mistyped(key, "a text or a list of texts", &example));
                Vec::new()
            }
        }
    }
    /// Takes any value.
    pub fn value(&mut self, key: &'static str) -> Option<Value> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let index = self.entries.iter().position(|(name, _)| name.value == key)?;
        Some(self.entries.remove(index).1)
    }
    /// The remaining entries in file order, for tables whose keys are the user's names. Duplicates cannot occur (TOML).
    pub fn into_entries(self) -> Vec<(Text, Value)> {
        self.entries
    }
    /// Reports every entry that nobody asked for, with "did you mean" among the keys that were.
    pub fn finish(self, diagnostics: &mut Vec<Diagnostic>) {
        for (name, _) in &self.entries {
            let unknown =
                Diagnostic::error(format!("unknown key `{}`", name.value), name.span, "not known here");
            let help = match closest(&name.value, self.asked.iter().copied()) {
                Some(key) => format!("did you mean `{key}`?"),
                None if self.asked.is_empty() => "remove it: this table has no keys".to_string(),
                None => format!("the keys of this table are `{}`", self.asked.join("`, `")),
            };
            diagnostics.push(unknown.help(help));
        }
    }

    /// Reports a missing key, unless its value was refused while parsing.
    fn require(&mut self, key: &'static str, example: &str, diagnostics: &mut Vec<Diagnostic>) {
        if self.has(key) || self.was_refused(key) {
            return;
        }
        let missing =
            Diagnostic::error(format!("the key `{key}` is missing"), self.span, format!("lacks `{key}`"));
        let near = closest(key, self.entries.iter().map(|(name, _)| name.value.as_str()));
        diagnostics.push(missing.help(match near {
            Some(near) => format!("add `{key} = {example}`, or rename `{near}` if that is meant"),
            None => format!("add `{key} = {example}`"),
        }));
    }
}
