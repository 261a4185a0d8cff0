//! The result of a trial: what the report and the tables show.

use super::course::{Course, Precision};
use super::periods::PeriodShares;
use super::summary::{CycleDose, CycleLevels, Disposition, RuleCount};
use crate::endpoint::Value;
use crate::math::statistics::Interval;
use crate::math::survival::{CumulativeIncidence, KaplanMeier};
use crate::population::{Patient, Rejection};
use crate::simulation::{Counts, Failure, RecordedSeries};

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
    /// Percentiles of all records: by record, output, arm.
    pub courses: Vec<Course>,
    /// Whether these are exact.
    pub precision: Precision,
    /// True values at the first visit in the first arm: by the scenario's key outputs, of all patients who had one.
    pub first_visits: Vec<Vec<f64>>,
    /// Wall time of the simulation, s.
    pub seconds: f64,
    /// Threads used.
    pub threads: usize,
}

/// One arm.
#[derive(Debug)]
pub struct ArmResult {
    /// `[endpoint][patient]`.
    pub values: Vec<Vec<Value>>,
    /// Estimates in the order of the endpoints; an endpoint may give several (grade 3-4, grade 4; median and 1-year PFS).
    pub estimates: Vec<Estimate>,
    /// Kaplan-Meier curves of time endpoints: (endpoint index, curve).
    pub curves: Vec<(usize, KaplanMeier)>,
    /// Cumulative incidences: (endpoint index, curve of the event and of those that compete with it).
    pub incidences: Vec<(usize, CumulativeIncidence)>,
    /// Shares by restaging or cycle, one for each endpoint that has them.
    pub periods: Vec<PeriodShares>,
    /// Cost summed over the arm.
    pub counts: Counts,
    /// What became of the patients.
    pub disposition: Disposition,
    /// Dose by cycle of the arm's first treatment.
    pub doses: Vec<CycleDose>,
    /// Patients at each level on the first dosing day of each cycle.
    pub levels: Vec<CycleLevels>,
    /// Use of the arm's rules, in their order.
    pub rules: Vec<RuleCount>,
    /// Follow-up summed over all patients, d.
    pub follow_up: f64,
    /// Courses that failed numerically, by patient number.
    pub failures: Vec<FailedCourse>,
    /// Courses that are drawn singly, by patient number.
    pub singles: Vec<SingleCourse>,
    /// Smallest relative change of the nodes by patient ([`crate::endpoint::best_change`]); empty where no endpoint asks
    /// for a response.
    pub best_changes: Vec<Option<f64>>,
}

/// A course that could not be computed to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedCourse {
    /// Patient number, from 0.
    pub patient: usize,
    /// When and why.
    pub failure: Failure,
}

/// A course whose records are kept, to be drawn by itself.
#[derive(Debug, Clone)]
pub struct SingleCourse {
    /// Patient number, from 0.
    pub patient: usize,
    /// In the order of the scenario's records.
    pub records: Vec<RecordedSeries>,
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
    /// Aalen-Johansen probability at a time.
    IncidenceAt,
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
