//! Survival statistics, proportions and quantiles against expected values that R also gives.
//!
//! Each folder under `tests/cases/survival-statistics` has its input, its expected values and its own tolerance; `case.toml`
//! says where they are from. All of them are run, whatever they are called.

#[path = "case_areas/survival_statistics.rs"]
mod survival_statistics;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn table(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

/// Numbers are the same key however they are written.
fn key(text: &str) -> String {
    text.parse::<f64>().map_or(text.to_owned(), |number| format!("{number:e}"))
}

fn texts(list: &toml::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// What is wrong with a case, or the number of values that agree.
fn differences(folder: &Path) -> Result<usize, String> {
    let case: toml::Table = std::fs::read_to_string(folder.join("case.toml")).unwrap().parse().unwrap();
    let computed = survival_statistics::compute(&case, &table(&folder.join("input.csv")))?;
    let expected = table(&folder.join("expected.csv"));
    let (keys, values) = (texts(&case["expected"]["keys"]), texts(&case["expected"]["values"]));
    let tolerance = |name: &str| case["tolerance"][name].as_float().unwrap();
    let (relative, absolute) = (tolerance("rel"), tolerance("abs"));
    let mut rows: HashMap<Vec<String>, HashMap<&str, &str>> = HashMap::new();
    for row in &computed {
        let cells: HashMap<&str, &str> =
            row.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let own = keys.iter().map(|name| cells.get(name).map(|text| key(text)));
        let own: Option<Vec<String>> = own.collect();
        let own = own.ok_or(format!("no columns {keys:?}"))?;
        if rows.insert(own.clone(), cells).is_some() {
            return Err(format!("two rows of {own:?}"));
        }
    }
    let mut agreeing = 0;
    for row in &expected[1..] {
        let cell = |name: &str| row[expected[0].iter().position(|column| column == name).unwrap()].as_str();
        let own: Vec<String> = keys.iter().map(|name| key(cell(name))).collect();
        let computed = rows.get(&own).ok_or(format!("no row of {own:?}"))?;
        for name in &values {
            let computed = *computed.get(name).ok_or(format!("no column {name}"))?;
            let agrees = match (computed.parse::<f64>(), cell(name).parse::<f64>()) {
                (Ok(a), Ok(b)) => a == b || (a - b).abs() <= absolute + relative * b.abs(),
                _ => computed == cell(name),
            };
            if !agrees {
                return Err(format!("{name} of {own:?}: {computed} for {}", cell(name)));
            }
            agreeing += 1;
        }
    }
    Ok(agreeing)
}

#[test]
fn every_case_agrees_at_its_own_tolerance() {
    let area = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/survival-statistics");
    let (mut cases, mut failures) = (0, Vec::new());
    for entry in std::fs::read_dir(area).unwrap() {
        let folder = entry.unwrap().path();
        cases += 1;
        match differences(&folder) {
            Ok(agreeing) => assert!(agreeing > 0, "{}", folder.display()),
            Err(error) => failures.push(format!("{}: {error}", folder.file_name().unwrap().display())),
        }
    }
    assert!(cases >= 12, "{cases} cases");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// An analysis of four subjects with the options given.
fn refused(options: &str) -> String {
    let input = [["TIME", "STATUS", "X"], ["1", "1", "0"], ["2", "0", "1"], ["3", "1", "0"], ["4", "1", "0"]];
    let input: Vec<Vec<String>> = input.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    let case = format!("[analysis]\ntime = \"TIME\"\nstatus = \"STATUS\"\n{options}").parse().unwrap();
    survival_statistics::compute(&case, &input).unwrap_err()
}

#[test]
fn what_a_case_asks_in_vain_is_said() {
    for (options, said) in [
        ("method = \"life-table\"", "\"life-table\" is not known"),
        ("method = \"kaplan-meier\"\nweights = \"X\"", "weights: this method has no such option"),
        ("method = \"kaplan-meier\"\nconf_type = \"probit\"", "\"probit\" is not known"),
        ("method = \"kaplan-meier\"\nconf_level = 95", "95 is no level"),
        ("method = \"cox\"\ncovariates = [\"AGE\"]", "no column AGE"),
        ("method = \"cox\"\ncovariates = [\"X\"]", "monotone likelihood"),
        ("method = \"aft\"\ncovariates = [\"X\"]", "infinite"),
        ("method = \"log-rank\"\ngroup = \"X\"\nrho = \"one\"", "\"one\" is no number"),
    ] {
        let error = refused(options);
        assert!(error.contains(said), "{error} for {said}");
    }
}
