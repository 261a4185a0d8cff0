//! A patient all of whose states have a closed form: from event to event without a solver.

use super::super::clock::{MOMENT, reached};
use super::super::course::DueDose;
use super::super::failure;
use super::super::trajectory::{Dose, Failure};
use super::{Standing, Subject};
use crate::program::Individual;
use crate::scenario::{Arm, Scenario, Treatment};
use crate::solver::Interpolant;

impl Subject<'_> {
    /// From one planned dose to the next, where nothing else can happen before the next visit. False if something may: then
    /// [`Subject::proceed`] takes all in its order. The numbers are the same either way.
    ///
    /// # Errors
    /// What ends the course.
    pub(super) fn stride(&mut self) -> Result<bool, Failure> {
        let time = self.time;
        let limit = self.calendar.next(None).min(self.scenario.horizon);
        if !self.undisturbed || !matches!(self.standing, Standing::Arrived(None)) || reached(limit, time) {
            return Ok(false);
        }
        self.course.book(time, true);
        self.due.clear();
        self.course.take_due(time, &mut self.due);
        let model = &self.scenario.model;
        for &DueDose { route, amount, .. } in &self.due {
            for (place, into) in model.routes[route].into.iter().enumerate() {
                self.states[into.state] += amount * self.individual.dose_fraction(route, place);
            }
            self.doses.push(Dose { time, route, amount, planned: true });
        }
        self.check_states("became infinite or not a number with a dose")?;
        self.drop_nothing();
        let to = self.course.next_dose().min(limit);
        self.standing = Standing::UnderWay(to);
        self.glide(time, to)?;
        Ok(true)
    }

    /// Whether nothing but visits and doses that arrive at once can happen to a patient all of whose states have a closed
    /// form.
    pub(super) fn is_undisturbed(scenario: &Scenario, arm: &Arm, individual: &Individual) -> bool {
        let at_once =
            |treatment: &Treatment| treatment.over <= 0.0 && individual.dose_lag(treatment.route) == 0.0;
        arm.rules.is_empty() && scenario.model.controls.is_empty() && arm.treatments.iter().all(at_once)
    }

    /// Goes over a stretch in which everything has a closed form and there is nothing to solve.
    pub(super) fn glide(&mut self, from: f64, to: f64) -> Result<(), Failure> {
        let due = self.next_record();
        let Subject { composition, individual, observer, states, inputs, .. } = self;
        let model = &self.scenario.model;
        if due < to - MOMENT {
            composition
                .rebase(individual, (from, to - from), states, inputs, &mut [])
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
