//! What happens to a patient at one moment: seen, decided about, dosed.

use super::super::clock::{reached, starts_day};
use super::super::course::DueDose;
use super::super::failure;
use super::super::judge::{Check, Present};
use super::super::measurement::{Sampling, measure, quantify};
use super::super::protocol::Round;
use super::super::record::Observer;
use super::super::trajectory::{Dose, Failure, Visit, Why};
use super::Subject;

impl Subject<'_> {
    /// Controls and states at the start, and what of the records lies there.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        let model = &self.scenario.model;
        self.occasions.enter(self.time, &mut self.individual);
        self.set_controls();
        if let Some(failure) = failure::of_constants(model, &self.individual, self.time) {
            return Err(failure);
        }
        self.individual.initial(&mut self.states);
        self.check_states("starts at a value that is not finite")?;
        self.check_volumes()?;
        self.observer.look(self.time, &self.states, &mut self.individual)
    }

    /// Everything that happens at the present time. True if states, controls or inputs jumped.
    pub(super) fn attend(&mut self) -> Result<bool, Failure> {
        self.course.book(self.time, false);
        let mut jumped = self.later.come(self.time, &mut self.individual);
        self.draw_blood()?;
        let end = reached(self.scenario.horizon, self.time);
        let seen = self.calendar.attend(self.time, self.course.held_since());
        let daily = self.daily && self.course.under_way() && starts_day(self.time);
        if seen.is_some() || (daily && !end) {
            self.check(Check { time: self.time, schedules: seen.unwrap_or(0), daily }, !end)?;
        }
        if end {
            self.write_standing();
            return Ok(false);
        }
        self.course.book(self.time, true);
        jumped |= self.occasions.enter(self.time, &mut self.individual);
        jumped |= self.set_controls();
        self.protocol.end_spans(self.time, &self.known);
        self.give_doses()?;
        jumped |= self.set_controls();
        jumped |= self.later.go(self.time, &mut self.individual);
        if jumped
            && let Some(failure) = failure::of_constants(&self.scenario.model, &self.individual, self.time)
        {
            return Err(failure);
        }
        let entered = self.intake.enter(self.time, &mut self.states, &mut self.inputs);
        jumped |= entered;
        self.check_states("became infinite or not a number with a dose")?;
        self.check_volumes()?;
        if entered {
            self.observer.look_after_doses(self.time, &self.states, &mut self.individual)?;
        }
        self.write_standing();
        Ok(jumped)
    }

    /// A visit or a day's dose time: outputs, measurements, signals, decisions.
    fn check(&mut self, check: Check, decide: bool) -> Result<(), Failure> {
        let model = &self.scenario.model;
        let Subject { individual, observer: Observer { outputs, .. }, .. } = self;
        individual.outputs(self.time, &self.states, outputs);
        if let Some(output) = outputs.iter().position(|value| !value.is_finite()) {
            return Err(failure::of_output(model, output, self.time, outputs[output]));
        }
        if check.schedules == 0 {
            // Between visits only what needs no measurement is known anew.
            let present = self.known.iter_mut().zip(outputs.iter()).zip(&model.outputs);
            for ((known, truth), _) in present.filter(|(_, output)| output.error.is_none()) {
                *known = *truth;
            }
        } else if self.scenario.variability {
            let (seed, patient) = (self.scenario.seed, self.numbers.0 as u64);
            let sampling = Sampling { seed, patient, time: self.time, again: 0 };
            let mut drawn = outputs.clone();
            self.drawing.deliver(self.time, &mut drawn);
            measure(sampling, &model.outputs, individual, &drawn, &mut self.known);
            quantify(&model.outputs, &mut self.known);
        } else {
            self.known.copy_from_slice(outputs);
            self.drawing.deliver(self.time, &mut self.known);
            quantify(&model.outputs, &mut self.known);
        }
        self.write_check(check.schedules != 0);
        let Subject { individual, observer: Observer { outputs, .. }, .. } = self;
        let present = Present { outputs: &self.known, individual, course: &self.course };
        self.judge.begin(check, present);
        self.protocol.auditor.begin(check, outputs, individual, &self.course);
        if check.schedules != 0 {
            self.visits.push(Visit {
                time: self.time,
                schedules: check.schedules,
                on_treatment: self.course.on_treatment(),
                on_hold: self.course.held_since().is_some(),
                truth: outputs.clone(),
                measured: self.known.clone(),
                signals: self.judge.signals().to_vec(),
            });
        }
        if decide {
            let (judge, course) = (&mut self.judge, &mut self.course);
            self.protocol.act(&mut Round { check, judge, outputs: &self.known, individual, course });
        }
        Ok(())
    }

    /// Gives the doses of the plan and of co-medication that are due.
    fn give_doses(&mut self) -> Result<(), Failure> {
        let time = self.time;
        self.due.clear();
        self.course.take_due(time, &mut self.due);
        let planned = self.due.len();
        if starts_day(time) {
            let co_medications = self.protocol.co_medications();
            self.due.extend(co_medications.map(|given| DueDose {
                route: given.drug,
                amount: given.dose,
                over: 0.0,
            }));
        }
        for number in 0..self.due.len() {
            let dose @ DueDose { route, amount, over } = self.due[number];
            let described = (route, &self.scenario.model.routes[route]);
            if !self.individual.admits(route, over > 0.0) {
                return Err(failure::of_route(&self.scenario.model, route, time));
            }
            let taken = self.intake.give(&self.individual, described, time, amount, over);
            taken.map_err(|lag| failure::of_lag(&self.scenario.model, route, time, lag))?;
            self.write_dose(dose);
            self.doses.push(Dose { time, route, amount, planned: number < planned });
        }
        Ok(())
    }

    /// Puts the controls at their present values.
    fn set_controls(&mut self) -> bool {
        self.settings.apply(self.time, self.course.on_treatment(), &mut self.individual)
    }

    /// Looks at the volumes that vary.
    fn check_volumes(&mut self) -> Result<(), Failure> {
        let model = &self.scenario.model;
        failure::of_volume(model, &mut self.individual, self.time, &self.states).map_or(Ok(()), Err)
    }

    /// A hazard (dropout) ends treatment; follow-up goes on.
    pub(super) fn end_treatment(&mut self, hazard: usize) {
        let time = self.time;
        let stopped = self.course.discontinue(None, time, Why::Hazard(hazard));
        if stopped.is_empty() {
            return;
        }
        self.protocol.note_end(time, hazard, &stopped);
        self.protocol.follow_holds(time, &self.course, &self.known);
    }

    pub(super) fn check_states(&self, what: &str) -> Result<(), Failure> {
        match self.states.iter().position(|state| !state.is_finite()) {
            Some(state) => Err(failure::of_state(&self.scenario.model, state, self.time, what)),
            None => Ok(()),
        }
    }
}
