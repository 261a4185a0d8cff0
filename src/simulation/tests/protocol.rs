//! Rules, visits, doses and the decision log against each other.

use super::fixture::{
    arm, below, every, hold, memory, not, output, reads, rule, run, run_patient, scenario, treatment,
    with_hazards,
};
use crate::model::Formula;
use crate::scenario::{Action, CoMedication, MemoryKind, ReductionLimits, Scenario, Signal, VisitSchedule};
use crate::simulation::{Decision, Done, End, Trajectory, Why};

const LEVELS: [f64; 4] = [10.0, 20.0, 40.0, 80.0];
const PATIENTS: usize = 30;

/// Two arms, four levels: holds for neutropenia (one level lower), for a daily marker (same level), escalation every
/// 14 days with a gate, reduction.
fn busy() -> Scenario {
    let mut scenario = with_hazards();
    scenario.visits_while_held = Some(3.5);
    let anc = || reads(&scenario, "ANC");
    let (low, recovered, gate) = (below(anc(), 1.0), not(below(anc(), 1.5)), not(below(anc(), 1.8)));
    let marker = reads(&scenario, "marker");
    let (high, gone) = (not(below(marker.clone(), 0.2)), below(marker.clone(), 0.06));
    let worn = memory(&mut scenario, MemoryKind::Lasting(3.0), not(below(marker, 0.07)));
    let neutropenia = rule(low, hold(recovered, 1, 10.0));
    let mut flare = rule(high, hold(gone, 0, 0.0));
    flare.daily = true;
    flare.give = Some(CoMedication::daily(2, 20.0));
    let step = Action::Escalate { drug: 0, first: 7.0, every: 7.0, highest: 80.0, regain: true };
    let escalate = rule(gate, step);
    let reduce =
        rule(worn, Action::Reduce { drug: 0, lower: 1, lowest: 20.0, limits: ReductionLimits::default() });
    scenario.rules = vec![neutropenia, flare, escalate, reduce];
    let anc = output(&scenario, "ANC");
    scenario.rules[0].signals = vec![anc];
    let mut start_low = arm(vec![treatment(0, &LEVELS)]);
    start_low.rules = vec![0, 1, 2, 3];
    start_low.treatments[0].days = (1..=21).collect();
    let mut start_high = start_low.clone();
    start_high.treatments[0].start = 3;
    start_high.treatments[0].at = vec![0.0, 0.5];
    scenario.arms = vec![start_low, start_high];
    scenario
}

/// All trajectories of the busy scenario: (scenario, trajectories).
fn trial() -> (Scenario, Vec<Trajectory>) {
    let scenario = busy();
    let all = (0..2 * PATIENTS).map(|number| run_patient(&scenario, number / 2, number % 2)).collect();
    (scenario, all)
}

/// The log replayed: level in force, and whether held, after all decisions up to a time (inclusive).
fn replay(scenario: &Scenario, trajectory: &Trajectory, time: f64) -> (f64, bool, bool) {
    let treatment = &scenario.arms[trajectory.arm].treatments[0];
    let (mut level, mut stopped) = (treatment.levels[treatment.start], false);
    let mut held = [false; 4];
    for decision in trajectory.decisions.iter().filter(|decision| decision.time <= time) {
        match (decision.action, decision.by) {
            (Done::Hold, Why::Rule(rule)) => held[rule] = true,
            (Done::Resume, Why::Rule(rule)) => {
                held[rule] = false;
                if decision.after > 0.0 {
                    level = decision.after;
                }
            }
            (Done::Reduce | Done::Escalate, _) => level = decision.after,
            (Done::Discontinue, _) => (stopped, held) = (true, [false; 4]),
            _ => {}
        }
    }
    (level, held.contains(&true), stopped)
}

#[test]
fn the_log_and_the_doses_agree() {
    let (scenario, trajectories) = trial();
    let mut held_days = 0;
    for trajectory in &trajectories {
        let treatment = &scenario.arms[trajectory.arm].treatments[0];
        let mut given = trajectory.doses.iter().filter(|dose| dose.planned);
        let (mut held_count, mut last_held) = (0, None);
        for day in 0..84 {
            for at in &treatment.at {
                let time = f64::from(day) + at;
                if time >= trajectory.end_time || day % 28 >= 21 {
                    continue;
                }
                let (level, held, stopped) = replay(&scenario, trajectory, time);
                if stopped {
                    continue;
                }
                if held {
                    if last_held != Some(day) {
                        held_count += 1;
                    }
                    last_held = Some(day);
                } else {
                    // The same visit's decision governs the dose: the replay includes decisions of this very time.
                    let dose = given.next().expect("a dose that the log says was given");
                    assert_eq!((dose.time, dose.amount), (time, level));
                }
            }
        }
        assert_eq!(given.next(), None, "no dose while on hold, off or stopped");
        assert_eq!(trajectory.treatment.held_days, held_count);
        held_days += held_count;
    }
    assert!(held_days > 50, "the rules were at work: {held_days}");
}

#[test]
fn never_two_levels_at_once_and_one_change_a_day() {
    let (_, trajectories) = trial();
    let index = |dose: f64| LEVELS.iter().position(|&level| level == dose).expect("a level of the arm");
    let mut changes = [0; 3];
    for trajectory in &trajectories {
        let mut level: usize = if trajectory.arm == 0 { 0 } else { 3 };
        let mut last_change = -1.0;
        for decision in &trajectory.decisions {
            let after = match decision.action {
                Done::Resume if decision.after > 0.0 => index(decision.after),
                Done::Reduce | Done::Escalate => index(decision.after),
                _ => continue,
            };
            assert!(level.abs_diff(after) <= 1, "{decision:?}");
            assert!(decision.time > last_change);
            last_change = decision.time;
            match decision.action {
                Done::Escalate => assert_eq!(after, level + 1),
                Done::Reduce => assert_eq!(after + 1, level),
                _ => assert!(after <= level),
            }
            changes[usize::from(decision.action == Done::Escalate)
                + 2 * usize::from(decision.action == Done::Reduce)] += 1;
            level = after;
        }
    }
    assert!(changes.iter().all(|&count| count > 5), "{changes:?}");
}

#[test]
fn holds_begin_and_end_on_their_conditions() {
    let (scenario, trajectories) = trial();
    let anc = output(&scenario, "ANC");
    let mut seen = 0;
    for trajectory in &trajectories {
        for decision in trajectory.decisions.iter().filter(|decision| decision.by == Why::Rule(0)) {
            let visit = trajectory.visits.iter().find(|visit| visit.time == decision.time);
            let measured = visit.expect("a rule on visits decides at visits").measured[anc];
            assert_eq!((decision.signal, decision.value), (Some(anc), measured));
            match decision.action {
                Done::Hold => assert!(measured < 1.0),
                Done::Resume => assert!(measured >= 1.5),
                other => panic!("{other:?}"),
            }
            seen += 1;
        }
        let fired =
            trajectory.decisions.iter().filter(|d| d.by == Why::Rule(0) && d.action == Done::Hold).count();
        assert_eq!(trajectory.rules_fired[0] as usize, fired);
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_log_names_the_output_that_was_to_blame() {
    let mut scenario = scenario();
    let (anc, marker) = (reads(&scenario, "ANC"), reads(&scenario, "marker"));
    let never = below(anc.clone(), 0.0);
    let risen = memory(&mut scenario, MemoryKind::Ever, not(below(marker, 0.01)));
    let either = Formula::Binary(crate::model::BinaryOperation::Or, Box::new(never.clone()), Box::new(risen));
    scenario.rules = vec![rule(either, hold(never, 0, 0.0))];
    scenario.rules[0].signals = vec![output(&scenario, "ANC"), output(&scenario, "marker")];
    scenario.arms[0].rules = vec![0];
    let trajectory = run(&scenario);
    let decision = &trajectory.decisions[0];
    assert_eq!(decision.signal, Some(output(&scenario, "marker")));
    assert!(decision.value >= 0.01);
}

#[test]
fn every_low_count_on_treatment_is_acted_on() {
    let (scenario, trajectories) = trial();
    let anc = output(&scenario, "ANC");
    for trajectory in &trajectories {
        for visit in trajectory.visits.iter().filter(|visit| visit.time < 84.0 && visit.measured[anc] < 1.0) {
            let (_, held, stopped) = replay(&scenario, trajectory, visit.time);
            assert!(held || stopped, "{}", visit.time);
        }
    }
}

#[test]
fn extra_visits_come_while_held_only() {
    let (scenario, trajectories) = trial();
    let mut extra = 0;
    for trajectory in &trajectories {
        for visit in trajectory.visits.iter().filter(|visit| visit.time % 7.0 != 0.0) {
            assert!(visit.on_hold && visit.schedules == 1);
            extra += 1;
        }
        for pair in trajectory.visits.windows(2) {
            // The hold may end between visits (a daily rule, dropout).
            let (_, held, _) = replay(&scenario, trajectory, pair[0].time + 3.5);
            let gap = pair[1].time - pair[0].time;
            let begun = trajectory.decisions.iter().rev();
            let begun = begun.clone().find(|d| d.action == Done::Hold && d.time < pair[1].time);
            let at_visit = begun.is_some_and(|decision| decision.time <= pair[0].time);
            assert!(gap <= if held && at_visit { 3.5 } else { 7.0 }, "{gap}");
        }
    }
    assert!(extra > 10, "{extra}");
}

#[test]
fn a_visit_is_measured_with_the_same_error_in_every_arm() {
    let (scenario, trajectories) = trial();
    let anc = output(&scenario, "ANC");
    let mut common = 0;
    for pair in trajectories.chunks_exact(2) {
        for visit in &pair[0].visits {
            let Some(other) = pair[1].visits.iter().find(|other| other.time == visit.time) else { continue };
            let ratio = |visit: &crate::simulation::Visit| (visit.measured[anc] / visit.truth[anc]).ln();
            assert!((ratio(visit) - ratio(other)).abs() < 1e-12);
            assert!(ratio(visit) != 0.0);
            common += 1;
        }
    }
    assert!(common > 200, "{common}");
}

#[test]
fn co_medication_is_given_daily_during_its_hold() {
    let (_, trajectories) = trial();
    let mut given = 0;
    for trajectory in &trajectories {
        let mut days = Vec::new();
        let mut since = None;
        for decision in trajectory.decisions.iter().filter(|decision| decision.drug == 2) {
            match decision.action {
                Done::StartCoMedication => since = Some(decision.time),
                Done::StopCoMedication => {
                    let from: f64 = since.take().expect("a start before the stop");
                    days.extend((from.ceil() as u32..).map(f64::from).take_while(|&day| day < decision.time));
                }
                other => panic!("{other:?}"),
            }
        }
        if let Some(from) = since {
            days.extend((from.ceil() as u32..).map(f64::from).take_while(|&day| day < trajectory.end_time));
        }
        let doses: Vec<f64> = trajectory.doses.iter().filter(|d| !d.planned).map(|d| d.time).collect();
        assert_eq!(doses, days);
        given += doses.len();
    }
    assert!(given > 10, "{given}");
}

#[test]
fn daily_rules_see_the_true_marker_of_the_day() {
    let (scenario, trajectories) = trial();
    let marker = output(&scenario, "marker");
    let mut between = 0;
    for trajectory in &trajectories {
        for decision in trajectory.decisions.iter().filter(|d| d.by == Why::Rule(1) && d.action == Done::Hold)
        {
            assert_eq!(decision.time.fract(), 0.0);
            match trajectory.visits.iter().find(|visit| visit.time == decision.time) {
                Some(visit) => assert!(visit.truth[marker] >= 0.2),
                None => between += 1,
            }
        }
    }
    assert!(between > 0);
}

/// Escalation alone; ANC high enough never to matter.
fn stepping(when: Formula, first: f64, every: f64, highest: f64) -> Scenario {
    let mut scenario = scenario();
    scenario.rules = vec![rule(when, Action::Escalate { drug: 0, first, every, highest, regain: false })];
    scenario.arms = vec![arm(vec![treatment(0, &LEVELS)])];
    scenario.arms[0].rules = vec![0];
    scenario
}

fn days_of(trajectory: &Trajectory, action: Done) -> Vec<f64> {
    let decisions = trajectory.decisions.iter();
    decisions.filter(|decision| decision.action == action).map(|decision| decision.time).collect()
}

#[test]
fn planned_steps_keep_their_grid() {
    let always = Formula::Constant(1.0);
    let trajectory = run(&stepping(always.clone(), 10.0, 10.0, 40.0));
    assert_eq!(days_of(&trajectory, Done::Escalate), [10.0, 20.0], "up to the highest level allowed");
    assert_eq!(trajectory.treatment.daily_level[9..=20], [vec![10.0], vec![20.0; 10], vec![40.0]].concat());
    assert_eq!(trajectory.treatment.daily_level.len(), 84);
}

#[test]
fn a_pending_step_waits_and_does_not_add_up() {
    // The gate opens on day 45 of the trial.
    let mut scenario = stepping(Formula::Constant(1.0), 14.0, 14.0, 80.0);
    let day = Formula::Symbol(crate::model::Symbol::Trial(crate::model::TrialQuantity::Day));
    scenario.rules[0].when = not(below(day, 45.0));
    assert_eq!(days_of(&run(&scenario), Done::Escalate), [45.0, 56.0, 70.0]);
}

#[test]
fn a_level_lost_by_a_reduction_is_climbed_again_only_if_the_rule_says_so() {
    // From 10 mg over 20 to 40 mg, two planned steps; a reduction at the visit on day 29, of one level.
    let mut scenario = stepping(Formula::Constant(1.0), 10.0, 10.0, 40.0);
    let day = || Formula::Symbol(crate::model::Symbol::Trial(crate::model::TrialQuantity::Day));
    let once = Formula::Binary(
        crate::model::BinaryOperation::And,
        Box::new(not(below(day(), 28.0))),
        Box::new(below(day(), 29.0)),
    );
    scenario.rules.push(rule(
        once,
        Action::Reduce { drug: 0, lower: 1, lowest: 0.0, limits: ReductionLimits::default() },
    ));
    scenario.arms[0].rules = vec![0, 1];
    let trajectory = run(&scenario);
    assert_eq!(days_of(&trajectory, Done::Reduce), [28.0]);
    assert_eq!(days_of(&trajectory, Done::Escalate), [10.0, 20.0]);
    let Action::Escalate { regain, .. } = &mut scenario.rules[0].action else { panic!("no escalation") };
    *regain = true;
    assert_eq!(days_of(&run(&scenario), Done::Escalate), [10.0, 20.0, 30.0]);
}

#[test]
fn discontinuation_ends_doses_and_treatment() {
    let mut scenario = scenario();
    let day = Formula::Symbol(crate::model::Symbol::Trial(crate::model::TrialQuantity::Day));
    scenario.rules = vec![rule(not(below(day, 15.0)), Action::Discontinue { drug: None })];
    scenario.arms[0].rules = vec![0];
    scenario.arms[0].treatments.push(treatment(2, &[5.0]));
    let trajectory = run(&scenario);
    // A rule on visits acts at the next visit.
    assert_eq!(trajectory.treatment.discontinued, Some((21.0, Why::Rule(0))));
    assert_eq!(trajectory.doses.len(), 2 * 21);
    assert_eq!(trajectory.end, End::Completed);
    let visits = trajectory.visits.iter();
    assert!(visits.clone().all(|v| v.on_treatment == (v.time > 0.0 && v.time <= 21.0)));
    assert_eq!(trajectory.visits.len(), 13);
    let on = output(&scenario, "on");
    assert_eq!(trajectory.visits[4].truth[on], 0.0, "a control driven by treatment follows");
}

#[test]
fn stopping_one_drug_leaves_the_other() {
    let mut scenario = scenario();
    let always = Formula::Constant(1.0);
    scenario.rules = vec![rule(always, Action::Discontinue { drug: Some(2) })];
    scenario.arms[0].rules = vec![0];
    scenario.arms[0].treatments.push(treatment(2, &[5.0]));
    let trajectory = run(&scenario);
    assert_eq!(trajectory.treatment.discontinued, None);
    assert_eq!(trajectory.doses.len(), 84);
    let stops = trajectory.decisions.iter().filter(|decision| decision.action == Done::Discontinue);
    assert_eq!(stops.count(), 1);
}

/// A signal on a second schedule.
fn restaged(scenario: &mut Scenario, formula: Formula, daily: bool) -> Formula {
    let unit = super::fixture::one();
    scenario.visits.push(VisitSchedule {
        name: "restaging".into(),
        times: every(10.0, 84.0),
        text: Vec::new(),
    });
    scenario.signals.push(Signal {
        name: "signal".into(),
        about: String::new(),
        text: String::new(),
        formula,
        unit,
        logical: true,
        schedule: 1,
        daily,
    });
    Formula::Symbol(crate::model::Symbol::Signal(0))
}

#[test]
fn a_signal_is_read_on_its_own_schedule() {
    let mut scenario = scenario();
    let day = Formula::Symbol(crate::model::Symbol::Trial(crate::model::TrialQuantity::Day));
    let signal = restaged(&mut scenario, not(below(day, 25.0)), false);
    scenario.rules = vec![rule(signal, Action::Discontinue { drug: None })];
    scenario.arms[0].rules = vec![0];
    let trajectory = run(&scenario);
    for visit in &trajectory.visits {
        let restaging = visit.schedules & 2 != 0;
        assert_eq!(restaging, visit.time % 10.0 == 0.0);
        assert_eq!(visit.signals[0] != 0.0, restaging && visit.time >= 25.0);
    }
    // Day 30 is a restaging without laboratory visit: the rule acts all the same.
    assert_eq!(trajectory.treatment.discontinued, Some((30.0, Why::Rule(0))));
}

#[test]
fn nothing_is_decided_at_the_horizon() {
    let mut scenario = scenario();
    let day = Formula::Symbol(crate::model::Symbol::Trial(crate::model::TrialQuantity::Day));
    scenario.rules = vec![rule(not(below(day, 84.0)), Action::Discontinue { drug: None })];
    scenario.arms[0].rules = vec![0];
    let trajectory = run(&scenario);
    assert_eq!(trajectory.visits.last().map(|visit| visit.time), Some(84.0));
    assert_eq!(trajectory.decisions, Vec::<Decision>::new());
    assert!(trajectory.doses.iter().all(|dose| dose.time < 84.0));
}
