//! What a cell says: a number, nothing, or a text that should have been a number.

/// The content of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'t> {
    /// Empty, `.` or `NA`.
    Missing,
    /// A finite number.
    Number(f64),
    /// Anything else.
    Text(&'t str),
}

impl<'t> Cell<'t> {
    /// Reads a cell.
    pub fn read(text: &'t str) -> Self {
        if text.is_empty()
            || text == "."
            || text.eq_ignore_ascii_case("NA")
            || text.eq_ignore_ascii_case("NaN")
        {
            return Cell::Missing;
        }
        // What starts otherwise may be a number to the library (`inf`), but not in a table.
        let first = text.as_bytes()[0];
        if !(first.is_ascii_digit() || matches!(first, b'.' | b'-' | b'+')) {
            return Cell::Text(text);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Cell::Number(number),
            _ => Cell::Text(text),
        }
    }
}

/// An identity by which a subject is found: numbers are one whatever their form (`1`, `1.0`).
pub(super) fn identity(text: &str) -> String {
    match Cell::read(text) {
        Cell::Number(number) => number.to_string(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_missing_values_and_texts() {
        for text in ["", ".", "NA", "na", "NaN"] {
            assert_eq!(Cell::read(text), Cell::Missing, "{text}");
        }
        for (text, number) in [("1", 1.0), ("-2", -2.0), (".5", 0.5), ("1e-3", 1e-3), ("+4.", 4.0)] {
            assert_eq!(Cell::read(text), Cell::Number(number), "{text}");
        }
        for text in ["inf", "-inf", "1e999", "1,5", "x", "12 mg", "0x10"] {
            assert_eq!(Cell::read(text), Cell::Text(text), "{text}");
        }
    }

    #[test]
    fn a_number_is_one_identity_in_any_form() {
        assert_eq!(identity("1.0"), identity("1"));
        assert_ne!(identity("A-01"), identity("A-1"));
    }
}
