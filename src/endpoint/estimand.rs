//! A course as an estimand sees it: what happened after the end of treatment counted, cut off, or undone.

use std::borrow::Cow;

use super::value::Value;
use crate::scenario::{Scenario, Strategy};
use crate::simulation::{Done, End, Trajectory, Why};

/// Why there is no value yet: the course had what the estimand undoes, and another one has to be simulated
/// ([`crate::trial`] does).
pub const COUNTERFACTUAL: &str = "left treatment, and was not simulated again without";

/// Times this close are one, d.
const MOMENT: f64 = 1e-9;

/// The course as the strategy sees it, or the value where there is no course to be seen.
pub fn under<'t>(
    strategy: Strategy,
    scenario: &Scenario,
    trajectory: &'t Trajectory,
) -> Result<Cow<'t, Trajectory>, Value> {
    match strategy {
        Strategy::AsDefined => Ok(Cow::Borrowed(trajectory)),
        Strategy::TreatmentPolicy => Ok(Cow::Owned(treated_until(trajectory, trajectory.end_time))),
        Strategy::WhileOnTreatment(window) => {
            if trajectory.treatment.first_dose.is_none() {
                return Err(Value::Missing("never treated"));
            }
            let Some((stopped, _)) = trajectory.treatment.discontinued else {
                return Ok(Cow::Borrowed(trajectory));
            };
            let last = (stopped + window).min(trajectory.end_time);
            let mut seen = treated_until(trajectory, last);
            cut(&mut seen, scenario, last);
            Ok(Cow::Owned(seen))
        }
        Strategy::NoDropout | Strategy::NoDiscontinuation => {
            if left(trajectory, strategy) {
                Err(Value::Missing(COUNTERFACTUAL))
            } else {
                Ok(Cow::Borrowed(trajectory))
            }
        }
    }
}

/// The course as it was known at a time: nothing later has been seen, and follow-up ends there.
pub fn until(scenario: &Scenario, trajectory: &Trajectory, last: f64) -> Trajectory {
    let mut seen = trajectory.clone();
    cut(&mut seen, scenario, last);
    seen.treatment.discontinued = seen.treatment.discontinued.filter(|(time, _)| *time <= last + MOMENT);
    seen
}

/// Whether the course had what the strategy undoes.
fn left(trajectory: &Trajectory, strategy: Strategy) -> bool {
    let counts = |why: Why| strategy == Strategy::NoDiscontinuation || matches!(why, Why::Hazard(_));
    let stopped = trajectory.treatment.discontinued.is_some_and(|(_, why)| counts(why));
    stopped || trajectory.decisions.iter().any(|it| it.action == Done::Discontinue && counts(it.by))
}

/// The course of a patient who counts as on treatment from the first dose to a time.
fn treated_until(trajectory: &Trajectory, last: f64) -> Trajectory {
    let mut seen = trajectory.clone();
    seen.treatment.discontinued = None;
    if let Some(first) = seen.treatment.first_dose {
        for visit in &mut seen.visits {
            visit.on_treatment |= visit.time > first + MOMENT && visit.time <= last + MOMENT;
        }
    }
    seen
}

/// Forgets everything after a time.
fn cut(seen: &mut Trajectory, scenario: &Scenario, last: f64) {
    if last >= seen.end_time - MOMENT {
        return;
    }
    let within = |time: f64| time <= last + MOMENT;
    seen.visits.retain(|visit| within(visit.time));
    seen.doses.retain(|dose| within(dose.time));
    seen.decisions.retain(|decision| within(decision.time));
    seen.events.retain(|event| within(event.time));
    for (record, series) in scenario.records.iter().zip(&mut seen.records) {
        series.reached = series.reached.min(record.times.partition_point(|time| within(*time)));
        series.values.truncate(series.reached * record.outputs.len());
    }
    seen.end_time = last;
    seen.end = End::Completed;
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::endpoint::evaluate;
    use crate::scenario::{EndpointDefinition, EndpointKind, GradeTimes};
    use crate::simulation::Event;

    fn endpoint(kind: EndpointKind, strategy: Strategy) -> EndpointDefinition {
        EndpointDefinition {
            name: "endpoint".to_owned(),
            about: String::new(),
            estimand: String::new(),
            kind,
            unit: fixture::unit("1", 1.0),
            strategy,
        }
    }

    /// Stopped on day 10 by dropout; grade 2 before, grade 3 on day 14, grade 4 on day 40; progression on day 60.
    fn course() -> Trajectory {
        let mut course = fixture::visited(&[(0.0, 3.0), (7.0, 1.2), (14.0, 0.9), (40.0, 0.4), (60.0, 2.0)]);
        course.end_time = 100.0;
        course.treatment.first_dose = Some(0.0);
        course.treatment.discontinued = Some((10.0, Why::Hazard(0)));
        for visit in &mut course.visits {
            visit.on_treatment = visit.time > 0.0 && visit.time <= 10.0;
        }
        course.visits[4].signals[0] = 1.0;
        course
    }

    fn grade(strategy: Strategy) -> Value {
        let thresholds = vec![2.0, 1.5, 1.0, 0.5];
        let kind = EndpointKind::WorstGrade {
            output: 0,
            thresholds,
            falling: true,
            table: None,
            at: GradeTimes::Visits,
        };
        evaluate(&endpoint(kind, strategy), &fixture::scenario(1), &course())
    }

    fn progression(strategy: Strategy) -> Value {
        let kind = EndpointKind::ProgressionFreeSurvival {
            progression: crate::scenario::Progression { signal: 0, flare: None },
            death: None,
        };
        evaluate(&endpoint(kind, strategy), &fixture::scenario(1), &course())
    }

    #[test]
    fn what_comes_after_treatment_counts_as_the_estimand_says() {
        assert_eq!(grade(Strategy::AsDefined), Value::Grade(2));
        assert_eq!(grade(Strategy::TreatmentPolicy), Value::Grade(4));
        assert_eq!(grade(Strategy::WhileOnTreatment(0.0)), Value::Grade(2));
        assert_eq!(grade(Strategy::WhileOnTreatment(4.0)), Value::Grade(3));
        assert_eq!(grade(Strategy::WhileOnTreatment(30.0)), Value::Grade(4));
    }

    #[test]
    fn times_are_censored_where_the_estimand_stops_looking() {
        let seen = Value::Time { time: 60.0, event: true };
        assert_eq!(progression(Strategy::AsDefined), seen);
        assert_eq!(progression(Strategy::TreatmentPolicy), seen);
        let censored = Value::Time { time: 40.0, event: false };
        assert_eq!(progression(Strategy::WhileOnTreatment(30.0)), censored);
        assert_eq!(progression(Strategy::WhileOnTreatment(50.0)), seen);
    }

    #[test]
    fn a_hypothetical_course_has_to_be_simulated_only_where_something_is_undone() {
        let undone = Value::Missing(COUNTERFACTUAL);
        assert_eq!(grade(Strategy::NoDropout), undone);
        assert_eq!(grade(Strategy::NoDiscontinuation), undone);
        let mut course = course();
        course.treatment.discontinued = Some((10.0, Why::Rule(0)));
        let scenario = fixture::scenario(1);
        assert!(matches!(under(Strategy::NoDropout, &scenario, &course), Ok(Cow::Borrowed(_))));
        assert!(under(Strategy::NoDiscontinuation, &scenario, &course).is_err());
        course.treatment.discontinued = None;
        assert!(under(Strategy::NoDiscontinuation, &scenario, &course).is_ok());
    }

    #[test]
    fn a_death_after_treatment_is_not_seen_while_on_treatment() {
        let mut course = course();
        course.events.push(Event { time: 100.0, hazard: 0 });
        course.end = End::Died { hazard: 0 };
        let seen = under(Strategy::WhileOnTreatment(7.0), &fixture::scenario(1), &course).expect("a course");
        assert_eq!((seen.end_time, seen.end.clone(), seen.events.len()), (17.0, End::Completed, 0));
        assert_eq!(seen.visits.len(), 3);
    }
}
