//! The realised course of one patient as a table of records: what was given when, where the solver stopped, and how the controls
//! stood. Carried out as they stand, without any rule, the records lead the patient over the same course again.

use crate::dataset::{Event, Record, Subject};

/// A course as records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Realised {
    /// One record at each stop of the solver (EVID 0 at visits, else 2), and one for each dose, with the controls and covariates in force
    /// from there on and, at the last of each stop, the next one that was foreseen.
    pub subject: Subject,
    /// Whether the patient is on treatment behind each record.
    pub(super) on_treatment: Vec<bool>,
    /// True values of all outputs behind each record, `[record][output]`; not a number where they are not known.
    pub(super) outputs: Vec<f64>,
    /// Random effects from each record on, `[record][effect]`, where they vary between occasions.
    pub(super) effects: Vec<f64>,
    /// The next call comes in the middle of a stretch, where nothing happens.
    pub(super) paused: bool,
}

impl Realised {
    /// Nothing done yet with a patient, numbered from 0.
    pub(super) fn new(patient: usize) -> Self {
        let subject = Subject { number: patient, id: (patient + 1).to_string(), ..Subject::default() };
        Realised { subject, ..Realised::default() }
    }

    /// A further record with these controls and covariates.
    pub(super) fn add(
        &mut self,
        (time, event): (f64, Event),
        controls: impl Iterator<Item = f64>,
        covariates: impl Iterator<Item = f64>,
        outputs: usize,
    ) {
        let row = self.subject.records.len() as u64 + 1;
        self.subject.records.push(Record { row, time, shown_time: time, event, stop: None });
        self.subject.controls.extend(controls);
        self.subject.covariates.extend(covariates);
        self.outputs.resize(self.subject.records.len() * outputs, f64::NAN);
        self.on_treatment.resize(self.subject.records.len(), false);
    }

    /// Whether random effects vary between occasions.
    pub fn has_occasions(&self) -> bool {
        !self.effects.is_empty()
    }

    /// Whether there is a record at this time.
    pub(super) fn is_at(&self, time: f64) -> bool {
        self.subject.records.last().is_some_and(|last| last.time == time)
    }

    /// Notes the outputs behind the last record.
    pub(super) fn set_outputs(&mut self, outputs: &[f64]) {
        let first = self.outputs.len().saturating_sub(outputs.len());
        self.outputs[first..].copy_from_slice(outputs);
    }
}
