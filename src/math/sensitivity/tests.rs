//! The functions on which sensitivity analyses are tested, with indices in closed form or published groups.

use super::*;
use crate::math::random::{Identity, Stream};
use std::f64::consts::PI;

/// Outputs of a function on a design: A, B, mixed `[input][row]`.
fn outputs(design: &SobolDesign, function: impl Fn(&[f64]) -> f64) -> (Vec<f64>, Vec<f64>, Vec<Vec<f64>>) {
    let rows = design.a.len();
    let inputs = design.a[0].len();
    let mixed = (0..inputs).map(|i| (0..rows).map(|row| function(&design.mixed(row, i))).collect()).collect();
    let of = |matrix: &[Vec<f64>]| matrix.iter().map(|row| function(row)).collect();
    (of(&design.a), of(&design.b), mixed)
}

/// Largest error of a first and of a total index, and whether every one lies within its bootstrap interval.
fn errors(rows: usize, exact: &[(f64, f64)], function: impl Fn(&[f64]) -> f64) -> (f64, f64, bool) {
    let design = sobol_design(rows, exact.len(), 1).expect("a design");
    let (a, b, mixed) = outputs(&design, function);
    let all: Vec<usize> = (0..rows).collect();
    let found = sobol_indices(&a, &b, &mixed, &all).expect("a varying output");
    let limits = bootstrap(rows, 200, 1, 0.95, |rows| {
        let found = sobol_indices(&a, &b, &mixed, rows).expect("a varying output");
        found.iter().flat_map(|index| [Some(index.first), Some(index.total)]).collect()
    });
    let (mut first, mut total, mut inside) = (0.0_f64, 0.0_f64, true);
    for ((found, exact), limits) in found.iter().zip(exact).zip(limits.chunks(2)) {
        first = first.max((found.first - exact.0).abs());
        total = total.max((found.total - exact.1).abs());
        let holds = |limits: Option<(f64, f64)>, value: f64| {
            limits.is_some_and(|(lower, upper)| lower - 1e-9 <= value && value <= upper + 1e-9)
        };
        inside &= holds(limits[0], exact.0) && holds(limits[1], exact.1);
    }
    (first, total, inside)
}

/// Ishigami and Homma 1990 with a = 7, b = 0.1.
fn ishigami(x: &[f64]) -> f64 {
    let x: Vec<f64> = x.iter().map(|share| PI * (2.0 * share - 1.0)).collect();
    x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
}

/// First and total indices in closed form: V₁ = ½ (1 + b π⁴/5)², V₂ = a²/8, V₁₃ = b² π⁸ (1/18 − 1/50).
#[test]
fn indices_of_ishigami() {
    let (a, b) = (7.0_f64, 0.1_f64);
    let v1 = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
    let v2 = a * a / 8.0;
    let v13 = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
    let v = v1 + v2 + v13;
    let exact = [(v1 / v, (v1 + v13) / v), (v2 / v, v2 / v), (0.0, v13 / v)];
    // As published.
    let published = [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)];
    for (exact, published) in exact.iter().zip(published) {
        assert!((exact.0 - published.0).abs() < 5e-5 && (exact.1 - published.1).abs() < 5e-5);
    }
    let (first, total, inside) = errors(4096, &exact, ishigami);
    assert!(first < 0.01 && total < 0.01 && inside, "{first} {total} {inside}");
    // Sixteen times the rows of independent points would give four times the accuracy.
    let (coarse, coarse_total, _) = errors(256, &exact, ishigami);
    assert!(
        first < 0.5 * coarse.max(0.01) && total < 0.5 * coarse_total.max(0.01),
        "{coarse} {coarse_total}"
    );
}

/// Sobol' g with the coefficients of Saltelli et al. 2010: Vᵢ = 1/(3 (1 + aᵢ)²), V = ∏ (1 + Vᵢ) − 1.
#[test]
fn indices_of_sobol_g() {
    let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];
    let v: Vec<f64> = a.iter().map(|a: &f64| 1.0 / (3.0 * (1.0 + a).powi(2))).collect();
    let product: f64 = v.iter().map(|v| 1.0 + v).product();
    let exact: Vec<(f64, f64)> =
        v.iter().map(|v| (v / (product - 1.0), v * product / (1.0 + v) / (product - 1.0))).collect();
    assert!((exact[0].0 - 0.7162).abs() < 1e-4 && (exact[0].1 - 0.7871).abs() < 1e-4, "{exact:?}");
    let g = |x: &[f64]| -> f64 {
        x.iter().zip(a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product()
    };
    let (first, total, inside) = errors(4096, &exact, g);
    assert!(first < 0.02 && total < 0.02 && inside, "{first} {total} {inside}");
}

#[test]
fn a_constant_output_has_no_indices() {
    let design = sobol_design(16, 2, 1).expect("a design");
    let (a, b, mixed) = outputs(&design, |_| 0.1);
    assert_eq!(sobol_indices(&a, &b, &mixed, &(0..16).collect::<Vec<_>>()), None);
}

/// x + 2y + 3z has total indices 1/14, 4/14, 9/14. Sixty designs of 64 rows: a 95 % interval holds them in 95 %; rows of the sequence are
/// more even than independent ones, so intervals may be too wide but not too narrow. At 60 × 3 intervals, not all independent,
/// fewer than 88 % would be a fault.
#[test]
fn bootstrap_limits_of_indices_hold_them() {
    let exact = [1.0 / 14.0, 4.0 / 14.0, 9.0 / 14.0];
    let mut held = 0;
    for seed in 0..60 {
        let design = sobol_design(64, 3, seed).expect("a design");
        let (a, b, mixed) = outputs(&design, |x| x[0] + 2.0 * x[1] + 3.0 * x[2]);
        let limits = bootstrap(64, 200, seed, 0.95, |rows| {
            let found = sobol_indices(&a, &b, &mixed, rows).expect("a varying output");
            found.iter().map(|index| Some(index.total)).collect()
        });
        held += limits
            .iter()
            .zip(exact)
            .filter(|(limits, exact)| limits.is_some_and(|(lower, upper)| lower <= *exact && *exact <= upper))
            .count();
    }
    assert!(held as f64 / 180.0 > 0.88, "{held}");
}

/// Morris 1991, section 4: twenty inputs. Coefficients that the paper draws from a standard normal are drawn here too.
struct Morris {
    first: [f64; 20],
    second: [[f64; 20]; 20],
}

impl Morris {
    fn new() -> Self {
        let mut stream = Stream::new(Identity { seed: 1991, patient: 0, purpose: "Morris", occasion: 0 });
        let first = std::array::from_fn(|i| if i < 10 { 20.0 } else { stream.normal() });
        let second = std::array::from_fn(|i| {
            std::array::from_fn(|j| match (i, j) {
                (i, j) if j <= i => 0.0,
                (i, j) if i < 6 && j < 6 => -15.0,
                _ => stream.normal(),
            })
        });
        Self { first, second }
    }

    fn at(&self, x: &[f64]) -> f64 {
        let w: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| {
                // Inputs 3, 5 and 7 of the paper.
                if [2, 4, 6].contains(&i) { 2.0 * (1.1 * x / (x + 0.1) - 0.5) } else { 2.0 * (x - 0.5) }
            })
            .collect();
        let mut y = 0.0;
        for i in 0..20 {
            y += self.first[i] * w[i];
            for j in i + 1..20 {
                y += self.second[i][j] * w[i] * w[j];
                for l in j + 1..5 {
                    y += -10.0 * w[i] * w[j] * w[l];
                    for s in l + 1..4 {
                        y += 5.0 * w[i] * w[j] * w[l] * w[s];
                    }
                }
            }
        }
        y
    }
}

/// The paper's reading of its figure 1: the first ten inputs matter, of these 8 to 10 by themselves (effect 40), 1 to 7 with
/// curvature or interactions; the last ten do not. Four levels and four trajectories in the paper; ten here. Nineteen
/// interactions with standard normal coefficients give any effect a spread of about 2 √(19 · 5/9) = 6.5 (5/9 is the mean square
/// of the inputs): the mean of ten effects has an error of 2.1, and a spread beyond twice 6.5 is none of theirs.
#[test]
fn screening_of_morris_parts_his_groups() {
    let morris = Morris::new();
    let walks = trajectories(20, 10, 4, 60, 5);
    let effects: Vec<Vec<f64>> = walks
        .iter()
        .map(|walk| {
            let outputs: Vec<f64> = walk.iter().map(|x| morris.at(x)).collect();
            elementary_effects(walk, &outputs).expect("each input moves once")
        })
        .collect();
    let found = screening(&effects.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let least = found[..10].iter().map(|it| it.absolute).fold(f64::INFINITY, f64::min);
    let most = found[10..].iter().map(|it| it.absolute).fold(0.0, f64::max);
    assert!(least > 2.0 * most, "{least} {most}");
    for it in &found[7..10] {
        assert!(
            (it.mean - 40.0).abs() < 4.0 * 2.1 && (it.absolute - it.mean).abs() < 1e-9 && it.spread < 13.0,
            "{it:?}"
        );
    }
    for it in &found[..7] {
        assert!(it.spread > 15.0, "{it:?}");
    }
}

#[test]
fn effects_of_a_line_are_its_slopes_and_odd_walks_are_refused() {
    let walks = trajectories(3, 5, 6, 5, 2);
    for walk in &walks {
        let outputs: Vec<f64> = walk.iter().map(|x| 1.0 + 2.0 * x[0] - 3.0 * x[1]).collect();
        let effects = elementary_effects(walk, &outputs).expect("a walk");
        for (effect, slope) in effects.iter().zip([2.0, -3.0, 0.0]) {
            assert!((effect - slope).abs() < 1e-12, "{effects:?}");
        }
    }
    assert_eq!(elementary_effects(&[vec![0.0], vec![0.0]], &[1.0, 2.0]), None);
    assert_eq!(elementary_effects(&[vec![0.0], vec![0.5]], &[1.0]), None);
    assert_eq!(screening(&[]), []);
}
