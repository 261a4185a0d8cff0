//! Slurm's own commands: `sbatch`, `scontrol`, `squeue`, `scancel`. Accounting (`sacct`) is not asked, since many clusters have
//! none.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::sweep::slurm::{Scheduler, Task, tasks};

/// Tasks of an array where Slurm does not say: its own default is 1001, one more than there may be.
const MOST: usize = 1000;

/// Slurm on this machine.
pub struct Commands;

impl Commands {
    /// Whether Slurm is there: the name of the command that is not.
    pub fn missing() -> Option<&'static str> {
        let absent = |name: &&str| {
            let started = Command::new(name).arg("--version").stdin(Stdio::null()).output();
            started.is_err_and(|error| error.kind() == ErrorKind::NotFound)
        };
        ["sbatch", "scontrol", "squeue", "scancel"].into_iter().find(absent)
    }

    /// How many tasks an array may have, at most a thousand: more shards gain nothing, and each is a folder to merge.
    pub fn most_tasks() -> usize {
        let said = ask("scontrol", &["show", "config"]).unwrap_or_default();
        let size = said.lines().find_map(|line| {
            line.strip_prefix("MaxArraySize")?.trim_start().strip_prefix('=')?.trim().parse().ok()
        });
        size.map_or(MOST, |size: usize| size.saturating_sub(1)).clamp(1, MOST)
    }
}

impl Scheduler for Commands {
    fn submit(&self, script: &Path, options: &[String]) -> Result<String, String> {
        let script = script.to_string_lossy();
        let mut words = vec!["--parsable"];
        words.extend(options.iter().map(String::as_str));
        words.push(&script);
        let said = ask("sbatch", &words)?;
        // `12`, or `12;cluster`.
        let id = said.trim().split(';').next().unwrap_or_default();
        match !id.is_empty() && id.chars().all(|sign| sign.is_ascii_digit()) {
            true => Ok(id.to_owned()),
            false => Err(format!("sbatch gave no number of a job but `{}`", said.trim())),
        }
    }

    fn tasks(&self, job: &str) -> Result<Vec<Task>, String> {
        match ask("scontrol", &["--oneliner", "show", "job", job]) {
            Ok(said) => Ok(tasks(&said)),
            Err(why) if why.contains("Invalid job id") => Ok(Vec::new()),
            Err(why) => Err(why),
        }
    }

    fn named(&self, name: &str) -> Result<Option<String>, String> {
        let name = format!("--name={name}");
        let said = ask("squeue", &["--noheader", "--states=all", &name, "--format=%F"])?;
        Ok(said.split_whitespace().next().map(ToOwned::to_owned))
    }

    fn release(&self, task: &str) -> Result<(), String> {
        ask("scontrol", &["release", task]).map(|_| ())
    }

    fn cancel(&self, job: &str) -> Result<(), String> {
        ask("scancel", &["--quiet", job]).map(|_| ())
    }
}

/// What a command prints; where it fails, its message.
fn ask(program: &str, words: &[&str]) -> Result<String, String> {
    // Numbers of tasks in full: by default scontrol shows the first few.
    let answer = Command::new(program).args(words).env("SLURM_BITSTR_LEN", "0").stdin(Stdio::null()).output();
    let answer = answer.map_err(|error| format!("cannot start {program}: {error}"))?;
    if answer.status.success() {
        return Ok(String::from_utf8_lossy(&answer.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&answer.stderr);
    let why = why.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    Err(if why.is_empty() { format!("{program}: {}", answer.status) } else { why })
}
