//! What the decision log says of why, by whom and about which drugs.

use super::fixture::{
    arm, below, hold, not, output, reads, rule, run, run_patient, scenario, treatment, with_hazards,
};
use crate::model::{BinaryOperation, Formula, Symbol, TrialQuantity};
use crate::scenario::{Action, Scenario};
use crate::simulation::{Decision, Done, Trajectory, Why};

fn both(a: Formula, b: Formula) -> Formula {
    Formula::Binary(BinaryOperation::And, Box::new(a), Box::new(b))
}

fn either(a: Formula, b: Formula) -> Formula {
    Formula::Binary(BinaryOperation::Or, Box::new(a), Box::new(b))
}

fn at_least(a: Formula, b: f64) -> Formula {
    not(below(a, b))
}

/// The typical patient, measured without error, under one rule.
fn under(when: Formula, action: Action) -> Scenario {
    let mut scenario = scenario();
    scenario.variability = false;
    scenario.rules = vec![rule(when, action)];
    scenario.rules[0].daily = true;
    scenario.arms = vec![arm(vec![treatment(0, &[10.0, 20.0, 40.0])])];
    scenario.arms[0].rules = vec![0];
    scenario
}

fn first(trajectory: &Trajectory, action: Done) -> &Decision {
    trajectory.decisions.iter().find(|decision| decision.action == action).expect("it was decided")
}

#[test]
fn a_resumption_named_the_output_read_first_not_the_one_waited_for() {
    let base = scenario();
    let (anc, marker) = (|| reads(&base, "ANC"), || reads(&base, "marker"));
    let recovered = || both(at_least(anc(), 0.5), below(marker(), 0.01));
    let named = |when: Formula, resume: Formula| {
        let trajectory = run(&under(when, hold(resume, 0, 0.0)));
        let decision = first(&trajectory, Done::Resume);
        (base.model.outputs[decision.signal.expect("a signal")].name.clone(), decision.value)
    };
    // The count is always high enough; it is the marker that has to fall.
    let (signal, value) = named(at_least(marker(), 0.02), recovered());
    assert!(signal == "marker" && value > 0.0 && value < 0.01, "{signal} {value}");
    // Held by either, and let go by the one that held.
    let (signal, _) = named(either(below(anc(), 0.5), at_least(marker(), 0.02)), at_least(anc(), 0.5));
    assert_eq!(signal, "marker");
    // `not (a or b)` is what `and` is.
    let neither = not(either(below(anc(), 0.5), at_least(marker(), 0.01)));
    assert_eq!(named(at_least(marker(), 0.02), neither).0, "marker");
}

#[test]
fn an_escalation_named_the_output_read_first_not_the_one_waited_for() {
    let base = scenario();
    let gate = |from: f64| both(at_least(reads(&base, "ANC"), 0.5), at_least(reads(&base, "marker"), from));
    let step = Action::Escalate { drug: 0, first: 2.0, every: 100.0, highest: 40.0, regain: false };
    let (anc, marker) = (output(&base, "ANC"), output(&base, "marker"));
    let scenario = under(gate(0.025), step.clone());
    let trajectory = run(&scenario);
    let decision = first(&trajectory, Done::Escalate);
    assert!(decision.time > 2.0, "the step had to wait: {}", decision.time);
    assert_eq!(decision.signal, Some(marker));
    assert!(decision.value >= 0.025);
    // A step that nothing kept waiting names what its gate reads first.
    let trajectory = run(&under(gate(0.0), step));
    let decision = first(&trajectory, Done::Escalate);
    assert_eq!((decision.time, decision.signal), (2.0, Some(anc)));
}

#[test]
fn stopping_everything_was_logged_without_drugs_and_levels() {
    let day = Formula::Symbol(Symbol::Trial(TrialQuantity::Day));
    let mut scenario = under(at_least(day, 15.0), Action::Discontinue { drug: None });
    scenario.arms[0].treatments[0].start = 1;
    scenario.arms[0].treatments.push(treatment(2, &[5.0]));
    // A second plan of the same drug is the same drug.
    scenario.arms[0].treatments.push(treatment(2, &[5.0]));
    let trajectory = run(&scenario);
    let stop = |drug, before| Decision {
        time: 15.0,
        by: Why::Rule(0),
        signal: None,
        value: 0.0,
        action: Done::Discontinue,
        drug,
        before,
        after: 0.0,
    };
    assert_eq!(trajectory.decisions, [stop(0, 20.0), stop(2, 5.0)]);
    assert_eq!(trajectory.rules_fired, [1], "one decision, whatever it stops");
}

#[test]
fn a_dropout_was_logged_without_hazard_drugs_and_levels() {
    let mut scenario = with_hazards();
    scenario.arms[0].treatments = vec![treatment(0, &[10.0]), treatment(2, &[5.0])];
    let dropout =
        scenario.model.hazards.iter().position(|hazard| hazard.name == "dropout").expect("a hazard");
    let mut seen = 0;
    for number in 0..40 {
        let trajectory = run_patient(&scenario, number, 0);
        let Some((time, why)) = trajectory.treatment.discontinued else { continue };
        assert_eq!(why, Why::Hazard(dropout));
        let logged: Vec<_> = trajectory
            .decisions
            .iter()
            .map(|d| (d.time, d.by, d.action, d.drug, d.before, d.after))
            .collect();
        let stop = |drug, before| (time, why, Done::Discontinue, drug, before, 0.0);
        assert_eq!(logged, [stop(0, 10.0), stop(2, 5.0)]);
        seen += 1;
    }
    assert!(seen > 10, "{seen} dropouts");
}
