//! What is done before the visits: the drugs at their starting levels, and blood whose value is known later.

use super::super::adherence::Taking;
use super::super::calendar::Calendar;
use super::super::drug::Drug;
use super::super::failure;
use super::super::record::Observer;
use super::super::schedule::Plan;
use super::super::trajectory::Failure;
use super::Subject;
use crate::population::Patient;
use crate::program::Individual;
use crate::scenario::{Arm, Scenario, Treatment};

impl Subject<'_> {
    /// Draws the blood whose values are known at a later visit.
    pub(super) fn draw_blood(&mut self) -> Result<(), Failure> {
        let (time, held_since) = (self.time, self.course.held_since());
        if self.drawing.is_immediate() || !self.drawing.is_due(time, &self.calendar, held_since) {
            return Ok(());
        }
        let Subject { individual, observer: Observer { outputs, .. }, .. } = self;
        individual.outputs(time, &self.states, outputs);
        if let Some(output) = outputs.iter().position(|value| !value.is_finite()) {
            return Err(failure::of_output(&self.scenario.model, output, time, outputs[output]));
        }
        self.drawing.draw(time, &self.calendar, held_since, outputs);
        Ok(())
    }
}

/// The treatments of an arm for one patient, at their starting levels.
pub(super) fn drugs<'s>(
    scenario: &'s Scenario,
    arm: &'s Arm,
    patient: &Patient,
    individual: &Individual,
    calendar: &Calendar,
) -> Vec<Drug<'s>> {
    let one = |treatment: &'s Treatment| {
        let plan = match treatment.visits {
            Some(schedule) => Plan::at_visits(treatment, calendar.times_of(schedule)),
            None => Plan::new(treatment),
        };
        let adherence = treatment.adherence.filter(|_| scenario.variability);
        let (seed, number) = (scenario.seed, patient.number as u64);
        let drug = &scenario.model.routes[treatment.route].name;
        let taking = adherence.map(|taken| Taking::new(taken, seed, number, drug));
        Drug::new(treatment, plan, starting_level(treatment, individual), taking)
    };
    arm.treatments.iter().map(one).collect()
}

/// The level at which a patient starts: the first true condition of `start_if`, else the plan's.
fn starting_level(treatment: &Treatment, individual: &Individual) -> usize {
    let constant = |symbol| individual.constant(symbol).unwrap_or(f64::NAN);
    let chosen = treatment.start_if.iter().find(|(when, _)| when.evaluate(&mut { constant }) != 0.0);
    chosen.map_or(treatment.start, |&(_, level)| level)
}
