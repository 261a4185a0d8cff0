//! `regimen validate` from file to folder: the scoreboard of one trial, its tables, page and manifest; the same bytes on any
//! number of threads; trials that are to follow; ensembles of parameters.

mod drugs;
mod program;
mod written;

use std::fs;
use std::path::Path;

use drugs::{LEVEL, ONE_LEVEL};
use program::{project, regimen_in};
use written::{Row, number};

/// The scoreboard that a run wrote.
fn scoreboard(run: &Path) -> Vec<Row> {
    written::table(&run.join("tables/scoreboard.csv"))
}

/// Eight published counts of Ferrajoli 2008 and a contradicting one, with few patients.
#[test]
fn a_trial_is_scored_and_its_folder_written() {
    let folder = project(&[]);
    let run = |threads: &str, out: &str| {
        let arguments =
            ["validate", "--trial", "Ferrajoli 2008", "--patients", "6", "--threads", threads, "--out", out];
        regimen_in(folder.path(), &arguments)
    };
    let answer = run("1", "one");
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.last_line().ends_with("report.html"), "{answer}");
    assert!(answer.stdout.contains("* Ferrajoli 2008: ORR"), "{answer}");
    let one = folder.path().join("one");
    let scores = scoreboard(&one);
    let calibration = scores.iter().filter(|row| row["role"] == "calibration");
    assert_eq!(calibration.clone().count(), 6);
    for row in calibration {
        // The interval is one of counts of the trial's own size, its ends in order, and no log score is that of a certainty.
        let ends = ["lower_95", "lower_50", "median", "upper_50", "upper_95"].map(|name| number(row, name));
        assert!(ends.windows(2).all(|pair| pair[0] <= pair[1]), "{row:?}");
        assert!(ends[0] >= 0.0 && ends[4] <= number(row, "n"), "{row:?}");
        assert!(number(row, "holds_95") >= 0.95 && number(row, "holds_50") >= 0.5, "{row:?}");
        assert!(number(row, "log_score") < 0.0 && number(row, "constant_log_score") < 0.0, "{row:?}");
    }
    assert_eq!(scores.iter().filter(|row| row["role"] == "version").count(), 1);
    let page = fs::read_to_string(one.join("report.html")).expect("a page");
    for told in ["Scoreboard", "Contradictions", "No ensemble of parameters was given", "Must never be used"]
    {
        assert!(page.contains(told), "{told}");
    }
    assert!(!page.contains("href=\"http") && !page.contains("src=\"http") && !page.contains("<script"));
    for file in ["manifest.json", "figures/calibration.svg", "figures/others.png", "tables/kinds.csv"] {
        assert!(one.join(file).is_file(), "{file}");
    }
    let answer = run("2", "two");
    assert_eq!(answer.code, Some(0), "{answer}");
    for table in ["scoreboard.csv", "medians.csv", "kinds.csv"] {
        let read = |run: &str| fs::read(folder.path().join(run).join("tables").join(table)).expect("a table");
        assert_eq!(read("one"), read("two"), "{table}");
    }
}

const OUTCOMES: &str = r#"
title = "Levels"
[[kind]]
name = "level"
between_trial_sd = 0.5
source = "here"
[[to_follow]]
name = "high"
kind = "level"
endpoint = "high"
[[trial]]
name = "Known"
[[trial.arm]]
scenario = "one"
patients = 20
[[trial.outcome]]
name = "high"
kind = "level"
endpoint = "high"
x = 9
n = 20
calibration = true
[[trial]]
name = "Unknown"
outcomes = "to follow"
[[trial.arm]]
scenario = "one"
patients = 100
"#;

/// Half of the patients lie above the median of a log-normal level; an ensemble of two in which nobody and everybody does makes
/// every count possible.
#[test]
fn an_ensemble_of_parameters_widens_what_is_predicted() {
    let folder = project(&[
        ("models/level.toml", LEVEL),
        ("scenarios/one.toml", ONE_LEVEL),
        ("outcomes/levels.toml", OUTCOMES),
        ("posterior.csv", "draw,base\n1,1\n2,100\n"),
    ]);
    let run = |more: &[&str], out: &str| {
        let first = ["validate", "--outcomes", "levels", "--patients", "2000", "--out", out];
        let answer = regimen_in(folder.path(), &[&first, more].concat());
        assert_eq!(answer.code, Some(0), "{answer}");
        let rows = scoreboard(&folder.path().join(out));
        (
            [0, 1].map(|row| number(&rows[row], "predicted")),
            [0, 1].map(|row| [number(&rows[row], "lower_95"), number(&rows[row], "upper_95")]),
        )
    };
    let (predicted, ends) = run(&[], "alone");
    // 50 ± 1.1 %, and the same patients answer both trials.
    assert!((predicted[0] - 50.0).abs() < 5.0 && predicted[0] == predicted[1], "{predicted:?}");
    // About one half, with SD 0.5 on the logit (12 % of patients) and 5 % of the binomial of 100: 1.96 × 12.7 on either side.
    assert!((ends[1][1] - ends[1][0] - 49.0).abs() <= 4.0, "{ends:?}");
    let (predicted, ends) = run(&["--posterior", "posterior.csv"], "ensemble");
    assert!((predicted[0] - 50.0).abs() < 1.0, "{predicted:?}");
    assert_eq!(ends[0], [0.0, 20.0]);
    let page = fs::read_to_string(folder.path().join("ensemble/report.html")).expect("a page");
    assert!(!page.contains("No ensemble of parameters"));
    assert!(page.contains("posterior.csv"));
}

#[test]
fn a_slip_in_a_trial_or_a_parameter_is_answered() {
    let folder = project(&[
        ("models/level.toml", LEVEL),
        ("scenarios/one.toml", ONE_LEVEL),
        ("outcomes/levels.toml", OUTCOMES),
        ("posterior.csv", "draw,bass\n1,1\n2,100\n"),
    ]);
    let answer = regimen_in(folder.path(), &["validate", "--outcomes", "levels", "--trial", "Knwon"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("did you mean `Known`?"), "{answer}");
    let answer =
        regimen_in(folder.path(), &["validate", "--outcomes", "levels", "--posterior", "posterior.csv"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("did you mean `base`?"), "{answer}");
}

/// A level in a volume of 40 ± 20 L: in 2 % of patients it is below 0, and their course fails.
const FRAGILE: &str = r#"
title = "A level"
time = "h"
[parameters]
v = { value = 40, unit = "L" }
[individual]
V = { typical = "v", distribution = "normal", sd = "20 L" }
[states]
central = { unit = "mg", rate = "-0.1 1/h * central" }
[doses]
drug = { into = "central" }
[outputs]
Level = { unit = "ng/mL", value = "central / V" }
"#;

/// Who fails is named, counted where the numbers are, and the answer is no success.
#[test]
fn courses_that_fail_are_told_and_end_in_failure() {
    let folder = project(&[
        ("models/level.toml", FRAGILE),
        ("scenarios/one.toml", ONE_LEVEL),
        ("outcomes/levels.toml", OUTCOMES),
    ]);
    let arguments = ["validate", "--outcomes", "levels", "--patients", "300", "--out", "run"];
    let answer = regimen_in(folder.path(), &arguments);
    assert_eq!(answer.code, Some(1), "{answer}");
    for told in [
        "of 300 simulated courses of `one`, arm `low`, failed numerically; the first: patient ",
        "no random ones",
    ] {
        assert!(answer.stderr.contains(told), "{answer}");
    }
    let run = folder.path().join("run");
    let rows = scoreboard(&run);
    let failed = number(&rows[0], "failed");
    assert!((1.0..=20.0).contains(&failed), "{failed}");
    assert_eq!(number(&rows[0], "virtual_patients"), 300.0 - failed);
    let page = fs::read_to_string(run.join("report.html")).expect("a page");
    assert!(page.contains("Simulated courses failed numerically."));
    let manifest = fs::read_to_string(run.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains(&format!("\"failed\": {failed}")), "{manifest}");
}

/// Whose level is never high has no time at which it was first: with one of two sets of parameters nobody answers.
#[test]
fn an_outcome_that_one_set_of_parameters_cannot_answer_is_named() {
    let first = "\n[[endpoint]]\nname = \"high at once\"\nkind = \"expression\"\nrecord = \"course\"\n\
                 when = \"first_time(Level > 10 ng/mL) < 1 d\"\n";
    let folder = project(&[
        ("models/level.toml", LEVEL),
        ("scenarios/one.toml", &(ONE_LEVEL.to_owned() + first)),
        (
            "outcomes/levels.toml",
            &OUTCOMES.replace("endpoint = \"high\"\nx = 9", "endpoint = \"high at once\"\nx = 9"),
        ),
        ("posterior.csv", "draw,base\n1,1e6\n2,1e-6\n"),
    ]);
    let arguments = [
        "validate",
        "--outcomes",
        "levels",
        "--patients",
        "10",
        "--posterior",
        "posterior.csv",
        "--out",
        "run",
    ];
    let answer = regimen_in(folder.path(), &arguments);
    assert_eq!(answer.code, Some(1), "{answer}");
    let told = "not predicted: Known: high; no virtual patient has an answer with set 2 of the parameters";
    assert!(answer.stderr.contains(told), "{answer}");
    assert!(fs::read_to_string(folder.path().join("run/report.html")).expect("a page").contains(&told[1..]));
}

#[test]
fn a_parameter_that_is_set_twice_is_refused() {
    let folder = project(&[
        ("models/level.toml", LEVEL),
        ("scenarios/one.toml", ONE_LEVEL),
        ("outcomes/levels.toml", OUTCOMES),
        ("posterior.csv", "draw,base\n1,1\n2,100\n"),
    ]);
    let arguments =
        ["validate", "--outcomes", "levels", "--posterior", "posterior.csv", "--set", "parameters.base=3"];
    let answer = regimen_in(folder.path(), &arguments);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(
        answer.stderr.contains("both `--set` and the columns of `posterior.csv` set `parameters.base`"),
        "{answer}"
    );
}
