//! What a record does to its subject: doses, steady states, resets.

use super::super::administration::{Entry, entry};
use super::super::due::has_come;
use super::super::failure;
use super::super::periodic::{Regimen, endless, periodic};
use super::super::trajectory::Failure;
use super::{Follower, MOST_UNDER_WAY};
use crate::dataset::{Administration, Dose, Event, SteadyState};

impl Follower<'_> {
    pub(super) fn happen(&mut self, event: &Event) -> Result<(), Failure> {
        match event {
            Event::Sample | Event::Other => Ok(()),
            Event::Dose(dose) => self.dose(dose),
            Event::Reset => self.reset(),
            Event::ResetAndDose(dose) => {
                self.reset()?;
                self.dose(dose)
            }
            Event::Replace { state, value } => {
                self.walker.states[*state] = *value;
                self.walker.jump();
                Ok(())
            }
            Event::Multiply { state, factor } => {
                self.walker.states[*state] *= factor;
                self.walker.jump();
                Ok(())
            }
        }
    }

    /// Everything as at the start, with the covariates of now.
    pub(super) fn reset(&mut self) -> Result<(), Failure> {
        self.ways.clear();
        self.walker.inputs().fill(0.0);
        self.walker.initialise();
        self.walker.check_states("starts at a value that is not finite")
    }

    fn dose(&mut self, dose: &Dose) -> Result<(), Failure> {
        self.start_treatment();
        let time = self.walker.time;
        let infusion = dose.administration != Administration::Bolus;
        if !self.of.program.admits(dose.route, infusion) {
            return Err(failure::of_route(self.of.model, dose.route, time));
        }
        let (entry, lag) = entry(self.of.model, self.walker.individual(), dose, time)?;
        if dose.steady_state != SteadyState::No {
            self.settle(dose, &entry, lag)?;
            if dose.interval == 0.0 {
                // The infusion without end ends here.
                self.write_inputs();
                return Ok(());
            }
        }
        if lag > 0.0 {
            self.ways.wait(time + lag, entry);
            if dose.steady_state == SteadyState::No {
                // Nothing has entered yet.
                self.ways.repeat(dose, time);
                return Ok(());
            }
        } else {
            self.ways.enter(time, entry, &mut self.walker.states);
        }
        self.ways.repeat(dose, time);
        self.write_inputs();
        self.walker.check_states("became infinite or not a number with a dose")
    }

    fn write_inputs(&mut self) {
        self.ways.write_inputs(self.walker.inputs());
        self.walker.jump();
    }

    /// What follows treatment is on from the first dose.
    fn start_treatment(&mut self) {
        for &control in &self.driven {
            if self.walker.individual().control(control) != 1.0 {
                self.walker.individual().set_control(control, 1.0);
                self.walker.jump();
            }
        }
    }

    /// The regimen of a dose has been going on for ever: its state, and what of its doses is still on the way.
    fn settle(&mut self, dose: &Dose, entry: &Entry, lag: f64) -> Result<(), Failure> {
        let time = self.walker.time;
        let before = self.walker.states.clone();
        let interval = dose.interval;
        let lasting = match entry {
            Entry::Bolus(_) => lag,
            Entry::Infusion { duration, .. } => lag + duration,
        };
        if interval > 0.0 && lasting / interval > MOST_UNDER_WAY {
            return Err(Failure {
                time,
                state: None,
                what: format!("a steady state with {:.1e} doses under way at once", lasting / interval),
                cause:
                    "look at II, the amount and rate of the dose, the lag of its route and the unit of time"
                        .to_owned(),
            });
        }
        let state = match entry {
            Entry::Infusion { rates, .. } if interval == 0.0 => endless(&mut self.walker, rates)?,
            _ => {
                // The dose that arrived last, counted back from this one, and the time since.
                let last = (((lag / interval) * (1.0 - 1e-12)).ceil()).max(1.0);
                let regimen = Regimen { entry, interval };
                periodic(&mut self.walker, &regimen, (last * interval - lag).max(0.0))?
            }
        };
        match dose.steady_state {
            SteadyState::Adds => {
                self.walker.states.copy_from_slice(&before);
                for &recurrent in &self.recurrent {
                    self.walker.states[recurrent] += state[recurrent];
                }
            }
            _ => {
                self.ways.clear();
                self.walker.states.copy_from_slice(&state);
            }
        }
        if interval > 0.0 {
            self.imply(time, entry, interval, lag);
        }
        Ok(())
    }

    /// Earlier doses of a steady state whose infusion goes on or whose lag is not over.
    fn imply(&mut self, time: f64, entry: &Entry, interval: f64, lag: f64) {
        for earlier in 1_u32.. {
            let start = time + lag - f64::from(earlier) * interval;
            if !has_come(start, time) {
                self.ways.wait(start, entry.clone());
                continue;
            }
            match entry {
                Entry::Infusion { rates, duration } if !has_come(start + duration, time) => {
                    self.ways.run(rates.clone(), start + duration);
                }
                _ => return,
            }
        }
    }
}
