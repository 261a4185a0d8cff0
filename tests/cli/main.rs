//! End to end, through the built program: commands, streams, exit codes, folders.

#[path = "../program/mod.rs"]
mod program;
mod refusals;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use program::{Answer, regimen, regimen_in};

/// A model that is quick to simulate; its elimination is saturable, so that there is something to integrate.
const MODEL: &str = r#"
title = "Oral drug"
time  = "h"

[parameters]
cl = { value = 5,  unit = "L/h", about = "clearance" }
v  = { value = 40, unit = "L",   about = "volume" }
ka = { value = 1,  unit = "1/h", about = "absorption rate" }

[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.3 }
V  = { typical = "v",  distribution = "log-normal", omega = 0.2 }

[states]
depot   = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "ka * depot - CL / V * central / (1 + central / 900 mg)" }

[doses]
drug = { into = "depot" }

[outputs]
Cp = { unit = "ng/mL", value = "central / V" }
"#;

const SCENARIO: &str = r#"
title   = "Two doses"
model   = "oral"
horizon = "3 d"
seed    = 4

[population]
patients = 4

[[arm]]
name      = "low"
treatment = [{ drug = "drug", dose = "10 mg" }]

[[arm]]
name      = "high"
treatment = [{ drug = "drug", dose = "20 mg" }]

[[endpoint]]
name     = "exposure of the first day"
kind     = "AUC"
of       = "Cp"
record   = "first day"
unit     = "ng*h/mL"
about    = "Area under the concentration over 24 h."
estimand = "All patients treated."

[[record]]
name    = "first day"
from    = "day 1"
to      = "day 2"
every   = "30 min"
outputs = ["Cp"]
"#;

/// A folder with the model and the scenario `two-doses` in it.
fn project() -> tempfile::TempDir {
    program::project(&[("models/oral.toml", MODEL), ("scenarios/two-doses.toml", SCENARIO)])
}

/// The entries of a folder by name, sorted.
fn entries(folder: &Path) -> Vec<String> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        found.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn refused(answer: &Answer, message: &str) {
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains(message), "`{message}` is not in {answer}");
    assert_eq!(answer.stdout, "", "{answer}");
}

#[test]
fn help_is_a_result_and_shows_examples() {
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["check", "--help"],
        &["describe", "--help"],
        &["nca", "--help"],
        &["man", "--help"],
    ] {
        let answer = regimen(arguments);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert!(answer.stdout.contains("Examples:\n  regimen"), "{answer}");
        assert_eq!(answer.stderr, "");
    }
    let version = regimen(&["--version"]);
    assert_eq!(version.stdout, format!("regimen {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_run_ends_standard_output_with_the_report() {
    let folder = project();
    let answer = regimen_in(folder.path(), &["run", "two-doses"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(answer.stderr, "", "no terminal, no progress");
    assert!(
        answer.stdout.starts_with("Two doses\n2 arms, 4 virtual patients in each, 3 d; seed 4\n"),
        "{answer}"
    );
    let report = folder.path().join(answer.last_line());
    assert!(report.ends_with("report.html"), "{answer}");
    let run = report.parent().expect("a run folder");
    assert_eq!(run.parent(), Some(folder.path().join("output/two-doses").as_path()));
    assert!(fs::read_to_string(&report).expect("the report").contains("Two doses"));
    let manifest = fs::read_to_string(run.join("manifest.json")).expect("the manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert!(manifest["wall_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert!(manifest["counts"]["steps"].as_u64().is_some_and(|steps| steps > 0));
    assert!(manifest["counts"]["evaluations"].as_u64().is_some_and(|count| count > 0));
    assert_eq!(manifest["command"], "regimen run two-doses");
    let endpoints = fs::read_to_string(run.join("tables/endpoints.csv")).expect("the endpoints");
    assert!(endpoints.starts_with("arm,endpoint,n,estimate,lower,upper,mc_error,unit\n"), "{endpoints}");
    assert!(endpoints.contains("\nlow,") && endpoints.contains("\nhigh,"), "{endpoints}");
}

#[test]
fn quiet_leaves_only_the_report() {
    let folder = project();
    let answer = regimen_in(folder.path(), &["run", "two-doses", "--quiet", "--out", "here"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "here/report.html\n"), "{answer}");
}

#[test]
fn threads_change_no_number() {
    let folder = project();
    let tables = |threads: &str| {
        let out = format!("with-{threads}");
        let arguments = ["run", "two-doses", "--patients", "9", "--threads", threads, "--out", &out];
        assert_eq!(regimen_in(folder.path(), &arguments).code, Some(0));
        let tables = folder.path().join(out).join("tables");
        entries(&tables)
            .into_iter()
            .map(|name| fs::read(tables.join(name)).expect("a table"))
            .collect::<Vec<_>>()
    };
    assert_eq!(tables("1"), tables("3"));
}

#[test]
fn options_change_what_is_run() {
    let folder = project();
    let mut arguments = vec!["run", "two-doses", "--out", "out", "--patients", "3", "--seed", "9"];
    arguments.extend([
        "--method",
        "dop853-reference",
        "--rtol",
        "1e-8",
        "--set",
        "horizon=5 d",
        "--set",
        "arm.0.name=small",
    ]);
    let answer = regimen_in(folder.path(), &arguments);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("3 virtual patients in each, 5 d; seed 9"), "{answer}");
    let manifest = fs::read_to_string(folder.path().join("out/manifest.json")).expect("the manifest");
    for part in ["dop853-reference", "1e-8", "arm.0.name=small"] {
        assert!(manifest.contains(part), "{part} is not in {manifest}");
    }
}

#[test]
fn an_earlier_run_is_replaced_and_nothing_else() {
    let folder = project();
    for seed in ["1", "2"] {
        let answer = regimen_in(folder.path(), &["run", "two-doses", "--seed", seed, "--out", "run"]);
        assert_eq!(answer.code, Some(0), "{answer}");
    }
    let manifest = fs::read_to_string(folder.path().join("run/manifest.json")).expect("the manifest");
    assert!(manifest.contains("--seed 2"), "{manifest}");

    let thesis = folder.path().join("thesis");
    fs::create_dir(&thesis).expect("a folder");
    fs::write(thesis.join("chapter.txt"), "years of work").expect("a file");
    refused(
        &regimen_in(folder.path(), &["run", "two-doses", "--out", "thesis"]),
        "not the folder of an earlier run",
    );
    assert_eq!(entries(&thesis), ["chapter.txt"]);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_refused_before_the_simulation() {
    let folder = project();
    // A million patients would take hours: an answer at once means that nothing was simulated.
    let many = ["run", "two-doses", "--patients", "1000000", "--out"];
    let started = Instant::now();
    fs::write(folder.path().join("file"), "").expect("a file");
    let answer = regimen_in(folder.path(), &[&many[..], &["file/run"]].concat());
    refused(&answer, "cannot write the run folder `file/run`");
    assert!(answer.stderr.contains("--out DIR"), "{answer}");
    #[cfg(target_os = "linux")]
    refused(
        &regimen_in(folder.path(), &[&many[..], &["/proc/regimen"]].concat()),
        "cannot write the run folder",
    );
    assert!(started.elapsed() < Duration::from_secs(20));
}

/// Runs 20 patients of a model in which some fail, and returns the first message.
fn run_with_failures(model: &str) -> String {
    assert_ne!(model, MODEL);
    let folder = project();
    fs::write(folder.path().join("models/oral.toml"), model).expect("a file");
    let answer = regimen_in(folder.path(), &["run", "two-doses", "--patients", "20", "--out", "run"]);
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(
        answer.stderr.contains("of 40 simulated courses failed numerically; the rest is reported"),
        "{answer}"
    );
    assert!(folder.path().join(answer.last_line()).is_file(), "the rest is reported");
    answer.stderr.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_patient_with_a_negative_volume_is_named_and_counted() {
    let log_normal = r#"V  = { typical = "v",  distribution = "log-normal", omega = 0.2 }"#;
    let normal = r#"V  = { typical = "v",  distribution = "normal", sd = "40 L" }"#;
    let message = run_with_failures(&MODEL.replace(log_normal, normal));
    for part in
        ["regimen: patient ", " in arm \"low\" failed on day 1.00: `V` is -", "a volume must be above 0"]
    {
        assert!(message.contains(part), "`{part}` is not in {message}");
    }
}

#[test]
fn a_patient_whose_equations_run_away_is_named_with_time_and_state() {
    let growing = "CL / V * central + 0.03 1/mg/h * central^2";
    let message = run_with_failures(&MODEL.replace("CL / V * central", growing));
    for part in ["regimen: patient ", " in arm \"", " failed on day 1.", ", state `central`: "] {
        assert!(message.contains(part), "`{part}` is not in {message}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_no_run_folder() {
    let folder = project();
    let mut child =
        program::start(folder.path(), &["run", "two-doses", "--patients", "10000000", "--out", "run"]);
    // Long enough to be simulating, whatever the load of the machine; too early an interrupt ends it by the signal.
    std::thread::sleep(Duration::from_secs(2));
    program::interrupt(&child);
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert_eq!(entries(folder.path()), ["models", "scenarios"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    assert_eq!(program::with_closed_output(&["describe", "lenalidomide-cll"]), Some(0));
    assert_eq!(program::with_closed_output(&["--help"]), Some(0));
}

#[test]
fn check_tells_good_files_from_bad_ones() {
    let folder = project();
    fs::write(folder.path().join("bad.toml"), MODEL.replace("5,  unit = \"L/h\"", "5,  unit = \"L/w\""))
        .expect("a file");
    let good = regimen_in(folder.path(), &["check", "models/oral.toml", "scenarios/two-doses.toml"]);
    assert_eq!(good.code, Some(0), "{good}");
    assert_eq!(good.stdout, "ok: models/oral.toml (model)\nok: scenarios/two-doses.toml (scenario)\n");
    let mixed = regimen_in(folder.path(), &["check", "bad.toml", "models/oral.toml", "nowhere.toml"]);
    assert_eq!(mixed.code, Some(2), "{mixed}");
    assert_eq!(mixed.stdout, "ok: models/oral.toml (model)\n");
    assert!(mixed.stderr.contains("`w` is not a unit") && mixed.stderr.contains("nowhere.toml"), "{mixed}");
}

/// One dose of 10 mg into 40 L at once, were it not absorbed at 1/h: ka = 1000 /h makes it so, and cl = 0 keeps it there.
#[test]
fn simulate_sets_parameters_and_says_what_becomes_of_hazards() {
    let folder = project();
    fs::write(folder.path().join("records.csv"), "ID,TIME,EVID,AMT\n1,0,1,10\n1,1,0,0\n").expect("a file");
    let simulate = |set: &[&str]| {
        let set = set.iter().flat_map(|set| ["--set", set]);
        let arguments: Vec<&str> =
            ["simulate", "oral", "--data", "records.csv"].into_iter().chain(set).collect();
        regimen_in(folder.path(), &arguments)
    };
    let last = |answer: &Answer| -> f64 {
        let line = answer.stdout.lines().last().unwrap_or_default();
        line.split(',').next_back().and_then(|cell| cell.parse().ok()).unwrap_or(f64::NAN)
    };
    let found = simulate(&["ka=1000", "parameters.cl=0", "v=20 L"]);
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""), "{found}");
    assert!((last(&found) - 500.0).abs() < 1e-3, "{found}");
    refused(&simulate(&["kaa=2"]), "did you mean `ka`?");
    refused(&simulate(&["v=2 kg"]), "`v`");
    refused(&simulate(&["CL=2"]), "`CL`");
    refused(&simulate(&["controls.fed=1"]), "`fed`");
    let model = fs::read_to_string(folder.path().join("models/oral.toml")).expect("a file");
    let state = "[states]\nH = { unit = \"1\", rate = \"0.1 1/h\" }\n";
    let hazard = "[hazards]\ndeath = { cumulative = \"H\", terminal = true }\n";
    let model = format!("{}{hazard}", model.replace("[states]\n", state));
    fs::write(folder.path().join("models/oral.toml"), model).expect("a file");
    let found = simulate(&[]);
    assert!(
        found.code == Some(0) && found.stderr.contains("events of hazards do not happen here (death)"),
        "{found}"
    );
}

#[test]
fn describe_shows_values_units_sources_and_what_is_solved_exactly() {
    let text = regimen(&["describe", "lenalidomide-cll"]);
    assert_eq!(text.code, Some(0), "{text}");
    let row =
        |start: &str| text.stdout.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(row("pk.cl_f ").contains("  12  L/h ") && row("pk.cl_f ").contains("Hughes 2019"), "{text}");
    let effect: Vec<String> = row("eta.pk.CL ").split_whitespace().map(ToOwned::to_owned).collect();
    assert_eq!(effect[..4], ["eta.pk.CL", "log-normal", "0.49", "52.1"], "omega and CV");
    assert!(row("pk.a0 ").contains(" exactly "), "{text}");
    assert!(row("pk.Ac ").contains(" integrated "), "{text}");
    let folder = project();
    let routes = "[doses]\ndrug = { into = \"depot\", lag = \"30 min\", fraction = 0.8, rate = \"12 mg/d\" }\n\
                  drip = { into = \"central\", duration = \"2 h\", compartment = 7 }\n";
    let covariates = "[covariates]\nWT = { unit = \"kg\", column = \"BW\", interpolation = \"linear\" }\n";
    let model = MODEL.replace("[doses]\ndrug = { into = \"depot\" }\n", &format!("{routes}{covariates}"));
    let model = model.replace("\"cl\"", "\"cl * WT / 70 kg\"");
    fs::write(folder.path().join("models/routes.toml"), model).expect("a file");
    let answer = regimen_in(folder.path(), &["describe", "routes"]);
    let cells = |start: &str| -> Vec<String> {
        let line = answer.stdout.lines().find(|line| line.starts_with(start)).unwrap_or_default();
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(cells("drug "), ["drug", "mg", "–", "depot", "0.8", "0.5 h", "–", "0.5 mg/h"], "{answer}");
    assert_eq!(cells("drip "), ["drip", "mg", "7", "central", "1", "–", "2 h", "–"], "{answer}");
    assert_eq!(cells("WT "), ["WT", "kg", "BW", "linear"], "{answer}");
    let markdown = regimen(&["describe", "lenalidomide-cll", "--markdown"]);
    assert!(markdown.stdout.contains("\n| pk.cl\\_f | 12 | L/h | read | "), "{markdown}");
}

#[test]
fn shells_and_man_are_served() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let answer = regimen(&["completions", shell]);
        assert!(answer.code == Some(0) && answer.stdout.contains("describe"), "{answer}");
    }
    assert!(regimen(&["man"]).stdout.contains(".TH regimen 1"));
    assert!(regimen(&["man", "run"]).stdout.contains("\\-\\-patients"));
}

#[test]
fn a_table_of_records_is_simulated_into_a_table() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/record_tables");
    for (file, name) in
        [("model.toml", "model.toml"), ("good.csv", "records.csv"), ("no-dose.csv", "faulty.csv")]
    {
        fs::copy(models.join(file), folder.path().join(name)).expect("a copy");
    }
    let simulate = |more: &[&str]| {
        let all = [&["simulate", "./model.toml", "--data"], more].concat();
        regimen_in(folder.path(), &all)
    };
    let printed = simulate(&["records.csv"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{printed}");
    // 50 mg by mouth, after 2 h (Bateman function).
    let (dose, ka, k, v): (f64, f64, f64, f64) = (50.0, 0.9, 3.0 / 20.0, 20.0);
    let expected = dose * ka / (v * (ka - k)) * ((-k * 2.0).exp() - (-ka * 2.0).exp());
    let rows: Vec<Vec<&str>> = printed.stdout.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!((rows[0].as_slice(), rows.len()), (["ROW", "ID", "TIME", "C"].as_slice(), 3), "{printed}");
    assert_eq!(rows[2][..3], ["2", "1", "2"]);
    let found: f64 = rows[2][3].parse().expect("a number");
    assert!((found / expected - 1.0).abs() < 1e-5, "{found} and {expected}");
    let written = simulate(&["records.csv", "--table", "table.csv"]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""), "{written}");
    let table = fs::read_to_string(folder.path().join("table.csv")).expect("the table");
    assert_eq!(table, printed.stdout);
    let (records, individual) = ("ID,TIME,AMT,CMT\n1,0,50,1\n", "ID,WT\n1,70\n");
    fs::write(folder.path().join("short.csv"), records).expect("a file");
    fs::write(folder.path().join("individual.csv"), individual).expect("a file");
    for (target, text) in [("./short.csv", records), ("individual.csv", individual)] {
        let refused = simulate(&["short.csv", "--parameters", "individual.csv", "--table", target]);
        assert!(refused.code == Some(2) && refused.stderr.contains("overwritten"), "{refused}");
        let kept = fs::read_to_string(folder.path().join(target)).expect("the input");
        assert_eq!(kept, text);
    }
    let refused = simulate(&["records.csv", "--table", "."]);
    assert_eq!(refused.code, Some(2), "{refused}");
    let refused = simulate(&["faulty.csv", "--table", "other.csv"]);
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(!folder.path().join("other.csv").exists(), "{refused}");
    let undosed = simulate(&["faulty.csv", "--undosed"]);
    assert_eq!(undosed.code, Some(0), "{undosed}");
    // A subject that fails: its rows up to there, the exit code of a failed run.
    fs::write(folder.path().join("weight.csv"), "ID,TIME,AMT,CMT,WT\n1,0,50,1,70\n1,2,.,.,-70\n")
        .expect("a file");
    let failed = simulate(&["weight.csv"]);
    assert_eq!((failed.code, failed.stdout.lines().count()), (Some(1), 2), "{failed}");
    assert!(failed.stderr.contains("subject 1 could not be followed beyond TIME 0"), "{failed}");
}
