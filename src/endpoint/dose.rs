//! What was given: dose intensity, levels reached, time on treatment; and whether a signal was ever true.

use super::reading;
use super::value::Value;
use crate::scenario::{Scenario, Treatment};
use crate::simulation::{End, Trajectory};

/// Relative dose intensity: planned doses of the drug that were given, over those of the arm's plan had no rule but
/// planned escalation acted (each step taken on its day), both from the first dose to the end of treatment.
pub fn intensity(scenario: &Scenario, trajectory: &Trajectory, drug: usize) -> Value {
    let Some((first, last)) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    let given: f64 = planned_doses(trajectory, drug).filter(|dose| dose.0 <= last).map(|dose| dose.1).sum();
    let arm = &scenario.arms[trajectory.arm];
    let of_drug = arm.treatments.iter().filter(|treatment| treatment.route == drug);
    let planned: f64 = of_drug
        .map(|treatment| {
            let start = starting_level(treatment, trajectory);
            let level = |time: f64| scenario.planned_level(arm, treatment, start, time);
            doses_in(scenario, treatment, first, last).into_iter().map(level).sum::<f64>()
        })
        .sum();
    if planned > 0.0 { Value::Quantity(given / planned) } else { Value::Missing("no dose was planned") }
}

/// (time, amount) of the doses given by plan.
fn planned_doses(trajectory: &Trajectory, drug: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
    let doses = trajectory.doses.iter().filter(move |dose| dose.planned && dose.route == drug);
    doses.map(|dose| (dose.time, dose.amount))
}

/// Number of the level at which the plan starts. Where it depends on the patient (renal starting dose) the first dose
/// that this treatment can have given tells it.
fn starting_level(treatment: &Treatment, trajectory: &Trajectory) -> usize {
    if treatment.start_if.is_empty() {
        return treatment.start;
    }
    let level = |amount: f64| treatment.levels.iter().position(|level| *level == amount);
    planned_doses(trajectory, treatment.route).find_map(|dose| level(dose.1)).unwrap_or(treatment.start)
}

/// Times of the doses that a treatment plans in [first, last), d.
fn doses_in(scenario: &Scenario, treatment: &Treatment, first: f64, last: f64) -> Vec<f64> {
    let within = |time: &f64| *time >= first && *time < last;
    if let Some(schedule) = treatment.visits.and_then(|schedule| scenario.visits.get(schedule)) {
        return schedule.times.iter().copied().filter(within).collect();
    }
    let days = (0..last.ceil() as usize).filter(|day| treatment.scheduled(*day));
    let times = days.flat_map(|day| treatment.at.iter().map(move |time| day as f64 + time));
    times.filter(within).collect()
}

/// Whether a dose of at least this level was ever given by plan.
pub fn reached(trajectory: &Trajectory, drug: usize, level: f64) -> Value {
    // Levels are converted from the units they are written in; a rounding in the last digits is no lower level.
    let level = level * (1.0 - 1e-9);
    Value::Truth(planned_doses(trajectory, drug).any(|dose| dose.1 >= level))
}

/// Whether a signal was true at any visit up to the end of follow-up.
pub fn ever_true(trajectory: &Trajectory, signal: usize) -> Value {
    Value::Truth(trajectory.visits.iter().any(|visit| visit.signals[signal] != 0.0))
}

/// Time from the first dose to discontinuation or death, d; censored at the horizon for those still on treatment.
pub fn time_on_treatment(trajectory: &Trajectory) -> Value {
    let Some((first, last)) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    let event = trajectory.treatment.discontinued.is_some() || trajectory.end != End::Completed;
    Value::Time { time: last - first, event }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::model::Formula;
    use crate::simulation::{Dose, Why};

    fn given(doses: &[(f64, f64)], end: f64) -> Trajectory {
        let mut trajectory = fixture::visited(&[(0.0, 1.0)]);
        trajectory.end_time = end;
        trajectory.doses =
            doses.iter().map(|&(time, amount)| Dose { time, route: 0, amount, planned: true }).collect();
        trajectory
    }

    #[test]
    fn intensity_compares_with_the_starting_plan_while_on_treatment() {
        // 25 mg on days 1-3 of 5: planned in 10 d is 6 doses; two were held and one given at 15 mg.
        let scenario =
            fixture::scenario_with_treatment(fixture::treatment(&[15.0, 25.0], 1, 5.0, &[1, 2, 3]));
        let mut trajectory = given(&[(0.0, 25.0), (1.0, 25.0), (5.0, 15.0), (6.0, 25.0)], 10.0);
        assert_eq!(intensity(&scenario, &trajectory, 0), Value::Quantity(90.0 / 150.0));
        // Discontinued before the dose of day 7 (t = 6): planned 4 doses.
        trajectory.doses.pop();
        trajectory.treatment.discontinued = Some((6.0, Why::Rule(0)));
        assert_eq!(intensity(&scenario, &trajectory, 0), Value::Quantity(65.0 / 100.0));
    }

    #[test]
    fn planned_escalation_belongs_to_the_plan() {
        let mut scenario =
            fixture::scenario_with_treatment(fixture::treatment(&[5.0, 10.0, 15.0], 0, 2.0, &[1, 2]));
        scenario.rules.push(fixture::escalation(0, 2.0, 2.0, 10.0));
        scenario.arms[0].rules.push(scenario.rules.len() - 1);
        // The plan is 5, 5, 10, 10, 10: the step stops at the rule's highest dose. The patient never stepped up.
        let trajectory = given(&[(0.0, 5.0), (1.0, 5.0), (2.0, 5.0), (3.0, 5.0), (4.0, 5.0)], 5.0);
        assert_eq!(intensity(&scenario, &trajectory, 0), Value::Quantity(25.0 / 40.0));
    }

    #[test]
    fn a_patients_own_starting_level_is_the_plan() {
        let mut treatment = fixture::treatment(&[5.0, 10.0], 1, 1.0, &[1]);
        treatment.start_if = vec![(Formula::Constant(1.0), 0)];
        let scenario = fixture::scenario_with_treatment(treatment);
        let trajectory = given(&[(0.0, 5.0), (1.0, 5.0), (2.0, 10.0), (3.0, 10.0)], 4.0);
        assert_eq!(intensity(&scenario, &trajectory, 0), Value::Quantity(30.0 / 20.0));
    }

    #[test]
    fn levels_reached_and_time_on_treatment() {
        let mut trajectory = given(&[(0.0, 5.0), (28.0, 10.0)], 60.0);
        assert_eq!(reached(&trajectory, 0, 10.0), Value::Truth(true));
        assert_eq!(reached(&trajectory, 0, 15.0), Value::Truth(false));
        assert_eq!(reached(&trajectory, 1, 5.0), Value::Truth(false));
        assert_eq!(time_on_treatment(&trajectory), Value::Time { time: 60.0, event: false });
        trajectory.end = End::Died { hazard: 0 };
        assert_eq!(time_on_treatment(&trajectory), Value::Time { time: 60.0, event: true });
        trajectory.treatment.discontinued = Some((35.0, Why::Hazard(1)));
        assert_eq!(time_on_treatment(&trajectory), Value::Time { time: 35.0, event: true });
        trajectory.treatment.first_dose = None;
        assert_eq!(time_on_treatment(&trajectory), Value::Missing("never treated"));
    }

    #[test]
    fn a_signal_counts_at_any_visit() {
        let mut trajectory = fixture::visited(&[(0.0, 1.0), (7.0, 1.0)]);
        assert_eq!(ever_true(&trajectory, 0), Value::Truth(false));
        trajectory.visits[1].signals[0] = 1.0;
        assert_eq!(ever_true(&trajectory, 0), Value::Truth(true));
    }
}
