//! Stiff problems with published end values, the order of the implicit method, and the method chosen for a stiff model.

use regimen::solver::{Counts, Differentiable, Implicit, Interpolant, StepMemory, System, Tolerances};

/// A system with its derivatives written out.
struct Problem {
    rates: fn(f64, &[f64], &mut [f64]),
    jacobian: fn(f64, &[f64], &mut [f64], &mut [f64]),
    start: &'static [f64],
    end: f64,
    /// At `end`.
    values: &'static [f64],
    /// Absolute tolerance over the relative one, by equation: the size of what is small.
    absolute: &'static [f64],
}

impl System for &Problem {
    fn dimension(&self) -> usize {
        self.start.len()
    }
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        (self.rates)(t, y, rates);
    }
}

impl Differentiable for &Problem {
    fn jacobian(&mut self, t: f64, y: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        jacobian.fill(0.0);
        by_time.fill(0.0);
        (self.jacobian)(t, y, jacobian, by_time);
    }
}

/// Robertson's reaction at t = 4e7 (case `robertson-decades`: SciPy Radau at 1e-13).
const ROBERTSON: Problem = Problem {
    rates: |_, y, f| {
        let (a, b, c) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
        f.copy_from_slice(&[b - a, a - b - c, c]);
    },
    jacobian: |_, y, j, _| {
        let (by_second, by_third, square) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1]);
        j.copy_from_slice(&[
            -0.04,
            by_second,
            by_third,
            0.04,
            -by_second - square,
            -by_third,
            0.0,
            square,
            0.0,
        ]);
    },
    start: &[1.0, 0.0, 0.0],
    end: 4e7,
    values: &[5.203_071_844_120_57e-5, 2.081_335_731_892_539_6e-10, 0.999_947_969_073_426_1],
    absolute: &[1e-2, 1e-8, 1e-2],
};

/// Van der Pol's oscillator with ε = 1e-6 at t = 2 (Test Set for Initial Value Problem Solvers, Bari).
const VAN_DER_POL: Problem = Problem {
    rates: |_, y, f| f.copy_from_slice(&[y[1], ((1.0 - y[0] * y[0]) * y[1] - y[0]) * 1e6]),
    jacobian: |_, y, j, _| {
        j.copy_from_slice(&[0.0, 1.0, (-2.0 * y[0] * y[1] - 1.0) * 1e6, (1.0 - y[0] * y[0]) * 1e6]);
    },
    start: &[2.0, 0.0],
    end: 2.0,
    values: &[1.706_167_732_170_483, -0.892_809_701_024_797_5],
    absolute: &[1e-2, 1e-2],
};

/// HIRES at t = 321.8122 (the same test set).
const HIRES: Problem = Problem {
    rates: |_, y, f| {
        let binding = 280.0 * y[5] * y[7] - 1.81 * y[6];
        f.copy_from_slice(&[
            -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
            1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            -280.0 * y[5] * y[7] + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
            binding,
            -binding,
        ]);
    },
    jacobian: |_, y, j, _| {
        let entries = [
            (0, 0, -1.71),
            (0, 1, 0.43),
            (0, 2, 8.32),
            (1, 0, 1.71),
            (1, 1, -8.75),
            (2, 2, -10.03),
            (2, 3, 0.43),
            (2, 4, 0.035),
            (3, 1, 8.32),
            (3, 2, 1.71),
            (3, 3, -1.12),
            (4, 4, -1.745),
            (4, 5, 0.43),
            (4, 6, 0.43),
            (5, 3, 0.69),
            (5, 4, 1.71),
            (5, 5, -0.43 - 280.0 * y[7]),
            (5, 6, 0.69),
            (5, 7, -280.0 * y[5]),
            (6, 5, 280.0 * y[7]),
            (6, 6, -1.81),
            (6, 7, 280.0 * y[5]),
            (7, 5, -280.0 * y[7]),
            (7, 6, 1.81),
            (7, 7, -280.0 * y[5]),
        ];
        for (row, column, value) in entries {
            j[row * 8 + column] = value;
        }
    },
    start: &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057],
    end: 321.8122,
    values: &[
        0.000_737_131_257_332_566_8,
        0.000_144_248_572_631_618_5,
        5.888_729_740_967_575e-5,
        0.001_175_651_343_283_149,
        0.002_386_356_198_831_331,
        0.006_238_968_252_742_796,
        0.002_849_998_395_185_769,
        0.002_850_001_604_814_231,
    ],
    absolute: &[1e-4; 8],
};

/// The Oregonator at t = 360 (the same test set).
const OREGONATOR: Problem = Problem {
    rates: |_, y, f| {
        f.copy_from_slice(&[
            77.27 * (y[1] + y[0] * (1.0 - 8.375e-6 * y[0] - y[1])),
            (y[2] - (1.0 + y[0]) * y[1]) / 77.27,
            0.161 * (y[0] - y[2]),
        ]);
    },
    jacobian: |_, y, j, _| {
        j.copy_from_slice(&[
            77.27 * (1.0 - 2.0 * 8.375e-6 * y[0] - y[1]),
            77.27 * (1.0 - y[0]),
            0.0,
            -y[1] / 77.27,
            -(1.0 + y[0]) / 77.27,
            1.0 / 77.27,
            0.161,
            0.0,
            -0.161,
        ]);
    },
    start: &[1.0, 2.0, 3.0],
    end: 360.0,
    values: &[1.000_814_870_318_523, 1_228.178_521_549_917, 132.055_494_284_670_6],
    absolute: &[1e-2; 3],
};

/// Solves a problem; the end values and the cost.
fn solve(problem: &Problem, relative: f64) -> (Vec<f64>, Counts) {
    let absolute = problem.absolute.iter().map(|size| size * relative).collect();
    let tolerances = Tolerances { relative, absolute, maximum_steps: 1_000_000 };
    let (mut y, mut counts) = (problem.start.to_vec(), Counts::default());
    let mut system = problem;
    let (mut memory, mut method) = (StepMemory::default(), Implicit::default());
    let mut see = |_: &dyn Interpolant| true;
    let reached = method
        .advance(&mut system, &tolerances, 0.0, problem.end, &mut y, true, &mut memory, &mut counts, &mut see)
        .expect("the problem is solved");
    assert_eq!(reached, problem.end);
    (y, counts)
}

/// The error at the end, over the tolerance asked: accumulated over hundreds of steps it may be more than that of one.
fn published_values_are_reached(name: &str, problem: &Problem, steps: u64) {
    const MULTIPLE: f64 = 100.0;
    for relative in [1e-4, 1e-6, 1e-8] {
        let (found, counts) = solve(problem, relative);
        for ((found, value), size) in found.iter().zip(problem.values).zip(problem.absolute) {
            let allowed = MULTIPLE * relative * (value.abs() + size);
            let error = (found - value).abs();
            assert!(
                error <= allowed,
                "{name} at {relative:e}: {found} for {value}, {:.1} times",
                error / allowed * MULTIPLE
            );
        }
        assert!(relative < 1e-6 || counts.steps < steps, "{name}: {counts:?}");
        assert!(counts.jacobians <= counts.steps + 1);
    }
}

#[test]
fn robertson() {
    published_values_are_reached("Robertson", &ROBERTSON, 300);
}

#[test]
fn van_der_pol() {
    published_values_are_reached("van der Pol", &VAN_DER_POL, 1500);
}

#[test]
fn hires() {
    published_values_are_reached("HIRES", &HIRES, 500);
}

#[test]
fn oregonator() {
    published_values_are_reached("Oregonator", &OREGONATOR, 1500);
}

/// y' = −10⁶ (y − sin t) + cos t from the solution's start: a method that is not stiffly accurate loses its order or its
/// stability here (Prothero and Robinson 1974).
const PROTHERO_ROBINSON: Problem = Problem {
    rates: |t, y, f| f[0] = -1e6 * (y[0] - t.sin()) + t.cos(),
    jacobian: |t, _, j, by_time| {
        j[0] = -1e6;
        by_time[0] = 1e6 * t.cos() - t.sin();
    },
    start: &[0.0],
    end: 10.0,
    values: &[-0.544_021_110_889_369_8],
    absolute: &[1.0],
};

#[test]
fn prothero_and_robinson() {
    published_values_are_reached("Prothero and Robinson", &PROTHERO_ROBINSON, 200);
}

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

/// Errors at the end and, at most, half-way through each step, with `steps` equal steps: the tolerance is out of the way,
/// and each is an interval of its own.
fn errors(steps: u32) -> (f64, f64) {
    let tolerances = Tolerances { relative: 1e3, absolute: vec![1e3], maximum_steps: 1_000_000 };
    let (mut y, mut system) = (vec![1.0], &SMOOTH);
    let (mut counts, mut method) = (Counts::default(), Implicit::default());
    let h = SMOOTH.end / f64::from(steps);
    let mut between: f64 = 0.0;
    for step in 0..steps {
        let (from, to) = (h * f64::from(step), h * f64::from(step + 1));
        let mut memory = StepMemory { after_event: 1.0, current: 1.0, ..StepMemory::default() };
        let mut see = |step: &dyn Interpolant| {
            let (middle, mut at) = (0.5 * (from + to), [0.0]);
            step.at(middle, &mut at);
            between = between.max((at[0] - 1.0 / (1.0 + middle * middle)).abs());
            true
        };
        method
            .advance(&mut system, &tolerances, from, to, &mut y, false, &mut memory, &mut counts, &mut see)
            .unwrap();
    }
    assert_eq!(counts.steps, u64::from(steps));
    ((y[0] - 0.2).abs(), between)
}

#[test]
fn the_order_is_four_and_that_of_dense_output_three() {
    let (coarse, fine) = (errors(64), errors(128));
    let order = |coarse: f64, fine: f64| (coarse / fine).log2();
    assert!((order(coarse.0, fine.0) - 4.0).abs() < 0.25, "{}", order(coarse.0, fine.0));
    // A third-order interpolant: an error of h⁴ within each step.
    assert!((order(coarse.1, fine.1) - 4.0).abs() < 0.4, "{}", order(coarse.1, fine.1));
}
