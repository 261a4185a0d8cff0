//! No memory is allocated per step or per interval: a thousand patients must not wait for the allocator.
//!
//! Counting needs a global allocator, and that needs `unsafe`; it only counts and hands everything on to the system's
//! allocator. Alone in its file, since the allocator is that of the whole test program.

#![allow(unsafe_code)] // See above: a global allocator cannot be written without.

use regimen::math::erlang;
use regimen::math::processor::Processor;
use regimen::solver::{
    Counts, Differentiable, Explicit, Implicit, Interpolant, Interval, StepMemory, Stepper, System, Systems,
    Tolerances,
};
use std::alloc::{GlobalAlloc, Layout, System as SystemAllocator};
use std::cell::Cell;

struct Counting;

thread_local! {
    /// Allocations of this thread; the test harness has others.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes unchanged to the system's allocator, which keeps the contract; the counter is a plain
// thread-local cell without destructor, so touching it neither allocates nor fails.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's contract is the callee's.
        unsafe { SystemAllocator.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the callee's.
        unsafe { SystemAllocator.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A fed chain, so that there is something to compute.
struct Chain;

impl System for Chain {
    fn dimension(&self) -> usize {
        16
    }
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        rates[0] = t.sin() - 3.0 * y[0];
        for i in 1..16 {
            rates[i] = 3.0 * (y[i - 1] - y[i]);
        }
    }
}

#[test]
fn steps_intervals_and_chains_do_not_allocate() {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9; 16], maximum_steps: 1_000_000 };
    let (mut memory, mut counts, mut method) =
        (StepMemory::default(), Counts::default(), Explicit::default());
    let (mut y, mut at, mut chain) = (vec![0.0; 16], vec![0.0; 16], vec![0.0; 16]);
    let mut day = |day: u32, y: &mut [f64], counts: &mut Counts| {
        y[0] += 1.0;
        let (t0, t1) = (f64::from(day), f64::from(day + 1));
        let mut look = |step: &dyn Interpolant| {
            step.at(0.5 * (step.start() + step.end()), &mut at);
            true
        };
        method.advance(&mut Chain, &tolerances, t0, t1, y, true, &mut memory, counts, &mut look).unwrap();
        erlang::propagate(3.0, 0.5, y, &mut chain);
    };
    day(0, &mut y, &mut counts);
    let before = ALLOCATIONS.get();
    for number in 1..100 {
        day(number, &mut y, &mut counts);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0, "over {counts:?}");
    assert!(before > 0 && counts.steps > 500);
}

impl Differentiable for Chain {
    fn jacobian(&mut self, t: f64, _y: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        jacobian.fill(0.0);
        by_time.fill(0.0);
        by_time[0] = t.cos();
        for i in 0..16 {
            jacobian[i * 16 + i] = -3.0;
            if i > 0 {
                jacobian[i * 16 + i - 1] = 3.0;
            }
        }
    }
}

#[test]
fn implicit_steps_do_not_allocate() {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9; 16], maximum_steps: 1_000_000 };
    let (mut memory, mut counts, mut method) =
        (StepMemory::default(), Counts::default(), Implicit::default());
    let (mut y, mut at) = (vec![0.0; 16], vec![0.0; 16]);
    let mut before = 0;
    for day in 0..100 {
        y[0] += 1.0;
        let (t0, t1) = (f64::from(day), f64::from(day + 1));
        let mut look = |step: &dyn Interpolant| {
            step.at(0.5 * (step.start() + step.end()), &mut at);
            true
        };
        method
            .advance(&mut Chain, &tolerances, t0, t1, &mut y, true, &mut memory, &mut counts, &mut look)
            .unwrap();
        if day == 0 {
            before = ALLOCATIONS.get();
        }
    }
    assert_eq!(ALLOCATIONS.get() - before, 0, "over {counts:?}");
    assert!(before > 0 && counts.steps > 500);
}

/// Decay in every lane.
struct Side;

impl Systems for Side {
    fn rates(&mut self, _t: &[f64], y: &[f64], rates: &mut [f64]) {
        for (rate, y) in rates.iter_mut().zip(y) {
            *rate = -2.0 * y;
        }
    }
    fn magnitudes(&mut self, _t: &[f64], y: &[f64], magnitudes: &mut [f64]) {
        magnitudes.copy_from_slice(y);
    }
    fn begin(&mut self, _lane: usize, t: &[f64], y: &[f64], rates: &mut [f64], magnitudes: &mut [f64]) {
        self.rates(t, y, rates);
        self.magnitudes(t, y, magnitudes);
    }
}

#[test]
fn lanes_do_not_allocate() {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9; 3], maximum_steps: 1_000_000 };
    let mut stepper = Stepper::new(Processor::detect(), 16, tolerances, &[1]).detect_stiffness();
    let (mut arrivals, mut y) = (0, [1.0; 3]);
    let interval =
        Interval { from: 0.0, to: 1.0, start: true.into(), memory: StepMemory::default(), attempts: 1000 };
    let before = ALLOCATIONS.get();
    for lane in 0..16 {
        stepper.load(&mut Side, lane, interval, &[1.0 + lane as f64; 3]).unwrap();
    }
    for _ in 0..500 {
        let look = stepper.attempt(&mut Side);
        stepper.take();
        for lane in 0..16 {
            if !look || !stepper.look(lane) {
                continue;
            }
            let memory = stepper.remembered(lane);
            stepper.solution(lane, &mut y);
            y[0] += 1.0;
            stepper.load(&mut Side, lane, Interval { memory, ..interval }, &y).unwrap();
            arrivals += 1;
        }
    }
    assert_eq!(ALLOCATIONS.get() - before, 0, "over {arrivals} arrivals");
    assert!(arrivals > 500, "{arrivals}");
}
