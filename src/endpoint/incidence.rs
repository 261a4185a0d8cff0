//! Which of several happenings came first, for cumulative incidences with competing risks.

use super::progression;
use super::survival::first_event;
use super::value::Value;
use crate::scenario::Happening;
use crate::simulation::Trajectory;

/// The first of the event and its competitors up to the end of follow-up; at equal times the one named first. Without
/// any, the patient is censored at the end of follow-up.
///
/// What no competitor is named for censors: death, if it is left out of the list, turns the incidence into that of a world
/// without death.
pub fn first(trajectory: &Trajectory, event: &Happening, competing: &[Happening]) -> Value {
    let mut found: Option<(f64, u8)> = None;
    for (cause, happening) in (0_u8..).zip(std::iter::once(event).chain(competing)) {
        let time = match happening {
            Happening::Hazard(hazard) => first_event(trajectory, *hazard),
            Happening::Signal(signal) => progression::first(trajectory, signal),
            Happening::Discontinuation => trajectory.treatment.discontinued.map(|(time, _)| time),
        };
        if let Some(time) = time
            && found.is_none_or(|(earliest, _)| time < earliest)
        {
            found = Some((time, cause));
        }
    }
    match found {
        Some((time, cause)) => Value::First { time, cause: Some(cause) },
        None => Value::First { time: trajectory.end_time, cause: None },
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::scenario::Progression;
    use crate::simulation::{Event, Why};

    #[test]
    fn the_first_happening_counts_and_the_one_named_first_at_equal_times() {
        let infection = Happening::Hazard(1);
        let competing = [
            Happening::Hazard(0),
            Happening::Signal(Progression { signal: 0, flare: None }),
            Happening::Discontinuation,
        ];
        let mut trajectory = fixture::visited(&[(0.0, 1.0), (28.0, 1.0), (56.0, 1.0)]);
        let ask = |trajectory: &Trajectory| first(trajectory, &infection, &competing);
        assert_eq!(ask(&trajectory), Value::First { time: 56.0, cause: None });
        trajectory.treatment.discontinued = Some((50.0, Why::Rule(0)));
        assert_eq!(ask(&trajectory), Value::First { time: 50.0, cause: Some(3) });
        trajectory.visits[1].signals[0] = 1.0;
        assert_eq!(ask(&trajectory), Value::First { time: 28.0, cause: Some(2) });
        trajectory.events = vec![Event { time: 28.0, hazard: 1 }, Event { time: 40.0, hazard: 0 }];
        assert_eq!(ask(&trajectory), Value::First { time: 28.0, cause: Some(0) });
        trajectory.events[0].time = 41.0;
        trajectory.visits[1].signals[0] = 0.0;
        assert_eq!(ask(&trajectory), Value::First { time: 40.0, cause: Some(1) });
    }
}
