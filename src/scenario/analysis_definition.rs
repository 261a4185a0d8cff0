//! How arms are compared, and what a trial of real size would show: what `[comparison]` and `[replicates]` say, checked.

use crate::diagnostic::{Span, Text};

/// How arms are compared.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// Up to when restricted mean times are taken: d, and as written; `None` for the end of follow-up.
    pub restricted_mean: Option<(f64, String)>,
    /// Endpoints of the win ratio, the most important first; empty for none.
    pub hierarchy: Vec<HierarchyItem>,
    /// Trials of real size to be drawn.
    pub replicates: Option<Replicates>,
}

/// One endpoint of the win ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HierarchyItem {
    /// Index into the scenario's endpoints.
    pub endpoint: usize,
    /// Whether more is better: a longer time, a larger quantity, yes.
    pub higher_is_better: bool,
    /// Differences up to this are ties, coherent (d for times).
    pub margin: f64,
}

/// Trials of real size, drawn over and over.
#[derive(Debug, Clone)]
pub struct Replicates {
    /// Patients in each arm.
    pub patients: usize,
    /// Number of trials.
    pub number: usize,
    /// Where their patients come from.
    pub draw: ReplicateDraw,
    /// What is tested, by label: an endpoint, or one of its shares of patients. Resolved by the trial, which knows the labels.
    pub tests: Vec<Text>,
    /// Two-sided level of the tests.
    pub alpha: f64,
    /// How an arm is chosen.
    pub choice: Option<Choice>,
}

/// Where the patients of a replicate come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicateDraw {
    /// Drawn with replacement from the patients of the run, for each arm anew.
    Resampled,
    /// Simulated for this arm of this replicate alone.
    New,
}

/// The arm with the best estimate, among those that keep within limits.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Label of the estimate.
    pub of: Text,
    /// Whether the largest is the best.
    pub largest: bool,
    /// What must hold.
    pub limits: Vec<ChoiceLimit>,
}

/// A limit on an estimate.
#[derive(Debug, Clone)]
pub struct ChoiceLimit {
    /// Label of the estimate.
    pub of: Text,
    /// Whether the limit is the largest allowed, else the smallest.
    pub at_most: bool,
    /// The limit, in the unit shown.
    pub limit: f64,
    /// The unit, where the file names it.
    pub unit: Option<String>,
    /// Where the limit stands.
    pub span: Span,
}
