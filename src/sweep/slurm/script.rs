//! The two job scripts, to be read and to be submitted by hand too.
//!
//! Two readers have their own rules. The shell takes what stands in single quotes as it is. Slurm reads the lines with
//! `#SBATCH`: there a backslash takes the next sign as it is, `#` begins a comment and spaces end a value, except in quotes; and
//! in names of folders and logs it replaces `%` and a sign and takes a backslash for an escape, whatever the quotes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// An option of `sbatch` that is passed on: `partition=main`, `exclusive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlurmOption {
    /// Long name, without dashes.
    pub key: String,
    /// Value, where it has one.
    pub value: Option<String>,
}

/// Why an option cannot be passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionError {
    /// Not a long name, or a value over several lines.
    NoOption,
    /// The program sets it itself.
    Ours(String),
}

/// Options that the campaign rests on.
const OURS: [&str; 17] = [
    "array",
    "begin",
    "chdir",
    "dependency",
    "error",
    "export",
    "job-name",
    "kill-on-invalid-dep",
    "nodes",
    "no-requeue",
    "ntasks",
    "open-mode",
    "output",
    "parsable",
    "requeue",
    "wait",
    "wrap",
];

impl SlurmOption {
    /// Reads `KEY=VALUE` or `KEY`, with or without the dashes.
    ///
    /// # Errors
    /// Where it is no long option, or one that the program sets itself.
    pub fn parse(typed: &str) -> Result<Self, OptionError> {
        let (key, value) = match typed.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (typed, None),
        };
        let key = key.trim().trim_start_matches('-').to_owned();
        let name = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        let long = key.len() > 1 && key.starts_with(|sign: char| sign.is_ascii_lowercase());
        if !long
            || !key.chars().all(name)
            || value.as_ref().is_some_and(|value| value.contains(char::is_control))
        {
            return Err(OptionError::NoOption);
        }
        if OURS.contains(&key.as_str()) {
            return Err(OptionError::Ours(key));
        }
        Ok(Self { key, value })
    }

    /// Cores of a task, if it is this that is set.
    pub fn cores(&self) -> Option<usize> {
        (self.key == CORES).then(|| self.value.as_ref()?.parse().ok()).flatten()
    }
}

const CORES: &str = "cpus-per-task";

/// What the scripts say.
#[derive(Debug, Clone)]
pub struct Job {
    /// The program, in full.
    pub program: PathBuf,
    /// The folder in which the command was given, in full: names of files are looked for from there.
    pub project: PathBuf,
    /// The sweep, as typed.
    pub sweep: String,
    /// Keys set at every point: path and value.
    pub set: Vec<(String, String)>,
    /// Hash over the plan: a shard that finds other files must not compute.
    pub digest: String,
    /// Where the results go, in full.
    pub folder: PathBuf,
    /// Shards.
    pub shards: usize,
    /// Cores of each.
    pub cores: usize,
    /// Passed on to `sbatch`.
    pub options: Vec<SlurmOption>,
}

/// Whether Slurm takes a folder for what it is.
pub fn slurm_takes(folder: &Path) -> bool {
    folder.to_str().is_some_and(|name| !name.contains(['%', '\\']) && !name.contains(char::is_control))
}

impl Job {
    /// The script of the array: task I computes shard I.
    pub fn array(&self) -> String {
        let Self { shards, .. } = self;
        let shown = one_line(&self.sweep);
        let mut text = format!(
            "#!/bin/sh\n\
             # Shards of the sweep {shown}: task I of the array computes part I of {shards} into shards/I.\n\
             # Computes only what is missing there, so that any task may be submitted again: sbatch --array=3,7 array.sh\n\
             #SBATCH --array=1-{shards}\n"
        );
        self.head(&mut text, self.cores, "logs/shard-%a.log");
        let folder = quoted(&self.folder.to_string_lossy());
        let _ = write!(
            text,
            "set -u\n\
             shard=$SLURM_ARRAY_TASK_ID\n\
             echo \"shard $shard of {shards} on $(hostname), job $SLURM_JOB_ID, start ${{SLURM_RESTART_COUNT:-0}}\"\n\
             cd {project} || exit 2\n\
             folder={folder}\n\
             {program} sweep {sweep} --plan {digest} --threads {threads} \\\n",
            project = quoted(&self.project.to_string_lossy()),
            program = quoted(&self.program.to_string_lossy()),
            sweep = quoted(&self.sweep),
            digest = self.digest,
            threads = self.cores,
        );
        for (path, value) in &self.set {
            let _ = writeln!(text, "    --set {} \\", quoted(&format!("{path}={value}")));
        }
        let _ = write!(
            text,
            "    --shard \"$shard/{shards}\" --reuse \"$folder\" --out \"$folder/slurm/shards/$shard\"\n\
             code=$?\n\
             # 1 with a complete shard: patients failed numerically. That is a result, and the merge must not wait for another.\n\
             if [ \"$code\" -eq 1 ] && grep -q '\"complete\": true' \"$folder/slurm/shards/$shard/sweep.json\"; then code=0; fi\n\
             exit \"$code\"\n"
        );
        text
    }

    /// The script of the job that puts the shards together.
    pub fn merge(&self) -> String {
        let mut text = format!(
            "#!/bin/sh\n\
             # Puts the shards of the sweep {} together, after array.sh:\n\
             # sbatch --dependency=afterok:JOB --kill-on-invalid-dep=yes merge.sh\n",
            one_line(&self.sweep)
        );
        self.head(&mut text, 1, "logs/merge.log");
        let folder = quoted(&self.folder.to_string_lossy());
        let program = quoted(&self.program.to_string_lossy());
        let _ = write!(
            text,
            "set -u\nfolder={folder}\n\
             {program} merge \"$folder\"/slurm/shards/* --out \"$folder\"\n\
             code=$?\n\
             # As in array.sh: patients that failed numerically are a result, and no reason to merge again.\n\
             if [ \"$code\" -eq 1 ] && grep -q '\"complete\": true' \"$folder/sweep.json\" &&\n\
                 grep -q {digest} \"$folder/sweep.json\"; then code=0; fi\n\
             exit \"$code\"\n",
            digest = self.digest,
        );
        text
    }

    /// Options that both have.
    fn head(&self, text: &mut String, cores: usize, log: &str) {
        let chdir = slurm_quoted(&self.folder.join("slurm").to_string_lossy());
        let _ = write!(
            text,
            "#SBATCH --chdir={chdir}\n\
             #SBATCH --output={log}\n\
             #SBATCH --open-mode=append\n\
             #SBATCH --requeue\n\
             #SBATCH --{CORES}={cores}\n"
        );
        for option in self.options.iter().filter(|option| option.key != CORES) {
            let _ = match &option.value {
                Some(value) => writeln!(text, "#SBATCH --{}={}", option.key, slurm_quoted(value)),
                None => writeln!(text, "#SBATCH --{}", option.key),
            };
        }
    }
}

/// For the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// For a line with `#SBATCH`.
fn slurm_quoted(value: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "-_./:,=@+*[]".contains(sign);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// For a comment.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn job(folder: &str, sweep: &str) -> Job {
        Job {
            program: "/opt/it's here/regimen".into(),
            project: "/home/a b/$HOME".into(),
            sweep: sweep.to_owned(),
            set: vec![("arm.\"10 mg\".name".to_owned(), "\"`x` & $(y) 'z'\"".to_owned())],
            digest: "ab12".to_owned(),
            folder: folder.into(),
            shards: 8,
            cores: 2,
            options: [
                "partition=main",
                "--comment=five \"minutes\" \\ # each",
                "cpus-per-task=9",
                "exclusive",
            ]
            .map(|typed| SlurmOption::parse(typed).expect("an option"))
            .into(),
        }
    }

    #[test]
    fn options_of_slurm_are_passed_on_in_its_quotes() {
        let text = job("/data/a #1", "s").array();
        for line in [
            "#SBATCH --array=1-8",
            "#SBATCH --chdir=\"/data/a #1/slurm\"",
            "#SBATCH --cpus-per-task=2",
            "#SBATCH --partition=main",
            "#SBATCH --comment=\"five \\\"minutes\\\" \\\\ # each\"",
            "#SBATCH --exclusive",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("cpus-per-task=9"), "{text}");
        assert!(job("/d", "s").merge().contains("#SBATCH --cpus-per-task=1\n"));
        // Slurm stops looking at the first line that is a command.
        let commands = text.lines().position(|line| !line.starts_with('#')).expect("commands");
        assert!(text.lines().skip(commands).all(|line| !line.starts_with("#SBATCH")));
    }

    /// The shell itself says what it makes of the quotes: a function stands in for the program.
    #[test]
    fn names_reach_the_program_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let nasty = folder.path().join("it's \"a\" $HOME `id` ; # b");
        std::fs::create_dir_all(&nasty).expect("a folder");
        let program = nasty.join("show");
        std::fs::write(&program, "#!/bin/sh\nfor it in \"$@\"; do printf '%s\\n' \"<$it>\"; done\nexit 2\n")
            .expect("a file");
        let out = nasty.to_string_lossy().into_owned();
        let job = Job { program, project: nasty.clone(), ..job(&out, "sweeps/a b's.toml") };
        let script = nasty.join("array.sh");
        // Run by name of the shell, since a file that was just written may still be open elsewhere.
        let text = job.array().replace(
            &quoted(&job.program.to_string_lossy()),
            &format!("sh {}", quoted(&job.program.to_string_lossy())),
        );
        std::fs::write(&script, text).expect("a file");
        let mut shell = Command::new("sh");
        let shell = shell.arg(&script).env("SLURM_ARRAY_TASK_ID", "3").env("SLURM_JOB_ID", "17");
        let answer = shell.output().expect("a shell");
        assert_eq!(answer.status.code(), Some(2));
        let said = String::from_utf8(answer.stdout).expect("text");
        let words: Vec<&str> = said.lines().skip(1).collect();
        let shard = format!("<{out}/slurm/shards/3>");
        let reuse = format!("<{out}>");
        let wanted = [
            "<sweep>",
            "<sweeps/a b's.toml>",
            "<--plan>",
            "<ab12>",
            "<--threads>",
            "<2>",
            "<--set>",
            "<arm.\"10 mg\".name=\"`x` & $(y) 'z'\">",
            "<--shard>",
            "<3/8>",
            "<--reuse>",
            &reuse,
            "<--out>",
            &shard,
        ];
        assert_eq!(words, wanted, "{said}");
    }

    #[test]
    fn options_that_the_campaign_rests_on_are_refused() {
        for typed in ["array=1-3", "--output=x", "dependency=afterok:1", "requeue"] {
            assert!(matches!(SlurmOption::parse(typed), Err(OptionError::Ours(_))), "{typed}");
        }
        for typed in ["", "p=main", "-p", "a b=c", "Partition=x", "comment=a\nb", "=x"] {
            assert_eq!(SlurmOption::parse(typed), Err(OptionError::NoOption), "{typed}");
        }
        assert_eq!(SlurmOption::parse("cpus-per-task=4").map(|option| option.cores()), Ok(Some(4)));
    }

    #[test]
    fn folders_that_slurm_would_misread_are_known() {
        assert!(slurm_takes(Path::new("/data/it's \"a\" $1 #2")));
        for folder in ["/data/100%", "/a\\b", "/a\nb"] {
            assert!(!slurm_takes(Path::new(folder)), "{folder}");
        }
    }
}
