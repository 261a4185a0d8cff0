//! Arguments, paths, progress, messages: the only room that prints.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program on these arguments and returns its exit code: 0 fine, 1 a run or check failed, 2 wrong input or usage.
pub fn run(_arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    todo!()
}
