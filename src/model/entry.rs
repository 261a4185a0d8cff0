//! What the entries of a model file have in common: expressions, numbers, units, and the keys that every declaration may
//! have.

use super::declarations::{Item, Written};
use super::definition::{NamedUnit, Tag};
use super::unit::check_unit;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::expression::{self, Expression};
use crate::units::Unit;

/// Where findings go.
pub(super) type Diagnostics = Vec<Diagnostic>;

/// A text that may be absent.
pub(super) fn plain(table: &mut Table, key: &'static str, diagnostics: &mut Diagnostics) -> String {
    table.text(key, diagnostics).map_or_else(String::new, |text| text.value)
}

/// A number that must be there; not a number, and an error, if it is not.
pub(super) fn required_number(table: &mut Table, key: &'static str, what: &str, d: &mut Diagnostics) -> f64 {
    if let Some(number) = table.number(key, d) {
        return number.value;
    }
    if !d.last().is_some_and(|last| last.place.as_ref().is_some_and(|(span, _)| within(*span, table.span())))
    {
        d.push(
            Diagnostic::error(format!("the key `{key}` is missing"), table.span(), format!("needs `{key}`"))
                .help(format!("`{key}` is {what}, a number in the unit beside it")),
        );
    }
    f64::NAN
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end
}

/// A text as an expression.
pub(super) fn parsed(text: Text, diagnostics: &mut Diagnostics) -> Option<Written> {
    let tree = expression::parse(&text, diagnostics)?;
    Some(Written { text: text.value, tree })
}

/// Stands for an expression that could not be read: the empty name, which no scope knows and none complains about. What
/// bears it stays declared, so that its uses are not called undefined.
pub(super) fn unreadable(span: Span) -> Written {
    Written { text: String::new(), tree: Expression { kind: expression::Kind::Name(String::new()), span } }
}

/// An expression that may be absent.
pub(super) fn written(
    table: &mut Table,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<Written> {
    parsed(table.text(key, diagnostics)?, diagnostics)
}

/// An expression that must be there; where it is not, or cannot be read, [`unreadable`] stands for it.
pub(super) fn required_written(
    table: &mut Table,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Written {
    let span = table.span();
    let text = table.required_text(key, diagnostics);
    text.and_then(|text| parsed(text, diagnostics)).unwrap_or_else(|| unreadable(span))
}

/// An expression written as text, or a bare number.
pub(super) fn written_or_number(
    table: &mut Table,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<Written> {
    match table.value(key)? {
        Value::Text(text) => parsed(text, diagnostics),
        Value::Number(number) => Some(Written {
            text: number.value.to_string(),
            tree: Expression { kind: expression::Kind::Number(number.value), span: number.span },
        }),
        other => {
            diagnostics.push(Diagnostic::error(
                format!("`{key}` must be a number or an expression, but this is {}", other.kind()),
                other.span(),
                "a number or a text is wanted",
            ));
            None
        }
    }
}

/// A unit by its name.
pub(super) fn named_unit(text: &Text, diagnostics: &mut Diagnostics) -> Option<NamedUnit> {
    let unit: Unit = check_unit(text, diagnostics)?;
    Some(NamedUnit { name: text.value.clone(), unit })
}

/// What every declaration may say beside its name.
pub(super) fn item(name: Text, entry: &mut Table, unit_needed: bool, d: &mut Diagnostics) -> Item {
    let text = if unit_needed { entry.required_text("unit", d) } else { entry.text("unit", d) };
    Item {
        unit: text.and_then(|text| named_unit(&text, d)),
        about: plain(entry, "about", d),
        source: plain(entry, "source", d),
        tag: entry.text("tag", d).map_or(Tag::Untagged, |text| tag(&text, d)),
        name,
    }
}

fn tag(text: &Text, diagnostics: &mut Diagnostics) -> Tag {
    match text.value.as_str() {
        "read" => Tag::Read,
        "derived" => Tag::Derived,
        "calibrated" => Tag::Calibrated,
        "assumed" => Tag::Assumed,
        other => {
            diagnostics.push(
                Diagnostic::error(format!("`{other}` is not a tag"), text.span, "unknown tag")
                    .help("a tag is \"read\", \"derived\", \"calibrated\" or \"assumed\""),
            );
            Tag::Untagged
        }
    }
}
