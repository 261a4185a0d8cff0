//! One number of a trial's results by name: the estimate of an arm, or the contrast of two, as a whole and with groups of patients left
//! out.
//!
//! What compares trials at different settings (a sensitivity analysis, a search) looks at one number of each. The same patients
//! are left out of all of them at once, so that differences between trials carry the error of pairs
//! ([`crate::math::sensitivity::jackknife`]).

use super::compare;
use super::estimate;
use super::outcome::{Contrast, Measure};
use super::precision::{blank_estimates, label_of, unknown};
use crate::diagnostic::{Diagnostic, Text};
use crate::endpoint::Value;
use crate::math::statistics::Interval;
use crate::scenario::{EndpointKind, Scenario};

/// Most groups of patients. Twenty-four degrees of freedom make an interval 5 % wider than infinitely many.
const MOST_GROUPS: usize = 25;

/// Which number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Label of the estimate or contrast, as in the report.
    pub label: String,
    /// Name of the arm.
    pub arm: String,
    /// Arm with which it is compared; `None`: an estimate of the arm itself.
    pub against: Option<String>,
    /// What is estimated, as in tables.
    pub measure: String,
    /// Unit as shown.
    pub unit: String,
    /// Whether no difference is 1, not 0.
    pub ratio: bool,
    /// Whether it lies between 0 and 100 %: a share of patients, or of the planned dose.
    pub share: bool,
    /// Endpoint index.
    endpoint: usize,
    /// Index of the arm and of the one it is compared with.
    places: (usize, Option<usize>),
    contrast: Option<Contrast>,
}

/// The number at one setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// Estimate and limits, if there is one.
    pub interval: Option<Interval>,
    /// Monte Carlo standard error.
    pub error: Option<f64>,
    /// Patients it is based on.
    pub n: usize,
    /// Patients without a value.
    pub missing: usize,
}

impl Target {
    /// Finds a number of a scenario's results: `label` as in the report, or `P(…)`, `mean(…)`, `median(…)`; `arm` the last one
    /// where none is named. What is unknown is pushed, with the nearest name.
    pub fn read(
        label: &Text,
        arm: Option<&Text>,
        against: Option<&Text>,
        scenario: &Scenario,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut place = |name: &Text, other: Option<usize>| {
            let found = scenario.arms.iter().position(|arm| arm.name == name.value);
            if found.is_none() {
                let others = scenario.arms.iter().enumerate().filter(|(place, _)| Some(*place) != other);
                let names = others.map(|(_, arm)| arm.name.as_str()).collect();
                diagnostics.push(unknown("arm", &name.value, name, names));
            }
            found
        };
        let arm = match arm {
            Some(name) => place(name, None)?,
            None => scenario.arms.len().checked_sub(1)?,
        };
        let reference = match against {
            Some(name) => Some(place(name, Some(arm))?),
            None => None,
        };
        if let Some(name) = against.filter(|_| reference == Some(arm)) {
            diagnostics.push(
                Diagnostic::error("an arm is compared with itself", name.span, "the arm itself")
                    .help("name another arm, or leave `against` out to look at the arm alone"),
            );
            return None;
        }
        let wanted = label_of(label.value.trim());
        let (what, known) = match reference {
            None => ("estimate", estimates(scenario)),
            Some(_) => ("comparison", contrasts(scenario)),
        };
        let Some(found) = known.iter().find(|it| it.label == wanted) else {
            let labels = known.iter().map(|it| it.label.as_str()).collect();
            diagnostics.push(unknown(what, &wanted, label, labels));
            return None;
        };
        Some(Self {
            arm: scenario.arms[arm].name.clone(),
            against: reference.map(|place| scenario.arms[place].name.clone()),
            places: (arm, reference),
            ..found.clone()
        })
    }

    /// A contrast that belongs to no scenario.
    #[cfg(test)]
    pub fn made_up(label: &str, unit: &str) -> Self {
        let plain = blank(label.to_owned(), "paired mean difference", unit.to_owned(), 0, None);
        Self {
            arm: "25 mg, days 1-21 of 28".to_owned(),
            against: Some("step up from 2.5 mg".to_owned()),
            ..plain
        }
    }

    /// Of each endpoint one estimate of the last arm: of grades that of the severe ones, else the first.
    pub fn leading(scenario: &Scenario) -> Vec<Self> {
        let Some((place, arm)) = scenario.arms.iter().enumerate().next_back() else { return Vec::new() };
        let mut found: Vec<Self> = Vec::new();
        for known in estimates(scenario) {
            let target = Self { arm: arm.name.clone(), places: (place, None), ..known };
            match found.iter_mut().find(|other| other.endpoint == target.endpoint) {
                Some(other) if target.label.ends_with(": grade 3-4") => *other = target,
                Some(_) => {}
                None => found.push(target),
            }
        }
        found
    }

    /// As told to the reader: "neutropenia: grade 3-4, A against B".
    pub fn title(&self) -> String {
        match &self.against {
            Some(other) => format!("{}, {} against {other}", self.label, self.arm),
            None => format!("{}, {}", self.label, self.arm),
        }
    }

    /// A limit of an interval as far as the number can reach: normal intervals of shares may end beyond 0 or 100 %.
    pub fn within(&self, limit: f64) -> f64 {
        if self.share { limit.clamp(0.0, 100.0) } else { limit }
    }

    /// Endpoint index.
    pub fn endpoint(&self) -> usize {
        self.endpoint
    }

    /// Indices of the arms concerned.
    pub fn arms(&self) -> impl Iterator<Item = usize> {
        [Some(self.places.0), self.places.1].into_iter().flatten()
    }

    /// The number, from values by arm and patient of its endpoint; patients of the group `left_out`, of [`groups`], are left
    /// out.
    pub fn reached(&self, scenario: &Scenario, values: &[&[Vec<Value>]], left_out: Option<usize>) -> Reached {
        let nothing = Reached { interval: None, error: None, n: 0, missing: 0 };
        let column = |arm: usize| {
            let column = values.get(arm)?.get(self.endpoint)?;
            let groups = groups(column.len());
            let kept = column.iter().enumerate().filter(|(patient, _)| Some(patient % groups) != left_out);
            Some(kept.map(|(_, value)| value.clone()).collect::<Vec<Value>>())
        };
        self.of_columns(scenario, column).unwrap_or(nothing)
    }

    /// The number on chosen patients, with repetitions, the same in both arms: of a resample that is common to several trials.
    pub fn among(&self, scenario: &Scenario, values: &[&[Vec<Value>]], chosen: &[usize]) -> Option<f64> {
        let column = |arm: usize| {
            let column = values.get(arm)?.get(self.endpoint)?;
            chosen.iter().map(|patient| column.get(*patient).cloned()).collect::<Option<Vec<Value>>>()
        };
        Some(self.of_columns(scenario, column)?.interval?.estimate)
    }

    /// The number from the values of patients that `column` gives for an arm.
    fn of_columns(
        &self,
        scenario: &Scenario,
        column: impl Fn(usize) -> Option<Vec<Value>>,
    ) -> Option<Reached> {
        let (arm, reference) = self.places;
        let of_arm = column(arm)?;
        let (interval, error, n) = match (reference, self.contrast) {
            (Some(reference), Some(contrast)) => {
                let found = compare::compare(scenario, self.endpoint, &column(reference)?, arm, &of_arm);
                let found = found.into_iter().find(|it| it.contrast == contrast && it.label == self.label)?;
                (found.interval, found.monte_carlo_error, found.n)
            }
            _ => {
                let found = estimate::estimates(scenario, self.endpoint, &of_arm).0;
                let found = found.into_iter().find(|it| it.label == self.label)?;
                (found.interval, found.monte_carlo_error, found.n)
            }
        };
        let interval = interval.filter(|interval| interval.estimate.is_finite());
        Some(Reached { interval, error, n, missing: of_arm.len() - n })
    }
}

/// Into how many groups patients are parted, by number modulo this.
pub fn groups(patients: usize) -> usize {
    patients.clamp(1, MOST_GROUPS)
}

/// Patients in each group.
pub fn group_sizes(patients: usize) -> Vec<usize> {
    let groups = groups(patients);
    (0..groups).map(|group| patients / groups + usize::from(group < patients % groups)).collect()
}

fn blank(label: String, measure: &str, unit: String, endpoint: usize, contrast: Option<Contrast>) -> Target {
    Target {
        label,
        arm: String::new(),
        against: None,
        measure: measure.to_owned(),
        unit,
        ratio: contrast.is_some_and(Contrast::is_ratio),
        share: false,
        endpoint,
        places: (0, None),
        contrast,
    }
}

fn estimates(scenario: &Scenario) -> Vec<Target> {
    let target = |it: super::outcome::Estimate| {
        let of_dose = matches!(scenario.endpoints[it.endpoint].kind, EndpointKind::DoseIntensity { .. });
        let share =
            of_dose || matches!(it.measure, Measure::Proportion | Measure::SurvivalAt | Measure::IncidenceAt);
        Target { share, ..blank(it.label, it.measure.name(), it.unit, it.endpoint, None) }
    };
    blank_estimates(scenario).into_iter().map(target).collect()
}

/// Contrasts of two arms in one endpoint. A log-rank statistic is a test and grows with the number of patients: it is no number to
/// look at.
fn contrasts(scenario: &Scenario) -> Vec<Target> {
    (0..scenario.endpoints.len())
        .flat_map(|index| compare::compare(scenario, index, &[], 1, &[]))
        .filter(|it| it.contrast != Contrast::LogRank)
        .map(|it| blank(it.label, it.contrast.name(), it.unit, it.endpoint, Some(it.contrast)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patient_is_in_one_group() {
        for patients in [1, 2, 24, 25, 26, 60, 300] {
            let sizes = group_sizes(patients);
            assert_eq!(sizes.iter().sum::<usize>(), patients);
            for (group, size) in sizes.iter().enumerate() {
                assert_eq!((0..patients).filter(|it| it % groups(patients) == group).count(), *size);
            }
        }
    }
}
