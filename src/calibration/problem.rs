//! What a calibration is about, without drugs or patients: unknowns with priors, observations, and a function from the one to
//! predictions of the other.

use crate::math::statistics::{Interval, wilson_of_share};

/// Scale on which an unknown has no bounds and its prior is normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transform {
    /// As it is.
    Natural,
    /// Natural logarithm, of what is positive.
    Log,
    /// log((x − lower)/(upper − x)), of what lies between two bounds.
    Logit {
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
}

impl Transform {
    /// To the unbounded scale; not finite where the value has no place there.
    pub fn forward(self, value: f64) -> f64 {
        match self {
            Self::Natural => value,
            Self::Log => libm::log(value),
            Self::Logit { lower, upper } => libm::log((value - lower) / (upper - value)),
        }
    }

    /// Back from the unbounded scale.
    pub fn back(self, scaled: f64) -> f64 {
        match self {
            Self::Natural => scaled,
            Self::Log => libm::exp(scaled),
            Self::Logit { lower, upper } => lower + (upper - lower) * logistic(scaled),
        }
    }
}

/// 1/(1 + e⁻ˣ), without overflow.
pub(super) fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// A parameter to be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// Name, for messages and columns.
    pub name: String,
    /// Scale of its prior.
    pub transform: Transform,
    /// Median of the prior, in the parameter's own unit.
    pub prior: f64,
    /// Standard deviation of the prior on the unbounded scale, positive.
    pub sd: f64,
    /// Values beyond which it is never tried, in its own unit.
    pub bounds: (f64, f64),
}

impl Unknown {
    /// The value at a distance from the prior's centre in standard deviations, kept within the bounds.
    pub fn value(&self, standardised: f64) -> f64 {
        let value = self.transform.back(self.transform.forward(self.prior) + self.sd * standardised);
        value.clamp(self.bounds.0, self.bounds.1)
    }

    /// A distance in standard deviations, moved to the bounds where it lies beyond them.
    pub fn within(&self, standardised: f64) -> f64 {
        let end = |bound: f64| (self.transform.forward(bound) - self.transform.forward(self.prior)) / self.sd;
        let (lower, upper) = (end(self.bounds.0), end(self.bounds.1));
        // A bound at the end of the scale is none: its place there is infinite, or no number below 0 of a logarithm.
        let lower = if lower.is_nan() { f64::NEG_INFINITY } else { lower };
        let upper = if upper.is_nan() { f64::INFINITY } else { upper };
        standardised.clamp(lower, upper)
    }
}

/// What was observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observed {
    /// So many of so many; counts made from percentages need not be whole. Predicted on the logit scale.
    Count {
        /// With the event.
        x: f64,
        /// Of so many.
        n: f64,
    },
    /// A number with its standard error, on the scale of its predictions.
    Value {
        /// The number.
        value: f64,
        /// Its standard error.
        error: f64,
    },
}

/// One endpoint of one trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Trial or arm.
    pub trial: String,
    /// Endpoint.
    pub endpoint: String,
    /// What was seen.
    pub observed: Observed,
    /// Standard deviation between trials of the same design, on the scale of the predictions.
    pub between_trials: f64,
    /// By how much it counts: its log-likelihood is multiplied by this. 1 as a rule.
    pub weight: f64,
}

impl Observation {
    /// What was observed with its 95 % interval, as a proportion or on the scale of the predictions. That of a count is
    /// Wilson's, of the proportion as it is where a count is not whole.
    pub fn interval(&self) -> Interval {
        match self.observed {
            Observed::Count { x, n } => {
                let found = wilson_of_share(x, n.round() as usize, 0.95);
                let limits = found.map_or((0.0, 1.0), |interval| (interval.lower, interval.upper));
                Interval { estimate: x / n, lower: limits.0, upper: limits.1 }
            }
            Observed::Value { value, error } => {
                let half = crate::math::statistics::normal_deviate(0.95) * error;
                Interval { estimate: value, lower: value - half, upper: value + half }
            }
        }
    }

    /// A prediction as it is shown: a proportion, or the number itself.
    pub fn shown(&self, predicted: Predicted) -> f64 {
        match self.observed {
            Observed::Count { .. } => logistic(predicted.value),
            Observed::Value { .. } => predicted.value,
        }
    }
}

/// One endpoint as predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// On the scale of the observation: logit of a proportion.
    pub value: f64,
    /// Monte Carlo standard error of it.
    pub error: f64,
}

impl Predicted {
    /// The logit of a proportion from events among virtual patients: half an event is added to either side (Haldane 1956, Anscombe
    /// 1956), so that none and all have a place on the scale.
    pub fn of_count(events: f64, patients: f64) -> Self {
        let (with, without) = (events + 0.5, patients - events + 0.5);
        Self { value: libm::log(with / without), error: (1.0 / with + 1.0 / without).sqrt() }
    }
}

/// Why there is no prediction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Stopped by the user.
    Cancelled,
    /// It cannot be computed.
    Reason(String),
}

/// The function that is fitted. Called from several threads.
pub trait Forward: Sync {
    /// Predictions in the order of the observations, at values of the unknowns in their own units, on so many threads. The same bits
    /// for the same values, whatever the number of threads.
    ///
    /// # Errors
    /// Where there are none at these values.
    fn predict(&self, values: &[f64], threads: usize) -> Result<Vec<Predicted>, Failure>;

    /// A digest of all that determines the predictions besides the values: models, scenarios, seed, program.
    fn digest(&self) -> String;
}

/// A whole problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// At least one.
    pub unknowns: Vec<Unknown>,
    /// At least one.
    pub observations: Vec<Observation>,
    /// Members of the ensemble, at least twice as many as unknowns and two more.
    pub members: usize,
    /// Tempered steps, at least one.
    pub steps: usize,
    /// Steps from the prior afterwards.
    pub refinements: usize,
    /// Of the ensemble.
    pub seed: u64,
}

impl Problem {
    /// Smallest ensemble from which slopes and what they leave can be told apart.
    pub fn fewest_members(unknowns: usize) -> usize {
        2 * unknowns + 2
    }

    /// Evaluations at most, halved steps aside.
    pub fn evaluations(&self) -> usize {
        (self.members + 1) * (self.steps + self.refinements + 1)
    }
}
