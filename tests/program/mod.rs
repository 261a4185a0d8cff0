//! Running the built program in tests.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What the program answered.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    pub fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit code {:?}\nstandard output:\n{}\nstandard error:\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}

/// A temporary folder with these files: paths in it, and texts.
pub fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (place, text) in files {
        let path = folder.path().join(place);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program in an empty folder, so that nothing beside the built-in files is found.
pub fn regimen(arguments: &[impl AsRef<OsStr>]) -> Answer {
    let folder = tempfile::tempdir().expect("a temporary folder");
    regimen_in(folder.path(), arguments)
}

/// Runs the program in a folder.
pub fn regimen_in(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Answer {
    let output = command(arguments).current_dir(folder).output().expect("the program starts");
    Answer {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// Starts the program in a folder without waiting for it.
pub fn start(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Child {
    command(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// What Ctrl-C sends.
pub fn interrupt(child: &Child) {
    let status =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(status.success());
}

/// Runs the program while nobody reads its standard output; its exit code.
pub fn with_closed_output(arguments: &[impl AsRef<OsStr>]) -> Option<i32> {
    let mut child = command(arguments).spawn().expect("the program starts");
    drop(child.stdout.take());
    child.wait().expect("it ends").code()
}
