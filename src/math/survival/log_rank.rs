//! The log-rank test of any number of groups, weighted and stratified.

use super::follow_up::{FollowUp, FollowUpError, check};
use crate::math::maximum::solve;
use crate::math::statistics::ChiSquareTest;
use std::fmt;

/// Whose follow-up it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRankRow {
    /// Follow-up.
    pub follow_up: FollowUp,
    /// Group, from 0.
    pub group: usize,
    /// Stratum: only rows of one stratum are compared with each other.
    pub stratum: usize,
}

/// Events of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupCount {
    /// Rows.
    pub n: usize,
    /// Weighted number of events.
    pub observed: f64,
    /// What it would be if the hazards were equal.
    pub expected: f64,
}

/// Result of the test.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// By group.
    pub groups: Vec<GroupCount>,
    /// Covariance of observed − expected, groups × groups, row-major.
    pub covariance: Vec<f64>,
    /// The test that all groups have the same hazard.
    pub test: ChiSquareTest,
}

/// Why there is no test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogRankError {
    /// The rows make no sense.
    FollowUp(FollowUpError),
    /// Fewer than two groups were at risk when events happened.
    OneGroup,
    /// Some groups were never at risk together with others when events happened.
    NeverTogether,
}

impl fmt::Display for LogRankError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FollowUp(error) => write!(out, "{error}"),
            Self::OneGroup => write!(out, "there are no two groups to compare when events happened"),
            Self::NeverTogether => write!(out, "some groups were never at risk together with the others"),
        }
    }
}

impl std::error::Error for LogRankError {}

/// Compares observed with expected events: d·n_g/n expected at each event time, hypergeometric covariance (Mantel 1966; Peto
/// and Peto 1972), summed over strata. As R's `survdiff(rho = )`, which has no late entry; rows of late entry count at
/// risk from just after it.
///
/// Each event time counts with S(t−)^`rho`·(1 − S(t−))^`gamma`, S the Kaplan-Meier estimate of the whole stratum (Fleming and
/// Harrington 1991, G^{ρ,γ}): ρ = γ = 0 is the log-rank test, ρ = 1 the Peto and Peto modification of Wilcoxon's.
pub fn log_rank(rows: &[LogRankRow], rho: f64, gamma: f64) -> Result<LogRank, LogRankError> {
    let follow_up: Vec<FollowUp> = rows.iter().map(|row| row.follow_up).collect();
    check(&follow_up).map_err(LogRankError::FollowUp)?;
    let number = rows.iter().map(|row| row.group + 1).max().unwrap_or(0);
    let mut groups = vec![GroupCount { n: 0, observed: 0.0, expected: 0.0 }; number];
    for row in rows {
        groups[row.group].n += 1;
    }
    let mut result = Sums { groups, covariance: vec![0.0; number * number] };
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| a.stratum.cmp(&b.stratum).then(a.follow_up.stop.total_cmp(&b.follow_up.stop)));
    for stratum in sorted.chunk_by(|a, b| a.stratum == b.stratum) {
        result.add(stratum, rho, gamma);
    }
    let test = result.test()?;
    Ok(LogRank { groups: result.groups, covariance: result.covariance, test })
}

/// What the strata add to.
struct Sums {
    groups: Vec<GroupCount>,
    covariance: Vec<f64>,
}

impl Sums {
    /// Adds a stratum, its rows by the end of follow-up.
    fn add(&mut self, stratum: &[LogRankRow], rho: f64, gamma: f64) {
        let number = self.groups.len();
        let mut entering = stratum.to_vec();
        entering.sort_by(|a, b| a.follow_up.start.total_cmp(&b.follow_up.start));
        let (mut entered, mut at_risk, mut survival) = (0, vec![0.0; number], 1.0_f64);
        for tied in stratum.chunk_by(|a, b| a.follow_up.stop == b.follow_up.stop) {
            let time = tied[0].follow_up.stop;
            while entering.get(entered).is_some_and(|row| row.follow_up.start < time) {
                at_risk[entering[entered].group] += 1.0;
                entered += 1;
            }
            let (n, weight) =
                (at_risk.iter().sum::<f64>(), survival.powf(rho) * (1.0 - survival).powf(gamma));
            let mut d = 0.0;
            for row in tied.iter().filter(|row| row.follow_up.event) {
                d += 1.0;
                self.groups[row.group].observed += weight;
            }
            if d > 0.0 {
                // Where all have the event, nothing is left to chance.
                let spread = if n > 1.0 { weight * weight * d * (n - d) / (n - 1.0) / (n * n) } else { 0.0 };
                for (g, group) in self.groups.iter_mut().enumerate() {
                    group.expected += weight * d * at_risk[g] / n;
                    for h in 0..number {
                        let own = if g == h { n } else { 0.0 };
                        self.covariance[g * number + h] += spread * at_risk[g] * (own - at_risk[h]);
                    }
                }
                survival *= (n - d) / n;
            }
            for row in tied {
                at_risk[row.group] -= 1.0;
            }
        }
    }

    /// χ² of the differences, one group left out because they sum to 0; groups never at risk have none.
    fn test(&self) -> Result<ChiSquareTest, LogRankError> {
        let number = self.groups.len();
        let ever: Vec<usize> = (0..number).filter(|group| self.groups[*group].expected > 0.0).collect();
        let Some((_, free)) = ever.split_first().filter(|(_, free)| !free.is_empty()) else {
            return Err(LogRankError::OneGroup);
        };
        let excess: Vec<f64> =
            free.iter().map(|group| self.groups[*group].observed - self.groups[*group].expected).collect();
        let covariance: Vec<f64> =
            free.iter().flat_map(|g| free.iter().map(move |h| self.covariance[g * number + h])).collect();
        let solved = solve(&covariance, &excess).ok_or(LogRankError::NeverTogether)?;
        let statistic = excess.iter().zip(&solved).map(|(excess, solved)| excess * solved).sum();
        Ok(ChiSquareTest::new(statistic, free.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stop: f64, event: bool, group: usize, stratum: usize) -> LogRankRow {
        LogRankRow { follow_up: FollowUp { start: f64::NEG_INFINITY, stop, event }, group, stratum }
    }

    /// Events a, b, a of one, one, one at risk of two a and one b: expected in b 1/3 + 1/2, variance 2/9 + 1/4.
    #[test]
    fn three_subjects_by_hand() {
        let rows = [row(1.0, true, 0, 0), row(2.0, true, 1, 0), row(3.0, true, 0, 0)];
        let result = log_rank(&rows, 0.0, 0.0).unwrap();
        assert!((result.groups[1].expected - 5.0 / 6.0).abs() < 1e-15);
        let statistic = (1.0_f64 / 6.0).powi(2) / (2.0 / 9.0 + 0.25);
        assert!((result.test.statistic - statistic).abs() < 1e-15);
        // Two strata of the same data: twice the difference, twice the variance.
        let twice: Vec<_> = rows.iter().flat_map(|row| [*row, LogRankRow { stratum: 7, ..*row }]).collect();
        assert!((log_rank(&twice, 0.0, 0.0).unwrap().test.statistic - 2.0 * statistic).abs() < 1e-14);
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        assert_eq!(log_rank(&[], 0.0, 0.0), Err(LogRankError::FollowUp(FollowUpError::Empty)));
        let one = [row(1.0, true, 0, 0), row(2.0, true, 0, 0)];
        assert_eq!(log_rank(&one, 0.0, 0.0), Err(LogRankError::OneGroup));
        let no_events = [row(1.0, false, 0, 0), row(2.0, false, 1, 0)];
        assert_eq!(log_rank(&no_events, 0.0, 0.0), Err(LogRankError::OneGroup));
        let apart = [row(1.0, true, 0, 0), row(2.0, true, 0, 0), row(1.0, true, 1, 1), row(2.0, true, 1, 1)];
        assert_eq!(log_rank(&apart, 0.0, 0.0), Err(LogRankError::NeverTogether));
    }
}
