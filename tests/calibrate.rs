//! `regimen calibrate` end to end, through the built program: against a posterior by quadrature, stopped and begun again, on other
//! numbers of threads, and what makes evaluations void.

mod drugs;
mod program;
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use drugs::{LEVEL, ONE_LEVEL};
use program::{project, regimen, regimen_in, start};
use written::number;

const OUTCOMES: &str = r#"
title = "Levels"
[[kind]]
name = "level"
between_trial_sd = 0.4
source = "here"
[[trial]]
name = "Known"
[[trial.arm]]
scenario = "one"
patients = 40
[[trial.outcome]]
name = "high"
kind = "level"
endpoint = "high"
x = 32
n = 40
calibration = true
[[trial.outcome]]
name = "very high"
kind = "level"
endpoint = "very high"
x = 9
n = 40
"#;

const CALIBRATION: &str = r#"
title = "Levels"
outcomes = "levels"
patients = 2000
members = 10
steps = 3
refinements = 2
[[parameter]]
key = "parameters.base"
sd = 0.3
"#;

fn files() -> tempfile::TempDir {
    project(&[
        ("models/level.toml", LEVEL),
        ("scenarios/one.toml", ONE_LEVEL),
        ("outcomes/levels.toml", OUTCOMES),
        ("calibrations/c.toml", CALIBRATION),
    ])
}

/// Every file of a folder but what tells of the run, by path.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = written::files(folder);
    assert!(found.remove("calibration.json").is_some(), "{}", folder.display());
    // What was being written aside when the process was killed bears no name of a result.
    found.retain(|name, _| !name.contains(".aside-"));
    found
}

fn calibrate(project: &Path, out: &str, more: &[&str]) -> String {
    let answer = regimen_in(project, &[&["calibrate", "c", "--out", out][..], more].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(answer.last_line(), format!("{out}/report.html"));
    answer.stdout
}

/// The standard normal distribution function, by Simpson's rule.
fn normal(x: f64) -> f64 {
    let (steps, low) = (400, -9.0);
    let h = (x - low) / f64::from(steps);
    let height = |k: i32| (-0.5 * (low + h * f64::from(k)).powi(2)).exp();
    let inner: f64 = (1..steps).map(|k| if k % 2 == 1 { 4.0 } else { 2.0 } * height(k)).sum();
    (height(0) + inner + height(steps)) * h / 3.0 / std::f64::consts::TAU.sqrt()
}

/// Posterior mean and SD of ln(base/10)/0.3: a level above 10 has the probability Φ(ln(base/10)/0.5), whose logit a trial moves by a
/// normal variable of SD 0.4.
fn by_quadrature() -> (f64, f64) {
    let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
    for a in -100..=100 {
        let z = 4.0 * f64::from(a) / 100.0;
        let p = normal(z * 0.3 / 0.5);
        let logit = (p / (1.0 - p)).ln();
        let likelihood: f64 = (-60..=60)
            .map(|k| {
                let u = f64::from(k) / 10.0;
                let q = 1.0 / (1.0 + (-logit - 0.4 * u).exp());
                (32.0 * q.ln() + 8.0 * (1.0 - q).ln() - 0.5 * u * u).exp()
            })
            .sum();
        let density = likelihood * (-0.5 * z * z).exp();
        sum += density;
        first += density * z;
        second += density * z * z;
    }
    let mean = first / sum;
    (mean, (second / sum - mean * mean).sqrt())
}

/// 2,000 patients tell the proportion to 0.9 points, 0.06 on the logit, which is 0.06 of the prior's SD; half as much again for the plane.
#[test]
fn one_parameter_has_the_posterior_of_quadrature_and_predicts_what_was_seen() {
    let folder = files();
    calibrate(folder.path(), "fit", &[]);
    let table = written::table(&folder.path().join("fit/tables/parameters.csv"));
    let (shift, ratio) = (number(&table[0], "shift_in_prior_sd"), number(&table[0], "spread_ratio"));
    let (mean, sd) = by_quadrature();
    assert!((shift - mean).abs() < 0.09, "{shift}, not {mean}");
    assert!((ratio / sd - 1.0).abs() < 0.08, "{ratio}, not {sd}");
    // What a calibration writes is what a validation reads.
    let arguments = [
        "validate",
        "--outcomes",
        "levels",
        "--posterior",
        "fit/posterior.csv",
        "--patients",
        "500",
        "--out",
        "v",
    ];
    let answer = regimen_in(folder.path(), &arguments);
    assert_eq!(answer.code, Some(0), "{answer}");
    let percent = number(&written::table(&folder.path().join("v/tables/scoreboard.csv"))[0], "predicted");
    // Between the prior's 50 and the observed 80 %.
    assert!((60.0..82.0).contains(&percent), "{percent}");
}

#[test]
fn a_calibration_that_was_killed_ends_in_the_same_bytes_on_any_number_of_threads() {
    let folder = files();
    let few = ["--patients", "300"];
    calibrate(folder.path(), "whole", &few);
    let whole = bytes(&folder.path().join("whole"));
    assert!(whole.keys().filter(|name| name.starts_with("state/")).count() > 50);
    for (threads, out) in [("1", "one"), ("7", "seven")] {
        calibrate(folder.path(), out, &[&few[..], &["--threads", threads]].concat());
        assert_eq!(bytes(&folder.path().join(out)), whole);
    }
    for wait in [40, 90, 150] {
        let out = format!("killed-{wait}");
        let mut child = start(folder.path(), &["calibrate", "c", "--patients", "300", "--out", &out]);
        sleep(Duration::from_millis(wait));
        let _ = child.kill();
        let _ = child.wait();
        calibrate(folder.path(), &out, &few);
        assert_eq!(bytes(&folder.path().join(out)), whole, "killed after {wait} ms");
    }
}

#[test]
fn what_is_known_is_not_computed_again_unless_something_that_matters_changed() {
    let folder = files();
    let few = ["--patients", "50"];
    assert!(!calibrate(folder.path(), "fit", &few).contains("\n0 evaluations computed"));
    assert!(calibrate(folder.path(), "fit", &few).contains("\n0 evaluations computed"));
    // Another prior of the same centre shares the centre alone; another observation moves the way but keeps the first ensemble.
    let edit = |path: &str, from: &str, to: &str| {
        let path = folder.path().join(path);
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from));
        fs::write(&path, text.replace(from, to)).expect("a writable file");
    };
    let computed = |told: &str| -> usize {
        let line = told.lines().find(|line| line.contains("computed in")).expect("a line");
        line.split(' ').next().and_then(|word| word.parse().ok()).expect("a number")
    };
    let all = 11 * 6;
    edit("outcomes/levels.toml", "x = 32", "x = 24");
    assert!(computed(&calibrate(folder.path(), "fit", &few)) <= all - 11 + 6);
    edit("models/level.toml", "omega = 0.5", "omega = 0.6");
    assert!(computed(&calibrate(folder.path(), "fit", &few)) >= all);
    assert!(
        computed(&calibrate(folder.path(), "fit", &[&few[..], &["--set", "parameters.rate=2"]].concat()))
            >= all
    );
}

#[test]
fn a_dry_run_computes_nothing_and_a_fit_without_result_says_where() {
    let folder = files();
    let answer = regimen_in(folder.path(), &["calibrate", "c", "--dry-run", "--out", "fit"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    for told in ["1 parameter to 1 endpoint of 1 scenario", "at most 66 evaluations", "one evaluation takes"]
    {
        assert!(answer.stdout.contains(told), "{answer}");
    }
    assert!(!folder.path().join("fit").exists());
    // Nobody has such a level.
    let arguments = [
        "calibrate",
        "c",
        "--out",
        "fit",
        "--patients",
        "20",
        "--set",
        "population.entry=[\"Level < 1e-6 ng/mL\"]",
    ];
    let answer = regimen_in(folder.path(), &arguments);
    assert_ne!(answer.code, Some(0), "{answer}");
    assert!(!folder.path().join("fit/report.html").exists());
    // An evaluation with failed courses is none: with a level that is normal 5 % of patients have one below 0.
    let fragile = LEVEL
        .replace("\"log-normal\", omega = 0.5", "\"normal\", sd = \"6 ng/mL\"")
        .replace("value = \"Base\"", "value = \"10 ng/mL * log(Base / (10 ng/mL))\"");
    fs::write(folder.path().join("models/level.toml"), fragile).expect("a file");
    let answer = regimen_in(folder.path(), &["calibrate", "c", "--out", "fit", "--patients", "200"]);
    assert_eq!(answer.code, Some(1), "{answer}");
    for told in [
        "an evaluation has no result: ",
        "of 200 simulated courses of `one`, arm `low`, failed numerically",
        "at parameters.base=",
    ] {
        assert!(answer.stderr.contains(told), "{answer}");
    }
    assert!(!folder.path().join("fit/report.html").exists());
}

/// At most twelve parameters, and all endpoints of the first calibration.
#[test]
fn the_calibration_of_the_flagship_is_what_the_flagship_is_fitted_with() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/calibrations/lenalidomide-cll.toml");
    let answer = regimen(&["check", file]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("(calibration)"), "{answer}");
    let answer = regimen(&["calibrate", file, "--dry-run", "--patients", "2"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("12 parameters to 53 endpoints of 8 scenarios"), "{answer}");
}

/// The flagship's calibration is built in, and a folder is no calibration.
#[test]
fn a_calibration_is_found_by_its_name_anywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["calibrate", "lenalidomide-cll", "--dry-run", "--patients", "2", "--members", "30"];
    let answer = regimen_in(folder.path(), &arguments);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("12 parameters to "), "{answer}");
    fs::create_dir(folder.path().join("fits")).expect("a folder");
    let answer = regimen_in(folder.path(), &["calibrate", "./fits"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("`./fits` is a folder; name a file in it"), "{answer}");
}
