//! The folder of a small calibration: what other commands read of it, and that the same calibration gives the same bytes.

use std::fs;
use std::path::Path;

use super::{CALIBRATION, Fit};
use crate::calibration::{
    self, Asked, Calibration, CalibrationProgress, Definition, Failure, Forward, Predicted, Store,
};
use crate::diagnostic::{Sources, render};
use crate::model::fixture::{ONE_COMPARTMENT, Texts};
use crate::model::{Kind, Loader};
use crate::report::RunInfo;
use crate::scenario::{self, Settings};

const SCENARIO: &str = r#"
title = "One arm"
model = "m"
horizon = "28 d"
[population]
patients = 3
[[arm]]
name = "fixed"
treatment = [{ drug = "drug", dose = "10 mg" }]
"#;

const OUTCOMES: &str = r#"
title = "Outcomes"
[[kind]]
name = "response"
between_trial_sd = 0.3
source = "assumed"
[[trial]]
name = "A trial"
arm = [{ scenario = "s", patients = 20 }]
outcome = [
    { name = "early", kind = "response", endpoint = "e", x = 4, n = 20, calibration = true },
    { name = "late <b>", kind = "response", endpoint = "f", x = 12, n = 20, calibration = true },
]
"#;

const FILE: &str = r#"
outcomes = "o"
[[parameter]]
key = "parameters.cl"
sd = 0.5
[[parameter]]
key = "parameters.v"
prior = "0.05 m^3"
sd = 0.3
"#;

fn files() -> Texts {
    Texts(vec![
        (Kind::Scenario, "s", SCENARIO.to_owned()),
        (Kind::Model, "m", ONE_COMPARTMENT.to_owned()),
        (Kind::Outcomes, "o", OUTCOMES.to_owned()),
    ])
}

/// Response rises with volume and falls with clearance.
struct Line;

impl Forward for Line {
    fn predict(&self, values: &[f64], _: usize) -> Result<Vec<Predicted>, Failure> {
        let slope = (values[1] / 50.0).ln() - (values[0] / 5.0).ln();
        Ok([slope - 1.0, 0.5 * slope].map(|value| Predicted { value, error: 0.1 }).to_vec())
    }
    fn digest(&self) -> String {
        "a line".to_owned()
    }
}

impl CalibrationProgress for Line {
    fn begins(&self, _: usize) {}
    fn evaluated(&self, _: bool) {}
    fn cancelled(&self) -> bool {
        false
    }
}

fn definition() -> Definition {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let files = files();
    let asked = Asked { loader: &files, set: &[], patients: None, members: None };
    let found = calibration::read("calibrations/c.toml", FILE, &asked, &mut sources, &mut diagnostics);
    found.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)))
}

fn found(definition: &Definition) -> Calibration {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "a line").unwrap();
    calibration::calibrate(&definition.problem, &Line, &store, 1, &Line).unwrap()
}

fn written(definition: &Definition, found: &Calibration, folder: &Path, started: &str) {
    let run = RunInfo {
        scenario: "c".to_owned(),
        command: "regimen calibrate c".to_owned(),
        version: "0".to_owned(),
        started: started.to_owned(),
        wall_seconds: 1.0,
        settings: Vec::new(),
    };
    Fit { definition, found }.write(folder, (3, "abc"), &Sources::default(), &run).unwrap();
}

#[test]
fn units_of_priors_are_converted_and_defaults_are_the_models() {
    let definition = definition();
    let priors: Vec<f64> = definition.problem.unknowns.iter().map(|unknown| unknown.prior).collect();
    assert!((priors[0] - 5.0).abs() < 1e-12 && (priors[1] - 50.0).abs() < 1e-12, "{priors:?}");
    assert_eq!(definition.parameters[1].value, 40.0);
    assert_eq!(definition.settings(&[4.5, 50.0])[0], ("parameters.cl".to_owned(), "4.5".to_owned()));
    assert_eq!((definition.problem.members, definition.patients), (40, 100));
}

/// The sections that are written are read by a scenario, and mean the same.
#[test]
fn the_posterior_is_a_part_of_a_scenario() {
    let definition = definition();
    let found = found(&definition);
    let folder = tempfile::tempdir().unwrap();
    written(&definition, &found, folder.path(), "today");
    let posterior = fs::read_to_string(folder.path().join("posterior.toml")).unwrap();
    let table = fs::read_to_string(folder.path().join("posterior.csv")).unwrap();
    let centre = found.values(&found.after().centre);
    for (text, covariance) in [
        (format!("{SCENARIO}{posterior}"), true),
        (format!("{SCENARIO}[uncertainty]\ntable = \"posterior.csv\"\n"), false),
    ] {
        let mut files = files();
        files.0[0].2 = text;
        files.0.push((Kind::Draws, "posterior.csv", table.clone()));
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let scenario = scenario::load("s", &Settings::default(), &files, &mut sources, &mut diagnostics);
        let scenario = scenario.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)));
        let known = scenario.uncertainty.unwrap();
        assert_eq!(known.draws, found.members.len());
        if covariance {
            let cl = &scenario.model.parameters[0];
            assert!((cl.unit.show(cl.value) / centre[0] - 1.0).abs() < 1e-12);
            let sd = found.spread_ratios()[0] * 0.5;
            assert!((known.parameters[0].standard_error / sd - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn a_calibration_gives_the_same_bytes_whenever_it_is_written_and_texts_stay_texts() {
    let definition = definition();
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(&definition, &found(&definition), one.path(), "today");
    written(&definition, &found(&definition), other.path(), "tomorrow");
    for name in [
        "posterior.csv",
        "posterior.toml",
        "report.html",
        "tables/steps.csv",
        "tables/endpoints.csv",
        "tables/parameters.csv",
        "tables/correlations.csv",
    ] {
        let bytes = |folder: &Path| fs::read(folder.join(name)).unwrap();
        assert_eq!(bytes(one.path()), bytes(other.path()), "{name}");
    }
    let page = fs::read_to_string(one.path().join("report.html")).unwrap();
    assert!(page.contains("late &lt;b&gt;") && !page.contains("late <b>"));
    assert!(one.path().join(CALIBRATION).exists());
    assert!(files().load(Kind::Scenario, "s", None).is_ok());
}
