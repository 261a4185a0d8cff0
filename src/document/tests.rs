//! Places, readers, and the words of every kind of syntax error.

use super::{Table, Value, parse};
use crate::diagnostic::{Diagnostic, Sources, render};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn read(text: &str) -> (Option<Table>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("model.toml", text);
    let mut diagnostics = Vec::new();
    let table = parse(file, text, &mut diagnostics);
    (table, diagnostics, sources)
}

fn clean(text: &str) -> Table {
    let (table, diagnostics, sources) = read(text);
    assert!(diagnostics.is_empty(), "{}", render(&diagnostics, &sources, false));
    table.unwrap()
}

/// The report on a text that must not be read without one.
fn report(text: &str) -> String {
    let (table, diagnostics, sources) = read(text);
    assert!(!diagnostics.is_empty(), "{text:?} was read as {table:?}");
    render(&diagnostics, &sources, false)
}

/// The report of a reader on a text without syntax errors.
fn reader_report(text: &str, take: impl FnOnce(&mut Table, &mut Vec<Diagnostic>)) -> String {
    let (table, mut diagnostics, sources) = read(text);
    let mut table = table.unwrap();
    take(&mut table, &mut diagnostics);
    table.finish(&mut diagnostics);
    render(&diagnostics, &sources, false)
}

#[test]
fn texts_know_where_their_content_stands() {
    let cases = [
        ("x = \"CL / V\"", "CL / V", true),
        ("x = 'CL / V'", "CL / V", true),
        ("x = \"\"\"\nCL\n/ V\"\"\"", "CL\n/ V", true),
        ("x = '''CL / V'''", "CL / V", true),
        ("x = \"CL \\u002F V\"", "CL / V", false),
        ("x = \"µmol/L\"", "µmol/L", true),
        ("x = \"\"", "", true),
        ("x = \"\"\"a \\\n   b\"\"\"", "a b", false),
    ];
    for (text, value, verbatim) in cases {
        let found = clean(text).required_text("x", &mut Vec::new()).unwrap();
        assert_eq!((found.value.as_str(), found.verbatim), (value, verbatim), "{text}");
        if verbatim {
            assert_eq!(&text[found.span.start..found.span.end], value);
        }
    }
}

#[test]
fn tables_keep_the_order_of_the_file() {
    let table = clean("z = 1\n\"a b\" = 2\nm.k = 3\n[c]\ny = 1\n[b]\nx = 1\n");
    let names: Vec<String> = table.into_entries().into_iter().map(|(name, _)| name.value).collect();
    assert_eq!(names, ["z", "a b", "m", "c", "b"]);
}

#[test]
fn dotted_keys_inline_tables_and_headers_are_one() {
    for text in [
        "a.b.c = 1",
        "a = { b = { c = 1 } }",
        "a.b = { c = 1 }",
        "[a]\nb.c = 1",
        "[a.b]\nc = 1",
        "[a.b]\n\"c\" = 1",
    ] {
        let d = &mut Vec::new();
        let number = clean(text)
            .table("a", d)
            .and_then(|mut a| a.table("b", d))
            .and_then(|mut b| b.required_number("c", d))
            .unwrap();
        assert_eq!(number.value, 1.0);
        assert_eq!(&text[number.span.start..number.span.end], "1");
        assert!(d.is_empty());
    }
}

#[test]
fn byte_order_marks_and_windows_line_ends_are_read() {
    let text = "\u{feff}a = \"x\"\r\n# note\r\nb = \"y\"\r\n";
    let mut table = clean(text);
    for (key, value) in [("a", "x"), ("b", "y")] {
        let found = table.required_text(key, &mut Vec::new()).unwrap();
        assert_eq!((found.value.as_str(), &text[found.span.start..found.span.end]), (value, value));
    }
}

#[test]
fn lists_of_tables_and_texts() {
    let d = &mut Vec::new();
    assert_eq!(clean("[[rule]]\na = 1\n[[rule]]\na = 2\n").tables("rule", d).len(), 2);
    assert_eq!(clean("rule = [{ a = 1 }, { a = 2 }, { a = 3 }]").tables("rule", d).len(), 3);
    assert_eq!(clean("").tables("rule", d).len(), 0);
    let texts = |text: &str, d: &mut Vec<Diagnostic>| clean(text).texts("x", d).len();
    assert_eq!([texts("x = \"a\"", d), texts("x = [\"a\", \"b\"]", d), texts("y = 1", d)], [1, 2, 0]);
    assert!(d.is_empty());
}

#[test]
fn numbers_of_every_spelling() {
    for (text, value) in
        [("1_000", 1e3), ("0x10", 16.0), ("-1.5e-3", -1.5e-3), ("+2", 2.0), ("0", 0.0), ("0e5", 0.0)]
    {
        let number = clean(&format!("x = {text}")).number("x", &mut Vec::new()).unwrap();
        assert_eq!(number.value, value);
    }
    assert_eq!(clean("x = 2016").integer("x", &mut Vec::new()).unwrap().0, 2016);
    let largest = i64::MAX as u64;
    assert_eq!(clean(&format!("x = {largest}")).integer("x", &mut Vec::new()).unwrap().0, largest);
    for text in ["x = 1.5", "x = -1", "x = 1e17"] {
        assert!(
            reader_report(text, |table, d| assert!(table.integer("x", d).is_none())).contains("whole number")
        );
    }
}

#[test]
fn values_that_are_none_are_refused_once() {
    for (value, message) in [
        ("nan", "not-a-number is not a value"),
        ("-inf", "infinity is not a value"),
        ("1e400", "this number is too large"),
        ("1e-400", "too small to be told from zero"),
        ("99999999999999999999999999999999999999999999", "this number is too large"),
        ("2024-01-01", "dates have no meaning here"),
    ] {
        let found = reader_report(&format!("x = {value}"), |table, d| {
            assert!(table.required_number("x", d).is_none())
        });
        assert!(found.contains(message), "{found}");
        assert!(found.contains("model.toml:1:5"), "{found}");
        assert_eq!(found.matches("error").count(), 1, "{found}");
    }
}

#[test]
fn missing_keys_are_reported_with_what_to_add() {
    let found = reader_report("[CL]\nvalue = 1", |table, d| {
        let mut inner = table.table("CL", d).unwrap();
        assert!(inner.required_text("unit", d).is_none());
        assert!(inner.required_number("vlaue", d).is_none());
        inner.value("value");
        inner.finish(d);
    });
    assert!(found.contains("the key `unit` is missing"), "{found}");
    assert!(found.contains("add `unit = \"…\"`"), "{found}");
    assert!(found.contains("or rename `value` if that is meant"), "{found}");
}

#[test]
fn an_empty_file_lacks_its_keys() {
    let found = reader_report("", |table, d| assert!(table.required_text("title", d).is_none()));
    assert!(found.contains("the key `title` is missing"), "{found}");
    assert!(found.contains("model.toml:1:1"), "{found}");
}

#[test]
fn unknown_keys_are_reported_each_with_a_suggestion() {
    let found = reader_report("unti = \"mg\"\nvalue = 1\nelephant = 2\n", |table, d| {
        table.text("unit", d);
        table.number("value", d);
    });
    assert!(found.contains("unknown key `unti`") && found.contains("did you mean `unit`?"), "{found}");
    assert!(found.contains("unknown key `elephant`"), "{found}");
    assert!(found.contains("the keys of this table are `unit`, `value`"), "{found}");
}

#[test]
fn wrong_types_say_what_was_found_what_is_wanted_and_an_example() {
    type Take = fn(&mut Table, &mut Vec<Diagnostic>);
    let cases: [(&str, Take, [&str; 2]); 9] = [
        (
            "x = 25",
            |t, d| assert!(t.text("x", d).is_none()),
            [
                "`x` must be a text, but this is a number",
                "`x = \"25\"`, with its unit where it has one, `\"25 mg\"`",
            ],
        ),
        (
            "x = true",
            |t, d| assert!(t.text("x", d).is_none()),
            ["must be a text, but this is true or false", "x = \"…\""],
        ),
        (
            "x = \"0.5\"",
            |t, d| assert!(t.number("x", d).is_none()),
            ["must be a number, but this is a text", "quotes: `x = 0.5`"],
        ),
        ("x = \"mg\"", |t, d| assert!(t.number("x", d).is_none()), ["must be a number", "x = 1.5"]),
        (
            "x = 1",
            |t, d| assert!(t.boolean("x", d).is_none()),
            ["must be true or false, but this is a number", "x = true"],
        ),
        (
            "x = 1",
            |t, d| assert!(t.table("x", d).is_none()),
            ["must be a table, but this is a number", "`[x]`"],
        ),
        (
            "x = { a = 1 }",
            |t, d| assert!(t.tables("x", d).is_empty()),
            ["must be a list of tables, but this is a table", "[[x]]"],
        ),
        (
            "x = [1]",
            |t, d| assert!(t.tables("x", d).is_empty()),
            ["must be a list of tables, but this is a number", "[[x]]"],
        ),
        (
            "x = [\"a\", 1]",
            |t, d| assert_eq!(t.texts("x", d).len(), 1),
            ["must be a list of texts", "x = [\"…\", \"…\"]"],
        ),
    ];
    for (text, take, parts) in cases {
        let found = reader_report(text, take);
        for part in parts {
            assert!(found.contains(part), "{text}: {part} is not in\n{found}");
        }
    }
}

#[test]
fn syntax_errors_are_said_in_words() {
    let cases = [
        ("a = 1\na = 2\n", "`a` is defined twice", "first here"),
        ("[states]\nx = 1\n[states]\ny = 2\n", "`states` is defined twice", "first here"),
        ("t = { x = 1, y = { x = 3 }, x = 2 }", "model.toml:1:29", "- first here"),
        ("a = 1\na.b = 2\n", "`a` already has a value", "first here"),
        ("unit = mg\n", "a text must stand in quotes", "write `\"mg\"`"),
        ("x = 5 mg\n", "a text must stand in quotes", "write `\"5 mg\"`"),
        ("x = True\n", "`True` is not true or false", "write `true`"),
        ("x = inf_rr\n", "a text must stand in quotes", "write `\"inf_rr\"`"),
        ("x = “mg”\n", "these quotes are typographic", "straight quotes"),
        ("x = \"mg\ny = 3\n", "this text is not closed", "model.toml:1:8"),
        ("x = \"\"\"mg\ny = 3\n", "this text is not closed", "several lines"),
        ("x = \n", "a value is missing", "model.toml:1:5"),
        ("x = { a = 1, b = }\n", "a value is missing", "model.toml:1:18"),
        ("x\n", "`=` and a value are missing", "model.toml:1:2"),
        ("x: 1\n", "`:` stands where `=` belongs", "model.toml:1:2"),
        ("= 3\n", "a key is missing here", "model.toml:1:1"),
        ("µ = 3\n", "`µ` cannot stand in a key", "stands in quotes"),
        ("[x\na = 1\n", "this header is not closed", "model.toml:1:3"),
        ("x = [1, 2\ny = 3\nz = 4\n[t]\n", "this list is not closed", "model.toml:1:5"),
        ("y = 1\nx = { a = 1\nz = 3\n[t]\nu = 1\n", "this table is not closed", "model.toml:2:5"),
        ("x = [1 2]\n", "a comma is missing between two values", "model.toml:1:6"),
        ("x = { a = 1 b = 2 }\n", "a comma is missing between two values", "model.toml:1:11"),
        ("x = { a 1 }\n", "`=` is missing behind this key", "expected `=`"),
        ("x = 01\n", "this is not a number", "leading zero"),
        ("x = .5\n", "this is not a number", "`0.5`"),
        ("x = 0.5,\n", "nothing may follow the value", "remove the comma"),
        ("x = 'it's'\n", "nothing may follow the value", "the quote it stands in"),
        ("x = \"a\\q\"\n", "`\\q` means nothing in a text", "single quotes"),
        ("x = \"a\u{1}\"\n", "a control character", "model.toml:1:7"),
        ("x = 2024-13-01\n", "dates have no meaning here", "24 months"),
    ];
    for (text, message, part) in cases {
        let found = report(text);
        assert!(found.contains(message) && found.contains(part), "{text:?} says\n{found}");
        assert_eq!(found.matches("error: ").count(), 1, "{text:?} says\n{found}");
    }
}

#[test]
fn every_line_with_an_error_is_reported() {
    let found = report("a = mg\nb = 1\nc = \nd = 01\n\n[e\n");
    for line in ["model.toml:1:", "model.toml:3:", "model.toml:4:", "model.toml:6:"] {
        assert!(found.contains(line), "{found}");
    }
}

#[test]
fn hostile_files_answer_at_once_with_one_diagnostic() {
    let start = Instant::now();
    for unit in ["[", "{", "x=[", "x={a=", "a.", "\"a b\".", "[a.", "'", "\"\"\""] {
        for bytes in if unit == "[" { vec![100_000, 10 << 20] } else { vec![100_000] } {
            let text = unit.repeat(bytes / unit.len());
            let (table, diagnostics, sources) = read(&text);
            assert!(table.is_none());
            assert_eq!(diagnostics.len(), 1, "{unit}: {diagnostics:?}");
            assert!(render(&diagnostics, &sources, false).len() < 1000);
        }
    }
    let noise = "= ]\n".repeat(3_000);
    assert!(read(&noise).1.len() <= 21);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn nesting_within_reason_is_read() {
    let text = format!("x = {}{}", "[".repeat(30), "]".repeat(30));
    assert!(matches!(clean(&text).value("x"), Some(Value::List(..))));
    assert_eq!(
        clean("a = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]")
            .into_entries()
            .len(),
        1
    );
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "\\PC*") {
        let (_, diagnostics, sources) = read(&text);
        render(&diagnostics, &sources, true);
    }

    #[test]
    fn no_toml_like_text_is_a_panic(text in "([a-c.=\\[\\]{}\"', \n0-9#é\\\\]){0,60}") {
        let (_, diagnostics, sources) = read(&text);
        render(&diagnostics, &sources, false);
    }
}
