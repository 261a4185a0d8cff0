//! Replay: the realised dosing of a patient, given back as a table of records without any rule, must lead the patient over the
//! same course again, to the last bit.
//!
//! The check is independent of what steers a trial: the records go through the room that carries out tables
//! ([`super::follow_records`]), which knows no plan, no visit and no rule. What is compared: all outputs behind each record, what
//! was recorded on the way, and the events of hazards. Nothing is compared with a tolerance.

use super::follow_records::RecordModel;
use super::onlooker::Onlooker;
use super::realised::Realised;
use super::trajectory::{Event, RecordedSeries, Trajectory};
use crate::model::Symbol;
use crate::population::Patient;
use crate::scenario::{Method, Scenario};

/// Replays patients of a scenario; shared by all threads.
#[derive(Debug)]
pub struct Replay<'s> {
    scenario: &'s Scenario,
    model: RecordModel<'s>,
}

/// What was found equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Records that were carried out.
    pub records: usize,
    /// Doses among them.
    pub doses: usize,
    /// Values that are the same bits: outputs behind records, recorded outputs, times of events.
    pub values: usize,
}

/// The first difference between a course and its replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// d.
    pub time: f64,
    /// What differs: an output, an event, or what ended the replay.
    pub what: String,
    /// In the run, coherent; not a number where there is none.
    pub run: f64,
    /// In the replay.
    pub replay: f64,
}

impl<'s> Replay<'s> {
    /// Whether the courses of a scenario can be replayed. The reference methods have no interpolant: they step from record
    /// to record of the trial, which a table does not have.
    pub fn is_possible(scenario: &Scenario) -> bool {
        !matches!(scenario.numerics.method, Method::Dopri5Reference | Method::Dop853Reference)
    }

    /// Of a scenario.
    pub fn new(scenario: &'s Scenario) -> Self {
        Replay { scenario, model: RecordModel::of_trial(scenario, &effects(scenario)) }
    }

    /// Replays a course that was written down.
    ///
    /// # Errors
    /// The first difference, or why the replay ended early.
    pub fn check(&self, patient: &Patient, course: &Trajectory) -> Result<Replayed, Mismatch> {
        let Some(realised) = &course.realised else { return Ok(Replayed::default()) };
        self.compare(patient, course, realised, &realised.subject)
    }

    /// The same with records that may have been through a file: `subject` stands for what was written down.
    ///
    /// # Errors
    /// The first difference, or why the replay ended early.
    pub fn compare(
        &self,
        patient: &Patient,
        course: &Trajectory,
        realised: &Realised,
        subject: &crate::dataset::Subject,
    ) -> Result<Replayed, Mismatch> {
        let mut follower = self.model.follower();
        follower.onlooker = Some(Onlooker::new(self.scenario, self.model.program(), patient.number));
        follower.on_treatment.clone_from(&realised.on_treatment);
        follower.effects.clone_from(&realised.effects);
        let mut subject = subject.clone();
        for values in subject.covariates.chunks_exact_mut(patient.covariates.len().max(1)) {
            // What the table leaves out does not change.
            let left_out = values.iter_mut().zip(&patient.covariates).filter(|(value, _)| value.is_nan());
            left_out.for_each(|(value, of_patient)| *value = *of_patient);
        }
        let followed = follower.follow(&subject, &patient.random_effects, 0);
        let mut equal = Replayed { records: subject.records.len(), ..Replayed::default() };
        equal.doses = course.doses.len();
        self.outputs(realised, &followed.outputs, &mut equal)?;
        if let Some(failure) = followed.failure {
            let (what, nothing) = (format!("the replay ended: {}", failure.what), f64::NAN);
            return Err(Mismatch { time: failure.time, what, run: nothing, replay: nothing });
        }
        if let Some(onlooker) = follower.onlooker {
            let (records, events) = onlooker.seen();
            self.events(&course.events, &events, &mut equal)?;
            self.records(&course.records, &records, &mut equal)?;
        }
        Ok(equal)
    }

    /// Outputs behind the records, as far as both are known.
    fn outputs(&self, realised: &Realised, replayed: &[f64], equal: &mut Replayed) -> Result<(), Mismatch> {
        let width = self.scenario.model.outputs.len();
        for (place, (run, replay)) in realised.outputs.iter().zip(replayed).enumerate() {
            if run.to_bits() != replay.to_bits() && !run.is_nan() {
                let time = realised.subject.records[place / width].time;
                return Err(self.differs(time, place % width, *run, *replay));
            }
            equal.values += usize::from(!run.is_nan());
        }
        Ok(())
    }

    fn events(&self, run: &[Event], replay: &[Event], equal: &mut Replayed) -> Result<(), Mismatch> {
        for place in 0..run.len().max(replay.len()) {
            let (ours, theirs) = (run.get(place), replay.get(place));
            if ours != theirs {
                let Some(first) = ours.or(theirs) else { continue };
                let what = format!("event of `{}`", self.scenario.model.hazards[first.hazard].name);
                let time = |event: Option<&Event>| event.map_or(f64::NAN, |event| event.time);
                return Err(Mismatch { time: first.time, what, run: time(ours), replay: time(theirs) });
            }
            equal.values += 1;
        }
        Ok(())
    }

    fn records(
        &self,
        run: &[RecordedSeries],
        replay: &[RecordedSeries],
        equal: &mut Replayed,
    ) -> Result<(), Mismatch> {
        for (record, (run, replay)) in self.scenario.records.iter().zip(run.iter().zip(replay)) {
            let width = record.outputs.len().max(1);
            for place in 0..run.values.len().max(replay.values.len()) {
                let value = |series: &RecordedSeries| series.values.get(place).copied();
                let (ours, theirs) = (value(run), value(replay));
                if ours.map(f64::to_bits) != theirs.map(f64::to_bits) {
                    let time = record.times.get(place / width).copied().unwrap_or(f64::NAN);
                    let output = record.outputs.get(place % width).copied().unwrap_or_default();
                    let (run, replay) = (ours.unwrap_or(f64::NAN), theirs.unwrap_or(f64::NAN));
                    return Err(self.differs(time, output, run, replay));
                }
                equal.values += 1;
            }
        }
        Ok(())
    }

    fn differs(&self, time: f64, output: usize, run: f64, replay: f64) -> Mismatch {
        let output = &self.scenario.model.outputs[output];
        let what = format!("`{}` in {}", output.name, output.unit.name);
        Mismatch { time, what, run: output.unit.show(run), replay: output.unit.show(replay) }
    }
}

/// Every random effect is given.
fn effects(scenario: &Scenario) -> Vec<Symbol> {
    (0..scenario.model.random_effects.len()).map(Symbol::RandomEffect).collect()
}
