//! The TOML parser's terse findings in words a modeller can act on.

use std::ops::Range;

/// A syntax error in words.
pub(super) struct Finding {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: String,
    /// Whether what was read around it cannot be trusted.
    pub(super) fatal: bool,
}

/// Words for the parser's message about the bytes in `range`.
pub(super) fn of(message: &str, text: &str, range: Range<usize>) -> Finding {
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let written = text.get(range).unwrap_or_default();
    let label =
        if wanted.is_empty() || wanted == "nothing" { String::new() } else { format!("expected {wanted}") };
    let finding = |message: String, help: &str, fatal| Finding {
        message,
        label: label.clone(),
        help: help.to_string(),
        fatal,
    };
    finding(format!("this is not TOML: {what}: {written}"), "", true)
}
