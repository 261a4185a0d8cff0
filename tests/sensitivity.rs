//! Sensitivity and tipping points end to end, through the built program, against closed forms of a drug given into its one compartment:
//! the largest concentration is dose over volume, so results are known functions of the inputs, patient by patient.

#[path = "program/mod.rs"]
mod program;
mod written;

use std::fs;
use std::path::Path;

use program::{project, regimen_in};
use written::{Row, number};

/// Two drugs, each with a volume that differs between patients, independently of the other.
const MODEL: &str = r#"
title = "Two drugs"
time  = "h"

[parameters]
cl = { value = 5,  unit = "L/h" }
va = { value = 40, unit = "L" }
vb = { value = 40, unit = "L" }

[individual]
VA = { typical = "va", distribution = "log-normal", omega = 0.2 }
VB = { typical = "vb", distribution = "log-normal", omega = 0.2 }

[states]
a = { unit = "mg", rate = "-cl / VA * a" }
b = { unit = "mg", rate = "-cl / VB * b" }

[doses]
one = { into = "a" }
two = { into = "b" }

[outputs]
C = { unit = "ng/mL", value = "a / VA + b / VB" }
"#;

/// Twenty-five patients, so that each is a group of the jackknife: its errors are those of the textbook.
const SCENARIO: &str = r#"
title   = "One or the other"
model   = "two"
horizon = "1 d"
seed    = 9

[population]
patients = 25

[[arm]]
name      = "one"
treatment = [{ drug = "one", dose = "10 mg" }]

[[arm]]
name      = "two"
treatment = [{ drug = "two", dose = "10 mg" }]

[[endpoint]]
name     = "peak"
kind     = "Cmax"
of       = "C"
record   = "profile"
unit     = "ng/mL"
about    = "Largest concentration."
estimand = "All patients treated."

[[record]]
name    = "profile"
every   = "6 h"
outputs = ["C"]
"#;

fn files(sweep: &str) -> tempfile::TempDir {
    let sweep = format!("title = \"S\"\nscenario = \"s\"\n{sweep}");
    project(&[("models/two.toml", MODEL), ("scenarios/s.toml", SCENARIO), ("sweeps/q.toml", &sweep)])
}

/// Runs the sweep; what it printed.
fn sweep(project: &Path, more: &[&str]) -> String {
    let answer = regimen_in(project, &[&["sweep", "q", "--out", "out"][..], more].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
    answer.stdout
}

/// A table of the sweep.
fn table(project: &Path, name: &str) -> Vec<Row> {
    written::table(&project.join("out").join(name))
}

/// Largest concentrations of one arm by patient, of a plain run.
fn peaks(project: &Path, arm: &str) -> Vec<f64> {
    let answer = regimen_in(project, &["run", "s", "--out", "run", "-q"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let rows = written::table(&project.join("run/tables/values.csv"));
    rows.iter().filter(|row| row["ARM"] == arm).map(|row| number(row, "value")).collect()
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// Relative: what an initial dose divided by a volume may lose.
const TOLERANCE: f64 = 1e-9;

fn close(value: f64, expected: f64) {
    assert!((value - expected).abs() <= TOLERANCE * expected.abs().max(1.0), "{value} for {expected}");
}

/// A monotone function of one input, another input that only scales it, a third that does nothing: effects are differences of closed
/// forms, and so are the errors of pairs.
#[test]
fn a_tornado_has_the_effects_and_paired_errors_of_its_closed_form() {
    let project = files(
        "[sensitivity]\nmethod = \"one at a time\"\nendpoint = \"mean(peak)\"\narm = \"one\"\n\
         [[sensitivity.input]]\nname = \"other\"\nkey = \"parameters.vb\"\nrange = { from = \"20 L\", to = \"80 L\" }\n\
         [[sensitivity.input]]\nname = \"dose\"\nkey = \"arm.one.treatment.0.dose\"\nrange = { from = \"5 mg\", to = \"12 mg\" }\n\
         [[sensitivity.input]]\nname = \"volume\"\nkey = \"parameters.va\"\nrange = { from = \"20 L\", to = \"80 L\" }\nbase = \"40 L\"\n",
    );
    let project = project.path();
    let dry = regimen_in(project, &["sweep", "q", "--dry-run"]);
    assert!(dry.code == Some(0) && dry.stdout.contains("7 runs"), "{dry}");
    let told = sweep(project, &[]);
    assert!(told.contains("unchanged in every group"), "{told}");
    let (base, error) = mean_and_error(&peaks(project, "one"));
    let rows = table(project, "one-at-a-time.csv");
    let find = |input: &str, level: &str| {
        rows.iter().find(|row| row["input"] == input && row["level"] == level).expect("a row")
    };
    for (input, level, factor) in [
        ("volume", "low", 2.0),
        ("volume", "high", 0.5),
        ("dose", "low", 0.5),
        ("dose", "high", 1.2),
        ("other", "high", 1.0),
    ] {
        let row = find(input, level);
        close(number(row, "base"), base);
        close(number(row, "estimate"), base * factor);
        close(number(row, "effect"), base * (factor - 1.0));
        // The same patients in both: the error of a difference is that of the differences, far from √2 times that of a mean.
        close(number(row, "mc_error"), error * (factor - 1.0_f64).abs());
        assert_eq!(row["told_apart"], if input == "other" { "0" } else { "1" }, "{row:?}");
    }
    close(number(find("volume", "from low to high"), "effect"), base * -1.5);
    // The longest bar first; the page is there, whole.
    assert_eq!(rows[0]["input"], "volume");
    let page = fs::read_to_string(project.join("out/report.html")).expect("a page");
    assert!(page.contains("<svg") && page.ends_with("</html>"));
    // Again: nothing is computed, the same tables.
    let before = fs::read(project.join("out/one-at-a-time.csv")).expect("a table");
    assert!(sweep(project, &[]).contains("0 runs computed"));
    assert_eq!(before, fs::read(project.join("out/one-at-a-time.csv")).expect("a table"));
}

/// A product of a uniform dose X and of Y = 1/V, V uniform: S₁ = Var X E[Y]² / Var XY, and so on. Patients scale the result, which no
/// index notices: their error of an index is 0.
#[test]
fn indices_of_a_product_through_files() {
    let project = files(
        "[set]\n\"population.patients\" = 10\n[sensitivity]\nmethod = \"sobol\"\nrows = 64\nendpoint = \"mean(peak)\"\narm = \"one\"\n\
         [[sensitivity.input]]\nname = \"dose\"\nkey = \"arm.one.treatment.0.dose\"\nrange = { from = \"10 mg\", to = \"20 mg\" }\n\
         [[sensitivity.input]]\nname = \"volume\"\nkey = \"parameters.va\"\nrange = { from = \"30 L\", to = \"60 L\" }\n",
    );
    let project = project.path();
    sweep(project, &[]);
    let (x, x2) = (15.0, 15.0 * 15.0 + 100.0 / 12.0);
    let (y, y2) = (2.0_f64.ln() / 30.0, (1.0 / 30.0 - 1.0 / 60.0) / 30.0);
    let variance = x2 * y2 - x * x * y * y;
    let exact = [
        ("dose", (x2 - x * x) * y * y / variance, (x2 - x * x) * y2 / variance),
        ("volume", x * x * (y2 - y * y) / variance, x2 * (y2 - y * y) / variance),
    ];
    let rows = table(project, "sobol.csv");
    for (input, first, total) in exact {
        let row = rows.iter().find(|row| row["input"] == input).expect("a row");
        for (index, exact) in [("first", first), ("total", total)] {
            let (lower, upper) =
                (number(row, &format!("{index}_lower")), number(row, &format!("{index}_upper")));
            assert!(lower <= exact && exact <= upper, "{index} {exact}: {row:?}");
            // 64 rows of a smooth function on a scrambled net: seen errors of such are below 0.05.
            assert!((number(row, index) - exact).abs() < 0.05, "{index} {exact}: {row:?}");
            assert!(number(row, &format!("{index}_patients_error")) < 1e-9, "{row:?}");
            assert_eq!(row[&format!("{index}_above_noise")], "1");
        }
    }
}

/// Arm two less arm one is x/v − y by patient, x and y of a plain run: where its mean and its t limits are 0 is known from these.
#[test]
fn a_tipping_point_and_its_stretch_are_those_of_the_patients_values() {
    let project = files(
        "[tipping]\nendpoint = \"mean(peak)\"\narm = \"two\"\nagainst = \"one\"\ntolerance = 0.002\n\
         [[tipping.input]]\nname = \"volume\"\nkey = \"parameters.vb\"\nrange = { from = \"20 L\", to = \"80 L\" }\nbase = \"40 L\"\n\
         [[tipping.input]]\nname = \"clearance\"\nkey = \"parameters.cl\"\nrange = { from = \"4 L/h\", to = \"6 L/h\" }\n",
    );
    let project = project.path();
    let dry = regimen_in(project, &["sweep", "q", "--dry-run"]);
    assert!(
        dry.code == Some(0) && dry.stdout.contains("10 runs") && dry.stdout.contains("more for each change"),
        "{dry}"
    );
    let told = sweep(project, &[]);
    let (one, two) = (peaks(project, "one"), peaks(project, "two"));
    // At 24 degrees of freedom.
    let t = 2.063_898_561_628_023;
    let at = |volume: f64, which: f64| {
        let differences: Vec<f64> =
            one.iter().zip(&two).map(|(one, two)| two * 40.0 / volume - one).collect();
        let (mean, error) = mean_and_error(&differences);
        mean + which * t * error
    };
    let root = |which: f64| {
        let (mut low, mut high) = (20.0, 80.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if at(middle, which) > 0.0 { low = middle } else { high = middle }
        }
        low
    };
    let rows = table(project, "tipping.csv");
    let row = rows.iter().find(|row| row["input"] == "volume").expect("a row");
    // A bracket is 0.002 of 60 L at most.
    let bracket = 0.12;
    assert!((number(row, "tips_at") - root(0.0)).abs() <= bracket, "{} {row:?}", root(0.0));
    assert!(
        number(row, "undetermined_from") <= root(-1.0)
            && number(row, "undetermined_from") >= root(-1.0) - bracket
    );
    assert!(
        number(row, "undetermined_to") >= root(1.0) && number(row, "undetermined_to") <= root(1.0) + bracket
    );
    assert_eq!((row["outcome"].as_str(), row["certain"].as_str()), ("change", "1"));
    assert_eq!(row["above_margin"], "below this value");
    // The peak does not depend on clearance: no change, and the side is the same at every value.
    let other = rows.iter().find(|row| row["input"] == "clearance").expect("a row");
    assert_eq!(other["outcome"], "no change within the range");
    assert!(told.contains("No change within the range"), "{told}");
    assert!(sweep(project, &[]).contains("0 runs computed"));
    let refused = regimen_in(project, &["sweep", "q", "--shard", "1/2"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("cannot be split into shards"), "{refused}");
}

/// Stopped in the middle of a search and taken up again: the same tables. Half of its points are taken away.
#[test]
fn a_search_goes_on_where_it_was_left() {
    let project = files(
        "[tipping]\nendpoint = \"mean(peak)\"\narm = \"two\"\nagainst = \"one\"\n\
         [[tipping.input]]\nname = \"volume\"\nkey = \"parameters.vb\"\nrange = { from = \"20 L\", to = \"80 L\" }\n",
    );
    let project = project.path();
    sweep(project, &[]);
    let before = fs::read(project.join("out/tipping-curves.csv")).expect("a table");
    let mut points: Vec<_> = fs::read_dir(project.join("out/points"))
        .expect("points")
        .map(|it| it.expect("a point").path())
        .collect();
    points.sort();
    let taken = points.len() / 2;
    for point in points.iter().take(taken) {
        fs::remove_file(point).expect("removed");
    }
    assert!(sweep(project, &[]).contains(&format!("{taken} runs computed")));
    assert_eq!(before, fs::read(project.join("out/tipping-curves.csv")).expect("a table"));
}

/// Linear in dose: μ is the slope over the range and σ is 0; an input without effect has none in any patient.
#[test]
fn screening_of_a_line_through_files() {
    let project = files(
        "[sensitivity]\nmethod = \"morris\"\ntrajectories = 4\nendpoint = \"mean(peak)\"\narm = \"one\"\n\
         [[sensitivity.input]]\nname = \"other\"\nkey = \"parameters.vb\"\nrange = { from = \"20 L\", to = \"80 L\" }\n\
         [[sensitivity.input]]\nname = \"dose\"\nkey = \"arm.one.treatment.0.dose\"\nrange = { from = \"5 mg\", to = \"15 mg\" }\n",
    );
    let project = project.path();
    sweep(project, &[]);
    let (base, error) = mean_and_error(&peaks(project, "one"));
    let rows = table(project, "morris.csv");
    let (dose, other) = (&rows[0], &rows[1]);
    assert_eq!((dose["input"].as_str(), other["input"].as_str()), ("dose", "other"));
    // From 5 to 15 mg is once the dose of the base.
    for (column, expected) in
        [("mu", base), ("mu_star", base), ("mu_star_lower", base), ("sigma", 0.0), ("noise", error)]
    {
        // Values of a grid are rounded to ten digits.
        assert!((number(dose, column) - expected).abs() < 1e-7 * base, "{column} {expected}: {dose:?}");
    }
    assert!(number(other, "mu_star") < 1e-9 && other["above_noise"] == "0" && dose["above_noise"] == "1");
}
