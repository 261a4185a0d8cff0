//! Summaries of hand-built arms.

use super::*;
use crate::endpoint::{Value, fixture};
use crate::model::Formula;
use crate::scenario::{Action, EndpointDefinition, EndpointKind, Group, HoldTerms, Rule, Scenario, Strategy};
use crate::simulation::{Decision, Done, End, Failure, Trajectory, Why};

fn rule(name: &str, action: Action) -> Rule {
    Rule {
        name: name.to_owned(),
        about: String::new(),
        when_text: String::new(),
        when: Formula::Constant(0.0),
        signals: Vec::new(),
        daily: false,
        action,
        give: None,
    }
}

/// Two levels, days 1-2 of 4; two rules; death and dropout.
fn scenario() -> Scenario {
    let mut scenario = fixture::scenario_with_treatment(fixture::treatment(&[5.0, 10.0], 1, 4.0, &[1, 2]));
    scenario.horizon = 12.0;
    let resume = Formula::Constant(1.0);
    let hold = Action::Hold {
        drug: 0,
        resume,
        resume_text: String::new(),
        lower: 1,
        lowest: 5.0,
        terms: HoldTerms::default(),
    };
    scenario.rules =
        vec![rule("hold", hold), rule("stop at progression", Action::Discontinue { drug: None })];
    scenario.arms[0].rules = vec![0, 1];
    scenario.model.hazards =
        vec![fixture::hazard("death", true, false), fixture::hazard("dropout", false, true)];
    scenario
}

fn decision(time: f64, action: Done, before: f64, after: f64) -> Decision {
    Decision { time, by: Why::Rule(0), signal: None, value: 0.0, action, drug: 0, before, after }
}

/// Levels by day.
fn treated(levels: &[f64]) -> Trajectory {
    let mut trajectory = fixture::visited(&[(0.0, 1.0)]);
    trajectory.end_time = levels.len() as f64;
    trajectory.treatment.daily_level = levels.to_vec();
    trajectory
}

/// One who completes; one held on day 2, resumed lower in cycle 2 and stopped at progression in cycle 3; one who dies
/// in cycle 2; one who fails.
fn patients() -> Vec<Trajectory> {
    let steady = treated(&[10.0, 10.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.0, 10.0, 10.0, 0.0, 0.0]);
    let mut held = treated(&[10.0, 0.0, 0.0, 0.0, 5.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    held.decisions = vec![
        decision(1.0, Done::Hold, 10.0, 0.0),
        decision(4.0, Done::Resume, 0.0, 5.0),
        decision(8.0, Done::Discontinue, 5.0, 0.0),
    ];
    held.treatment.discontinued = Some((8.0, Why::Rule(1)));
    held.rules_fired = vec![2, 1];
    let mut died = treated(&[10.0, 10.0, 0.0, 0.0, 10.0]);
    died.end = End::Died { hazard: 0 };
    let mut failed = treated(&[10.0]);
    failed.end = End::Failed(Failure { time: 1.0, state: None, what: String::new(), cause: String::new() });
    failed.rules_fired = vec![1, 0];
    vec![steady, held, died, failed]
}

/// Counts of patients, half of them in one part and half in another.
fn in_parts<T>(
    patients: &[Trajectory],
    nobody: impl Fn() -> T,
    count: impl Fn(&mut T, &Trajectory),
    add: impl Fn(&mut T, &T),
) -> T {
    let mut all = nobody();
    for half in patients.chunks(patients.len().div_ceil(2)) {
        let mut part = nobody();
        half.iter().for_each(|patient| count(&mut part, patient));
        add(&mut all, &part);
    }
    all
}

fn doses(scenario: &Scenario, patients: &[Trajectory]) -> DoseTally {
    let nobody = || DoseTally::new(scenario, &scenario.arms[0]);
    in_parts(patients, nobody, DoseTally::count, DoseTally::add)
}

fn rules(scenario: &Scenario, patients: &[Trajectory]) -> Vec<RuleCount> {
    let tally = in_parts(patients, || RuleTally::new(scenario), RuleTally::count, RuleTally::add);
    tally.finish(scenario, &scenario.arms[0])
}

#[test]
fn everybody_has_a_line_in_the_disposition() {
    let scenario = scenario();
    let nobody = || DispositionTally::new(&scenario);
    let tally = in_parts(&patients(), nobody, DispositionTally::count, DispositionTally::add);
    let disposition = tally.finish(&scenario, &scenario.arms[0]);
    assert_eq!(
        disposition,
        Disposition {
            patients: 4,
            failed: 1,
            treated: 3,
            held: 1,
            reduced: 1,
            escalated: 0,
            discontinued: vec![("stop at progression".to_owned(), 1), ("dropout".to_owned(), 0)],
            died: vec![("death".to_owned(), 1)],
            completed: 2,
            on_treatment_at_end: 1,
        }
    );
    assert!(disposition.lines().contains(&("Discontinued: stop at progression".to_owned(), 1)));
    assert_eq!(disposition.completed + 1 + disposition.failed, disposition.patients);
}

#[test]
fn dose_by_cycle_counts_held_days_and_leaves_out_those_who_stopped() {
    let scenario = scenario();
    let cycles = doses(&scenario, &patients()).doses();
    let told: Vec<(u32, usize, f64, f64)> =
        cycles.iter().map(|cycle| (cycle.cycle, cycle.patients, cycle.mean, cycle.median)).collect();
    // Cycle 1: 10, 5 (one of two days held), 10. Cycle 2: 10, 5, 10 (died after its first day). Cycle 3: 10.
    assert_eq!(told, [(1, 3, 25.0 / 3.0, 10.0), (2, 3, 25.0 / 3.0, 10.0), (3, 1, 10.0, 10.0)]);
    assert_eq!((cycles[0].lower, cycles[0].upper), (7.5, 10.0));
}

#[test]
fn shares_at_level_add_up_to_the_sound_patients() {
    let scenario = scenario();
    let mut patients = patients();
    // On hold on the first day of cycle 2.
    patients[0].treatment.daily_level[4] = 0.0;
    let cycles = doses(&scenario, &patients).levels();
    let told: Vec<_> =
        cycles.iter().map(|it| (it.at_level.clone(), it.held, it.stopped, it.out_of_follow_up)).collect();
    assert_eq!(told, [(vec![0, 3], 0, 0, 0), (vec![1, 1], 1, 0, 0), (vec![0, 1], 0, 1, 1)]);
}

#[test]
fn rules_that_never_fired_are_listed_with_zero() {
    let scenario = scenario();
    let counts = rules(&scenario, &patients());
    let told: Vec<_> = counts.iter().map(|it| (it.name.as_str(), it.fired, it.patients)).collect();
    // The failed patient's decisions do not count.
    assert_eq!(told, [("hold", 2, 1), ("stop at progression", 1, 1)]);
    let nobody = rules(&scenario, &[treated(&[10.0])]);
    assert!(nobody.iter().all(|count| count.fired == 0 && count.patients == 0));
}

#[test]
fn exposure_is_tabulated_for_all_and_by_group_in_the_endpoints_unit() {
    let mut scenario = scenario();
    scenario.groups = vec![
        Group { name: "low".to_owned(), condition: Formula::Constant(1.0) },
        Group { name: "nobody".to_owned(), condition: Formula::Constant(0.0) },
    ];
    let endpoint = |kind| EndpointDefinition {
        name: "Cmax".to_owned(),
        about: String::new(),
        estimand: String::new(),
        kind,
        unit: fixture::unit("ng/mL", 1e-3),
        strategy: Strategy::AsDefined,
    };
    scenario.endpoints =
        vec![endpoint(EndpointKind::TimeOnTreatment), endpoint(EndpointKind::Cmax { output: 0, record: 0 })];
    let cmax = [0.1, 0.2, 0.4].map(Value::Quantity).into_iter().chain([Value::Missing("")]).collect();
    let values: Vec<Vec<Value>> = vec![vec![Value::Quantity(1.0); 4], cmax];
    let groups = vec![vec![0, 3], vec![]];
    let rows = exposure_by_group(&scenario, 4, &groups, &values);
    let told: Vec<_> = rows.iter().map(|row| (row.group.as_str(), row.n, row.missing)).collect();
    assert_eq!(told, [("All patients", 3, 1), ("low", 1, 1), ("nobody", 0, 0)]);
    assert_eq!(rows[0].quantiles.expect("values").median, 200.0);
    assert_eq!(rows[1].quantiles.expect("values").high, 100.0);
    assert_eq!(rows[2].quantiles, None);
}
