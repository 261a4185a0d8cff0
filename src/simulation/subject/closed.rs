//! A patient all of whose states have a closed form: from event to event without a solver.

use super::super::clock::{MOMENT, reached};
use super::super::failure;
use super::super::trajectory::Failure;
use super::{Standing, Subject};
use crate::solver::Interpolant;

impl Subject<'_> {
    /// Goes over a stretch in which everything has a closed form and there is nothing to solve.
    pub(super) fn glide(&mut self, from: f64, to: f64) -> Result<(), Failure> {
        let due = self.next_record();
        let Subject { composition, individual, observer, states, inputs, .. } = self;
        let model = &self.scenario.model;
        if due < to - MOMENT {
            composition
                .rebase(individual, from, states, inputs, &mut [])
                .map_err(|none| failure::of_closed_form(model, none, from))?;
            self.watch(&Gap { from, to });
            self.arrive(&[]);
            return Ok(());
        }
        individual
            .carry(to - from, states, inputs)
            .map_err(|none| failure::of_closed_form(model, none, from))?;
        if reached(due, to) {
            observer.look(to, states, individual)?;
        }
        self.time = to;
        self.standing = Standing::Arrived(None);
        Ok(())
    }
}

/// A stretch without anything to solve.
struct Gap {
    from: f64,
    to: f64,
}

impl Interpolant for Gap {
    fn start(&self) -> f64 {
        self.from
    }

    fn end(&self) -> f64 {
        self.to
    }

    fn at(&self, _t: f64, _y: &mut [f64]) {}
}
