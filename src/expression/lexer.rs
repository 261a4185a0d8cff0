//! Text to tokens.
//!
//! Quantity literals are put together here (`55 kg` is one token), because where a unit ends is a matter of
//! characters: it has no white space inside. Which unit names exist is not known here.
//! What is nearly a token (`&&`, `**`, `≤`) becomes the token that was meant, and a diagnostic.

use super::tree::BinaryOperator;
use crate::diagnostic::{Diagnostic, Span, Text};
use std::ops::Range;

/// A token with its byte range in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Number(f64),
    /// Number, unit text, byte range of the unit.
    Quantity(f64, String, Range<usize>),
    Name(String),
    True,
    False,
    Not,
    Operator(BinaryOperator),
    Open,
    Close,
    Comma,
    End,
}

/// A text on its way into tokens, and the way back from byte ranges to places in the file.
pub(super) struct Lexer<'a> {
    text: &'a Text,
    position: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

/// The place in the file of a byte range of the text: the whole text where it was written with escapes.
pub(super) fn place(text: &Text, range: &Range<usize>) -> Span {
    if text.verbatim {
        Span { file: text.span.file, start: text.span.start + range.start, end: text.span.start + range.end }
    } else {
        text.span
    }
}

/// Splits the text into tokens; the last is always [`TokenKind::End`].
pub(super) fn lex(text: &Text) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, position: 0, tokens: Vec::new(), diagnostics: Vec::new() };
    while lexer.step() {}
    let end = text.value.trim_end().len().max(lexer.tokens.last().map_or(0, |token| token.range.end));
    lexer.push(TokenKind::End, end..end);
    (lexer.tokens, lexer.diagnostics)
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text.value[self.position..]
    }

    fn push(&mut self, kind: TokenKind, range: Range<usize>) {
        self.tokens.push(Token { kind, range });
    }

    fn error(
        &mut self,
        message: impl Into<String>,
        range: &Range<usize>,
        label: &str,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(message, place(self.text, range), label).help(help));
    }

    /// Reads one token; false at the end of the text.
    fn step(&mut self) -> bool {
        let white = self.rest().len() - self.rest().trim_start().len();
        self.position += white;
        let Some(first) = self.rest().chars().next() else {
            return false;
        };
        let second = self.rest()[first.len_utf8()..].chars().next();
        if first.is_ascii_digit() || first == '.' && second.is_some_and(|c| c.is_ascii_digit()) {
            self.number();
        } else if starts_name(first) {
            self.name();
        } else {
            self.symbol(first);
        }
        true
    }

    fn name(&mut self) {
        let start = self.position;
        let length = name_length(self.rest());
        let name = self.rest()[..length].to_string();
        self.position += length;
        let kind = match name.as_str() {
            "true" => TokenKind::True,
            "false" => TokenKind::False,
            "not" => TokenKind::Not,
            "and" => TokenKind::Operator(BinaryOperator::And),
            "or" => TokenKind::Operator(BinaryOperator::Or),
            _ => TokenKind::Name(name),
        };
        self.push(kind, start..start + length);
    }

    /// A number, and the unit behind it if there is one.
    fn number(&mut self) {
        let start = self.position;
        let (mantissa, length) = number_length(self.rest());
        let written = &self.rest()[..length];
        // Cells: `1.0e9/L` is 1.0 of the unit `1e9/L`. The digit in front of `e9` stands where the unit text has its
        // `1`, so that byte ranges inside the unit fit the file.
        if written[mantissa..].eq_ignore_ascii_case("e9") && self.rest()[length..].starts_with('/') {
            let behind = unit_length(&self.rest()[length + 1..]);
            if behind > 0 {
                let value = written[..mantissa].parse().unwrap_or(f64::INFINITY);
                let end = start + length + 1 + behind;
                let unit = format!("1e9{}", &self.text.value[start + length..end]);
                self.position = end;
                self.finish_quantity(value, unit, start..end, start + mantissa - 1..end);
                return;
            }
        }
        let value: f64 = written.parse().unwrap_or(f64::INFINITY);
        self.position += length;
        let white = self.rest().len() - self.rest().trim_start().len();
        let behind = &self.rest()[white..];
        let unit =
            if is_word_operator(behind) || white == 0 && behind.starts_with(|c: char| c.is_ascii_digit()) {
                0
            } else {
                unit_length(behind)
            };
        if unit == 0 {
            self.finish_number(value, start..start + length);
        } else {
            let at = start + length + white;
            self.position = at + unit;
            let text = self.text.value[at..at + unit].to_string();
            self.finish_quantity(value, text, start..at + unit, at..at + unit);
        }
    }

    fn finish_number(&mut self, value: f64, range: Range<usize>) {
        self.check_finite(value, &range);
        self.push(TokenKind::Number(value), range);
    }

    fn finish_quantity(&mut self, value: f64, unit: String, range: Range<usize>, unit_range: Range<usize>) {
        self.check_finite(value, &range);
        self.push(TokenKind::Quantity(value, unit, unit_range), range);
    }

    fn check_finite(&mut self, value: f64, range: &Range<usize>) {
        if !value.is_finite() {
            self.error(
                "this number is too large",
                range,
                "beyond 1.8e308",
                "use a larger unit or a smaller number",
            );
        }
    }

    fn symbol(&mut self, first: char) {
        let start = self.position;
        match SYMBOLS.iter().find(|(written, ..)| self.rest().starts_with(written)) {
            Some((written, kind, meant)) => {
                let range = start..start + written.len();
                self.position = range.end;
                if !meant.is_empty() {
                    let what = format!("`{written}` is not part of the language");
                    self.error(what, &range, "", format!("write `{meant}`{}", reason(written)));
                }
                self.push(kind.clone(), range);
            }
            None => self.unknown(first),
        }
    }

    /// A character that means nothing here. It is skipped, with the ones that follow it.
    fn unknown(&mut self, first: char) {
        let start = self.position;
        let strange =
            |c: char| !c.is_whitespace() && !c.is_alphanumeric() && !"+-*/^<>=!&|()[]{},;_.".contains(c);
        let behind = &self.rest()[first.len_utf8()..];
        let length = first.len_utf8() + behind.find(|c| !strange(c)).unwrap_or(behind.len());
        self.position += length;
        let range = start..start + length;
        let written = self.text.value[range.clone()].to_string();
        let help = match first {
            '?' | ':' => "a choice is written `if(condition, value, other)`",
            '%' => "`%` is a unit and stands right behind a number: `43 %`",
            '²' | '³' => "a power is written `x^2`",
            '"' | '\'' => "texts have no place in an equation; names are written without quotes",
            '.' => {
                "a number needs a digit behind the point, and the parts of a name no space: `0.5`, `pk.Cp`"
            }
            _ => {
                "an equation is made of numbers with units, names, + - * / ^, comparisons, and, or, not, and functions"
            }
        };
        self.error(format!("`{}` has no meaning here", written.escape_debug()), &range, "", help);
    }
}

/// Symbols with what they are, longer spellings first. The third column is what should have been written, empty where
/// all is well.
const SYMBOLS: &[(&str, TokenKind, &str)] = &[
    ("**", TokenKind::Operator(BinaryOperator::Power), "^"),
    ("&&", TokenKind::Operator(BinaryOperator::And), "and"),
    ("||", TokenKind::Operator(BinaryOperator::Or), "or"),
    ("===", TokenKind::Operator(BinaryOperator::Equal), "=="),
    ("==", TokenKind::Operator(BinaryOperator::Equal), ""),
    ("!==", TokenKind::Operator(BinaryOperator::NotEqual), "!="),
    ("!=", TokenKind::Operator(BinaryOperator::NotEqual), ""),
    ("<>", TokenKind::Operator(BinaryOperator::NotEqual), "!="),
    ("<=", TokenKind::Operator(BinaryOperator::LessEqual), ""),
    (">=", TokenKind::Operator(BinaryOperator::GreaterEqual), ""),
    ("=<", TokenKind::Operator(BinaryOperator::LessEqual), "<="),
    ("=>", TokenKind::Operator(BinaryOperator::GreaterEqual), ">="),
    ("=", TokenKind::Operator(BinaryOperator::Equal), "=="),
    ("!", TokenKind::Not, "not"),
    ("&", TokenKind::Operator(BinaryOperator::And), "and"),
    ("|", TokenKind::Operator(BinaryOperator::Or), "or"),
    ("<", TokenKind::Operator(BinaryOperator::Less), ""),
    (">", TokenKind::Operator(BinaryOperator::Greater), ""),
    ("≤", TokenKind::Operator(BinaryOperator::LessEqual), "<="),
    ("≥", TokenKind::Operator(BinaryOperator::GreaterEqual), ">="),
    ("≠", TokenKind::Operator(BinaryOperator::NotEqual), "!="),
    ("+", TokenKind::Operator(BinaryOperator::Add), ""),
    ("-", TokenKind::Operator(BinaryOperator::Subtract), ""),
    ("−", TokenKind::Operator(BinaryOperator::Subtract), "-"),
    ("–", TokenKind::Operator(BinaryOperator::Subtract), "-"),
    ("*", TokenKind::Operator(BinaryOperator::Multiply), ""),
    ("·", TokenKind::Operator(BinaryOperator::Multiply), "*"),
    ("×", TokenKind::Operator(BinaryOperator::Multiply), "*"),
    ("/", TokenKind::Operator(BinaryOperator::Divide), ""),
    ("÷", TokenKind::Operator(BinaryOperator::Divide), "/"),
    ("^", TokenKind::Operator(BinaryOperator::Power), ""),
    ("(", TokenKind::Open, ""),
    (")", TokenKind::Close, ""),
    ("[", TokenKind::Open, "("),
    ("]", TokenKind::Close, ")"),
    ("{", TokenKind::Open, "("),
    ("}", TokenKind::Close, ")"),
    (",", TokenKind::Comma, ""),
    (";", TokenKind::Comma, ","),
];

fn reason(written: &str) -> &'static str {
    match written {
        "=" => ": `==` compares, and an equation's name stands outside the quotes",
        "[" | "]" | "{" | "}" => ": only round parentheses group",
        ";" => ": arguments are separated by commas",
        _ => "",
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_'
}

/// Length of a dotted name at the start of the text; a point belongs to it only in front of another part.
fn name_length(text: &str) -> usize {
    let mut length = 0;
    loop {
        length += text[length..].find(|c| !continues_name(c)).unwrap_or(text.len() - length);
        match text[length..].strip_prefix('.') {
            Some(rest) if rest.starts_with(starts_name) => length += 1,
            _ => return length,
        }
    }
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// Lengths of a number at the start of the text: its mantissa, and all of it.
fn number_length(text: &str) -> (usize, usize) {
    let mut mantissa = digits(text);
    if text[mantissa..].starts_with('.') {
        mantissa += 1 + digits(&text[mantissa + 1..]);
    }
    let exponent = &text[mantissa..];
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(exponent[1..].starts_with(['+', '-']));
        let count = digits(&exponent[1 + sign..]);
        if count > 0 {
            return (mantissa, mantissa + 1 + sign + count);
        }
    }
    (mantissa, mantissa)
}

fn is_word_operator(text: &str) -> bool {
    matches!(&text[..name_length(text)], "and" | "or" | "not" | "true" | "false")
}

/// Length of the unit at the start of the text, 0 if there is none: names, `%`, `1` or `1e9`, joined by `/`, `*` or
/// `·`, each with an optional whole power.
fn unit_length(text: &str) -> usize {
    let mut length = unit_name_length(text);
    if length == 0 {
        return 0;
    }
    loop {
        length += unit_power_length(&text[length..]);
        let Some(operator) = text[length..].chars().next().filter(|c| ['/', '*', '·'].contains(c)) else {
            return length;
        };
        let next = unit_name_length(&text[length + operator.len_utf8()..]);
        if next == 0 {
            return length;
        }
        length += operator.len_utf8() + next;
    }
}

fn unit_name_length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    if first == '%' {
        1
    } else if starts_name(first) {
        let length = text.find(|c| !continues_name(c)).unwrap_or(text.len());
        // A dotted name is no unit: `10 mg/pk.V` divides by `pk.V`.
        if name_length(text) > length { 0 } else { length }
    } else if first == '1' {
        // `1` or a count of cells; a longer number is an operand, not a unit.
        let (mantissa, length) = number_length(text);
        let plain = mantissa == 1 && text[1..length].chars().skip(1).all(|c| c.is_ascii_digit());
        if plain && !text[length..].starts_with(|c| continues_name(c) || c == '.') { length } else { 0 }
    } else {
        0
    }
}

/// Length of `^2` or `^-1` behind a unit name. A power that is not whole does not belong to the unit.
fn unit_power_length(text: &str) -> usize {
    if text.starts_with(['²', '³']) {
        return '²'.len_utf8();
    }
    let Some(power) = text.strip_prefix('^') else {
        return 0;
    };
    let sign = usize::from(power.starts_with('-'));
    let count = digits(&power[sign..]);
    let whole = count > 0 && !power[sign + count..].starts_with(|c| continues_name(c) || c == '.');
    if whole { 1 + sign + count } else { 0 }
}
