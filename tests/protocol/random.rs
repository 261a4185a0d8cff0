//! What must hold of every protocol, whatever its rules: random scenarios on a small model, through the file that a user
//! would write, each patient simulated and the log read against the doses.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use regimen::scenario::Scenario;
use regimen::simulation::{Decision, Done, Trajectory, Why};

use super::Files;

/// A drug with a count and a marker, all in closed form, so that a course takes no time.
const MODEL: &str = r#"
title = "A drug that lowers a count"
time = "d"
[parameters]
k = { value = 0.7, unit = "1/d" }
out = { value = 0.2, unit = "1/d" }
[individual]
base = { typical = "4", distribution = "log-normal", omega = 0.5 }
depth = { typical = "0.1", distribution = "log-normal", omega = 0.8 }
[states]
A = { unit = "mg", rate = "-k * A" }
N = { unit = "1", initial = "base", rate = "out * (base - N) - out * depth * A / (1 mg)" }
M = { unit = "mg", rate = "0.1 1/d * (A - M)" }
S = { unit = "mg", rate = "-1 1/d * S" }
[doses]
drug = { into = "A" }
steroid = { into = "S" }
[outputs]
count = { unit = "1", value = "N", error = { exponential = 0.2 } }
marker = { unit = "mg", value = "M" }
"#;

/// Levels of the treatment, mg; all made of the tablets.
const LEVELS: [f64; 5] = [2.5, 5.0, 10.0, 15.0, 25.0];
const STRENGTHS: [f64; 2] = [2.5, 10.0];
const MOST_TABLETS: u32 = 4;
const HORIZON: f64 = 120.0;

/// A rule: its text, and for a hold what it says of time, d.
#[derive(Debug, Clone)]
struct Written {
    text: String,
    after: f64,
}

fn hold() -> impl Strategy<Value = Written> {
    let lower = prop_oneof![Just("same level"), Just("one level lower"), Just("2 levels lower")];
    (0.5..3.0_f64, 0.1..1.0_f64, lower, 0_u32..25, any::<bool>(), 0_u32..4).prop_map(
        |(limit, more, lower, after, daily, choice)| {
            let resume = limit + more;
            let limits = match choice {
                0 => ", reductions_at_most = 2",
                1 => ", below_lowest = \"discontinue\"",
                2 => ", at_most = \"40 d\"",
                _ => "",
            };
            let check = if daily { "check = \"daily\"\n" } else { "" };
            let text = format!(
                "{check}when = \"count < {limit}\"\nhold = \"drug\"\nresume = {{ when = \"count >= {resume}\", at = \"{lower}\", after = \"{after} d\"{limits} }}\ngive = {{ drug = \"steroid\", dose = \"20 mg\" }}\n"
            );
            Written { text, after: f64::from(after) }
        },
    )
}

fn other() -> impl Strategy<Value = Written> {
    let plain = |text: String| Written { text, after: 0.0 };
    prop_oneof![
        (0.5..3.0_f64).prop_map(move |limit| plain(format!("when = \"count < {limit}\"\nreduce = \"drug\"\nlowest = \"5 mg\"\n"))),
        (7_u32..30).prop_map(move |every| plain(format!("escalate = \"drug\"\nevery = \"{every} d\"\nto = \"25 mg\"\nwhen = \"count > 1\"\n"))),
        (7_u32..30).prop_map(move |after| plain(format!("re_escalate = \"drug\"\nafter = \"{after} d\"\nwhen = \"count > 2\"\n"))),
        (1.0..8.0_f64, 0.4..1.8_f64).prop_map(move |(limit, factor)| plain(format!(
            "adjust = \"drug\"\nwhen = \"marker < {limit} mg\"\ndose = \"dose * {factor}\"\nlargest = \"35 mg\"\n"
        ))),
        (2.0..5.0_f64).prop_map(move |limit| plain(format!("start = \"drug\"\nwhen = \"count >= {limit}\"\nat_most = \"60 d\"\n"))),
        (20_u32..100).prop_map(move |day| plain(format!("when = \"day >= {day} d and count < 1.5\"\ndiscontinue = \"drug\"\n"))),
        (0.5..3.0_f64, 1_u32..9).prop_map(move |(limit, span)| plain(format!(
            "when = \"count < {limit}\"\ngive = {{ drug = \"steroid\", dose = \"10 mg\", for = \"{span} d\" }}\n"
        ))),
    ]
}

#[derive(Debug, Clone)]
struct Protocol {
    rules: Vec<Written>,
    start: usize,
    spacing: u32,
    conduct: u32,
    seed: u32,
}

fn protocol() -> impl Strategy<Value = Protocol> {
    let rules = proptest::collection::vec(prop_oneof![2 => hold(), 3 => other()], 1..6);
    (rules, 0..LEVELS.len(), 1_u32..15, 0_u32..4, 0_u32..1000)
        .prop_map(|(rules, start, spacing, conduct, seed)| Protocol { rules, start, spacing, conduct, seed })
}

impl Protocol {
    /// The scenario file; `order` are the rules that the arm names.
    fn file(&self, order: &[usize]) -> String {
        let levels: Vec<String> = LEVELS.iter().map(|level| format!("\"{level} mg\"")).collect();
        let tablets: Vec<String> = STRENGTHS.iter().map(|strength| format!("\"{strength} mg\"")).collect();
        let named: Vec<String> = order.iter().map(|rule| format!("\"rule {rule}\"")).collect();
        let (visits, adherence) = match self.conduct {
            1 => ("missed = \"20 %\"\nlate = [0.7, 0.2, 0.1]\n", ""),
            2 => {
                ("while_held = \"3 d\"\n", "[adherence]\ndrug = { after_taken = 0.9, after_missed = 0.5 }\n")
            }
            3 => ("", "[laboratory]\ncount = { delay = \"1 d\", error = { proportional = \"10 %\" } }\n"),
            _ => ("", ""),
        };
        let mut file = format!(
            "title = \"t\"\nmodel = \"model\"\nhorizon = \"{HORIZON} d\"\nseed = {}\n[population]\npatients = 4\n[visits]\nlaboratory = \"every {} d\"\n{visits}{adherence}[[arm]]\nname = \"arm\"\ntreatment = [{{ drug = \"drug\", levels = [{}], start = \"{} mg\", days = \"1-21\", tablets = [{}], tablets_at_most = {MOST_TABLETS} }}]\nrules = [{}]\n",
            self.seed,
            self.spacing,
            levels.join(", "),
            LEVELS[self.start],
            tablets.join(", "),
            named.join(", "),
        );
        for (number, rule) in self.rules.iter().enumerate() {
            let _ = write!(file, "[[rule]]\nname = \"rule {number}\"\n{}", rule.text);
        }
        file
    }

    fn run(&self, order: &[usize]) -> (Scenario, Vec<Trajectory>) {
        Files { model: MODEL, scenario: self.file(order), ..Files::default() }.run()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.rules.len()).collect()
    }
}

/// What the log says of the drug at a time: (dose in force, on hold, stopped). The levels in force are told by `after` of
/// every decision that changes them.
fn told(start: f64, decisions: &[Decision], time: f64) -> (f64, bool, bool) {
    let (mut dose, mut held, mut stopped) = (start, Vec::new(), false);
    for decision in decisions.iter().filter(|decision| decision.drug == 0 && decision.time <= time) {
        match decision.action {
            Done::Hold => held.push(decision.by),
            Done::Resume => {
                held.retain(|by| *by != decision.by);
                if decision.after > 0.0 {
                    dose = decision.after;
                }
            }
            Done::Reduce | Done::Escalate | Done::Adjust => dose = decision.after,
            Done::Discontinue => stopped = true,
            Done::StartCoMedication | Done::StopCoMedication => {}
        }
    }
    (dose, !held.is_empty(), stopped)
}

/// Numbers of tablets that make a dose, by search.
fn can_be_made(dose: f64, left: u32) -> bool {
    dose.abs() < 1e-9 || (left > 0 && dose > 0.0 && STRENGTHS.iter().any(|s| can_be_made(dose - s, left - 1)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_log_and_the_doses_agree(protocol in protocol()) {
        let (scenario, trajectories) = protocol.run(&protocol.all());
        for trajectory in &trajectories {
            let planned: Vec<_> = trajectory.doses.iter().filter(|dose| dose.planned).collect();
            // Never two levels at once: one planned dose of the drug a day.
            prop_assert!(planned.windows(2).all(|pair| pair[0].time < pair[1].time));
            for dose in &planned {
                let (level, held, stopped) = told(LEVELS[protocol.start], &trajectory.decisions, dose.time);
                prop_assert!(!held && !stopped, "a dose on hold or after the end, day {}", dose.time);
                prop_assert_eq!(dose.amount, level, "day {}", dose.time);
                prop_assert!(can_be_made(dose.amount, MOST_TABLETS), "{} mg is no sum of tablets", dose.amount);
            }
            // Where the drug is neither held nor stopped, doses that the plan has are given, unless they are forgotten.
            if protocol.conduct != 2 {
                let expected = (0..HORIZON as u32).map(f64::from).filter(|day| day % 28.0 < 21.0).filter(|day| {
                    let (dose, held, stopped) = told(LEVELS[protocol.start], &trajectory.decisions, *day);
                    !held && !stopped && dose > 0.0
                });
                let expected: Vec<f64> = expected.collect();
                prop_assert_eq!(planned.iter().map(|dose| dose.time).collect::<Vec<_>>(), expected);
            }
            // Nothing that is logged goes beyond what the rule says.
            for decision in &trajectory.decisions {
                let Why::Rule(rule) = decision.by else { continue };
                prop_assert!(scenario.arms[0].rules.contains(&rule));
            }
        }
    }

    #[test]
    fn a_hold_ends_only_when_its_condition_holds_and_its_time_has_come(protocol in protocol()) {
        let (scenario, trajectories) = protocol.run(&protocol.all());
        for trajectory in &trajectories {
            for (place, decision) in trajectory.decisions.iter().enumerate() {
                let (Done::Resume, Why::Rule(rule)) = (decision.action, decision.by) else { continue };
                let name = &scenario.rules[rule].name;
                let number: usize = name.trim_start_matches("rule ").parse().expect("a number");
                let written = &protocol.rules[number];
                let before = trajectory.decisions[..place].iter().rev();
                let begun = before.filter(|earlier| earlier.by == decision.by && earlier.action == Done::Hold);
                let begun = begun.map(|earlier| earlier.time).next().expect("a hold before its end");
                prop_assert!(decision.time - begun >= written.after - 1e-9, "{begun} {}", decision.time);
                // The count that was known: of the last visit.
                let visit = trajectory.visits.iter().rev().find(|visit| visit.time <= decision.time);
                let count = visit.expect("a visit").measured[0];
                let limit = written.text.split("count >= ").nth(1).and_then(|rest| rest.split('"').next());
                let limit: f64 = limit.expect("a condition").parse().expect("a number");
                prop_assert!(count >= limit, "resumed at {count}, below {limit}");
            }
        }
    }

    /// Rules that act on different drugs know nothing of each other.
    #[test]
    fn the_order_of_independent_rules_changes_nothing(
        protocol in protocol(), limit in 0.5..3.0_f64, place in any::<prop::sample::Index>(),
    ) {
        let mut protocol = protocol;
        let steroid = format!("when = \"count < {limit}\"\ngive = {{ drug = \"steroid\", dose = \"5 mg\" }}\n");
        protocol.rules.push(Written { text: steroid, after: 0.0 });
        let all = protocol.all();
        let mut moved = all[..all.len() - 1].to_vec();
        moved.insert(place.index(all.len()), all.len() - 1);
        let ((first, trajectories), (second, others)) = (protocol.run(&all), protocol.run(&moved));
        let sorted = |scenario: &Scenario, trajectory: &Trajectory| {
            let mut told: Vec<String> = trajectory.decisions.iter().map(|decision| {
                let Why::Rule(rule) = decision.by else { return String::new() };
                format!("{:?} {} {:?} {:?}", decision.time, scenario.rules[rule].name, decision.action, decision.after)
            }).collect();
            told.sort();
            told
        };
        for (one, other) in trajectories.iter().zip(&others) {
            prop_assert_eq!(sorted(&first, one), sorted(&second, other));
            let of_drug = |trajectory: &Trajectory| trajectory.doses.iter().filter(|dose| dose.route == 0).copied().collect::<Vec<_>>();
            prop_assert_eq!(of_drug(one), of_drug(other));
            prop_assert_eq!(
                one.visits.iter().map(|visit| visit.measured.clone()).collect::<Vec<_>>(),
                other.visits.iter().map(|visit| visit.measured.clone()).collect::<Vec<_>>()
            );
        }
    }

    /// A patient misses the same visits whatever the rules are.
    #[test]
    fn what_a_patient_misses_is_the_patients_own(protocol in protocol()) {
        let protocol = Protocol { conduct: 1, ..protocol };
        let without = Protocol { rules: Vec::new(), ..protocol.clone() };
        let ((_, with_rules), (_, plain)) = (protocol.run(&protocol.all()), without.run(&[]));
        let times = |trajectory: &Trajectory| trajectory.visits.iter().map(|visit| visit.time).collect::<Vec<_>>();
        for (one, other) in with_rules.iter().zip(&plain) {
            prop_assert_eq!(times(one), times(other));
        }
    }
}

#[test]
fn random_protocols_do_something() {
    // A property of nothing would hold too: over a fixed set of protocols every kind of decision is made.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::HashMap::new();
    for _ in 0..80 {
        let protocol = protocol().new_tree(&mut runner).expect("a protocol").current();
        for trajectory in protocol.run(&protocol.all()).1 {
            trajectory.decisions.iter().for_each(|decision| *seen.entry(decision.action).or_insert(0) += 1);
        }
    }
    for action in [
        Done::Hold,
        Done::Resume,
        Done::Reduce,
        Done::Escalate,
        Done::Adjust,
        Done::Discontinue,
        Done::StartCoMedication,
    ] {
        assert!(seen.get(&action).is_some_and(|count| *count > 20), "{action:?}: {seen:?}");
    }
}
