//! Where one stretch ends and the next begins: whether the rates of change are still those of the last step.
//!
//! A visit without a change, or a dose into the first compartments of a transit chain, leaves the rates of all that is integrated as
//! they were; then the solver need not evaluate them anew. Told by what changed, to the last bit, and not by what
//! caused it, so that a replay comes to the same answer.

use super::subject::NOTHING;
use crate::program::{Individual, Program};

/// The end of the last stretch.
#[derive(Debug)]
pub(super) struct Seam<'p> {
    program: &'p Program,
    /// A step ended there, and nothing is known to have changed since.
    sound: bool,
    /// d.
    time: f64,
    states: Vec<f64>,
    inputs: Vec<f64>,
    constants: Vec<f64>,
}

impl<'p> Seam<'p> {
    /// Before the first stretch.
    pub(super) fn new(program: &'p Program) -> Self {
        Seam {
            program,
            sound: false,
            time: 0.0,
            states: Vec::new(),
            inputs: Vec::new(),
            constants: Vec::new(),
        }
    }

    /// A stretch ended with the end of a step at this time, in these states and with these constant inputs.
    pub(super) fn close(&mut self, individual: &Individual, time: f64, states: &[f64], inputs: &[f64]) {
        self.time = time;
        // Covariates on lines move from record to record.
        self.sound = self.program.inputs().linear.is_empty();
        for (kept, values) in [
            (&mut self.states, states),
            (&mut self.inputs, inputs),
            (&mut self.constants, individual.brought()),
        ] {
            kept.clear();
            kept.extend_from_slice(values);
        }
    }

    /// The next stretch will not begin where one ended.
    pub(super) fn open(&mut self) {
        self.sound = false;
    }

    /// Whether the rates of change at the start of a stretch are those at the end of the one before, but for rounding. Asked once.
    pub(super) fn holds(
        &mut self,
        individual: &Individual,
        time: f64,
        states: &[f64],
        inputs: &[f64],
    ) -> bool {
        let same = |old: &[f64], new: &[f64]| {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| old.to_bits() == new.to_bits())
        };
        let sound = std::mem::take(&mut self.sound);
        let stands = |(state, (old, new)): (usize, (&f64, &f64))| {
            let dropped = *new == 0.0 && old.abs() < NOTHING;
            old.to_bits() == new.to_bits() || dropped || self.program.is_upstream(state)
        };
        sound
            && self.time == time
            && self.states.iter().zip(states).enumerate().all(stands)
            && same(&self.inputs, inputs)
            && same(&self.constants, individual.brought())
    }
}
