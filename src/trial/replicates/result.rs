//! What trials of real size would show.

use crate::scenario::ReplicateDraw;
use crate::trial::outcome::Contrast;

/// A number with its Monte Carlo standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The number.
    pub value: f64,
    /// Its standard error over other replicates and, where they are drawn from a run, over other patients of the run.
    pub error: f64,
}

/// What the replicates came to.
#[derive(Debug, Clone)]
pub struct ReplicateResult {
    /// Patients in each arm.
    pub patients: usize,
    /// Number of trials.
    pub number: usize,
    /// Where their patients come from.
    pub draw: ReplicateDraw,
    /// Two-sided level of the tests.
    pub alpha: f64,
    /// By arm, in the order of its estimates.
    pub arms: Vec<Vec<Predictive>>,
    /// Contrasts of later arms with the first, of different patients.
    pub contrasts: Vec<Predictive>,
    /// By test and later arm.
    pub tests: Vec<Power>,
    /// Which arm would be chosen.
    pub choice: Option<Choosing>,
    /// Courses that failed numerically (each counts as a missing value).
    pub failed: usize,
    /// Wall time, s.
    pub seconds: f64,
}

/// How one result scatters between trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictive {
    /// Arm.
    pub arm: usize,
    /// Endpoint.
    pub endpoint: usize,
    /// Label of the result.
    pub label: String,
    /// Which contrast; `None` for an estimate.
    pub contrast: Option<Contrast>,
    /// Unit shown.
    pub unit: String,
    /// Trials in which the result exists (an infinite median does).
    pub exists: usize,
    /// Mean over them; `None` where one is infinite, or none exists.
    pub mean: Option<Told>,
    /// Median.
    pub median: Option<Told>,
    /// 2.5th percentile: with `upper`, the 95 % predictive interval.
    pub lower: Option<Told>,
    /// 97.5th percentile.
    pub upper: Option<Told>,
}

/// The share of trials in which a test rejects.
#[derive(Debug, Clone, PartialEq)]
pub struct Power {
    /// What is tested.
    pub label: String,
    /// Later arm.
    pub arm: usize,
    /// Name of the test.
    pub test: &'static str,
    /// Power, 0 to 1; a trial without a test statistic does not reject.
    pub power: Told,
    /// Share of trials without a test statistic.
    pub without: f64,
}

/// Which arm would be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Choosing {
    /// The criterion in words.
    pub by: String,
    /// By arm: the share of trials in which it is chosen.
    pub arms: Vec<Told>,
    /// The share in which no arm keeps within the limits, or none has the estimate.
    pub nobody: Told,
}
