//! From what every replicate tells to how it scatters, how often tests reject, and which arm is chosen.

use super::noise::{self, Drawn};
use super::plan::{Chosen, Plan};
use super::result::{Choosing, Power, Predictive, ReplicateResult, Told};
use super::run::{One, differences};
use super::test;
use crate::scenario::{Replicates, Scenario};
use crate::trial::outcome::Contrast;
use crate::trial::precision::blank_estimates;

/// Everything that is summed up.
pub struct Sums<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// What is tested and chosen.
    pub plan: &'a Plan,
    /// The replicates.
    pub ones: &'a [One],
    /// Who is in them, where they are drawn from the run.
    pub drawn: Option<&'a Drawn>,
}

impl Sums<'_> {
    /// The whole result.
    pub fn result(&self, wanted: &Replicates, failed: usize, seconds: f64) -> ReplicateResult {
        ReplicateResult {
            patients: wanted.patients,
            number: wanted.number,
            draw: wanted.draw,
            alpha: wanted.alpha,
            arms: (0..self.scenario.arms.len()).map(|arm| self.estimates(arm)).collect(),
            contrasts: self.contrasts(),
            tests: self.powers(),
            choice: self.plan.choice.as_ref().map(|choice| self.choosing(choice)),
            failed,
            seconds,
        }
    }

    /// How a result scatters; `arms`: those whose patients it depends on.
    fn spread(&self, named: Named, read: impl Fn(&One) -> f64, arms: &[usize]) -> Predictive {
        let told: Vec<f64> = self.ones.iter().map(read).collect();
        let quantile = |p| noise::quantile(&told, p, self.drawn, arms);
        Predictive {
            arm: named.arm,
            endpoint: named.endpoint,
            label: named.label,
            contrast: named.contrast,
            unit: named.unit,
            exists: told.iter().filter(|value| !value.is_nan()).count(),
            mean: noise::mean(&told, self.drawn, arms),
            median: quantile(0.5),
            lower: quantile(0.025),
            upper: quantile(0.975),
        }
    }

    fn estimates(&self, arm: usize) -> Vec<Predictive> {
        let estimates = blank_estimates(self.scenario).into_iter().enumerate();
        estimates
            .map(|(place, it)| {
                let named =
                    Named { arm, endpoint: it.endpoint, label: it.label, contrast: None, unit: it.unit };
                self.spread(named, |one| one.arms[arm][place], &[arm])
            })
            .collect()
    }

    fn contrasts(&self) -> Vec<Predictive> {
        let mut contrasts = Vec::new();
        for arm in 1..self.scenario.arms.len() {
            for (endpoint, definition) in self.scenario.endpoints.iter().enumerate() {
                for (label, contrast, _) in differences(self.scenario, endpoint, &[], &[]) {
                    let unit = match contrast {
                        Contrast::PairedRiskDifference => "percentage points".to_owned(),
                        Contrast::PairedMeanDifference => definition.unit.name.clone(),
                        _ => "1".to_owned(),
                    };
                    let named = Named { arm, endpoint, label, contrast: Some(contrast), unit };
                    let place = contrasts.len();
                    contrasts.push(self.spread(named, |one| one.contrasts[place], &[0, arm]));
                }
            }
        }
        contrasts
    }

    /// A share of the replicates.
    fn share(&self, told: &[f64], arms: &[usize]) -> Told {
        noise::mean(told, self.drawn, arms).unwrap_or(Told { value: 0.0, error: f64::NAN })
    }

    fn powers(&self) -> Vec<Power> {
        let mut powers: Vec<Power> = Vec::new();
        for tested in &self.plan.tests {
            for arm in 1..self.scenario.arms.len() {
                let told = self.ones.iter().map(|one| one.tests[powers.len()]);
                let without = told.clone().filter(|it| it.is_nan()).count() as f64 / self.ones.len() as f64;
                let rejected: Vec<f64> = told.map(|it| if it.is_nan() { 0.0 } else { it }).collect();
                let (label, test) = (tested.label.clone(), test::name(tested));
                powers.push(Power { label, arm, test, power: self.share(&rejected, &[0, arm]), without });
            }
        }
        powers
    }

    fn choosing(&self, choice: &Chosen) -> Choosing {
        let everyone: Vec<usize> = (0..self.scenario.arms.len()).collect();
        let chosen = |arm: Option<usize>| {
            let told: Vec<f64> = self.ones.iter().map(|one| f64::from(u8::from(one.chosen == arm))).collect();
            self.share(&told, &everyone)
        };
        Choosing {
            by: choice.by.clone(),
            arms: everyone.iter().map(|arm| chosen(Some(*arm))).collect(),
            nobody: chosen(None),
        }
    }
}

/// What a result is called.
struct Named {
    arm: usize,
    endpoint: usize,
    label: String,
    contrast: Option<Contrast>,
    unit: String,
}
