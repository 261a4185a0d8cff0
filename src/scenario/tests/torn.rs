//! Torn files: whatever is taken out or put in, reading ends, and a refusal says why.

use super::super::Settings;
use super::{PEOPLE, SCENARIO, SHARED, load_with};
use crate::diagnostic::has_errors;
use crate::model::Kind;

fn read(scenario: &str, people: &str, shared: &str) {
    let files =
        vec![(Kind::Population, "people", people.to_owned()), (Kind::Library, "shared", shared.to_owned())];
    let (scenario, diagnostics, rendered) = load_with(scenario, &Settings::default(), files);
    assert_eq!(scenario.is_none(), has_errors(&diagnostics), "{rendered}");
}

/// Every version of a text with one line taken out, one line doubled, or one quoted text or number replaced.
fn torn(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: &[&str]| lines.join("\n");
    let mut versions = Vec::new();
    for i in 0..lines.len() {
        versions.push(join(&[&lines[..i], &lines[i + 1..]].concat()));
        versions.push(join(&[&lines[..=i], &lines[i..]].concat()));
    }
    let strange = [
        "\"\"",
        "\"day\"",
        "\"every \"",
        "\"1e308 d\"",
        "\"ANC\"",
        "\"(\"",
        "\"µ, 4294967295-\"",
        "[]",
        "{}",
        "-1",
        "1e308",
    ];
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    for pair in quotes.chunks_exact(2) {
        for new in strange {
            versions.push(format!("{}{new}{}", &text[..pair[0]], &text[pair[1] + 1..]));
        }
    }
    versions
}

#[test]
fn torn_scenarios() {
    for version in torn(SCENARIO) {
        read(&version, PEOPLE, SHARED);
    }
}

#[test]
fn torn_populations_and_libraries() {
    for version in torn(PEOPLE) {
        read(SCENARIO, &version, SHARED);
    }
    for version in torn(SHARED) {
        read(SCENARIO, PEOPLE, &version);
    }
}

#[test]
fn torn_settings() {
    let paths = [
        "",
        ".",
        "a.",
        "\"",
        "arm",
        "arm.",
        "arm.low.",
        "visits.laboratory.0",
        "é.x",
        "population.set.µ",
        "parameters",
    ];
    for path in paths {
        for value in ["", "\"", "[", "{ a = 1", "1\nb = 2", "\"every 1e-9 d\"", "nan", "é"] {
            let set = vec![(path.to_owned(), value.to_owned())];
            let settings = Settings { set, ..Settings::default() };
            let (scenario, diagnostics, rendered) = load_with(SCENARIO, &settings, Vec::new());
            assert_eq!(scenario.is_none(), has_errors(&diagnostics), "--set {path}={value}\n{rendered}");
        }
    }
}
