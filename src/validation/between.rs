//! How much trials of one setting differ beyond the chance of their patients: the standard deviation of the logit of their true
//! proportions, from a handful of published counts.
//!
//! Model: x of n binomial, its logit normal about the mean of its group (trials of which the same is expected) with one
//! standard deviation σ for all groups. A few trials say little of σ, and the value of greatest likelihood is often 0, which no
//! prediction should rest on; so σ has a half-normal prior ([`PRIOR_SCALE`]; Gelman 2006, Bayesian Analysis 1:515, for weakly
//! informative priors of this kind), means of groups a flat one on the logit, and the posterior is told by five equally likely values, the middles of its fifths: a
//! prediction rests on all of them. By summation over a grid.

use crate::math::binomial::{expit, normal_points};

/// Scale of the half-normal prior of σ. The counts of the six kinds of the flagship of which several trials are known are together most
/// likely under 0.6, next to as likely under 0.45 to 0.8, and without the two cytopenias, whose spread was measured as 0.75 and 0.65, under
/// less than 0.3: of what they allow the narrower half.
pub const PRIOR_SCALE: f64 = 0.5;

/// Values of σ: the middles of 250 cells up to 2.5, five scales of the prior.
const STEP: f64 = 0.01;
const STEPS: usize = 250;
/// Means of groups, on the logit: from −7 to 7.
const FURTHEST: f64 = 7.0;
const MEANS: usize = 141;

/// The shares of the posterior at which its values are told: the middles of fifths.
const SHARES: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

/// Five equally likely values of σ, ascending, given groups of counts (x, n); x may be broken.
pub fn between_trial_sds(groups: &[Vec<(f64, usize)>]) -> [f64; 5] {
    let points: Vec<f64> = normal_points().into_iter().step_by(4).collect();
    let mean_of_points = points.iter().sum::<f64>() / points.len() as f64;
    let sd = |step: usize| (step as f64 + 0.5) * STEP;
    let log_posterior = |step: usize| {
        let prior = -0.5 * (sd(step) / PRIOR_SCALE).powi(2);
        prior + groups.iter().map(|group| marginal(group, sd(step), &points, mean_of_points)).sum::<f64>()
    };
    let logs: Vec<f64> = (0..STEPS).map(log_posterior).collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
    let whole: f64 = weights.iter().sum();
    SHARES.map(|share| {
        let mut sum = 0.0;
        for (step, weight) in weights.iter().enumerate() {
            sum += weight;
            if sum >= share * whole {
                // Within the cell, as a line.
                return step as f64 * STEP + STEP * (1.0 - (sum - share * whole) / weight);
            }
        }
        STEPS as f64 * STEP
    })
}

/// The logarithm of a group's likelihood, its mean summed out, up to a constant.
fn marginal(group: &[(f64, usize)], sd: f64, points: &[f64], centre: f64) -> f64 {
    let at = |mean: f64| {
        let of = |(x, n): &(f64, usize)| {
            let likelihood = |z: &f64| {
                let p = expit(mean + sd * (z - centre));
                (x * p.ln() + (*n as f64 - x) * (-p).ln_1p()).exp()
            };
            points.iter().map(likelihood).sum::<f64>() / points.len() as f64
        };
        group.iter().map(|count| of(count).ln()).sum::<f64>()
    };
    let step = 2.0 * FURTHEST / (MEANS - 1) as f64;
    let logs: Vec<f64> = (0..MEANS).map(|place| at(-FURTHEST + step * place as f64)).collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without data the prior is left: quantiles of a half-normal distribution of its scale.
    #[test]
    fn without_trials_the_prior_is_left() {
        let prior = [0.125_66, 0.385_32, 0.674_49, 1.036_43, 1.644_85].map(|quantile| quantile * PRIOR_SCALE);
        for (found, expected) in between_trial_sds(&[]).iter().zip(&prior) {
            assert!((found - expected).abs() < 0.003, "{found} for {expected}");
        }
        // One trial per group says nothing of the spread but through the ends of the grid.
        assert!((between_trial_sds(&[vec![(20.0, 40)]])[2] - prior[2]).abs() < 0.02);
    }

    #[test]
    fn trials_that_agree_make_it_small_and_those_that_do_not_large() {
        let agree = between_trial_sds(&[vec![(200.0, 400); 8]]);
        assert!(agree[2] < 0.08, "{agree:?}");
        // Logits −1, 0 and 1 twice, so many patients that nothing of it is chance.
        let counts: Vec<(f64, usize)> =
            [-1.0, 0.0, 1.0, -1.0, 0.0, 1.0].iter().map(|logit| (400.0 * expit(*logit), 400)).collect();
        let differ = between_trial_sds(&[counts]);
        assert!((0.7..1.1).contains(&differ[2]), "{differ:?}");
        assert!(differ.windows(2).all(|pair| pair[0] < pair[1]), "{differ:?}");
    }
}
