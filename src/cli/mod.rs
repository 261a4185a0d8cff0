//! Arguments, paths, progress, messages: the only room that prints.
//!
//! [`run()`] parses the arguments (`arguments`), settles them (`settings`), and hands over to one command: `run`,
//! `sweep`, `calibrate`, `merge`, `validate`, `diff`, `explain`, `replay`, `simulate`, `check`, `describe`, `nca`, or the companions of a shell (`companion`). The
//! rooms below read through the
//! [`loader::Files`] and never touch a stream.

mod arguments;
mod calibrate;
mod catalogue;
mod check;
mod companion;
mod describe;
mod diff;
mod explain;
mod front;
mod loader;
mod merge;
mod message;
mod nca;
mod options;
mod outcome;
mod past_run;
mod precision;
mod progress;
mod replayed;
mod run;
mod sensitivity;
mod settings;
mod simulate;
mod slurm;
mod sweep;
mod sweep_bar;
mod sweep_report;
mod sweep_told;
mod table;
mod text;
mod uncertain;
mod validate;
mod verified;
mod wording;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use outcome::Outcome;
use settings::{Invocation, RunSettings};

/// Runs the program on these arguments and returns its exit code: 0 fine, 1 a run or check failed, 2 wrong input or
/// usage, 130 stopped with Ctrl-C.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    match Arguments::try_parse_from(&typed) {
        Ok(parsed) => obey(parsed, &typed).into(),
        Err(refusal) => {
            // Help and version are results and go to standard output; a closed pipe there is no error.
            let _ = refusal.print();
            if refusal.use_stderr() { Outcome::WrongInput.into() } else { Outcome::Fine.into() }
        }
    }
}

fn obey(arguments: Arguments, typed: &[OsString]) -> Outcome {
    match arguments.command {
        None => run::run(&RunSettings::new(None, arguments.options, typed)),
        Some(Command::Run { scenario, options }) => {
            run::run(&RunSettings::new(Some(scenario), options, typed))
        }
        Some(Command::Diff { first, second, options }) => {
            diff::diff([&first, &second], options, &Invocation::new(typed))
        }
        Some(Command::Simulate { model, options }) => simulate::simulate(&model, &options),
        Some(Command::Check { files, strict }) => check::check(&files, strict),
        Some(Command::Explain { run, options }) => explain::explain(&run, &options),
        Some(Command::Replay { run, options }) => explain::replay(&run, &options),
        Some(Command::Describe { model, card: true, .. }) => describe::show_card(&model),
        Some(Command::Describe { model, markdown, .. }) => describe::describe(&model, markdown),
        Some(Command::Nca { table, options }) => nca::nca(&table, &options),
        Some(Command::Sweep { sweep, options }) => sweep::sweep(&sweep, &options),
        Some(Command::Validate { options }) => validate::validate(&options, &Invocation::new(typed)),
        Some(Command::Calibrate { calibration, options }) => {
            calibrate::calibrate(&calibration, &options, &Invocation::new(typed))
        }
        Some(Command::Merge { folders, out }) => merge::merge(&folders, &out),
        Some(Command::Completions { shell }) => companion::completions(shell),
        Some(Command::Man { command }) => companion::manual(command.as_deref()),
    }
}
