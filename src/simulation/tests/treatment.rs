//! Schedules and the books kept of them.

use super::fixture::{arm, below, hold, not, reads, rule, run, scenario, treatment};
use crate::model::{Formula, Symbol, TrialQuantity};
use crate::scenario::{CoMedication, Treatment};
use crate::simulation::Done;

fn amounts(doses: &[crate::simulation::Dose]) -> Vec<(f64, f64)> {
    doses.iter().map(|dose| (dose.time, dose.amount)).collect()
}

#[test]
fn loading_and_maintenance_are_two_treatments_of_one_drug() {
    let mut scenario = scenario();
    let spaced =
        |levels: &[f64], cycles| Treatment { cycles, cycle: 7.0, days: vec![1, 2], ..treatment(0, levels) };
    scenario.arms = vec![arm(vec![spaced(&[40.0], (1, 1)), spaced(&[10.0], (2, u32::MAX))])];
    scenario.horizon = 21.0;
    let trajectory = run(&scenario);
    assert_eq!(
        amounts(&trajectory.doses),
        [(0.0, 40.0), (1.0, 40.0), (7.0, 10.0), (8.0, 10.0), (14.0, 10.0), (15.0, 10.0)]
    );
    assert_eq!(trajectory.treatment.first_dose, Some(0.0));
    let level = &trajectory.treatment.daily_level;
    assert_eq!(level.len(), 21);
    assert_eq!(level[..9], [40.0, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 10.0]);
}

#[test]
fn the_first_true_condition_sets_the_starting_level() {
    let mut scenario = scenario();
    let clearance = Symbol::Parameter(1);
    let under = |limit: f64| below(Formula::Symbol(clearance), limit * 24.0);
    let mut started = treatment(0, &[5.0, 10.0, 25.0]);
    started.start = 2;
    started.start_if = vec![(under(5.0), 0), (under(11.0), 1), (under(12.0), 0)];
    scenario.arms = vec![arm(vec![started])];
    assert_eq!(run(&scenario).doses[0].amount, 10.0);
}

#[test]
fn days_since_the_last_day_off() {
    let mut scenario = scenario();
    scenario.arms[0].treatments[0].days = (1..=21).collect();
    scenario.rules = vec![rule(
        below(Formula::Symbol(Symbol::Trial(TrialQuantity::SinceOff(0))), 7.5),
        crate::scenario::Action::Give,
    )];
    scenario.rules[0].give = Some(CoMedication::daily(2, 1.0));
    scenario.rules[0].daily = true;
    scenario.arms[0].rules = vec![0];
    let trajectory = run(&scenario);
    let days: Vec<f64> = trajectory.doses.iter().filter(|dose| !dose.planned).map(|dose| dose.time).collect();
    // Off on days 21 to 27: since then less than 7.5 days from 22 to 34, and so on.
    let expected = [22..=34, 50..=62, 78..=83].into_iter().flatten().map(f64::from).collect::<Vec<_>>();
    assert_eq!(days, expected);
}

#[test]
fn a_hold_from_day_one_delays_the_first_dose() {
    let mut scenario = scenario();
    let day = Formula::Symbol(Symbol::Trial(TrialQuantity::Day));
    scenario.rules = vec![rule(below(day.clone(), 1.0), hold(not(below(day, 14.0)), 1, 0.0))];
    scenario.arms[0].rules = vec![0];
    let trajectory = run(&scenario);
    assert_eq!(trajectory.treatment.first_dose, Some(14.0));
    assert_eq!(trajectory.treatment.held_days, 14);
    assert_eq!(trajectory.doses[0].amount, 10.0, "there is no lower level than the only one");
    assert_eq!(trajectory.treatment.daily_level[..15], [vec![0.0; 14], vec![10.0]].concat());
}

#[test]
fn two_holds_end_in_one_step_down() {
    let mut scenario = scenario();
    let day = || Formula::Symbol(Symbol::Trial(TrialQuantity::Day));
    let from_seven = || {
        let begun = not(below(day(), 7.0));
        let over = below(day(), 8.0);
        Formula::Binary(crate::model::BinaryOperation::And, Box::new(begun), Box::new(over))
    };
    scenario.rules = vec![
        rule(from_seven(), hold(not(below(day(), 21.0)), 1, 0.0)),
        rule(from_seven(), hold(not(below(day(), 14.0)), 1, 0.0)),
        rule(from_seven(), hold(not(below(day(), 21.0)), 1, 0.0)),
    ];
    scenario.arms = vec![arm(vec![treatment(0, &[5.0, 10.0, 20.0, 40.0])])];
    scenario.arms[0].treatments[0].start = 3;
    scenario.arms[0].rules = vec![0, 1, 2];
    let trajectory = run(&scenario);
    let log: Vec<_> = trajectory.decisions.iter().map(|d| (d.time, d.action, d.before, d.after)).collect();
    assert_eq!(
        log,
        [
            (7.0, Done::Hold, 40.0, 0.0),
            (7.0, Done::Hold, 0.0, 0.0),
            (7.0, Done::Hold, 0.0, 0.0),
            (14.0, Done::Resume, 0.0, 0.0),
            (21.0, Done::Resume, 0.0, 0.0),
            (21.0, Done::Resume, 0.0, 20.0),
        ]
    );
    assert_eq!(trajectory.treatment.held_days, 14);
}

#[test]
fn the_lowest_dose_is_kept() {
    let mut scenario = scenario();
    let anc = || reads(&scenario, "ANC");
    let action =
        crate::scenario::Action::Reduce { drug: 0, lower: 2, lowest: 10.0, limits: Default::default() };
    scenario.rules = vec![rule(not(below(anc(), 0.0)), action)];
    scenario.arms = vec![arm(vec![treatment(0, &[5.0, 10.0, 20.0, 40.0])])];
    scenario.arms[0].treatments[0].start = 3;
    scenario.arms[0].rules = vec![0];
    let trajectory = run(&scenario);
    let log: Vec<_> = trajectory.decisions.iter().map(|d| (d.time, d.before, d.after)).collect();
    assert_eq!(log, [(0.0, 40.0, 10.0)]);
}
