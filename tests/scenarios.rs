//! Everything in `models/` is without fault; everything in `scenarios/` runs.

#[path = "program/mod.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use program::{regimen, regimen_in};

/// All TOML files below a folder of the repository, by their path in it, sorted.
fn files(root: &str) -> Vec<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![repository.join(root)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let path = path.strip_prefix(repository).expect("below the repository");
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_file_is_without_fault() {
    // Cards are read with their models.
    let mut all = files("models");
    all.retain(|file| !file.starts_with("models/cards/"));
    all.extend(files("scenarios"));
    assert!(all.len() > 20, "{all:?}");
    let arguments = [vec!["check".to_owned()], all.clone()].concat();
    let answer = regimen_in(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments);
    assert_eq!(answer.code, Some(0), "{answer}");
    // Labels and trials hold and resume at one count, look back a week or two with visits further apart, and lower a fixed dose that has
    // no level below: true of the protocols that they follow.
    let known = |title: &&str| {
        title.ends_with(" holds and resumes at one limit of `PLT`")
            || *title
                == "warning: the rule `US myeloma: hold for a first neutropenia` holds and resumes at one limit of `ANC`"
            || title.starts_with("warning: visits are too sparse for `lasting(…, 7 d)` of the rule `")
            || [
                "warning: visits are too sparse for `recent(…, 14 d)` of the rule `Chanan-Khan B: step up`",
                "warning: visits are too sparse for `recent(…, 7 d)` of the rule `weekly step to 5 mg`",
                "warning: the rule `hold for low counts` has nothing to step down to in the arm `2.5 mg and ibrutinib`",
                "warning: the rule `hold for low counts` has nothing to step down to in the arm `FR and lenalidomide`",
            ]
            .contains(title)
    };
    let titles =
        answer.stderr.lines().filter(|line| line.starts_with("warning") || line.starts_with("error"));
    let unknown: Vec<&str> = titles.filter(|title| !known(title)).collect();
    assert!(unknown.is_empty(), "{answer}");
    assert_eq!(answer.stdout.lines().count(), all.len());
}

#[test]
fn every_model_can_be_described() {
    for file in files("models") {
        if ["populations", "rules", "endpoints", "grades", "cards"]
            .iter()
            .any(|folder| file.starts_with(&format!("models/{folder}/")))
        {
            continue;
        }
        let answer = regimen_in(Path::new(env!("CARGO_MANIFEST_DIR")), &["describe", &file]);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert!(answer.stdout.contains("\nSTATES\n") || answer.stdout.contains("\nEQUATIONS\n"), "{answer}");
    }
}

/// By their names, from the built-in library, in a folder with nothing in it; trials and mechanisms for their first
/// weeks, since there are many.
#[test]
fn every_scenario_runs() {
    for file in files("scenarios") {
        let name = file.trim_start_matches("scenarios/").trim_end_matches(".toml");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut arguments = vec!["run", name, "--patients", "2", "--out", "run"];
        if name.starts_with("trials/") || name.starts_with("mechanisms/") {
            arguments.extend(["--set", "horizon=63 d"]);
        }
        let answer = regimen_in(folder.path(), &arguments);
        assert_eq!(answer.code, Some(0), "{file}: {answer}");
        assert_eq!(answer.stderr, "", "{file}");
        assert!(folder.path().join("run/report.html").is_file());
    }
}

#[test]
fn no_argument_runs_the_default_scenario() {
    let answer = regimen(&["--patients", "2"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.last_line().starts_with("output/starting-dose/"), "{answer}");
}
