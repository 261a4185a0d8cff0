//! What a reviewer asks of an arm besides its endpoints: disposition, dose by cycle, rules, exposure by group.
//!
//! Patients whose trajectory failed numerically are counted as such and take no part in anything else here.
//! Doses are in coherent units (mg); the report shows them in the unit of the route.

use super::outcome::{ArmResult, Trial};
use super::reading;
use crate::math::statistics::quantile;
use crate::scenario::{Arm, EndpointKind, Scenario, Treatment};
use crate::simulation::{Done, End, Trajectory, Why};

/// What became of the patients of an arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// Patients in the arm.
    pub patients: usize,
    /// Whose trajectory failed numerically.
    pub failed: usize,
    /// Who got at least one planned dose.
    pub treated: usize,
    /// With at least one hold.
    pub held: usize,
    /// Whose level was lowered at least once, by a rule or on resuming after a hold.
    pub reduced: usize,
    /// Whose level was raised at least once.
    pub escalated: usize,
    /// Who stopped treatment for good before the end of follow-up, by reason (rule or hazard).
    pub discontinued: Vec<(String, usize)>,
    /// Who died, by terminal hazard.
    pub died: Vec<(String, usize)>,
    /// Who were followed to the horizon.
    pub completed: usize,
    /// Of those, who were still on treatment then.
    pub on_treatment_at_end: usize,
}

impl Disposition {
    /// As a table: a line and its number of patients, in reading order.
    pub fn lines(&self) -> Vec<(String, usize)> {
        let mut lines = vec![
            ("Patients".to_owned(), self.patients),
            ("Treated".to_owned(), self.treated),
            ("Held at least once".to_owned(), self.held),
            ("Reduced at least once".to_owned(), self.reduced),
            ("Escalated at least once".to_owned(), self.escalated),
        ];
        let named = |prefix: &'static str| {
            move |(name, count): &(String, usize)| (format!("{prefix}: {name}"), *count)
        };
        lines.extend(self.discontinued.iter().map(named("Discontinued")));
        lines.extend(self.died.iter().map(named("Died")));
        lines.push(("Completed follow-up".to_owned(), self.completed));
        lines.push(("On treatment at the end".to_owned(), self.on_treatment_at_end));
        lines.push(("Failed numerically".to_owned(), self.failed));
        lines
    }
}

/// Counts what became of the patients of an arm. Every rule and hazard that can end treatment or life has its line,
/// also where nobody met it.
pub fn disposition(scenario: &Scenario, arm: &Arm, result: &ArmResult) -> Disposition {
    let hazards = &scenario.model.hazards;
    let sound: Vec<&Trajectory> = sound(result).collect();
    let count = |condition: &dyn Fn(&Trajectory) -> bool| {
        sound.iter().filter(|trajectory| condition(trajectory)).count()
    };
    let stopped_by =
        |why: Why| count(&|trajectory| trajectory.treatment.discontinued.is_some_and(|it| it.1 == why));

    let by_rules =
        arm.rules.iter().map(|&rule| (scenario.rules[rule].name.clone(), stopped_by(Why::Rule(rule))));
    let by_hazards =
        hazards.iter().enumerate().filter(|(_, hazard)| hazard.ends_treatment && !hazard.terminal);
    let by_hazards = by_hazards.map(|(index, hazard)| (hazard.name.clone(), stopped_by(Why::Hazard(index))));
    let ends_treatment =
        |rule: &usize| matches!(scenario.rules[*rule].action, crate::scenario::Action::Discontinue { .. });
    let discontinued = arm
        .rules
        .iter()
        .zip(by_rules)
        .filter(|(rule, line)| ends_treatment(rule) || line.1 > 0)
        .map(|(_, line)| line)
        .chain(by_hazards)
        .collect();
    let terminal = hazards.iter().enumerate().filter(|(_, hazard)| hazard.terminal);
    let died = terminal
        .map(|(hazard, described)| {
            (described.name.clone(), count(&|trajectory| trajectory.end == End::Died { hazard }))
        })
        .collect();
    Disposition {
        patients: result.trajectories.len(),
        failed: result.failed,
        treated: count(&|trajectory| trajectory.treatment.first_dose.is_some()),
        held: count(&|trajectory| decided(trajectory, Done::Hold)),
        reduced: count(&was_reduced),
        escalated: count(&|trajectory| decided(trajectory, Done::Escalate)),
        discontinued,
        died,
        completed: count(&|trajectory| trajectory.end == End::Completed),
        on_treatment_at_end: count(&|trajectory| {
            let span = &trajectory.treatment;
            trajectory.end == End::Completed && span.first_dose.is_some() && span.discontinued.is_none()
        }),
    }
}

fn sound(result: &ArmResult) -> impl Iterator<Item = &Trajectory> {
    result.trajectories.iter().filter(|trajectory| !matches!(trajectory.end, End::Failed(_)))
}

fn decided(trajectory: &Trajectory, action: Done) -> bool {
    trajectory.decisions.iter().any(|decision| decision.action == action)
}

/// By a rule that reduces, or by resuming below the level in force when the hold began.
fn was_reduced(trajectory: &Trajectory) -> bool {
    let mut before_hold = None;
    trajectory.decisions.iter().any(|decision| match decision.action {
        Done::Reduce => true,
        Done::Hold => {
            // A second hold during a first one finds level 0.
            if decision.before > 0.0 {
                before_hold = Some(decision.before);
            }
            false
        }
        Done::Resume => before_hold.is_some_and(|before| decision.after > 0.0 && decision.after < before),
        _ => false,
    })
}

/// Doses of one cycle over the patients who were on treatment in it.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleDose {
    /// Cycle, from 1.
    pub cycle: u32,
    /// Patients on treatment on at least one planned dosing day of the cycle.
    pub patients: usize,
    /// Mean over patients of the level per planned dosing day on treatment; a held day counts 0.
    pub mean: f64,
    /// Lower quartile.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// Upper quartile.
    pub upper: f64,
}

/// Dose per planned dosing day, cycle by cycle, of the arm's first treatment. Ends with the last cycle in which
/// somebody was on treatment.
pub fn dose_by_cycle(scenario: &Scenario, arm: &Arm, result: &ArmResult) -> Vec<CycleDose> {
    let Some(treatment) = arm.treatments.first() else { return Vec::new() };
    let mut cycles = Vec::new();
    for (cycle, days) in planned_days(treatment, scenario.horizon) {
        let mut means: Vec<f64> =
            sound(result).filter_map(|trajectory| mean_level(trajectory, &days)).collect();
        if means.is_empty() {
            break;
        }
        means.sort_by(f64::total_cmp);
        cycles.push(CycleDose {
            cycle,
            patients: means.len(),
            mean: means.iter().sum::<f64>() / means.len() as f64,
            lower: quantile(&means, 0.25),
            median: quantile(&means, 0.5),
            upper: quantile(&means, 0.75),
        });
    }
    cycles
}

/// Mean level over those of `days` that the patient spent on treatment; `None` if there is none.
fn mean_level(trajectory: &Trajectory, days: &[usize]) -> Option<f64> {
    let levels: Vec<f64> = days
        .iter()
        .filter(|day| standing(trajectory, **day) == Standing::OnTreatment)
        .map(|day| trajectory.treatment.daily_level[*day])
        .collect();
    (!levels.is_empty()).then(|| levels.iter().sum::<f64>() / levels.len() as f64)
}

/// The days (from 0) with a planned dose in each cycle, up to the horizon.
fn planned_days(treatment: &Treatment, horizon: f64) -> Vec<(u32, Vec<usize>)> {
    let mut cycles = Vec::new();
    for cycle in treatment.cycles.0.max(1)..=treatment.cycles.1 {
        let start = f64::from(cycle - 1) * treatment.cycle;
        let days: Vec<usize> = treatment
            .days
            .iter()
            .map(|day| start + f64::from(day - 1))
            .filter(|time| *time < horizon)
            .map(|time| time.floor() as usize)
            .collect();
        if days.is_empty() {
            break;
        }
        cycles.push((cycle, days));
    }
    cycles
}

/// Where a patient stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    OnTreatment,
    Stopped,
    OutOfFollowUp,
}

fn standing(trajectory: &Trajectory, day: usize) -> Standing {
    // A decision at the start of a day governs that day's dose.
    let stopped = trajectory.treatment.discontinued.is_some_and(|(time, _)| time <= day as f64);
    if day >= trajectory.treatment.daily_level.len() {
        Standing::OutOfFollowUp
    } else if stopped {
        Standing::Stopped
    } else {
        Standing::OnTreatment
    }
}

/// Where the patients stand on the first planned dosing day of a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleLevels {
    /// Cycle, from 1.
    pub cycle: u32,
    /// Patients at each level of the arm's first treatment, in the order of its levels.
    pub at_level: Vec<usize>,
    /// On treatment without a dose.
    pub held: usize,
    /// Off treatment for good, still followed.
    pub stopped: usize,
    /// Dead.
    pub out_of_follow_up: usize,
}

/// Numbers at each level on the first planned dosing day of each cycle, for the arm's first treatment.
pub fn share_at_level(scenario: &Scenario, arm: &Arm, result: &ArmResult) -> Vec<CycleLevels> {
    let Some(treatment) = arm.treatments.first() else { return Vec::new() };
    let count = |(cycle, days): (u32, Vec<usize>)| {
        let mut levels = CycleLevels {
            cycle,
            at_level: vec![0; treatment.levels.len()],
            held: 0,
            stopped: 0,
            out_of_follow_up: 0,
        };
        for trajectory in sound(result) {
            match standing(trajectory, days[0]) {
                Standing::OutOfFollowUp => levels.out_of_follow_up += 1,
                Standing::Stopped => levels.stopped += 1,
                Standing::OnTreatment => {
                    let dose = trajectory.treatment.daily_level[days[0]];
                    let same = |level: &f64| (level - dose).abs() <= 1e-9 * level;
                    match treatment.levels.iter().position(same) {
                        Some(level) if dose > 0.0 => levels.at_level[level] += 1,
                        _ => levels.held += 1,
                    }
                }
            }
        }
        levels
    };
    planned_days(treatment, scenario.horizon).into_iter().map(count).collect()
}

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

/// Counts for every rule of an arm, in the arm's order; a rule that never fired has zeros.
pub fn rule_counts(scenario: &Scenario, arm: &Arm, result: &ArmResult) -> Vec<RuleCount> {
    arm.rules
        .iter()
        .map(|&rule| {
            let fired = sound(result)
                .map(|trajectory| trajectory.rules_fired.get(rule).copied().unwrap_or(0))
                .filter(|fired| *fired > 0);
            let (patients, fired) =
                fired.fold((0, 0), |(patients, total), fired| (patients + 1, total + u64::from(fired)));
            RuleCount { rule, name: scenario.rules[rule].name.clone(), fired, patients }
        })
        .collect()
}

/// An exposure endpoint in a group of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupExposure {
    /// "All patients", or the name of the scenario's group.
    pub group: String,
    /// Endpoint index.
    pub endpoint: usize,
    /// Patients with a value.
    pub n: usize,
    /// Members without one.
    pub missing: usize,
    /// Median, 5th and 95th percentile in the endpoint's unit; `None` if nobody has a value.
    pub quantiles: Option<ExposureQuantiles>,
}

/// Percentiles over patients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExposureQuantiles {
    /// 5th percentile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// 95th percentile.
    pub high: f64,
}

/// Exposure endpoints (Cmax, Tmax, areas, half-life, trough) of one arm in all patients and in each group.
pub fn exposure_by_group(scenario: &Scenario, trial: &Trial, arm: usize) -> Vec<GroupExposure> {
    let everybody: Vec<usize> = (0..trial.patients.len()).collect();
    let all = std::iter::once(("All patients", &everybody));
    let groups: Vec<(&str, &Vec<usize>)> =
        all.chain(scenario.groups.iter().map(|group| group.name.as_str()).zip(&trial.groups)).collect();
    let mut rows = Vec::new();
    for (endpoint, described) in scenario.endpoints.iter().enumerate() {
        if !is_exposure(&described.kind) {
            continue;
        }
        let values = &trial.arms[arm].values[endpoint];
        for (name, members) in &groups {
            let mut known: Vec<f64> = members
                .iter()
                .filter_map(|patient| reading::quantity(&values[*patient]))
                .map(|value| described.unit.show(value))
                .collect();
            known.sort_by(f64::total_cmp);
            rows.push(GroupExposure {
                group: (*name).to_owned(),
                endpoint,
                n: known.len(),
                missing: members.len() - known.len(),
                quantiles: (!known.is_empty()).then(|| ExposureQuantiles {
                    low: quantile(&known, 0.05),
                    median: quantile(&known, 0.5),
                    high: quantile(&known, 0.95),
                }),
            });
        }
    }
    rows
}

fn is_exposure(kind: &EndpointKind) -> bool {
    matches!(
        kind,
        EndpointKind::Cmax { .. }
            | EndpointKind::Tmax { .. }
            | EndpointKind::Auc { .. }
            | EndpointKind::AucInfinity { .. }
            | EndpointKind::HalfLife { .. }
            | EndpointKind::Trough { .. }
    )
}

#[cfg(test)]
mod tests;
