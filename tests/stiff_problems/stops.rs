//! What stops and discontinuities do to the steps.

use super::problem::{Problem, go, tolerances};
use regimen::solver::Counts;

/// Binding a hundred thousand times faster than turnover, kicked at each stop that is a jump by nothing: the solution goes to
/// rest, so that every step is the memory's work.
const BINDING: Problem = Problem {
    rates: |_, y, f| {
        let binding = 1e5 * y[0] * y[1] - 1e3 * (1.0 - y[1]);
        f.copy_from_slice(&[1.0 - y[0] - binding, -binding]);
    },
    jacobian: |_, y, j, _| {
        let (by_first, by_second) = (1e5 * y[1], 1e5 * y[0] + 1e3);
        j.copy_from_slice(&[-1.0 - by_first, -by_second, -by_first, -by_second]);
    },
    start: &[1.0, 1.0],
    end: 100.0,
    values: &[],
    absolute: &[1e-3, 1e-3],
};

/// A hundred days with a jump each, and one more stop soon after it.
fn cost(extra: Option<(f64, bool)>) -> Counts {
    let days = (1..=100).map(f64::from);
    let stops: Vec<(f64, bool)> = days
        .flat_map(|day| [Some((day, true)), extra.map(|(after, jumps)| (day + after, jumps))])
        .flatten()
        .collect();
    go(&BINDING, &tolerances(&BINDING, 1e-6), BINDING.start, &stops).unwrap().1
}

#[test]
fn a_stop_soon_after_another_costs_a_step() {
    let bare = cost(None);
    assert!(bare.steps <= 400, "{bare:?}");
    for after in [1e-9, 1e-6, 1e-3, 0.1] {
        for jumps in [false, true] {
            let more = cost(Some((after, jumps)));
            // One step for the stop itself, and few until the step has grown to where it does not matter.
            assert!(more.steps <= bare.steps + 150, "{after:e}, {jumps}: {more:?} for {bare:?}");
            assert!(more.rejected <= bare.rejected + 2, "{after:e}, {jumps}: {more:?}");
        }
    }
}

#[test]
fn the_step_after_a_jump_grows_from_one_jump_to_the_next() {
    // From rest nothing limits it: a day is one step, once it has grown from the first guess.
    let steps = |days: u32| {
        let stops: Vec<(f64, bool)> = (1..=days).map(|day| (f64::from(day), true)).collect();
        go(&BINDING, &tolerances(&BINDING, 1e-6), BINDING.start, &stops).unwrap().1.steps
    };
    assert!(steps(200) - steps(100) <= 200, "{} {}", steps(100), steps(200));
}

/// y' = −10⁴ (y − s) with s jumping from 0 to 1 at 0.3, unannounced: found by the error, crossed, and followed.
#[test]
fn a_jump_inside_an_equation_is_crossed() {
    const STEP: Problem = Problem {
        rates: |t, y, f| f[0] = -1e4 * (y[0] - f64::from(u8::from(t > 0.3))),
        jacobian: |_, _, j, _| j[0] = -1e4,
        start: &[0.5],
        end: 1.0,
        values: &[1.0],
        absolute: &[1.0],
    };
    for relative in [1e-3, 1e-6, 1e-9] {
        let (y, counts) = go(&STEP, &tolerances(&STEP, relative), STEP.start, &[(1.0, false)]).unwrap();
        assert!((y[0] - 1.0).abs() < relative, "{relative:e}: {y:?}");
        assert!(counts.steps + counts.rejected < 1500, "{relative:e}: {counts:?}");
    }
}
