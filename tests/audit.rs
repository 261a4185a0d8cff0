//! Audit and replay of a run, through the built program: counts against the run's own tables, a patient's story against facts
//! worked out by hand, the realised dosing carried out again.

#[path = "program/mod.rs"]
mod program;
mod written;

use std::fs;
use std::path::Path;

use program::regimen_in;
use written::{Row, number, table};

/// A count that falls by 1 a day from 10, whatever is given.
const FALLING: &str = r#"
title = "A count that falls"
time  = "d"

[states]
central = { unit = "mg", rate = "-1 1/d * central" }
count   = { unit = "mg", initial = "10 mg", rate = "-1 mg/d" }

[doses]
drug = { into = "central" }

[outputs]
C = { unit = "mg", value = "count", about = "a count" }
"#;

const BY_HAND: &str = r#"
title   = "By hand"
model   = "falling"
horizon = "10 d"

[population]
patients    = 1
variability = false

[visits]
daily = ["every 1 d"]

[[arm]]
name      = "only"
treatment = [{ drug = "drug", levels = ["5 mg", "10 mg"], start = "10 mg" }]
rules     = ["hold"]

[[rule]]
name   = "hold"
when   = "C < 7.5 mg and C > 4.5 mg or C > 100 mg"
hold   = "drug"
resume = { when = "C < 4.5 mg", at = "one level lower" }
"#;

/// A count that the drug lowers, measured with error; the patients' counts differ.
const MEASURED: &str = r#"
title = "A count with error"
time  = "d"

[parameters]
kel = { value = 0.5, unit = "1/d" }
n0  = { value = 4,   unit = "1e9/L" }
c50 = { value = 20,  unit = "mg" }

[individual]
base = { typical = "n0", distribution = "log-normal", omega = 0.3 }

[states]
central = { unit = "mg", rate = "-1 1/d * central" }
N       = { unit = "1e9/L", initial = "base", rate = "kel * (base * (1 - central / (c50 + central)) - N)" }

[doses]
drug = { into = "central" }

[outputs]
ANC = { unit = "1e9/L", value = "N", error = { exponential = 0.3 } }
"#;

const WITH_ERROR: &str = r#"
title   = "Holds on measured counts"
model   = "measured"
horizon = "84 d"
seed    = 3

[population]
patients = 40

[visits]
laboratory = ["every 7 d"]
while_held = "3 d"

[[arm]]
name      = "held"
treatment = [{ drug = "drug", dose = "20 mg" }]
rules     = ["hold"]

[[rule]]
name   = "hold"
when   = "ANC < 2.0e9/L"
hold   = "drug"
resume = { when = "ANC >= 2.0e9/L" }
"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs the program; exit code, standard output, standard error.
fn regimen(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let answer = regimen_in(folder, arguments);
    (answer.code.unwrap(), answer.stdout, answer.stderr)
}

#[test]
fn the_story_of_a_patient_is_what_was_worked_out_by_hand() {
    let folder = folder(&[("falling.toml", FALLING), ("by-hand.toml", BY_HAND)]);
    let (code, _, errors) = regimen(folder.path(), &["run", "by-hand.toml", "--out", "run", "--quiet"]);
    assert_eq!(code, 0, "{errors}");
    let (code, text, errors) = regimen(folder.path(), &["explain", "run", "--patient", "1"]);
    assert_eq!(code, 0, "{errors}");
    // Day n is t = n − 1, and the count at t is 10 − t: below 7.5 from t = 3 on, below 4.5 from t = 6 on. Hold on day 4,
    // so that doses are given on days 1 to 3; resumed lower on day 7, on days 7 to 10.
    let lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "day 1 drug 10 mg, 3 doses to day 3",
        "day 4 hold: drug (10 mg → 0 mg), by “hold” (C < 7.5 mg and C > 4.5 mg or C > 100 mg): C 7 mg",
        "day 7 resume: drug (0 mg → 5 mg), by “hold” (C < 4.5 mg): C 4 mg",
        "day 7 drug 5 mg, 4 doses to day 10",
        "day 11 end of follow-up",
    ] {
        assert!(lines.iter().any(|told| told == line), "no line `{line}` in\n{text}");
    }
    let page = fs::read_to_string(folder.path().join("run/patients/patient-1-1-only.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("3 doses to day 3") && !page.contains("<script"));
    // What was told later does not keep the run from being made again in its place.
    let (code, _, errors) = regimen(folder.path(), &["run", "by-hand.toml", "--out", "run", "--quiet"]);
    assert_eq!(code, 0, "{errors}");
    // Only the first alternative was ever the reason.
    let reasons = table(&folder.path().join("run/tables/rule-reasons.csv"));
    let of = |number: usize| (reasons[number]["alternative"].as_str(), reasons[number]["acted"].as_str());
    assert_eq!([of(0), of(1)], [("C < 7.5 mg and C > 4.5 mg", "1"), ("C > 100 mg", "0")]);
}

#[test]
fn what_does_not_agree_with_the_run_is_not_told() {
    let folder = folder(&[("falling.toml", FALLING), ("by-hand.toml", BY_HAND)]);
    let (code, ..) = regimen(folder.path(), &["run", "by-hand.toml", "--out", "run", "--quiet"]);
    assert_eq!(code, 0);
    let doses = folder.path().join("run/tables/doses.csv");
    let text = fs::read_to_string(&doses).unwrap();
    fs::write(&doses, text.replace("1,8,5,1", "1,8,5.000000000000001,1")).unwrap();
    let (code, told, errors) = regimen(folder.path(), &["explain", "run", "--patient", "1"]);
    assert_eq!((code, told.as_str()), (1, ""), "{errors}");
    assert!(errors.contains("tables/doses.csv") && errors.contains("5.000000000000001"), "{errors}");
    fs::write(&doses, text).unwrap();
    fs::write(folder.path().join("falling.toml"), FALLING.replace("10 mg", "11 mg")).unwrap();
    for command in ["explain", "replay"] {
        let (code, told, errors) = regimen(folder.path(), &[command, "run", "--patient", "1"]);
        assert_eq!((code, told.as_str()), (2, ""), "{errors}");
        assert!(errors.contains("falling.toml` is not the text that the run read"), "{errors}");
    }
    let (code, _, errors) = regimen(folder.path(), &["explain", "run", "--patient", "2"]);
    assert_eq!(code, 2, "{errors}");
}

#[test]
fn false_and_missed_holds_are_those_of_the_tables() {
    let folder = folder(&[("measured.toml", MEASURED), ("with-error.toml", WITH_ERROR)]);
    let run = ["run", "with-error.toml", "--out", "run", "--quiet", "--log-all-decisions"];
    let (code, _, errors) = regimen(folder.path(), &run);
    assert_eq!(code, 0, "{errors}");
    let tables = folder.path().join("run/tables");
    let key = |row: &Row| (row["ID"].clone(), row["TIME"].clone());
    let decisions = table(&tables.join("decisions.csv"));
    let begun: Vec<_> = decisions.iter().filter(|row| row["action"] == "hold").map(key).collect();
    // Counted from what was measured and true at each visit; at the last one nothing is decided.
    let mut counts = std::collections::HashMap::new();
    let mut looked = 0;
    for visit in table(&tables.join("visits.csv")).iter().filter(|visit| number(visit, "TIME") < 84.0) {
        let (met, truly) = (number(visit, "ANC.measured") < 2.0, number(visit, "ANC") < 2.0);
        looked += 1;
        *counts.entry("met").or_insert(0) += i32::from(met);
        if begun.contains(&key(visit)) {
            *counts.entry(if truly { "justified" } else { "false" }).or_insert(0) += 1;
            assert!(met && visit["on_hold"] == "0");
        } else if visit["on_hold"] == "0" && truly && !met {
            *counts.entry("missed").or_insert(0) += 1;
        }
    }
    let audit = &table(&tables.join("audit.csv"))[0];
    for (name, count) in &counts {
        assert_eq!(audit[*name], count.to_string(), "{name}");
    }
    assert!(counts["false"] > 5 && counts["missed"] > 5, "nothing to count: {counts:?}");
    assert_eq!(audit["acted"], begun.len().to_string());
    assert_eq!(audit["looked"], looked.to_string());
    // Every look is listed, and each decision says what was true.
    let checks = table(&tables.join("checks.csv"));
    assert_eq!(checks.len(), looked);
    assert_eq!(checks.iter().filter(|row| row["action"] == "hold").count(), begun.len());
    for row in decisions.iter().filter(|row| row["action"] == "hold") {
        assert_eq!(row["justified"], if number(row, "true") < 2.0 { "1" } else { "0" });
    }
}

#[test]
fn the_realised_dosing_carried_out_by_simulate_gives_the_visits_of_the_run() {
    let folder = folder(&[("measured.toml", MEASURED), ("with-error.toml", WITH_ERROR)]);
    let set = ["--set", "parameters.kel=0.3"];
    let run = [&["run", "with-error.toml", "--out", "run", "--patients", "4"][..], &set].concat();
    let (code, told, errors) = regimen(folder.path(), &run);
    assert_eq!(code, 0, "{errors}");
    assert!(told.contains("1 of 1 courses replayed"), "{told}");
    let (code, told, errors) =
        regimen(folder.path(), &["replay", "run", "--patient", "2", "--out", "replay"]);
    assert_eq!(code, 0, "{errors}");
    let command = told.lines().last().unwrap();
    let mut words: Vec<&str> = command.split(' ').skip(1).collect();
    words.extend(["--table", "out.csv"]);
    let (code, _, errors) = regimen(folder.path(), &words);
    assert_eq!(code, 0, "{errors}");
    let again = table(&folder.path().join("out.csv"));
    let visits = table(&folder.path().join("run/tables/visits.csv"));
    let mut compared = 0;
    for visit in visits.iter().filter(|visit| visit["ID"] == "2") {
        let row = again.iter().find(|row| row["TIME"] == visit["TIME"]).unwrap();
        assert_eq!(row["ANC"], visit["ANC"], "at {}", visit["TIME"]);
        compared += 1;
    }
    assert!(compared >= 13, "{compared}");
}
