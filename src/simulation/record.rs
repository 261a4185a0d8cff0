//! What is read off the solution as it is computed: records and hazard events, from the interpolant of each accepted
//! step. Nothing here changes the steps.

use super::clock::{MOMENT, reached};
use super::failure;
use super::hazard::{Hazards, Interruption};
use super::system::Composition;
use super::trajectory::{Failure, RecordedSeries};
use crate::model::Model;
use crate::program::Individual;
use crate::scenario::Record;
use crate::solver::Interpolant;

/// Records of one patient under way.
#[derive(Debug)]
pub(super) struct Recorder<'s> {
    model: &'s Model,
    records: &'s [Record],
    /// One series per record.
    pub(super) series: Vec<RecordedSeries>,
}

impl<'s> Recorder<'s> {
    fn new(model: &'s Model, records: &'s [Record]) -> Self {
        let series = records
            .iter()
            .map(|record| RecordedSeries {
                reached: 0,
                values: Vec::with_capacity(record.times.len() * record.outputs.len()),
            })
            .collect();
        Recorder { model, records, series }
    }

    /// The next time to be recorded; infinite if there is none.
    pub(super) fn next(&self) -> f64 {
        let next = |(record, series): (&Record, &RecordedSeries)| record.times.get(series.reached).copied();
        self.records.iter().zip(&self.series).filter_map(next).fold(f64::INFINITY, f64::min)
    }

    /// Enters the outputs at `time` into every record that is due.
    fn enter(&mut self, time: f64, outputs: &[f64]) -> Result<(), Failure> {
        for (record, series) in self.records.iter().zip(&mut self.series) {
            while record.times.get(series.reached).is_some_and(|&due| reached(due, time)) {
                for &output in &record.outputs {
                    let value = outputs[output];
                    if !value.is_finite() {
                        series.values.truncate(series.reached * record.outputs.len());
                        return Err(failure::of_output(self.model, output, time, value));
                    }
                    series.values.push(value);
                }
                series.reached += 1;
            }
        }
        Ok(())
    }
}

/// Watches the solution of one patient. Has its own copy of the patient, since the solver holds the other while it steps.
#[derive(Debug)]
pub(super) struct Observer<'s> {
    pub(super) individual: Individual<'s>,
    pub(super) composition: Composition<'s>,
    pub(super) recorder: Recorder<'s>,
    pub(super) hazards: Hazards<'s>,
    /// What ended the last stretch early.
    pub(super) outcome: Result<Option<Interruption>, Failure>,
    /// States at an interruption, else scratch.
    pub(super) states: Vec<f64>,
    /// Outputs last evaluated.
    pub(super) outputs: Vec<f64>,
    /// Volumes that vary are looked at after every step.
    guarded: bool,
    solved: Vec<f64>,
}

impl<'s> Observer<'s> {
    /// An observer of a patient of `model`.
    pub(super) fn new(
        model: &'s Model,
        records: &'s [Record],
        individual: Individual<'s>,
        composition: Composition<'s>,
        hazards: Hazards<'s>,
        guarded: bool,
    ) -> Self {
        let solved = vec![0.0; composition.kept().len()];
        Observer {
            individual,
            composition,
            recorder: Recorder::new(model, records),
            hazards,
            outcome: Ok(None),
            states: vec![0.0; model.states.len()],
            outputs: vec![0.0; model.outputs.len()],
            guarded,
            solved,
        }
    }

    /// Looks at an accepted step. True to go on.
    pub(super) fn watch(&mut self, step: &dyn Interpolant) -> bool {
        let interruption = if self.hazards.live() { self.scan(step) } else { None };
        let limit = interruption.map_or(step.end(), |interruption| interruption.time);
        let seen = self.record(step, limit).and_then(|()| {
            if self.guarded {
                self.expand(step, limit);
                failure::of_volume(self.recorder.model, &mut self.individual, limit, &self.states)
                    .map_or(Ok(()), Err)
            } else {
                Ok(())
            }
        });
        self.outcome = seen.map(|()| interruption);
        if interruption.is_some() && self.outcome.is_ok() {
            self.expand(step, limit);
        }
        matches!(self.outcome, Ok(None))
    }

    /// Starts anew at an event, as the solver does.
    pub(super) fn rebase(&mut self, time: f64, states: &[f64]) {
        self.composition.rebase(time, &self.individual, states, &mut self.solved);
        self.outcome = Ok(None);
    }

    /// Looks at the volumes that vary.
    ///
    /// # Errors
    /// One that is not above 0 and that something is divided by.
    pub(super) fn check_volumes(&mut self, time: f64, states: &[f64]) -> Result<(), Failure> {
        failure::of_volume(self.recorder.model, &mut self.individual, time, states).map_or(Ok(()), Err)
    }

    /// Evaluates all outputs at the given states into [`Observer::outputs`] and enters them where due.
    ///
    /// # Errors
    /// A recorded output that is not finite.
    pub(super) fn look(&mut self, time: f64, states: &[f64]) -> Result<(), Failure> {
        self.individual.outputs(time, states, &mut self.outputs);
        self.recorder.enter(time, &self.outputs)
    }

    fn scan(&mut self, step: &dyn Interpolant) -> Option<Interruption> {
        let Observer { hazards, composition, states, solved, .. } = self;
        let mut expanded = f64::NAN;
        hazards.scan(step.start(), step.end(), &mut |state, time| {
            if time != expanded {
                step.at(time, solved);
                expanded = time;
            }
            match composition.equation_of(state) {
                Some(equation) => solved[equation],
                None => {
                    composition.expand(time, solved, states);
                    states[state]
                }
            }
        })
    }

    fn record(&mut self, step: &dyn Interpolant, limit: f64) -> Result<(), Failure> {
        loop {
            let due = self.recorder.next();
            if due > limit + MOMENT {
                return Ok(());
            }
            let time = due.clamp(step.start(), limit);
            self.expand(step, time);
            if let Some(failure) =
                failure::of_volume(self.recorder.model, &mut self.individual, time, &self.states)
            {
                return Err(failure);
            }
            self.individual.outputs(time, &self.states, &mut self.outputs);
            self.recorder.enter(time, &self.outputs)?;
        }
    }

    fn expand(&mut self, step: &dyn Interpolant, time: f64) {
        step.at(time, &mut self.solved);
        self.composition.expand(time, &self.solved, &mut self.states);
    }
}
