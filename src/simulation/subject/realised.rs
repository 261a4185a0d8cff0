//! The course written down as records while it comes about, where that is wanted.

use super::super::course::DueDose;
use super::super::realised::Realised;
use super::Subject;
use crate::dataset::{Administration, Dose, Event, SteadyState};
use crate::model::Symbol;

impl<'s> Subject<'s> {
    /// The same patient; its course is written down as records.
    pub(in crate::simulation) fn written_down(mut self) -> Self {
        self.realised = Some(Box::new(Realised::new(self.numbers.0)));
        // Every stop is one of the ordinary ones.
        self.undisturbed = false;
        self
    }

    /// A visit or a day's dose time, whose outputs have just been evaluated.
    pub(super) fn write_check(&mut self, visit: bool) {
        let Some(mut realised) = self.realised.take() else { return };
        let event = if visit { Event::Sample } else { Event::Other };
        self.write(&mut realised, event);
        // What arrives now comes before the record.
        if !self.intake.is_due(self.time) {
            realised.set_outputs(&self.observer.outputs);
        }
        self.realised = Some(realised);
    }

    /// A dose.
    pub(super) fn write_dose(&mut self, due: DueDose) {
        let Some(mut realised) = self.realised.take() else { return };
        let DueDose { route, amount, over } = due;
        let administration = if over > 0.0 { Administration::Duration(over) } else { Administration::Bolus };
        let dose = Dose {
            route,
            amount,
            administration,
            interval: 0.0,
            additional: 0,
            steady_state: SteadyState::No,
        };
        self.write(&mut realised, Event::Dose(dose));
        self.realised = Some(realised);
    }

    /// All that happens at the present time has happened: there is a record with the controls as they are now, and its outputs.
    pub(super) fn write_standing(&mut self) {
        let Some(mut realised) = self.realised.take() else { return };
        let paused = std::mem::take(&mut realised.paused);
        let width = self.scenario.model.controls.len();
        let controls = &realised.subject.controls[realised.subject.controls.len().saturating_sub(width)..];
        let now = |number: usize| self.individual.control(number);
        let mut changed =
            controls.iter().enumerate().any(|(number, value)| now(number).to_bits() != value.to_bits());
        let width = self.scenario.model.covariates.len();
        let covariates =
            &realised.subject.covariates[realised.subject.covariates.len().saturating_sub(width)..];
        changed |= covariates
            .iter()
            .enumerate()
            .any(|(number, value)| self.covariate(number).to_bits() != value.to_bits());
        if self.occasions.any() {
            let width = self.scenario.model.random_effects.len();
            let effects = &realised.effects[realised.effects.len().saturating_sub(width)..];
            changed |= effects.iter().zip(self.effects()).any(|(old, now)| old.to_bits() != now.to_bits());
        }
        let here = realised.is_at(self.time);
        if (!here && !paused) || changed {
            self.write(&mut realised, Event::Other);
        }
        if realised.is_at(self.time) {
            let mut outputs = vec![0.0; self.scenario.model.outputs.len()];
            self.individual.outputs(self.time, &self.states, &mut outputs);
            realised.set_outputs(&outputs);
        }
        self.realised = Some(realised);
    }

    /// The solver sets out for a stop.
    pub(super) fn write_stop(&mut self, stop: f64) {
        let (time, on_treatment) = (self.time, self.course.on_treatment());
        let Some(realised) = self.realised.as_mut().filter(|realised| realised.is_at(time)) else { return };
        if let Some(last) = realised.subject.records.last_mut() {
            last.stop = Some(stop);
        }
        if let Some(last) = realised.on_treatment.last_mut() {
            *last = on_treatment;
        }
    }

    /// The stretch is left in its middle, and nothing happens there.
    pub(super) fn write_pause(&mut self) {
        if let Some(realised) = &mut self.realised {
            realised.paused = true;
        }
    }

    fn write(&self, realised: &mut Realised, event: Event) {
        let model = &self.scenario.model;
        let controls = (0..model.controls.len()).map(|number| self.individual.control(number));
        let covariates = (0..model.covariates.len()).map(|number| self.covariate(number));
        realised.add((self.time, event), controls, covariates, model.outputs.len());
        if self.occasions.any() {
            realised.effects.extend(self.effects());
        }
    }

    fn effects(&self) -> impl Iterator<Item = f64> {
        let count = self.scenario.model.random_effects.len();
        (0..count).map(|number| self.individual.constant(Symbol::RandomEffect(number)).unwrap_or(f64::NAN))
    }

    fn covariate(&self, number: usize) -> f64 {
        self.individual.constant(Symbol::Covariate(number)).unwrap_or(f64::NAN)
    }
}
