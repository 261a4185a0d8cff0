//! How often the rules acted.

use crate::scenario::{Arm, Scenario};
use crate::simulation::{End, Trajectory};

/// How often a rule acted in an arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// Index into the scenario's rules.
    pub rule: usize,
    /// Its name.
    pub name: String,
    /// Times it fired, over all patients.
    pub fired: u64,
    /// Patients in whom it fired at least once.
    pub patients: usize,
}

/// Counts towards the [`RuleCount`]s of an arm.
#[derive(Debug)]
pub struct RuleTally {
    /// By the scenario's rules: times fired, patients in whom it fired.
    counts: Vec<(u64, usize)>,
}

impl RuleTally {
    /// Nobody yet.
    pub fn new(scenario: &Scenario) -> Self {
        Self { counts: vec![(0, 0); scenario.rules.len()] }
    }

    /// Counts one patient.
    pub fn count(&mut self, trajectory: &Trajectory) {
        if matches!(trajectory.end, End::Failed(_)) {
            return;
        }
        for (count, fired) in self.counts.iter_mut().zip(&trajectory.rules_fired) {
            count.0 += u64::from(*fired);
            count.1 += usize::from(*fired > 0);
        }
    }

    /// Adds the patients of another part of the arm.
    pub fn add(&mut self, other: &Self) {
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            count.0 += other.0;
            count.1 += other.1;
        }
    }

    /// Counts for every rule of the arm, in the arm's order; a rule that never fired has zeros.
    pub fn finish(&self, scenario: &Scenario, arm: &Arm) -> Vec<RuleCount> {
        let named = |&rule: &usize| {
            let (fired, patients) = self.counts[rule];
            RuleCount { rule, name: scenario.rules[rule].name.clone(), fired, patients }
        };
        arm.rules.iter().map(named).collect()
    }
}
