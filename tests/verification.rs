//! `--verify-numerics`, through the built program.

#[path = "program/mod.rs"]
mod program;

use std::fs;

use program::regimen_in;

/// A drug that saturates its elimination: nothing of it has a closed form.
const MODEL: &str = r#"
title = "Saturable drug"
time  = "h"

[parameters]
vmax = { value = 8,  unit = "mg/h", about = "largest rate of elimination" }
km   = { value = 2,  unit = "mg/L", about = "concentration at half of it" }
v    = { value = 4,  unit = "L",    about = "volume" }

[individual]
V = { typical = "v", distribution = "log-normal", omega = 0.4 }

[states]
central = { unit = "mg", rate = "-vmax * central / (km * V + central)" }

[doses]
drug = { into = "central" }

[outputs]
Cp = { unit = "mg/L", value = "central / V" }
"#;

const SCENARIO: &str = r#"
title   = "Two doses"
model   = "saturable"
horizon = "3 d"
seed    = 4

[population]
patients = 4

[[arm]]
name      = "low"
treatment = [{ drug = "drug", dose = "40 mg" }]

[[arm]]
name      = "high"
treatment = [{ drug = "drug", dose = "80 mg" }]

[[endpoint]]
name     = "exposure of the first day"
kind     = "AUC"
of       = "Cp"
record   = "first day"
unit     = "mg*h/L"
about    = "Area under the concentration over 24 h."
estimand = "All patients treated."

[[record]]
name    = "first day"
from    = "day 1"
to      = "day 2"
every   = "30 min"
outputs = ["Cp"]
"#;

/// A folder with the model and the scenario `two-doses` in it.
fn project() -> tempfile::TempDir {
    program::project(&[("models/saturable.toml", MODEL), ("scenarios/two-doses.toml", SCENARIO)])
}

#[test]
fn verifying_the_numerics_is_told_everywhere_and_does_not_depend_on_threads() {
    let project = project();
    let verified = |threads: &str, out: &str| {
        let folder = project.path();
        let arguments = ["run", "two-doses", "--verify-numerics=3", "--threads", threads, "--out", out];
        let answer = regimen_in(folder, &arguments);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        let lines = answer.stdout.lines().filter(|line| line.starts_with("verified on 3 patients: "));
        assert_eq!(lines.count(), 1, "{}", answer.stdout);
        fs::read_to_string(folder.join(out).join("tables/verification.csv")).expect("a table")
    };
    let table = verified("1", "one");
    assert_eq!(table, verified("2", "two"));
    let rows: Vec<&str> =
        table.lines().filter(|row| row.contains("exposure of the first day,same,6")).collect();
    assert_eq!(rows.len(), 2, "{table}");
    let run = project.path().join("one");
    let manifest = fs::read_to_string(run.join("manifest.json")).expect("a manifest");
    for told in [
        "\"verification\"",
        "\"tables/verification.csv\"",
        "\"against\": \"reference\"",
        "\"verify-numerics\"",
    ] {
        assert!(manifest.contains(told), "{told}");
    }
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(
        report.contains("3 patients were computed again")
            && report.contains("Largest difference in each endpoint")
    );
    let relative =
        |row: &str| row.split(',').nth(11).and_then(|cell| cell.parse::<f64>().ok()).expect("a number");
    let told = [relative(rows[0]), relative(rows[1])];
    assert!(told[0] > 1e-12 && told[0] < 1e-4 && (told[1] / told[0] - 1.0).abs() < 0.1, "{told:?}");

    let plain = regimen_in(project.path(), &["run", "two-doses", "--out", "plain"]);
    assert!(!plain.stdout.contains("verified"));
    assert!(!project.path().join("plain/tables/verification.csv").exists());
    let report = fs::read_to_string(project.path().join("plain/report.html")).expect("a report");
    assert!(report.contains("regimen run --verify-numerics"));
    let refused = regimen_in(project.path(), &["run", "two-doses", "--verify-numerics=0"]);
    assert_eq!(refused.code, Some(2));
}
