//! Non-compartmental analysis: every case under `tests/cases/nca` at its own tolerance, through the library and, for
//! tables, through the built program.

#[path = "case_areas/nca.rs"]
mod nca;
#[path = "program/mod.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/nca");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    cases
}

fn table(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).expect("a table");
    let rows = reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

fn description(case: &Path) -> toml::Table {
    toml::from_str(&fs::read_to_string(case.join("case.toml")).expect("a case")).expect("TOML")
}

fn number(value: &toml::Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)).expect("a number")
}

/// What differs between a case's expected values and the rows that were computed.
fn differences(
    case: &toml::Table,
    expected: &[Vec<String>],
    rows: &[Vec<(String, String)>],
) -> Result<(), String> {
    let (relative, absolute) = (number(&case["tolerance"]["rel"]), number(&case["tolerance"]["abs"]));
    let header = &expected[0];
    for wanted in &expected[1..] {
        let of = |row: &Vec<(String, String)>, column: &str| {
            row.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone())
        };
        let row = rows.iter().find(|row| of(row, "ID").as_deref() == Some(&wanted[0]));
        let row = row.ok_or(format!("no row for ID {}", wanted[0]))?;
        for (column, text) in header.iter().zip(wanted).skip(1) {
            let got = of(row, column).ok_or(format!("no column {column}"))?;
            let agrees = match text.parse::<f64>() {
                Ok(value) => got
                    .parse::<f64>()
                    .is_ok_and(|got| (got - value).abs() <= absolute + relative * value.abs()),
                Err(_) => got == *text,
            };
            if !agrees {
                return Err(format!("ID {}, {column}: {got} for {text}", wanted[0]));
            }
        }
    }
    Ok(())
}

#[test]
fn every_case_agrees_at_its_own_tolerance() {
    let cases = cases();
    assert!(cases.len() >= 4, "the cases are there");
    let mut failing = Vec::new();
    for folder in cases {
        let case = description(&folder);
        let result = nca::compute(&case, &table(&folder.join("input.csv")))
            .and_then(|rows| differences(&case, &table(&folder.join("expected.csv")), &rows));
        if let Err(why) = result {
            failing.push(format!("{}: {why}", folder.file_name().unwrap_or_default().to_string_lossy()));
        }
    }
    assert!(failing.is_empty(), "{} cases fail:\n{}", failing.len(), failing.join("\n"));
}

#[test]
fn an_option_that_is_not_known_is_an_error() {
    let folder = cases().swap_remove(0);
    let mut case = description(&folder);
    let analysis = case["analysis"].as_table_mut().expect("a table");
    analysis.insert("weighting".to_owned(), toml::Value::String("1/y".to_owned()));
    let answer = nca::compute(&case, &table(&folder.join("input.csv")));
    assert!(answer.is_err_and(|why| why.contains("weighting")));
}
