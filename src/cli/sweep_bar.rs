//! The progress of a sweep.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::progress::interrupted;
use super::wording::{duration, runs};
use crate::sweep::SweepProgress;

/// One bar over all missing runs on standard error; silent where that is no terminal.
pub struct SweepBar {
    bar: ProgressBar,
    state: Mutex<State>,
}

/// How far this process is.
struct State {
    started: Instant,
    /// Runs, with parts of those under way.
    done: f64,
    of: usize,
}

/// Steps of the bar per run.
const STEPS: f64 = 1000.0;

impl SweepBar {
    /// Hidden where quiet.
    pub fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, state: Mutex::new(State { started: Instant::now(), done: 0.0, of: 0 }) }
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl SweepProgress for SweepBar {
    fn begins(&self, points: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { started: Instant::now(), done: 0.0, of: points };
        self.bar.set_length((points as f64 * STEPS) as u64);
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    /// The time to go is that of the average run so far, parts included: runs differ, and nothing better is known of those to
    /// come.
    fn advanced(&self, part: f64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += part;
        let elapsed = state.started.elapsed().as_secs_f64();
        let left = elapsed * (state.of as f64 - state.done).max(0.0) / state.done.max(1e-9);
        self.bar.set_position((state.done * STEPS) as u64);
        let left = if elapsed < 2.0 { "…".to_owned() } else { format!("about {}", duration(left)) };
        self.bar.set_message(format!(
            "{:.0}/{}  {}, {left} left",
            state.done.floor(),
            runs(state.of),
            duration(elapsed)
        ));
    }

    fn finished(&self) {}

    fn cancelled(&self) -> bool {
        interrupted()
    }
}
