//! From predictions over an ensemble to the next ensemble.
//!
//! Two kinds of step share one formula. A *tempered* step takes in all observations with their variances multiplied by a factor, the
//! inverse factors of all such steps summing to 1: the ensemble smoother with multiple data assimilation (Emerick and Reynolds
//! 2013, Comput. Geosci. 55:3), here with the mean and covariance moved exactly instead of by perturbed observations. It
//! follows strong curvature, but what an early step got wrong stays. A *refinement* starts from the prior again and takes in all
//! observations at once, on the plane fitted over the present ensemble: the posterior linearisation of García-Fernández et al. 2015
//! (IEEE Trans. Signal Process. 63:5561), a Gauss-Newton step whose derivatives are those over the ensemble. Where both rest, the
//! ensemble is consistent with its own linearisation.

use super::ensemble::Gaussian;
use super::likelihood::{Site, site};
use super::linearise::{Plane, inverse};
use super::problem::{Observation, Predicted};
use crate::math::linear::cholesky;

/// Ratio of the factors of successive tempered steps: the first steps, whose plane is least near, take in least.
const FALL: f64 = 2.0;
/// Repetitions by which a working observation is freed of itself.
const REPETITIONS: usize = 6;
/// At most this share of what is known of a prediction is put down to its own observation.
const MOST_OF_ITS_OWN: f64 = 0.95;

/// Factors by which variances are multiplied, descending; their inverses sum to 1.
pub(super) fn factors(steps: usize) -> Vec<f64> {
    let parts: Vec<f64> = (0..steps).map(|step| FALL.powi(step as i32)).collect();
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| sum / part).collect()
}

/// One step: what it starts from, and how much it takes in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move<'a> {
    /// Where it starts.
    pub from: &'a Gaussian,
    /// The ensemble over which the plane was fitted.
    pub present: &'a Gaussian,
    /// Share of the observations that the present ensemble has taken in before, 0 … 1.
    pub taken: f64,
    /// Variances of the observations are multiplied by this.
    pub factor: f64,
}

/// The next distribution: all observations taken in along a plane. `None` where a matrix is not positive definite, which only
/// predictions that are no numbers can bring about.
pub(super) fn assimilate(step: Move<'_>, plane: &Plane, observations: &[Observation]) -> Option<Gaussian> {
    let Move { from, present, taken, factor } = step;
    let n = from.mean.len();
    let mut precision = inverse(&from.covariance, n)?;
    let mut pull = vec![0.0; n];
    for (place, observation) in observations.iter().enumerate() {
        let (slopes, middle) = (&plane.slopes[place], plane.middle[place]);
        let along = variance_along(slopes, &present.covariance, n);
        let site = without_itself(observation, middle, (along, plane.left[place]), taken);
        // What the plane leaves is variance of the observation too: a step that takes in a part of one takes in a part of both.
        let weight = 1.0 / (factor * (site.variance + plane.left[place]));
        let expected: f64 =
            middle.value + (0..n).map(|k| slopes[k] * (from.mean[k] - plane.centre[k])).sum::<f64>();
        for row in 0..n {
            pull[row] += weight * slopes[row] * (site.value - expected);
            for column in 0..n {
                precision[row * n + column] += weight * slopes[row] * slopes[column];
            }
        }
    }
    cholesky(&precision, n)?;
    let covariance = symmetric(&inverse(&precision, n)?, n);
    let mean =
        (0..n).map(|row| from.mean[row] + (0..n).map(|k| covariance[row * n + k] * pull[k]).sum::<f64>());
    Some(Gaussian { mean: mean.collect(), covariance })
}

/// The working observation where the present ensemble has taken in a share of it already: seen from what the other observations
/// and the prior say alone, found by repetition (the cavity of Minka 2001, UAI 17:362).
fn without_itself(
    observation: &Observation,
    middle: Predicted,
    (along, left): (f64, f64),
    taken: f64,
) -> Site {
    let mut found = site(observation, middle, along + left);
    if along <= 0.0 || taken <= 0.0 {
        return found;
    }
    for _ in 0..REPETITIONS {
        let own = (taken / (found.variance + left)).min(MOST_OF_ITS_OWN / along);
        let variance = 1.0 / (1.0 / along - own);
        let value = variance * (middle.value / along - own * found.value);
        found = site(observation, Predicted { value, ..middle }, variance + left);
    }
    found
}

fn variance_along(slopes: &[f64], covariance: &[f64], n: usize) -> f64 {
    (0..n * n).map(|at| slopes[at / n] * covariance[at] * slopes[at % n]).sum()
}

/// Freed of what rounding made of symmetry.
fn symmetric(matrix: &[f64], n: usize) -> Vec<f64> {
    (0..n * n).map(|at| 0.5 * (matrix[at] + matrix[at % n * n + at / n])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_factors_sum_to_one() {
        for steps in 1..8 {
            let factors = factors(steps);
            assert!((factors.iter().map(|factor| 1.0 / factor).sum::<f64>() - 1.0).abs() < 1e-15);
            assert!(factors.windows(2).all(|pair| pair[0] > pair[1]));
        }
        assert_eq!(factors(4), [15.0, 7.5, 3.75, 1.875]);
    }

    /// Along one plane that leaves something, all steps together take in what one refinement does: 1/(R + left), in closed form.
    #[test]
    fn steps_take_in_as_much_as_one_refinement() {
        let seen = |value: f64, error: f64| Observation {
            trial: String::new(),
            endpoint: String::new(),
            observed: super::super::problem::Observed::Value { value, error },
            between_trials: 0.0,
            weight: 1.0,
        };
        let observations = [seen(1.2, 0.3), seen(-0.4, 0.5)];
        let middle = vec![Predicted { value: 0.2, error: 0.1 }, Predicted { value: 0.0, error: 0.0 }];
        let plane = Plane {
            centre: vec![0.0, 0.0],
            middle,
            slopes: vec![vec![1.0, 0.5], vec![0.0, -0.8]],
            left: vec![0.4, 0.05],
        };
        let prior = Gaussian::prior(2);
        let step = |from: &Gaussian, taken: f64, factor: f64| {
            let (from, present) = (&from.clone(), &from.clone());
            assimilate(Move { from, present, taken, factor }, &plane, &observations).unwrap()
        };
        let once = step(&prior, 1.0, 1.0);
        let (mut tempered, mut taken) = (prior, 0.0);
        for factor in factors(4) {
            tempered = step(&tempered, taken, factor);
            taken += 1.0 / factor;
        }
        // Precision of the second unknown along (1, 0.5) and (0, -0.8), variances 0.09 + 0.01 + 0.4 and 0.25 + 0.05.
        let precision = [1.0 + 1.0 / 0.5, 0.5 / 0.5, 1.0 + 0.25 / 0.5 + 0.64 / 0.3];
        let determinant = precision[0] * precision[2] - precision[1] * precision[1];
        let exact = [precision[2], -precision[1], -precision[1], precision[0]].map(|it| it / determinant);
        for found in [&once, &tempered] {
            for (found, exact) in found.covariance.iter().zip(&exact) {
                assert!((found - exact).abs() < 1e-12, "{found}, not {exact}");
            }
            for (found, once) in found.mean.iter().zip(&once.mean) {
                assert!((found - once).abs() < 1e-12, "{found}, not {once}");
            }
        }
    }
}
