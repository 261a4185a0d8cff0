//! Doses as they were given: by cycle, the share of patient-days at each level, held, off treatment and out of follow-up.

use crate::report::study::Study;
use crate::scenario::Treatment;
use crate::simulation::Trajectory;

/// What a scheduled dosing day of one patient was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DoseStatus {
    /// This dose, coherent.
    Level(f64),
    /// Scheduled, but held by a rule.
    Held,
    /// Treatment stopped for good (or never begun).
    Stopped,
    /// Died, or follow-up ended by a numerical failure.
    Gone,
}

/// One cycle of one arm.
#[derive(Debug, Clone)]
pub struct CycleDose {
    /// From 1.
    pub cycle: u32,
    /// First day of the cycle, d.
    pub start: f64,
    /// Scheduled dosing days per patient within the horizon.
    pub days: usize,
    /// Share of all scheduled patient-days at each status: levels ascending, then held, stopped, gone.
    pub shares: Vec<(DoseStatus, f64)>,
    /// Mean of the level over scheduled days of patients still on treatment, holds counted as 0, coherent; `None` when
    /// nobody was.
    pub mean: Option<f64>,
    /// Patients on treatment at some scheduled day of the cycle.
    pub on_treatment: usize,
}

/// The first treatment of an arm, cycle by cycle.
#[derive(Debug, Clone)]
pub struct ArmDosing {
    /// Arm index.
    pub arm: usize,
    /// Route index.
    pub route: usize,
    /// Length of a cycle, d.
    pub cycle_days: f64,
    /// Levels that were ever in force in the arm, ascending, coherent.
    pub levels: Vec<f64>,
    /// Cycles within the horizon.
    pub cycles: Vec<CycleDose>,
}

/// Scheduled days of each cycle (absolute day numbers from 0) within the horizon.
pub fn scheduled_days(treatment: &Treatment, horizon: f64) -> Vec<(u32, Vec<usize>)> {
    let cycle_days = treatment.cycle.max(1.0);
    let mut cycles = Vec::new();
    let mut cycle = treatment.cycles.0.max(1);
    while cycle <= treatment.cycles.1 {
        let start = f64::from(cycle - 1) * cycle_days;
        if start >= horizon {
            break;
        }
        let days: Vec<usize> = treatment
            .days
            .iter()
            .map(|day| start + f64::from(*day) - 1.0)
            .filter(|day| *day < horizon)
            .map(|day| day as usize)
            .collect();
        cycles.push((cycle, days));
        cycle += 1;
    }
    cycles
}

/// What the arm's first treatment was on one day for one patient.
pub fn status(trajectory: &Trajectory, day: usize) -> DoseStatus {
    let time = day as f64;
    if time >= trajectory.end_time && !matches!(trajectory.end, crate::simulation::End::Completed) {
        return DoseStatus::Gone;
    }
    match trajectory.treatment.daily_level.get(day) {
        Some(level) if *level > 0.0 => DoseStatus::Level(*level),
        _ if trajectory.treatment.discontinued.is_some_and(|(stop, _)| stop <= time) => DoseStatus::Stopped,
        _ if trajectory.treatment.first_dose.is_none() => DoseStatus::Stopped,
        Some(_) => DoseStatus::Held,
        None => DoseStatus::Gone,
    }
}

/// Dosing of every arm that has a treatment.
pub fn dosing(study: Study) -> Vec<ArmDosing> {
    let mut all = Vec::new();
    for (index, (arm, result)) in study.arms().enumerate() {
        let Some(treatment) = arm.treatments.first() else { continue };
        let cycles: Vec<CycleDose> = scheduled_days(treatment, study.scenario.horizon)
            .into_iter()
            .filter(|(_, days)| !days.is_empty())
            .map(|(cycle, days)| cycle_dose(&result.trajectories, cycle, &days, treatment.cycle))
            .collect();
        let mut levels: Vec<f64> = cycles
            .iter()
            .flat_map(|cycle| &cycle.shares)
            .filter_map(|(status, _)| if let DoseStatus::Level(level) = status { Some(*level) } else { None })
            .collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        all.push(ArmDosing {
            arm: index,
            route: treatment.route,
            cycle_days: treatment.cycle,
            levels,
            cycles,
        });
    }
    all
}

fn cycle_dose(trajectories: &[Trajectory], cycle: u32, days: &[usize], cycle_days: f64) -> CycleDose {
    let mut levels: Vec<(f64, usize)> = Vec::new();
    let (mut held, mut stopped, mut gone, mut on_treatment) = (0usize, 0usize, 0usize, 0usize);
    let mut sum = 0.0;
    for trajectory in trajectories {
        let mut any = false;
        for &day in days {
            match status(trajectory, day) {
                DoseStatus::Level(level) => {
                    sum += level;
                    any = true;
                    match levels.iter_mut().find(|(known, _)| *known == level) {
                        Some((_, n)) => *n += 1,
                        None => levels.push((level, 1)),
                    }
                }
                DoseStatus::Held => {
                    held += 1;
                    any = true;
                }
                DoseStatus::Stopped => stopped += 1,
                DoseStatus::Gone => gone += 1,
            }
        }
        on_treatment += usize::from(any);
    }
    levels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let given: usize = levels.iter().map(|(_, n)| n).sum();
    let all = (days.len() * trajectories.len()).max(1) as f64;
    let mut shares: Vec<(DoseStatus, f64)> =
        levels.into_iter().map(|(level, n)| (DoseStatus::Level(level), n as f64 / all)).collect();
    shares.push((DoseStatus::Held, held as f64 / all));
    shares.push((DoseStatus::Stopped, stopped as f64 / all));
    shares.push((DoseStatus::Gone, gone as f64 / all));
    let mean = (given + held > 0).then(|| sum / (given + held) as f64);
    CycleDose {
        cycle,
        start: f64::from(cycle - 1) * cycle_days,
        days: days.len(),
        shares,
        mean,
        on_treatment,
    }
}
