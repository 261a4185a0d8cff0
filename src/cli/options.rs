//! The options of each command as typed, and how their values are read. [`super::settings`] checks and resolves.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::sweep::Shard;

/// How the work is done and told.
#[derive(Debug, Args)]
pub struct Work {
    /// Worker threads [default: all cores]; does not change any number
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true)]
    pub threads: Option<u16>,
    /// No progress and no summary, only the path of what was written
    #[arg(long, short)]
    pub quiet: bool,
}

impl Work {
    /// Worker threads; 0 for all cores.
    pub fn threads(&self) -> usize {
        self.threads.map_or(0, usize::from)
    }
}

/// What is taken instead of a scenario's own; of both where two are compared.
#[derive(Debug, Args)]
pub struct Changes {
    /// Virtual patients per arm
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000), allow_negative_numbers = true)]
    pub patients: Option<u32>,
    /// Root of all random numbers: the same seed gives the same patients
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(0..=9_223_372_036_854_775_807), allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Method for the differential equations [default: as the scenario says, else auto]
    #[arg(long, value_name = "M", value_parser = ["auto", "explicit", "implicit", "dopri5-reference", "dop853-reference"])]
    pub method: Option<String>,
    /// Relative tolerance per step, 1e-14 to 0.01
    #[arg(long, value_name = "X", value_parser = relative_tolerance, allow_hyphen_values = true)]
    pub rtol: Option<f64>,
    /// Override any key of the scenario, e.g. --set population.patients=50 (may be repeated)
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    pub set: Vec<(String, String)>,
}

/// Options of a run; what is not given keeps the scenario's value.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// Compute N patients again, drawn at random, more strictly and by a reference method, and report what differs
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "20", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub verify_numerics: Option<u32>,
    /// Add patients until a result is precise enough, e.g. --until "half-width of P(neutropenia: grade 4) < 0.5 %" (may be repeated)
    #[arg(long, value_name = "GOAL", allow_hyphen_values = true)]
    pub until: Vec<String>,
    /// Most patients per arm that --until may take
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "until", value_parser = clap::value_parser!(u32).range(1..=10_000_000), allow_negative_numbers = true)]
    pub most_patients: u32,
    /// List every look at a rule in tables/checks.csv, also where nothing changes (log_all_decisions = true in the scenario)
    #[arg(long)]
    pub log_all_decisions: bool,
    #[command(flatten)]
    pub changes: Changes,
    /// Folder of this run [default: output/<scenario>/<date-time>]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub work: Work,
}

/// Options of `sweep`.
#[derive(Debug, Args)]
pub struct SweepOptions {
    /// Say how many runs there are and how long they will take, from a timed sample; compute nothing else
    #[arg(long)]
    pub dry_run: bool,
    /// Write the page from the results that are there; compute nothing
    #[arg(long, conflicts_with_all = ["dry_run", "shard", "threads", "slurm"])]
    pub report: bool,
    /// Set a key of the scenario at every point, e.g. --set population.patients=50 (may be repeated)
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    pub set: Vec<(String, String)>,
    /// Compute one of N disjoint parts, I from 1 to N
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Take results that are in the folder of another call instead of computing them (may be repeated)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub reuse: Vec<PathBuf>,
    /// Refuse unless the sweep has this plan, as `digest` in sweep.json: for job scripts, whose files may change while they wait
    #[arg(long, value_name = "DIGEST")]
    pub plan: Option<String>,
    /// Compute on a cluster: submit the shards to Slurm as an array job and a merge after it, watch, submit again what fails
    #[arg(long, conflicts_with_all = ["shard", "reuse", "plan"])]
    pub slurm: bool,
    /// Shards under Slurm [default: as the timed sample says]
    #[arg(long, value_name = "N", requires = "slurm", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub shards: Option<u32>,
    /// How long a shard should last, minutes
    #[arg(long, value_name = "M", requires = "slurm", default_value = "10", value_parser = minutes)]
    pub shard_minutes: f64,
    /// How often a shard that failed is submitted again
    #[arg(long, value_name = "N", requires = "slurm", default_value = "2", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub slurm_retries: u8,
    /// Option of sbatch for the jobs, e.g. --slurm-option partition=main (may be repeated)
    #[arg(long, value_name = "KEY=VALUE", requires = "slurm", allow_hyphen_values = true)]
    pub slurm_option: Vec<String>,
    /// Folder of the results [default: output/<sweep>/sweep, or output/<sweep>/shard-I-of-N]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub work: Work,
}

/// Options of `validate`.
#[derive(Debug, Args)]
pub struct ValidateOptions {
    /// Virtual patients per arm, from which trials of the published size are predicted
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=10_000_000), allow_negative_numbers = true)]
    pub patients: u32,
    /// Trials of the published size that are drawn where their distribution is not known in closed form
    #[arg(long, value_name = "R", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=1_000_000), allow_negative_numbers = true)]
    pub replicates: u32,
    /// Only this trial, by its name in the outcomes file (may be repeated)
    #[arg(long = "trial", visible_alias = "trials", value_name = "NAME", num_args = 1..)]
    pub trials: Vec<String>,
    /// Outcomes file or name
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub outcomes: Option<String>,
    /// Table of sets of parameters, as a calibration writes it: their uncertainty enters the predictions
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub posterior: Option<PathBuf>,
    /// Most sets of --posterior that are simulated, taken evenly
    #[arg(long, value_name = "N", default_value_t = 50, requires = "posterior", value_parser = clap::value_parser!(u32).range(1..=100_000), allow_negative_numbers = true)]
    pub draws: u32,
    /// Set a key in every scenario, e.g. --set parameters.immune.k_e=0.5 (may be repeated)
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    pub set: Vec<(String, String)>,
    /// Root of all random numbers [default: each scenario's own]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(0..=9_223_372_036_854_775_807), allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Folder of the scoreboard [default: output/validate/<outcomes>/<date-time>]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub work: Work,
}

/// Options of `calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateOptions {
    /// Say what will be fitted and how long it will take, from a timed evaluation; compute nothing else
    #[arg(long)]
    pub dry_run: bool,
    /// Virtual patients per arm, instead of the file's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000), allow_negative_numbers = true)]
    pub patients: Option<u32>,
    /// Members of the ensemble, instead of the file's
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(2..=100_000), allow_negative_numbers = true)]
    pub members: Option<u32>,
    /// Set a key in every scenario at every evaluation, e.g. --set parameters.cll.ib=0 (may be repeated)
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    pub set: Vec<(String, String)>,
    /// Folder of the calibration [default: output/<calibration>/calibration]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub work: Work,
}

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct DiffOptions {
    #[command(flatten)]
    pub changes: Changes,
    /// Override any key of the second scenario alone, after --set (may be repeated)
    #[arg(long, value_name = "PATH=VALUE", value_parser = path_and_value)]
    pub set_second: Vec<(String, String)>,
    /// Folder of the comparison [default: output/diff/<first>-<second>/<date-time>]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub work: Work,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// Patient, counted from 1 (ID in the run's tables)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub patient: u32,
    /// Arm [default: the first]
    #[arg(long, value_name = "NAME")]
    pub arm: Option<String>,
    /// File of the page [default: patients/patient-N-ARM.html in the run folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Where the scenario is now, if it was moved
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub scenario: Option<String>,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct ReplayOptions {
    /// Patient, counted from 1 (ID in the run's tables)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub patient: u32,
    /// Arm [default: the first]
    #[arg(long, value_name = "NAME")]
    pub arm: Option<String>,
    /// Folder of the two tables [default: patients in the run folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Where the scenario is now, if it was moved
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub scenario: Option<String>,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateOptions {
    /// Table of records: CSV, also separated by semicolons, tabs or white space
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub data: PathBuf,
    /// File for ROW, ID, TIME and the model's outputs: Parquet if it ends in .parquet, else CSV [default: standard output]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub table: Option<PathBuf>,
    /// Table of individual values by ID: random effects (eta.CL), parameters, individual parameters, covariates
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub parameters: Option<PathBuf>,
    /// Take model, parameters, method and tolerance as this run had them, to the last bit (for tables of `regimen replay`)
    #[arg(long, value_name = "RUN", value_hint = ValueHint::DirPath, conflicts_with_all = ["method", "rtol", "variability"])]
    pub as_in: Option<PathBuf>,
    /// Draw random effects that --parameters does not give, and residual errors of samples
    #[arg(long)]
    pub variability: bool,
    /// Root of the random numbers of --variability [default: 1]
    #[arg(long, value_name = "S", requires = "variability", value_parser = clap::value_parser!(u64).range(0..=9_223_372_036_854_775_807), allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Simulate each subject N times, told apart by the column REP
    #[arg(long, value_name = "N", requires = "variability", value_parser = clap::value_parser!(u32).range(1..=1_000_000), allow_negative_numbers = true)]
    pub replicates: Option<u32>,
    /// Column that tells the occasions of between-occasion variability apart [default: OCC]
    #[arg(long, value_name = "COLUMN", requires = "variability")]
    pub occasion: Option<String>,
    /// Unit of TIME and II, and of the time in RATE [default: the model's `time`]
    #[arg(long, value_name = "UNIT")]
    pub time_unit: Option<String>,
    /// How covariates change between records, where the model does not say
    #[arg(long, value_name = "HOW", value_parser = ["next", "previous", "linear"], default_value = "next")]
    pub interpolation: String,
    /// Give a parameter of the model another value, e.g. --set cl=4 or --set "cl=66 mL/min" (may be repeated)
    #[arg(long, value_name = "NAME=VALUE", value_parser = path_and_value)]
    pub set: Vec<(String, String)>,
    /// Leave a column out of account (may be repeated)
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,
    /// The table is meant to give no dose
    #[arg(long)]
    pub undosed: bool,
    /// Worker threads [default: all cores]; does not change any number
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024), allow_negative_numbers = true)]
    pub threads: Option<u16>,
    /// Method for the differential equations [default: auto]
    #[arg(long, value_name = "M", value_parser = ["auto", "explicit", "implicit", "dopri5-reference", "dop853-reference"])]
    pub method: Option<String>,
    /// Relative tolerance per step, 1e-14 to 0.01 [default: 1e-6]
    #[arg(long, value_name = "X", value_parser = relative_tolerance, allow_hyphen_values = true)]
    pub rtol: Option<f64>,
}

/// Reads `--rtol`: a finite number that a step control in double precision can work with.
fn relative_tolerance(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number; write for example 1e-6".to_owned())?;
    if (1e-14..=0.01).contains(&value) {
        Ok(value)
    } else {
        Err("a relative tolerance lies between 1e-14 and 0.01; the usual one is 1e-6".to_owned())
    }
}

/// Reads `--shard`.
fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((number, of)) if number >= 1 && number <= of && of <= 1_000_000 => Ok(Shard { number, of }),
        _ => Err("write I/N with I from 1 to N, for example --shard 2/8".to_owned()),
    }
}

/// A length of time above nothing.
fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes| (0.01..=10_000.0).contains(minutes));
    minutes.ok_or_else(|| {
        "write a number of minutes from 0.01 to 10000, for example --shard-minutes 15".to_owned()
    })
}

/// Splits `--set` at the first `=` that is not inside quotes.
fn path_and_value(text: &str) -> Result<(String, String), String> {
    let mut quoted = false;
    let split = text.char_indices().find(|&(_, letter)| {
        quoted ^= letter == '"';
        letter == '=' && !quoted
    });
    let Some((at, _)) = split else {
        return Err(
            "write PATH=VALUE, for example --set population.patients=50 (of a model: --set cl=4)".to_owned()
        );
    };
    let (path, value) = (text[..at].trim(), text[at + 1..].trim());
    if path.is_empty() {
        return Err("the path before `=` is empty".to_owned());
    }
    if value.is_empty() {
        return Err(format!("the value after `=` is empty; to set an empty text write {path}='\"\"'"));
    }
    Ok((path.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_that_no_step_control_can_meet_are_refused() {
        for text in ["nan", "inf", "1e400", "0", "-1e-6", "1", "1e-300", "x", ""] {
            assert!(relative_tolerance(text).is_err(), "{text}");
        }
        assert_eq!(relative_tolerance("1e-8"), Ok(1e-8));
    }

    #[test]
    fn a_shard_is_one_of_a_number() {
        assert_eq!(shard("2/8"), Ok(Shard { number: 2, of: 8 }));
        for text in ["0/8", "9/8", "2", "/", "a/b", "1/0", "-1/4", ""] {
            assert!(shard(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_setting_is_split_at_the_first_equals_sign_outside_quotes() {
        let pair = |path: &str, value: &str| Ok((path.to_owned(), value.to_owned()));
        assert_eq!(path_and_value("a.b = 3"), pair("a.b", "3"));
        assert_eq!(path_and_value("population.entry=[\"x == 1\"]"), pair("population.entry", "[\"x == 1\"]"));
        assert_eq!(path_and_value("arm.\"a=b\".x=1"), pair("arm.\"a=b\".x", "1"));
        for text in ["", "patients", "=3", "a="] {
            assert!(path_and_value(text).is_err(), "{text}");
        }
    }
}
