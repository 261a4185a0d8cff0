//! Toxicity read at visits or from a daily record: worst CTCAE grade, nadir, days below a limit.
//!
//! Grades are treatment-emergent: a patient who starts beyond a limit counts only with at least one grade worse than
//! at the start. Limits in a falling direction (blood counts) are passed strictly below, as CTCAE writes them
//! ("< 1.0 - 0.5 x 10e9/L"); limits in a rising direction are passed when reached.

use super::reading::{self, LABORATORY};
use super::value::Value;
use crate::scenario::{GradeSource, GradeTable, GradeTimes, Scenario};
use crate::simulation::{Trajectory, Visit};

/// What grades a value.
#[derive(Clone, Copy)]
pub enum Scale<'a> {
    /// Limits in one direction.
    Limits {
        /// The limit of grade g is at g − 1, coherent units.
        thresholds: &'a [f64],
        /// Worse is lower.
        falling: bool,
    },
    /// A grade table.
    Table(&'a GradeTable),
}

impl<'a> Scale<'a> {
    /// What an endpoint grades by.
    pub fn of(source: &'a GradeSource) -> Self {
        match &source.table {
            Some(table) => Self::Table(table),
            None => Self::Limits { thresholds: &source.thresholds, falling: source.falling },
        }
    }

    /// The highest grade whose limit is passed, 0 for none; a table may also want the value at the start.
    pub fn grade(self, value: f64, start: f64) -> u8 {
        let (thresholds, falling) = match self {
            Self::Table(table) => return table.grade(value, start),
            Self::Limits { thresholds, falling } => (thresholds, falling),
        };
        let beyond = |limit: &f64| if falling { value < *limit } else { value >= *limit };
        let highest = thresholds.iter().rposition(beyond);
        highest.map_or(0, |index| u8::try_from(index + 1).unwrap_or(u8::MAX))
    }
}

/// Worst grade on treatment.
pub fn worst(
    scenario: &Scenario,
    trajectory: &Trajectory,
    output: usize,
    scale: Scale<'_>,
    at: GradeTimes,
) -> Value {
    let Some(treated) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    match at {
        GradeTimes::Visits => {
            let start = reading::visits(trajectory, LABORATORY).next();
            let start = start.map_or(f64::NAN, |visit| visit.measured[output]);
            let grades = treated_visits(trajectory).map(|visit| scale.grade(visit.measured[output], start));
            let baseline = scale.grade(start, start);
            emergent(baseline, grades, "no laboratory visit on treatment")
        }
        GradeTimes::Record(record) => {
            let Some(series) = reading::series(scenario, trajectory, record, output) else {
                return Value::Missing("the record does not hold this output");
            };
            // The value at the time of a dose is that before the dose.
            let before = series.points().take_while(|point| point.0 <= treated.0).last();
            let start = before.map_or(f64::NAN, |point| point.1);
            let baseline = scale.grade(start, start);
            let grades = series
                .points()
                .filter(|point| point.0 > treated.0 && point.0 <= treated.1)
                .map(|point| scale.grade(point.1, start));
            emergent(baseline, grades, "no recorded time on treatment")
        }
    }
}

fn emergent(baseline: u8, grades: impl Iterator<Item = u8>, none: &'static str) -> Value {
    match grades.max() {
        Some(worst) if worst > baseline => Value::Grade(worst),
        Some(_) => Value::Grade(0),
        None => Value::Missing(none),
    }
}

/// Laboratory visits on treatment.
pub fn treated_visits(trajectory: &Trajectory) -> impl Iterator<Item = &Visit> {
    reading::visits(trajectory, LABORATORY).filter(|visit| visit.on_treatment)
}

/// The visit with the smallest measured value on treatment, the first of equals.
fn lowest(trajectory: &Trajectory, output: usize) -> Option<&Visit> {
    treated_visits(trajectory)
        .reduce(|lowest, visit| if visit.measured[output] < lowest.measured[output] { visit } else { lowest })
}

/// Smallest measured value at laboratory visits on treatment.
pub fn nadir(trajectory: &Trajectory, output: usize) -> Value {
    match lowest(trajectory, output) {
        Some(visit) => Value::Quantity(visit.measured[output]),
        None => Value::Missing("no laboratory visit on treatment"),
    }
}

/// Time of the nadir since the first dose, d (day 15 of the protocol is 14 d).
pub fn nadir_day(trajectory: &Trajectory, output: usize) -> Value {
    match (lowest(trajectory, output), trajectory.treatment.first_dose) {
        (Some(visit), Some(first)) => Value::Quantity(visit.time - first),
        _ => Value::Missing("no laboratory visit on treatment"),
    }
}

/// Time on treatment during which the last measured value was below the threshold, d. The value of a visit holds
/// until the next one, or until treatment ends.
pub fn days_below(trajectory: &Trajectory, output: usize, threshold: f64) -> Value {
    let Some((first, last)) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    let mut total = 0.0;
    let mut visits = reading::visits(trajectory, LABORATORY).peekable();
    while let Some(visit) = visits.next() {
        let until = visits.peek().map_or(last, |next| next.time.min(last));
        let from = visit.time.max(first);
        if visit.measured[output] < threshold && until > from {
            total += until - from;
        }
    }
    Value::Quantity(total)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::simulation::Why;

    const NEUTROPHILS: Scale<'static> = Scale::Limits { thresholds: &[2.0, 1.5, 1.0, 0.5], falling: true };

    fn worst_at_visits(trajectory: &Trajectory) -> Value {
        worst(&fixture::scenario(1), trajectory, 0, NEUTROPHILS, GradeTimes::Visits)
    }

    #[test]
    fn worst_grade_is_strictly_below_the_limit() {
        let trajectory = fixture::visited(&[(0.0, 3.0), (7.0, 1.0), (14.0, 1.4), (21.0, 2.5)]);
        assert_eq!(worst_at_visits(&trajectory), Value::Grade(2));
        let trajectory = fixture::visited(&[(0.0, 3.0), (7.0, 0.999), (14.0, 1.4)]);
        assert_eq!(worst_at_visits(&trajectory), Value::Grade(3));
        let trajectory = fixture::visited(&[(0.0, 3.0), (7.0, 2.0)]);
        assert_eq!(worst_at_visits(&trajectory), Value::Grade(0));
    }

    #[test]
    fn a_patient_beyond_the_limit_at_baseline_needs_one_grade_more() {
        let same = fixture::visited(&[(0.0, 0.9), (7.0, 0.6), (14.0, 0.5)]);
        assert_eq!(worst_at_visits(&same), Value::Grade(0));
        let worse = fixture::visited(&[(0.0, 0.9), (7.0, 0.49)]);
        assert_eq!(worst_at_visits(&worse), Value::Grade(4));
    }

    #[test]
    fn visits_after_discontinuation_and_before_the_first_dose_do_not_count() {
        let mut trajectory = fixture::visited(&[(0.0, 3.0), (7.0, 1.2), (14.0, 0.4)]);
        trajectory.visits[2].on_treatment = false;
        trajectory.treatment.discontinued = Some((10.0, Why::Hazard(0)));
        assert_eq!(worst_at_visits(&trajectory), Value::Grade(2));
        assert_eq!(nadir(&trajectory, 0), Value::Quantity(1.2));
        assert_eq!(nadir_day(&trajectory, 0), Value::Quantity(7.0));
        let only_baseline = fixture::visited(&[(0.0, 3.0)]);
        assert_eq!(worst_at_visits(&only_baseline), Value::Missing("no laboratory visit on treatment"));
    }

    #[test]
    fn visits_of_other_schedules_do_not_count() {
        let mut trajectory = fixture::visited(&[(0.0, 3.0), (7.0, 1.2), (14.0, 0.4)]);
        trajectory.visits[2].schedules = 2;
        assert_eq!(worst_at_visits(&trajectory), Value::Grade(2));
    }

    #[test]
    fn days_below_carry_the_last_value_forward_within_treatment() {
        let mut trajectory =
            fixture::visited(&[(0.0, 3.0), (7.0, 0.9), (14.0, 1.1), (21.0, 0.8), (28.0, 0.7)]);
        // 7 to 14 and 21 to the end of follow-up at 30 d.
        trajectory.end_time = 30.0;
        assert_eq!(days_below(&trajectory, 0, 1.0), Value::Quantity(7.0 + 9.0));
        // Treatment stopped at 25 d: 7 to 14 and 21 to 25.
        trajectory.treatment.discontinued = Some((25.0, Why::Rule(0)));
        assert_eq!(days_below(&trajectory, 0, 1.0), Value::Quantity(7.0 + 4.0));
    }

    #[test]
    fn flare_is_graded_on_the_daily_record_while_on_treatment() {
        let scenario = fixture::scenario(1);
        let flare = Scale::Limits { thresholds: &[1.0, 2.0, 3.5], falling: false };
        let mut trajectory = fixture::recorded(&[0.0, 0.4, 1.0, 2.1, 3.6, 1.2]);
        let at = GradeTimes::Record(0);
        assert_eq!(worst(&scenario, &trajectory, 0, flare, at), Value::Grade(3));
        trajectory.treatment.discontinued = Some((3.0, Why::Rule(0)));
        assert_eq!(worst(&scenario, &trajectory, 0, flare, at), Value::Grade(2));
    }
}
