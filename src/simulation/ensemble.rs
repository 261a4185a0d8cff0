//! Many patients at once: each lane of the solver holds a patient, and is given the next of the queue when that one ends.
//!
//! By the explicit method; one at a time go the others ([`super::Simulator`]), and by method `auto` those who are found stiff.
//! Patients share nothing but the arithmetic: each has its own clock, step, events and failure, and gets the same bits as
//! alone ([`super::simulate`]), whoever sits beside it.

use super::integration::Simulator;
use super::integrator::tolerances;
use super::subject::{Next, Stretch, Subject, Tour};
use super::trajectory::Trajectory;
use crate::population::Patient;
use crate::program::{Lanes, Program};
use crate::scenario::{Method, Scenario};
use crate::solver::{Interpolant, Interval, Outcome, Stepper, Systems};

/// A patient to be simulated in an arm.
#[derive(Debug, Clone, Copy)]
pub struct Task<'p> {
    /// Number under which the trajectory is handed out.
    pub number: usize,
    /// The patient.
    pub patient: &'p Patient,
    /// Arm index.
    pub arm: usize,
    /// Whether the course is written down as records.
    pub written_down: bool,
}

/// Patients side by side, with the workspace of one thread.
#[derive(Debug)]
pub struct Ensemble<'s> {
    scenario: &'s Scenario,
    program: &'s Program,
    lanes: Lanes,
    stepper: Stepper,
    /// The solver sees by itself when a hazard event is due: every cumulative hazard is an equation of its own.
    levels: bool,
    seats: Vec<Option<Seat<'s>>>,
    /// For patients who are found stiff.
    implicit: Option<Simulator<'s>>,
    /// The solver's vector of one patient.
    solved: Vec<f64>,
    tour: Tour,
}

/// A patient in a lane.
#[derive(Debug)]
struct Seat<'s> {
    number: usize,
    subject: Subject<'s>,
    /// The stretch ends with the present attempt, at this time.
    arrived: Option<f64>,
}

impl<'s> Ensemble<'s> {
    /// Empty lanes for patients of a scenario, whose model has been compiled to `program`. `patients` tells how many may be
    /// expected: few patients get few lanes.
    pub fn new(scenario: &'s Scenario, program: &'s Program, patients: usize) -> Self {
        let lanes = Lanes::new(program, patients);
        let tolerances = tolerances(&scenario.model, &scenario.numerics, program.solved());
        let cumulative: Option<Vec<usize>> =
            scenario.model.hazards.iter().map(|hazard| program.equation_of(hazard.state)).collect();
        let watched = cumulative.as_deref().unwrap_or_default();
        let mut stepper = Stepper::new(program.processor(), lanes.width(), tolerances, watched);
        if scenario.numerics.method == Method::Automatic {
            stepper = stepper.detect_stiffness();
        }
        let seats = (0..lanes.width()).map(|_| None).collect();
        Ensemble {
            scenario,
            program,
            lanes,
            stepper,
            levels: cumulative.is_some(),
            seats,
            implicit: None,
            solved: vec![0.0; program.solved().len()],
            tour: Tour::default(),
        }
    }

    /// Simulates all patients of a queue; each trajectory is handed out as it ends, with its task's number. None depends
    /// on the others. Never panics and never pads: see [`super::simulate`].
    pub fn simulate<'p>(
        &mut self,
        queue: &mut dyn FnMut() -> Option<Task<'p>>,
        sink: &mut dyn FnMut(usize, Trajectory),
    ) {
        let mut occupied = 0;
        for lane in 0..self.seats.len() {
            occupied += usize::from(self.fill(lane, queue, sink));
        }
        while occupied > 0 {
            let look = self.stepper.attempt(&mut Seated(&mut self.lanes));
            if look {
                self.watch();
            }
            self.stepper.take();
            if look {
                for lane in 0..self.seats.len() {
                    if self.seats[lane].as_ref().is_some_and(|seat| seat.arrived.is_some())
                        && !self.go_on(lane, sink)
                        && !self.fill(lane, queue, sink)
                    {
                        occupied -= 1;
                    }
                }
            }
        }
    }

    /// Shows the attempt to those who have something to see in it.
    fn watch(&mut self) {
        let Ensemble { stepper, seats, levels, .. } = self;
        for (lane, seat) in seats.iter_mut().enumerate() {
            let Some(Seat { subject, arrived, .. }) = seat.as_mut().filter(|_| stepper.look(lane)) else {
                continue;
            };
            match stepper.outcome(lane) {
                Outcome::Rejected => {}
                Outcome::Failed(error) => {
                    subject.fail(error);
                    *arrived = Some(f64::NAN);
                }
                outcome => {
                    let step = stepper.step(lane);
                    let go_on = subject.watch(&step) && !stepper.remembered(lane).is_stiff();
                    *arrived = (!go_on || outcome == Outcome::Arrived).then(|| step.end());
                    ask(stepper, lane, subject, *levels);
                }
            }
        }
    }

    /// Takes a patient from the end of one stretch into the next. False if the patient has come to the end, and the lane
    /// is free.
    fn go_on(&mut self, lane: usize, sink: &mut dyn FnMut(usize, Trajectory)) -> bool {
        let Some(seat) = self.seats[lane].as_mut() else { return false };
        let time = seat.arrived.take().unwrap_or(f64::NAN);
        seat.subject.counts += self.stepper.counts(lane);
        seat.subject.memory = self.stepper.remembered(lane);
        self.stepper.solution(lane, &mut self.solved);
        if !seat.subject.settle_method() {
            seat.subject.arrive(&self.solved);
            return self.depart(lane, sink);
        }
        // Stiff: the rest goes by the other method, which takes one patient at a time.
        seat.subject.pause(time, &self.solved);
        if let Some(Seat { number, subject, .. }) = self.seats[lane].take() {
            let (scenario, program) = (self.scenario, self.program);
            let simulator = self.implicit.get_or_insert_with(|| Simulator::new(scenario, program));
            sink(number, simulator.finish(subject));
        }
        false
    }

    /// Puts the next of the queue into a free lane. False if there is none.
    fn fill<'p>(
        &mut self,
        lane: usize,
        queue: &mut dyn FnMut() -> Option<Task<'p>>,
        sink: &mut dyn FnMut(usize, Trajectory),
    ) -> bool {
        while let Some(Task { number, patient, arm, written_down }) = queue() {
            let mut subject = Subject::new(self.scenario, self.program, patient, arm, false);
            if written_down {
                subject = subject.written_down();
            }
            self.lanes.vacate(lane);
            self.seats[lane] = Some(Seat { number, subject, arrived: None });
            if self.depart(lane, sink) {
                return true;
            }
        }
        self.stepper.idle(lane);
        false
    }

    /// Starts the patient's next stretch. False if there is none, and the patient was handed out.
    fn depart(&mut self, lane: usize, sink: &mut dyn FnMut(usize, Trajectory)) -> bool {
        loop {
            let Some(seat) = self.seats[lane].as_mut() else { return false };
            match seat.subject.proceed(&mut self.solved, &mut self.tour) {
                Next::End(end) => {
                    if let Some(Seat { number, subject, .. }) = self.seats[lane].take() {
                        sink(number, subject.into_trajectory(end));
                    }
                    return false;
                }
                Next::Advance(stretch) => {
                    self.lanes.admit(lane, &seat.subject.individual);
                    let interval = interval(self.scenario.numerics.maximum_steps, &seat.subject, stretch);
                    let systems = &mut Seated(&mut self.lanes);
                    match self.stepper.load(systems, lane, interval, &self.solved) {
                        Ok(()) => {
                            ask(&mut self.stepper, lane, &seat.subject, self.levels);
                            return true;
                        }
                        Err(error) => {
                            seat.subject.counts += self.stepper.counts(lane);
                            seat.subject.fail(error);
                        }
                    }
                }
            }
        }
    }
}

/// A stretch as the solver takes it.
fn interval(maximum_steps: u64, subject: &Subject, stretch: Stretch) -> Interval {
    let Stretch { from, to, start } = stretch;
    let (memory, counts) = (subject.memory, subject.counts);
    let used = counts.steps + counts.rejected;
    let attempts = maximum_steps.saturating_sub(used);
    Interval { from, to, start, memory, attempts }
}

/// Says which of its steps a patient's observer wants to see.
fn ask(stepper: &mut Stepper, lane: usize, subject: &Subject, levels: bool) {
    let hazards = subject.hazards();
    let every = subject.is_guarded() || (hazards.live() && !levels);
    stepper.watch(lane, if every { f64::NEG_INFINITY } else { subject.next_record() });
    if levels {
        for (place, level) in hazards.levels().enumerate() {
            stepper.watch_level(lane, place, level);
        }
    }
}

/// The patients in the lanes, as the solver sees them.
struct Seated<'l>(&'l mut Lanes);

impl Systems for Seated<'_> {
    fn rates(&mut self, t: &[f64], y: &[f64], rates: &mut [f64]) {
        self.0.rates(t, y, rates);
    }

    fn magnitudes(&mut self, t: &[f64], y: &[f64], magnitudes: &mut [f64]) {
        self.0.magnitudes(t, y, magnitudes);
    }

    fn argument(&mut self) -> Option<(&mut [f64], &mut [f64])> {
        Some(self.0.argument())
    }

    fn rates_of_argument(&mut self, rates: &mut [f64]) {
        self.0.rates_of_argument(rates);
    }

    fn begin(&mut self, lane: usize, t: &[f64], y: &[f64], rates: &mut [f64], magnitudes: &mut [f64]) {
        self.0.begin(lane, t, y, rates, magnitudes);
    }
}
