//! One bad input per diagnostic: every file of `tests/diagnostics/` is given to the program, and what it answers is
//! compared with the `.txt` beside it. `REGIMEN_BLESS=1 cargo test --test diagnostics` rewrites the answers; read the
//! difference before committing it.
//!
//! A file is checked with `regimen check FILE`, unless its first line says otherwise: `# regimen run FILE --set a=1`.
//! Tables of records are in `tests/record_tables`, each simulated with the model there; those called `parameters-…` are
//! tables of individual values beside good records, and `occasion-…` are simulated with variability.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn record_tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/record_tables")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn inputs() -> Vec<PathBuf> {
    let mut inputs = files(&folder(), "toml");
    let tables = files(&record_tables(), "csv");
    inputs.extend(tables.into_iter().filter(|path| !path.ends_with("good.csv")));
    inputs
}

/// The arguments for a file.
fn arguments(input: &Path) -> Vec<String> {
    let name = input.file_name().and_then(OsStr::to_str).expect("a name");
    if name.ends_with(".csv") {
        let words = match name.starts_with("parameters-") {
            true => format!("simulate model.toml --data good.csv --parameters {name}"),
            false if name.starts_with("occasion-") => {
                format!("simulate model.toml --data {name} --variability")
            }
            false => format!("simulate model.toml --data {name}"),
        };
        return words.split(' ').map(ToOwned::to_owned).collect();
    }
    let bytes = fs::read(input).expect("a readable file");
    let first =
        String::from_utf8_lossy(bytes.split(|&byte| byte == b'\n').next().unwrap_or_default()).into_owned();
    match first.strip_prefix("# regimen ") {
        Some(words) => words.split_whitespace().map(ToOwned::to_owned).collect(),
        None => {
            vec!["check".to_owned(), name.to_owned()]
        }
    }
}

/// What the program answers: standard error, and the exit code in the last line.
fn answer(input: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_regimen"))
        .args(arguments(input))
        .current_dir(input.parent().expect("a folder"))
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
    format!("{}exit code {code}\n", String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_wrong_input_is_refused_as_written_down() {
    let bless = std::env::var_os("REGIMEN_BLESS").is_some();
    let mut different = Vec::new();
    for input in inputs() {
        let answer = answer(&input);
        // With `--strict` a warning is refused too.
        let strict = arguments(&input).iter().any(|word| word == "--strict");
        let refused = answer.contains("error: ") || (strict && answer.contains("warning: "));
        assert!(refused && answer.ends_with("exit code 2\n"), "{}:\n{answer}", input.display());
        let expected = input.with_extension("txt");
        if bless {
            fs::write(&expected, &answer).expect("a writable folder");
        } else if fs::read_to_string(&expected).unwrap_or_default() != answer {
            different.push(format!("{}:\n{answer}", input.display()));
        }
    }
    assert!(different.is_empty(), "{} answers differ:\n\n{}", different.len(), different.join("\n"));
}

#[test]
fn every_answer_belongs_to_an_input() {
    for (folder, extension) in [(folder(), "toml"), (record_tables(), "csv")] {
        for answer in files(&folder, "txt") {
            assert!(answer.with_extension(extension).exists(), "{}", answer.display());
        }
    }
}
