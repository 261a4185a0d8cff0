//! Endpoints end to end, on a model whose answers are closed forms: constant hazards without anything else.

#[path = "program/mod.rs"]
mod program;

use std::fs;
use std::path::Path;

use program::regimen_in;

/// Two events at 0.002 and 0.003 per day, and a count that falls by 1 per cent a day.
const MODEL: &str = r#"
title = "Constant hazards"
time  = "d"

[parameters]
infection_rate = { value = 0.002, unit = "1/d" }
death_rate     = { value = 0.003, unit = "1/d" }

[individual]
half = { typical = "1", distribution = "log-normal", omega = 0.1 }

[states]
infections = { unit = "1", rate = "infection_rate" }
deaths     = { unit = "1", rate = "death_rate" }
count      = { unit = "1e9/L", initial = "4 1e9/L", rate = "-0.01 1/d * count" }

[outputs]
N    = { unit = "1e9/L", value = "count" }
size = { unit = "1", value = "half" }

[hazards]
infection = { cumulative = "infections" }
death     = { cumulative = "deaths", terminal = true }
"#;

const SCENARIO: &str = r#"
title   = "Competing risks"
model   = "constant"
horizon = "365.25 d"
seed    = 11

[population]
patients = 4000

[visits]
laboratory = ["every 50 d"]

[[arm]]
name      = "all"
treatment = []

[[record]]
name  = "course"
every = "50 d"

[[endpoint]]
name      = "infection"
kind      = "cumulative incidence"
event     = "infection"
competing = ["death"]

[[endpoint]]
name  = "infection, death left out"
kind  = "cumulative incidence"
event = "infection"
competing = []

[[endpoint]]
name  = "count at day 101"
kind  = "expression"
value = "at(N, 100 d)"

[[endpoint]]
name  = "fall"
kind  = "expression"
when  = "at(N, 100 d) / baseline(N) < 0.5"

[[endpoint]]
name   = "mean level"
kind   = "expression"
value  = "average(N)"
record = "course"
to     = "100 d"
"#;

/// (estimate, Monte Carlo error) by label.
fn estimates(folder: &Path) -> Vec<(String, f64, f64)> {
    let table = fs::read_to_string(folder.join("tables/endpoints.csv")).expect("the table of endpoints");
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let rows = rows.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let number = |column: usize| row[column].parse().unwrap_or(f64::NAN);
        (row[1].to_owned(), number(3), number(6))
    })
    .collect()
}

#[test]
fn incidences_of_constant_hazards_are_their_closed_forms() {
    let project = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(project.path().join("models")).expect("a folder");
    fs::write(project.path().join("models/constant.toml"), MODEL).expect("written");
    fs::write(project.path().join("risks.toml"), SCENARIO).expect("written");
    let answer = regimen_in(project.path(), &["run", "risks.toml", "--out", "run", "--quiet"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let found = estimates(&project.path().join("run"));
    let of = |label: &str| {
        let row = found.iter().find(|(known, ..)| known == label);
        row.map(|(_, estimate, error)| (*estimate, *error)).unwrap_or_else(|| panic!("{label}: {found:?}"))
    };
    let (infection, death, time) = (0.002_f64, 0.003_f64, 365.25_f64);
    let both = infection + death;
    let gone = 1.0 - (-both * time).exp();
    for (label, expected) in [
        ("infection: by 12 months", infection / both * gone),
        ("infection: death first, by 12 months", death / both * gone),
        // Death censors: what a world without it would show.
        ("infection, death left out: by 12 months", 1.0 - (-infection * time).exp()),
    ] {
        let (estimate, error) = of(label);
        // Four standard errors: one run in 16 000 is further away, and the seed is fixed.
        assert!(error > 0.0 && error < 2.0, "{label}: error {error}");
        assert!(
            (estimate - 100.0 * expected).abs() < 4.0 * error,
            "{label}: {estimate} ± {error}, {expected}"
        );
    }
    // The same count in everyone, 4 exp(−0.01 t), seen on days 1, 51 and 101 by those still alive.
    let (alive_50, alive_100) = ((-death * 50.0).exp(), (-death * 100.0).exp());
    let seen = [4.0, 4.0 * (-0.5_f64).exp(), 4.0 * (-1.0_f64).exp()];
    let last = seen[0] * (1.0 - alive_50) + seen[1] * (alive_50 - alive_100) + seen[2] * alive_100;
    let averages = [0.5 * (seen[0] + seen[1]), 0.25 * (seen[0] + 2.0 * seen[1] + seen[2])];
    let average = (averages[0] * (alive_50 - alive_100) + averages[1] * alive_100) / alive_50;
    for (label, expected) in
        [("count at day 101: mean", last), ("fall", 100.0 * alive_100), ("mean level: mean", average)]
    {
        let (estimate, error) = of(label);
        assert!(error > 0.0, "{label}: error {error}");
        assert!((estimate - expected).abs() < 4.0 * error, "{label}: {estimate} ± {error}, {expected}");
    }
}
