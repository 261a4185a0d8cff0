//! Where derivatives are infinite or nothing happens: roots and powers at 0, states that stay 0, tolerances of 0.
//!
//! Each problem has a closed form. `relative · (1 + |y|)` is the tolerance; errors are a small multiple of it.

use super::problem::{Problem, go, multiple, tolerances};
use regimen::solver::SolverError;

const TOLERANCES: [f64; 5] = [1e-3, 1e-4, 1e-6, 1e-8, 1e-10];

/// Solves a problem at each tolerance, to within this many of it, in few steps.
fn reaches(name: &str, problem: &Problem, within: f64) {
    for relative in TOLERANCES {
        let stops = [(problem.end, false)];
        let (found, counts) = go(problem, &tolerances(problem, relative), problem.start, &stops)
            .unwrap_or_else(|error| panic!("{name} at {relative:e}: {error:?}"));
        let delivered = multiple(problem, relative, &found);
        assert!(delivered <= within, "{name} at {relative:e}: {delivered:.2} tolerances, {found:?}");
        assert!(counts.steps + counts.rejected < 5000, "{name} at {relative:e}: {counts:?}");
    }
}

/// y' = −√y, empty at t = 2.
const EMPTYING: Problem = Problem {
    rates: |_, y, f| f[0] = -y[0].sqrt(),
    jacobian: |_, y, j, _| j[0] = -0.5 / y[0].sqrt(),
    start: &[1.0],
    end: 1.9,
    values: &[2.5e-3],
    absolute: &[1.0],
};

#[test]
fn a_root_empties_to_zero_and_stays_there() {
    reaches("up to the end", &EMPTYING, 1.0);
    let guarded = Problem {
        rates: |_, y, f| f[0] = -y[0].max(0.0).sqrt(),
        // Below 0 as the language's rules may leave it: an infinite slope times no movement.
        jacobian: |_, y, j, _| j[0] = if y[0] > 0.0 { -0.5 / y[0].sqrt() } else { f64::NAN },
        end: 3.0,
        values: &[0.0],
        ..EMPTYING
    };
    reaches("beyond the end", &guarded, 1.0);
}

/// y' = 1 − √y from 0 or close to it; with s = √y, t = −2 (s + ln(1 − s)) + constant. A tangent at 10⁻³⁰ is a wall: an
/// implicit step along it does not move, and sees no error.
#[test]
fn a_slope_that_is_infinite_at_the_start_is_no_wall() {
    const FILLING: Problem = Problem {
        rates: |_, y, f| f[0] = 1.0 - y[0].max(0.0).sqrt(),
        jacobian: |_, y, j, _| j[0] = -0.5 / y[0].sqrt(),
        start: &[],
        end: 1.0,
        values: &[],
        absolute: &[1.0],
    };
    let time = |y: f64| -2.0 * (y.sqrt() + (-y.sqrt()).ln_1p());
    for start in [0.0, 1e-300, 1e-30, 1e-20, 1e-15, 1e-12, 1e-9, 1e-6] {
        for relative in TOLERANCES {
            // A long first step may be remembered from another event: the second interval begins with it.
            let (y, counts) =
                go(&FILLING, &tolerances(&FILLING, relative), &[start], &[(0.5, false), (1.0, false)])
                    .unwrap();
            let late = time(y[0]) - time(start) - 1.0;
            assert!(late.abs() < 2.0 * relative, "from {start:e} at {relative:e}: {late:e} late");
            assert!(counts.steps + counts.rejected < 400, "{counts:?}");
        }
    }
}

/// C' = 1, E' = λ (C^0.7 − E) from 0: the effect of a concentration that was 0.
#[test]
fn a_power_below_one_begins_at_zero() {
    const SLOW: Problem = Problem {
        rates: |_, y, f| f.copy_from_slice(&[1.0, y[0].powf(0.7)]),
        jacobian: |_, y, j, _| j[2] = 0.7 * y[0].powf(-0.3),
        start: &[0.0, 0.0],
        end: 1.0,
        values: &[1.0, 1.0 / 1.7],
        absolute: &[1.0, 1.0],
    };
    reaches("integrated", &SLOW, 1.0);
    let fast = Problem {
        rates: |_, y, f| f.copy_from_slice(&[1.0, 1e4 * (y[0].powf(0.7) - y[1])]),
        jacobian: |_, y, j, _| (j[2], j[3]) = (7e3 * y[0].powf(-0.3), -1e4),
        // E = C^0.7 − (C^0.7)'/λ + (C^0.7)''/λ² − …
        values: &[1.0, 1.0 - 0.7e-4 - 0.21e-8],
        ..SLOW
    };
    reaches("followed", &fast, 1.0);
    let hill = Problem {
        rates: |_, y, f| {
            let power = y[0].powf(0.5);
            f.copy_from_slice(&[1.0, power / (1.0 + power)]);
        },
        // As differentiated: ∞ − 0·∞ over 1 is not a number at 0.
        jacobian: |_, y, j, _| {
            let (power, slope) = (y[0].powf(0.5), 0.5 * y[0].powf(-0.5));
            j[2] = (slope - power / (1.0 + power) * slope) / (1.0 + power);
        },
        // ∫ √t/(1 + √t) = t − 2 √t + 2 ln(1 + √t)
        values: &[1.0, -1.0 + 2.0 * std::f64::consts::LN_2],
        ..SLOW
    };
    reaches("saturating", &hill, 1.0);
}

#[test]
fn a_derivative_by_time_may_be_infinite() {
    const INPUT: Problem = Problem {
        rates: |t, _, f| f[0] = t.sqrt(),
        jacobian: |t, _, _, by_time| by_time[0] = 0.5 / t.sqrt(),
        start: &[0.0],
        end: 1.0,
        values: &[2.0 / 3.0],
        absolute: &[1.0],
    };
    reaches("root of time", &INPUT, 1.0);
}

/// No derivative at all is known: differences stand in for all of them, and the error estimate makes up for the order.
#[test]
fn a_jacobian_that_is_not_a_number_is_replaced() {
    const BLIND: Problem = Problem {
        rates: |_, y, f| f.copy_from_slice(&[-1e4 * (y[0] - y[1] * y[1]), -y[1]]),
        jacobian: |_, _, j, by_time| {
            j.fill(f64::NAN);
            by_time.fill(f64::INFINITY);
        },
        start: &[1.0, 1.0],
        end: 1.0,
        // y₀ = e^(−2t) · 10⁴/(10⁴ − 2) and what has died away
        values: &[0.135_335_283_236_612_7 * (1e4 / (1e4 - 2.0)), 0.367_879_441_171_442_33],
        absolute: &[1.0, 1.0],
    };
    for relative in [1e-3, 1e-6, 1e-8] {
        let (found, counts) =
            go(&BLIND, &tolerances(&BLIND, relative), BLIND.start, &[(1.0, false)]).unwrap();
        let delivered = multiple(&BLIND, relative, &found);
        assert!(delivered < 2.0, "{relative:e}: {delivered} tolerances");
        assert!(counts.steps < 500, "{counts:?}");
    }
}

/// An accepted step may not end where the rates are not finite: the next could not begin.
#[test]
fn no_step_ends_where_the_rates_are_not_finite() {
    let beyond = Problem { end: 3.0, ..EMPTYING };
    let failure = go(&beyond, &tolerances(&beyond, 1e-6), beyond.start, &[(3.0, false)]).unwrap_err();
    // There is no solution with √y beyond t = 2: said there, which an error of y shifts by twice its root.
    let (SolverError::StepTooSmall { t, equation } | SolverError::NotFinite { t, equation }) = failure else {
        panic!("{failure:?}")
    };
    assert!((t - 2.0).abs() < 2e-3 && equation == 0, "{failure:?}");
}

#[test]
fn nothing_happening_costs_nothing() {
    const REST: Problem = Problem {
        rates: |_, _, f| f.fill(0.0),
        jacobian: |_, _, _, _| {},
        start: &[0.0, 3.0],
        end: 1e6,
        values: &[0.0, 3.0],
        absolute: &[0.0, 0.0],
    };
    let (y, counts) = go(&REST, &tolerances(&REST, 1e-6), REST.start, &[(1e6, false)]).unwrap();
    assert_eq!(y, [0.0, 3.0]);
    assert!(counts.steps < 20 && counts.rejected == 0, "{counts:?}");
}

/// A chain that is fed from 0 with absolute tolerances of 0, in units from 10⁻²⁰⁰ to 10²⁰⁰.
#[test]
fn an_absolute_tolerance_may_be_zero_and_a_unit_any() {
    const CHAIN: Problem = Problem {
        rates: |_, y, f| f.copy_from_slice(&[-2.0 * y[0], 2e4 * (y[0] - y[1])]),
        jacobian: |_, _, j, _| j.copy_from_slice(&[-2.0, 0.0, 2e4, -2e4]),
        start: &[1.0, 0.0],
        end: 1.0,
        values: &[0.135_335_283_236_612_7, 0.135_335_283_236_612_7 * (2e4 / (2e4 - 2.0))],
        absolute: &[0.0, 0.0],
    };
    for unit in [1e-200, 1e-12, 1.0, 1e12, 1e200] {
        for relative in [1e-3, 1e-6, 1e-9] {
            let start = CHAIN.start.iter().map(|y| y * unit).collect::<Vec<f64>>();
            let (y, _) = go(&CHAIN, &tolerances(&CHAIN, relative), &start, &[(1.0, false)]).unwrap();
            for (found, value) in y.iter().zip(CHAIN.values) {
                let error = (found / unit / value - 1.0).abs();
                assert!(error < relative, "{unit:e} at {relative:e}: {error:e}");
            }
        }
    }
}
