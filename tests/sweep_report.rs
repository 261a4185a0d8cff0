//! The page of a sweep, through the built program: one file that needs nothing else, every point in its table, numbers that can be checked
//! by hand, written anew without computing; and the programs of docs/reading-sweeps.md against the tables that they read.

#[path = "program/mod.rs"]
mod program;
mod written;

use std::fs;
use std::path::Path;

use program::{project, regimen_in};
use written::{Row, number, rows};

/// One compartment with elimination of the first order: endpoints are closed forms, and patients vary.
const MODEL: &str = r#"
title = "A drug"
time  = "h"
[[note]]
title = "Uncalibrated"
lines = ["Compared with no outcome."]

[parameters]
cl = { value = 5,  unit = "L/h", about = "clearance" }
v  = { value = 40, unit = "L",   about = "volume" }

[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.3 }

[states]
central = { unit = "mg", rate = "-CL / v * central" }

[doses]
drug = { into = "central" }

[outputs]
Cp = { unit = "ng/mL", value = "central / v" }
"#;

const SCENARIO: &str = r#"
title   = "Two doses"
model   = "drug"
horizon = "4 d"
seed    = 4

[population]
patients = 30

[[arm]]
name      = "low"
treatment = [{ drug = "drug", dose = "10 mg" }]

[[arm]]
name      = "high"
treatment = [{ drug = "drug", dose = "20 mg" }]

[[endpoint]]
name     = "exposure"
kind     = "AUC"
of       = "Cp"
record   = "profile"
unit     = "ng*h/mL"
about    = "Area under the concentration over the trial."
estimand = "All patients treated."

[[endpoint]]
name     = "peak"
kind     = "Cmax"
of       = "Cp"
record   = "profile"
unit     = "ng/mL"
about    = "Highest concentration."
estimand = "All patients treated."

[[record]]
name    = "profile"
every   = "6 h"
outputs = ["Cp"]
"#;

const AXES: &str = r#"
title    = "Doses by clearance <&>"
scenario = "two-doses"

[[axis]]
name   = "dose"
key    = "arm.high.treatment.0.dose"
values = ["20 mg", "40 mg", "80 mg"]

[[axis]]
key   = "parameters.cl"
range = { from = "3 L/h", to = "6 L/h", count = 4 }
"#;

const REPORT: &str = r#"
[report]
endpoints = [
    { name = "peak", endpoint = "peak: mean" },
    { name = "area", endpoint = "exposure: mean", arm = "high" },
    { name = "gain", endpoint = "exposure: mean", against = "low" },
]
reference = { dose = "40 mg", cl = "5 L/h" }
sort      = "3 * peak - area / 2 h"
"#;

fn files(sweep: &str) -> tempfile::TempDir {
    project(&[("models/drug.toml", MODEL), ("scenarios/two-doses.toml", SCENARIO), ("sweeps/s.toml", sweep)])
}

fn ran(project: &Path, more: &[&str]) -> (String, String) {
    let answer = regimen_in(project, &[&["sweep", "s", "--out", "o"][..], more].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
    let page = fs::read_to_string(project.join("o/report.html")).expect("a page");
    (page, fs::read_to_string(project.join("o/results.csv")).expect("a table"))
}

/// Every element is closed in its order; the ones that HTML leaves open are known.
fn well_formed(page: &str) {
    let open_ones = ["meta", "link", "br", "img", "!DOCTYPE"];
    let mut open: Vec<String> = Vec::new();
    // Style sheets hold no elements.
    let (before, rest) = page.split_once("<style>").expect("a style sheet");
    let (_, after) = rest.split_once("</style>").expect("its end");
    for tag in format!("{before}{after}").split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name: String =
            tag.chars().take_while(|letter| !letter.is_whitespace() && *letter != '>').collect();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !open_ones.contains(&name.as_str()) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Nothing is loaded and nothing runs.
fn alone(page: &str) {
    assert!(!page.contains("<script") && !page.contains("@import") && !page.contains("<link"));
    for part in page.split(['"', '\'', '(', ')', ' ']).filter(|part| part.contains("://")) {
        assert!(part.starts_with("http://www.w3.org/"), "{part}");
    }
    for (_, address) in page.match_indices("href=\"").map(|(at, found)| (at, &page[at + found.len()..])) {
        let address = address.split('"').next().unwrap_or_default();
        assert!(address.starts_with('#') || ["runs.csv", "results.csv"].contains(&address), "{address}");
    }
    for address in page.split("url(").skip(1) {
        assert!(address.starts_with("data:"), "{}", &address[..40]);
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let different: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), different.len(), "{ids:?}");
}

#[test]
fn the_page_stands_alone_and_holds_every_point() {
    let project = files(&format!("{AXES}{REPORT}"));
    let (page, results) = ran(project.path(), &[]);
    well_formed(&page);
    alone(&page);
    assert!(page.contains("Doses by clearance &lt;&amp;&gt;") && !page.contains("<&>"));
    assert!(page.contains("<h3>Uncalibrated</h3>") && page.contains("Compared with no outcome."));
    assert!(page.len() < 500_000, "{}", page.len());
    let (_, table) = page.split_once("id=\"points\"").expect("the table");
    let (table, _) = table.split_once("</tbody>").expect("its end");
    assert_eq!(table.matches("<tr").count(), 1 + 12);
    assert_eq!(rows(&results).len(), 12);
    for (dose, clearance) in [("20", "3"), ("40", "5"), ("80", "6")] {
        let cells = format!("<td class=\"n\">{dose}</td><td class=\"n\">{clearance}</td>");
        assert_eq!(table.matches(&cells).count(), 1, "{cells}");
    }
    assert_eq!(table.matches("<small>reference</small>").count(), 1);
    // Three results over two axes, every cell of which answers.
    assert_eq!(page.matches("95 % interval ").count(), 3 * 12);
    assert!(page.contains("peak: mean: ") && page.contains("dose 40 mg, cl 5 L/h"));
}

/// 3 · peak − area / 2 h in ng/mL; and its error by propagation, √((3 s₁)² + (s₂/2)²).
#[test]
fn the_order_is_that_of_the_expression_by_hand() {
    let project = files(&format!("{AXES}{REPORT}"));
    let (_, results) = ran(project.path(), &[]);
    let rows = rows(&results);
    let mut before = f64::INFINITY;
    for row in &rows {
        let (peak, area) = (number(row, "peak"), number(row, "area"));
        let score = 3.0 * peak - area / 2.0;
        assert!((number(row, "order") - score).abs() < 1e-9 * score.abs().max(1.0), "{row:?}");
        let error = (3.0 * number(row, "peak_error")).hypot(number(row, "area_error") / 2.0);
        assert!((number(row, "order_error") - error).abs() < 1e-6 * error.max(1e-6), "{row:?}");
        assert!(score <= before);
        before = score;
        if row["rank"] == "1" {
            assert_eq!(row["below_first"], "");
        } else {
            let first = number(&rows[0], "order");
            assert!((number(row, "below_first") - (first - score)).abs() < 1e-9 * first.abs());
        }
    }
    // A bolus of 80 mg into 40 L is 2000 ng/mL at once; where the clearance is high later doses add nothing to that.
    let large: Vec<_> = rows.iter().filter(|row| row["dose"] == "80").collect();
    assert_eq!(large.len(), 4);
    assert!(large.iter().all(|row| number(row, "peak") > 2000.0 - 1e-6), "{large:?}");
    let quick = large.iter().find(|row| row["cl"] == "6").expect("the highest clearance");
    assert!((number(quick, "peak") - 2000.0).abs() < 1e-6, "{quick:?}");
}

/// Twice the dose is twice the area of every patient: the difference of two points has no more noise than the points, and the expression that
/// is the same at every point has none; errors put together from parts cannot see either.
#[test]
fn paired_errors_see_what_points_share() {
    let report = r#"
[report]
endpoints = [{ name = "low", endpoint = "exposure: mean", arm = "low" }, { name = "high", endpoint = "exposure: mean", arm = "high" }]
sort   = "high - 2 * low"
"#;
    let project = files(&format!("{AXES}{report}"));
    let (_, results) = ran(project.path(), &[]);
    let same = |row: &&Row| row["dose"] == "20";
    let independent = rows(&results);
    assert!(
        independent.iter().filter(same).all(|row| number(row, "order_error") > 0.01 * number(row, "low"))
    );
    let path = project.path().join("sweeps/s.toml");
    fs::write(&path, format!("{AXES}{report}paired = true\n")).expect("written");
    let (_, results) = ran(project.path(), &[]);
    let paired = rows(&results);
    assert!(
        paired.iter().filter(same).all(|row| number(row, "order_error") < 1e-9 * number(row, "low")),
        "{results}"
    );
    // high − 2 low of the dose of 80 mg is 6 areas of 10 mg: the error is six times that of the one mean.
    for row in paired.iter().filter(|row| row["dose"] == "80") {
        let ratio = number(row, "order_error") / (6.0 * number(row, "low_error"));
        assert!((0.8..1.25).contains(&ratio), "{ratio}: {row:?}");
    }
}

/// Nobody comes near a concentration that a share asks for: 0 %, with the error that so few patients leave, and not exact.
#[test]
fn a_share_of_nobody_is_not_exact_among_pairs() {
    let report = r#"
[report]
endpoints = [{ name = "high", endpoint = "beyond", arm = "high" }]
sort   = "high"
paired = true
"#;
    let project = files(&format!("{AXES}{report}"));
    let path = project.path().join("scenarios/two-doses.toml");
    let beyond = r#"
[[endpoint]]
name     = "beyond"
kind     = "expression"
record   = "profile"
when     = "largest(Cp) > 1e6 ng/mL"
about    = "A concentration that nobody has."
estimand = "All patients treated."
"#;
    let (before, after) = SCENARIO.split_once("[[record]]").expect("a record");
    fs::write(path, format!("{before}{beyond}\n[[record]]{after}")).expect("written");
    let (_, results) = ran(project.path(), &[]);
    for row in rows(&results) {
        assert_eq!(number(&row, "high"), 0.0);
        assert!(number(&row, "order_error") > 0.0, "{row:?}");
    }
}

#[test]
fn the_page_is_written_anew_without_computing() {
    let project = files(AXES);
    let project = project.path();
    let none = regimen_in(project, &["sweep", "s", "--out", "o", "--report"]);
    assert_eq!(none.code, Some(2), "{none}");
    assert!(none.stderr.contains("holds no results of this sweep") && !project.join("o").exists(), "{none}");
    let (page, _) = ran(project, &[]);
    // Without a block: one result of each endpoint, the order of the sweep.
    assert!(page.contains("in the order of the sweep") && page.contains("peak_median"), "{page:.300}");
    assert_eq!(ran(project, &[]).0, page);
    fs::write(project.join("sweeps/s.toml"), format!("{AXES}{REPORT}")).expect("written");
    let (other, _) = ran(project, &["--report"]);
    assert!(other.contains("3 * peak - area / 2 h"));
    assert_eq!(ran(project, &[]).0, other);
    // Half of the points lost: the page says so, and makes nothing up.
    let files = fs::read_dir(project.join("o/points")).expect("a folder").step_by(2);
    files.for_each(|file| fs::remove_file(file.expect("a file").path()).expect("removed"));
    let (part, results) = ran(project, &["--report"]);
    well_formed(&part);
    assert!(part.contains("6 of 12 points have no results."));
    assert_eq!(rows(&results).len(), 6);
    assert_eq!(ran(project, &[]).0, other);
}

#[test]
fn one_axis_is_lines_and_a_design_is_dots() {
    let one = AXES.split("[[axis]]").take(2).collect::<Vec<_>>().join("[[axis]]");
    let (page, _) = ran(files(&one).path(), &[]);
    well_formed(&page);
    alone(&page);
    assert!(page.contains("id=\"figure-along\"") && page.contains("high"));
    let design = format!(
        "{}\n[[axis]]\nkey = \"parameters.v\"\nrange = {{ from = \"30 L\", to = \"50 L\" }}\n[design]\nkind = \"sobol\"\npoints = 8\n",
        AXES.replace(", count = 4", "")
    );
    let (page, _) = ran(files(&design).path(), &[]);
    well_formed(&page);
    alone(&page);
    assert!(page.contains("points of a design") && page.contains("<circle"));
}

/// What the programs of the documentation ask for is there, and they stand in the page as they are.
#[test]
fn the_programs_of_the_documentation_read_columns_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("o").display().to_string();
    let answer = regimen_in(
        root,
        &[
            "sweep",
            "neutropenia-doses",
            "--set",
            "population.patients=4",
            "--set",
            "horizon=4 weeks",
            "--out",
            &out,
        ],
    );
    assert_eq!(answer.code, Some(0), "{answer}");
    let table = fs::read_dir(folder.path().join("o/points"))
        .expect("tables")
        .next()
        .expect("one")
        .expect("one")
        .path();
    let texts = ["days", "arm", "reference", "endpoint", "measure", "unit"];
    let numbers = ["start", "step", "estimate", "lower", "upper", "mc_error", "n", "missing", "failed"];
    let columns = regimen::table::read_columns(&table, &texts, &numbers).expect("these columns");
    let page = fs::read_to_string(root.join("docs/reading-sweeps.md")).expect("the page");
    for program in ["read.sql", "units.sql", "read.py", "read.R", "duckdb.R", "reticulate.R"] {
        let text = fs::read_to_string(root.join("docs/reading-sweeps").join(program)).expect("a program");
        assert!(page.contains(text.trim_end()), "{program} does not stand in the page as it is");
        for quoted in text
            .split(['"', '\''])
            .filter(|part| part.len() > 3 && part.contains(": ") && !part.contains(['\n', '{']))
        {
            assert!(columns.texts[3].iter().any(|endpoint| endpoint == quoted), "{program}: {quoted}");
        }
    }
}
