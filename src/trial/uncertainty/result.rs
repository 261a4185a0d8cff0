//! The result of a two-level Monte Carlo: what the report and the tables show.

use crate::math::statistics::Interval;
use crate::population::PopulationError;

/// Results over the draws of the population parameters.
#[derive(Debug)]
pub struct UncertaintyResult {
    /// The draws, in order.
    pub draws: Vec<DrawResult>,
    /// Spread of the drawn parameters, in the order of the scenario's uncertain parameters, shown units.
    pub parameters: Vec<ParameterSpread>,
    /// By arm, in the order of [`crate::trial::ArmResult::estimates`].
    pub arms: Vec<Vec<Decomposition>>,
    /// In the order of [`crate::trial::Trial::comparisons`].
    pub comparisons: Vec<Decomposition>,
    /// Groups of patients that were left out in turn to tell Monte Carlo noise.
    pub groups: usize,
    /// Wall time, s.
    pub seconds: f64,
}

/// The trial at one draw.
#[derive(Debug)]
pub struct DrawResult {
    /// Drawn values in the order of the scenario's uncertain parameters, coherent.
    pub values: Vec<f64>,
    /// Impossible draws thrown away before this one.
    pub rejected: usize,
    /// Courses that failed numerically.
    pub failed: usize,
    /// Why no trial could be run at these values: the population could not be drawn.
    pub lost: Option<PopulationError>,
    /// Estimates by arm, shown units; empty for a lost draw.
    pub arms: Vec<Vec<Option<f64>>>,
    /// Contrasts; empty for a lost draw.
    pub comparisons: Vec<Option<f64>>,
}

/// Drawn values of one parameter, in its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSpread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// 2.5th and 97.5th percentile.
    pub limits: (f64, f64),
}

/// Where the spread of one result comes from. All in the unit of the result; of a hazard ratio, standard deviations are
/// those of its logarithm times the ratio, as its Monte Carlo error is.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// Draws that gave a finite result.
    pub draws: usize,
    /// Mean over the draws with the uncertainty interval: 2.5th and 97.5th percentile of the draws' results, freed from Monte
    /// Carlo noise. Infinite: not reached. `None` when no draw has a result.
    pub interval: Option<Interval>,
    /// Standard deviation between draws, freed from Monte Carlo noise; `None` when it cannot be told.
    pub uncertainty: Option<f64>,
    /// Standard deviation between patients within a draw, root mean square over the draws; `None` where patients have no
    /// values of their own (medians of times, hazard ratios).
    pub between_patients: Option<f64>,
    /// Monte Carlo standard error of the result at the model's own values.
    pub monte_carlo: Option<f64>,
}

/// Shares of the three parts in the variance of a result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Uncertainty of the parameters.
    pub uncertainty: f64,
    /// Differences between patients; 0 where they have no values of their own.
    pub between_patients: f64,
    /// Number of virtual patients.
    pub monte_carlo: f64,
}

impl Decomposition {
    /// The parts of the variance, which add up to 1; `None` when the uncertainty cannot be told or nothing varies.
    pub fn shares(&self) -> Option<Shares> {
        let square = |part: Option<f64>| part.map_or(0.0, |sd| sd * sd);
        let uncertainty = square(Some(self.uncertainty?));
        let (patients, monte_carlo) = (square(self.between_patients), square(self.monte_carlo));
        let total = uncertainty + patients + monte_carlo;
        (total > 0.0 && total.is_finite()).then(|| Shares {
            uncertainty: uncertainty / total,
            between_patients: patients / total,
            monte_carlo: monte_carlo / total,
        })
    }
}
