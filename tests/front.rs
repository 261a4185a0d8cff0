//! Fronts and searches end to end, through the built program: tables, page, second estimates; resumed and killed to the same bytes.

mod drugs;
#[path = "program/mod.rs"]
mod program;
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use drugs::SATURABLE;
use program::{project, regimen_in, start};
use written::{Row, number, table};

const SCENARIO: &str = r#"
title   = "A dose and over how long"
model   = "oral"
horizon = "10 d"
seed    = 4

[population]
patients = 30

[[arm]]
name      = "drug"
treatment = [{ drug = "drug", dose = "10 mg" }]

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
about    = "Largest concentration."
estimand = "All patients treated."

[[record]]
name    = "profile"
every   = "6 h"
outputs = ["Cp"]
"#;

const OBJECTIVES: &str = r#"
[[BLOCK.objective]]
name     = "exposure"
endpoint = "exposure: mean"
goal     = "maximise"

[[BLOCK.objective]]
name     = "peak"
endpoint = "peak: mean"
goal     = "minimise"
"#;

const FRONT: &str = r#"
title    = "Dose by duration"
scenario = "dose"

[[axis]]
name   = "dose"
key    = "arm.0.treatment.0.dose"
range  = { from = "10 mg", to = "40 mg", tablets = ["10 mg", "15 mg"] }

[[axis]]
name   = "duration"
key    = "arm.0.treatment.0.over"
values = ["1 h", "12 h"]

[report]
endpoints = [{ name = "exposure_mean", endpoint = "exposure: mean" }]

[front]
replicates = 200
accept     = ["peak: mean < 400 ng/mL"]
"#;

const SEARCH: &str = r#"
title    = "Dose by duration, searched"
scenario = "dose"
where    = "duration >= 6 h or dose <= 20 mg"

[[axis]]
name   = "dose"
key    = "arm.0.treatment.0.dose"
range  = { from = "5 mg", to = "80 mg", tablets = ["5 mg", "25 mg"] }

[[axis]]
name   = "duration"
key    = "arm.0.treatment.0.over"
range  = { from = "0.5 h", to = "20 h" }

[search]
budget     = 24
population = 8
finalists  = 4
replicates = 100
again      = { patients = 60, seed = 99 }
"#;

fn files() -> tempfile::TempDir {
    let of = |sweep: &str, block: &str| format!("{sweep}{}", OBJECTIVES.replace("BLOCK", block));
    project(&[
        ("models/oral.toml", SATURABLE),
        ("scenarios/dose.toml", SCENARIO),
        ("sweeps/f.toml", &of(FRONT, "front")),
        ("sweeps/s.toml", &of(SEARCH, "search")),
    ])
}

/// Every file of a sweep's folder but the manifest, by path.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = written::files(folder);
    assert!(found.remove("sweep.json").is_some(), "{}", folder.display());
    found
}

fn sweep(project: &Path, name: &str, out: &str, more: &[&str]) -> String {
    let answer = regimen_in(project, &[&["sweep", name, "--out", out][..], more].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(answer.last_line(), out);
    answer.stdout
}

#[test]
fn a_front_is_what_its_estimates_say() {
    let project = files();
    let project = project.path();
    let told = sweep(project, "f", "a", &[]);
    assert!(told.contains("are on the front") && told.contains("report.html"), "{told}");
    let rows = table(&project.join("a/front.csv"));
    // Of tablets of 10 and 15 mg: 10, 15, 20, 25, 30, 35, 40; twice.
    let doses: Vec<f64> = rows.iter().map(|row| number(row, "dose")).collect();
    assert_eq!(doses.len(), 14);
    assert_eq!(
        doses.iter().step_by(2).copied().collect::<Vec<_>>(),
        [10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0]
    );
    let accepted: Vec<&Row> = rows.iter().filter(|row| number(row, "peak") < 400.0).collect();
    assert!(accepted.len() < rows.len() && accepted.len() > 3, "a condition that tells nothing: {rows:?}");
    for row in &rows {
        let better = |other: &&&Row| {
            let (more, less) = (
                number(other, "exposure") - number(row, "exposure"),
                number(row, "peak") - number(other, "peak"),
            );
            more >= 0.0 && less >= 0.0 && (more > 0.0 || less > 0.0)
        };
        let expected = match (number(row, "peak") < 400.0, accepted.iter().any(|other| better(&other))) {
            (false, _) => "not accepted",
            (true, true) => "dominated",
            (true, false) => "front",
        };
        assert_eq!(row["status"], expected, "{row:?}");
        assert_eq!(row["layer"] == "1", expected == "front", "{row:?}");
        let (front, accept) = (number(row, "front_probability"), number(row, "accept_probability"));
        assert!((0.0..=accept).contains(&front) && accept <= 1.0, "{row:?}");
        assert_eq!(row["why"].is_empty(), expected == "front");
    }
    // Some point is always on the front, so that the probabilities add up to one at least.
    assert!(rows.iter().map(|row| number(row, "front_probability")).sum::<f64>() >= 1.0 - 1e-12);
    let page = fs::read_to_string(project.join("a/report.html")).expect("a page");
    assert!(
        page.contains("Dose by duration") && page.contains("id=\"front\"") && page.contains("id=\"maps\"")
    );
    // Rows of resamples stand in the tables of the points and must not be taken for results.
    let results = table(&project.join("a/results.csv"));
    for row in &rows {
        let same = results.iter().find(|other| other["point"] == row["point"]).expect("the point");
        assert_eq!(same["exposure_mean"], row["exposure"]);
    }
    // Another number of threads: the same bytes, resamples included.
    sweep(project, "f", "b", &["--threads", "1"]);
    assert_eq!(bytes(&project.join("a")), bytes(&project.join("b")));
}

#[test]
fn a_search_estimates_its_best_again_and_goes_the_same_way_after_a_kill() {
    let project = files();
    let project = project.path();
    let dry = regimen_in(project, &["sweep", "s", "--dry-run", "--out", "whole"]);
    assert!(
        dry.stdout.contains("then up to 16 more in the search, and up to 4 again with 60 patients per arm"),
        "{dry}"
    );
    let told = sweep(project, "s", "whole", &[]);
    assert!(told.contains("24 points searched") && told.contains("on average"), "{told}");
    let whole = bytes(&project.join("whole"));
    let searched = table(&project.join("whole/search.csv"));
    assert_eq!(searched.len(), 24);
    let mut names: Vec<&String> = searched.iter().map(|row| &row["point"]).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 24, "nothing is computed twice");
    for row in &searched {
        // Doses of tablets of 5 and 25 mg, and `where`.
        assert_eq!(number(row, "dose") % 5.0, 0.0);
        assert!(number(row, "duration") >= 6.0 || number(row, "dose") <= 20.0, "{row:?}");
    }
    let chosen: Vec<&Row> = searched.iter().filter(|row| row["chosen"] == "1").collect();
    let front = table(&project.join("whole/front.csv"));
    assert_eq!(front.len(), chosen.len());
    assert!((1..=4).contains(&front.len()));
    for (again, first) in front.iter().zip(&chosen) {
        assert_eq!(
            (&again["stage"][..], &again["dose"], &again["duration"]),
            ("again", &first["dose"], &first["duration"])
        );
        assert_eq!(again["exposure_search"], first["exposure"]);
        assert_ne!(again["exposure"], first["exposure"], "other patients");
        assert_eq!(first["status"], "front");
    }
    // One thread, killed at moments of its way, then gone on with.
    let began = Instant::now();
    for pause in [30, 120, 250] {
        let mut child = start(project, &["sweep", "s", "--out", "killed", "--threads", "1"]);
        sleep(Duration::from_millis(pause));
        child.kill().expect("killed or ended");
        child.wait().expect("ended");
    }
    sweep(project, "s", "killed", &["--threads", "1"]);
    assert_eq!(bytes(&project.join("killed")), whole);
    assert!(sweep(project, "s", "killed", &[]).contains("0 runs computed"));
    assert_eq!(bytes(&project.join("killed")), whole);
    assert!(began.elapsed() < Duration::from_secs(60));
    let refused = regimen_in(project, &["sweep", "s", "--shard", "1/2", "--out", "shard"]);
    assert_eq!(refused.code, Some(2), "{refused}");
}

/// A space of six points and a budget of ten: all are computed, and no generation follows.
#[test]
fn a_small_space_is_computed_whole() {
    let project = files();
    let project = project.path();
    let text = format!(
        "scenario = \"dose\"\n[[axis]]\nname = \"dose\"\nkey = \"arm.0.treatment.0.dose\"\nvalues = [\"10 mg\", \"20 mg\", \"30 mg\"]\n\
         [[axis]]\nname = \"duration\"\nkey = \"arm.0.treatment.0.over\"\nvalues = [\"1 h\", \"12 h\"]\n\
         [search]\nbudget = 10\nreplicates = 100\nagain = {{ patients = 40 }}\n{}",
        OBJECTIVES.replace("BLOCK", "search")
    );
    fs::write(project.join("sweeps/small.toml"), text).expect("written");
    let told = sweep(project, "small", "small", &[]);
    assert!(told.contains("6 points searched"), "{told}");
    let rows = table(&project.join("small/search.csv"));
    assert!(rows.iter().all(|row| row["generation"] == "1"));
}
