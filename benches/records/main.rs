//! A table of 1,000,000 records through the program: wall time and peak memory of each model and method.
//!
//! `cargo bench --bench records`. 50,000 subjects have two series of doses, 17 samples and weights that change. The peak is the
//! kernel's high-water mark of resident memory (Linux; elsewhere it is not known).

#[path = "../engine/child.rs"]
mod child;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use child::{megabytes, watched};

const SUBJECTS: usize = 50_000;
const RECORDS_EACH: usize = 20;

/// Two compartments with absorption; `EFFECT` is replaced.
const MODEL: &str = r#"
title = "two compartments, oral"
time = "h"
[covariates]
WT = { unit = "kg" }
[parameters]
cl = { value = 3, unit = "L/h" }
v = { value = 20, unit = "L" }
q = { value = 2, unit = "L/h" }
vp = { value = 35, unit = "L" }
ka = { value = 0.9, unit = "1/h" }
[equations]
CL = "cl * (WT / 70 kg)^0.75"
C = "central / v"
[states]
depot = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "ka * depot - (CL + q) / v * central + q / vp * peripheral" }
peripheral = { unit = "mg", rate = "q / v * central - q / vp * peripheral" }
EFFECT
[doses]
oral = { into = "depot" }
[outputs]
Cp = { unit = "mg/L", value = "C" }
"#;

const EFFECT: &str =
    "response = { unit = \"1\", initial = 40, rate = \"4 1/h / (1 + C / (1 mg/L)) - 0.1 1/h * response\" }";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let records = folder.path().join("records.csv");
    write_records(&records).expect("a writable folder");
    let size = fs::metadata(&records).map_or(0, |data| data.len());
    println!("{} records of {SUBJECTS} subjects, {} MB", SUBJECTS * RECORDS_EACH, size >> 20);
    println!("| model | threads | s | records per s | peak memory, MB |\n|---|---|---|---|---|");
    for (name, effect) in
        [("two compartments, closed form", ""), ("with an indirect response, integrated", EFFECT)]
    {
        let model = folder.path().join("model.toml");
        fs::write(&model, MODEL.replace("EFFECT", effect)).expect("a writable folder");
        for threads in ["1", "2"] {
            let (seconds, peak) = run(folder.path(), threads);
            let speed = (SUBJECTS * RECORDS_EACH) as f64 / seconds;
            println!("| {name} | {threads} | {seconds:.1} | {speed:.0} | {} |", megabytes(peak));
        }
    }
}

fn write_records(path: &Path) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(fs::File::create(path)?);
    writeln!(file, "ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS,WT")?;
    let mut text = String::new();
    for subject in 1..=SUBJECTS {
        text.clear();
        let weight = 50.0 + (subject % 41) as f64;
        let _ = writeln!(text, "{subject},0,1,{},1,0,12,6,0,{weight}", 20 + subject % 60);
        for sample in 0..RECORDS_EACH - 3 {
            let time = 4.5 * sample as f64 + 0.25;
            let _ = writeln!(text, "{subject},{time},0,.,.,.,.,.,.,{}", weight + 0.1 * sample as f64);
        }
        let _ = writeln!(text, "{subject},84,1,{},1,0,24,2,0,{weight}", 40 + subject % 60);
        let _ = writeln!(text, "{subject},150,0,.,.,.,.,.,.,{weight}");
        file.write_all(text.as_bytes())?;
    }
    file.flush()
}

/// Wall time, s, and peak memory, kB.
fn run(folder: &Path, threads: &str) -> (f64, Option<u64>) {
    let table = ["--data", "records.csv", "--table", "table.csv", "--threads", threads];
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    watched(command.args(["simulate", "./model.toml"]).args(table).current_dir(folder))
}
