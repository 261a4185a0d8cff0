//! The rules of an arm beside the truth, over all its patients.

use crate::scenario::{Arm, Scenario, alternatives};
use crate::simulation::{End, RuleAudit, Trajectory};

/// One rule in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleCoverage {
    /// Index into the scenario's rules.
    pub rule: usize,
    /// Its name.
    pub name: String,
    /// Alternatives of its condition, as written; the counts of their use are [`RuleAudit::reasons`].
    pub alternatives: Vec<String>,
    /// Over all patients who did not fail numerically.
    pub counts: RuleAudit,
    /// Patients in whom it acted falsely at least once.
    pub patients_unjustified: usize,
    /// Patients in whom it missed a decision at least once.
    pub patients_missed: usize,
}

/// Counts towards the [`RuleCoverage`]s of an arm.
#[derive(Debug)]
pub struct AuditTally {
    /// By the scenario's rules: counts, patients with false and with missed decisions.
    rules: Vec<(RuleAudit, usize, usize)>,
}

impl AuditTally {
    /// Nobody yet.
    pub fn new(scenario: &Scenario) -> Self {
        Self { rules: vec![(RuleAudit::default(), 0, 0); scenario.rules.len()] }
    }

    /// Counts one patient.
    pub fn count(&mut self, trajectory: &Trajectory) {
        if matches!(trajectory.end, End::Failed(_)) {
            return;
        }
        for (sum, of) in self.rules.iter_mut().zip(&trajectory.audit.rules) {
            add(sum, (of, usize::from(of.unjustified > 0), usize::from(of.missed > 0)));
        }
    }

    /// Adds the patients of another part of the arm.
    pub fn add(&mut self, other: &Self) {
        for (sum, (of, unjustified, missed)) in self.rules.iter_mut().zip(&other.rules) {
            add(sum, (of, *unjustified, *missed));
        }
    }

    /// Counts for every rule of the arm, in the arm's order.
    pub fn finish(&self, scenario: &Scenario, arm: &Arm) -> Vec<RuleCoverage> {
        let of = |&rule: &usize| {
            let (counts, patients_unjustified, patients_missed) = self.rules[rule].clone();
            let described = &scenario.rules[rule];
            let alternatives: Vec<String> =
                alternatives(scenario, described).into_iter().map(|found| found.text).collect();
            let mut counts = counts;
            counts.reasons.resize(alternatives.len(), 0);
            let name = described.name.clone();
            RuleCoverage { rule, name, alternatives, counts, patients_unjustified, patients_missed }
        };
        arm.rules.iter().map(of).collect()
    }
}

fn add(sum: &mut (RuleAudit, usize, usize), (of, unjustified, missed): (&RuleAudit, usize, usize)) {
    let total = &mut sum.0;
    total.looked += of.looked;
    total.met += of.met;
    total.acted += of.acted;
    total.justified += of.justified;
    total.unjustified += of.unjustified;
    total.missed += of.missed;
    total.missed_minutes += of.missed_minutes;
    total.reasons.resize(total.reasons.len().max(of.reasons.len()), 0);
    for (total, times) in total.reasons.iter_mut().zip(&of.reasons) {
        *total += times;
    }
    sum.1 += unjustified;
    sum.2 += missed;
}
