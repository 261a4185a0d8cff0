//! Uncertain population parameters: what is drawn, and what a trial makes of it, against closed forms.

#[path = "program/mod.rs"]
mod program;
mod texts;

use std::fs;
use std::path::Path;

use program::{project, regimen_in};
use regimen::population::{ParameterDraw, draw_parameters};
use regimen::scenario::Scenario;
use regimen::trial::{self, Trial, UncertaintyResult};
use texts::{Silent, Texts};

const MODEL: &str = r#"
title = "One compartment"
time  = "h"
[parameters]
cl   = { value = 5, unit = "L/h", about = "clearance" }
v    = { value = 40, unit = "L", about = "volume" }
f    = { value = 0.8, unit = "1", about = "share that enters" }
risk = { value = 0.01, unit = "1/d", about = "hazard at no drug" }
shift = { value = 0.5, unit = "1", about = "drug effect on the hazard" }
[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.3 }
[states]
central = { unit = "mg", rate = "-CL / v * central" }
area = { unit = "ng*h/mL", rate = "central / v" }
H = { unit = "1", rate = "risk * exp(-shift * central / (central + 10 mg))" }
[doses]
drug = { into = "central", fraction = "f" }
[outputs]
Cp = { unit = "ng/mL", value = "central / v", error = { proportional = "10 %", limit_of_quantification = "50 ng/mL" } }
Area = { unit = "ng*h/mL", value = "area" }
[hazards]
event = { cumulative = "H" }
"#;

const SCENARIO: &str = r#"
title   = "Bolus"
model   = "m"
horizon = "30 d"
seed    = 11
[population]
patients = 100
[visits]
laboratory = ["day 1, 2, 8"]
[[arm]]
name = "once"
treatment = [{ drug = "drug", dose = "100 mg", days = "1", cycles = "1-1" }]
[[arm]]
name = "daily"
treatment = [{ drug = "drug", dose = "100 mg" }]
[[endpoint]]
name = "exposure"
kind = "trough"
of   = "Area"
record = "profile"
unit = "ng*h/mL"
[[endpoint]]
name = "event"
kind = "time to event"
hazard = "event"
[[record]]
name = "profile"
every = "12 h"
to = "20 d"
outputs = ["Area"]
[[record]]
name = "spare"
every = "6 h"
outputs = ["Cp"]
"#;

const LOG_CLEARANCE: &str =
    "[uncertainty]\ndraws = 200\n[[uncertainty.covariance]]\nnames = [\"cl\"]\nstandard_errors = [0.2]\n";

fn with_table(text: &str, table: &str) -> Scenario {
    with_model(MODEL, text, table)
}

fn with_model(model: &str, text: &str, table: &str) -> Scenario {
    Texts { model: model.to_owned(), scenario: text.to_owned(), draws: table.to_owned() }.scenario()
}

fn scenario(uncertainty: &str) -> Scenario {
    with_table(&format!("{SCENARIO}{uncertainty}"), "")
}

fn run(scenario: &Scenario, threads: usize) -> (Trial, Option<UncertaintyResult>) {
    let trial = texts::trial(scenario, threads);
    let found = trial::uncertainty(scenario, &trial, threads, &Silent);
    let found = found.unwrap_or_else(|error| panic!("{error:?}"));
    (trial, found)
}

fn draws(scenario: &Scenario) -> Vec<ParameterDraw> {
    draw_parameters(scenario).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Values of an uncertain parameter over the draws, in its unit.
fn values(scenario: &Scenario, draws: &[ParameterDraw], name: &str) -> Vec<f64> {
    let known = scenario.uncertainty.as_ref().expect("an uncertainty");
    let place = known.parameters.iter().position(|parameter| parameter.name == name).expect("a parameter");
    draws.iter().map(|draw| known.parameters[place].unit.show(draw.values[place])).collect()
}

fn mean_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// The area after a bolus is F D/CL. With CL = cl exp(η), and cl drawn log-normally, a patient's area at a draw is a product:
/// (that at the model's values) × cl/cl_draw. So every part of the spread follows from the patients' values and the draws.
#[test]
fn a_product_of_patient_and_parameter_is_taken_apart_exactly() {
    let scenario = scenario(LOG_CLEARANCE);
    let (trial, found) = run(&scenario, 2);
    let found = found.expect("an uncertainty");
    let factors: Vec<f64> = found.draws.iter().map(|draw| 5.0 / (draw.values[0] / 24.0)).collect();
    let areas: Vec<f64> =
        trial.patients.iter().map(|it| 0.8e8 / 1e3 / 5.0 * (-it.random_effects[0]).exp()).collect();
    let (k, between) = mean_sd(&areas);
    let place = trial.arms[0].estimates.iter().position(|it| it.label == "exposure: mean").expect("a mean");
    let estimate = trial.arms[0].estimates[place].interval.expect("an estimate").estimate;
    assert!((estimate / k - 1.0).abs() < 1e-3, "{estimate} {k}: what is left after 20 days");
    let parts = &found.arms[0][place];
    // Groups of 5 patients by number modulo 20; the noise of a draw's mean is the variance of factors times that of the mean.
    let group = |g: usize| mean_sd(&areas.iter().skip(g).step_by(20).copied().collect::<Vec<f64>>()).0;
    let groups: Vec<f64> = (0..20).map(group).collect();
    let of_factors = mean_sd(&factors).1.powi(2);
    let expected = (of_factors * (k * k - mean_sd(&groups).1.powi(2) / 20.0)).sqrt();
    assert!((parts.uncertainty.expect("one") / expected - 1.0).abs() < 2e-3, "{parts:?} {expected}");
    let root = (factors.iter().map(|it| it * it).sum::<f64>() / factors.len() as f64).sqrt();
    assert!((parts.between_patients.expect("one") / (between * root) - 1.0).abs() < 2e-3, "{parts:?}");
    assert_eq!(parts.monte_carlo, trial.arms[0].estimates[place].monte_carlo_error);
    // 2.5 % and 97.5 % of a log-normal of SD 0.2, from 200 draws: an end has an SD of 0.19 × 0.2 on the log scale.
    let interval = parts.interval.expect("an interval");
    for (end, deviate) in [(interval.lower, -1.96), (interval.upper, 1.96)] {
        assert!(((end / k).ln() - 0.2 * deviate).abs() < 4.0 * 0.19 * 0.2, "{interval:?}");
    }
    assert_eq!(found.comparisons.len(), trial.comparisons.len());
}

#[test]
fn any_number_of_threads_gives_the_same_bits_and_the_trial_is_as_without() {
    let text =
        format!("{SCENARIO}{LOG_CLEARANCE}").replace("draws = 200", "draws = 3").replace("100\n", "30\n");
    let scenario = with_table(&text, "");
    let (trial, found) = run(&scenario, 1);
    let (_, three) = run(&scenario, 3);
    let told = |found: &Option<UncertaintyResult>| {
        let found = found.as_ref().expect("an uncertainty");
        let draws: Vec<_> = found.draws.iter().map(|it| (&it.values, &it.arms, &it.comparisons)).collect();
        format!("{draws:?} {:?} {:?}", found.arms, found.comparisons)
    };
    assert_eq!(told(&found), told(&three));
    let mut without = scenario.clone();
    without.uncertainty = None;
    let (plain, none) = run(&without, 1);
    assert!(none.is_none());
    for (a, b) in trial.arms.iter().zip(&plain.arms) {
        assert_eq!(a.estimates, b.estimates);
    }
    assert_eq!(trial.comparisons, plain.comparisons);
}

/// A draw's trial is that of a scenario which says the drawn values itself.
#[test]
fn a_draw_is_the_trial_at_its_values() {
    let text =
        format!("{SCENARIO}{LOG_CLEARANCE}").replace("draws = 200", "draws = 2").replace("100\n", "20\n");
    let scenario = with_table(&text, "");
    let (_, found) = run(&scenario, 1);
    let draw = &found.expect("an uncertainty").draws[1];
    let mut by_hand = scenario.clone();
    by_hand.model.parameters[0].value = draw.values[0];
    let (trial, _) = run(&by_hand, 1);
    for (arm, values) in trial.arms.iter().zip(&draw.arms) {
        let estimates: Vec<Option<f64>> =
            arm.estimates.iter().map(|it| it.interval.map(|interval| interval.estimate)).collect();
        assert_eq!(&estimates, values);
    }
}

/// 4000 draws; moments within 4.5 standard errors.
#[test]
fn draws_have_the_covariance_of_their_scale() {
    let scenario = scenario(
        "[uncertainty]\ndraws = 4000\n[[uncertainty.covariance]]\nnames = [\"cl\", \"omega.CL\"]\n\
         matrix = [[0.04], [0.03, 0.09]]\n[[uncertainty.covariance]]\nnames = [\"v\"]\nscale = \"natural\"\n\
         standard_errors = [\"4000 mL\"]\n[[uncertainty.covariance]]\nnames = [\"f\"]\nscale = \"logit\"\nstandard_errors = [\"50 %\"]\n",
    );
    let drawn = draws(&scenario);
    let n = 4000.0_f64;
    let check = |found: (f64, f64), mean: f64, sd: f64| {
        assert!((found.0 - mean).abs() < 4.5 * sd / n.sqrt(), "{found:?} {mean}");
        assert!((found.1 / sd - 1.0).abs() < 4.5 / (2.0 * n).sqrt(), "{found:?} {sd}");
    };
    let log = |name: &str| values(&scenario, &drawn, name).iter().map(|it| it.ln()).collect::<Vec<f64>>();
    let (cl, omega) = (log("cl"), log("omega.CL"));
    check(mean_sd(&cl), 5.0_f64.ln(), 0.2);
    check(mean_sd(&omega), 0.3_f64.ln(), 0.3);
    check(mean_sd(&values(&scenario, &drawn, "v")), 40.0, 4.0);
    let logits: Vec<f64> = values(&scenario, &drawn, "f").iter().map(|f| (f / (1.0 - f)).ln()).collect();
    check(mean_sd(&logits), 4.0_f64.ln(), 0.5);
    let products: Vec<f64> =
        cl.iter().zip(&omega).map(|(a, b)| (a - 5.0_f64.ln()) * (b - 0.3_f64.ln())).collect();
    let (covariance, _) = mean_sd(&products);
    // Var(xy) of correlated normal variables: (1 + ρ²) σ₁² σ₂², ρ = 0.5.
    assert!((covariance - 0.03).abs() < 4.5 * (1.25 * 0.04 * 0.09 / n).sqrt(), "{covariance}");
}

/// Standard errors with a correlation are the covariance that they make: σᵢσⱼρ.
#[test]
fn a_correlation_beside_standard_errors_is_a_covariance() {
    let block = |rest: &str| {
        scenario(&format!(
            "[uncertainty]\ndraws = 50\n[[uncertainty.covariance]]\nnames = [\"cl\", \"v\", \"omega.CL\"]\n{rest}\n"
        ))
    };
    let whole =
        "standard_errors = [0.2, \"10 %\", 0.3]\ncorrelation = [[1, 0.5, 0], [0.5, 1, -0.25], [0, -0.25, 1]]";
    let triangle = "standard_errors = [0.2, 0.1, 0.3]\ncorrelation = [[1], [0.5, 1], [0, -0.25, 1]]";
    let matrix = "matrix = [[0.04], [0.01, 0.01], [0, -0.0075, 0.09]]";
    let of = |rest: &str| draws(&block(rest));
    assert_eq!(of(whole), of(triangle));
    for (a, b) in of(whole).iter().zip(of(matrix)) {
        for (a, b) in a.values.iter().zip(b.values) {
            assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        }
    }
}

/// At draws 2 and 4 no patient meets a requirement, at draw 5 the volume is negative and every course fails: results are as if the
/// three were not there.
#[test]
fn lost_draws_and_failed_courses_are_left_out_and_counted() {
    let model =
        format!("{MODEL}[[require]]\ncondition = \"cl < 6 L/h\"\nabout = \"of a population parameter\"\n");
    let text = SCENARIO.replace("patients = 100", "patients = 20");
    let at = |rows: &str| {
        let text = format!("{text}[uncertainty]\ntable = \"draws.csv\"\nfree_sign = [\"v\"]\n");
        let scenario = with_model(&model, &text, &format!("cl,v\n{rows}"));
        run(&scenario, 2).1.expect("an uncertainty")
    };
    let found = at("5,40\n7,40\n4,35\n8,40\n5,-30\n5.5,45\n");
    let lost: Vec<bool> = found.draws.iter().map(|draw| draw.lost.is_some()).collect();
    assert_eq!(lost, [false, true, false, true, false, false]);
    let failed: Vec<usize> = found.draws.iter().map(|draw| draw.failed).collect();
    assert_eq!(failed, [0, 0, 0, 0, 2 * 20, 0], "two arms of 20 patients");
    let without = at("5,40\n4,35\n5.5,45\n");
    let place = |it: &UncertaintyResult| it.draws[0].arms[0].iter().position(Option::is_some);
    let place = place(&found).expect("an estimate");
    assert_eq!(found.arms[0][place].draws, 3);
    for (arm, other) in found.arms.iter().zip(&without.arms) {
        assert_eq!(format!("{:?}", arm[place]), format!("{:?}", other[place]));
    }
}

#[test]
fn lost_draws_and_failed_courses_are_told_and_end_the_run_with_1() {
    let place = folder("[uncertainty]\ntable = \"draws.csv\"\nfree_sign = [\"v\"]\n");
    let requirement = "[[require]]\ncondition = \"cl < 6 L/h\"\nabout = \"of a population parameter\"\n";
    fs::write(place.path().join("m.toml"), format!("{MODEL}{requirement}")).expect("a file");
    fs::write(place.path().join("draws.csv"), "cl,v\n5,40\n7,40\n5,-30\n4,35\n").expect("a file");
    let answer = regimen_in(place.path(), &["run", "./s.toml", "--patients", "5", "--out", "run"]);
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(
        answer.stderr.contains("at 1 of 4 draws of the parameters no population could be drawn"),
        "{answer}"
    );
    assert!(answer.stderr.contains("10 courses failed numerically at draws of the parameters"), "{answer}");
    let draws = table(place.path(), "draws");
    // A row for each draw and parameter.
    assert_eq!(draws.1.len(), 4 * 2);
    let manifest = fs::read_to_string(place.path().join("run/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(
        (&manifest["uncertainty"]["lost"], &manifest["uncertainty"]["failed"]),
        (&1.into(), &10.into())
    );
}

#[test]
fn a_further_parameter_changes_no_other_draw() {
    let more = "[[uncertainty.covariance]]\nnames = [\"v\"]\nstandard_errors = [0.1]\n";
    let (one, two) = (scenario(LOG_CLEARANCE), scenario(&format!("{LOG_CLEARANCE}{more}")));
    assert_eq!(values(&one, &draws(&one), "cl"), values(&two, &draws(&two), "cl"));
}

/// Normal(0.5, 0.5²) is below 0 with probability Φ(−1) = 0.1587.
#[test]
fn draws_of_the_wrong_sign_are_thrown_away_and_counted() {
    let text = "[uncertainty]\ndraws = 4000\n[[uncertainty.covariance]]\nnames = [\"shift\"]\nscale = \"natural\"\n\
                standard_errors = [0.5]\n";
    let fixed = scenario(text);
    let drawn = draws(&fixed);
    let rejected: usize = drawn.iter().map(|draw| draw.rejected).sum();
    assert!(values(&fixed, &drawn, "shift").iter().all(|value| *value > 0.0));
    let all = (4000 + rejected) as f64;
    let share = rejected as f64 / all;
    assert!((share - 0.1587).abs() < 4.5 * (0.1587 * 0.8413 / all).sqrt(), "{share}");
    let free = scenario(&text.replace("draws = 4000", "draws = 4000\nfree_sign = [\"shift\"]"));
    let drawn = draws(&free);
    assert_eq!(drawn.iter().map(|draw| draw.rejected).sum::<usize>(), 0);
    assert!(values(&free, &drawn, "shift").iter().any(|value| *value < 0.0));
}

#[test]
fn rows_of_a_table_are_taken_in_order_with_their_units() {
    let text = format!("{SCENARIO}[uncertainty]\ntable = \"draws.csv\"\ndraws = 2\n");
    let scenario = with_table(&text, "draw,cl [mL/min],v,omega.CL\n1,100,30,0.1\n2,50,35,0.2\n3,60,40,0.3\n");
    let drawn = draws(&scenario);
    assert_eq!(drawn.len(), 2);
    let close = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-12, "{found} {wanted}");
    close(drawn[0].values[0], 100.0 * 1440.0 / 1000.0);
    close(drawn[1].values[1], 35.0);
    close(drawn[1].values[2], 0.2);
}

/// Of one typical patient, what differs between draws is uncertainty and nothing else.
#[test]
fn a_typical_patient_has_uncertainty_only() {
    let text =
        format!("{SCENARIO}{LOG_CLEARANCE}").replace("patients = 100", "patients = 1\nvariability = false");
    let scenario = with_table(&text.replace("draws = 200", "draws = 20"), "");
    let (trial, found) = run(&scenario, 1);
    let found = found.expect("an uncertainty");
    let place = trial.arms[0].estimates.iter().position(|it| it.label == "exposure: mean").expect("a mean");
    let values: Vec<f64> = found.draws.iter().filter_map(|draw| draw.arms[0][place]).collect();
    let parts = &found.arms[0][place];
    assert!((parts.uncertainty.expect("one") / mean_sd(&values).1 - 1.0).abs() < 1e-12);
    assert_eq!(parts.between_patients, Some(0.0));
}

fn folder(extra: &str) -> tempfile::TempDir {
    project(&[("m.toml", MODEL), ("s.toml", &format!("{SCENARIO}{extra}"))])
}

fn table(folder: &Path, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(folder.join(format!("run/tables/{name}.csv"))).expect("a table");
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    (header, reader.records().map(|record| cells(record.expect("a row"))).collect())
}

fn column(table: &(Vec<String>, Vec<Vec<String>>), name: &str) -> Vec<String> {
    let place = table.0.iter().position(|other| other == name).unwrap_or_else(|| panic!("no column {name}"));
    table.1.iter().map(|row| row[place].clone()).collect()
}

#[test]
fn tables_manifest_and_page_tell_the_parts() {
    let place = folder(&LOG_CLEARANCE.replace("draws = 200", "draws = 4"));
    let answer = regimen_in(place.path(), &["run", "./s.toml", "--patients", "20", "--out", "run"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("uncertainty of 1 parameter: 4 draws"), "{answer}");
    for name in ["endpoints", "comparisons"] {
        let found = table(place.path(), name);
        assert!(column(&found, "uncertainty_sd").iter().any(|cell| !cell.is_empty()), "{name}");
        let part = |name: &str| column(&found, name);
        let shares =
            part("uncertainty_share").into_iter().zip(part("between_patient_share")).zip(part("mc_share"));
        for ((a, b), c) in shares.filter(|((a, _), _)| !a.is_empty()) {
            let sum: f64 = [a, b, c].iter().map(|cell| cell.parse::<f64>().expect("a number")).sum();
            assert!((sum - 1.0).abs() < 1e-9);
        }
    }
    assert_eq!(table(place.path(), "draws").1.len(), 4);
    let results = table(place.path(), "draw-results").1.len();
    let rows = table(place.path(), "endpoints").1.len() + table(place.path(), "comparisons").1.len();
    assert_eq!(results, 4 * rows);
    let manifest = fs::read_to_string(place.path().join("run/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["uncertainty"]["draws"], 4);
    assert_eq!(manifest["uncertainty"]["parameters"][0]["standard_error"], 0.2);
    let page = fs::read_to_string(place.path().join("run/report.html")).expect("a page");
    assert!(
        page.contains("id=\"uncertainty\"") && page.contains("What the spread of each estimate is made of")
    );
}

/// Without `[uncertainty]` nothing is added; a limit of quantification is flagged where the truth or the error is below it.
#[test]
fn values_below_quantification_are_flagged_in_the_table_of_visits() {
    let place = folder("");
    let answer = regimen_in(place.path(), &["run", "./s.toml", "--patients", "10", "--out", "run"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(!column(&table(place.path(), "endpoints"), "mc_error").is_empty());
    assert!(!table(place.path(), "endpoints").0.contains(&"uncertainty_sd".to_owned()));
    let visits = table(place.path(), "visits");
    let flags = column(&visits, "Cp.BLQ");
    assert!(flags.contains(&"1".to_owned()) && flags.contains(&"0".to_owned()));
    for (flag, measured) in flags.iter().zip(column(&visits, "Cp.measured")) {
        let measured: f64 = measured.parse().expect("a number");
        assert!(
            if flag == "1" { (measured - 25.0).abs() < 1e-9 } else { measured >= 50.0 },
            "{flag} {measured}"
        );
    }
}

/// A negative volume is no draw: said with its line before anything is simulated.
#[test]
fn impossible_draws_of_a_table_are_refused() {
    let place = folder("[uncertainty]\ntable = \"draws.csv\"\n");
    fs::write(place.path().join("draws.csv"), "cl,v\n5,40\n4,-30\n").expect("a file");
    let answer = regimen_in(place.path(), &["run", "./s.toml", "--out", "run"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("line 3, column `v`: -30 has another sign"), "{answer}");
    assert!(answer.stderr.contains("free_sign"), "{answer}");
}
