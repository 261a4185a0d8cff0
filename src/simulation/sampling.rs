//! Blood drawn some time before the visit at which its value is known.
//!
//! An output with such a delay d is read at the visit at t as it was at t − d. Day 1, and an extra visit that comes sooner
//! than d after it was called for, read it as it is at the visit.

use super::calendar::Calendar;
use super::clock::{MOMENT, reached};
use crate::scenario::Conduct;

/// A value on its way to a visit.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    visit: f64,
    output: usize,
    truth: f64,
}

/// What has been drawn for one patient.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// (delay in d, output).
    delays: Vec<(f64, usize)>,
    drawn: Vec<Drawn>,
}

impl Drawing {
    /// The delays of a trial.
    pub(super) fn new(conduct: &Conduct) -> Self {
        let delays = conduct.drawn_before.iter().enumerate().filter(|(_, delay)| **delay > 0.0);
        Drawing { delays: delays.map(|(output, &delay)| (delay, output)).collect(), drawn: Vec::new() }
    }

    /// Whether everything is drawn at the visits themselves.
    pub(super) fn is_immediate(&self) -> bool {
        self.delays.is_empty()
    }

    /// The next time after `time` at which blood is drawn; infinite if there is none, d.
    pub(super) fn next(&self, time: f64, calendar: &Calendar, held_since: Option<f64>) -> f64 {
        let mut next = f64::INFINITY;
        for &(delay, _) in &self.delays {
            let drawings = calendar.to_come(held_since).map(|visit| visit - delay);
            next = drawings.filter(|&drawing| !reached(drawing, time)).fold(next, f64::min);
        }
        next
    }

    /// Whether blood is drawn at `time`.
    pub(super) fn is_due(&self, time: f64, calendar: &Calendar, held_since: Option<f64>) -> bool {
        self.delays.iter().any(|&(delay, _)| awaited(time + delay, calendar, held_since).is_some())
    }

    /// Keeps the outputs that are drawn at `time`.
    pub(super) fn draw(&mut self, time: f64, calendar: &Calendar, held_since: Option<f64>, outputs: &[f64]) {
        for &(delay, output) in &self.delays {
            if let Some(visit) = awaited(time + delay, calendar, held_since) {
                self.drawn.push(Drawn { visit, output, truth: outputs[output] });
            }
        }
    }

    /// Puts what was drawn for the visit at `time` in place of the present values.
    pub(super) fn deliver(&mut self, time: f64, outputs: &mut [f64]) {
        self.drawn.retain(|drawn| {
            if (drawn.visit - time).abs() <= MOMENT {
                outputs[drawn.output] = drawn.truth;
            }
            drawn.visit > time + MOMENT
        });
    }
}

/// The visit at this time, if one is to come.
fn awaited(time: f64, calendar: &Calendar, held_since: Option<f64>) -> Option<f64> {
    calendar.to_come(held_since).find(|visit| (visit - time).abs() <= MOMENT)
}
