//! What is read off the solution as it is computed: records and hazard events, from the interpolant of each accepted
//! step. Nothing here changes the steps.

use super::clock::{MOMENT, reached};
use super::failure;
use super::hazard::{Hazards, Interruption, TooManyEvents};
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
                after_doses: None,
            })
            .collect();
        Recorder { model, records, series }
    }

    /// The next time to be recorded; infinite if there is none.
    pub(super) fn next(&self) -> f64 {
        let next = |(record, series): (&Record, &RecordedSeries)| record.times.get(series.reached).copied();
        self.records.iter().zip(&self.series).filter_map(next).fold(f64::INFINITY, f64::min)
    }

    /// By record, how many of its times have been entered.
    pub(super) fn passed(&self) -> impl Iterator<Item = usize> {
        self.series.iter().map(|series| series.reached)
    }

    /// Enters the outputs at `time` into every record that is due.
    ///
    /// # Errors
    /// One that is not finite.
    pub(super) fn enter(&mut self, time: f64, outputs: &[f64]) -> Result<(), Failure> {
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

/// Whether a record has its first time at `time`.
pub(super) fn begins(record: &Record, time: f64) -> bool {
    record.times.first().is_some_and(|first| (first - time).abs() <= MOMENT)
}

/// Watches the solution of one patient.
#[derive(Debug)]
pub(super) struct Observer<'s> {
    pub(super) recorder: Recorder<'s>,
    pub(super) hazards: Hazards<'s>,
    /// What ended the last stretch early.
    pub(super) outcome: Result<Option<Interruption>, Failure>,
    /// States at an interruption, else scratch.
    pub(super) states: Vec<f64>,
    /// Outputs last evaluated.
    pub(super) outputs: Vec<f64>,
    /// Volumes that vary are looked at after every step.
    pub(super) guarded: bool,
    solved: Vec<f64>,
}

/// The patient as the observer reads it: equations, and how the solver's vector and the states hang together.
type Reader<'r, 's> = (&'r mut Individual<'s>, &'r Composition<'s>);

impl<'s> Observer<'s> {
    /// An observer of a patient of `model`, whose solver's vector has `dimension` equations.
    pub(super) fn new(
        model: &'s Model,
        records: &'s [Record],
        hazards: Hazards<'s>,
        guarded: bool,
        dimension: usize,
    ) -> Self {
        Observer {
            recorder: Recorder::new(model, records),
            hazards,
            outcome: Ok(None),
            states: vec![0.0; model.states.len()],
            outputs: vec![0.0; model.outputs.len()],
            guarded,
            solved: vec![0.0; dimension],
        }
    }

    /// Looks at an accepted step. True to go on.
    pub(super) fn watch(&mut self, step: &dyn Interpolant, mut reader: Reader<'_, 's>) -> bool {
        let found = if self.hazards.live() { self.scan(step, &mut reader) } else { Ok(None) };
        let interruption = match found {
            Ok(interruption) => interruption,
            Err(endless) => {
                self.outcome = Err(failure::of_hazard(self.recorder.model, endless.hazard, endless.time));
                return false;
            }
        };
        let limit = interruption.map_or(step.end(), |interruption| interruption.time);
        let seen = self.record(step, limit, &mut reader).and_then(|()| {
            if self.guarded {
                step.at(limit, &mut self.solved);
                self.check_volumes(limit, &mut reader)
            } else {
                Ok(())
            }
        });
        self.outcome = seen.map(|()| interruption);
        if interruption.is_some() && self.outcome.is_ok() {
            step.at(limit, &mut self.solved);
            reader.1.expand(reader.0, limit, &self.solved, &mut self.states);
        }
        matches!(self.outcome, Ok(None))
    }

    /// Evaluates all outputs at the given states into [`Observer::outputs`] and enters them where due.
    ///
    /// # Errors
    /// A recorded output that is not finite.
    pub(super) fn look(
        &mut self,
        time: f64,
        states: &[f64],
        individual: &mut Individual,
    ) -> Result<(), Failure> {
        individual.outputs(time, states, &mut self.outputs);
        self.recorder.enter(time, &self.outputs)
    }

    /// Doses have entered at `time`: notes the outputs behind them for the records that begin there.
    ///
    /// # Errors
    /// A recorded output that is not finite.
    pub(super) fn look_after_doses(
        &mut self,
        time: f64,
        states: &[f64],
        individual: &mut Individual,
    ) -> Result<(), Failure> {
        let Recorder { model, records, series } = &mut self.recorder;
        if !records.iter().any(|record| begins(record, time)) {
            return Ok(());
        }
        individual.outputs(time, states, &mut self.outputs);
        let begun = records.iter().zip(series).filter(|(record, _)| begins(record, time));
        for (record, series) in begun {
            let values: Vec<f64> = record.outputs.iter().map(|&output| self.outputs[output]).collect();
            if let Some(place) = values.iter().position(|value| !value.is_finite()) {
                return Err(failure::of_output(model, record.outputs[place], time, values[place]));
            }
            series.after_doses = Some(values);
        }
        Ok(())
    }

    fn scan(
        &mut self,
        step: &dyn Interpolant,
        (individual, composition): &mut Reader<'_, 's>,
    ) -> Result<Option<Interruption>, TooManyEvents> {
        let Observer { hazards, states, solved, .. } = self;
        let mut expanded = f64::NAN;
        hazards.scan(step.start(), step.end(), &mut |state, time| {
            if time != expanded {
                step.at(time, solved);
                expanded = time;
            }
            match composition.equation_of(state) {
                Some(equation) => solved[equation],
                None => {
                    composition.expand(individual, time, solved, states);
                    states[state]
                }
            }
        })
    }

    fn record(
        &mut self,
        step: &dyn Interpolant,
        limit: f64,
        reader: &mut Reader<'_, 's>,
    ) -> Result<(), Failure> {
        loop {
            let due = self.recorder.next();
            if due > limit + MOMENT {
                return Ok(());
            }
            let time = due.clamp(step.start(), limit);
            step.at(time, &mut self.solved);
            if self.guarded {
                self.check_volumes(time, reader)?;
            }
            let (individual, composition) = reader;
            composition.outputs(individual, time, &self.solved, &mut self.outputs);
            self.recorder.enter(time, &self.outputs)?;
        }
    }

    /// Looks at the volumes that vary.
    ///
    /// # Errors
    /// One that is not above 0 and that something is divided by.
    fn check_volumes(
        &mut self,
        time: f64,
        (individual, composition): &mut Reader<'_, 's>,
    ) -> Result<(), Failure> {
        composition.expand(individual, time, &self.solved, &mut self.states);
        failure::of_volume(self.recorder.model, individual, time, &self.states).map_or(Ok(()), Err)
    }
}
