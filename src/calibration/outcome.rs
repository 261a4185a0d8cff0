//! What a calibration found: every step, the last ensemble, and how much of each unknown was learnt.

use super::ensemble::Gaussian;
use super::likelihood::deviance;
use super::problem::{Predicted, Problem};
use crate::math::symmetric::eigen;

/// From this ratio of posterior to prior spread on, next to nothing was learnt of an unknown: four fifths of its variance are left.
pub const NOT_IDENTIFIED: f64 = 0.9;

/// Which ensemble a step evaluated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// One that is moved by a tempered step with this factor; the first is the prior.
    Tempered {
        /// Variances of observations are multiplied by it.
        factor: f64,
    },
    /// One that is refined from the prior.
    Refinement,
    /// The last.
    Posterior,
}

/// One ensemble on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which.
    pub stage: Stage,
    /// Where it was.
    pub distribution: Gaussian,
    /// Its centre, within the bounds.
    pub centre: Vec<f64>,
    /// Predictions at its centre.
    pub predictions: Vec<Predicted>,
    /// Loss at its centre: deviances of endpoints, and squared distance from the prior's centre in standard deviations.
    pub loss: f64,
    /// Loss of each member.
    pub losses: Vec<f64>,
    /// Members that were moved to bounds.
    pub at_bounds: usize,
}

/// A finished calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// What was asked.
    pub problem: Problem,
    /// Prior first, posterior last.
    pub steps: Vec<Step>,
    /// Members of the posterior ensemble, in standard deviations of the prior from its centre.
    pub members: Vec<Vec<f64>>,
    /// What each of them predicts.
    pub predictions: Vec<Vec<Predicted>>,
}

impl Calibration {
    /// At the prior's centre. There is a step at least: that of the prior.
    pub fn before(&self) -> &Step {
        &self.steps[0]
    }

    /// At the posterior's centre.
    pub fn after(&self) -> &Step {
        &self.steps[self.steps.len() - 1]
    }

    /// Values of a member, or of a centre, in the unknowns' own units.
    pub fn values(&self, member: &[f64]) -> Vec<f64> {
        self.problem.unknowns.iter().zip(member).map(|(unknown, at)| unknown.value(*at)).collect()
    }

    /// Ratio of posterior to prior standard deviation on the unbounded scale, one per unknown.
    pub fn spread_ratios(&self) -> Vec<f64> {
        self.after().distribution.sds()
    }

    /// Loss of every endpoint at a step's centre.
    pub fn deviances(&self, step: &Step) -> Vec<f64> {
        let pairs = self.problem.observations.iter().zip(&step.predictions);
        pairs.map(|(observation, found)| deviance(observation, *found)).collect()
    }

    /// How many parameters the observations determined: the number of unknowns less the sum of posterior to prior variance over
    /// the directions that vary independently (Spiegelhalter et al. 2002, J. R. Stat. Soc. B 64:583, in the normal case).
    pub fn effective_parameters(&self) -> f64 {
        let (values, _) = self.directions();
        values.iter().map(|value| 1.0 - value).sum()
    }

    /// Independent directions of the posterior: ratio of its variance to the prior's, ascending, and the direction as one weight per
    /// unknown, of length 1. A direction of ratio near 1 was not identified, whatever the single unknowns say.
    pub fn directions(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let n = self.problem.unknowns.len();
        let (values, vectors) = eigen(&self.after().distribution.covariance, n);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let direction = |k: &usize| vectors[k * n..(k + 1) * n].to_vec();
        (order.iter().map(|k| values[*k]).collect(), order.iter().map(direction).collect())
    }
}
