//! Where two courses of one patient part.
//!
//! Decisions, doses and events are compared in time order, by what they did and not by which rule did it: a hold is the same
//! hold under another rule's name. The earliest difference is the cause; at one moment a decision explains the dose that follows
//! from it.

use super::result::Change;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::simulation::{Decision, Dose, Event, Trajectory, Why};

/// Times this close are one moment, d.
const MOMENT: f64 = 1e-6;
/// Doses and levels this close, relatively, are the same.
const SAME: f64 = 1e-9;

/// What is kept of a course to find out.
#[derive(Debug)]
pub struct History {
    decisions: Vec<Decision>,
    doses: Vec<Dose>,
    events: Vec<Event>,
}

impl History {
    /// Of a course.
    pub fn of(course: &Trajectory) -> Self {
        Self {
            decisions: course.decisions.clone(),
            doses: course.doses.clone(),
            events: course.events.clone(),
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
struct Happening {
    time: f64,
    /// For comparison: what it did, whoever decided.
    key: String,
    amounts: [f64; 2],
    /// By what: "rule `hold for low counts`".
    by: String,
    /// "hold".
    what: &'static str,
    text: String,
    signal: Option<String>,
}

/// Where the histories part, if they do.
pub fn parting(scenarios: [&Scenario; 2], first: &History, second: &History) -> Option<Change> {
    let of = |list: fn(&Scenario, &History) -> Vec<Happening>| {
        part(&list(scenarios[0], first), &list(scenarios[1], second))
    };
    let found = [of(decisions), of(events), of(doses)];
    // Of equals the first: a decision before the event or the dose of the same moment.
    found
        .into_iter()
        .flatten()
        .reduce(|best, other| if other.time < best.time - MOMENT { other } else { best })
}

/// The first place at which two lists differ.
fn part(first: &[Happening], second: &[Happening]) -> Option<Change> {
    let same = |a: &Happening, b: &Happening| {
        (a.time - b.time).abs() <= MOMENT
            && a.key == b.key
            && a.amounts.iter().zip(b.amounts).all(|(a, b)| (a - b).abs() <= SAME * a.abs().max(b.abs()))
    };
    let place = first.iter().zip(second).take_while(|(a, b)| same(a, b)).count();
    let (a, b) = (first.get(place), second.get(place));
    let time = |it: Option<&Happening>| it.map_or(f64::INFINITY, |it| it.time);
    let earliest = time(a).min(time(b));
    // What comes later in the one is no part of this moment.
    let now = |it: &&Happening| it.time <= earliest + MOMENT;
    let (a, b) = (a.filter(now), b.filter(now));
    let told = |it: &Happening| format!("{}: {}", it.by, it.what);
    let kind = match (a, b) {
        (None, None) => return None,
        (Some(a), None) => format!("{}, only in the first", told(a)),
        (None, Some(b)) => format!("{}, only in the second", told(b)),
        (Some(a), Some(b)) if told(a) == told(b) => format!("{}, differently", told(a)),
        (Some(a), Some(b)) => format!("{} in the first, {} in the second", told(a), told(b)),
    };
    Some(Change {
        time: earliest,
        kind,
        signal: a.or(b).and_then(|it| it.signal.clone()),
        happened: [a, b].map(|it| it.map_or(String::new(), |it| it.text.clone())),
    })
}

fn decisions(scenario: &Scenario, history: &History) -> Vec<Happening> {
    let model = &scenario.model;
    let told = |decision: &Decision| {
        let route = &model.routes[decision.drug];
        let (before, after) = (route.unit.show(decision.before), route.unit.show(decision.after));
        let what = decision.action.name();
        let signal = decision.signal.map(|output| {
            let output = &model.outputs[output];
            format!("{} {} {}", output.name, rounded(output.unit.show(decision.value)), output.unit.name)
        });
        Happening {
            time: decision.time,
            key: format!("{what} {}", route.name),
            amounts: [decision.before, decision.after],
            by: by(scenario, decision.by),
            what,
            text: format!(
                "{what} {}, {} → {} {}",
                route.name,
                rounded(before),
                rounded(after),
                route.unit.name
            ),
            signal,
        }
    };
    history.decisions.iter().map(told).collect()
}

fn events(scenario: &Scenario, history: &History) -> Vec<Happening> {
    let told = |event: &Event| {
        let name = hazard(&scenario.model, event.hazard);
        Happening {
            time: event.time,
            key: name.to_owned(),
            amounts: [0.0; 2],
            by: format!("hazard `{name}`"),
            what: "event",
            text: name.to_owned(),
            signal: None,
        }
    };
    history.events.iter().map(told).collect()
}

fn doses(scenario: &Scenario, history: &History) -> Vec<Happening> {
    let told = |dose: &Dose| {
        let route = &scenario.model.routes[dose.route];
        Happening {
            time: dose.time,
            key: route.name.clone(),
            amounts: [dose.amount, 0.0],
            by: if dose.planned { "plan".to_owned() } else { "co-medication".to_owned() },
            what: "dose",
            text: format!("{} {} {}", route.name, rounded(route.unit.show(dose.amount)), route.unit.name),
            signal: None,
        }
    };
    history.doses.iter().map(told).collect()
}

fn by(scenario: &Scenario, why: Why) -> String {
    match why {
        Why::Rule(rule) => format!("rule `{}`", scenario.rules.get(rule).map_or("", |rule| &rule.name)),
        Why::Hazard(number) => format!("hazard `{}`", hazard(&scenario.model, number)),
    }
}

fn hazard(model: &Model, number: usize) -> &str {
    model.hazards.get(number).map_or("", |hazard| &hazard.name)
}

/// Three significant digits.
fn rounded(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happening(time: f64, key: &str, amounts: [f64; 2]) -> Happening {
        Happening {
            time,
            key: key.to_owned(),
            amounts,
            by: format!("rule `{key}`"),
            what: "hold",
            text: format!("{key} {amounts:?}"),
            signal: None,
        }
    }

    #[test]
    fn the_first_difference_is_told_on_the_side_that_has_it() {
        let common = happening(1.0, "x", [10.0, 0.0]);
        let (early, late) = (happening(8.0, "x", [10.0, 0.0]), happening(29.0, "x", [10.0, 0.0]));
        let found = part(&[common.clone(), late.clone()], &[common.clone(), early.clone(), late.clone()]);
        let found = found.expect("a difference");
        assert_eq!((found.time, found.kind.as_str()), (8.0, "rule `x`: hold, only in the second"));
        assert_eq!(found.happened[0], "");
        let found =
            part(&[common.clone(), late.clone()], std::slice::from_ref(&common)).expect("a difference");
        assert_eq!((found.time, found.kind.as_str()), (29.0, "rule `x`: hold, only in the first"));
        let other = happening(29.0, "x", [10.0, 5.0]);
        let found = part(&[common.clone(), late.clone()], &[common.clone(), other]).expect("a difference");
        assert_eq!(found.kind, "rule `x`: hold, differently");
        assert_eq!(part(&[common.clone(), late.clone()], &[common, late]), None);
    }
}
