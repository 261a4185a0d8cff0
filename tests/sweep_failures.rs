//! Sweeps in which something goes wrong: courses that fail numerically, tables that are damaged, points without results, models that change
//! meanwhile. Nothing of it is forgotten by a later call, and nothing old passes for new.

mod drugs;
#[path = "program/mod.rs"]
mod program;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use drugs::SATURABLE;
use program::{Answer, project, regimen_in};
use written::{number, table};

/// A state that grows ever faster ends at a finite time, 1/k: courses with a large `k` fail numerically at any accuracy.
const EXPLODES: &str = r#"
title = "A state that explodes"
time  = "h"

[parameters]
k = { value = 0.001, unit = "1/h", about = "growth" }

[states]
amount = { unit = "1", initial = 1, rate = "k * amount * amount" }

[outputs]
size = { unit = "1", value = "amount" }
"#;

const EXPLODING: &str = r#"
title   = "Growth"
model   = "explodes"
horizon = "2 d"
seed    = 4

[population]
patients = 3

[[arm]]
name = "all"

[[endpoint]]
name     = "size"
kind     = "Cmax"
of       = "size"
record   = "profile"
unit     = "1"
about    = "Largest size."
estimand = "All patients."

[[record]]
name    = "profile"
every   = "12 h"
outputs = ["size"]
"#;

const GROWTH: &str = r#"
title    = "Growth"
scenario = "growth"

[[axis]]
name   = "k"
key    = "parameters.k"
values = ["0.001 1/h", "1 1/h"]
"#;

const TWO_DOSES: &str = r#"
title   = "Two doses"
model   = "oral"
horizon = "2 d"
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

[[record]]
name    = "profile"
every   = "6 h"
outputs = ["Cp"]
"#;

const DOSES: &str = r#"
title    = "Doses"
scenario = "two-doses"

[[axis]]
name   = "dose"
key    = "arm.high.treatment.0.dose"
values = ["20 mg", "40 mg", "80 mg"]
"#;

fn files() -> tempfile::TempDir {
    project(&[
        ("models/explodes.toml", EXPLODES),
        ("scenarios/growth.toml", EXPLODING),
        ("sweeps/growth.toml", GROWTH),
        ("models/oral.toml", SATURABLE),
        ("scenarios/two-doses.toml", TWO_DOSES),
        ("sweeps/doses.toml", DOSES),
    ])
}

fn sweep(project: &Path, name: &str, out: &str, more: &[&str]) -> Answer {
    regimen_in(project, &[&["sweep", name, "--out", out][..], more].concat())
}

/// Tables of the points of a folder, in the order of the sweep.
fn points(folder: &Path) -> Vec<PathBuf> {
    table(&folder.join("runs.csv")).iter().map(|row| folder.join(&row["file"])).collect()
}

fn failed_courses(folder: &Path) -> u64 {
    let text = fs::read_to_string(folder.join("sweep.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    manifest["failed_courses"].as_u64().expect("a count")
}

#[test]
fn courses_that_failed_are_not_forgotten_by_later_calls() {
    let project = files();
    let project = project.path();
    let failed = |answer: &Answer, folder: &str| {
        assert_eq!(answer.code, Some(1), "{answer}");
        assert!(answer.stderr.contains("3 simulated courses failed numerically"), "{answer}");
        assert_eq!(failed_courses(&project.join(folder)), 3, "{answer}");
    };
    failed(&sweep(project, "growth", "a", &[]), "a");
    failed(&sweep(project, "growth", "a", &[]), "a");
    failed(&sweep(project, "growth", "b", &["--reuse", "a"]), "b");
    // As after `kill -9`: the manifest counts what was there when the process began.
    let manifest = project.join("a/sweep.json");
    let text =
        fs::read_to_string(&manifest).expect("a manifest").replace(": 3", ": 0").replace("true", "false");
    fs::write(&manifest, text).expect("written");
    failed(&sweep(project, "growth", "a", &[]), "a");
    assert_eq!(sweep(project, "growth", "1", &["--shard", "1/2"]).code, Some(0));
    assert_eq!(sweep(project, "growth", "2", &["--shard", "2/2"]).code, Some(1));
    failed(&regimen_in(project, &["merge", "1", "2", "--out", "merged"]), "merged");
    failed(&regimen_in(project, &["merge", "1", "2", "2", "a", "--out", "again"]), "again");
    let other = sweep(project, "doses", "c", &[]);
    assert_eq!((other.code, failed_courses(&project.join("c"))), (Some(0), 0), "{other}");
}

#[test]
fn a_damaged_table_is_named_and_computed_anew() {
    let project = files();
    let project = project.path();
    assert_eq!(sweep(project, "doses", "a", &[]).code, Some(0));
    let folder = project.join("a");
    let whole = written::files(&folder.join("points"));
    let victim = points(&folder)[1].clone();
    let bytes = fs::read(&victim).expect("read");
    let cut_off = bytes[..bytes.len() / 2].to_vec();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 3] ^= 1;
    // A checksum is part of Parquet tables alone.
    let damages: &[&[u8]] =
        if cfg!(feature = "parquet") { &[&cut_off, &flipped, b"", b"PAR1"] } else { &[&cut_off, b""] };
    for damage in damages {
        fs::write(&victim, damage).expect("written");
        let report = sweep(project, "doses", "a", &["--report"]);
        assert_eq!(report.code, Some(1), "{report}");
        let name = victim.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(report.stderr.contains(&name) && report.stderr.contains("is damaged"), "{report}");
        assert!(report.stderr.contains("run the sweep without --report"), "{report}");
        let dry = sweep(project, "doses", "a", &["--dry-run"]);
        assert!(dry.stdout.contains("1 are missing"), "{dry}");
        // No other folder takes it over.
        let reused = sweep(project, "doses", "b", &["--reuse", "a"]);
        assert!(reused.stdout.contains("1 run computed"), "{reused}");
        fs::remove_dir_all(project.join("b")).expect("removed");
        let merged = regimen_in(project, &["merge", "a", "--out", "b"]);
        assert_eq!(merged.code, Some(2), "{merged}");
        assert!(merged.stderr.contains("is damaged"), "{merged}");
        let again = sweep(project, "doses", "a", &[]);
        assert_eq!(again.code, Some(0), "{again}");
        assert!(again.stderr.contains("1 table found damaged and computed anew"), "{again}");
        assert!(
            again.stdout.contains("1 run computed") && again.stdout.contains("2 complete before"),
            "{again}"
        );
        assert_eq!(written::files(&folder.join("points")), whole);
    }
}

#[test]
fn a_front_with_a_point_without_results_says_how_many_and_why() {
    let project = files();
    let project = project.path();
    let front = r#"
title    = "Clearances"
scenario = "two-doses"

[[axis]]
key    = "parameters.cl"
values = ["5 L/h", "50 L/h"]

[front]
replicates = 100

[[front.objective]]
name     = "high"
endpoint = "exposure: mean"
arm      = "high"
goal     = "minimise"

[[front.objective]]
name     = "low"
endpoint = "exposure: mean"
arm      = "low"
goal     = "maximise"
"#;
    fs::write(project.join("sweeps/front.toml"), front).expect("written");
    assert_eq!(sweep(project, "front", "a", &[]).code, Some(0));
    let folder = project.join("a");
    let (old, page) = (points(&folder), fs::read_to_string(folder.join("report.html")).expect("a page"));
    assert!(page.contains("points are on the front") || page.contains("are on the front"), "{page}");
    // At 50 L/h nobody clears less than 10 L/h: that would be 5.4 standard deviations below.
    let scenario = TWO_DOSES.replace("patients = 30", "patients = 30\nentry    = [\"CL < 10 L/h\"]");
    fs::write(project.join("scenarios/two-doses.toml"), scenario).expect("written");
    let answer = sweep(project, "front", "a", &[]);
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(answer.stderr.contains("1 of 2 runs have no results"), "{answer}");
    assert!(answer.stderr.contains("point 2 of the sweep") && answer.stderr.contains("entry"), "{answer}");
    assert!(!answer.stderr.contains("remove the file"), "{answer}");
    let page = fs::read_to_string(folder.join("report.html")).expect("a page");
    assert!(page.contains("1 of 2 points have no results") && !page.contains("are on the front"), "{page}");
    // The index lists every point, those without results too, and no table of before is left.
    let listed = points(&folder);
    assert!(listed.len() == 2 && listed[0].is_file() && !listed[1].exists(), "{listed:?}");
    assert!(old.iter().all(|table| !table.exists()) && !folder.join("front.csv").exists());
}

#[test]
fn what_was_made_under_another_model_goes_when_a_run_begins() {
    let project = files();
    let project = project.path();
    assert_eq!(sweep(project, "doses", "a", &[]).code, Some(0));
    let folder = project.join("a");
    let old = points(&folder);
    fs::write(folder.join("notes.txt"), "mine").expect("written");
    assert!(folder.join("report.html").is_file() && folder.join("results.csv").is_file());
    let model = SATURABLE.replacen("title", "about = \"changed\"\ntitle", 1);
    fs::write(project.join("models/oral.toml"), &model).expect("written");
    // Many patients take long: the call is killed while it computes.
    let slow = ["--set", "population.patients=20000", "--quiet"];
    let mut child = program::start(project, &[&["sweep", "doses", "--out", "a"][..], &slow].concat());
    let began = std::time::Instant::now();
    while folder.join("report.html").exists() && began.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(!folder.join("report.html").exists() && !folder.join("results.csv").exists());
    assert!(old.iter().all(|table| !table.exists()), "tables of both models lie in one folder");
    assert!(folder.join("notes.txt").is_file());
    // Back to the first: its tables come back, and nothing is computed.
    fs::write(project.join("models/oral.toml"), SATURABLE).expect("written");
    let back = sweep(project, "doses", "a", &[]);
    assert_eq!(back.code, Some(0), "{back}");
    assert!(back.stdout.contains("0 runs computed"), "{back}");
    assert_eq!(points(&folder), old);
    assert!(folder.join("report.html").is_file());
}

#[test]
fn a_result_named_twice_has_the_errors_of_one_named_once() {
    let project = files();
    let project = project.path();
    let report = |more: &str| {
        format!(
            "{DOSES}\n[report]\npaired = true\nsort = \"area\"\nendpoints = [\n    {{ name = \"area\", endpoint = \"exposure: mean\", arm = \"high\" }},\n{more}]\n"
        )
    };
    fs::write(project.join("sweeps/once.toml"), report("")).expect("written");
    let twice = "    { name = \"same\", endpoint = \"exposure: mean\", arm = \"high\" },\n";
    fs::write(project.join("sweeps/twice.toml"), report(twice)).expect("written");
    for name in ["once", "twice"] {
        let answer = sweep(project, name, name, &[]);
        assert_eq!(answer.code, Some(0), "{answer}");
    }
    let errors = |name: &str| -> Vec<(f64, f64)> {
        let rows = table(&project.join(name).join("results.csv"));
        rows.iter().map(|row| (number(row, "order_error"), number(row, "area_error"))).collect()
    };
    assert_eq!(errors("twice"), errors("once"));
    for (order, single) in errors("twice") {
        // Both are standard errors of one mean over 30 patients: from 25 groups, and from single patients.
        assert!((order / single - 1.0).abs() < 0.25, "{order} and {single}");
    }
}

#[test]
fn the_head_of_the_page_says_what_axes_change() {
    let project = files();
    let project = project.path();
    let axes = "
[[axis]]
name   = \"patients\"
key    = \"population.patients\"
values = [10, 20]

[[axis]]
name   = \"follow_up\"
key    = \"horizon\"
values = [\"1 d\", \"2 d\"]
";
    let text = format!("title = \"Sizes\"\nscenario = \"two-doses\"\n[set]\nseed = 5\n{axes}");
    fs::write(project.join("sweeps/sizes.toml"), text).expect("written");
    let answer = sweep(project, "sizes", "a", &["--set", "seed=6"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let page = fs::read_to_string(project.join("a/report.html")).expect("a page");
    assert!(page.contains("10 to 20"), "no range of patients");
    assert!(page.contains("by point"), "a follow-up that no point has");
    assert_eq!(page.matches("<td><code>seed</code></td>").count(), 1, "a key that is set twice stands once");
    assert!(page.contains("<td><code>6</code></td>") && !page.contains("<td><code>5</code></td>"));
}

#[test]
fn a_search_without_an_accepted_point_says_what_is_missed() {
    let project = files();
    let project = project.path();
    let search = "
title    = \"Doses\"
scenario = \"two-doses\"

[[axis]]
name   = \"dose\"
key    = \"arm.high.treatment.0.dose\"
values = [\"20 mg\", \"40 mg\", \"80 mg\"]

[search]
budget     = 4
replicates = 100
accept     = [\"exposure: mean in \\\"high\\\" < 1e-9 ng*h/mL\"]
[[search.objective]]
name     = \"low\"
endpoint = \"exposure: mean\"
arm      = \"high\"
goal     = \"minimise\"
[[search.objective]]
name     = \"gain\"
endpoint = \"exposure: mean\"
arm      = \"low\"
goal     = \"maximise\"
";
    fs::write(project.join("sweeps/search.toml"), search).expect("written");
    let answer = sweep(project, "search", "a", &[]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("none is accepted: 3 miss `exposure: mean in"), "{answer}");
    assert!(!answer.stdout.contains("no point has a value both times"), "{answer}");
    let page = fs::read_to_string(project.join("a/report.html")).expect("a page");
    assert!(page.contains("none is accepted"));
}
