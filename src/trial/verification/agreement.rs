//! One course beside a more accurate one of the same patient in the same arm.

use crate::endpoint::{self, Value};
use crate::scenario::{EndpointDefinition, EndpointKind, Scenario};
use crate::simulation::{Decision, Dose, Trajectory, Visit, Why};

/// Doses, visits and decisions of rules this close in time are the same ones, d.
const MOMENT: f64 = 1e-9;
/// Times to an event that differ by more than this have changed, d (a quarter of an hour).
const SAME_TIME: f64 = 0.01;

/// How far a course agrees with a more accurate one.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Where the two histories part; `None` if they are one.
    pub parting: Option<Parting>,
    /// By the scenario's endpoints.
    pub endpoints: Vec<EndpointAgreement>,
    /// By the scenario's key outputs, true values up to the parting: largest difference at a visit over the largest magnitude
    /// at visits and recorded times.
    pub at_visits: Vec<f64>,
    /// The same of the times of all records that hold the output; `None` where none does.
    pub recorded: Vec<Option<f64>>,
}

/// Where two histories part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parting {
    /// d.
    pub time: f64,
    /// The first thing that one has and the other has not.
    pub what: Parted,
}

/// What parts two histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parted {
    /// A decision of a rule.
    Rule(usize),
    /// An event of a hazard.
    Hazard(usize),
    /// A dose on a route.
    Dose(usize),
    /// A visit.
    Visit,
}

/// How far the values of an endpoint agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EndpointAgreement {
    /// Difference of quantities or times, coherent units; `None` where there is none to take.
    pub absolute: Option<f64>,
    /// The same over the more accurate value; `None` where that is 0 and the other is not.
    pub relative: Option<f64>,
    /// Another category, grade or truth; missing in one only; an event in one only, or over 0.01 d later or earlier;
    /// another visit or recorded time picked out, or over 0.01 d more or fewer days counted.
    pub changed: bool,
}

impl Agreement {
    /// Of two courses that came to an end, the second being the more accurate one.
    pub fn between(scenario: &Scenario, course: &Trajectory, truth: &Trajectory) -> Self {
        let parting = parting(course, truth);
        let until = parting.map_or(f64::INFINITY, |parting| parting.time + MOMENT);
        let outputs = scenario.key_outputs();
        let of_endpoint = |definition: &EndpointDefinition| {
            let value = |trajectory| endpoint::evaluate(definition, scenario, trajectory);
            of_values(&definition.kind, &value(course), &value(truth))
        };
        let of_output = |output: usize| {
            let visits = course.visits.iter().zip(&truth.visits).take_while(|(visit, _)| visit.time <= until);
            let seen = visits.map(|(visit, other)| (visit.truth[output], other.truth[output]));
            let mut recorded = recorded(scenario, course, truth, output, until).peekable();
            let is_recorded = recorded.peek().is_some();
            let (seen, recorded) = (Extent::of(seen), Extent::of(recorded));
            // At visits a drug may be all but gone in all of a course, and what is left of it rounding.
            let scale = seen.magnitude.max(recorded.magnitude);
            (seen.over(scale), is_recorded.then(|| recorded.over(scale)))
        };
        let (at_visits, recorded) = outputs.into_iter().map(of_output).unzip();
        let endpoints = scenario.endpoints.iter().map(of_endpoint).collect();
        Self { parting, endpoints, at_visits, recorded }
    }
}

/// The largest difference and the largest magnitude over several times.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Extent {
    difference: f64,
    magnitude: f64,
}

impl Extent {
    /// Of pairs, the more accurate value second.
    fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Self {
        pairs.fold(Self::default(), |Self { difference, magnitude }, (found, exact)| Self {
            difference: difference.max((found - exact).abs()),
            magnitude: magnitude.max(exact.abs()),
        })
    }

    /// The difference as share of a scale; 0 where there is none.
    fn over(self, scale: f64) -> f64 {
        if self.difference > 0.0 { self.difference / scale } else { 0.0 }
    }
}

/// The values of an output in all records, up to a time.
fn recorded<'a>(
    scenario: &'a Scenario,
    course: &'a Trajectory,
    truth: &'a Trajectory,
    output: usize,
    until: f64,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let series = scenario.records.iter().zip(course.records.iter().zip(&truth.records));
    series.flat_map(move |(record, (found, exact))| {
        let width = record.outputs.len();
        let place = record.outputs.iter().position(|&candidate| candidate == output);
        let before = record.times.iter().take_while(|time| **time <= until).count();
        let count = place.map_or(0, |_| before.min(found.reached).min(exact.reached));
        let at = move |time: usize| time * width + place.unwrap_or(0);
        (0..count).map(move |time| (found.values[at(time)], exact.values[at(time)]))
    })
}

fn of_values(kind: &EndpointKind, found: &Value, exact: &Value) -> EndpointAgreement {
    let difference = |found: f64, exact: f64, changed: bool| {
        let absolute = (found - exact).abs();
        let relative = if absolute == 0.0 { Some(0.0) } else { Some(absolute / exact.abs()) };
        let relative = relative.filter(|relative| relative.is_finite());
        EndpointAgreement { absolute: Some(absolute), relative, changed }
    };
    match (found, exact) {
        (Value::Quantity(found), Value::Quantity(exact)) => {
            let apart = (found - exact).abs();
            let changed = match kind {
                EndpointKind::Tmax { .. } | EndpointKind::NadirDay { .. } => apart > MOMENT,
                EndpointKind::DaysBelow { .. }
                | EndpointKind::Modification { .. }
                | EndpointKind::Response { .. } => apart > SAME_TIME,
                _ => false,
            };
            difference(*found, *exact, changed)
        }
        (Value::Time { time: found, event }, Value::Time { time: exact, event: too }) if event == too => {
            difference(*found, *exact, (found - exact).abs() > SAME_TIME)
        }
        (Value::First { time: found, cause }, Value::First { time: exact, cause: too }) if cause == too => {
            difference(*found, *exact, (found - exact).abs() > SAME_TIME)
        }
        _ => EndpointAgreement { absolute: None, relative: None, changed: found != exact },
    }
}

/// The first thing that one history has and the other has not: of decisions, events, doses and visits the earliest, at equal
/// times in this order. Times of hazard events are results like all others, and their differences are no parting; nor are those
/// of what a rule does at such an event (when treatment ends, co-medication ends).
fn parting(course: &Trajectory, truth: &Trajectory) -> Option<Parting> {
    let close = |a: f64, b: f64| (a - b).abs() <= MOMENT;
    let at_event = |trajectory: &Trajectory, decision: &Decision| {
        trajectory.events.iter().any(|event| event.time == decision.time)
    };
    let decided = |a: &Decision, b: &Decision| {
        (a.by, a.action, a.drug, a.before, a.after) == (b.by, b.action, b.drug, b.before, b.after)
            && (close(a.time, b.time) || (at_event(course, a) && at_event(truth, b)))
    };
    let given = |a: &Dose, b: &Dose| {
        (a.route, a.amount, a.planned) == (b.route, b.amount, b.planned) && close(a.time, b.time)
    };
    let seen = |a: &Visit, b: &Visit| {
        (a.schedules, a.on_treatment, a.on_hold) == (b.schedules, b.on_treatment, b.on_hold)
            && close(a.time, b.time)
    };
    // What a hazard decides is told as its event.
    let decision =
        first(&course.decisions, &truth.decisions, |it| it.time, decided).and_then(|it| match it.by {
            Why::Rule(rule) => Some((it.time, Parted::Rule(rule))),
            Why::Hazard(_) => None,
        });
    let event = first(&course.events, &truth.events, |it| it.time, |a, b| a.hazard == b.hazard)
        .map(|it| (it.time, Parted::Hazard(it.hazard)));
    let dose =
        first(&course.doses, &truth.doses, |it| it.time, given).map(|it| (it.time, Parted::Dose(it.route)));
    let visit = first(&course.visits, &truth.visits, |it| it.time, seen).map(|it| (it.time, Parted::Visit));
    [decision, event, dose, visit]
        .into_iter()
        .flatten()
        .reduce(|first, next| if next.0 < first.0 { next } else { first })
        .map(|(time, what)| Parting { time, what })
}

/// The first entry of one list that has no equal in the other; where both go on, the earlier.
fn first<'a, T>(
    one: &'a [T],
    other: &'a [T],
    time: impl Fn(&T) -> f64,
    same: impl Fn(&T, &T) -> bool,
) -> Option<&'a T> {
    let place = one.iter().zip(other).position(|(a, b)| !same(a, b)).unwrap_or(one.len().min(other.len()));
    match (one.get(place), other.get(place)) {
        (Some(a), Some(b)) => Some(if time(b) < time(a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{Done, Event};

    fn decision(time: f64, by: Why, after: f64) -> Decision {
        Decision { time, by, signal: None, value: 0.0, action: Done::Reduce, drug: 0, before: 10.0, after }
    }

    fn course() -> Trajectory {
        let mut course = endpoint::fixture::visited(&[(0.0, 2.0), (7.0, 1.0), (14.0, 0.4)]);
        course.decisions = vec![decision(7.0, Why::Rule(1), 5.0), decision(14.0, Why::Rule(0), 2.5)];
        course.events = vec![Event { time: 3.2, hazard: 1 }];
        course
    }

    #[test]
    fn histories_part_at_the_first_thing_that_only_one_has() {
        let truth = course();
        assert_eq!(parting(&course(), &truth), None);
        let mut later = course();
        later.events[0].time += 0.3;
        assert_eq!(parting(&later, &truth), None, "the time of an event is a result, not another history");
        let (mut stopped, mut truth_stopped) = (course(), course());
        for (course, time) in [(&mut stopped, 15.3), (&mut truth_stopped, 15.3001)] {
            course.events.push(Event { time, hazard: 0 });
            let by = [Why::Hazard(0), Why::Rule(1)];
            course.decisions.extend(by.map(|by| decision(time, by, 0.0)));
        }
        assert_eq!(parting(&stopped, &truth_stopped), None);
        later.decisions[1].after = 5.0;
        let expected = Some(Parting { time: 14.0, what: Parted::Rule(0) });
        assert_eq!(parting(&later, &truth), expected);
        later.decisions.remove(0);
        let expected = Some(Parting { time: 7.0, what: Parted::Rule(1) });
        assert_eq!((parting(&later, &truth), parting(&truth, &later)), (expected, expected));
        later.events.push(Event { time: 5.0, hazard: 2 });
        let expected = Some(Parting { time: 5.0, what: Parted::Hazard(2) });
        assert_eq!((parting(&later, &truth), parting(&truth, &later)), (expected, expected));
        let mut unseen = course();
        unseen.visits.pop();
        assert_eq!(parting(&unseen, &truth), Some(Parting { time: 14.0, what: Parted::Visit }));
    }

    #[test]
    fn values_differ_by_a_quantity_or_change() {
        let agree = |found, exact| of_values(&EndpointKind::TimeOnTreatment, &found, &exact);
        let difference = |absolute, relative, changed| EndpointAgreement { absolute, relative, changed };
        let time = |time, event| Value::Time { time, event };
        assert_eq!(
            agree(Value::Quantity(1.5), Value::Quantity(2.0)),
            difference(Some(0.5), Some(0.25), false)
        );
        assert_eq!(agree(Value::Quantity(1.5), Value::Quantity(0.0)), difference(Some(1.5), None, false));
        assert_eq!(
            agree(Value::Quantity(0.0), Value::Quantity(0.0)),
            difference(Some(0.0), Some(0.0), false)
        );
        assert_eq!(agree(time(8.0, true), time(16.0, true)), difference(Some(8.0), Some(0.5), true));
        assert_eq!(agree(time(8.0, false), time(16.0, true)), difference(None, None, true));
        assert_eq!(agree(Value::Grade(2), Value::Grade(2)), difference(None, None, false));
        assert_eq!(agree(Value::Grade(3), Value::Grade(2)), difference(None, None, true));
        assert_eq!(agree(Value::Missing("why"), Value::Quantity(2.0)), difference(None, None, true));
    }

    #[test]
    fn differences_are_taken_against_the_largest_magnitude() {
        let extent = Extent::of([(1.0, 1.0), (-4.0, -4.5), (0.0, 0.25)].into_iter());
        assert_eq!(extent, Extent { difference: 0.5, magnitude: 4.5 });
        assert_eq!(extent.over(5.0), 0.1);
        assert_eq!(Extent::of([(0.0, 0.0)].into_iter()).over(0.0), 0.0);
        assert_eq!(Extent::of(std::iter::empty()).over(0.0), 0.0);
    }
}
