//! Holds and reductions of a drug, from the log of decisions.

use super::reading;
use super::value::Value;
use crate::scenario::Modification;
use crate::simulation::{Decision, Done, Trajectory};

/// Answers a question about the holds and reductions of a drug, on treatment.
///
/// A hold begins with the decision that takes the drug away and ends with the one that gives it back: of several rules that
/// hold at once the first to hold and the last to let go. The level is lower when a rule reduces it or sets a
/// smaller dose after the first one, or when a hold ends below the level at which it began. Times are from the first dose; who had none is censored at the end of treatment.
pub fn answer(trajectory: &Trajectory, drug: usize, question: Modification) -> Value {
    let Some((first, last)) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    let history = History::of(trajectory, drug, (first, last));
    let since_first = |time: Option<&f64>| match time {
        Some(time) => Value::Time { time: (time - first).max(0.0), event: true },
        None => Value::Time { time: last - first, event: false },
    };
    match question {
        Modification::TimeOnHold => {
            let held = |(from, to): &(f64, f64)| (to - from.max(first)).max(0.0);
            Value::Quantity(history.holds.iter().map(held).sum())
        }
        Modification::Holds => Value::Quantity(history.holds.len() as f64),
        Modification::Reductions => Value::Quantity(history.lowered.len() as f64),
        Modification::TimeToFirstHold => since_first(history.holds.first().map(|(from, _)| from)),
        Modification::TimeToFirstReduction => since_first(history.lowered.first()),
    }
}

/// Spans on hold, and times at which the level became lower, d.
struct History {
    holds: Vec<(f64, f64)>,
    lowered: Vec<f64>,
}

impl History {
    fn of(trajectory: &Trajectory, drug: usize, (first, last): (f64, f64)) -> Self {
        let mut history = History { holds: Vec::new(), lowered: Vec::new() };
        // (time, level before) of the hold under way.
        let mut held: Option<(f64, f64)> = None;
        let on_drug = |decision: &&Decision| decision.drug == drug && decision.time <= last;
        for decision in trajectory.decisions.iter().filter(on_drug) {
            match decision.action {
                Done::Hold => {
                    held.get_or_insert((decision.time, decision.before));
                }
                // Another rule still holds the drug as long as the level stays 0.
                Done::Resume if decision.after > 0.0 => {
                    if let Some((from, before)) = held.take() {
                        history.holds.push((from, decision.time));
                        if decision.after < before {
                            history.lowered.push(decision.time);
                        }
                    }
                }
                Done::Reduce => history.lowered.push(decision.time),
                // A starting dose is no reduction.
                Done::Adjust if decision.after < decision.before && decision.time > first => {
                    history.lowered.push(decision.time);
                }
                Done::Discontinue => {
                    history.holds.extend(held.take().map(|(from, _)| (from, decision.time)));
                }
                _ => {}
            }
        }
        history.holds.extend(held.map(|(from, _)| (from, last)));
        history
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::simulation::Why;

    fn decided(list: &[(f64, usize, Done, f64, f64)], end: f64) -> Trajectory {
        let mut trajectory = fixture::visited(&[(0.0, 1.0)]);
        trajectory.end_time = end;
        let decision = |&(time, rule, action, before, after)| Decision {
            time,
            by: Why::Rule(rule),
            signal: None,
            value: 0.0,
            action,
            drug: 0,
            before,
            after,
        };
        trajectory.decisions = list.iter().map(decision).collect();
        trajectory
    }

    /// Held by rule 0 from 10 and by rule 1 from 12, let go by 0 at 14 and by 1 at 20 one level lower; reduced at 30; held
    /// from 40 to the end at 50: 10 + 10 d on hold, two holds, two reductions.
    #[test]
    fn holds_of_several_rules_are_one_and_resuming_lower_is_a_reduction() {
        let trajectory = decided(
            &[
                (10.0, 0, Done::Hold, 25.0, 0.0),
                (12.0, 1, Done::Hold, 0.0, 0.0),
                (14.0, 0, Done::Resume, 0.0, 0.0),
                (20.0, 1, Done::Resume, 0.0, 20.0),
                (30.0, 2, Done::Reduce, 20.0, 15.0),
                (40.0, 0, Done::Hold, 15.0, 0.0),
            ],
            50.0,
        );
        let ask = |question| answer(&trajectory, 0, question);
        assert_eq!(ask(Modification::TimeOnHold), Value::Quantity(20.0));
        assert_eq!(ask(Modification::Holds), Value::Quantity(2.0));
        assert_eq!(ask(Modification::Reductions), Value::Quantity(2.0));
        assert_eq!(ask(Modification::TimeToFirstHold), Value::Time { time: 10.0, event: true });
        assert_eq!(ask(Modification::TimeToFirstReduction), Value::Time { time: 20.0, event: true });
        let other = |question| answer(&trajectory, 1, question);
        assert_eq!(other(Modification::TimeOnHold), Value::Quantity(0.0));
        assert_eq!(other(Modification::TimeToFirstHold), Value::Time { time: 50.0, event: false });
    }

    #[test]
    fn a_hold_ends_with_treatment_and_resuming_at_the_same_level_reduces_nothing() {
        let mut trajectory = decided(
            &[
                (10.0, 0, Done::Hold, 25.0, 0.0),
                (14.0, 0, Done::Resume, 0.0, 25.0),
                (20.0, 0, Done::Hold, 25.0, 0.0),
                (26.0, 3, Done::Discontinue, 0.0, 0.0),
            ],
            60.0,
        );
        trajectory.treatment.discontinued = Some((26.0, Why::Rule(3)));
        trajectory.treatment.first_dose = Some(1.0);
        assert_eq!(answer(&trajectory, 0, Modification::TimeOnHold), Value::Quantity(4.0 + 6.0));
        assert_eq!(
            answer(&trajectory, 0, Modification::TimeToFirstHold),
            Value::Time { time: 9.0, event: true }
        );
        let never = Value::Time { time: 25.0, event: false };
        assert_eq!(answer(&trajectory, 0, Modification::TimeToFirstReduction), never);
    }
}
