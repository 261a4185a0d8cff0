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

fn fatal(message: impl Into<String>, label: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { message: message.into(), label: label.into(), help: help.into(), fatal: true }
}

/// Words for the parser's message about the bytes in `range`.
pub(super) fn of(message: &str, text: &str, range: Range<usize>) -> Finding {
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let wanted = if wanted == "nothing" { "" } else { wanted };
    let written = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).unwrap_or_default().trim_end_matches([' ', '\t']);
    let behind = text.get(range.end..).unwrap_or_default();
    if what == "duplicate key" || what.starts_with("cannot extend value") {
        return Finding { fatal: false, ..twice(what, written) };
    }
    let ends = behind.trim_start_matches([' ', '\t']).starts_with(['\n', '\r', ',', '}', ']', '#'])
        || behind.trim().is_empty();
    if before.ends_with('=') && written.trim().is_empty() && ends {
        let help =
            "write a number, a text in quotes, a list `[…]` or a table `{…}`; leave the line out otherwise";
        return fatal("a value is missing behind `=`", "expected a value", help);
    }
    value(what, wanted, written, behind).or_else(|| line(what, written, behind)).unwrap_or_else(|| {
        let label = if wanted.is_empty() { String::new() } else { format!("expected {wanted}") };
        let help = "a line is `key = value`, a header `[table]`, or a comment behind `#`";
        fatal(format!("this is not TOML: {what}"), label, help)
    })
}

fn twice(what: &str, written: &str) -> Finding {
    if what == "duplicate key" {
        let help = "keep one of them; the entries of one table stand under one header";
        return fatal(format!("`{written}` is defined twice"), "defined again here", help);
    }
    let help = "give one of the two another name";
    fatal(format!("`{written}` already has a value and cannot be a table too"), "used as a table here", help)
}

/// What can be wrong inside a value.
fn value(what: &str, wanted: &str, written: &str, behind: &str) -> Option<Finding> {
    const NUMBERS: &str =
        "numbers are written like `0.5`, `12`, `1e-3`, without leading zeros or a bare point";
    let word = written.trim();
    Some(match what {
        "string values must be quoted" if word.starts_with(['“', '”', '„', '‘', '’', '«']) => {
            fatal("these quotes are typographic", "", "texts stand between straight quotes: `\"…\"`")
        }
        "string values must be quoted" if is_several(word, behind) => {
            fatal("a comma is missing between two values", "", "write `[a, b, c]` or `{ a = 1, b = 2 }`")
        }
        "string values must be quoted" => unquoted(word),
        "invalid float" | "invalid boolean" if ["true", "false"].contains(&&*word.to_lowercase()) => {
            let help = format!("write `{}`, in lower case", word.to_lowercase());
            fatal(format!("`{word}` is not true or false"), "", help)
        }
        "invalid float" | "invalid boolean" => unquoted(word),
        "invalid basic string"
        | "invalid literal string"
        | "invalid multi-line basic string"
        | "invalid multi-line literal string"
            if wanted.starts_with("`\"") || wanted.starts_with("`'") =>
        {
            let help = "a text ends with the quote it began with, on the same line; one of several lines stands \
                        between `\"\"\"`";
            fatal("this text is not closed", format!("expected {wanted}"), help)
        }
        "missing escaped value" => {
            let escape: String = behind.chars().take(1).collect();
            let escape = if word.is_empty() { escape } else { word.to_string() };
            let help =
                "write `\\\\` for a backslash, or put the text in single quotes, where a backslash is itself";
            fatal(format!("`\\{}` means nothing in a text", escape.escape_debug()), "", help)
        }
        "invalid basic string"
        | "invalid literal string"
        | "invalid multi-line basic string"
        | "invalid multi-line literal string"
        | "invalid comment character"
        | "carriage return must be followed by newline" => {
            fatal("a control character stands here", "", "remove it, or type the line anew")
        }
        "unexpected leading zero"
        | "redundant numeric sign"
        | "unexpected sign"
        | "invalid integer"
        | "invalid fraction"
        | "invalid mantissa"
        | "invalid exponent"
        | "`_` may only go between digits" => fatal(format!("this is not a number: {what}"), "", NUMBERS),
        _ if what.contains("date")
            || what.contains("time")
            || what.contains("month")
            || what.contains("day") =>
        {
            let help = "times are durations since the first dose, in quotes and with a unit: `\"24 months\"`";
            fatal("dates have no meaning here", "", help)
        }
        _ => return None,
    })
}

/// Whether an unquoted value is rather two: `1 2`, or the end of one entry and the key of the next.
fn is_several(word: &str, behind: &str) -> bool {
    let mut parts = word.split_whitespace();
    let numbers = parts.by_ref().take_while(|part| part.parse::<f64>().is_ok()).count();
    numbers > 0 && (numbers > 1 || behind.trim_start_matches([' ', '\t']).starts_with('='))
}

fn unquoted(word: &str) -> Finding {
    let shown: String = word.chars().take(60).collect();
    fatal("a text must stand in quotes", "neither a number nor true or false", format!("write `\"{shown}\"`"))
}

/// What can be wrong in a line, a list or an inline table.
fn line(what: &str, written: &str, behind: &str) -> Option<Finding> {
    let next = behind.trim_start_matches([' ', '\t']).chars().next().unwrap_or('\n');
    Some(match what {
        "invalid unquoted key" if written.starts_with(':') => {
            fatal("`:` stands where `=` belongs", "", "a line is `key = value`")
        }
        "invalid unquoted key" => {
            let shown = written.escape_debug();
            let help = format!(
                "a key is made of the letters a to z, digits, `_` and `-`, or stands in quotes: `\"{shown}\"`"
            );
            fatal(format!("`{shown}` cannot stand in a key"), "", help)
        }
        "key with no value" | "missing value for key" => {
            let help = "a line is `key = value`; a key with spaces stands in quotes";
            fatal("`=` and a value are missing behind this key", "expected `=`", help)
        }
        "unquoted keys cannot be empty" | "missing key for inline table element" => {
            fatal("a key is missing here", "", "a line is `key = value`, a header is `[table]`")
        }
        "unclosed table" | "unclosed array table" => {
            let help =
                "a header is `[name]`, or `[[name]]` for one entry of a list; it stands alone on its line";
            fatal("this header is not closed", "expected `]`", help)
        }
        "unexpected key or value" => {
            let help = match next {
                ',' => "remove the comma: entries stand on lines of their own",
                '\'' | '"' => {
                    "a text cannot hold the quote it stands in; use the other kind of quote around it"
                }
                _ if written.trim_start().starts_with(['\'', '"']) || written.is_empty() => {
                    "one `key = value` to a line; a text cannot hold the quote it stands in"
                }
                _ => "one `key = value` to a line; a quantity stands in quotes: `\"5 mg\"`",
            };
            fatal("nothing may follow the value on this line", "", help)
        }
        "missing comma between array elements" => {
            fatal("a comma is missing in this list", "expected `,`", "write `[a, b, c]`")
        }
        "missing comma between key-value pairs" | "extra assignment between key-value pairs" => {
            fatal("a comma is missing between two entries", "expected `,`", "write `{ a = 1, b = 2 }`")
        }
        "missing assignment between key-value pairs" => {
            fatal("`=` is missing behind this key", "expected `=`", "write `{ a = 1, b = 2 }`")
        }
        "extra comma in array" | "extra comma in inline table" => {
            fatal("this comma is one too many", "", "remove it")
        }
        "missing array opening" | "missing inline table opening" => {
            fatal("this bracket was never opened", "", "lists stand in `[…]`, tables in `{…}`")
        }
        _ => return None,
    })
}
