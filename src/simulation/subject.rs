//! One patient in one arm, from the first dose to the end of follow-up.
//!
//! The time between two events (a visit, a dose, a change of a control, the start of a day on which a rule may act) is
//! the solver's; at an event, in this order: the patient is seen (the state is the one just before), rules decide,
//! an occasion begins, controls change, doses are given and arrive.

mod closed;
mod events;
mod prepare;
mod realised;

pub(super) use closed::Tour;

use super::calendar::Calendar;
use super::clock::{MOMENT, reached, whole};
use super::course::{Course, DueDose};
use super::failure;
use super::hazard::{Hazards, Interruption};
use super::intake::Intake;
use super::judge::Judge;
use super::later::Later;
use super::occasions::Occasions;
use super::protocol::Protocol;
use super::realised::Realised;
use super::record::Observer;
use super::sampling::Drawing;
use super::seam::Seam;
use super::setting::Settings;
use super::system::{ComposedSystem, Composition};
use super::trajectory::{Counts, Dose, End, Failure, Trajectory, Visit};
use crate::population::Patient;
use crate::program::{Individual, Program};
use crate::scenario::Scenario;
use crate::solver::{self, Interpolant, SolverError, Start, StepMemory};
use prepare::drugs;

/// Amounts below this are set to 0 at events: far below one molecule in any unit, and as denormal numbers they would slow
/// the arithmetic down for the rest of the trial.
pub(super) const NOTHING: f64 = 1e-30;

/// A stretch between two events, to be integrated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Start, d.
    pub(super) from: f64,
    /// End, d.
    pub(super) to: f64,
    /// Whether something jumped at the start, and whether the rates did.
    pub(super) start: Start,
}

/// What comes next for a patient.
#[derive(Debug)]
pub(super) enum Next {
    /// The solver goes over this stretch; its vector has been written.
    Advance(Stretch),
    /// Nothing more.
    End(End),
}

/// Where a patient stands.
#[derive(Debug)]
enum Standing {
    /// Not begun.
    New,
    /// On the way to a stop, d.
    UnderWay(f64),
    /// At the end of a stretch, or of the part of it up to an interruption.
    Arrived(Option<Interruption>),
    /// Cannot go on.
    Failing(Failure),
}

/// A patient under way: everything but the integration, which the caller does: one patient at a
/// time (`follow`) or many in lanes (`ensemble`).
#[derive(Debug)]
pub(super) struct Subject<'s> {
    scenario: &'s Scenario,
    /// Patient and arm.
    numbers: (usize, usize),
    pub(super) individual: Individual<'s>,
    composition: Composition<'s>,
    /// There is nothing to solve, and nothing to be looked at between records.
    closed: bool,
    /// See [`Subject::is_undisturbed`].
    undisturbed: bool,
    observer: Observer<'s>,
    settings: Settings<'s>,
    calendar: Calendar,
    occasions: Occasions<'s>,
    course: Course<'s>,
    protocol: Protocol<'s>,
    judge: Judge<'s>,
    intake: Intake,
    /// Blood that was drawn before its visit.
    drawing: Drawing,
    /// What the patient's covariates are later on.
    later: Later,
    /// Steps of the method.
    pub(super) memory: StepMemory,
    /// The explicit method has found the patient stiff.
    pub(super) stiff: bool,
    /// Cost so far.
    pub(super) counts: solver::Counts,
    /// Zero-order input (infusions) of each state, per day.
    pub(super) inputs: Vec<f64>,
    /// Whether days are times of decision.
    daily: bool,
    standing: Standing,
    time: f64,
    states: Vec<f64>,
    seam: Seam<'s>,
    /// Outputs as the clinic knows them.
    known: Vec<f64>,
    due: Vec<DueDose>,
    visits: Vec<Visit>,
    doses: Vec<Dose>,
    /// The course as records, where it is written down.
    realised: Option<Box<Realised>>,
}

impl<'s> Subject<'s> {
    /// A patient in the arm of this number. `plain`: every state is integrated.
    pub(super) fn new(
        scenario: &'s Scenario,
        program: &'s Program,
        patient: &Patient,
        number: usize,
        plain: bool,
    ) -> Self {
        let model = &scenario.model;
        let arm = &scenario.arms[number];
        let individual = Individual::new(program, &patient.covariates, &patient.random_effects);
        let hazards = Hazards::new(&model.hazards, scenario.seed, patient.number, scenario.variability);
        let composition = Composition::new(program, plain);
        let calendar = Calendar::new(scenario, patient.number);
        let course = Course::new(drugs(scenario, arm, patient, &individual, &calendar));
        let drawing = Drawing::new(&scenario.conduct);
        let later = Later::new(&model.covariates, &patient.later);
        let protocol = Protocol::new(scenario, arm);
        let daily = protocol.daily()
            || scenario.signals.iter().any(|signal| signal.daily)
            || scenario.memory.iter().any(|cell| cell.daily);
        let occasions = Occasions::new(scenario, patient);
        let undisturbed = !daily
            && drawing.is_immediate()
            && later.is_empty()
            && !occasions.any()
            && course.is_by_plan()
            && Subject::is_undisturbed(scenario, arm, &individual);
        Subject {
            scenario,
            numbers: (patient.number, number),
            individual,
            observer: Observer::new(
                model,
                &scenario.records,
                hazards,
                program.is_guarded(),
                composition.kept().len(),
            ),
            undisturbed,
            closed: !plain && program.is_closed() && !program.is_guarded(),
            composition,
            settings: Settings::new(&model.controls, &arm.controls),
            calendar,
            occasions,
            course,
            drawing,
            later,
            protocol,
            judge: Judge::new(scenario),
            intake: Intake::default(),
            memory: StepMemory::default(),
            stiff: false,
            counts: solver::Counts::default(),
            inputs: vec![0.0; model.states.len()],
            daily,
            standing: Standing::New,
            time: 0.0,
            states: vec![0.0; model.states.len()],
            seam: Seam::new(program),
            known: vec![0.0; model.outputs.len()],
            due: Vec::new(),
            visits: Vec::new(),
            doses: Vec::new(),
            realised: None,
        }
    }

    /// Everything up to the next stretch that the solver has to go over, whose start is written to its vector; or the end.
    pub(super) fn proceed(&mut self, solved: &mut [f64], tour: &mut Tour) -> Next {
        loop {
            while self.closed {
                match self.stride(tour) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(failure) => self.standing = Standing::Failing(failure),
                }
            }
            match self.attend_and_depart(solved) {
                Ok(Next::Advance(Stretch { to, .. })) if self.closed => {
                    if let Err(failure) = self.glide(to, tour) {
                        self.standing = Standing::Failing(failure);
                    }
                }
                Ok(next) => return next,
                Err(failure) => {
                    // Nothing is valid after the failure.
                    self.time = failure.time.max(self.time);
                    let explained = failure::explain(failure, &self.scenario.model, &self.individual);
                    return Next::End(End::Failed(explained));
                }
            }
        }
    }

    fn attend_and_depart(&mut self, solved: &mut [f64]) -> Result<Next, Failure> {
        let mut jumped = match std::mem::replace(&mut self.standing, Standing::New) {
            Standing::New => {
                self.begin()?;
                true
            }
            Standing::Arrived(Some(Interruption { hazard, .. })) => {
                if self.scenario.model.hazards[hazard].terminal {
                    self.write_standing();
                    return Ok(Next::End(End::Died { hazard }));
                }
                self.end_treatment(hazard);
                true
            }
            Standing::Arrived(None) | Standing::UnderWay(_) => false,
            Standing::Failing(failure) => return Err(failure),
        };
        jumped |= self.attend()?;
        if reached(self.scenario.horizon, self.time) {
            return Ok(Next::End(End::Completed));
        }
        self.depart(jumped, solved)
    }

    /// Puts states that are far below one molecule to 0.
    fn drop_nothing(&mut self) {
        for state in self.states.iter_mut().filter(|state| state.abs() < NOTHING) {
            *state = 0.0;
        }
    }

    /// Starts the next stretch.
    fn depart(&mut self, jumped: bool, solved: &mut [f64]) -> Result<Next, Failure> {
        self.drop_nothing();
        let to = self.next_stop();
        let Subject { composition, individual, states, inputs, time, seam, .. } = self;
        let rates_stand = seam.holds(individual, *time, states, inputs);
        if !self.closed {
            composition
                .rebase(individual, (*time, to - *time), states, inputs, solved)
                .map_err(|none| failure::of_closed_form(&self.scenario.model, none, self.time))?;
        }
        self.write_stop(to);
        self.observer.hazards.on_treatment = self.course.on_treatment();
        self.observer.outcome = Ok(None);
        self.standing = Standing::UnderWay(to);
        let start = Start { jumped, rates_stand };
        Ok(Next::Advance(Stretch { from: self.time, to, start }))
    }

    /// Looks at an accepted step. True to go on.
    pub(super) fn watch(&mut self, step: &dyn Interpolant) -> bool {
        self.observer.watch(step, (&mut self.individual, &self.composition))
    }

    /// The solver has come to the end of the stretch, or to a step at which [`Subject::watch`] said no.
    pub(super) fn arrive(&mut self, solved: &[f64]) {
        let Standing::UnderWay(stop) = self.standing else { return };
        self.standing = match std::mem::replace(&mut self.observer.outcome, Ok(None)) {
            Ok(None) => {
                self.time = stop;
                self.composition.expand(&mut self.individual, stop, solved, &mut self.states);
                self.seam.close(&self.individual, stop, &self.states, &self.inputs);
                Standing::Arrived(None)
            }
            Ok(Some(interruption)) => {
                self.time = interruption.time;
                self.states.copy_from_slice(&self.observer.states);
                Standing::Arrived(Some(interruption))
            }
            Err(failure) => Standing::Failing(failure),
        };
    }

    /// Whether the steps taken show only now that the patient is stiff; then the other method starts afresh.
    pub(super) fn settle_method(&mut self) -> bool {
        let found = !self.stiff && self.memory.is_stiff();
        if found {
            self.stiff = true;
            self.memory = StepMemory::default();
        }
        found
    }

    /// The caller ends the stretch early, at this time, and goes on from here with the next.
    pub(super) fn pause(&mut self, time: f64, solved: &[f64]) {
        if let Standing::UnderWay(stop) = self.standing
            && matches!(self.observer.outcome, Ok(None))
        {
            if time < stop {
                self.write_pause();
            }
            self.standing = Standing::UnderWay(time);
        }
        self.arrive(solved);
    }

    /// The solver cannot go on.
    pub(super) fn fail(&mut self, error: SolverError) {
        let limit = self.scenario.numerics.maximum_steps;
        let failure = failure::of_solver(error, &self.scenario.model, self.composition.kept(), limit);
        self.standing = Standing::Failing(failure);
    }

    /// The state of each of the solver's equations.
    pub(super) fn kept(&self) -> &[usize] {
        self.composition.kept()
    }

    /// The patient's equations for a solver that takes one patient at a time.
    pub(super) fn system(&self) -> ComposedSystem<'s> {
        ComposedSystem::new(self.individual.clone(), &self.composition)
    }

    /// The next time to be recorded; infinite if there is none, d.
    pub(super) fn next_record(&self) -> f64 {
        self.observer.recorder.next()
    }

    /// Hazard events that may come.
    pub(super) fn hazards(&self) -> &Hazards<'s> {
        &self.observer.hazards
    }

    /// Whether every accepted step must be watched.
    pub(super) fn is_guarded(&self) -> bool {
        self.observer.guarded
    }

    /// The next time at which something may happen.
    fn next_stop(&self) -> f64 {
        let time = self.time;
        let day = (self.daily && self.course.under_way()) || self.protocol.co_medications().next().is_some();
        let tomorrow = if day { whole(time + MOMENT) + 1.0 } else { f64::INFINITY };
        [
            self.calendar.next(self.course.held_since()),
            self.course.next_dose(),
            self.settings.next(time),
            self.later.next(),
            self.drawing.next(time, &self.calendar, self.course.held_since()),
            self.intake.next(time),
            self.occasions.next(),
            tomorrow,
        ]
        .into_iter()
        .fold(self.scenario.horizon, f64::min)
    }

    /// What is kept of the patient.
    pub(super) fn into_trajectory(mut self, end: End) -> Trajectory {
        // A failure within a step may come before a hazard event of the same step.
        self.observer.hazards.events.retain(|event| event.time <= self.time);
        Trajectory {
            patient: self.numbers.0,
            arm: self.numbers.1,
            end,
            end_time: self.time,
            records: self.observer.recorder.series,
            visits: self.visits,
            doses: self.doses,
            audit: self.protocol.auditor.finish(self.time, self.protocol.decisions.len()),
            decisions: self.protocol.decisions,
            events: self.observer.hazards.events,
            treatment: self.course.into_span(self.time),
            counts: Counts {
                steps: self.counts.steps,
                rejected: self.counts.rejected,
                evaluations: self.counts.evaluations,
            },
            rules_fired: self.protocol.fired,
            realised: self.realised,
        }
    }
}
