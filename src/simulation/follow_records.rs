//! One subject of a table of records, from its first record to its last.
//!
//! Between two records the covariates are those that their interpolation says, by default those of the record that ends the
//! interval; what arrives on the way stops the solver. At a record, in this order: arrivals due at its time, the
//! covariates of the record, its event, and the outputs as they are behind it. The rules are NONMEM's where it has one
//! (`docs/records.md`).

mod doses;

use super::administration::{Ways, entry};
use super::covariate_course::{CovariateCourse, Manner, Present};
use super::due::has_come;
use super::failure;
use super::foreseen;
use super::onlooker::Onlooker;
use super::periodic::recurrent;
use super::record_occasions::RecordOccasions;
use super::trajectory::Failure;
use super::variability::{Laboratory, Variability};
use super::walker::Walker;
use crate::dataset::{Event, Subject};
use crate::model::{Interpolation, Model, Symbol};
use crate::population::PopulationError;
use crate::program::{Individual, Inputs, Program};
use crate::scenario::{Numerics, Scenario};

/// Replicates of a subject are so many bits apart from each other: a patient's number in the streams is that of the subject plus
/// 2⁴⁰ times that of the replicate.
const REPLICATE: u32 = 40;

/// Doses of a steady state that may be under their lag or running at once; each is kept by itself.
const MOST_UNDER_WAY: f64 = 1e4;

/// What a table of records is simulated by; made once, shared by all threads.
#[derive(Debug)]
pub struct RecordModel<'m> {
    model: &'m Model,
    program: Program,
    manner: Manner,
    /// Random effects among the columns of individual values: (column, effect).
    effects: Vec<(usize, usize)>,
    /// `None`: everybody is the typical subject, and nothing is measured.
    variability: Option<Variability<'m>>,
    numerics: Numerics,
}

/// The outputs of one subject.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Followed {
    /// True values behind each record, `[record][output]`, coherent, as far as the subject could be followed.
    pub outputs: Vec<f64>,
    /// What was measured of the same, not a number where no sample was taken (EVID other than 0); empty without variability.
    pub measured: Vec<f64>,
    /// Random effects of the subject.
    pub random_effects: Vec<f64>,
    /// What ended it before the last record.
    pub failure: Option<Failure>,
}

impl<'m> RecordModel<'m> {
    /// Compiles a model. Covariates that do not say how they change run by `default`; `given` are the columns of a table of
    /// individual values.
    pub fn new(model: &'m Model, numerics: Numerics, default: Interpolation, given: &[Symbol]) -> Self {
        Self::with_manner(model, numerics, Manner::new(model, default, given), given, Inputs::default())
    }

    /// Of a scenario's model, with the operations of its trial to the last bit: nothing is provided for that the scenario cannot
    /// bring about, and a table may not bring it about either.
    pub fn of_trial(scenario: &'m Scenario, given: &[Symbol]) -> Self {
        let Scenario { model, numerics, .. } = scenario;
        let manner = Manner::new(model, Interpolation::Previous, given).stepwise();
        Self::with_manner(model, *numerics, manner, given, foreseen::inputs(scenario))
    }

    fn with_manner(
        model: &'m Model,
        numerics: Numerics,
        manner: Manner,
        given: &[Symbol],
        foreseen: Inputs,
    ) -> Self {
        let program = Program::compile_with(model, manner.inputs().clone().and(foreseen));
        let of = |(column, symbol): (usize, &Symbol)| match symbol {
            Symbol::RandomEffect(effect) => Some((column, *effect)),
            _ => None,
        };
        let effects = given.iter().enumerate().filter_map(of).collect();
        RecordModel { model, program, manner, effects, variability: None, numerics }
    }

    /// The compiled model.
    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    /// Draws the random effects that are not given, and residual errors of samples.
    ///
    /// # Errors
    /// When a block of correlated effects is not positive definite.
    pub fn vary(self, seed: u64) -> Result<Self, PopulationError> {
        Ok(RecordModel { variability: Some(Variability::new(self.model, seed)?), ..self })
    }

    /// One that follows subjects, with its own workspace.
    pub fn follower(&self) -> Follower<'_> {
        Follower {
            of: self,
            walker: Walker::new(self.model, &self.program, &self.numerics),
            recurrent: recurrent(&self.program),
            ways: Ways::default(),
            occasions: None,
            driven: Vec::new(),
            onlooker: None,
            on_treatment: Vec::new(),
            effects: Vec::new(),
        }
    }
}

/// Follows one subject after the other.
#[derive(Debug)]
pub struct Follower<'p> {
    of: &'p RecordModel<'p>,
    walker: Walker<'p>,
    /// States that a steady state is about.
    recurrent: Vec<usize>,
    ways: Ways,
    /// Of the subject under way, where anything varies between them.
    occasions: Option<RecordOccasions<'p>>,
    /// Controls that the first dose sets to 1: driven by treatment, and not given by the table.
    driven: Vec<usize>,
    /// Sees every step of a replay, with whether the subject is on treatment behind each record.
    pub(super) onlooker: Option<Onlooker<'p>>,
    pub(super) on_treatment: Vec<bool>,
    /// Random effects from each record of a replay on, `[record][effect]`; empty where they do not change.
    pub(super) effects: Vec<f64>,
}

impl Follower<'_> {
    /// Follows a subject; `given` are its individual values in the order of their columns. Each replicate (from 0) of it draws
    /// anew. The result does not depend on who was followed before.
    pub fn follow(&mut self, subject: &Subject, given: &[f64], replicate: u32) -> Followed {
        let patient = subject.number as u64 + (u64::from(replicate) << REPLICATE);
        let size = subject.records.len() * self.of.model.outputs.len();
        let mut followed = Followed { outputs: Vec::with_capacity(size), ..Followed::default() };
        let failure = self.try_follow(subject, given, patient, &mut followed).err();
        followed.failure =
            failure.map(|failure| failure::explain(failure, self.of.model, self.walker.individual()));
        followed
    }

    fn try_follow(
        &mut self,
        subject: &Subject,
        given: &[f64],
        patient: u64,
        followed: &mut Followed,
    ) -> Result<(), Failure> {
        let Some(first) = subject.records.first() else { return Ok(()) };
        let mut course = CovariateCourse::new(&self.of.manner, subject, given);
        followed.random_effects = self.random_effects(first.time, course.at(0).values, given, patient)?;
        self.begin(subject, first.time, course.at(0), &followed.random_effects, patient)?;
        let mut laboratory = self.of.variability.as_ref().map(|variability| variability.laboratory(patient));
        let width = self.of.model.outputs.len();
        let guarded = self.of.program.is_guarded();
        for (number, record) in subject.records.iter().enumerate() {
            let back = record.time < self.walker.time;
            if number > 0 && !back {
                let stop = subject.records[number - 1].stop.map_or(record.time, |stop| stop.max(record.time));
                self.go_on((record.time, stop), number, &mut course)?;
            }
            if back {
                // Only a reset may go back, and it cancels everything.
                self.walker.time = record.time;
                self.walker.jump();
            }
            self.let_in(record.time, number, &mut course)?;
            self.set_present(record.time, course.at(number))?;
            self.set_controls(subject, number)?;
            self.set_effects(number)?;
            self.happen(&record.event)?;
            if guarded {
                self.walker.check_volumes()?;
            }
            let start = followed.outputs.len();
            followed.outputs.resize(start + width, 0.0);
            self.walker.outputs(&mut followed.outputs[start..]);
            if let Some(laboratory) = &mut laboratory {
                self.measure(laboratory, &record.event, &followed.outputs[start..], &mut followed.measured);
            }
        }
        Ok(())
    }

    /// Adds what is reported at a record: of samples only.
    fn measure(&mut self, by: &mut Laboratory, event: &Event, truth: &[f64], measured: &mut Vec<f64>) {
        let start = measured.len();
        measured.resize(start + truth.len(), f64::NAN);
        if *event == Event::Sample {
            let time = self.walker.time;
            by.measure(time, self.walker.individual(), truth, &mut measured[start..]);
        }
    }

    /// Random effects: given ones, else drawn ones, else 0.
    fn random_effects(
        &mut self,
        time: f64,
        covariates: &[f64],
        given: &[f64],
        patient: u64,
    ) -> Result<Vec<f64>, Failure> {
        let given = self.of.effects.iter().map(|&(column, effect)| (effect, given[column]));
        let Some(variability) = &self.of.variability else {
            let mut effects = vec![0.0; self.of.model.random_effects.len()];
            given.for_each(|(effect, value)| effects[effect] = value);
            return Ok(effects);
        };
        let given: Vec<(usize, f64)> = given.collect();
        let program = &self.of.program;
        variability.draw(program, covariates, &given, patient).map_err(|error| {
            // What explains the failure is looked for in this subject, not in the one before.
            let typical = vec![0.0; self.of.model.random_effects.len()];
            self.walker.begin(Individual::new(program, covariates, &typical), time);
            failure::of_draw(&error, time)
        })
    }

    fn begin(
        &mut self,
        subject: &Subject,
        time: f64,
        present: Present<'_>,
        effects: &[f64],
        patient: u64,
    ) -> Result<(), Failure> {
        let RecordModel { model, program, variability, .. } = self.of;
        self.ways.clear();
        self.walker.lead_as_in_trial(subject.records.iter().any(|record| record.stop.is_some()));
        self.walker.begin(Individual::new(program, present.values, effects), time);
        self.occasions = variability
            .as_ref()
            .filter(|variability| variability.has_occasions())
            .map(|variability| RecordOccasions::new(variability, program, patient, effects.to_vec()));
        self.set_present(time, present)?;
        let controls = &model.controls;
        let given = |control: usize| {
            subject.controls.iter().skip(control).step_by(controls.len()).any(|value| !value.is_nan())
        };
        let driven = |control: &usize| controls[*control].driven_by_treatment && !given(*control);
        self.driven = (0..controls.len()).filter(driven).collect();
        self.set_controls(subject, 0)?;
        self.set_effects(0)?;
        self.walker.check_constants()?;
        if let Some(requirement) = self.walker.individual().unmet_requirement() {
            return Err(failure::of_requirement(model, requirement, time));
        }
        self.walker.initialise();
        self.walker.check_states("starts at a value that is not finite")?;
        let Follower { walker, onlooker: Some(onlooker), .. } = self else { return Ok(()) };
        onlooker.reads(walker.individual());
        onlooker.look(time, &walker.states)
    }

    /// Puts the controls at the values that the table gives from a record on.
    fn set_controls(&mut self, subject: &Subject, record: usize) -> Result<(), Failure> {
        let width = self.of.model.controls.len();
        let values = subject.controls.get(record * width..(record + 1) * width).unwrap_or_default();
        let mut changed = false;
        for (control, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let individual = self.walker.individual();
            if individual.control(control).to_bits() != value.to_bits() {
                individual.set_control(control, *value);
                changed = true;
            }
        }
        if changed {
            self.walker.jump();
            self.walker.check_constants()?;
        }
        Ok(())
    }

    /// Puts the random effects at those of a record, where these are given.
    fn set_effects(&mut self, record: usize) -> Result<(), Failure> {
        let width = self.of.model.random_effects.len();
        let Some(effects) = self.effects.get(record * width..(record + 1) * width) else { return Ok(()) };
        if self.walker.individual().set_random_effects(effects) {
            self.walker.jump();
            self.walker.check_constants()?;
        }
        Ok(())
    }

    /// Covariates and occasion as they are at a time.
    fn set_present(&mut self, time: f64, present: Present<'_>) -> Result<(), Failure> {
        let Present { values, slopes, occasion } = present;
        let individual = self.walker.individual();
        let mut changed = !values.is_empty() && individual.set_covariates(time, values, slopes);
        if let (Some(occasions), Some(occasion)) = (&mut self.occasions, occasion) {
            let entered = occasions.apply(occasion, values, individual);
            changed |= entered.map_err(|error| failure::of_draw(&error, time))?;
        }
        if changed {
            self.walker.jump();
            self.walker.check_constants()?;
        }
        Ok(())
    }

    /// Goes on to a record, past everything that arrives before. The solver sets out for a stop, which lies there or later.
    fn go_on(
        &mut self,
        (to, stop): (f64, f64),
        record: usize,
        course: &mut CovariateCourse,
    ) -> Result<(), Failure> {
        let time = self.walker.time;
        self.set_present(time, course.between(record, time))?;
        if let (Some(onlooker), Some(on_treatment)) = (&mut self.onlooker, self.on_treatment.get(record - 1))
        {
            onlooker.set_on_treatment(*on_treatment);
        }
        loop {
            let next = self.ways.next();
            // The stops of a trial are records, and what differs from them by a rounding comes with them.
            if next >= to || (self.walker.is_led_as_in_trial() && has_come(next, to)) {
                self.walker.advance_towards(to, stop, self.onlooker.as_mut())?;
                if stop > to {
                    self.walker.jump();
                }
                return Ok(());
            }
            self.walker.advance_towards(next, next, self.onlooker.as_mut())?;
            self.let_in(next, record, course)?;
        }
    }

    /// Lets in what is due.
    fn let_in(&mut self, time: f64, record: usize, course: &mut CovariateCourse) -> Result<(), Failure> {
        if !has_come(self.ways.next(), time) {
            return Ok(());
        }
        while let Some((dose, due)) = self.ways.take_due(time) {
            self.set_present(time, course.between(record, time))?;
            let (entry, lag) = entry(self.of.model, self.walker.individual(), &dose, due)?;
            self.ways.wait(due + lag, entry);
        }
        self.enter_due(time)
    }

    fn enter_due(&mut self, time: f64) -> Result<(), Failure> {
        let Walker { states, .. } = &mut self.walker;
        let mut entered = std::mem::take(states);
        let jumped = self.ways.let_in(time, &mut entered, self.walker.inputs());
        self.walker.states = entered;
        if jumped {
            self.walker.jump();
            self.walker.check_states("became infinite or not a number with a dose")?;
        }
        Ok(())
    }
}
