//! From TOML text to a tree of tables, with every syntax error in words.

use super::remedy::{self, Finding};
use super::table::{Number, Table, Value};
use crate::diagnostic::{Diagnostic, FileId, Span, Text};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use toml_parser::lexer::TokenKind;

/// Bytes a file may have. Models and scenarios are a few kilobytes.
const MAXIMUM_BYTES: usize = 4 << 20;
/// Levels of `[…]` and `{…}` inside each other.
const MAXIMUM_NESTING: usize = 32;
/// Parts of a dotted key.
const MAXIMUM_PARTS: usize = 16;
/// Syntax errors shown of one file.
const MAXIMUM_ERRORS: usize = 20;

/// Parses a TOML text. Syntax errors are pushed to `diagnostics`; `None` when nothing usable is left.
/// Not-a-number, infinite and out-of-range numbers (`1e400`) and dates are refused with their place.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Table> {
    if let Err(diagnostic) = check_limits(file, text) {
        diagnostics.push(*diagnostic);
        return None;
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    let reader = Reader { file, text };
    let mut refusals = Vec::new();
    let table = reader.table(root.get_ref(), 0..0, &mut refusals);
    let mut errors: Vec<(Range<usize>, &str)> = errors
        .iter()
        .map(|error| (error.span().unwrap_or(text.len()..text.len()), error.message()))
        .collect();
    errors.sort_by_key(|(range, _)| range.start);
    let mut usable = true;
    if let Some(open) = unclosed_bracket(text) {
        usable = false;
        errors.retain(|(range, _)| range.start < open);
        diagnostics.push(never_closed(&reader, open));
    }
    // Several errors on one line have mostly one cause.
    let line_ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    errors.dedup_by_key(|(range, _)| line_ends.partition_point(|end| *end < range.start));
    for (range, message) in errors.iter().take(MAXIMUM_ERRORS) {
        let Finding { message, label, help, fatal } = remedy::of(message, text, range.clone());
        usable &= !fatal;
        let mut diagnostic = Diagnostic::error(message, reader.span(range.clone()), label).help(help);
        if !fatal && let Some(first) = first_definition(root.get_ref(), text, range) {
            diagnostic = diagnostic.related(reader.span(first), "first here");
        }
        diagnostics.push(diagnostic);
    }
    if errors.len() > MAXIMUM_ERRORS {
        let more = errors.len() - MAXIMUM_ERRORS;
        diagnostics.push(Diagnostic::plain(format!("{more} more syntax errors in this file are not shown")));
    }
    if usable {
        diagnostics.extend(refusals);
    }
    usable.then_some(table)
}

/// Refuses what could only be an accident or an attack before memory, time or stack are spent on it.
fn check_limits(file: FileId, text: &str) -> Result<(), Box<Diagnostic>> {
    if text.len() > MAXIMUM_BYTES {
        let what =
            format!("this file is longer than {} MB, which is the most that is read", MAXIMUM_BYTES >> 20);
        let help = "a model or scenario is a few kilobytes of text; is this the right file?";
        return Err(Box::new(Diagnostic::error(what, Span { file, start: 0, end: 0 }, "").help(help)));
    }
    let (mut nesting, mut parts) = (0_usize, 1);
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => nesting += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                nesting = nesting.saturating_sub(1)
            }
            TokenKind::Dot => parts += 1,
            _ => {}
        }
        if !matches!(token.kind(), TokenKind::Dot | TokenKind::Whitespace)
            && token.kind().encoding().is_none()
            && token.kind() != TokenKind::Atom
        {
            parts = 1;
        }
        let help = if nesting > MAXIMUM_NESTING {
            "close the brackets, or write the inner tables under headers of their own"
        } else if parts > MAXIMUM_PARTS {
            "write the key under a header of its own"
        } else {
            continue;
        };
        let what = if nesting > MAXIMUM_NESTING {
            format!("brackets are nested more than {MAXIMUM_NESTING} levels deep")
        } else {
            format!("this key has more than {MAXIMUM_PARTS} parts")
        };
        let span = Span { file, start: token.span().start(), end: token.span().end() };
        return Err(Box::new(Diagnostic::error(what, span, "").help(help)));
    }
    Ok(())
}

/// Where a list or inline table opens that is still open at the end of the text, or at a line that is plainly a new
/// entry. All later syntax errors are consequences of it.
fn unclosed_bracket(text: &str) -> Option<usize> {
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    let (mut line_begins, mut header, mut key_in_list) = (true, false, false);
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::Newline => {
                (line_begins, header, key_in_list) = (true, false, false);
                continue;
            }
            TokenKind::Whitespace | TokenKind::Comment => continue,
            _ if header => continue,
            TokenKind::LeftSquareBracket if open.is_empty() && line_begins => header = true,
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                open.push((token.kind(), token.span().start()));
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                let opener = match token.kind() {
                    TokenKind::RightSquareBracket => TokenKind::LeftSquareBracket,
                    _ => TokenKind::LeftCurlyBracket,
                };
                open.pop_if(|(kind, _)| *kind == opener);
            }
            TokenKind::Atom => {
                key_in_list =
                    line_begins && open.last().is_some_and(|(kind, _)| *kind == TokenKind::LeftSquareBracket)
            }
            TokenKind::Equals if key_in_list => break,
            _ => key_in_list = false,
        }
        line_begins = false;
    }
    open.last().map(|(_, at)| *at)
}

fn never_closed(reader: &Reader<'_>, open: usize) -> Diagnostic {
    let bracket = &reader.text[open..open + 1];
    let (what, closing) = if bracket == "[" { ("list", "]") } else { ("table", "}") };
    Diagnostic::error(format!("this {what} is not closed"), reader.span(open..open + 1), "opened here")
        .help(format!("put `{closing}` where the {what} ends"))
}

/// The earlier key of the same name in the table in which a duplicate key stands: the innermost inline table around
/// it, else the table of the last header above it. For a repeated header, the earlier header.
fn first_definition(root: &DeTable<'_>, text: &str, duplicate: &Range<usize>) -> Option<Range<usize>> {
    let written = text.get(duplicate.clone())?;
    let line_start = text[..duplicate.start].rfind('\n').map_or(0, |newline| newline + 1);
    if text[line_start..duplicate.start].trim_start().starts_with('[') {
        let header = text[line_start..].lines().next()?.trim();
        let before = text[..line_start].match_indices(header).map(|(at, _)| at);
        return before
            .filter(|at| *at == 0 || text[..*at].ends_with('\n'))
            .last()
            .map(|at| at..at + header.len());
    }
    let mut best = (0..0, root);
    innermost(root, text, duplicate.start, &mut best);
    let key = best.1.keys().find(|key| key.get_ref() == written || text.get(key.span()) == Some(written))?;
    (key.span().start < duplicate.start).then(|| key.span())
}

/// Looks for the table that starts last before `position` and, if it has braces, ends behind it.
fn innermost<'t, 'i>(
    table: &'t DeTable<'i>,
    text: &str,
    position: usize,
    best: &mut (Range<usize>, &'t DeTable<'i>),
) {
    for value in table.values() {
        let items: Vec<&Spanned<DeValue<'i>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        for item in items {
            let DeValue::Table(inner) = item.get_ref() else { continue };
            let range = item.span();
            let braces = text[range.start..].starts_with('{');
            let holds = range.start < position && (!braces || position < range.end);
            if holds && range.start >= best.0.start {
                *best = (range, inner);
            }
            innermost(inner, text, position, best);
        }
    }
}

/// Turns the parser's tree into ours.
struct Reader<'a> {
    file: FileId,
    text: &'a str,
}

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span { file: self.file, start: range.start, end: range.end }
    }

    fn table(&self, table: &DeTable<'_>, range: Range<usize>, refusals: &mut Vec<Diagnostic>) -> Table {
        let mut sorted: Vec<_> = table.iter().collect();
        sorted.sort_by_key(|(key, _)| key.span().start);
        let (mut entries, mut refused) = (Vec::with_capacity(sorted.len()), Vec::new());
        for (key, value) in sorted {
            let name = self.content(key.get_ref(), key.span());
            match self.value(value, refusals) {
                Some(value) => entries.push((name, value)),
                None => refused.push(name.value),
            }
        }
        Table::new(entries, refused, self.span(range))
    }

    fn value(&self, value: &Spanned<DeValue<'_>>, refusals: &mut Vec<Diagnostic>) -> Option<Value> {
        let range = value.span();
        let span = self.span(range.clone());
        let read = match value.get_ref() {
            DeValue::String(text) => Ok(Value::Text(self.content(text, range))),
            DeValue::Boolean(value) => Ok(Value::Boolean(*value, span)),
            DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix())
                .map(|value| {
                    Value::Number(Number { value: value as f64, whole: i64::try_from(value).ok(), span })
                })
                .map_err(|_| ("this number is too large", "write it with an exponent, as in `1e40`")),
            DeValue::Float(float) => {
                finite(float.as_str()).map(|value| Value::Number(Number { value, whole: None, span }))
            }
            DeValue::Datetime(_) => {
                let help =
                    "times are durations since the first dose, in quotes and with a unit: `\"24 months\"`";
                Err(("dates have no meaning here", help))
            }
            DeValue::Array(items) => {
                Ok(Value::List(items.iter().filter_map(|item| self.value(item, refusals)).collect(), span))
            }
            DeValue::Table(table) => Ok(Value::Table(self.table(table, range, refusals))),
        };
        match read {
            Ok(value) => Some(value),
            Err((message, help)) => {
                refusals.push(Diagnostic::error(message, span, "").help(help));
                None
            }
        }
    }

    /// A decoded text with the place of its content inside the quotes.
    fn content(&self, decoded: &DeString<'_>, range: Range<usize>) -> Text {
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let quote = ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|quote| raw.len() >= 2 * quote.len() && raw.starts_with(quote) && raw.ends_with(quote));
        let quote_length = quote.map_or(0, str::len);
        let mut content = range.start + quote_length..range.end - quote_length;
        if quote_length == 3 {
            // A line break right behind the opening quotes does not belong to the text.
            let first_line_break =
                ["\r\n", "\n"].into_iter().find(|br| self.text[content.clone()].starts_with(br));
            content.start += first_line_break.map_or(0, str::len);
        }
        let verbatim = self.text.get(content.clone()) == Some(decoded.as_ref());
        Text { value: decoded.to_string(), span: self.span(content), verbatim }
    }
}

/// The value of a float, or why it is refused and what to write.
fn finite(written: &str) -> Result<f64, (&'static str, &'static str)> {
    if written.contains("inf") {
        return Err((
            "infinity is not a value",
            "leave the key out where there is no limit, or write a finite number",
        ));
    }
    let value: f64 = written.parse().unwrap_or(f64::NAN);
    let mantissa = written.split(['e', 'E']).next().unwrap_or_default();
    if value.is_nan() {
        Err(("not-a-number is not a value", "write a finite number, or leave the key out"))
    } else if value.is_infinite() {
        Err(("this number is too large", "numbers go up to 1.8e308; a larger unit keeps them small"))
    } else if value == 0.0 && mantissa.contains(|c: char| ('1'..='9').contains(&c)) {
        Err((
            "this number is too small to be told from zero",
            "numbers go down to 5e-324; write 0 if zero is meant",
        ))
    } else {
        Ok(value)
    }
}
