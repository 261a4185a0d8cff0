//! The result of a trial: what the report and the tables show.

use crate::endpoint::Value;
use crate::math::statistics::Interval;
use crate::math::survival::KaplanMeier;
use crate::population::{Patient, Rejection};
use crate::simulation::{Counts, Trajectory};

/// A finished trial.
#[derive(Debug)]
pub struct Trial {
    /// The virtual patients, by number.
    pub patients: Vec<Patient>,
    /// Draws thrown away, by reason, over all patients.
    pub rejections: Vec<(Rejection, usize)>,
    /// Accepted draws / all draws.
    pub acceptance: f64,
    /// Members of the scenario's groups: `[group]`, patient numbers ascending.
    pub groups: Vec<Vec<usize>>,
    /// Arms in the scenario's order.
    pub arms: Vec<ArmResult>,
    /// Arms compared with the first arm.
    pub comparisons: Vec<Comparison>,
    /// Wall time of the simulation, s.
    pub seconds: f64,
    /// Threads used.
    pub threads: usize,
}

/// One arm.
#[derive(Debug)]
pub struct ArmResult {
    /// Trajectories by patient number.
    pub trajectories: Vec<Trajectory>,
    /// `[endpoint][patient]`.
    pub values: Vec<Vec<Value>>,
    /// Estimates in the order of the endpoints; an endpoint may give several (grade 3-4, grade 4; median and 1-year PFS).
    pub estimates: Vec<Estimate>,
    /// Kaplan-Meier curves of time endpoints: (endpoint index, curve).
    pub curves: Vec<(usize, KaplanMeier)>,
    /// Cost summed over the arm.
    pub counts: Counts,
    /// Patients whose trajectory failed numerically.
    pub failed: usize,
}

/// What an estimate estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Proportion of patients.
    Proportion,
    /// Median over patients.
    Median,
    /// Mean over patients.
    Mean,
    /// Kaplan-Meier probability at a time.
    SurvivalAt,
    /// Kaplan-Meier median.
    SurvivalMedian,
}

/// One number with its interval and Monte Carlo error.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Endpoint index.
    pub endpoint: usize,
    /// Label: "neutropenia, grade 3-4", "PFS at 12 months".
    pub label: String,
    /// What it is.
    pub measure: Measure,
    /// Patients it is based on.
    pub n: usize,
    /// Patients left out because the value was missing.
    pub missing: usize,
    /// Estimate and 95 % limits in `unit`; `None` when no patient has a value. Infinite: not reached (medians of times).
    pub interval: Option<Interval>,
    /// Monte Carlo standard error, same unit; `None` when it cannot be told (no patient, limits not reached).
    pub monte_carlo_error: Option<f64>,
    /// Unit for showing: "%" for proportions.
    pub unit: String,
}

/// One arm against the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Arm index (≥ 1).
    pub arm: usize,
    /// Endpoint index.
    pub endpoint: usize,
    /// Label as in [`Estimate::label`].
    pub label: String,
    /// Which contrast.
    pub contrast: Contrast,
    /// Pairs (patients with a value in both arms).
    pub n: usize,
    /// Contrast with 95 % limits; `None` when it does not exist (no pair, no event in one arm).
    pub interval: Option<Interval>,
    /// Monte Carlo standard error of the contrast (of log HR times HR for a hazard ratio).
    pub monte_carlo_error: Option<f64>,
    /// Unit.
    pub unit: String,
}

/// Contrasts between arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contrast {
    /// Risk in this arm minus risk in the first arm, same patients.
    PairedRiskDifference,
    /// Mean of the within-patient differences.
    PairedMeanDifference,
    /// Cox hazard ratio, Efron ties.
    HazardRatio,
}
