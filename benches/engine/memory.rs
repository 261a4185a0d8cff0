//! Peak memory of whole runs, from scenario to report, in a process of their own.

use std::path::Path;
use std::process::Command;

use crate::child::{megabytes, watched};
use crate::claims::{Claims, Wanted};

/// A thousand patients of each problem.
const SMALL: [(&str, u32); 3] = [("neutropenia", 1000), ("flagship", 1000), ("target-mediated", 1000)];
const LARGE: (&str, u32) = ("neutropenia", 100_000);

/// Small and large.
pub fn run() {
    let mut claims = Claims::default();
    head();
    for problem in SMALL {
        measure(problem);
    }
    let peak = measure(LARGE);
    claims.add(
        "100,000 patients of P1, daily outputs summarised, peak MB".into(),
        peak.map_or(f64::NAN, |kilobytes| kilobytes as f64 / 1024.0),
        Wanted::AtMost(500.0),
    );
    claims.print();
}

/// A thousand patients each.
pub fn small() {
    head();
    for problem in SMALL {
        measure(problem);
    }
}

fn head() {
    println!("\n### Memory: `regimen run`, 2 threads\n");
    println!("| problem | patients | s | peak memory, MB |\n|---|---|---|---|");
}

/// Runs one and prints its line; the peak in kB.
fn measure((name, patients): (&str, u32)) -> Option<u64> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Elsewhere and by another name: a model is looked for beside its scenario first, and some are named alike.
    let scenario = folder.path().join("scenario.toml");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/scenarios/{name}.toml"));
    std::fs::copy(original, &scenario).expect("the scenario is there");
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command
        .arg("run")
        .arg(scenario)
        .args(["--quiet", "--threads", "2", "--patients", &patients.to_string(), "--out"])
        .arg(folder.path().join("run"));
    let (seconds, peak) = watched(&mut command);
    println!("| {name} | {patients} | {seconds:.1} | {} |", megabytes(peak));
    peak
}
