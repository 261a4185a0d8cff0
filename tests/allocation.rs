//! No memory is allocated per step or per interval: a thousand patients must not wait for the allocator.
//!
//! Counting needs a global allocator, and that needs `unsafe`; it only counts and hands everything on to the system's
//! allocator. Alone in its file, since the allocator is that of the whole test program.

#![allow(unsafe_code)] // See above: a global allocator cannot be written without.

use regimen::math::erlang;
use regimen::solver::{Counts, Explicit, Interpolant, StepMemory, System, Tolerances};
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
