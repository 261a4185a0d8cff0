//! One patient in one arm, from the first dose to the end of follow-up.
//!
//! The time between two events (a visit, a dose, a change of a control, the start of a day on which a rule may act) is
//! the solver's; at an event, in this order: the patient is seen (the state is the one just before), rules decide,
//! controls change, doses are given and arrive.

use super::calendar::Calendar;
use super::clock::{MOMENT, reached, starts_day};
use super::course::{Course, DueDose};
use super::failure;
use super::hazard::{Hazards, Interruption};
use super::intake::Intake;
use super::integration::{Integrator, Progress, Stretch};
use super::judge::{Check, Judge, Present};
use super::measurement::{Sampling, measure};
use super::protocol::{Protocol, Round};
use super::record::Observer;
use super::setting::Settings;
use super::system::{ComposedSystem, Composition};
use super::trajectory::{Counts, Decision, Done, Dose, End, Failure, Trajectory, Visit, Why};
use crate::population::Patient;
use crate::program::{Individual, Program, TransitChain};
use crate::scenario::{Arm, Scenario, Treatment};
use crate::solver::Tolerances;

/// Amounts below this are set to 0 at events: far below one molecule in any unit, and as denormal numbers they would slow
/// the arithmetic down for the rest of the trial.
const NOTHING: f64 = 1e-30;

/// Simulates one patient in one arm. Never panics and never pads: a numerical failure ends the trajectory with
/// [`super::End::Failed`].
pub fn simulate(scenario: &Scenario, program: &Program, patient: &Patient, arm: usize) -> Trajectory {
    Simulator::new(scenario, program).simulate(patient, arm)
}

/// Simulates patient after patient with one workspace; one per thread.
#[derive(Debug)]
pub struct Simulator<'s> {
    scenario: &'s Scenario,
    program: &'s Program,
    integrator: Integrator,
}

impl<'s> Simulator<'s> {
    /// A simulator of a scenario, whose model has been compiled to `program`.
    pub fn new(scenario: &'s Scenario, program: &'s Program) -> Self {
        Simulator { scenario, program, integrator: Integrator::new(&scenario.numerics) }
    }

    /// As [`simulate`]. The result does not depend on what was simulated before.
    pub fn simulate(&mut self, patient: &Patient, arm: usize) -> Trajectory {
        let mut subject = Subject::new(self.scenario, self.program, patient, arm, &mut self.integrator);
        let end = subject.follow();
        subject.into_trajectory(end)
    }
}

/// A patient under way.
struct Subject<'s, 'i> {
    scenario: &'s Scenario,
    /// Patient and arm.
    numbers: (usize, usize),
    integrator: &'i mut Integrator,
    tolerances: Tolerances,
    progress: Progress,
    system: ComposedSystem<'s>,
    observer: Observer<'s>,
    settings: Settings<'s>,
    calendar: Calendar,
    course: Course<'s>,
    protocol: Protocol<'s>,
    judge: Judge<'s>,
    intake: Intake,
    /// Whether days are times of decision.
    daily: bool,
    time: f64,
    states: Vec<f64>,
    solved: Vec<f64>,
    /// Outputs as the clinic knows them.
    known: Vec<f64>,
    due: Vec<DueDose>,
    visits: Vec<Visit>,
    doses: Vec<Dose>,
}

impl<'s, 'i> Subject<'s, 'i> {
    fn new(
        scenario: &'s Scenario,
        program: &'s Program,
        patient: &Patient,
        number: usize,
        integrator: &'i mut Integrator,
    ) -> Self {
        let model = &scenario.model;
        let arm = &scenario.arms[number];
        let individual = Individual::new(program, &patient.covariates, &patient.random_effects);
        let plain = integrator.plain();
        let exact = |chain: &TransitChain| !plain && !infused(scenario, arm, chain);
        let composition = Composition::new(program, &exact);
        let absolute =
            composition.kept().iter().map(|&state| model.states[state].absolute_tolerance).collect();
        let tolerances = Tolerances {
            relative: scenario.numerics.relative_tolerance,
            absolute,
            maximum_steps: scenario.numerics.maximum_steps,
        };
        let hazards = Hazards::new(&model.hazards, scenario.seed, patient.number, scenario.variability);
        let levels =
            arm.treatments.iter().map(|treatment| (treatment, starting_level(treatment, &individual)));
        let course = Course::new(levels);
        let protocol = Protocol::new(scenario, arm);
        let daily = protocol.daily()
            || scenario.signals.iter().any(|signal| signal.daily)
            || scenario.memory.iter().any(|cell| cell.daily);
        let observed = Composition::new(program, &exact);
        let solved = vec![0.0; composition.kept().len()];
        Subject {
            scenario,
            numbers: (patient.number, number),
            integrator,
            tolerances,
            progress: Progress::default(),
            observer: Observer::new(
                model,
                &scenario.records,
                individual.clone(),
                observed,
                hazards,
                program.is_guarded(),
            ),
            system: ComposedSystem::new(individual, composition, model.states.len(), plain),
            settings: Settings::new(&model.controls, &arm.controls),
            calendar: Calendar::new(scenario),
            course,
            protocol,
            judge: Judge::new(scenario),
            intake: Intake::default(),
            daily,
            time: 0.0,
            states: vec![0.0; model.states.len()],
            solved,
            known: vec![0.0; model.outputs.len()],
            due: Vec::new(),
            visits: Vec::new(),
            doses: Vec::new(),
        }
    }

    /// From event to event to the end.
    fn follow(&mut self) -> End {
        match self.run() {
            Ok(end) => end,
            Err(failure) => {
                // Nothing is valid after the failure.
                self.time = failure.time.max(self.time);
                End::Failed(failure::explain(failure, &self.scenario.model, &self.system.individual))
            }
        }
    }

    fn run(&mut self) -> Result<End, Failure> {
        self.begin()?;
        let mut jumped = true;
        loop {
            jumped |= self.attend()?;
            if reached(self.scenario.horizon, self.time) {
                return Ok(End::Completed);
            }
            let stop = self.next_stop();
            match self.advance(stop, jumped)? {
                Some(Interruption { hazard, .. }) if self.scenario.model.hazards[hazard].terminal => {
                    return Ok(End::Died { hazard });
                }
                Some(Interruption { hazard, .. }) => {
                    self.end_treatment(hazard);
                    jumped = true;
                }
                None => jumped = false,
            }
        }
    }

    /// Controls and states at the start, and what of the records lies there.
    fn begin(&mut self) -> Result<(), Failure> {
        let model = &self.scenario.model;
        self.set_controls();
        if let Some(failure) = failure::of_constants(model, &self.system.individual, self.time) {
            return Err(failure);
        }
        self.system.individual.initial(&mut self.states);
        self.check_states("starts at a value that is not finite")?;
        self.observer.check_volumes(self.time, &self.states)?;
        self.observer.look(self.time, &self.states)
    }

    /// Everything that happens at the present time. True if states, controls or inputs jumped.
    fn attend(&mut self) -> Result<bool, Failure> {
        self.course.book(self.time, false);
        let end = reached(self.scenario.horizon, self.time);
        let seen = self.calendar.attend(self.time, self.course.held_since());
        let daily = self.daily && self.course.under_way() && starts_day(self.time);
        if seen.is_some() || (daily && !end) {
            self.check(Check { time: self.time, schedules: seen.unwrap_or(0), daily }, !end)?;
        }
        if end {
            return Ok(false);
        }
        self.course.book(self.time, true);
        let mut jumped = self.set_controls();
        self.give_doses()?;
        jumped |= self.set_controls();
        if jumped
            && let Some(failure) =
                failure::of_constants(&self.scenario.model, &self.system.individual, self.time)
        {
            return Err(failure);
        }
        jumped |= self.intake.enter(self.time, &mut self.states, &mut self.system.inputs);
        self.check_states("became infinite or not a number with a dose")?;
        self.observer.check_volumes(self.time, &self.states)?;
        Ok(jumped)
    }

    /// A visit or a day's dose time: outputs, measurements, signals, decisions.
    fn check(&mut self, check: Check, decide: bool) -> Result<(), Failure> {
        let model = &self.scenario.model;
        let Observer { individual, outputs, .. } = &mut self.observer;
        individual.outputs(self.time, &self.states, outputs);
        if let Some(output) = outputs.iter().position(|value| !value.is_finite()) {
            return Err(failure::of_output(model, output, self.time, outputs[output]));
        }
        if check.schedules == 0 {
            // Between visits only what needs no measurement is known anew.
            let present = self.known.iter_mut().zip(outputs.iter()).zip(&model.outputs);
            for ((known, truth), _) in present.filter(|(_, output)| output.error.is_none()) {
                *known = *truth;
            }
        } else if self.scenario.variability {
            let sampling = Sampling { seed: self.scenario.seed, patient: self.numbers.0, time: self.time };
            measure(sampling, &model.outputs, individual, outputs, &mut self.known);
        } else {
            self.known.copy_from_slice(outputs);
        }
        let present = Present { outputs: &self.known, individual, course: &self.course };
        self.judge.begin(check, present);
        if check.schedules != 0 {
            self.visits.push(Visit {
                time: self.time,
                schedules: check.schedules,
                on_treatment: self.course.on_treatment(),
                on_hold: self.course.held_since().is_some(),
                truth: outputs.clone(),
                measured: self.known.clone(),
                signals: self.judge.signals().to_vec(),
            });
        }
        if decide {
            let (judge, course) = (&mut self.judge, &mut self.course);
            self.protocol.act(&mut Round { check, judge, outputs: &self.known, individual, course });
        }
        Ok(())
    }

    /// Gives the doses of the plan and of co-medication that are due.
    fn give_doses(&mut self) -> Result<(), Failure> {
        let time = self.time;
        self.due.clear();
        self.course.take_due(time, &mut self.due);
        let planned = self.due.len();
        if starts_day(time) {
            let co_medications = self.protocol.co_medications();
            self.due.extend(co_medications.map(|given| DueDose {
                route: given.drug,
                amount: given.dose,
                over: 0.0,
            }));
        }
        for (number, dose) in self.due.iter().enumerate() {
            let &DueDose { route, amount, over } = dose;
            let described = (route, &self.scenario.model.routes[route]);
            let taken = self.intake.give(&self.system.individual, described, time, amount, over);
            taken.map_err(|lag| failure::of_lag(&self.scenario.model, route, time, lag))?;
            self.doses.push(Dose { time, route, amount, planned: number < planned });
        }
        Ok(())
    }

    /// Puts the controls at their present values in both copies of the patient.
    fn set_controls(&mut self) -> bool {
        let copies = &mut [&mut self.system.individual, &mut self.observer.individual];
        self.settings.apply(self.time, self.course.on_treatment(), copies)
    }

    /// A hazard (dropout) ends treatment; follow-up goes on.
    fn end_treatment(&mut self, hazard: usize) {
        let time = self.time;
        let Some(before) = self.course.discontinue(None, time, Why::Hazard(hazard)) else { return };
        self.protocol.decisions.push(Decision {
            time,
            rule: None,
            signal: None,
            value: 0.0,
            action: Done::Discontinue,
            drug: None,
            before,
            after: 0.0,
        });
        self.protocol.follow_holds(time, &self.course, &self.known);
    }

    /// The next time at which something may happen.
    fn next_stop(&self) -> f64 {
        let time = self.time;
        let day = (self.daily && self.course.under_way()) || self.protocol.co_medications().next().is_some();
        let tomorrow = if day { (time + MOMENT).floor() + 1.0 } else { f64::INFINITY };
        [
            self.calendar.next(self.course.held_since()),
            self.course.next_dose(),
            self.settings.next(time),
            self.intake.next(time),
            tomorrow,
        ]
        .into_iter()
        .fold(self.scenario.horizon, f64::min)
    }

    /// Integrates to `stop`, or to an event that interrupts.
    fn advance(&mut self, stop: f64, jumped: bool) -> Result<Option<Interruption>, Failure> {
        let Subject { system, observer, states, solved, time, .. } = self;
        for state in states.iter_mut().filter(|state| state.abs() < NOTHING) {
            *state = 0.0;
        }
        let ComposedSystem { individual, composition, .. } = &mut *system;
        composition.rebase(*time, individual, states, solved);
        observer.rebase(*time, states);
        if let Some(state) = composition.faulty_chain() {
            let what = "is emptied at a rate that is not a finite number";
            return Err(failure::of_state(&self.scenario.model, state, *time, what));
        }
        observer.hazards.on_treatment = self.course.on_treatment();
        let stretch = Stretch { from: *time, to: stop, jumped };
        let solution =
            self.integrator.advance(system, &self.tolerances, stretch, solved, &mut self.progress, observer);
        solution.map_err(|error| {
            let limit = self.tolerances.maximum_steps;
            failure::of_solver(error, &self.scenario.model, system.composition.kept(), limit)
        })?;
        match &observer.outcome {
            Ok(None) => {
                *time = stop;
                system.composition.expand(stop, solved, states);
                Ok(None)
            }
            Ok(Some(interruption)) => {
                *time = interruption.time;
                states.copy_from_slice(&observer.states);
                Ok(Some(*interruption))
            }
            Err(failure) => Err(failure.clone()),
        }
    }

    fn check_states(&self, what: &str) -> Result<(), Failure> {
        match self.states.iter().position(|state| !state.is_finite()) {
            Some(state) => Err(failure::of_state(&self.scenario.model, state, self.time, what)),
            None => Ok(()),
        }
    }

    fn into_trajectory(mut self, end: End) -> Trajectory {
        let counts = self.progress.counts;
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
            decisions: self.protocol.decisions,
            events: self.observer.hazards.events,
            treatment: self.course.into_span(self.time),
            counts: Counts {
                steps: counts.steps,
                rejected: counts.rejected,
                evaluations: counts.evaluations,
            },
            rules_fired: self.protocol.fired,
        }
    }
}

/// The level at which a patient starts: the first true condition of `start_if`, else the plan's.
fn starting_level(treatment: &Treatment, individual: &Individual) -> usize {
    let constant = |symbol| individual.constant(symbol).unwrap_or(f64::NAN);
    let chosen = treatment.start_if.iter().find(|(when, _)| when.evaluate(&mut { constant }) != 0.0);
    chosen.map_or(treatment.start, |&(_, level)| level)
}

/// Whether an infusion of the arm runs into a chain, which then has no closed form here and is integrated.
fn infused(scenario: &Scenario, arm: &Arm, chain: &TransitChain) -> bool {
    let infusions = arm.treatments.iter().filter(|treatment| treatment.over > 0.0);
    let mut destinations = infusions.flat_map(|treatment| &scenario.model.routes[treatment.route].into);
    destinations.any(|destination| chain.states.contains(&destination.state))
}
