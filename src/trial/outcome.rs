//! The result of a trial: what the report and the tables show.

use super::course::{Course, Precision};
use super::periods::PeriodShares;
use super::replay::ReplayedCourse;
use super::summary::{CycleDose, CycleLevels, Disposition, RuleCount, RuleCoverage};
use crate::endpoint::Value;
use crate::math::statistics::{Interval, number_needed};
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
    /// How often each rule was looked at, true and acted, and whether the truth bore it out.
    pub audit: Vec<RuleCoverage>,
    /// Courses that were replayed from their realised dosing.
    pub replays: Vec<ReplayedCourse>,
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
    /// Monte Carlo standard error of the contrast, given that every arm treats the same patients (of a ratio: of its logarithm,
    /// times the ratio).
    pub monte_carlo_error: Option<f64>,
    /// What the standard error would be if the arms held different patients, n in each.
    pub independent_error: Option<f64>,
    /// Limits if the arms held different patients; `None` where only the error is known.
    pub independent: Option<Interval>,
    /// Two-sided p of the log-rank test, as if the arms held different patients; of log-rank statistics only.
    pub p: Option<f64>,
    /// Unit.
    pub unit: String,
}

impl Comparison {
    /// Variance of the contrast between arms of different patients over that between arms of the same ones: how many times as many
    /// patients would be needed without the pairing.
    pub fn variance_gain(&self) -> Option<f64> {
        let (paired, independent) = (self.monte_carlo_error?, self.independent_error?);
        (paired > 0.0).then(|| (independent / paired).powi(2)).filter(|gain| gain.is_finite())
    }

    /// Numbers needed to treat (limits as of [`number_needed`]) with their Monte Carlo standard error, of a risk difference;
    /// infinite, and without an error, where nothing differs.
    pub fn number_needed(&self) -> Option<(Interval, Option<f64>)> {
        let Interval { estimate, lower, upper } =
            self.interval.filter(|_| self.contrast == Contrast::PairedRiskDifference)?;
        let difference = Interval { estimate: estimate / 100.0, lower: lower / 100.0, upper: upper / 100.0 };
        let needed = number_needed(difference);
        // d(1/x) = dx/x².
        let error = self.monte_carlo_error.map(|error| error / 100.0 * needed.estimate.powi(2));
        Some((needed, error.filter(|error| error.is_finite())))
    }
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
    /// Log-rank statistic z = (O − E)/√V; above 0 if this arm has more events than expected.
    LogRank,
    /// Restricted mean time in this arm minus that in the first arm.
    RestrictedMeanDifference,
    /// Win ratio over all pairs of a patient of this arm and one of the first.
    WinRatio,
    /// Win ratio of each patient in this arm against himself in the first.
    MatchedWinRatio,
}

impl Contrast {
    /// Whether it is a ratio, whose logarithm is what adds up.
    pub fn is_ratio(self) -> bool {
        matches!(self, Self::HazardRatio | Self::WinRatio | Self::MatchedWinRatio)
    }
}

impl Measure {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proportion => "proportion",
            Self::Median => "median",
            Self::Mean => "mean",
            Self::SurvivalAt => "survival",
            Self::SurvivalMedian => "survival median",
            Self::IncidenceAt => "incidence",
        }
    }
}

impl Contrast {
    /// Its name in tables and on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::PairedRiskDifference => "paired risk difference",
            Self::PairedMeanDifference => "paired mean difference",
            Self::HazardRatio => "hazard ratio",
            Self::LogRank => "log-rank z",
            Self::RestrictedMeanDifference => "restricted mean difference",
            Self::WinRatio => "win ratio, all pairs",
            Self::MatchedWinRatio => "win ratio, matched pairs",
        }
    }
}
