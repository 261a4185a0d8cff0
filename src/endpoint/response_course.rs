//! The sequence of responses: when a confirmed one began, how long it lasted, when it deepened, and what each restaging
//! showed by itself (unconfirmed).

use super::response::{ROUNDING, Restagings, categories as best_categories};
use super::survival::first_event;
use super::value::{NOT_SEEN, Value};
use super::{reading, response};
use crate::scenario::{ResponseCriteria, ResponseQuestion, Scenario};
use crate::simulation::{End, Trajectory};

/// Categories of a restaging: those of best response up to PD, then these.
const AFTER: [&str; 1] = ["died"];

/// Labels of what a restaging can show, in the order of [`Value::Periods`].
pub fn categories(criteria: &ResponseCriteria) -> Vec<&'static str> {
    let (best, responses) = best_categories(criteria);
    best[..responses + 2].iter().chain(&AFTER).copied().collect()
}

/// Times of the restagings after the one at the start, d.
pub fn restagings<'s>(criteria: &ResponseCriteria, scenario: &'s Scenario) -> &'s [f64] {
    scenario.visits.get(criteria.schedule).and_then(|schedule| schedule.times.get(1..)).unwrap_or(&[])
}

/// Answers a question about the sequence of responses.
pub fn answer(
    criteria: &ResponseCriteria,
    question: ResponseQuestion,
    scenario: &Scenario,
    trajectory: &Trajectory,
) -> Value {
    let Some(course) = Restagings::of(criteria, trajectory) else {
        return Value::Missing("no restaging at the start");
    };
    if question == ResponseQuestion::OverTime {
        return over_time(criteria, &course, scenario, trajectory);
    }
    let Some(onset) = course.onset() else { return Value::Missing("no confirmed response") };
    match question {
        ResponseQuestion::Duration { death } => {
            let died = death.and_then(|hazard| first_event(trajectory, hazard));
            let end = course.progressed.into_iter().chain(died).reduce(f64::min);
            Value::Time { time: end.unwrap_or(trajectory.end_time) - onset.time, event: end.is_some() }
        }
        ResponseQuestion::TimeToDeepening => {
            let depth = |visit| course.assessment.depth(visit).unwrap_or(u8::MAX);
            let first = depth(onset);
            if first == 0 {
                return Value::Missing("complete from the start of the response");
            }
            let later = course.before.iter().find(|visit| visit.time > onset.time && depth(visit) < first);
            let end = course.progressed.unwrap_or(trajectory.end_time).min(trajectory.end_time);
            Value::Time { time: later.map_or(end, |visit| visit.time) - onset.time, event: later.is_some() }
        }
        ResponseQuestion::TimeToResponse | ResponseQuestion::OverTime => {
            Value::Quantity(onset.time - course.assessment.start.time)
        }
    }
}

fn over_time(
    criteria: &ResponseCriteria,
    course: &Restagings<'_>,
    scenario: &Scenario,
    trajectory: &Trajectory,
) -> Value {
    let times = restagings(criteria, scenario);
    let (_, responses) = response::categories(criteria);
    let place = |place: usize| u8::try_from(place).unwrap_or(NOT_SEEN);
    let (stable, progressive, died) = (place(responses), place(responses + 1), place(responses + 2));
    let mut shown = vec![NOT_SEEN; times.len()];
    for visit in reading::visits(trajectory, criteria.schedule).skip(1) {
        // A late visit belongs to the restaging that was due before it.
        let due = times.partition_point(|time| *time <= visit.time + ROUNDING);
        let progressed = course.progressed.is_some_and(|progressed| visit.time >= progressed);
        if let Some(seen) = due.checked_sub(1).and_then(|due| shown.get_mut(due)) {
            *seen = if progressed { progressive } else { course.assessment.depth(visit).unwrap_or(stable) };
        }
    }
    let death = if let End::Died { .. } = trajectory.end { trajectory.end_time } else { f64::INFINITY };
    for (seen, time) in shown.iter_mut().zip(times) {
        if *seen == NOT_SEEN && *time >= death {
            *seen = died;
        } else if *seen == NOT_SEEN && course.progressed.is_some_and(|progressed| *time >= progressed) {
            *seen = progressive;
        }
    }
    Value::Periods(shown.into_boxed_slice())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::response::tests::{
        COMPLETE, COMPLETE_LOW_COUNTS, PARTIAL, Row, STABLE, START, criteria, restaged,
    };
    use super::*;
    use crate::scenario::VisitSchedule;
    use crate::simulation::Event;

    fn ask(trajectory: &Trajectory, question: ResponseQuestion) -> Value {
        let mut scenario = fixture::scenario(1);
        let times = (0..5).map(|restaging| 56.0 * f64::from(restaging)).collect();
        scenario.visits = vec![VisitSchedule { name: "restaging".to_owned(), times, text: Vec::new() }];
        answer(&criteria(), question, &scenario, trajectory)
    }

    fn every_56_days(rows: &[Row]) -> Trajectory {
        let rows: Vec<(f64, Row)> = (0..).zip(rows).map(|(i, row)| (56.0 * f64::from(i), *row)).collect();
        restaged(&rows)
    }

    /// Stable at 56, PR from 112, CR at 224: response began at 112, deepened after 112 d, and lasts.
    #[test]
    fn a_response_begins_at_the_first_restaging_of_its_confirmed_span() {
        let trajectory = every_56_days(&[START, STABLE, PARTIAL, PARTIAL, COMPLETE]);
        assert_eq!(ask(&trajectory, ResponseQuestion::TimeToResponse), Value::Quantity(112.0));
        let lasting = Value::Time { time: 112.0, event: false };
        assert_eq!(ask(&trajectory, ResponseQuestion::Duration { death: None }), lasting);
        let deepened = Value::Time { time: 112.0, event: true };
        assert_eq!(ask(&trajectory, ResponseQuestion::TimeToDeepening), deepened);
        // CR, PR, PR, SD: places 3 SD, 2 PR, 0 CR.
        assert_eq!(ask(&trajectory, ResponseQuestion::OverTime), Value::Periods([3, 2, 2, 0].into()));
    }

    #[test]
    fn an_unconfirmed_response_is_none() {
        let trajectory = every_56_days(&[START, PARTIAL, STABLE, PARTIAL, STABLE]);
        let none = Value::Missing("no confirmed response");
        for question in [
            ResponseQuestion::TimeToResponse,
            ResponseQuestion::Duration { death: None },
            ResponseQuestion::TimeToDeepening,
        ] {
            assert_eq!(ask(&trajectory, question), none);
        }
        assert_eq!(ask(&trajectory, ResponseQuestion::OverTime), Value::Periods([2, 3, 2, 3].into()));
    }

    /// PR at 56 and 112, PD at 168: the response lasted 112 d and never deepened.
    #[test]
    fn a_response_ends_with_progression_or_death() {
        let mut trajectory = every_56_days(&[START, PARTIAL, PARTIAL, STABLE, COMPLETE]);
        trajectory.visits[3].signals[0] = 1.0;
        let ended = Value::Time { time: 112.0, event: true };
        assert_eq!(ask(&trajectory, ResponseQuestion::Duration { death: Some(0) }), ended);
        let never = Value::Time { time: 112.0, event: false };
        assert_eq!(ask(&trajectory, ResponseQuestion::TimeToDeepening), never);
        assert_eq!(ask(&trajectory, ResponseQuestion::OverTime), Value::Periods([2, 2, 4, 4].into()));
        // Died at day 130: the visits after it do not exist.
        trajectory.visits.truncate(3);
        trajectory.events = vec![Event { time: 130.0, hazard: 0 }];
        (trajectory.end, trajectory.end_time) = (End::Died { hazard: 0 }, 130.0);
        let died = Value::Time { time: 74.0, event: true };
        assert_eq!(ask(&trajectory, ResponseQuestion::Duration { death: Some(0) }), died);
        let censored = Value::Time { time: 74.0, event: false };
        assert_eq!(ask(&trajectory, ResponseQuestion::Duration { death: None }), censored);
        assert_eq!(ask(&trajectory, ResponseQuestion::OverTime), Value::Periods([2, 2, 5, 5].into()));
    }

    #[test]
    fn a_response_that_is_complete_at_once_cannot_deepen() {
        let trajectory = every_56_days(&[START, COMPLETE, COMPLETE]);
        let missing = Value::Missing("complete from the start of the response");
        assert_eq!(ask(&trajectory, ResponseQuestion::TimeToDeepening), missing);
        let trajectory = every_56_days(&[START, PARTIAL, PARTIAL, COMPLETE_LOW_COUNTS, COMPLETE]);
        let deepened = Value::Time { time: 112.0, event: true };
        assert_eq!(ask(&trajectory, ResponseQuestion::TimeToDeepening), deepened, "CRi is deeper than PR");
    }

    /// Missed at 112; the visit due at 168 came on day 170.
    #[test]
    fn missed_restagings_are_not_seen_and_late_ones_count_for_their_due_time() {
        let trajectory = restaged(&[(0.0, START), (56.0, STABLE), (170.0, PARTIAL), (224.0, PARTIAL)]);
        let seen = Value::Periods([3, NOT_SEEN, 2, 2].into());
        assert_eq!(ask(&trajectory, ResponseQuestion::OverTime), seen);
    }
}
