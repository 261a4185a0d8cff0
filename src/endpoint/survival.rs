//! Time to event: progression-free survival and time to a hazard.

use super::progression;
use super::value::Value;
use crate::scenario::{EndpointDefinition, EndpointKind, Progression, Scenario, Strategy};
use crate::simulation::{End, Trajectory};

/// Time from the start to the first visit at which the progression signal is true (outside of the flare window, where there
/// is one), or to death, whichever is first.
///
/// Progression is dated to the visit that shows it. Patients off drug stay in follow-up, so stopping the drug neither
/// ends nor censors the time. Everyone else is censored at the end of follow-up, and so is a patient whose follow-up
/// ends by another terminal event than `death`.
pub fn progression_free(trajectory: &Trajectory, progression: &Progression, death: Option<usize>) -> Value {
    let progressed = progression::first(trajectory, progression);
    let died = death.and_then(|hazard| first_event(trajectory, hazard));
    let first = match (progressed, died) {
        (Some(progressed), Some(died)) => Some(progressed.min(died)),
        (progressed, died) => progressed.or(died),
    };
    dated(trajectory, first)
}

/// Time from the start to the first event of a hazard. A competing terminal event (death, unless it is the hazard
/// asked for) censors, so the Kaplan-Meier curve is that of the cause-specific hazard, not a cumulative incidence. A
/// hazard that ends treatment (dropout) is one of patients on treatment: stopping for another reason censors it.
pub fn to_hazard(scenario: &Scenario, trajectory: &Trajectory, hazard: usize) -> Value {
    let event = first_event(trajectory, hazard);
    match (event, trajectory.treatment.discontinued) {
        (None, Some((stopped, _))) if scenario.model.hazards[hazard].ends_treatment => {
            Value::Time { time: stopped.min(trajectory.end_time), event: false }
        }
        _ => dated(trajectory, event),
    }
}

/// Whether the event of a time that was censored can no longer come, as far as its definition goes: follow-up ended by death,
/// or it is one of patients on treatment and treatment has ended. Censored otherwise, at the end of follow-up, it may come later.
pub fn can_no_longer_come(
    endpoint: &EndpointDefinition,
    scenario: &Scenario,
    trajectory: &Trajectory,
) -> bool {
    let on_treatment = matches!(endpoint.strategy, Strategy::WhileOnTreatment(_))
        || match &endpoint.kind {
            EndpointKind::TimeToHazard { hazard } => scenario.model.hazards[*hazard].ends_treatment,
            EndpointKind::Modification { .. } => true,
            _ => false,
        };
    matches!(trajectory.end, End::Died { .. })
        || (on_treatment && trajectory.treatment.discontinued.is_some())
}

/// Time of the first event of a hazard, d.
pub fn first_event(trajectory: &Trajectory, hazard: usize) -> Option<f64> {
    trajectory.events.iter().find(|event| event.hazard == hazard).map(|event| event.time)
}

fn dated(trajectory: &Trajectory, event: Option<f64>) -> Value {
    match event {
        Some(time) => Value::Time { time, event: true },
        None => Value::Time { time: trajectory.end_time, event: false },
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::simulation::{Event, Why};

    const PROGRESSION: Progression = Progression { signal: 0, flare: None };

    #[test]
    fn progression_is_dated_to_its_visit_and_death_counts() {
        let mut trajectory = fixture::visited(&[(0.0, 1.0), (56.0, 1.0), (112.0, 1.0)]);
        trajectory.end_time = 150.0;
        assert_eq!(
            progression_free(&trajectory, &PROGRESSION, Some(0)),
            Value::Time { time: 150.0, event: false }
        );
        trajectory.visits[2].signals[0] = 1.0;
        assert_eq!(
            progression_free(&trajectory, &PROGRESSION, Some(0)),
            Value::Time { time: 112.0, event: true }
        );
        trajectory.visits[2].signals[0] = 0.0;
        trajectory.events.push(Event { time: 130.0, hazard: 0 });
        trajectory.end = End::Died { hazard: 0 };
        trajectory.end_time = 130.0;
        assert_eq!(
            progression_free(&trajectory, &PROGRESSION, Some(0)),
            Value::Time { time: 130.0, event: true }
        );
        assert_eq!(
            progression_free(&trajectory, &PROGRESSION, None),
            Value::Time { time: 130.0, event: false }
        );
    }

    #[test]
    fn the_first_of_recurrent_events_counts_and_death_censors() {
        let mut scenario = fixture::scenario(1);
        scenario.model.hazards = ["death", "infection", "dropout"]
            .map(|name| fixture::hazard(name, name == "death", name == "dropout"))
            .to_vec();
        let mut trajectory = fixture::visited(&[(0.0, 1.0)]);
        trajectory.events = vec![
            Event { time: 20.0, hazard: 1 },
            Event { time: 31.0, hazard: 1 },
            Event { time: 40.0, hazard: 0 },
        ];
        trajectory.end = End::Died { hazard: 0 };
        trajectory.end_time = 40.0;
        assert_eq!(to_hazard(&scenario, &trajectory, 1), Value::Time { time: 20.0, event: true });
        assert_eq!(to_hazard(&scenario, &trajectory, 2), Value::Time { time: 40.0, event: false });
        assert_eq!(to_hazard(&scenario, &trajectory, 0), Value::Time { time: 40.0, event: true });
        let asked = |hazard, strategy| EndpointDefinition {
            name: "time".to_owned(),
            about: String::new(),
            estimand: String::new(),
            kind: EndpointKind::TimeToHazard { hazard },
            unit: fixture::unit("1", 1.0),
            strategy,
        };
        let over = |hazard, strategy, trajectory: &Trajectory| {
            can_no_longer_come(&asked(hazard, strategy), &scenario, trajectory)
        };
        assert!(over(2, Strategy::AsDefined, &trajectory), "the dead have no infection later");
        let mut alive = trajectory.clone();
        alive.end = End::Completed;
        assert!(!over(2, Strategy::AsDefined, &alive) && !over(1, Strategy::AsDefined, &alive));
        alive.treatment.discontinued = Some((10.0, Why::Rule(0)));
        assert!(over(2, Strategy::AsDefined, &alive) && !over(1, Strategy::AsDefined, &alive));
        assert!(over(1, Strategy::WhileOnTreatment(30.0), &alive));
        // Dropout is no longer possible for those who stopped for another reason; infection is.
        trajectory.treatment.discontinued = Some((10.0, Why::Rule(0)));
        assert_eq!(to_hazard(&scenario, &trajectory, 2), Value::Time { time: 10.0, event: false });
        assert_eq!(to_hazard(&scenario, &trajectory, 1), Value::Time { time: 20.0, event: true });
    }
}
