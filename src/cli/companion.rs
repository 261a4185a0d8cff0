//! What a shell wants beside the program: completion scripts and manual pages, made from the arguments' definition.

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::message;
use super::outcome::Outcome;

/// Prints a completion script.
pub fn completions(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "regimen", &mut script);
    message::result(&script, Outcome::Fine)
}

/// Prints the manual page of the program, or of one command.
pub fn manual(command: Option<&str>) -> Outcome {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(found) => found.clone(),
            None => {
                let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                message::note(format!("there is no command `{name}`; there are: {}", names.join(", ")));
                return Outcome::WrongInput;
            }
        },
    };
    let mut roff = Vec::new();
    match Man::new(page).source(concat!("regimen ", env!("CARGO_PKG_VERSION"))).render(&mut roff) {
        Ok(()) => message::result(&roff, Outcome::Fine),
        Err(error) => {
            message::note(format!("cannot make the manual page: {error}"));
            Outcome::Failed
        }
    }
}
