//! Tables of records with variability: drawn random effects against what the model says of them, the streams that they are drawn
//! from, and that nothing but identity matters.
//!
//! Statistics of n draws are allowed 4.5 standard errors, which chance exceeds 7 times in a million.

mod tables;

use regimen::math::random::{Identity, Stream};
use tables::{Job, model};

/// Outputs show the random effects themselves: of a block, of one within bounds, of a free one.
const MODEL: &str = r#"
title = "one compartment"
time = "h"
[parameters]
cl = { value = 3, unit = "L/h" }
v = { value = 20, unit = "L" }
ka = { value = 1, unit = "1/h" }
w = { value = 1, unit = "1" }
[individual]
CL = { typical = "cl", distribution = "log-normal" }
V = { typical = "v", distribution = "log-normal" }
KA = { typical = "ka", distribution = "log-normal", omega = 0.4, lower = "0.8 1/h" }
W = { typical = "w", distribution = "log-normal", omega = 0.25 }
[[covariance]]
names = ["CL", "V"]
matrix = [[0.09, 0.03], [0.03, 0.04]]
[states]
depot = { unit = "mg", rate = "-KA * depot" }
central = { unit = "mg", rate = "KA * depot - CL / V * central" }
[doses]
oral = { into = "depot" }
[outputs]
eCL = { unit = "1", value = "log(CL / cl)" }
eV = { unit = "1", value = "log(V / v)" }
eKA = { unit = "1", value = "log(KA / ka)" }
eW = { unit = "1", value = "log(W / w)" }
C = { unit = "mg/L", value = "central / V", error = { proportional = 0.1, additive = "0.2 mg/L", exponential = 0.05 } }
"#;

const HEADER: &str = "ID,TIME,EVID,AMT\n";

/// A table, cells as texts, with its header.
fn table(text: &str, job: &Job) -> Vec<Vec<String>> {
    let model = model(text).unwrap_or_else(|errors| panic!("{errors}"));
    let (table, summary) = job.run(&model).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(summary.failed, 0, "{:?}", summary.failures.first());
    table.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn job(records: &str) -> Job {
    let mut job = Job::new(records);
    job.settings.relative_tolerance = Some(1e-6);
    job.variability = Some(7);
    job
}

/// Numbers of a column.
fn column(table: &[Vec<String>], name: &str) -> Vec<f64> {
    let place = table[0].iter().position(|other| other == name).unwrap_or_else(|| panic!("no {name}"));
    table[1..].iter().map(|row| row[place].parse().unwrap_or(f64::NAN)).collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// A standard normal of a stream, the place-th.
fn normal(seed: u64, patient: u64, purpose: &str, occasion: u64, place: usize) -> f64 {
    let mut stream = Stream::new(Identity { seed, patient, purpose, occasion });
    std::iter::repeat_with(|| stream.normal()).nth(place).unwrap_or(f64::NAN)
}

#[test]
fn drawn_effects_have_the_omegas_correlations_and_bounds_of_the_model() {
    const N: usize = 20_000;
    let rows: String = (1..=N).map(|subject| format!("{subject},0,1,100\n")).collect();
    let drawn = table(MODEL, &job(&format!("{HEADER}{rows}")));
    let n = N as f64;
    let effects = ["eCL", "eV", "eW"].map(|name| column(&drawn, name));
    for (values, omega) in effects.iter().zip([0.3, 0.2, 0.25]) {
        let (mean, deviation) = moments(values);
        assert!(mean.abs() < 4.5 * omega / n.sqrt(), "{mean} {omega}");
        assert!((deviation / omega - 1.0).abs() < 4.5 / (2.0 * n).sqrt(), "{deviation} {omega}");
    }
    let correlation = |left: &[f64], right: &[f64]| {
        let (first, second) = (moments(left), moments(right));
        let product = |(x, y): (&f64, &f64)| (x - first.0) * (y - second.0) / (first.1 * second.1);
        left.iter().zip(right).map(product).sum::<f64>() / (n - 1.0)
    };
    let [cl, v, w] = &effects;
    assert!((correlation(cl, v) - 0.5).abs() < 4.5 * 0.75 / n.sqrt());
    assert!(correlation(cl, w).abs() < 4.5 / n.sqrt());
    // Mean and variance of a normal above a (Johnson, Kotz and Balakrishnan 1994, chapter 13, section 10.1), a = ln 0.8 / 0.4.
    let a = 0.8_f64.ln() / 0.4;
    // φ(a) / (1 − Φ(a)) = 0.341454… / 0.711530…, with Python's erfc.
    let hazard = 0.479_887_503_718_676_6;
    let (expected, variance) = (0.4 * hazard, 0.16 * (1.0 + a * hazard - hazard * hazard));
    let ka = column(&drawn, "eKA");
    let (mean, deviation) = moments(&ka);
    assert!((mean - expected).abs() < 4.5 * (variance / n).sqrt(), "{mean} {expected}");
    // √((κ − 1)/4n) with a kurtosis κ below 5.
    assert!((deviation / variance.sqrt() - 1.0).abs() < 4.5 / n.sqrt(), "{deviation}");
    assert!(ka.iter().all(|value| *value >= 0.8_f64.ln() - 1e-12));
}

/// What docs/records.md says of the streams, by hand.
#[test]
fn effects_and_errors_are_those_of_the_named_streams() {
    let rows =
        "anna,0,1,100\nanna,1.5,0,0\nbert,0,1,100\nbert,2,0,0\nbert,2,2,0\nbert,2,0,0\nbert,2.001,0,0\n";
    let drawn = table(MODEL, &job(&format!("{HEADER}{rows}")));
    let (effect, truth, measured) = (column(&drawn, "eW"), column(&drawn, "C"), column(&drawn, "C.measured"));
    for (row, patient) in [0, 0, 1, 1, 1, 1, 1].into_iter().enumerate() {
        let expected = 0.25 * normal(7, patient, "eta:W", 0, 0);
        assert!((effect[row] - expected).abs() < 1e-12, "row {row}: {} {expected}", effect[row]);
    }
    // (row, subject, occasion): the minute, then 2⁴⁰ minutes on for each further sample in it.
    let samples = [(1, 0, 90), (3, 1, 120), (5, 1, 120 + (1 << 40)), (6, 1, 120 + (2 << 40))];
    for (row, patient, occasion) in samples {
        let [first, second, third] = [0, 1, 2].map(|place| normal(7, patient, "residual:C", occasion, place));
        let expected = (truth[row] * (1.0 + 0.1 * first) + 0.2 * second) * (0.05 * third).exp();
        let got = measured[row];
        assert!((got - expected).abs() < 1e-12 * expected.abs(), "row {row}: {got} {expected}");
    }
    for row in [0, 2, 4] {
        assert!(measured[row].is_nan(), "nothing is measured in row {row}");
    }
}

/// Other rows, other subjects behind, threads and replicates change nothing; the place in the table does.
#[test]
fn nothing_but_identity_matters() {
    let subject = |id: &str, times: &[u32]| {
        let samples: String = times.iter().map(|time| format!("{id},{time},0,0\n")).collect();
        format!("{id},0,1,100\n{samples}")
    };
    let two = format!("{HEADER}{}{}", subject("a", &[2, 8]), subject("b", &[2, 8]));
    let base = table(MODEL, &job(&two));
    let cells = |table: &[Vec<String>], id: &str, time: &str| -> Vec<Vec<String>> {
        let place = |name: &str| table[0].iter().position(|other| other == name).unwrap_or(usize::MAX);
        let rows = table.iter().filter(|row| row[place("ID")] == id && row[place("TIME")] == time);
        rows.map(|row| row[place("eCL")..].to_vec()).collect()
    };
    let more = format!("{HEADER}{}{}", subject("a", &[1, 2, 8, 9]), subject("b", &[2, 8]));
    let more = table(MODEL, &job(&more));
    let value = |cells: &[Vec<String>], place: usize| cells[0][place].parse::<f64>().unwrap_or(f64::NAN);
    for time in ["2", "8"] {
        let (before, after) = (cells(&base, "a", time), cells(&more, "a", time));
        assert_eq!(before[0][..4], after[0][..4]);
        let share = |cells: &[Vec<String>]| value(cells, 5) / value(cells, 4);
        assert!((share(&before) / share(&after) - 1.0).abs() < 1e-5);
        assert_eq!(cells(&base, "b", time), cells(&more, "b", time));
    }
    // The other way round, they have each other's effects.
    let turned = table(MODEL, &job(&format!("{HEADER}{}{}", subject("b", &[2, 8]), subject("a", &[2, 8]))));
    for time in ["0", "2", "8"] {
        assert_eq!(cells(&base, "a", time), cells(&turned, "b", time));
        assert_ne!(cells(&base, "a", time), cells(&turned, "a", time));
    }
    let mut again = job(&two);
    again.replicates = Some(3);
    let replicated = table(MODEL, &again);
    assert_eq!(replicated.len(), 1 + 3 * 6);
    let first: Vec<Vec<String>> =
        replicated.iter().filter(|row| row[0] == "1").map(|row| row[1..].to_vec()).collect();
    assert_eq!(first, base[1..]);
    let effects = column(&replicated, "eW");
    let expected = 0.25 * normal(7, 1 + (2 << 40), "eta:W", 0, 0);
    assert!((effects[15] - expected).abs() < 1e-12, "replicate 3 of the second subject");
    again.threads = 3;
    assert_eq!(replicated, table(MODEL, &again));
    again.variability = Some(8);
    assert_ne!(replicated, table(MODEL, &again));
}

/// A given effect has its value, the others of its block are drawn as if it had not been given.
#[test]
fn given_values_win() {
    let records = format!("{HEADER}1,0,1,100\n1,2,0,0\n2,0,1,100\n");
    let free = table(MODEL, &job(&records));
    let mut given = job(&records);
    given.parameters = Some("ID,eta.CL,W\n1,0.125,2\n2,-0.5,2\n".to_owned());
    let given = table(MODEL, &given);
    for (row, wanted) in [0.125, 0.125, -0.5].into_iter().enumerate() {
        assert!((column(&given, "eCL")[row] - wanted).abs() < 1e-12);
        assert!((column(&given, "eW")[row] - 2.0_f64.ln()).abs() < 1e-12);
    }
    assert_eq!(column(&given, "eV"), column(&free, "eV"));
    assert_ne!(column(&given, "eCL"), column(&free, "eCL"));
}

#[test]
fn who_does_not_meet_a_requirement_is_drawn_again_and_who_cannot_be_drawn_fails_alone() {
    let text = format!("{MODEL}[[require]]\ncondition = \"W > 1\"\nabout = \"half of all\"\n");
    let rows: String = (1..=200).map(|subject| format!("{subject},0,1,100\n")).collect();
    let drawn = table(&text, &job(&format!("{HEADER}{rows}")));
    let effects = column(&drawn, "eW");
    assert!(effects.iter().all(|value| *value > 0.0));
    // The first attempt of many is the one that counts.
    let firsts = effects
        .iter()
        .enumerate()
        .filter(|(patient, value)| (0.25 * normal(7, *patient as u64, "eta:W", 0, 0) - *value).abs() < 1e-12);
    let firsts = firsts.count();
    assert!((60..=140).contains(&firsts), "{firsts}");

    let text = MODEL.replace("lower = \"0.8 1/h\"", "lower = \"900 1/h\"");
    let found = model(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let (table, summary) =
        job(&format!("{HEADER}1,0,1,100\n")).run(&found).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((summary.failed, table.lines().count()), (1, 1));
    let what = &summary.failures[0].1.what;
    assert_eq!(what, "the random effect `KA` fell outside its bounds in each of 10000 draws");
}

#[test]
fn a_model_with_one_output_has_the_names_of_the_field_and_says_what_is_below_the_limit() {
    let (before, _) = MODEL.split_once("eCL =").unwrap_or_default();
    let error = "error = { additive = \"0.5 mg/L\", limit_of_quantification = \"2 mg/L\" }";
    let text = format!("{before}C = {{ unit = \"mg/L\", value = \"central / V\", {error} }}\n");
    let rows: String = (1..=50).map(|time| format!("1,{time},0,0\n")).collect();
    let drawn = table(&text, &job(&format!("{HEADER}1,0,1,100\n{rows}")));
    assert_eq!(drawn[0], ["ROW", "ID", "TIME", "IPRED", "DV", "BLQ"]);
    assert_eq!(drawn[1][4..], ["", ""]);
    let below = drawn[2..].iter().filter(|row| row[5] == "1");
    assert!(below.clone().all(|row| row[4] == "1"), "half the limit");
    assert!(below.count() > 20, "at 50 h nothing is left");
    let above = drawn[2..].iter().filter(|row| row[5] == "0");
    assert!(above.clone().all(|row| row[4].parse::<f64>().is_ok_and(|value| value >= 2.0)));
    assert!(above.count() > 0);
    let mut plain = job(&format!("{HEADER}1,0,1,100\n"));
    plain.variability = None;
    assert_eq!(table(&text, &plain)[0], ["ROW", "ID", "TIME", "C"]);
}
