//! The explicit method on many systems side by side: one attempt of a step in all lanes at once.
//!
//! Each lane has a time, step, stop and error of its own; nothing is ever summed across lanes, so that a lane's solution is
//! the same bits whatever its neighbours do, at any width and on any instruction set. A single system is the
//! case of one lane. When to step on, what to do at a stop and whom to put into a lane is decided by the caller.
//!
//! Layout of every table: `[equation][lane]`, one row of lanes after the other.

use super::kernels::{Combine, Judge, Level, Plan, Rows, Take};
use super::step_control::{self, NONE_YET};
use super::system::{Counts, Interpolant, SolverError, StepMemory, Tolerances, least_step};
use super::tsitouras::{
    NODES, SOLUTION, STAGE_2, STAGE_3, STAGE_4, STAGE_5, STAGE_6, STAGES, interpolation_weights,
};
use crate::math::aligned::Aligned;
use crate::math::processor::Processor;

mod interval;

pub use interval::{Interval, Outcome, Start};

/// Evaluations of f in one attempt; the first stage is the last of the step before.
const EVALUATIONS: u64 = 6;

/// Systems of one kind side by side. Times: one per lane; tables: `[equation][lane]`.
pub trait Systems {
    /// Writes f(t, y) of every lane.
    fn rates(&mut self, t: &[f64], y: &[f64], rates: &mut [f64]);
    /// Writes the magnitudes against which the relative tolerance is measured, see [`super::System::magnitudes`].
    fn magnitudes(&mut self, t: &[f64], y: &[f64], magnitudes: &mut [f64]);
    /// Where the systems have their times and values, if they can take them there: then these need not be copied.
    fn argument(&mut self) -> Option<(&mut [f64], &mut [f64])> {
        None
    }
    /// As [`Systems::rates`], of what was written to [`Systems::argument`].
    fn rates_of_argument(&mut self, _rates: &mut [f64]) {}
    /// As [`Systems::rates`] and [`Systems::magnitudes`], at least for this lane; others may be left alone.
    fn begin(&mut self, lane: usize, t: &[f64], y: &[f64], rates: &mut [f64], magnitudes: &mut [f64]);
}

/// The method with its tables.
#[derive(Debug)]
pub struct Stepper {
    processor: Processor,
    /// One lane, worked one number at a time.
    single: bool,
    width: usize,
    equations: usize,
    tolerances: Tolerances,
    y: Aligned,
    /// Rates of the stages.
    k: [Aligned; STAGES],
    /// Argument of the stage being evaluated.
    stage: Aligned,
    /// Solution at the end of the step.
    next: Aligned,
    /// Magnitudes at the start and the end of the step.
    magnitudes: [Aligned; 2],
    /// Error over tolerance.
    ratios: Aligned,
    lanes: Rows,
    levels: Vec<Level>,
    /// Stiffness is to be found.
    detects: bool,
}

impl Stepper {
    /// Tables for systems with as many equations as there are absolute tolerances, in `width` lanes: a multiple of the
    /// processor's own, or 1.
    /// `watched` are equations for [`Stepper::watch_level`].
    pub fn new(processor: Processor, width: usize, tolerances: Tolerances, watched: &[usize]) -> Self {
        let equations = tolerances.absolute.len();
        let table = || Aligned::zeros(equations * width);
        let mut stepper = Stepper {
            processor,
            single: width == 1,
            width,
            equations,
            tolerances,
            y: table(),
            k: std::array::from_fn(|_| table()),
            stage: table(),
            next: table(),
            magnitudes: [table(), table()],
            ratios: table(),
            lanes: Rows::new(width),
            detects: false,
            levels: watched.iter().map(|&equation| Level::new(equation, width)).collect(),
        };
        (0..width).for_each(|lane| stepper.idle(lane));
        stepper
    }

    /// Steps bound by stability are counted from now on, and the caller gets to see a lane that is stiff
    /// ([`StepMemory::is_stiff`]).
    pub fn detect_stiffness(mut self) -> Self {
        self.detects = true;
        self
    }

    /// Number of lanes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Puts a system into a lane, at the start of an interval.
    ///
    /// # Errors
    /// A value or rate that is not finite at the start.
    pub fn load(
        &mut self,
        systems: &mut dyn Systems,
        lane: usize,
        interval: Interval,
        y: &[f64],
    ) -> Result<(), SolverError> {
        let width = self.width;
        for (equation, value) in y.iter().enumerate() {
            self.y[equation * width + lane] = *value;
        }
        let lanes = &mut self.lanes;
        lanes.t[lane] = interval.from;
        lanes.stop[lane] = interval.to;
        lanes.previous[lane] = NONE_YET;
        lanes.rejected[lane] = 0.0;
        lanes.restart[lane] = f64::from(u8::from(interval.start.jumped));
        lanes.after_event[lane] = interval.memory.after_event;
        lanes.stability_bound[lane] = interval.memory.stability_bound;
        lanes.eased[lane] = interval.memory.eased;
        lanes.live[lane] = 1.0;
        lanes.attempts[lane] = 0.0;
        lanes.steps[lane] = 0.0;
        lanes.limit[lane] = interval.attempts as f64;
        lanes.begun[lane] = 0.0;
        lanes.due[lane] = f64::INFINITY;
        if !interval.start.rates_stand {
            self.first_stage(systems, lane);
        }
        let finite = |place: usize| self.y[place].is_finite() && self.k[0][place].is_finite();
        if let Some(equation) = (0..self.equations).find(|equation| !finite(equation * width + lane)) {
            return Err(SolverError::NotFinite { t: interval.from, equation });
        }
        if interval.attempts == 0 {
            return Err(SolverError::TooManySteps { t: interval.from, equation: 0 });
        }
        let remembered =
            if interval.start.jumped { interval.memory.after_event } else { interval.memory.current };
        // Where nothing is to be integrated one step goes all the way.
        let remembered = if self.equations == 0 { f64::INFINITY } else { remembered };
        self.lanes.wished[lane] =
            if remembered > 0.0 { remembered } else { self.starting_step(systems, lane, interval) };
        Ok(())
    }

    /// Rates and magnitudes at the start of an interval.
    fn first_stage(&mut self, systems: &mut dyn Systems, lane: usize) {
        // The stages after the first are free to be written to before a step begins.
        let Stepper { k: [first, spare, ..], stage, magnitudes: [magnitudes, _], .. } = self;
        systems.begin(lane, &self.lanes.t, &self.y, spare, stage);
        for place in (0..self.equations).map(|equation| equation * self.width + lane) {
            first[place] = spare[place];
            magnitudes[place] = stage[place];
        }
        self.lanes.begun[lane] += 1.0;
    }

    /// Makes a lane idle: it does nothing and is asked nothing.
    pub fn idle(&mut self, lane: usize) {
        self.lanes.stop[lane] = f64::INFINITY;
        self.lanes.wished[lane] = 0.0;
        self.lanes.due[lane] = f64::INFINITY;
        self.lanes.limit[lane] = f64::INFINITY;
        self.lanes.stability_bound[lane] = 0.0;
        self.lanes.live[lane] = 0.0;
        for level in &mut self.levels {
            level.at[lane] = f64::INFINITY;
        }
    }

    /// The caller wants to see every accepted step of a lane that ends at this time or later; others it need not see.
    pub fn watch(&mut self, lane: usize, due: f64) {
        self.lanes.due[lane] = due;
    }

    /// The caller wants to see the accepted step in which an equation (by its place among the watched) comes to this value
    /// or above.
    pub fn watch_level(&mut self, lane: usize, watched: usize, level: f64) {
        self.levels[watched].at[lane] = level;
    }

    /// Starting step of Hairer, Nørsett and Wanner (II.4): one more evaluation, after an Euler step.
    fn starting_step(&mut self, systems: &mut dyn Systems, lane: usize, interval: Interval) -> f64 {
        let width = self.width;
        let Stepper { k: [first, second, ..], stage, next, magnitudes: [magnitudes, _], .. } = self;
        let places = || (0..self.equations).map(|equation| equation * width + lane);
        let tolerances = &self.tolerances;
        let scale = |place: usize, magnitude: f64| {
            (tolerances.absolute[place / width] + tolerances.relative * magnitude).max(f64::MIN_POSITIVE)
        };
        let norm = |values: &[f64], magnitudes: &[f64]| {
            let squares = places().map(|place| {
                let ratio = values[place] / scale(place, magnitudes[place]);
                ratio * ratio
            });
            (squares.sum::<f64>() / self.equations.max(1) as f64).sqrt()
        };
        let slope = norm(first, magnitudes);
        let guess =
            step_control::first_guess(norm(&self.y, magnitudes), slope).min(interval.to - interval.from);
        for place in places() {
            next[place] = first[place].mul_add(guess, self.y[place]);
        }
        let time = &mut self.lanes.stage_time;
        time[lane] = interval.from + guess;
        systems.begin(lane, time, next, second, stage);
        for place in places() {
            second[place] -= first[place];
        }
        self.lanes.begun[lane] += 1.0;
        step_control::initial_step(guess, slope, norm(second, magnitudes) / guess)
    }

    /// One attempt in every lane. True if some lane has something for the caller to look at: the stop, a time that is
    /// watched, a failure ([`Stepper::look`], [`Stepper::outcome`]). [`Stepper::take`] ends the attempt.
    pub fn attempt(&mut self, systems: &mut dyn Systems) -> bool {
        let Rows { t, stop, wished, h, clipped, last, .. } = &mut self.lanes;
        let plan = Plan { t, stop, wished, h, clipped, last };
        if self.single {
            self.processor.run_single(plan)
        } else {
            self.processor.run(plan)
        }
        if self.equations == 0 {
            return self.judge();
        }
        self.evaluate(systems, NODES[0], &STAGE_2);
        self.evaluate(systems, NODES[1], &STAGE_3);
        self.evaluate(systems, NODES[2], &STAGE_4);
        self.evaluate(systems, NODES[3], &STAGE_5);
        self.evaluate(systems, NODES[4], &STAGE_6);
        self.evaluate(systems, 1.0, &SOLUTION);
        systems.magnitudes(&self.lanes.stage_time, &self.next, &mut self.magnitudes[1]);
        self.judge()
    }

    /// Stage N + 1, whose argument is a combination of the N before; the argument of the seventh is the solution.
    fn evaluate<const N: usize>(&mut self, systems: &mut dyn Systems, node: f64, weights: &[f64; N]) {
        let (known, new) = self.k.split_at_mut(N);
        // The solution is kept, and the last argument before it where stiffness is to be found.
        let kept = N + 1 == STAGES || (self.detects && N + 2 == STAGES);
        let own = if N + 1 == STAGES { &mut self.next } else { &mut self.stage };
        let there = if kept { None } else { systems.argument() };
        let in_place = there.is_some();
        let (times, result) = there.unwrap_or((&mut self.lanes.stage_time, own));
        let combine = Combine {
            t: &self.lanes.t,
            h: &self.lanes.h,
            times,
            node,
            y: &self.y,
            weights,
            k: std::array::from_fn::<&[f64], N, _>(|stage| &known[stage]),
            result,
        };
        if self.single {
            self.processor.run_single(combine)
        } else {
            self.processor.run(combine)
        }
        if in_place {
            systems.rates_of_argument(&mut new[0]);
        } else {
            let argument = if N + 1 == STAGES { &self.next } else { &self.stage };
            systems.rates(&self.lanes.stage_time, argument, &mut new[0]);
        }
    }

    /// Error norms, acceptance, and the steps wished for next.
    fn judge(&mut self) -> bool {
        let judge = Judge {
            lanes: &mut self.lanes,
            k: self.k.each_ref().map(|table| &table[..]),
            next: &self.next,
            magnitudes: self.magnitudes.each_ref().map(|table| &table[..]),
            tolerances: &self.tolerances,
            ratios: &mut self.ratios,
            levels: &self.levels,
            // Its table was written last by the sixth stage: the argument of the seventh is the solution.
            sixth: self.detects.then_some(&self.stage[..]),
        };
        if self.single { self.processor.run_single(judge) } else { self.processor.run(judge) }
    }

    /// Makes the end of every accepted step the start of the next.
    pub fn take(&mut self) {
        let Stepper { lanes: Rows { accepted, t, end, .. }, y, next, k, magnitudes, .. } = self;
        if accepted.iter().all(|accepted| *accepted == 1.0) {
            std::mem::swap(y, next);
            std::mem::swap(t, end);
            k.swap(0, STAGES - 1);
            magnitudes.swap(0, 1);
            return;
        }
        let ([first, .., last], [at_start, at_end]) = (k, magnitudes);
        let pairs = [(y, &*next), (first, &*last), (at_start, &*at_end), (t, &*end)];
        let take = Take { accepted, pairs: pairs.map(|(old, new)| (&mut old[..], &new[..])) };
        if self.single { self.processor.run_single(take) } else { self.processor.run(take) }
    }

    /// Whether the last attempt of a lane is something for the caller to look at.
    pub fn look(&self, lane: usize) -> bool {
        self.lanes.look[lane] != 0.0
    }

    /// What came of the last attempt in a lane; before [`Stepper::take`].
    pub fn outcome(&self, lane: usize) -> Outcome {
        let lanes = &self.lanes;
        let exhausted = lanes.attempts[lane] >= lanes.limit[lane];
        if lanes.accepted[lane] == 1.0 {
            return match (lanes.last[lane] == 1.0, exhausted) {
                (true, _) => Outcome::Arrived,
                (false, true) => Outcome::Failed(SolverError::TooManySteps {
                    t: lanes.end[lane],
                    equation: self.worst_equation(lane),
                }),
                (false, false) => Outcome::Accepted,
            };
        }
        if lanes.wished[lane] < least_step(lanes.t[lane]) {
            return Outcome::Failed(self.failure(lane));
        }
        if exhausted {
            let (t, equation) = (lanes.t[lane], self.worst_equation(lane));
            return Outcome::Failed(SolverError::TooManySteps { t, equation });
        }
        Outcome::Rejected
    }

    /// The accepted step of a lane; before [`Stepper::take`].
    pub fn step(&self, lane: usize) -> LaneStep<'_> {
        LaneStep { stepper: self, lane }
    }

    /// Cost of a lane in its present interval.
    pub fn counts(&self, lane: usize) -> Counts {
        let (attempts, steps) = (self.lanes.attempts[lane] as u64, self.lanes.steps[lane] as u64);
        let evaluations = self.lanes.begun[lane] as u64 + EVALUATIONS * attempts;
        Counts { steps, rejected: attempts - steps, evaluations, jacobians: 0 }
    }

    /// What to remember of a lane for its next interval.
    pub fn remembered(&self, lane: usize) -> StepMemory {
        let Rows { after_event, wished, stability_bound, eased, .. } = &self.lanes;
        StepMemory {
            after_event: after_event[lane],
            current: wished[lane],
            stability_bound: stability_bound[lane],
            eased: eased[lane],
            since_event: None,
        }
    }

    /// The solution of a lane after [`Stepper::take`].
    pub fn solution(&self, lane: usize, y: &mut [f64]) {
        for (equation, value) in y.iter_mut().enumerate() {
            *value = self.y[equation * self.width + lane];
        }
    }

    /// The equation with the largest error over tolerance in the last attempt of a lane.
    fn worst_equation(&self, lane: usize) -> usize {
        let ratio = |equation: usize| self.ratios[equation * self.width + lane].abs();
        (0..self.equations)
            .fold(0, |worst, equation| if ratio(equation) > ratio(worst) { equation } else { worst })
    }

    /// What stopped the method in a lane, when the step cannot be cut down further.
    fn failure(&self, lane: usize) -> SolverError {
        let t = self.lanes.t[lane];
        if self.lanes.error[lane].is_finite() {
            return SolverError::StepTooSmall { t, equation: self.worst_equation(lane) };
        }
        let stages = self.k[..STAGES - 1].iter().chain([&self.next, &self.k[STAGES - 1], &self.ratios]);
        let not_finite = |table: &Aligned| {
            (0..self.equations).find(|equation| !table[equation * self.width + lane].is_finite())
        };
        let equation = stages.into_iter().find_map(not_finite).unwrap_or(self.worst_equation(lane));
        SolverError::NotFinite { t, equation }
    }
}

/// One accepted step of one lane, for dense output.
#[derive(Debug)]
pub struct LaneStep<'a> {
    stepper: &'a Stepper,
    lane: usize,
}

impl Interpolant for LaneStep<'_> {
    fn start(&self) -> f64 {
        self.stepper.lanes.t[self.lane]
    }

    fn end(&self) -> f64 {
        self.stepper.lanes.end[self.lane]
    }

    fn at(&self, t: f64, y: &mut [f64]) {
        let Stepper { lanes, width, k, .. } = self.stepper;
        let places = (self.lane..).step_by(*width);
        // At the ends the solution itself, to the last bit.
        if t == self.end() || t == self.start() {
            let table = if t == self.end() { &self.stepper.next } else { &self.stepper.y };
            for (value, place) in y.iter_mut().zip(places) {
                *value = table[place];
            }
            return;
        }
        let h = lanes.h[self.lane];
        let weights = interpolation_weights((t - self.start()) / h);
        for (value, place) in y.iter_mut().zip(places) {
            let mut sum = weights[0] * k[0][place];
            for stage in 1..STAGES {
                sum += weights[stage] * k[stage][place];
            }
            *value = self.stepper.y[place] + h * sum;
        }
    }
}

#[cfg(test)]
mod tests;
