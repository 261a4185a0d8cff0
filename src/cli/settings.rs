//! From arguments as typed to what a run needs: names, folders and defaults settled.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Zoned;

use super::loader::BUILT_IN;
use super::options::{Changes, RunOptions};
use crate::report::{Place, RunInfo};
use crate::scenario;

/// Where runs are written when `--out` does not say.
const OUTPUT: &str = "output";

/// Everything that a run needs to know beside the files.
#[derive(Debug)]
pub struct RunSettings {
    /// Scenario, a file or a name for the loader.
    pub scenario: String,
    /// What the command line changes in it.
    pub changes: scenario::Settings,
    /// Worker threads; 0 for all cores.
    pub threads: usize,
    /// Patients to be computed again.
    pub verify: Option<usize>,
    /// Goals of precision, as typed.
    pub until: Vec<String>,
    /// Most patients that they may take.
    pub most: usize,
    /// Run folder, if the user named one.
    pub out: Option<PathBuf>,
    /// No progress, no summary.
    pub quiet: bool,
    /// When and how it was called.
    pub invocation: Invocation,
}

/// When and how the program was called.
#[derive(Debug)]
pub struct Invocation {
    /// The command as typed.
    command: String,
    /// Date and time of the start.
    started: Zoned,
    clock: Instant,
}

impl Invocation {
    /// Now, by this command.
    pub fn new(typed: &[OsString]) -> Self {
        Self { command: command_line(typed), started: Zoned::now(), clock: Instant::now() }
    }

    /// Date and time of the start, as the name of a folder.
    pub fn stamp(&self) -> String {
        self.started.strftime("%Y-%m-%d_%H-%M-%S").to_string()
    }

    /// What a report says of it; with the scenario as it was named, and the settings given, by the name of their option.
    pub fn about(&self, scenario: &str, settings: Vec<(String, String)>) -> RunInfo {
        RunInfo {
            scenario: scenario.to_owned(),
            command: self.command.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.started.strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
            wall_seconds: self.clock.elapsed().as_secs_f64(),
            settings,
        }
    }
}

impl Changes {
    /// What the scenario is read with; `more` keys are set after those of the options.
    pub fn settings(&self, more: &[(String, String)]) -> scenario::Settings {
        scenario::Settings {
            patients: self.patients.map(|patients| patients as usize),
            seed: self.seed,
            method: self.method.clone(),
            relative_tolerance: self.rtol,
            set: self.set.iter().chain(more).cloned().collect(),
            ..scenario::Settings::default()
        }
    }
}

impl RunSettings {
    /// Settles the options of a run; without a scenario, the built-in one.
    pub fn new(scenario: Option<String>, options: RunOptions, typed: &[OsString]) -> Self {
        let everything = ("log_all_decisions".to_owned(), "true".to_owned());
        let more = if options.log_all_decisions { vec![everything] } else { Vec::new() };
        Self {
            scenario: scenario.unwrap_or_else(|| format!("{BUILT_IN}scenarios/starting-dose.toml")),
            changes: options.changes.settings(&more),
            threads: options.work.threads(),
            verify: options.verify_numerics.map(|patients| patients as usize),
            until: options.until,
            most: options.most_patients as usize,
            out: options.out,
            quiet: options.work.quiet,
            invocation: Invocation::new(typed),
        }
    }

    /// The run folder: the user's, or a new one below `output/<scenario>/` named by date and time.
    pub fn place(&self, scenario_name: &str) -> Place {
        match &self.out {
            Some(out) => Place::At(out.clone()),
            None => {
                Place::New { parent: Path::new(OUTPUT).join(scenario_name), name: self.invocation.stamp() }
            }
        }
    }

    /// Settings given on the command line, by the name of their option.
    pub fn given(&self) -> Vec<(String, String)> {
        let changes = &self.changes;
        let mut given = Vec::new();
        let mut push = |name: &str, value: Option<String>| {
            given.extend(value.map(|value| (name.to_owned(), value)));
        };
        push("patients", changes.patients.map(|patients| patients.to_string()));
        push("seed", changes.seed.map(|seed| seed.to_string()));
        push("threads", (self.threads > 0).then(|| self.threads.to_string()));
        push("method", changes.method.clone());
        push("rtol", changes.relative_tolerance.map(|tolerance| tolerance.to_string()));
        push("verify-numerics", self.verify.map(|patients| patients.to_string()));
        for goal in &self.until {
            push("until", Some(goal.clone()));
        }
        push("most-patients", (!self.until.is_empty()).then(|| self.most.to_string()));
        for (path, value) in &changes.set {
            push("set", Some(format!("{path}={value}")));
        }
        given
    }
}

/// A word as a shell takes it.
pub fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,:+".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The command in one line, quoted where a shell would need it. The program is shown by its name, not its path.
fn command_line(typed: &[OsString]) -> String {
    let quoted = typed.iter().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("regimen".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_can_be_typed_again() {
        let typed = ["/usr/bin/regimen", "run", "my trial", "--set", "a='b'"].map(OsString::from);
        assert_eq!(command_line(&typed), r"regimen run 'my trial' --set 'a='\''b'\'''");
    }
}
