//! Exit codes: fixed and documented in `docs/cli.md`.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything went well.
    Fine,
    /// A run failed, or some patients in it failed numerically.
    Failed,
    /// Wrong input or usage.
    WrongInput,
    /// Stopped with Ctrl-C.
    Interrupted,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Fine => 0,
            Outcome::Failed => 1,
            Outcome::WrongInput => 2,
            // 128 + SIGINT, as shells have it.
            Outcome::Interrupted => 130,
        })
    }
}
