//! The order of the method, on smooth problems and where stiffness reduces it.

use super::problem::{Problem, multiple, solve};
use regimen::solver::{Counts, Differentiable, Implicit, Interpolant, StepMemory, System, Tolerances};

/// y' = −2 t y² from 1: y = 1/(1 + t²), neither linear nor autonomous.
const SMOOTH: Problem = Problem {
    rates: |t, y, f| f[0] = -2.0 * t * y[0] * y[0],
    jacobian: |t, y, j, by_time| {
        j[0] = -4.0 * t * y[0];
        by_time[0] = -2.0 * y[0] * y[0];
    },
    start: &[1.0],
    end: 2.0,
    values: &[0.2],
    absolute: &[1.0],
};

/// y' = −λ (y − sin t) + cos t from the solution's start, y = sin t (Prothero and Robinson 1974, Math. Comp. 28:145).
#[derive(Clone, Copy)]
struct Follower(f64);

impl System for Follower {
    fn dimension(&self) -> usize {
        1
    }
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        rates[0] = -self.0 * (y[0] - t.sin()) + t.cos();
    }
}

impl Differentiable for Follower {
    fn jacobian(&mut self, t: f64, _: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        jacobian[0] = -self.0;
        by_time[0] = self.0 * t.cos() - t.sin();
    }
}

/// Largest errors at the ends and half-way through `steps` equal steps to t = 2: the tolerance is out of the way, and
/// each is an interval of its own.
fn errors(mut system: impl Differentiable, start: f64, solution: fn(f64) -> f64, steps: u32) -> (f64, f64) {
    let tolerances = Tolerances { relative: 1e3, absolute: vec![1e3], maximum_steps: 1_000_000 };
    let (mut y, mut counts, mut method) = (vec![start], Counts::default(), Implicit::default());
    let h = 2.0 / f64::from(steps);
    let (mut at_end, mut between): (f64, f64) = (0.0, 0.0);
    for step in 0..steps {
        let (from, to) = (h * f64::from(step), h * f64::from(step + 1));
        let mut memory = StepMemory { after_event: 1.0, current: 1.0, ..StepMemory::default() };
        let mut see = |step: &dyn Interpolant| {
            let (middle, mut at) = (0.5 * (from + to), [0.0]);
            step.at(middle, &mut at);
            between = between.max((at[0] - solution(middle)).abs());
            true
        };
        method
            .advance(&mut system, &tolerances, from, to, &mut y, false, &mut memory, &mut counts, &mut see)
            .unwrap();
        at_end = at_end.max((y[0] - solution(to)).abs());
    }
    assert_eq!(counts.steps, u64::from(steps));
    (at_end, between)
}

fn order(coarse: f64, fine: f64) -> f64 {
    (coarse / fine).log2()
}

#[test]
fn the_order_is_four_and_that_of_dense_output_three() {
    let at = |steps| errors(&SMOOTH, 1.0, |t| 1.0 / (1.0 + t * t), steps);
    let (coarse, fine) = (at(64), at(128));
    assert!((order(coarse.0, fine.0) - 4.0).abs() < 0.25, "{}", order(coarse.0, fine.0));
    // A third-order interpolant: an error of h⁴ within each step.
    assert!((order(coarse.1, fine.1) - 4.0).abs() < 0.4, "{}", order(coarse.1, fine.1));
}

/// Of order four where steps resolve the fast rate (hλ small), of order one where they do not, but then divided by λ: below
/// 0.03 h/λ. That is what is known of methods made without conditions for this problem (Rang 2015, J. Comput. Appl. Math.
/// 286:128); a stiff component that is followed closely is so cheap in error that the tolerance hardly sees it.
#[test]
fn the_order_is_reduced_on_prothero_and_robinson_as_known() {
    let at = |rate: f64, steps| errors(Follower(rate), 0.0, f64::sin, steps).0;
    assert!((order(at(1.0, 40), at(1.0, 80)) - 4.0).abs() < 0.1);
    assert!(order(at(100.0, 320), at(100.0, 640)) > 3.5);
    for rate in [1e4, 1e6, 1e8] {
        for steps in [10, 40, 160, 640] {
            let bound = 0.03 * 2.0 / f64::from(steps) / rate;
            assert!(at(rate, steps) < bound, "{rate:e}, {steps}: {:e} above {bound:e}", at(rate, steps));
        }
    }
    assert!((order(at(1e8, 160), at(1e8, 320)) - 1.0).abs() < 0.1);
}

/// With step control: the error is below the tolerance, and the price of the reduction is paid below 1e-8 only.
#[test]
fn prothero_and_robinson_is_solved_to_the_tolerance() {
    const FAST: Problem = Problem {
        rates: |t, y, f| Follower(1e6).rates(t, y, f),
        jacobian: |t, y, j, by_time| Follower(1e6).jacobian(t, y, j, by_time),
        start: &[0.0],
        end: 10.0,
        values: &[-0.544_021_110_889_369_8],
        absolute: &[1.0],
    };
    for (relative, steps) in [(1e-3, 15), (1e-4, 15), (1e-6, 20), (1e-8, 100), (1e-10, 5000)] {
        let (found, counts) = solve(&FAST, relative);
        let delivered = multiple(&FAST, relative, &found);
        assert!(delivered < 0.5, "{relative:e}: {delivered} tolerances");
        assert!(counts.steps < steps, "{relative:e}: {counts:?}");
    }
}
