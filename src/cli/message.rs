//! The two streams: results on standard output, messages on standard error. A closed pipe (`regimen … | head`) is no
//! error: the reader has seen enough.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use super::outcome::Outcome;
use crate::diagnostic::{Diagnostic, Sources, render};

/// Writes the result of a command to standard output, `outcome` being how the command ended otherwise. Where the
/// stream cannot take it (a full disk), the command has failed; a closed pipe is no failure.
pub fn result(text: impl AsRef<[u8]>, outcome: Outcome) -> Outcome {
    let mut stream = io::stdout().lock();
    match stream.write_all(text.as_ref()).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            note(format!("cannot write to standard output: {error}"));
            Outcome::Failed
        }
        _ => outcome,
    }
}

/// Writes a message to standard error, with `regimen: ` in front so that it can be told apart in a log.
pub fn note(text: impl Display) {
    // There is nowhere left to report a failing standard error.
    let _ = writeln!(io::stderr().lock(), "regimen: {text}");
}

/// Writes findings to standard error, in colour on a terminal.
pub fn findings(diagnostics: &[Diagnostic], sources: &Sources) {
    if diagnostics.is_empty() {
        return;
    }
    let text = render(diagnostics, sources, colour());
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether standard error takes colour (<https://no-color.org>).
fn colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    io::stderr().is_terminal() && !refused && !dumb
}
