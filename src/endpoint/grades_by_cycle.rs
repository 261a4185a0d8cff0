//! Worst grade in each cycle on treatment.

use super::grades::{self, Scale};
use super::reading::{self, LABORATORY};
use super::value::{NOT_SEEN, Value};
use crate::scenario::{GradeSource, GradeTimes, Scenario};
use crate::simulation::Trajectory;

/// Start of each cycle of follow-up, d.
pub fn cycles(scenario: &Scenario, cycle: f64) -> Vec<f64> {
    let count = (scenario.horizon / cycle - 1e-9).ceil().max(1.0) as usize;
    (0..count).map(|index| index as f64 * cycle).collect()
}

/// The worst grade in each cycle of the trial's calendar: of laboratory visits, or of recorded times, on treatment and
/// within the cycle (its first day included, the next cycle's not). A patient beyond a limit at the start counts only if
/// at least one grade worse, else with grade 0. A cycle without such a time is not seen.
pub fn worst(scenario: &Scenario, trajectory: &Trajectory, source: &GradeSource, cycle: f64) -> Value {
    let Some((first, last)) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    let scale = Scale::of(source);
    let series = match source.at {
        GradeTimes::Visits => None,
        GradeTimes::Record(record) => match reading::series(scenario, trajectory, record, source.output) {
            None => return Value::Missing("the record does not hold this output"),
            found => found,
        },
    };
    let start = match &series {
        None => reading::visits(trajectory, LABORATORY).next().map(|visit| visit.measured[source.output]),
        Some(series) => series.points().take_while(|point| point.0 <= first).last().map(|point| point.1),
    };
    // Without a value at the start there is none to compare with.
    let grade = |value: f64| scale.grade(value, start.unwrap_or(f64::NAN));
    let graded: Vec<(f64, u8)> = match &series {
        None => grades::treated_visits(trajectory)
            .map(|visit| (visit.time, grade(visit.measured[source.output])))
            .collect(),
        Some(series) => {
            let treated = series.points().filter(|point| point.0 > first && point.0 <= last);
            treated.map(|point| (point.0, grade(point.1))).collect()
        }
    };
    let baseline = start.map_or(0, grade);
    let mut worst = vec![NOT_SEEN; cycles(scenario, cycle).len()];
    for (time, grade) in graded {
        let Some(place) = worst.get_mut((time / cycle + 1e-9).floor() as usize) else { continue };
        let emergent = if grade > baseline { grade } else { 0 };
        *place = if *place == NOT_SEEN { emergent } else { emergent.max(*place) };
    }
    Value::Periods(worst.into_boxed_slice())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn neutrophils(at: GradeTimes) -> GradeSource {
        GradeSource { output: 0, thresholds: vec![2.0, 1.5, 1.0, 0.5], falling: true, table: None, at }
    }

    #[test]
    fn each_cycle_has_its_worst_grade() {
        let mut scenario = fixture::scenario(1);
        scenario.horizon = 112.0;
        let mut trajectory =
            fixture::visited(&[(0.0, 3.0), (7.0, 1.4), (14.0, 0.9), (28.0, 1.6), (56.0, 2.5), (84.0, 0.4)]);
        trajectory.end_time = 112.0;
        let ask =
            |trajectory: &Trajectory| worst(&scenario, trajectory, &neutrophils(GradeTimes::Visits), 28.0);
        assert_eq!(ask(&trajectory), Value::Periods([3, 1, 0, 4].into()));
        // Grade 2 at the start: only what is worse than that counts.
        trajectory.visits[0].measured[0] = 1.2;
        assert_eq!(ask(&trajectory), Value::Periods([3, 0, 0, 4].into()));
        trajectory.visits[5].on_treatment = false;
        assert_eq!(ask(&trajectory), Value::Periods([3, 0, 0, NOT_SEEN].into()));
    }

    #[test]
    fn a_record_is_graded_at_each_of_its_times() {
        let mut scenario = fixture::scenario_with_record(1, 6);
        scenario.horizon = 6.0;
        let trajectory = fixture::recorded(&[0.4, 1.9, 3.0, 1.4, 0.9, 3.0]);
        let source = neutrophils(GradeTimes::Record(0));
        // The value at the first dose, day 0, is the start: grade 4, so that nothing is worse.
        assert_eq!(worst(&scenario, &trajectory, &source, 3.0), Value::Periods([0, 0].into()));
        let trajectory = fixture::recorded(&[3.0, 1.9, 3.0, 1.4, 0.9, 3.0]);
        assert_eq!(worst(&scenario, &trajectory, &source, 3.0), Value::Periods([1, 3].into()));
        assert_eq!(cycles(&scenario, 3.0), vec![0.0, 3.0]);
        assert_eq!(cycles(&scenario, 4.0), vec![0.0, 4.0]);
    }
}
