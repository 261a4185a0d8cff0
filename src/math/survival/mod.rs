//! Time-to-event statistics: curves, tests, regressions.
//!
//! Conventions are those of R's package survival, so that a pharmacologist who repeats the analysis there finds the same
//! numbers: who is censored at an event time still counts as at risk then; who enters late is at risk from just after the
//! entry; where the survival is 0 it has neither standard error nor limits. Knows nothing of what the events are.

mod aalen_johansen;
mod accelerated;
mod competing;
mod covariates;
mod cox;
mod cox_likelihood;
mod exact_ties;
mod follow_up;
mod hazard_ratio;
mod kaplan_meier;
mod log_rank;
mod nelson_aalen;
mod paired;
mod restricted_mean;

pub use aalen_johansen::{CompetingRow, CumulativeIncidence, IncidenceError, aalen_johansen};
pub use accelerated::{Accelerated, AcceleratedError, Family, accelerated};
pub use competing::{Ended, competing_incidence};
pub use covariates::CovariateError;
pub use cox::{Cox, CoxError, CoxRows, Ties, cox};
pub use follow_up::{FollowUp, FollowUpError, Observed, RiskStep, at_risk, risk_table};
pub use hazard_ratio::{HazardRatio, hazard_ratio};
pub use kaplan_meier::{KaplanMeier, Transform, kaplan_meier, product_limit};
pub use log_rank::{GroupCount, LogRank, LogRankError, LogRankRow, log_rank};
pub use nelson_aalen::{CumulativeHazard, TiedHazard, nelson_aalen};
pub use paired::{Paired, log_rank_z, paired_hazard_ratio, paired_log_rank, paired_restricted_mean};
pub use restricted_mean::{RestrictedMean, RestrictedMeanError, restricted_mean};
