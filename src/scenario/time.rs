//! Durations, moments and lists of days as a protocol writes them: "24 months", "6 cycles", "day 15", "1-5, 8".

use crate::diagnostic::{Diagnostic, Span, Text};
use crate::units::{self, Dimension};
use std::ops::Range;

/// The span of a byte range of a text; the whole text where its bytes are not the file's.
pub(super) fn place(text: &Text, range: &Range<usize>) -> Span {
    if !text.verbatim || text.span.start + range.end > text.span.end {
        return text.span;
    }
    Span { start: text.span.start + range.start, end: text.span.start + range.end, ..text.span }
}

/// A part of a text, without the white space around it, as a text of its own.
pub(super) fn part(text: &Text, range: Range<usize>) -> Text {
    let raw = &text.value[range.clone()];
    let start = range.start + raw.len() - raw.trim_start().len();
    let trimmed = raw.trim();
    let range = start..start + trimmed.len();
    Text { value: trimmed.to_owned(), span: place(text, &range), verbatim: text.verbatim }
}

/// A duration > 0, d. `cycle` is the length of a cycle, d, where the word has a meaning.
pub fn duration(text: &Text, cycle: Option<f64>, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    match non_negative_duration(text, cycle, diagnostics)? {
        zero if zero <= 0.0 => {
            diagnostics.push(
                Diagnostic::error("this duration must be longer than 0", text.span, "no time at all")
                    .help("write a positive duration such as `28 d`"),
            );
            None
        }
        days => Some(days),
    }
}

/// A duration ≥ 0, d.
pub(super) fn non_negative_duration(
    text: &Text,
    cycle: Option<f64>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<f64> {
    let value = text.value.trim();
    let Some((number, length)) = leading_number(value) else {
        diagnostics.push(no_duration(text, "no number in front"));
        return None;
    };
    let word = value[length..].trim();
    if word.is_empty() {
        diagnostics.push(
            Diagnostic::error("this duration has no unit", text.span, "a bare number")
                .help(format!("write `{value} d`, `{value} h` or `{value} months`")),
        );
        return None;
    }
    let days = match (word, cycle) {
        ("cycle" | "cycles", Some(cycle)) => number * cycle,
        _ => number * unit_of_time(text, word, diagnostics)?,
    };
    if !days.is_finite() || days < 0.0 {
        diagnostics.push(no_duration(text, "out of range"));
        return None;
    }
    Some(days)
}

fn unit_of_time(text: &Text, word: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    match units::parse(word) {
        Ok(unit) if unit.dimension == Dimension::time() => Some(unit.factor),
        Ok(unit) => {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` is {}, not a duration", text.value.trim(), unit.dimension),
                    text.span,
                    "a time is wanted here",
                )
                .help(HOW_TO_WRITE),
            );
            None
        }
        Err(_) => {
            diagnostics.push(no_duration(text, &format!("`{word}` is no unit of time")));
            None
        }
    }
}

const HOW_TO_WRITE: &str =
    "durations are written like `12 h`, `28 d`, `8 weeks`, `24 months`, `2 years`, `6 cycles`";

fn no_duration(text: &Text, why: &str) -> Diagnostic {
    Diagnostic::error(format!("`{}` is not a duration", text.value), text.span, why).help(HOW_TO_WRITE)
}

/// The longest number at the start of a text and its length in bytes.
fn leading_number(text: &str) -> Option<(f64, usize)> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let limit = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(text.len());
    let limit = limit.min(40);
    (1..=limit).rev().find_map(|length| Some((text.get(..length)?.parse().ok()?, length)))
}

/// A moment, d: `day 15` is 14 (day n starts at n − 1), a duration is itself.
pub(super) fn moment(text: &Text, cycle: Option<f64>, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let value = text.value.trim();
    let Some(rest) = value.strip_prefix("day ") else {
        return non_negative_duration(text, cycle, diagnostics);
    };
    match rest.trim().parse::<u32>() {
        Ok(day) if day >= 1 => Some(f64::from(day) - 1.0),
        _ => {
            diagnostics.push(
                Diagnostic::error(format!("`{value}` is not a day"), text.span, "days are counted from 1")
                    .help("write `day 15` for the start of day 15, or a duration such as `12 h`"),
            );
            None
        }
    }
}

/// A list of whole numbers ≥ 1 and ranges, `1-5, 8, 22-`, as inclusive ranges in the order written; the open end is
/// `u32::MAX`. `what` names them: "day", "cycle".
pub(super) fn ranges(text: &Text, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<(u32, u32)>> {
    let mut found = Vec::new();
    let mut faulty = false;
    let mut start = 0;
    for item in text.value.split(',') {
        let item_text = part(text, start..start + item.len());
        start += item.len() + 1;
        match range(&item_text.value) {
            Some(range) => found.push(range),
            None => {
                faulty = true;
                diagnostics.push(
                    Diagnostic::error(
                        format!("`{}` is no {what} and no range of {what}s", item_text.value),
                        item_text.span,
                        format!("{what}s are counted from 1"),
                    )
                    .help(format!("write {what}s like `1-21`, `1, 8, 15`, `1-5, 8` or `3-` (to the end)")),
                );
            }
        }
    }
    (!faulty).then_some(found)
}

fn range(item: &str) -> Option<(u32, u32)> {
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|n| *n >= 1);
    match item.split_once(['-', '–']) {
        None => number(item).map(|n| (n, n)),
        Some((first, last)) if last.trim().is_empty() => Some((number(first)?, u32::MAX)),
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some((first, last))
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    pub(in crate::scenario) fn text(value: &str) -> Text {
        Text {
            value: value.to_owned(),
            span: Span { file: FileId(0), start: 100, end: 100 + value.len() },
            verbatim: true,
        }
    }

    #[test]
    fn durations_in_words_and_units() {
        let mut diagnostics = Vec::new();
        for (written, days) in [
            ("24 months", 730.5),
            ("2 years", 730.5),
            ("28 d", 28.0),
            ("6 cycles", 168.0),
            ("8 weeks", 56.0),
            ("12 h", 0.5),
            ("15 min", 15.0 / 1440.0),
            ("1e2 d", 100.0),
        ] {
            let found = duration(&text(written), Some(28.0), &mut diagnostics);
            assert!((found.unwrap_or(f64::NAN) - days).abs() < 1e-12, "{written}: {found:?}");
        }
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn what_is_no_duration_is_refused_with_a_remedy() {
        for written in
            ["", "soon", "28", "-3 d", "5 mg", "3 fortnightz", "0 d", "1e308 years", "nan d", "inf d"]
        {
            let mut diagnostics = Vec::new();
            assert_eq!(duration(&text(written), None, &mut diagnostics), None, "{written}");
            assert_eq!(diagnostics.len(), 1, "{written}");
            assert!(diagnostics[0].help.is_some());
        }
    }

    #[test]
    fn days_are_counted_from_one() {
        let mut diagnostics = Vec::new();
        assert_eq!(moment(&text("day 1"), None, &mut diagnostics), Some(0.0));
        assert_eq!(moment(&text("day 57"), None, &mut diagnostics), Some(56.0));
        assert_eq!(moment(&text("12 h"), None, &mut diagnostics), Some(0.5));
        assert_eq!(moment(&text("day 0"), None, &mut diagnostics), None);
        assert_eq!(diagnostics.len(), 1);
    }

    #[test]
    fn ranges_and_single_days() {
        let mut diagnostics = Vec::new();
        let read = |written: &str, diagnostics: &mut Vec<_>| ranges(&text(written), "day", diagnostics);
        assert_eq!(read("1-21", &mut diagnostics), Some(vec![(1, 21)]));
        assert_eq!(read("1-5, 8, 22-", &mut diagnostics), Some(vec![(1, 5), (8, 8), (22, u32::MAX)]));
        assert!(diagnostics.is_empty());
        assert_eq!(read("1, 0, 5-3, x", &mut diagnostics), None);
        assert_eq!(diagnostics.len(), 3, "each faulty item is reported");
        assert_eq!((diagnostics[1].place.as_ref().map(|(span, _)| span.start)), Some(106));
    }
}
