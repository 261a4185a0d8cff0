//! Rebuilds when a built-in file is added: the embedding notices changed files, but not new ones. And tells the program
//! which arithmetic it has: a hash over the sources of every room that makes a number, and over the versions of all crates.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and files whose change may change a result.
const NUMERIC: [&str; 20] = [
    "Cargo.lock",
    "src/calibration/problem.rs",
    "src/calibration/simulated.rs",
    "src/dataset",
    "src/document",
    "src/endpoint",
    "src/expression",
    "src/math",
    "src/model",
    "src/population",
    "src/program",
    "src/scenario",
    "src/simulation",
    "src/solver",
    "src/sweep/partition.rs",
    "src/trial",
    "src/units.rs",
    "src/validation/predict.rs",
    "src/validation/prediction.rs",
    "src/validation/question.rs",
];

fn main() {
    println!("cargo::rerun-if-changed=models");
    println!("cargo::rerun-if-changed=scenarios");
    println!("cargo::rerun-if-changed=outcomes");
    println!("cargo::rerun-if-changed=calibrations");
    let mut files = Vec::new();
    for place in NUMERIC {
        println!("cargo::rerun-if-changed={place}");
        collect(Path::new(place), &mut files);
    }
    files.sort();
    // FNV-1a (Fowler, Noll and Vo); line ends aside, which differ by how the sources were fetched.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        let bytes = fs::read(&file).unwrap_or_default();
        for byte in bytes.into_iter().filter(|byte| *byte != b'\r') {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    println!("cargo::rustc-env=REGIMEN_ARITHMETIC={hash:016x}");
}

/// All files below a place, tests aside.
fn collect(place: &Path, files: &mut Vec<PathBuf>) {
    if place.file_stem().is_some_and(|name| name == "tests") {
        return;
    }
    match fs::read_dir(place) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(place.to_owned()),
    }
}
