//! Random stiff linear systems, whose solution is known: from the mildest to the fastest rates, oscillating or not, in units
//! that differ by many powers of ten.

use super::problem::go;
use regimen::math::random::{Identity, Stream};
use regimen::solver::{Differentiable, System, Tolerances};

/// y' = A y with A = D Q B Q D⁻¹: B has 2×2 blocks (−a b; −b −a), Q = I − 2vvᵀ is a reflection and D the units.
struct Linear {
    n: usize,
    matrix: Vec<f64>,
    start: Vec<f64>,
    units: Vec<f64>,
    /// y(1)
    end: Vec<f64>,
}

impl Linear {
    fn random(number: u64, decades: f64) -> Self {
        let identity = Identity { seed: 5, patient: number, purpose: "linear", occasion: 0 };
        let mut stream = Stream::new(identity);
        let mut draw = |from: f64, to: f64| from + (to - from) * stream.uniform();
        let n = 1 + (number as usize % 8);
        let units: Vec<f64> = (0..n).map(|_| 10f64.powf(draw(-decades, decades))).collect();
        let v: Vec<f64> = (0..n).map(|_| draw(-1.0, 1.0)).collect();
        let length: f64 = v.iter().map(|v| v * v).sum();
        let reflect = |x: &[f64]| -> Vec<f64> {
            let along: f64 = v.iter().zip(x).map(|(v, x)| v * x).sum::<f64>() * 2.0 / length;
            x.iter().zip(&v).map(|(x, v)| x - along * v).collect()
        };
        // (decay, frequency) of each block of two; a single one where n is odd.
        let blocks: Vec<(f64, f64)> = (0..n.div_ceil(2))
            .map(|_| {
                let decay = 10f64.powf(draw(-2.0, 7.0));
                (decay, if draw(0.0, 1.0) < 0.5 { 0.0 } else { decay.min(3.0) * draw(0.0, 2.0) })
            })
            .collect();
        let block = |x: &[f64], exponential: bool| -> Vec<f64> {
            let mut result = x.to_vec();
            for (pair, &(decay, frequency)) in result.chunks_mut(2).zip(&blocks) {
                let (cosine, sine, size) = (frequency.cos(), frequency.sin(), (-decay).exp());
                let (first, second) = (pair[0], pair.get(1).copied().unwrap_or(0.0));
                let single = pair.len() == 1;
                let (own, cross) = match (exponential, single) {
                    (true, true) => (size, 0.0),
                    (true, false) => (size * cosine, size * sine),
                    (false, true) => (-decay, 0.0),
                    (false, false) => (-decay, frequency),
                };
                pair[0] = own * first + cross * second;
                if let Some(value) = pair.get_mut(1) {
                    *value = own * second - cross * first;
                }
            }
            result
        };
        let scaled = |x: &[f64], by: &dyn Fn(f64) -> f64| -> Vec<f64> {
            x.iter().zip(&units).map(|(x, unit)| x * by(*unit)).collect()
        };
        let through = |x: &[f64], exponential: bool| {
            let inner = block(&reflect(&scaled(x, &|unit| 1.0 / unit)), exponential);
            scaled(&reflect(&inner), &|unit| unit)
        };
        let mut matrix = vec![0.0; n * n];
        for column in 0..n {
            let mut axis = vec![0.0; n];
            axis[column] = 1.0;
            for (row, value) in through(&axis, false).into_iter().enumerate() {
                matrix[row * n + column] = value;
            }
        }
        let start: Vec<f64> = units.iter().map(|unit| unit * draw(-1.0, 1.0)).collect();
        let end = through(&start, true);
        Linear { n, matrix, start, units, end }
    }
}

impl System for &Linear {
    fn dimension(&self) -> usize {
        self.n
    }
    fn rates(&mut self, _: f64, y: &[f64], rates: &mut [f64]) {
        for (rate, row) in rates.iter_mut().zip(self.matrix.chunks(self.n)) {
            *rate = row.iter().zip(y).map(|(a, y)| a * y).sum();
        }
    }
}

impl Differentiable for &Linear {
    fn jacobian(&mut self, _: f64, _: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        jacobian.copy_from_slice(&self.matrix);
        by_time.fill(0.0);
    }
}

/// Largest errors over tolerance of a hundred systems, and the most steps that one of them took.
fn worst(relative: f64, decades: f64) -> (f64, u64) {
    let mut worst = (0.0_f64, 0);
    for number in 0..100 {
        let problem = Linear::random(number, decades);
        let absolute = problem.units.iter().map(|unit| unit * relative).collect();
        let tolerances = Tolerances { relative, absolute, maximum_steps: 10_000 };
        let (y, counts) = go(&problem, &tolerances, &problem.start, &[(1.0, false)])
            .unwrap_or_else(|error| panic!("system {number} at {relative:e}: {error:?}"));
        for ((y, end), unit) in y.iter().zip(&problem.end).zip(&problem.units) {
            worst.0 = worst.0.max((y - end).abs() / (relative * unit));
        }
        worst.1 = worst.1.max(counts.steps);
    }
    worst
}

/// (Units 10¹⁸ apart leave rounding of a few 1e-10.)
#[test]
fn random_stiff_systems_are_solved_to_the_tolerance_in_any_units() {
    for decades in [0.0, 4.0, 9.0] {
        for relative in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10] {
            let (error, _) = worst(relative, decades);
            let allowed = if relative < 1e-9 { 4.0 } else { 0.6 };
            assert!(error < allowed, "{relative:e}, units of {decades} decades: {error:.2} tolerances");
        }
    }
}

/// Work against precision: ten times the steps for four more digits, as order four has it.
#[test]
fn steps_grow_with_the_fourth_root_of_the_tolerance() {
    let steps = |relative| worst(relative, 0.0).1 as f64;
    let growth = (steps(1e-9) / steps(1e-5)).log10();
    assert!((growth - 1.0).abs() < 0.15, "{growth}");
}
