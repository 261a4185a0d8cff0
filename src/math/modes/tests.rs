//! Closed forms against an independent one: the matrix exponential of nalgebra (Padé, scaling and squaring) in the augmented
//! system (x, r), and textbook formulas written without cancellation.

use super::{Modes, NoModes, Shape};
use crate::math::processor::Processor;
use crate::math::random::{Identity, Stream};
use nalgebra::DMatrix;

/// As promised, relative to the largest amount there is.
const TOLERANCE: f64 = 1e-12;

fn solve(shape: &Shape, matrix: &[f64], start: &[f64], inflow: &[f64], elapsed: f64) -> Vec<f64> {
    let mut modes = Modes::new(shape);
    modes.set(shape, matrix).unwrap();
    modes.begin(shape, elapsed, start, inflow);
    let mut now = vec![f64::NAN; start.len()];
    modes.at(Processor::detect(), shape, elapsed, &mut now);
    now
}

/// exp of (A r; 0 0) t, applied to (x, 1); in small steps, so that nothing is squared often.
fn exponential(matrix: &[f64], start: &[f64], inflow: &[f64], elapsed: f64) -> Vec<f64> {
    let n = start.len();
    let entry = |row: usize, column: usize| match (row < n, column < n) {
        (true, true) => matrix[row * n + column],
        (true, false) => inflow[row],
        _ => 0.0,
    };
    let parts =
        (elapsed * matrix.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))).ceil().max(1.0);
    let step = (DMatrix::from_fn(n + 1, n + 1, entry) * (elapsed / parts)).exp();
    let mut now = nalgebra::DVector::from_iterator(n + 1, start.iter().copied().chain([1.0]));
    for _ in 0..parts as usize {
        now = &step * now;
    }
    now.as_slice()[..n].to_vec()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    let size = expected.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * size, "{what}: {found} for {expected}");
    }
}

#[test]
fn absorption_and_elimination_at_any_ratio_of_rates() {
    let shape = Shape::new(&[(1, false), (1, false)], false).unwrap();
    for difference in
        [0.0, 1e-16, 1e-13, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1.9e-4, 2.1e-4, 1e-3, 0.01, 0.3, 2.0, 500.0]
    {
        for sign in [-1.0, 1.0] {
            let ke: f64 = 0.25;
            let ka = ke * (1.0 + sign * difference);
            if ka <= 0.0 {
                continue;
            }
            for elapsed in [1e-3, 0.1, 1.0, 4.0, 20.0, 100.0] {
                let found = solve(&shape, &[-ka, 0.0, ka, -ke], &[100.0, 0.0], &[0.0; 2], elapsed);
                // Bateman's function as ka e^(−ke t) (1 − e^(−z))/(ka − ke), z = (ka − ke) t.
                let z = (ka - ke) * elapsed;
                let mean = if z == 0.0 { 1.0 } else { -(-z).exp_m1() / z };
                let central = 100.0 * ka * elapsed * (-ke * elapsed).exp() * mean;
                // Of the dose, and of what is there an hour after it.
                let (error, size) = ((found[1] - central).abs(), if elapsed < 1.0 { 100.0 } else { central });
                let allowed = TOLERANCE * size.max(1e-3);
                assert!(error <= allowed, "ka/ke = 1 {sign}·{difference:e}, t = {elapsed}: {error:e}");
            }
        }
    }
}

#[test]
fn compartments_with_infusion_area_and_effect() {
    let mut random = Stream::new(Identity { seed: 11, patient: 0, purpose: "modes", occasion: 0 });
    let mut draw = |low: f64, high: f64| low * (high / low).powf(random.uniform());
    for case in 0..300 {
        let (ka, k10) = (draw(0.05, 50.0), draw(0.02, 5.0));
        let (k12, k21, k13, k31) = (draw(0.01, 5.0), draw(0.01, 5.0), draw(0.01, 2.0), draw(0.001, 0.5));
        // A third of the cases has two rates that differ by next to nothing.
        let ka = if case % 3 == 0 { k21 * (1.0 + draw(1e-14, 1e-2)) } else { ka };
        let keo = if case % 5 == 0 { ka } else { draw(0.1, 3.0) };
        let elapsed = draw(0.01, 20.0);
        let start = [draw(1.0, 100.0), draw(1.0, 50.0), draw(0.1, 50.0), draw(0.1, 50.0), 0.5, 3.0];
        let inflow = [0.0, draw(0.1, 10.0), 0.0, 0.0, 0.0, 0.0];
        #[rustfmt::skip]
        let matrix = [
            -ka,  0.0,                0.0,  0.0,  0.0,  0.0,
            ka,   -(k10 + k12 + k13), k21,  k31,  0.0,  0.0,
            0.0,  k12,                -k21, 0.0,  0.0,  0.0,
            0.0,  k13,                0.0,  -k31, 0.0,  0.0,
            0.0,  keo,                0.0,  0.0,  -keo, 0.0,
            0.0,  0.5,                0.0,  0.0,  0.0,  0.0,
        ];
        let shape = Shape::new(&[(1, false), (3, false), (1, false), (1, true)], true).unwrap();
        let found = solve(&shape, &matrix, &start, &inflow, elapsed);
        let expected = exponential(&matrix, &start, &inflow, elapsed);
        assert_close(&found, &expected, 20.0 * TOLERANCE, &format!("case {case}"));
        // Two compartments of it alone.
        let pick = [1, 2];
        let two: Vec<f64> = pick.iter().flat_map(|i| pick.iter().map(move |j| matrix[i * 6 + j])).collect();
        let shape = Shape::new(&[(2, false)], false).unwrap();
        let found = solve(&shape, &two, &start[1..3], &[0.0; 2], elapsed);
        assert_close(
            &found,
            &exponential(&two, &start[1..3], &[0.0; 2], elapsed),
            TOLERANCE,
            "two compartments",
        );
    }
}

/// All rates within a little of one another: the worst for a sum of exponentials.
#[test]
fn rates_in_a_cluster_of_any_width() {
    let mut random = Stream::new(Identity { seed: 12, patient: 0, purpose: "modes", occasion: 0 });
    for size in 2..=5_usize {
        let shape = Shape::new(&vec![(1, false); size], false).unwrap();
        for exponent in 0..60 {
            let width = 10_f64.powf(-0.25 * f64::from(exponent));
            let rates: Vec<f64> = (0..size).map(|_| 1.3 * (1.0 + width * (random.uniform() - 0.5))).collect();
            let mut matrix = vec![0.0; size * size];
            for (state, rate) in rates.iter().enumerate() {
                matrix[state * size + state] = -rate;
                if state > 0 {
                    matrix[state * size + state - 1] = rates[state - 1];
                }
            }
            let mut start = vec![0.0; size];
            start[0] = 1.0;
            for elapsed in [0.2, 2.0, 9.0] {
                let found = solve(&shape, &matrix, &start, &vec![0.0; size], elapsed);
                let expected = exponential(&matrix, &start, &vec![0.0; size], elapsed);
                // Relative to the amount at the start.
                for (found, expected) in found.iter().zip(expected) {
                    let error = (found - expected).abs();
                    assert!(
                        error <= TOLERANCE,
                        "{size} rates, width {width:e}, t = {elapsed}: error {error:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_rate_of_zero_is_a_rate() {
    let shape = Shape::new(&[(1, false), (1, true)], true).unwrap();
    let found = solve(&shape, &[0.0, 0.0, 1.0, 0.0], &[2.0, 1.0], &[3.0, 0.0], 4.0);
    assert_close(&found, &[14.0, 1.0 + 8.0 + 24.0], 1e-15, "no elimination");
    let shape = Shape::new(&[(1, false), (1, false)], false).unwrap();
    let found = solve(&shape, &[-1.0, 0.0, 1.0, 0.0], &[2.0, 1.0], &[0.0; 2], 1e3);
    assert_close(&found, &[0.0, 3.0], 1e-15, "all absorbed");
}

#[test]
fn what_has_no_closed_form_says_so_and_does_not_stick() {
    let shape = Shape::new(&[(2, false)], false).unwrap();
    let mut modes = Modes::new(&shape);
    assert_eq!(modes.set(&shape, &[0.0, 1.0, -1.0, 0.0]), Err(NoModes::Oscillating(0)));
    assert_eq!(modes.set(&shape, &[-1.0, 1.0, f64::NAN, 0.0]), Err(NoModes::NotFinite(1)));
    assert_eq!(modes.set(&shape, &[-1.0, 0.5, 0.5, -1.0]), Ok(()));
    assert!(Shape::new(&[(3, false), (3, false)], false).is_none());
}

/// Elimination from none to fast beside an infusion, an area and an area of the area: slow rates are next to that of what is
/// constant, which is 0. Relative to each value, down to a millionth of the largest.
#[test]
fn slow_and_absent_elimination_under_an_infusion() {
    for exponent in [-400, -18, -17, -16, -15, -14, -12, -10, -9, -6, -5, -4, -3, -2, -1, 0, 1] {
        let k = 10_f64.powi(exponent);
        for elapsed in [1e-6, 1e-3, 0.01, 0.1, 1.0, 6.0, 24.0, 300.0] {
            for (start, inflow) in [([0.0; 3], [10.0, 0.0, 0.0]), ([100.0, 0.0, 0.0], [0.0; 3])] {
                let shape = Shape::new(&[(1, false), (1, true), (1, true)], true).unwrap();
                let matrix = [-k, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
                let found = solve(&shape, &matrix, &start, &inflow, elapsed);
                let expected = exponential(&matrix, &start, &inflow, elapsed);
                for (state, (found, expected)) in found.iter().zip(expected).enumerate() {
                    let error = (found - expected).abs();
                    assert!(
                        error <= TOLERANCE * expected,
                        "k = {k:e}, t = {elapsed}, state {state}: {error:e}"
                    );
                }
            }
        }
    }
}

/// Two and three compartments that exchange, with little or no elimination, tiny or absent return, huge volumes, and rates
/// that fall together: against the matrix exponential, relative to the largest amount.
#[test]
fn compartments_at_the_edges_of_what_can_be_told_apart() {
    let mut random = Stream::new(Identity { seed: 13, patient: 0, purpose: "modes", occasion: 0 });
    let edges = [0.0, 1e-300, 1e-16, 1e-14, 1e-12, 1e-9, 1e-6, 1e-3, 0.3, 1.0, 1.0, 1.0, 1.0 + 1e-12, 3.7];
    let mut pick = || edges[(random.uniform() * edges.len() as f64) as usize];
    for case in 0..3000 {
        let (k10, k12, k21, k13, k31) = (pick(), pick(), pick(), pick(), pick());
        let (e2, e3, elapsed) = (pick(), pick(), [0.01, 1.0, 7.0][case % 3]);
        #[rustfmt::skip]
        let matrix = [
            -(k10 + k12 + k13), k21,         k31,         0.0,
            k12,                -(k21 + e2), 0.0,         0.0,
            k13,                0.0,         -(k31 + e3), 0.0,
            1.0,                0.0,         0.0,         0.0,
        ];
        let start = [[50.0, 0.0, 0.0, 0.0], [0.0, 20.0, 0.0, 1.0], [1.0, 2.0, 3.0, 0.0]][case % 3];
        let inflow = if case % 2 == 0 { [10.0, 0.0, 0.0, 0.0] } else { [0.0; 4] };
        let shape = Shape::new(&[(3, false), (1, true)], true).unwrap();
        let found = solve(&shape, &matrix, &start, &inflow, elapsed);
        let expected = exponential(&matrix, &start, &inflow, elapsed);
        assert_close(&found, &expected, 20.0 * TOLERANCE, &format!("case {case}, {matrix:?}, t = {elapsed}"));
        let two = [matrix[0], matrix[1], 0.0, matrix[4], matrix[5], 0.0, 1.0, 0.0, 0.0];
        let shape = Shape::new(&[(2, false), (1, true)], true).unwrap();
        let (start, inflow) = ([start[0], start[1], start[3]], [inflow[0], 0.0, 0.0]);
        let found = solve(&shape, &two, &start, &inflow, elapsed);
        let expected = exponential(&two, &start, &inflow, elapsed);
        assert_close(
            &found,
            &expected,
            20.0 * TOLERANCE,
            &format!("two, case {case}, {two:?}, t = {elapsed}"),
        );
    }
}
