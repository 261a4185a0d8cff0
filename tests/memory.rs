//! What a trial keeps does not grow with visits and doses, and beyond a size not with the patients' records either.
//!
//! Counting needs a global allocator, and that needs `unsafe`; it only counts and hands everything on to the system's
//! allocator. Alone in its file, and one test, since the allocator is that of the whole test program.

#![allow(unsafe_code)] // See above: a global allocator cannot be written without.

mod texts;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use regimen::scenario::Scenario;
use regimen::trial::{NoLog, Precision, Trial, run};
use texts::Silent;

struct Counting;

/// Bytes in use now, and at most since they were last set equal.
static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes unchanged to the system's allocator, which keeps the contract; the counters are plain numbers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller's contract is the callee's.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's contract is the callee's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MODEL: &str = r#"
title = "One compartment"
time = "h"
[parameters]
cl = { value = 12, unit = "L/h" }
v = { value = 60, unit = "L" }
[individual]
CL = { typical = "cl", distribution = "log-normal", cv = "30 %" }
[states]
central = { unit = "mg", rate = "-CL / v * central" }
[doses]
drug = { unit = "mg", into = "central" }
[outputs]
Cp = { unit = "ng/mL", value = "central / v", error = { proportional = 0.1 } }
"#;

/// A daily dose and a weekly visit; recorded this often, from the day before the end on.
fn scenario(patients: usize, horizon: u32, every: &str) -> Scenario {
    let text = format!(
        r#"
title = "Memory"
model = "one-compartment"
horizon = "{horizon} d"
[population]
patients = {patients}
[visits]
laboratory = ["day 1", "every 1 week"]
[[arm]]
name = "daily"
treatment = [{{ drug = "drug", dose = "25 mg" }}]
[[record]]
name = "course"
every = "{every}"
from = "day {horizon}"
outputs = ["Cp"]
[[endpoint]]
name = "nadir"
kind = "nadir"
of = "Cp"
"#
    );
    texts::scenario(MODEL, &text)
}

/// The most bytes in use while the trial ran, above those before.
fn peak(scenario: &Scenario) -> (usize, Trial) {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let trial = run(scenario, 1, &Silent, &NoLog).expect("a trial");
    (PEAK.load(Ordering::Relaxed) - before, trial)
}

#[test]
fn memory_grows_by_what_is_reported_of_a_patient_and_by_no_more() {
    // 1: three months or a year of doses and visits, two recorded values. A course of the year has 365 doses, 54 visits,
    // each with its lists, and 365 daily levels: more than 20,000 bytes.
    let mut each = Vec::new();
    for horizon in [91, 365] {
        let [few, many] = [300, 1500].map(|patients| peak(&scenario(patients, horizon, "1 d")).0);
        let bytes = many.saturating_sub(few) / 1200;
        println!("{horizon} d: {few} bytes for 300 patients, {bytes} for each further one");
        each.push(bytes);
    }
    // Covariates, effects, value, end time, two recorded values, and what estimates are computed from.
    assert!(each.iter().all(|bytes| *bytes < 500), "{each:?} bytes per patient");
    assert!(each[1] < each[0] + 50, "{each:?} bytes per patient for a quarter and a year");

    // 2: so many recorded values that they are counted and not kept; all of them would be 8 bytes each.
    let [few, many] = [400, 800].map(|patients| {
        let (bytes, trial) = peak(&scenario(patients, 7, "0.9 s"));
        assert!(matches!(trial.precision, Precision::Counted(_)), "{:?}", trial.precision);
        bytes
    });
    println!("{few} bytes for 400 patients with 96,000 recorded values each, {many} for 800");
    let kept = 400 * 96_000 * size_of::<f64>();
    assert!(many < few + kept / 10, "{few} bytes for 400 patients, {many} for 800");
}
