//! The program as a child process: wall time and peak memory.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a command to its end; s, and the kernel's high-water mark of resident memory, kB (Linux; elsewhere it is not known).
pub fn watched(command: &mut Command) -> (f64, Option<u64>) {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().expect("the program starts");
    let mut peak = None;
    loop {
        peak = high_water(&child).or(peak);
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => {
                // 1: some patients failed numerically; the program has said which.
                assert!(status.code().is_some_and(|code| code <= 1));
                return (started.elapsed().as_secs_f64(), peak);
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// kB as MB for a table.
pub fn megabytes(peak: Option<u64>) -> String {
    peak.map_or("–".to_owned(), |kilobytes| (kilobytes >> 10).to_string())
}

fn high_water(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
