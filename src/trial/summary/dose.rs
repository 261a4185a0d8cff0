//! Doses cycle by cycle, of an arm's first treatment.
//!
//! A patient's mean level over a cycle is one of few numbers (levels are a short list, days whole), so that keeping how
//! many patients had each takes no room to speak of and loses nothing.

use std::collections::BTreeMap;

use crate::math::histogram::{from_order_key, order_key};
use crate::math::statistics::quantile;
use crate::scenario::{Arm, Scenario, Treatment};
use crate::simulation::{End, Trajectory};

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

/// Counts towards the doses of an arm by cycle.
#[derive(Debug)]
pub struct DoseTally {
    /// Levels of the arm's first treatment.
    levels: Vec<f64>,
    cycles: Vec<Cycle>,
}

#[derive(Debug)]
struct Cycle {
    /// Days (from 0) with a planned dose; not empty.
    days: Vec<usize>,
    /// How many patients had each mean level (by its [`order_key`]).
    means: BTreeMap<i64, usize>,
    first_day: CycleLevels,
}

impl DoseTally {
    /// Nobody yet. An arm without treatment has no cycles.
    pub fn new(scenario: &Scenario, arm: &Arm) -> Self {
        let Some(treatment) = arm.treatments.first() else {
            return Self { levels: Vec::new(), cycles: Vec::new() };
        };
        let levels = treatment.levels.clone();
        let cycle = |(cycle, days)| Cycle {
            days,
            means: BTreeMap::new(),
            first_day: CycleLevels {
                cycle,
                at_level: vec![0; levels.len()],
                held: 0,
                stopped: 0,
                out_of_follow_up: 0,
            },
        };
        let cycles = planned_days(treatment, scenario.horizon).into_iter().map(cycle).collect();
        Self { levels, cycles }
    }

    /// Counts one patient.
    pub fn count(&mut self, trajectory: &Trajectory) {
        if matches!(trajectory.end, End::Failed(_)) {
            return;
        }
        for Cycle { days, means, first_day } in &mut self.cycles {
            if let Some(mean) = mean_level(trajectory, days) {
                *means.entry(order_key(mean)).or_default() += 1;
            }
            match standing(trajectory, days[0]) {
                Standing::OutOfFollowUp => first_day.out_of_follow_up += 1,
                Standing::Stopped => first_day.stopped += 1,
                Standing::OnTreatment => {
                    let dose = trajectory.treatment.daily_level[days[0]];
                    // A dose that a rule has set between two levels counts with the nearer one.
                    let distance = |level: &usize| (self.levels[*level] - dose).abs();
                    let nearest = (0..self.levels.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
                    match nearest {
                        Some(level) if dose > 0.0 => first_day.at_level[level] += 1,
                        _ => first_day.held += 1,
                    }
                }
            }
        }
    }

    /// Adds the patients of another part of the arm.
    pub fn add(&mut self, other: &Self) {
        for (cycle, other) in self.cycles.iter_mut().zip(&other.cycles) {
            for (mean, patients) in &other.means {
                *cycle.means.entry(*mean).or_default() += patients;
            }
            let (levels, others) = (&mut cycle.first_day, &other.first_day);
            levels.at_level.iter_mut().zip(&others.at_level).for_each(|(level, other)| *level += other);
            levels.held += others.held;
            levels.stopped += others.stopped;
            levels.out_of_follow_up += others.out_of_follow_up;
        }
    }

    /// Dose per planned dosing day, cycle by cycle. Ends with the last cycle in which somebody was on treatment.
    pub fn doses(&self) -> Vec<CycleDose> {
        let treated = self.cycles.iter().take_while(|cycle| !cycle.means.is_empty());
        treated
            .map(|cycle| {
                let each = cycle.means.iter();
                let means: Vec<f64> = each
                    .flat_map(|(mean, patients)| std::iter::repeat_n(from_order_key(*mean), *patients))
                    .collect();
                CycleDose {
                    cycle: cycle.first_day.cycle,
                    patients: means.len(),
                    mean: means.iter().sum::<f64>() / means.len() as f64,
                    lower: quantile(&means, 0.25),
                    median: quantile(&means, 0.5),
                    upper: quantile(&means, 0.75),
                }
            })
            .collect()
    }

    /// Numbers at each level on the first planned dosing day of each cycle.
    pub fn levels(&self) -> Vec<CycleLevels> {
        self.cycles.iter().map(|cycle| cycle.first_day.clone()).collect()
    }
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
