//! Many lanes against one: the same bits for every system, whatever its neighbours are.

use super::*;
use crate::solver::{Counts, Explicit, Interpolant, StepMemory, System};

/// Van der Pol's oscillator driven by its own clock: a different frequency and damping in every lane.
#[derive(Clone, Copy)]
struct Oscillator {
    damping: f64,
    drive: f64,
}

impl Oscillator {
    fn number(index: usize) -> Self {
        // Lane 5 has no rates at all, lane 11 runs away.
        let damping = [0.3, 1.0, 4.0, 9.0][index % 4] + 0.01 * index as f64;
        let damping = match index {
            5 => f64::NAN,
            11 => -40.0,
            _ => damping,
        };
        Oscillator { damping, drive: 0.5 + index as f64 }
    }

    fn at(self, t: f64, y: [f64; 2]) -> [f64; 2] {
        [y[1], self.damping * (1.0 - y[0] * y[0]) * y[1] - y[0] + self.drive * t / (1.0 + t * t)]
    }
}

impl System for Oscillator {
    fn dimension(&self) -> usize {
        2
    }
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        rates.copy_from_slice(&self.at(t, [y[0], y[1]]));
    }
}

struct Side<'a>(&'a [Oscillator]);

impl Systems for Side<'_> {
    fn rates(&mut self, t: &[f64], y: &[f64], rates: &mut [f64]) {
        let width = t.len();
        for (lane, system) in self.0.iter().enumerate() {
            let [first, second] = system.at(t[lane], [y[lane], y[width + lane]]);
            (rates[lane], rates[width + lane]) = (first, second);
        }
    }
    fn magnitudes(&mut self, _t: &[f64], y: &[f64], magnitudes: &mut [f64]) {
        for (magnitude, y) in magnitudes.iter_mut().zip(y) {
            *magnitude = y.abs();
        }
    }
    fn begin(&mut self, _lane: usize, t: &[f64], y: &[f64], rates: &mut [f64], magnitudes: &mut [f64]) {
        self.rates(t, y, rates);
        self.magnitudes(t, y, magnitudes);
    }
}

/// What is known of a system after its intervals: solution, values between, cost, and how it failed.
#[derive(Debug, PartialEq)]
struct Course {
    bits: Vec<u64>,
    counts: Counts,
    failure: Option<SolverError>,
}

const STOPS: [f64; 4] = [0.7, 1.0, 2.5, 6.0];

fn tolerances() -> Tolerances {
    Tolerances { relative: 1e-7, absolute: vec![1e-9, 1e-8], maximum_steps: 2000 }
}

fn start(index: usize) -> [f64; 2] {
    [2.0 - 0.1 * index as f64, 0.05 * index as f64]
}

/// At each stop the second equation is kicked, as by a dose.
fn kick(y: &mut [f64]) {
    y[1] += 1.5;
}

fn note(step: &dyn Interpolant, bits: &mut Vec<u64>) {
    let mut y = [0.0; 2];
    step.at(step.start() + 0.3 * (step.end() - step.start()), &mut y);
    bits.extend(y.map(f64::to_bits));
}

fn alone(index: usize) -> Course {
    let (mut method, mut memory, mut counts) =
        (Explicit::default(), StepMemory::default(), Counts::default());
    let (mut y, mut bits, mut from) = (start(index), Vec::new(), 0.0);
    for to in STOPS {
        let mut see = |step: &dyn Interpolant| {
            note(step, &mut bits);
            true
        };
        let mut system = Oscillator::number(index);
        let done = method.advance(
            &mut system,
            &tolerances(),
            from,
            to,
            &mut y,
            true,
            &mut memory,
            &mut counts,
            &mut see,
        );
        if let Err(error) = done {
            return Course { bits, counts, failure: Some(error) };
        }
        bits.extend(y.map(f64::to_bits));
        kick(&mut y);
        from = to;
    }
    Course { bits, counts, failure: None }
}

/// One system on its way in a lane.
struct Rider {
    index: usize,
    stop: usize,
    course: Course,
    memory: StepMemory,
}

/// Lets systems 0 … `count` ride in lanes, each next one taking the lane that falls free.
fn together(processor: Processor, width: usize, count: usize) -> Vec<Course> {
    let mut stepper = Stepper::new(processor, width, tolerances(), &[]);
    let mut sides = vec![Oscillator::number(0); width];
    let mut riders: Vec<Option<Rider>> = (0..width).map(|_| None).collect();
    let mut done: Vec<Option<Course>> = (0..count).map(|_| None).collect();
    let mut queue = 0..count;
    let begin = |stepper: &mut Stepper, sides: &[Oscillator], lane: usize, rider: &mut Rider, y: &[f64]| {
        let from = if rider.stop == 0 { 0.0 } else { STOPS[rider.stop - 1] };
        let used = rider.course.counts.steps + rider.course.counts.rejected;
        let interval = Interval {
            from,
            to: STOPS[rider.stop],
            start: true.into(),
            memory: rider.memory,
            attempts: tolerances().maximum_steps - used,
        };
        let begun = stepper.load(&mut Side(sides), lane, interval, y);
        stepper.watch(lane, f64::NEG_INFINITY);
        if let Err(error) = begun {
            rider.course.counts += stepper.counts(lane);
            rider.course.failure = Some(error);
        }
        begun.is_ok()
    };
    loop {
        for lane in 0..width {
            while riders[lane].is_none() {
                let Some(index) = queue.next() else { break };
                sides[lane] = Oscillator::number(index);
                let course = Course { bits: Vec::new(), counts: Counts::default(), failure: None };
                let mut rider = Rider { index, stop: 0, course, memory: StepMemory::default() };
                if begin(&mut stepper, &sides, lane, &mut rider, &start(index)) {
                    riders[lane] = Some(rider);
                } else {
                    stepper.idle(lane);
                    done[index] = Some(rider.course);
                }
            }
        }
        if riders.iter().all(Option::is_none) {
            return done.into_iter().map(|course| course.expect("every system was followed")).collect();
        }
        stepper.attempt(&mut Side(&sides));
        let outcomes: Vec<Outcome> = (0..width).map(|lane| stepper.outcome(lane)).collect();
        for (lane, rider) in riders.iter_mut().enumerate() {
            if let (Some(rider), Outcome::Accepted | Outcome::Arrived) = (rider, outcomes[lane]) {
                note(&stepper.step(lane), &mut rider.course.bits);
            }
        }
        stepper.take();
        for lane in 0..width {
            let Some(mut rider) = riders[lane].take() else { continue };
            let mut stays = true;
            if let Outcome::Failed(error) = outcomes[lane] {
                rider.course.counts += stepper.counts(lane);
                rider.course.failure = Some(error);
                stays = false;
            } else if outcomes[lane] == Outcome::Arrived {
                rider.course.counts += stepper.counts(lane);
                rider.memory = stepper.remembered(lane);
                let mut y = [0.0; 2];
                stepper.solution(lane, &mut y);
                rider.course.bits.extend(y.map(f64::to_bits));
                kick(&mut y);
                rider.stop += 1;
                stays = rider.stop < STOPS.len() && begin(&mut stepper, &sides, lane, &mut rider, &y);
            }
            if stays {
                riders[lane] = Some(rider);
            } else {
                stepper.idle(lane);
                done[rider.index] = Some(rider.course);
            }
        }
    }
}

#[test]
fn a_lane_gets_the_bits_of_a_system_alone_on_every_processor_and_at_every_width() {
    let expected: Vec<Course> = (0..50).map(alone).collect();
    assert!(matches!(expected[5].failure, Some(SolverError::NotFinite { .. })), "{:?}", expected[5].failure);
    assert!(expected[11].failure.is_some());
    assert_eq!(expected.iter().filter(|course| course.failure.is_some()).count(), 2);
    for processor in Processor::kinds() {
        for width in [8, 16, 32] {
            let found = together(processor, width, expected.len());
            for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert!(found == expected, "system {index} among {width} on {processor:?}");
            }
        }
    }
}

/// The linear oscillator over intervals of one course (from, to, relative tolerance), each begun like this.
fn in_pieces(pieces: &[(f64, f64, f64)], start: impl Fn(f64) -> Start) -> ([f64; 2], Counts) {
    let (mut method, mut memory, mut counts) =
        (Explicit::default(), StepMemory::default(), Counts::default());
    let mut system = Oscillator { damping: 0.4, drive: 0.5 };
    let mut y = [2.0, 0.0];
    for &(from, to, relative) in pieces {
        let tolerances = Tolerances { relative, ..tolerances() };
        let start = start(from);
        let advance = &mut |_: &dyn Interpolant| true;
        let done = method.advance(
            &mut system,
            &tolerances,
            from,
            to,
            &mut y,
            start,
            &mut memory,
            &mut counts,
            advance,
        );
        assert_eq!(done, Ok(to));
    }
    (y, counts)
}

#[test]
fn rates_of_a_call_with_other_tolerances_are_not_known() {
    let course = |relative: f64| {
        let pieces = [(0.0, 0.7, relative), (0.7, 1.0, 1e-7)];
        in_pieces(&pieces, |_| Start { jumped: true, rates_stand: true }).0
    };
    let (same, other) = (course(1e-7), course(1e-8));
    assert!((same[0] - other[0]).abs() < 1e-5 && (same[1] - other[1]).abs() < 1e-5, "{same:?} {other:?}");
}

#[test]
fn rates_that_stand_are_not_evaluated_anew_and_the_solution_is_the_same() {
    let relative = tolerances().relative;
    let pieces = [(0.0, 0.7, relative), (0.7, 1.0, relative), (1.0, 2.5, relative)];
    let course = |rates_stand: bool| in_pieces(&pieces, |from| Start { jumped: from == 0.0, rates_stand });
    let (anew, standing) = (course(false), course(true));
    assert_eq!(anew.0.map(f64::to_bits), standing.0.map(f64::to_bits));
    // The first interval follows none.
    assert_eq!(anew.1.evaluations, standing.1.evaluations + 2);
    assert_eq!(anew.1.steps, standing.1.steps);
}
