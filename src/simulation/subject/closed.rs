//! A patient all of whose states have a closed form: from event to event without a solver.
//!
//! States are carried over a stretch at once; what is to be recorded within is carried from the start of the stretch too, and
//! its outputs are evaluated together at the end. Where no rule can act, doses and records up to the next visit come at the
//! same times in all patients of an arm: these are found out once ([`Way`]).

use super::super::clock::{MOMENT, reached};
use super::super::course::{Course, DueDose};
use super::super::failure;
use super::super::record::begins;
use super::super::schedule::Place;
use super::super::trajectory::{Dose, Failure};
use super::{Standing, Subject};
use crate::program::{Board, Individual};
use crate::scenario::{Arm, Record, Scenario, Treatment};

/// So many ways are remembered: more than there are visits and arms, unless each patient has visits of its own.
const MOST_WAYS: usize = 4096;

/// What serves patient after patient.
#[derive(Debug, Default)]
pub(in super::super) struct Tour {
    /// Made for the program of the first patient with closed forms: all are of one.
    board: Option<Board>,
    /// Ways that were gone before, and the place of the last.
    ways: Vec<Way>,
    last: usize,
    /// States where something is to be recorded, `[time][state]`.
    states: Vec<f64>,
    /// `[time][output]`
    outputs: Vec<f64>,
}

/// The way from one visit to the next (or the end) in an arm without rules.
#[derive(Debug)]
struct Way {
    arm: usize,
    from: f64,
    to: f64,
    stretches: Vec<Span>,
    /// Time and treatment of each dose, and how far the plans have come after the last.
    doses: Vec<(f64, usize)>,
    places: Vec<Place>,
    /// Times to be recorded, in their order.
    times: Vec<f64>,
}

/// A stretch in which nothing happens: its end, how many doses come at its start and whether a record begins with them, and how
/// many times are to be recorded within, and whether its end is.
#[derive(Debug)]
struct Span {
    to: f64,
    doses: usize,
    begins: bool,
    within: usize,
    at_end: bool,
}

impl Way {
    fn new(arm: usize, (from, to): (f64, f64), course: &mut Course, ahead: &mut Ahead) -> Self {
        let (doses, places) = course.ahead(to);
        let (mut stretches, mut times) = (Vec::new(), Vec::new());
        let (mut time, mut given) = (from, 0);
        while !reached(to, time) {
            let first = given;
            given += doses[given..].iter().take_while(|dose| reached(dose.0, time)).count();
            let end = doses.get(given).map_or(to, |dose| dose.0.min(to));
            let begins = given > first && ahead.records.iter().any(|record| begins(record, time));
            let (within, at_end) = ahead.pass(end, &mut times);
            stretches.push(Span { to: end, doses: given - first, begins, within, at_end });
            time = end;
        }
        Way { arm, from, to, stretches, doses, places, times }
    }
}

/// The times to be recorded that have not been passed.
struct Ahead<'s> {
    records: &'s [Record],
    places: Vec<usize>,
}

impl Ahead<'_> {
    fn next(&self) -> f64 {
        let next = |(record, place): (&Record, &usize)| record.times.get(*place).copied();
        self.records.iter().zip(&self.places).filter_map(next).fold(f64::INFINITY, f64::min)
    }

    /// Notes all times before `end` and at it: how many lie before, and whether there is one at it.
    fn pass(&mut self, end: f64, times: &mut Vec<f64>) -> (usize, bool) {
        let mut within = 0;
        loop {
            let due = self.next();
            let at_end = reached(due, end);
            if !at_end {
                return (within, false);
            }
            let before = due < end - MOMENT;
            times.push(if before { due } else { end });
            for (record, place) in self.records.iter().zip(&mut self.places) {
                while record.times.get(*place).is_some_and(|&at| reached(at, due)) {
                    *place += 1;
                }
            }
            if !before {
                return (within, true);
            }
            within += 1;
        }
    }
}

impl<'s> Subject<'s> {
    /// From here to the next visit from one planned dose to the next, where nothing else can happen. False if something
    /// may: then [`Subject::proceed`] takes all in its order. The numbers are the same either way.
    ///
    /// # Errors
    /// What ends the course.
    pub(super) fn stride(&mut self, tour: &mut Tour) -> Result<bool, Failure> {
        let (arm, from) = (self.numbers.1, self.time);
        let to = self.calendar.next(None).min(self.scenario.horizon);
        if !self.undisturbed || !matches!(self.standing, Standing::Arrived(None)) || reached(to, from) {
            return Ok(false);
        }
        let same = |way: &Way| way.arm == arm && way.from == from && way.to == to;
        let next = (tour.last + 1) % tour.ways.len().max(1);
        let known = Some(next).filter(|&next| tour.ways.get(next).is_some_and(same));
        tour.last = known.or_else(|| tour.ways.iter().position(same)).unwrap_or_else(|| {
            if tour.ways.len() == MOST_WAYS {
                tour.ways.clear();
            }
            let mut ahead = self.ahead();
            tour.ways.push(Way::new(arm, (from, to), &mut self.course, &mut ahead));
            tour.ways.len() - 1
        });
        let Tour { board, ways, last, states, outputs } = tour;
        let way = &ways[*last];
        states.clear();
        let went = self.go(way, states);
        let went = self.read(&way.times, board, (states, outputs)).and(went);
        // Of a course that broke off only what was given is entered in the books.
        let given = way
            .doses
            .iter()
            .take_while(|dose| went.is_ok() || self.doses.last().is_some_and(|last| dose.0 <= last.time));
        self.course.give_ahead(&way.doses[..given.count()], &way.places);
        went.map(|()| true)
    }

    /// Along a way; what is to be recorded is noted.
    fn go(&mut self, way: &Way, noted: &mut Vec<f64>) -> Result<(), Failure> {
        let (mut given, mut seen) = (0, 0);
        self.doses.reserve(way.doses.len());
        for span in &way.stretches {
            let doses = &way.doses[given..given + span.doses];
            given += span.doses;
            for &(time, treatment) in doses {
                let DueDose { route, amount, .. } = self.course.dose(treatment);
                self.doses.push(Dose { time, route, amount, planned: true });
                self.arrive_at_once(route, amount)?;
            }
            if span.begins {
                self.observer.look_after_doses(self.time, &self.states, &mut self.individual)?;
            }
            self.drop_nothing();
            self.pass(span.to, &way.times[seen..seen + span.within], span.at_end, noted)?;
            seen += span.within + usize::from(span.at_end);
        }
        Ok(())
    }

    fn arrive_at_once(&mut self, route: usize, amount: f64) -> Result<(), Failure> {
        let model = &self.scenario.model;
        for (place, into) in model.routes[route].into.iter().enumerate() {
            let state = &mut self.states[into.state];
            *state += amount * self.individual.dose_fraction(route, place);
            if !state.is_finite() {
                let what = "became infinite or not a number with a dose";
                return Err(failure::of_state(model, into.state, self.time, what));
            }
        }
        Ok(())
    }

    /// Whether nothing but visits and doses that arrive at once can happen to a patient all of whose states have a closed
    /// form.
    pub(super) fn is_undisturbed(scenario: &Scenario, arm: &Arm, individual: &Individual) -> bool {
        let at_once =
            |treatment: &Treatment| treatment.over <= 0.0 && individual.dose_lag(treatment.route) == 0.0;
        arm.rules.is_empty() && scenario.model.controls.is_empty() && arm.treatments.iter().all(at_once)
    }

    /// Goes over a stretch in which everything has a closed form and there is nothing to solve.
    ///
    /// # Errors
    /// What ends the course.
    pub(super) fn glide(&mut self, to: f64, tour: &mut Tour) -> Result<(), Failure> {
        let mut times = Vec::new();
        let (within, at_end) = self.ahead().pass(to, &mut times);
        let Tour { board, states, outputs, .. } = tour;
        states.clear();
        let passed = self.pass(to, &times[..within], at_end, states);
        self.read(&times, board, (states, outputs))?;
        passed
    }

    fn ahead(&self) -> Ahead<'s> {
        Ahead { records: &self.scenario.records, places: self.observer.recorder.passed().collect() }
    }

    /// Carries the states to a time, and notes them where they are to be recorded on the way.
    fn pass(&mut self, to: f64, within: &[f64], at_end: bool, noted: &mut Vec<f64>) -> Result<(), Failure> {
        let Subject { individual, observer, states, inputs, scenario, time, .. } = self;
        let from = *time;
        let mut carry = |span: f64, states: &mut [f64]| {
            let carried = individual.carry(span, states, inputs);
            carried.map_err(|none| failure::of_closed_form(&scenario.model, none, from))
        };
        for due in within {
            observer.states.copy_from_slice(states);
            carry(due - from, &mut observer.states)?;
            noted.extend_from_slice(&observer.states);
        }
        carry(to - from, states)?;
        if at_end {
            // One by one: they are few, and a call to copy them would cost more.
            states.iter().for_each(|state| noted.push(*state));
        }
        *time = to;
        self.standing = Standing::Arrived(None);
        Ok(())
    }

    /// Evaluates the outputs of what was noted and enters them into the records.
    fn read(
        &mut self,
        times: &[f64],
        board: &mut Option<Board>,
        (states, outputs): (&[f64], &mut Vec<f64>),
    ) -> Result<(), Failure> {
        // Fewer than asked for where the course broke off.
        let times = &times[..states.len() / self.states.len().max(1)];
        let each = self.observer.outputs.len();
        outputs.resize(times.len() * each, 0.0);
        let program = self.individual.program();
        board.get_or_insert_with(|| Board::new(program)).outputs(&self.individual, times, states, outputs);
        for (&time, values) in times.iter().zip(outputs.chunks_exact(each.max(1))) {
            if let Err(failure) = self.observer.recorder.enter(time, values) {
                // What came after it did not happen.
                self.doses.retain(|dose| dose.time < time);
                self.time = time;
                return Err(failure);
            }
        }
        Ok(())
    }
}
