//! A plain arithmetic loop: what a second thread gives on this machine to work that shares nothing.

use std::hint::black_box;

use crate::measure::fastest;

const NUMBERS: usize = 64;
/// About half a second.
const ROUNDS: u32 = 16_000_000;

/// The speed-up of two threads over one, each of the two with as much to do.
pub fn speed_up() -> f64 {
    let (one, ()) = fastest(3, work);
    let (two, ()) = fastest(3, || {
        std::thread::scope(|scope| {
            scope.spawn(work);
            work();
        });
    });
    2.0 * one / two
}

/// Multiplications and additions on numbers that stay in the nearest cache, and do not wait for one another.
fn work() {
    let mut numbers = [0.0_f64; NUMBERS];
    let (factor, summand) = (black_box(0.999), black_box(0.5));
    for _ in 0..ROUNDS {
        for number in &mut numbers {
            *number = *number * factor + summand;
        }
    }
    black_box(numbers);
}
