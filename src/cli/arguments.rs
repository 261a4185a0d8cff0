//! The command line as typed: commands, help; their options stand in [`super::options`]. Nothing is looked up here; [`super::settings`] checks and resolves.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::nca::NcaOptions;
use super::options::{
    CalibrateOptions, DiffOptions, ExplainOptions, ReplayOptions, RunOptions, SimulateOptions, SweepOptions,
    ValidateOptions,
};

/// Shown at the end of `regimen --help`.
const EXAMPLES: &str = "\
Examples:
  regimen                                      run the built-in scenario `starting-dose`
  regimen --patients 20                        the same with 20 virtual patients per arm
  regimen run scenarios/my-trial.toml          run a scenario of your own
  regimen check models/my-model.toml           look for errors without running
  regimen describe lenalidomide-cll            parameters, units, sources and equations as tables

Exit codes:
  0    everything went well
  1    a run failed, or some patients in it failed numerically
  2    wrong input or usage
  130  stopped with Ctrl-C

The last line on standard output is the path of the report; messages go to standard error.";

const RUN_EXAMPLES: &str = "\
Examples:
  regimen run starting-dose
  regimen run scenarios/my-trial.toml --patients 500 --seed 7
  regimen run starting-dose --set 'horizon=\"6 months\"' --set parameters.pk.cl_f=9
  regimen run starting-dose --method dop853-reference --rtol 1e-9 --patients 5
  regimen run starting-dose --verify-numerics=5
  regimen run starting-dose --until 'half-width of P(neutropenia: grade 4) < 2 %'
  regimen run starting-dose --out results/first-try

SCENARIO is a file, or a name: looked for in ./scenarios, then among the built-in scenarios.";

const DIFF_EXAMPLES: &str = "\
Examples:
  regimen diff scenarios/protocol.toml scenarios/amendment-2.toml
  regimen diff protocol amendment-2 --patients 500 --out results/amendment
  regimen diff starting-dose starting-dose --set-second 'arm.\"10 mg daily\".rules=[\"stop at progression\", \"hold for flare\"]'

Both need the same seed and population: a virtual patient is compared with himself. Arms are matched by their names, endpoints
by name and kind.";

const SIMULATE_EXAMPLES: &str = "\
Examples:
  regimen simulate models/my-model.toml --data records.csv --table table.csv
  regimen simulate my-model --data records.csv --parameters individual.csv > table.csv
  regimen simulate my-model --data records.csv --variability --seed 7 --table table.parquet
  regimen simulate my-model --data records.csv --time-unit d --interpolation previous --rtol 1e-9
  regimen simulate my-model --data records.csv --ignore STUDY --ignore SITE --set cl=4

The table of records has the columns ID, TIME, AMT, EVID, CMT, RATE, II, ADDL, SS and the model's covariates; docs/records.md
has every rule. Everybody is the typical patient unless --parameters or --variability says otherwise.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  regimen explain output/starting-dose/2026-07-01_12-00-00 --patient 417
  regimen explain results/first-try --patient 3 --arm '25 mg, days 1-21 of 28' --out patient-3.html

The patient is computed again from the texts that the run read. It is refused where one of them has changed, and where the
result does not agree with the run's tables to the last digit.";

const REPLAY_EXAMPLES: &str = "\
Examples:
  regimen replay output/starting-dose/2026-07-01_12-00-00 --patient 417
  regimen replay results/first-try --patient 3 --arm '25 mg, days 1-21 of 28' --out replays

Writes two tables, of records and of individual values, and prints the command that carries them out: `regimen simulate` then
gives the patient's course again to the last bit.";

const CHECK_EXAMPLES: &str = "\
Examples:
  regimen check models/my-model.toml
  regimen check models/*.toml scenarios/*.toml

Models, modules, populations, libraries of rules and endpoints, and scenarios are told apart by their keys. A scenario is
checked together with everything it names, and its rules are searched for contradictions, conditions that can never come
true and limits with a slip of the unit. Prints `ok` for each file without errors; exit code 2 if there is an error, and
with --strict if there is a warning.";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  regimen describe lenalidomide-cll
  regimen describe models/my-model.toml --markdown > my-model.md
  regimen describe lenalidomide-cll --card     what it may be used for, its evidence, how it did

MODEL is a file, or a name: looked for in ./models, then among the built-in models.";

const NCA_EXAMPLES: &str = "\
Examples:
  regimen nca study.csv --time-unit h --concentration-unit ng/mL --dose-unit mg
  regimen nca study.csv --by PERIOD,ANALYTE --trapezoid linear --out parameters.csv
  regimen nca simulated.csv --concentration Cp --doses records.csv
  regimen nca profile.csv --dose 100 --route bolus --lambda-z 8:24 --partial 0:4
  regimen nca day14.csv --tau 12 --steady-state-from 0 --long

TABLE is a CSV with the columns ID, TIME and DV (or another, named by --concentration), and AMT, EVID, RATE, II, ADDL, SS,
MDV, BLQ, LLOQ as NONMEM has them where they are there. Every dose starts a profile. All parameters, their names and rules:
docs/nca.md.";

const SWEEP_EXAMPLES: &str = "\
Examples:
  regimen sweep sweeps/neutropenia-doses.toml --dry-run
  regimen sweep sweeps/neutropenia-doses.toml
  regimen sweep neutropenia-doses --set population.patients=50 --out results/doses
  regimen sweep neutropenia-doses --shard 3/8 --out shards/3
  regimen sweep neutropenia-doses --report
  regimen sweep neutropenia-doses --slurm --slurm-option partition=short --slurm-option time=1:00:00

SWEEP is a file, or a name: looked for in ./sweeps. A second call computes only what is missing; docs/sweeps.md has every key.";

const VALIDATE_EXAMPLES: &str = "\
Examples:
  regimen validate
  regimen validate --patients 200 --out results/scoreboard
  regimen validate --trial 'Chen 2011' --trial 'Badoux 2011'
  regimen validate --set parameters.immune.k_e=0.5 --posterior posterior.csv
  regimen validate --outcomes outcomes/my-trials.toml

Every published outcome of the file is set beside what trials of its size would report. docs/validation.md has every key.";

const CALIBRATE_EXAMPLES: &str = "\
Examples:
  regimen calibrate lenalidomide-cll --dry-run
  regimen calibrate calibrations/my-fit.toml
  regimen calibrate lenalidomide-cll --patients 40 --members 32 --out results/quick-fit
  regimen validate --posterior results/quick-fit/posterior.csv

CALIBRATION is a file, or a name: looked for in ./calibrations. A second call goes on where the first was stopped;
docs/calibration.md has every key.";

const MERGE_EXAMPLES: &str = "\
Examples:
  regimen merge shards/* --out output/neutropenia-doses/sweep

The result is byte for byte what one process would have written, sweep.json aside.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  regimen completions bash > ~/.local/share/bash-completion/completions/regimen
  regimen completions zsh  > ~/.zfunc/_regimen";

const MAN_EXAMPLES: &str = "\
Examples:
  regimen man > regimen.1
  regimen man run > regimen-run.1";

/// Simulates trials in virtual patients: a model file and a scenario file in, a plotted report out.
///
/// Without a command, runs the built-in scenario `starting-dose`.
#[derive(Debug, Parser)]
#[command(name = "regimen", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do; without one, the built-in scenario is run.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the run.
    #[command(flatten)]
    pub options: RunOptions,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario and write its report
    #[command(after_help = RUN_EXAMPLES)]
    Run {
        /// Scenario file or name
        #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
        scenario: String,
        /// Options of the run.
        #[command(flatten)]
        options: RunOptions,
    },
    /// Compare two scenarios on the same virtual patients: who fares otherwise, and why
    #[command(after_help = DIFF_EXAMPLES)]
    Diff {
        /// Scenario file or name
        #[arg(value_name = "FIRST", value_hint = ValueHint::FilePath)]
        first: String,
        /// The scenario that it is compared with
        #[arg(value_name = "SECOND", value_hint = ValueHint::FilePath)]
        second: String,
        /// Options of the comparison.
        #[command(flatten)]
        options: DiffOptions,
    },
    /// Simulate a table of dose and sample records (NONMEM style)
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate {
        /// Model file or name
        #[arg(value_name = "MODEL", value_hint = ValueHint::FilePath)]
        model: String,
        /// Options of the simulation.
        #[command(flatten)]
        options: SimulateOptions,
    },
    /// Tell the story of one patient of a run: covariates, doses, holds, grades, events, and why each decision
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// Folder of the run
        #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
        run: PathBuf,
        /// What to tell.
        #[command(flatten)]
        options: ExplainOptions,
    },
    /// Write the realised dosing of one patient of a run as a table of records
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay {
        /// Folder of the run
        #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
        run: PathBuf,
        /// What to write.
        #[command(flatten)]
        options: ReplayOptions,
    },
    /// Look for errors in files without running anything
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        /// Model, module, population, library or scenario files
        #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
        files: Vec<String>,
        /// Count warnings as errors: exit code 2 if there is one
        #[arg(long)]
        strict: bool,
    },
    /// Print a model's parameters, units, sources and equations
    #[command(after_help = DESCRIBE_EXAMPLES)]
    Describe {
        /// Model file or name
        #[arg(value_name = "MODEL", value_hint = ValueHint::FilePath)]
        model: String,
        /// Print Markdown tables
        #[arg(long)]
        markdown: bool,
        /// Print the model's card instead, in Markdown
        #[arg(long, conflicts_with = "markdown")]
        card: bool,
    },
    /// Non-compartmental analysis of a table of concentrations
    #[command(after_help = NCA_EXAMPLES)]
    Nca {
        /// Table of concentrations and doses (CSV)
        #[arg(value_name = "TABLE", value_hint = ValueHint::FilePath)]
        table: PathBuf,
        /// Options of the analysis.
        #[command(flatten)]
        options: Box<NcaOptions>,
    },
    /// Run a scenario at many points, resumably
    #[command(after_help = SWEEP_EXAMPLES)]
    Sweep {
        /// Sweep file or name
        #[arg(value_name = "SWEEP", value_hint = ValueHint::FilePath)]
        sweep: String,
        /// Options of the sweep.
        #[command(flatten)]
        options: SweepOptions,
    },
    /// Score the scenarios of published trials against what was reported
    #[command(after_help = VALIDATE_EXAMPLES)]
    Validate {
        /// Options of the validation.
        #[command(flatten)]
        options: ValidateOptions,
    },
    /// Fit parameters to published outcomes, resumably
    #[command(after_help = CALIBRATE_EXAMPLES)]
    Calibrate {
        /// Calibration file or name
        #[arg(value_name = "CALIBRATION", value_hint = ValueHint::FilePath)]
        calibration: String,
        /// Options of the calibration.
        #[command(flatten)]
        options: CalibrateOptions,
    },
    /// Put the folders of a sweep's shards together
    #[command(after_help = MERGE_EXAMPLES)]
    Merge {
        /// Folders of finished shards
        #[arg(value_name = "FOLDER", required = true, value_hint = ValueHint::DirPath)]
        folders: Vec<PathBuf>,
        /// Folder of the whole
        #[arg(long, value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// Shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page (roff), of the program or of one command
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// Command
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for command in Arguments::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }
}
