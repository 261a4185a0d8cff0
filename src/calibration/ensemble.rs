//! Where the members of an ensemble stand: directions from its centre, the same at every step.

use crate::math::design::latin_hypercube;
use crate::math::distribution::normal_quantile;
use crate::math::linear::cholesky;
use crate::math::symmetric::square_root;

/// A normal distribution of the unknowns, in standard deviations of the prior from its centre.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    /// Mean.
    pub mean: Vec<f64>,
    /// Covariance, row-major.
    pub covariance: Vec<f64>,
}

impl Gaussian {
    /// The prior: mean 0, covariance 1.
    pub fn prior(unknowns: usize) -> Self {
        let identity = (0..unknowns * unknowns).map(|at| f64::from(at / unknowns == at % unknowns));
        Self { mean: vec![0.0; unknowns], covariance: identity.collect() }
    }

    /// Its spread, one per unknown: the ratio to the prior's.
    pub fn sds(&self) -> Vec<f64> {
        let n = self.mean.len();
        (0..n).map(|k| self.covariance[k * n + k].max(0.0).sqrt()).collect()
    }

    /// Correlation of two unknowns.
    pub fn correlation(&self, a: usize, b: usize) -> f64 {
        let (n, sds) = (self.mean.len(), self.sds());
        let size = sds[a] * sds[b];
        if size > 0.0 { self.covariance[a * n + b] / size } else { 0.0 }
    }

    /// A member in a direction: mean + root × direction. The symmetric root turns least.
    pub(super) fn members(&self, directions: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let n = self.mean.len();
        let root = square_root(&self.covariance, n);
        let member = |direction: &Vec<f64>| {
            (0..n)
                .map(|row| self.mean[row] + (0..n).map(|k| root[row * n + k] * direction[k]).sum::<f64>())
                .collect()
        };
        directions.iter().map(member).collect()
    }
}

/// Directions of the members, `[member][unknown]`, of a standard normal distribution: a Latin hypercube, then moved and stretched
/// so that mean and covariance are exactly 0 and 1 (second-order exact sampling, Pham 2001, Mon. Weather Rev. 129:1194). What is
/// linear is then met exactly, with any number of members.
pub(super) fn directions(members: usize, unknowns: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut directions = latin_hypercube(members, unknowns, seed);
    for value in directions.iter_mut().flatten() {
        *value = normal_quantile(*value);
    }
    for k in 0..unknowns {
        let mean = directions.iter().map(|member| member[k]).sum::<f64>() / members as f64;
        directions.iter_mut().for_each(|member| member[k] -= mean);
    }
    let covariance: Vec<f64> = (0..unknowns * unknowns)
        .map(|at| {
            let (a, b) = (at / unknowns, at % unknowns);
            directions.iter().map(|member| member[a] * member[b]).sum::<f64>() / (members - 1) as f64
        })
        .collect();
    // So few members as to be linearly dependent are refused before; then they stay as they are.
    if let Some(factor) = cholesky(&covariance, unknowns) {
        for member in &mut directions {
            for row in 0..unknowns {
                let known: f64 = (0..row).map(|k| factor[row * unknowns + k] * member[k]).sum();
                member[row] = (member[row] - known) / factor[row * unknowns + row];
            }
        }
    }
    directions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_have_mean_0_and_covariance_1() {
        let (members, unknowns) = (30, 5);
        let directions = directions(members, unknowns, 3);
        for a in 0..unknowns {
            let mean: f64 = directions.iter().map(|member| member[a]).sum();
            assert!(mean.abs() < 1e-12);
            for b in 0..unknowns {
                let sum: f64 = directions.iter().map(|member| member[a] * member[b]).sum();
                let expected = f64::from(a == b);
                assert!((sum / (members - 1) as f64 - expected).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn members_have_the_moments_of_their_distribution() {
        let known = Gaussian { mean: vec![1.0, -2.0], covariance: vec![0.5, -0.3, -0.3, 0.4] };
        let members = known.members(&directions(20, 2, 1));
        let mean: f64 = members.iter().map(|member| member[1]).sum::<f64>() / 20.0;
        let product: f64 = members.iter().map(|member| (member[0] - 1.0) * (member[1] + 2.0)).sum();
        assert!((mean + 2.0).abs() < 1e-12 && (product / 19.0 + 0.3).abs() < 1e-12);
        assert!((known.correlation(0, 1) + 0.3 / 0.2_f64.sqrt()).abs() < 1e-15);
    }
}
