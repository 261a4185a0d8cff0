//! The door: hands the arguments to [`regimen::cli`] and returns its exit code.

fn main() -> std::process::ExitCode {
    regimen::cli::run(std::env::args_os())
}
