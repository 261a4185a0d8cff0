//! What a reviewer asks of an arm besides its endpoints: disposition, dose by cycle, rules, exposure by group.
//!
//! The courses themselves are not kept: each is counted as it ends, and counts of parts of an arm are added up. All
//! counts are whole numbers, so that the order does not matter. Patients whose trajectory failed numerically are
//! counted as such and take no part in anything else here. Doses are in coherent units (mg); the report shows them in
//! the unit of the route.

mod audit;
mod disposition;
mod dose;
mod exposure;
mod rules;

pub use audit::{AuditTally, RuleCoverage};
pub use disposition::{Disposition, DispositionTally};
pub use dose::{CycleDose, CycleLevels, DoseTally};
pub use exposure::{ExposureQuantiles, GroupExposure, exposure_by_group};
pub use rules::{RuleCount, RuleTally};

#[cfg(test)]
mod tests;
