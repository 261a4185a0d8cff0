//! Co-medication that rules give: once a day, with a hold, while a condition holds, for a span of days or until a condition.

use super::clock::{MOMENT, reached};
use super::course::Course;
use super::protocol::{Protocol, Round};
use super::trajectory::{Decision, Done, Why};
use crate::scenario::{Action, CoMedication};

/// What a rule remembers of its co-medication.
#[derive(Debug, Default)]
pub(super) struct Giving {
    /// It is being given.
    under_way: bool,
    /// Time at which a span ends, d.
    ends: f64,
    /// What it waits for (`until`) is true at the present check.
    over: bool,
    /// A course with an end of its own has been given, and the condition has been true ever since: no second course.
    done: bool,
    /// Stopped for good by a rule.
    stopped: bool,
}

impl<'s> Protocol<'s> {
    /// Co-medications being given.
    pub(super) fn co_medications(&self) -> impl Iterator<Item = &'s CoMedication> {
        self.rules.iter().filter(|state| state.giving.under_way).filter_map(|state| state.rule.give.as_ref())
    }

    /// Looks at the condition that ends a rule's co-medication.
    pub(super) fn look_whether_over(&mut self, place: usize, round: &mut Round<'_, 's>) {
        let until = self.rules[place].rule.give.as_ref().and_then(|given| given.until.as_ref());
        self.rules[place].giving.over = until.is_some_and(|until| round.holds(until));
    }

    /// Begins and ends co-medication that goes with holds.
    pub(super) fn follow_holds(&mut self, time: f64, course: &Course, outputs: &[f64]) {
        for place in 0..self.rules.len() {
            let state = &self.rules[place];
            if matches!(state.rule.action, Action::Hold { .. }) {
                let held = course.held_by(state.number);
                self.give(place, held, time, outputs);
            }
        }
    }

    /// Ends the courses whose days are over.
    pub(super) fn end_spans(&mut self, time: f64, outputs: &[f64]) {
        for place in 0..self.rules.len() {
            let Giving { under_way, ends, .. } = self.rules[place].giving;
            let spanned = self.rules[place].rule.give.as_ref().is_some_and(|given| given.span.is_some());
            if under_way && spanned && reached(ends, time) {
                self.rules[place].giving.done = true;
                self.turn(place, false, time, outputs);
            }
        }
    }

    /// Stops what rules give of a drug, for good.
    pub(super) fn stop_giving(&mut self, drug: Option<usize>, time: f64, outputs: &[f64]) {
        let Some(drug) = drug else { return };
        for place in 0..self.rules.len() {
            if self.rules[place].rule.give.as_ref().is_some_and(|given| given.drug == drug) {
                self.rules[place].giving.stopped = true;
                if self.rules[place].giving.under_way {
                    self.turn(place, false, time, outputs);
                }
            }
        }
    }

    /// Begins or ends a rule's co-medication, whose hold lasts or whose condition holds where `wanted`.
    pub(super) fn give(&mut self, place: usize, wanted: bool, time: f64, outputs: &[f64]) {
        let state = &mut self.rules[place];
        let Some(given) = &state.rule.give else { return };
        let giving = &mut state.giving;
        giving.done &= wanted;
        let own_end = given.span.is_some() || given.until.is_some();
        let go_on = if !own_end {
            wanted && !giving.stopped
        } else if giving.under_way {
            let ended = giving.over || (given.span.is_some() && reached(giving.ends, time));
            giving.done |= ended && wanted;
            !ended
        } else {
            wanted && !giving.done && !giving.stopped && !giving.over
        };
        if go_on != giving.under_way {
            giving.ends = time + given.span.unwrap_or(f64::INFINITY) - MOMENT;
            self.turn(place, go_on, time, outputs);
        }
    }

    /// Turns a rule's co-medication on or off, and logs it.
    fn turn(&mut self, place: usize, on: bool, time: f64, outputs: &[f64]) {
        let state = &mut self.rules[place];
        let Some(given) = &state.rule.give else { return };
        state.giving.under_way = on;
        let (action, before, after) = if on {
            (Done::StartCoMedication, 0.0, given.dose)
        } else {
            (Done::StopCoMedication, given.dose, 0.0)
        };
        let (signal, value) = state.read(outputs);
        let (by, drug) = (Why::Rule(state.number), given.drug);
        if on && matches!(state.rule.action, Action::Give) {
            self.fired[state.number] += 1;
        }
        self.decisions.push(Decision { time, by, signal, value, action, drug, before, after });
    }
}
