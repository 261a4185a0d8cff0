//! When two times are the same time.
//!
//! Doses, visits and records are sums of days, hours and cycle lengths, so that one moment may be written as two
//! numbers that differ in the last bits. Everything within [`MOMENT`] happens at once.

/// Times closer than this are one moment: 0.1 ms, d.
pub(super) const MOMENT: f64 = 1e-9;

/// Whether `due` has come at `time`.
pub(super) fn reached(due: f64, time: f64) -> bool {
    due <= time + MOMENT
}

/// Whether a day starts at `time`.
pub(super) fn starts_day(time: f64) -> bool {
    (time - whole(time + 0.5)).abs() <= MOMENT
}

/// The whole number at or below a time ≥ 0. (A conversion; `floor` is a call on processors of the least kind.)
pub(super) fn whole(time: f64) -> f64 {
    time as i64 as f64
}

/// The day that holds `time`, from 0; the moment before a day counts as its start.
pub(super) fn day_of(time: f64) -> u32 {
    // Cuts off and saturates, and times are ≥ 0.
    (time + MOMENT) as u32
}
