//! Sweeps end to end, through the built program: resumed, killed, shared, sharded and merged, always to the same bytes.

mod drugs;
#[path = "program/mod.rs"]
mod program;
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Instant;

use drugs::SATURABLE;
use program::{project, regimen_in, start};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SCENARIO: &str = r#"
title   = "Two doses"
model   = "oral"
horizon = "20 d"
seed    = 4

[population]
patients = 40

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
every   = "12 h"
outputs = ["Cp"]
"#;

const SWEEP: &str = r#"
title    = "Doses by clearance"
scenario = "two-doses"

[[axis]]
name   = "dose"
key    = "arm.high.treatment.0.dose"
values = ["20 mg", "40 mg", "80 mg"]

[[axis]]
key   = "parameters.cl"
range = { from = "3 L/h", to = "6 L/h", count = 4 }
"#;

fn files() -> tempfile::TempDir {
    project(&[
        ("models/oral.toml", SATURABLE),
        ("scenarios/two-doses.toml", SCENARIO),
        ("sweeps/s.toml", SWEEP),
    ])
}

/// Every file of a sweep's folder but the manifest, by path.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = written::files(folder);
    assert!(found.remove("sweep.json").is_some(), "{}", folder.display());
    // The page tells wall times; and what was being written aside when the process was killed bears no name of a result.
    found.retain(|name, _| name != "report.html" && !name.starts_with(".aside-"));
    found
}

/// The same without what is read off the points for the page, which a merge leaves to `regimen sweep --report`.
fn partitions(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = bytes(folder);
    found.retain(|name, _| !name.starts_with("results."));
    found
}

/// Runs the sweep into a folder; what it said.
fn sweep(project: &Path, out: &str, more: &[&str]) -> String {
    let answer = regimen_in(project, &[&["sweep", "s", "--out", out][..], more].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(answer.last_line(), out);
    answer.stdout
}

#[test]
fn a_sweep_is_computed_once_and_resumed_to_the_same_bytes() {
    let project = files();
    let project = project.path();
    let dry = regimen_in(project, &["sweep", "s", "--dry-run", "--out", "a"]);
    assert_eq!(dry.code, Some(0), "{dry}");
    assert!(dry.stdout.contains("12 runs of `two-doses` over dose, cl"), "{dry}");
    assert!(dry.stdout.contains("12 are missing") && dry.stdout.contains("about "), "{dry}");
    assert!(!project.join("a").exists());
    assert!(sweep(project, "a", &[]).contains("12 runs computed"));
    let whole = bytes(&project.join("a"));
    assert_eq!(whole.keys().filter(|name| name.starts_with("points/")).count(), 12);
    // Another number of threads, another moment: the same bytes.
    sweep(project, "b", &["--threads", "1"]);
    assert_eq!(bytes(&project.join("b")), whole);
    assert!(sweep(project, "b", &[]).contains("0 runs computed"));
    assert_eq!(bytes(&project.join("b")), whole);
    // As a crash leaves it: some tables lost, one half written, claims of nobody, no index.
    let victims: Vec<&String> = whole.keys().filter(|name| name.starts_with("points/")).step_by(5).collect();
    for (number, victim) in victims.iter().enumerate() {
        let path = project.join("b").join(victim.as_str());
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        fs::create_dir_all(project.join("b/under-way")).expect("a folder");
        fs::create_dir_all(project.join("b/claims")).expect("a folder");
        fs::write(project.join(format!("b/under-way/.{stem}-999-{number}.parquet.partial")), "PAR1")
            .expect("a file");
        fs::write(project.join(format!("b/claims/{stem}")), "").expect("a file");
        fs::remove_file(path).expect("it was there");
    }
    fs::remove_file(project.join("b/runs.csv")).expect("it was there");
    assert!(sweep(project, "b", &[]).contains(&format!("{} runs computed", victims.len())));
    assert_eq!(bytes(&project.join("b")), whole);
}

#[test]
fn results_are_those_of_single_runs() {
    let project = files();
    let project = project.path();
    sweep(project, "a", &["--set", "population.patients=7"]);
    let run = regimen_in(
        project,
        &[
            "run",
            "two-doses",
            "--patients",
            "7",
            "--set",
            "arm.1.treatment.0.dose=40 mg",
            "--set",
            "parameters.cl=4",
            "--out",
            "run",
        ],
    );
    assert_eq!(run.code, Some(0), "{run}");
    let mut wanted = Vec::new();
    for record in csv::Reader::from_path(project.join("run/tables/endpoints.csv")).expect("a table").records()
    {
        let record = record.expect("a row");
        // arm, endpoint, n, estimate, lower, upper, mc_error, unit
        wanted.push([0, 1, 3, 4, 5, 6, 2].map(|place| record[place].to_owned()).join("|"));
    }
    let runs = csv::Reader::from_path(project.join("a/runs.csv")).expect("an index").into_records();
    let row =
        runs.map(|row| row.expect("a row")).find(|row| &row[3] == "40" && &row[4] == "4").expect("the point");
    let found = rows(&project.join("a").join(&row[2]));
    assert_eq!(found.iter().filter(|row| row[4].is_empty()).count(), wanted.len());
    for (row, wanted) in found.iter().filter(|row| row[4].is_empty()).zip(&wanted) {
        assert_eq!(&[3, 5, 8, 9, 10, 11, 12].map(|place| row[place].clone()).join("|"), wanted);
    }
    assert!(found.iter().any(|row| row[4] == "low" && row[6] == "paired mean difference"), "{found:?}");
}

/// The rows of a partition, cells as in CSV.
#[cfg(feature = "parquet")]
fn rows(path: &Path) -> Vec<Vec<String>> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let reader = SerializedFileReader::new(fs::File::open(path).expect("a file")).expect("a Parquet file");
    let cell = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Double(value) => regimen::table::exact(*value),
        Field::Long(value) => value.to_string(),
        Field::Str(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("a row").get_column_iter().map(|(_, field)| cell(field)).collect()).collect()
}

#[cfg(not(feature = "parquet"))]
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn killed_ten_times_it_goes_on_to_the_same_bytes() {
    let project = files();
    let project = project.path();
    let begun = Instant::now();
    sweep(project, "a", &[]);
    let whole_run = begun.elapsed();
    let whole = bytes(&project.join("a"));
    let mut moments = ChaCha8Rng::seed_from_u64(7);
    let mut killed = 0;
    while killed < 10 {
        let mut child = start(project, &["sweep", "s", "--out", "k"]);
        sleep(whole_run.mul_f64(0.25 * moments.random::<f64>()));
        if child.try_wait().expect("its state").is_none() {
            child.kill().expect("it is killed");
            killed += 1;
        }
        child.wait().expect("it ends");
        // What is there is whole, whenever that was.
        let entries: Vec<_> =
            fs::read_dir(project.join("k/points")).into_iter().flatten().flatten().collect();
        for entry in &entries {
            let name = format!("points/{}", entry.file_name().to_string_lossy());
            assert_eq!(fs::read(entry.path()).ok().as_ref(), whole.get(&name), "{name}");
        }
        // Complete too early: there must be something to be killed at.
        if entries.len() == 12 {
            for entry in entries.iter().step_by(2) {
                fs::remove_file(entry.path()).expect("it was there");
            }
        }
    }
    sweep(project, "k", &[]);
    assert_eq!(bytes(&project.join("k")), whole);
}

#[test]
fn two_processes_share_one_folder() {
    let project = files();
    let project = project.path();
    sweep(project, "a", &[]);
    let arguments = ["sweep", "s", "--out", "b", "--threads", "1"];
    let children = [start(project, &arguments), start(project, &arguments)];
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    assert_eq!(bytes(&project.join("b")), bytes(&project.join("a")));
}

#[test]
fn shards_put_together_are_one_process() {
    let project = files();
    let project = project.path();
    sweep(project, "a", &[]);
    for shard in 1..=3 {
        let said = sweep(project, &format!("s{shard}"), &["--shard", &format!("{shard}/3")]);
        assert!(said.contains("4 runs computed"), "{said}");
    }
    let merge = |folders: &[&str]| regimen_in(project, &[&["merge"][..], folders, &["--out", "m"]].concat());
    let missing = merge(&["s1", "s2"]);
    assert_eq!(missing.code, Some(2), "{missing}");
    assert!(missing.stderr.contains("4 of 12 runs are in none of these folders"), "{missing}");
    assert!(!project.join("m").exists());
    let whole = merge(&["s1", "s2", "s3"]);
    assert_eq!((whole.code, whole.last_line()), (Some(0), "m"), "{whole}");
    assert_eq!(partitions(&project.join("m")), partitions(&project.join("a")));
    assert!(!project.join("m/under-way").exists());
    assert!(sweep(project, "m", &[]).contains("0 runs computed"));
    // Another arithmetic, another sweep.
    let manifest = project.join("s2/sweep.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, text.replace("\"numeric_class\": \"", "\"numeric_class\": \"other "))
        .expect("written");
    let mixed = merge(&["s1", "s2", "s3"]);
    assert_eq!(mixed.code, Some(2), "{mixed}");
    assert!(mixed.stderr.contains("arithmetic differs"), "{mixed}");
    fs::write(&manifest, &text[..text.len() / 2]).expect("written");
    let torn = merge(&["s1", "s2", "s3"]);
    assert_eq!(torn.code, Some(2), "{torn}");
    assert!(torn.stderr.contains("`s2` holds no finished sweep or shard"), "{torn}");
    sweep(project, "s2", &["--shard", "2/3", "--set", "seed=5"]);
    let other = merge(&["s1", "s2", "s3"]);
    assert_eq!(other.code, Some(2), "{other}");
    assert!(other.stderr.contains("parts of different sweeps"), "{other}");
}

#[test]
fn a_table_that_is_cut_off_is_neither_merged_nor_taken_over() {
    let project = files();
    let project = project.path();
    sweep(project, "a", &[]);
    let whole = bytes(&project.join("a"));
    for shard in 1..=2 {
        sweep(project, &format!("s{shard}"), &["--shard", &format!("{shard}/2")]);
    }
    let tables = fs::read_dir(project.join("s1/points")).expect("a folder");
    let victim = tables.map(|entry| entry.expect("an entry").path()).min().expect("a table");
    let table = fs::read(&victim).expect("a table");
    for length in [0, 5, table.len() / 2, table.len() - 1] {
        fs::write(&victim, &table[..length]).expect("written");
        let damaged = regimen_in(project, &["merge", "s1", "s2", "--out", "m"]);
        assert_eq!(damaged.code, Some(2), "{length}: {damaged}");
        assert!(damaged.stderr.contains("is cut off or no table"), "{length}: {damaged}");
        assert!(!project.join("m").exists());
    }
    // All but that one are taken over.
    let said = sweep(project, "r", &["--reuse", "s1", "--reuse", "s2"]);
    assert!(said.contains("1 run computed") && said.contains("11 complete before"), "{said}");
    assert_eq!(bytes(&project.join("r")), whole);
    // A damaged table in the way is replaced, one of another model set aside.
    let name = victim.file_name().expect("a name");
    fs::write(&victim, &table).expect("written");
    fs::create_dir_all(project.join("m/points")).expect("a folder");
    fs::write(project.join("m/points").join(name), &table[..5]).expect("written");
    fs::write(project.join("m/points/old").with_extension(victim.extension().expect("one")), &table)
        .expect("written");
    let merged = regimen_in(project, &["merge", "s1", "s2", "--out", "m"]);
    assert_eq!(merged.code, Some(0), "{merged}");
    let mut found = partitions(&project.join("m"));
    assert_eq!(found.keys().filter(|name| name.starts_with("superseded/")).count(), 1);
    found.retain(|name, _| !name.starts_with("superseded/"));
    assert_eq!(found, partitions(&project.join("a")));
}

#[test]
fn a_job_whose_files_were_changed_does_not_compute() {
    let project = files();
    let project = project.path();
    sweep(project, "a", &[]);
    let manifest = fs::read_to_string(project.join("a/sweep.json")).expect("a manifest");
    let digest =
        manifest.split("\"digest\": \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a digest");
    sweep(project, "b", &["--plan", digest]);
    fs::write(project.join("models/oral.toml"), SATURABLE.replace("value = 40", "value = 45"))
        .expect("written");
    let answer = regimen_in(project, &["sweep", "s", "--plan", digest, "--out", "c"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("has another plan than asked for"), "{answer}");
    assert!(!project.join("c").exists());
}

#[test]
fn without_slurm_it_says_what_to_do() {
    let project = files();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_regimen"))
        .args(["sweep", "s", "--slurm", "--out", "a"])
        .env("PATH", project.path())
        .current_dir(project.path())
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("there is no command `sbatch` here") && said.contains("--shard I/N"), "{said}");
    assert!(!project.path().join("a").exists());
    // How it would be cut can be asked anywhere.
    let arguments =
        ["sweep", "s", "--slurm", "--dry-run", "--shards", "4", "--slurm-option", "cpus-per-task=2"];
    let dry = regimen_in(project.path(), &arguments);
    assert_eq!(dry.code, Some(0), "{dry}");
    assert!(
        dry.stdout.contains("under Slurm: 4 shards of about ") && dry.stdout.contains("on 2 cores"),
        "{dry}"
    );
}

#[test]
fn a_changed_model_computes_only_its_own_anew() {
    let project = files();
    let project = project.path();
    let axis = "[[axis]]\nkey = \"model\"\nvalues = [\"oral\", \"other\"]\n";
    fs::write(project.join("sweeps/s.toml"), format!("{SWEEP}{axis}")).expect("written");
    fs::write(project.join("models/other.toml"), SATURABLE).expect("written");
    assert!(sweep(project, "a", &[]).contains("24 runs computed"));
    let before = bytes(&project.join("a"));
    fs::write(project.join("models/other.toml"), SATURABLE.replace("value = 40", "value = 45"))
        .expect("written");
    assert!(sweep(project, "a", &[]).contains("12 runs computed"));
    let aside = fs::read_dir(project.join("a/superseded")).expect("a folder").count();
    assert_eq!(aside, 12);
    assert_eq!(fs::read_dir(project.join("a/points")).expect("a folder").count(), 24);
    // Back to the old model: nothing need be computed.
    fs::write(project.join("models/other.toml"), SATURABLE).expect("written");
    assert!(sweep(project, "a", &[]).contains("0 runs computed"));
    let mut after = bytes(&project.join("a"));
    after.retain(|name, _| !name.starts_with("superseded/"));
    assert_eq!(after, before);
}

#[test]
fn folders_of_others_are_refused() {
    let project = files();
    let project = project.path();
    fs::create_dir_all(project.join("mine")).expect("a folder");
    fs::write(project.join("mine/thesis.txt"), "").expect("a file");
    let answer = regimen_in(project, &["sweep", "s", "--out", "mine"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("which no sweep wrote"), "{answer}");
    let answer = regimen_in(project, &["merge", "mine", "--out", "m"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("no finished sweep"), "{answer}");
    let answer = regimen_in(project, &["sweep", "nowhere"]);
    assert_eq!(answer.code, Some(2), "{answer}");
}

#[test]
fn the_shipped_sweeps_have_no_mistakes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec!["check".to_owned()];
    for entry in fs::read_dir(root.join("sweeps")).expect("the folder is there") {
        files.push(format!("sweeps/{}", entry.expect("an entry").file_name().to_string_lossy()));
    }
    assert!(files.len() > 2);
    let answer = regimen_in(root, &files);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
}
