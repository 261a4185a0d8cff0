//! Taking apart: made-up results of draws, whose parts are known.

use super::decompose::{Point, decompose};
use super::result::Decomposition;
use super::sample::Sampled;
use crate::math::random::{Identity, Stream};
use crate::trial::Contrast;

const POINT: Point = Point { value: Some(10.0), error: Some(0.5), contrast: None, noisy: true };

fn normal(number: usize, purpose: &str, occasion: usize) -> f64 {
    let (patient, occasion) = (number as u64, occasion as u64);
    Stream::new(Identity { seed: 9, patient, purpose, occasion }).normal()
}

/// Draws whose true results have this SD; each sees it through 20 groups of patients with an interaction of SD `noise`.
fn made_up(draws: usize, sd: f64, noise: f64) -> Vec<Sampled> {
    let one = |draw: usize| {
        let truth = 10.0 + sd * normal(draw, "truth", 0);
        let cell =
            |group: usize| truth + 3.0 * normal(0, "group", group) + noise * normal(draw, "cell", group);
        let pseudo: Vec<f64> = (0..20).map(cell).collect();
        Sampled { value: Some(pseudo.iter().sum::<f64>() / 20.0), pseudo, spread: Some(4.0) }
    };
    (0..draws).map(one).collect()
}

fn taken_apart(point: Point, draws: &[Sampled]) -> Decomposition {
    decompose(point, &draws.iter().collect::<Vec<_>>())
}

/// The noise (SD 2 of a draw's result) is twice the uncertainty (SD 1), and yet the interval is that of the truth:
/// mean ± 1.96. Its ends have standard errors of about 0.12 × 1.7 for 1000 draws, of which noise stretches the order statistics.
#[test]
fn noise_is_taken_out_of_the_interval() {
    let found = taken_apart(POINT, &made_up(1000, 1.0, 2.0 * 20.0_f64.sqrt()));
    // Var(s²) = 2 (1 + 4)²/999 and that of the noise is small beside it: an error of 0.112 of the SD of 1.
    let uncertainty = found.uncertainty.expect("an uncertainty");
    assert!((uncertainty - 1.0).abs() < 4.0 * 0.112, "{found:?}");
    let interval = found.interval.expect("an interval");
    let half = 0.5 * (interval.upper - interval.lower);
    assert!((half / uncertainty - 1.96).abs() < 4.0 * 0.09, "{found:?}");
    assert_eq!((found.draws, found.between_patients, found.monte_carlo), (1000, Some(4.0), Some(0.5)));
    let shares = found.shares().expect("shares");
    assert!((shares.uncertainty + shares.between_patients + shares.monte_carlo - 1.0).abs() < 1e-12);
    let total = uncertainty.powi(2) + 16.0 + 0.25;
    assert!((shares.monte_carlo - 0.25 / total).abs() < 1e-12);
}

#[test]
fn where_parameters_do_not_matter_there_is_no_uncertainty() {
    let found = taken_apart(POINT, &made_up(2, 0.0, 0.0));
    assert!(found.uncertainty.is_some_and(|sd| sd < 1e-12), "{found:?}");
    let interval = found.interval.expect("an interval");
    assert!((interval.upper - interval.lower).abs() < 1e-12);
}

/// Ratios 1/2 and 2: log SD √2 ln 2, geometric mean 1, and the SD is that of the logarithm times the ratio.
#[test]
fn ratios_are_taken_apart_as_logarithms() {
    let ratio = |value: f64| Sampled { value: Some(value), pseudo: vec![value.ln(); 20], spread: None };
    let point = Point { value: Some(0.8), contrast: Some(Contrast::HazardRatio), ..POINT };
    let found = taken_apart(point, &[ratio(0.5), ratio(2.0)]);
    assert!((found.uncertainty.expect("one") - 0.8 * 2.0_f64.sqrt() * 2.0_f64.ln()).abs() < 1e-12);
    assert!((found.interval.expect("one").estimate - 1.0).abs() < 1e-12);
    assert_eq!(found.between_patients, None);
}

/// A median that is not reached at some draw has an order among the others, and no distance from them.
#[test]
fn what_is_not_reached_stays_not_reached() {
    let mut draws = made_up(40, 1.0, 0.0);
    for draw in &mut draws[..2] {
        *draw = Sampled { value: Some(f64::INFINITY), pseudo: Vec::new(), spread: None };
    }
    let found = taken_apart(POINT, &draws);
    let interval = found.interval.expect("an interval");
    assert_eq!((found.draws, found.uncertainty, interval.upper), (38, None, f64::INFINITY));
    assert!(interval.lower.is_finite());
    draws.iter_mut().for_each(|draw| draw.value = None);
    let none = taken_apart(POINT, &draws);
    assert_eq!((none.draws, none.interval, none.uncertainty), (0, None, None));
}

/// One patient cannot tell noise from uncertainty, unless patients do not differ.
#[test]
fn a_single_patient_tells_nothing_of_noise() {
    let single = |value: f64| Sampled { value: Some(value), pseudo: vec![value], spread: Some(0.0) };
    let draws = [single(1.0), single(3.0)];
    assert_eq!(taken_apart(POINT, &draws).uncertainty, None);
    let typical = taken_apart(Point { noisy: false, ..POINT }, &draws);
    assert!((typical.uncertainty.expect("one") - 2.0_f64.sqrt()).abs() < 1e-12);
}
