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
use super::likelihood::site;
use super::linearise::{Plane, inverse};
use super::problem::Observation;
use crate::math::linear::cholesky;

/// Ratio of the factors of successive tempered steps: the first steps, whose plane is least near, take in least.
const FALL: f64 = 2.0;

/// Factors by which variances are multiplied, descending; their inverses sum to 1.
pub(super) fn factors(steps: usize) -> Vec<f64> {
    let parts: Vec<f64> = (0..steps).map(|step| FALL.powi(step as i32)).collect();
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| sum / part).collect()
}

/// The next distribution: `from`, with all observations taken in along a plane, their variances multiplied by `factor`. `present` is
/// the ensemble over which the plane was fitted. `None` where a matrix is not positive definite, which only predictions that are
/// no numbers can bring about.
pub(super) fn assimilate(
    from: &Gaussian,
    present: &Gaussian,
    plane: &Plane,
    observations: &[Observation],
    factor: f64,
) -> Option<Gaussian> {
    let n = from.mean.len();
    let mut precision = inverse(&from.covariance, n)?;
    let mut pull = vec![0.0; n];
    for (place, observation) in observations.iter().enumerate() {
        let (slopes, middle) = (&plane.slopes[place], plane.middle[place]);
        let variance = variance_along(slopes, &present.covariance, n) + plane.left[place];
        let site = site(observation, middle, variance);
        let weight = 1.0 / (factor * site.variance + plane.left[place]);
        let expected: f64 = middle.value
            + (0..n).map(|k| slopes[k] * (from.mean[k] - plane.centre[k])).sum::<f64>();
        for row in 0..n {
            pull[row] += weight * slopes[row] * (site.value - expected);
            for column in 0..n {
                precision[row * n + column] += weight * slopes[row] * slopes[column];
            }
        }
    }
    cholesky(&precision, n)?;
    let covariance = symmetric(&inverse(&precision, n)?, n);
    let mean = (0..n).map(|row| from.mean[row] + (0..n).map(|k| covariance[row * n + k] * pull[k]).sum::<f64>());
    Some(Gaussian { mean: mean.collect(), covariance })
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
}
