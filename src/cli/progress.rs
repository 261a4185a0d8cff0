//! The progress bar and Ctrl-C.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::trial::Progress;

/// Set by the first Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Makes the first Ctrl-C stop the run in order and the second one at once. Without a handler (the system refused),
/// Ctrl-C ends the program as it would any other; no run folder is then left that looks finished either.
pub fn listen_for_interrupt() {
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            // The code of `Outcome::Interrupted`.
            std::process::exit(130);
        }
    });
}

/// A bar over all patients of all arms on standard error; silent where that is no terminal.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar of so many trajectories.
    pub fn new(trajectories: usize, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(trajectories as u64), target);
        let style = ProgressStyle::with_template("{msg:18} [{bar:40}] {pos}/{len}  {elapsed}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message("simulating");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Without an end: how many patients will be needed is what is being found out.
    pub fn seeking(quiet: bool) -> Self {
        let bar = Self::new(0, quiet);
        if let Ok(style) = ProgressStyle::with_template("{msg:18} {spinner} {elapsed}") {
            bar.bar.set_style(style);
        }
        bar.bar.set_message("how many patients");
        bar
    }

    /// Begins anew with so many trajectories that are computed again.
    pub fn verifying(&self, trajectories: usize) {
        self.bar.reset();
        self.bar.set_length(trajectories as u64);
        self.bar.set_message("verifying");
    }

    /// Says what is done after the last trajectory.
    pub fn writing(&self) {
        self.bar.set_message("writing the report");
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// Whether Ctrl-C has been pressed.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

impl Progress for Bar {
    fn finished(&self) {
        self.bar.inc(1);
    }
    fn cancelled(&self) -> bool {
        interrupted()
    }
}
