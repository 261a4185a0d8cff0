//! An onlooker of a replay: keeps the records and finds the hazard events of a patient who is led over a course again.
//!
//! It sees the same steps as the observer of the trial did and looks at them in the same way, so that what it finds must be the
//! same to the last bit.

use super::clock::MOMENT;
use super::hazard::Hazards;
use super::record::Observer;
use super::system::Composition;
use super::trajectory::{Event, Failure, RecordedSeries};
use crate::program::{Individual, Program};
use crate::scenario::Scenario;
use crate::solver::Interpolant;

/// Looks on.
#[derive(Debug)]
pub(super) struct Onlooker<'p> {
    observer: Observer<'p>,
    individual: Individual<'p>,
}

impl<'p> Onlooker<'p> {
    /// Of a patient of a scenario, whose model has been compiled to `program`.
    pub(super) fn new(scenario: &'p Scenario, program: &'p Program, patient: usize) -> Self {
        let model = &scenario.model;
        let hazards = Hazards::new(&model.hazards, scenario.seed, patient, scenario.variability);
        let dimension = Composition::new(program, false).kept().len();
        Onlooker {
            observer: Observer::new(model, &scenario.records, hazards, false, dimension),
            individual: Individual::new(program, &[], &[]),
        }
    }

    /// Whether the patient is on treatment from now on.
    pub(super) fn set_on_treatment(&mut self, on_treatment: bool) {
        self.observer.hazards.on_treatment = on_treatment;
    }

    /// The patient as it is read from now on.
    pub(super) fn reads(&mut self, individual: &Individual<'p>) {
        self.individual.clone_from(individual);
    }

    /// Looks at an accepted step. False where a record cannot be kept.
    pub(super) fn watch(&mut self, step: &dyn Interpolant, composition: &Composition<'p>) -> bool {
        self.observer.watch(step, (&mut self.individual, composition));
        self.observer.outcome.is_ok()
    }

    /// Looks at the states at a time that may be due.
    pub(super) fn look(&mut self, time: f64, states: &[f64]) -> Result<(), Failure> {
        if self.next_record() <= time + MOMENT {
            self.observer.look(time, states, &mut self.individual)?;
        }
        Ok(())
    }

    /// What came of the last step.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        std::mem::replace(&mut self.observer.outcome, Ok(None)).map(|_| ())
    }

    /// The next time to be recorded; infinite if there is none, d.
    pub(super) fn next_record(&self) -> f64 {
        self.observer.recorder.next()
    }

    /// Records and events.
    pub(super) fn seen(self) -> (Vec<RecordedSeries>, Vec<Event>) {
        (self.observer.recorder.series, self.observer.hazards.events)
    }
}

/// A stretch without anything to solve.
#[derive(Debug)]
pub(super) struct Gap {
    /// Start, d.
    pub(super) from: f64,
    /// End, d.
    pub(super) to: f64,
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
