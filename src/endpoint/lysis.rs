//! Tumour lysis by Cairo and Bishop (Br J Haematol 2004; 127:3-11), as far as a model can show it.
//!
//! Laboratory: two or more limits passed at once (same recorded time), within a window after a start or step-up of
//! the drug, or while the flare is on. The 25 % changes of the original are not used (Howard 2011 dropped them too).
//! Clinical: laboratory lysis, and creatinine at its limit on the same day or within the window after it, since
//! creatinine follows the fall of filtration by days. Arrhythmia and seizure are not modelled.

use super::reading;
use super::value::Value;
use crate::scenario::{LysisCriteria, Scenario};
use crate::simulation::Trajectory;

/// Whether laboratory (or, if `clinical`, clinical) tumour lysis occurred up to the end of follow-up.
pub fn occurred(
    scenario: &Scenario,
    trajectory: &Trajectory,
    criteria: &LysisCriteria,
    clinical: bool,
) -> Value {
    const ABSENT: Value = Value::Missing("the record does not hold an output of the definition");
    let column = |output: usize| -> Option<Vec<f64>> {
        let series = reading::series(scenario, trajectory, criteria.record, output)?;
        Some(series.points().map(|point| point.1).collect())
    };
    let Some(record) = scenario.records.get(criteria.record) else { return ABSENT };
    let Some(items) = criteria.items.iter().map(|item| column(item.0)).collect::<Option<Vec<_>>>() else {
        return ABSENT;
    };
    let (Some(creatinine), Some(flare)) = (
        column(criteria.creatinine.0),
        criteria.flare.map_or(Some(Vec::new()), |(output, _)| column(output)),
    ) else {
        return ABSENT;
    };

    let steps = starts_and_steps(trajectory, criteria.drug);
    let reached = creatinine.len();
    let mut latest_lysis = f64::NEG_INFINITY;
    for (index, &time) in record.times[..reached].iter().enumerate() {
        // The state at the time of a step is that before its dose.
        let after_step = steps.iter().any(|&step| time > step && time <= step + criteria.window);
        let flaring = criteria.flare.is_some_and(|(_, limit)| flare[index] >= limit);
        let passed = criteria.items.iter().zip(&items).filter(|((_, limit, rising), values)| {
            if *rising { values[index] >= *limit } else { values[index] <= *limit }
        });
        if (after_step || flaring) && passed.count() >= 2 {
            if !clinical {
                return Value::Truth(true);
            }
            latest_lysis = time;
        }
        if clinical && time <= latest_lysis + criteria.window && creatinine[index] >= criteria.creatinine.1 {
            return Value::Truth(true);
        }
    }
    Value::Truth(false)
}

/// Times at which the planned daily dose of the drug is the first, or larger than on the last day with a dose.
/// Coming back from a hold at the same or a lower level is no step.
fn starts_and_steps(trajectory: &Trajectory, drug: usize) -> Vec<f64> {
    let mut steps = Vec::new();
    let mut before = 0.0;
    let mut today: Option<(f64, f64, f64)> = None;
    for dose in trajectory.doses.iter().filter(|dose| dose.planned && dose.route == drug) {
        let day = dose.time.floor();
        match &mut today {
            Some((current, _, total)) if *current == day => *total += dose.amount,
            _ => {
                close_day(today, &mut before, &mut steps);
                today = Some((day, dose.time, dose.amount));
            }
        }
    }
    close_day(today, &mut before, &mut steps);
    steps
}

fn close_day(day: Option<(f64, f64, f64)>, before: &mut f64, steps: &mut Vec<f64>) {
    if let Some((_, first, total)) = day {
        if total > *before {
            steps.push(first);
        }
        *before = total;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::simulation::Dose;

    /// Outputs: 0 uric acid, 1 potassium, 2 creatinine, 3 flare; recorded daily.
    fn criteria() -> LysisCriteria {
        LysisCriteria {
            record: 0,
            items: vec![(0, 476.0, true), (1, 6.0, true)],
            creatinine: (2, 165.0),
            window: 7.0,
            flare: Some((3, 1.0)),
            drug: 0,
        }
    }

    fn course(rows: &[[f64; 4]], doses: &[(f64, f64)]) -> (Scenario, Trajectory) {
        let scenario = fixture::scenario_with_record(4, rows.len() as u32);
        let mut trajectory = fixture::recorded(&[]);
        trajectory.records[0].reached = rows.len();
        trajectory.records[0].values = rows.concat();
        trajectory.doses =
            doses.iter().map(|&(time, amount)| Dose { time, route: 0, amount, planned: true }).collect();
        (scenario, trajectory)
    }

    fn quiet(days: usize) -> Vec<[f64; 4]> {
        vec![[340.0, 4.2, 86.0, 0.0]; days]
    }

    #[test]
    fn two_limits_on_one_day_within_the_window() {
        let mut rows = quiet(20);
        rows[3] = [480.0, 5.9, 86.0, 0.0];
        rows[4] = [470.0, 6.1, 86.0, 0.0];
        let (scenario, trajectory) = course(&rows, &[(0.0, 10.0)]);
        assert_eq!(occurred(&scenario, &trajectory, &criteria(), false), Value::Truth(false));
        rows[7] = [480.0, 6.1, 86.0, 0.0];
        let (scenario, trajectory) = course(&rows, &[(0.0, 10.0)]);
        assert_eq!(occurred(&scenario, &trajectory, &criteria(), false), Value::Truth(true));
        assert_eq!(occurred(&scenario, &trajectory, &criteria(), true), Value::Truth(false));
    }

    #[test]
    fn outside_the_window_only_a_step_or_a_flare_makes_it_count() {
        let mut rows = quiet(40);
        rows[33] = [480.0, 6.1, 86.0, 0.0];
        let lysis = |rows: &[[f64; 4]], doses: &[(f64, f64)]| {
            let (scenario, trajectory) = course(rows, doses);
            occurred(&scenario, &trajectory, &criteria(), false)
        };
        assert_eq!(lysis(&rows, &[(0.0, 5.0), (30.0, 5.0)]), Value::Truth(false));
        assert_eq!(lysis(&rows, &[(0.0, 5.0), (30.0, 2.5)]), Value::Truth(false));
        assert_eq!(lysis(&rows, &[(0.0, 5.0), (28.0, 10.0)]), Value::Truth(true));
        rows[33][3] = 1.0;
        assert_eq!(lysis(&rows, &[(0.0, 5.0), (30.0, 5.0)]), Value::Truth(true));
    }

    #[test]
    fn clinical_needs_creatinine_within_the_window_after_it() {
        let mut rows = quiet(30);
        rows[5] = [480.0, 6.1, 90.0, 0.0];
        rows[12] = [400.0, 4.5, 166.0, 0.0];
        let (scenario, trajectory) = course(&rows, &[(0.0, 10.0)]);
        assert_eq!(occurred(&scenario, &trajectory, &criteria(), true), Value::Truth(true));
        rows[12][2] = 90.0;
        rows[13][2] = 166.0;
        let (scenario, trajectory) = course(&rows, &[(0.0, 10.0)]);
        assert_eq!(occurred(&scenario, &trajectory, &criteria(), true), Value::Truth(false));
    }

    #[test]
    fn twice_daily_doses_are_one_step() {
        let (_, mut trajectory) =
            course(&quiet(3), &[(0.0, 2.0), (0.5, 3.0), (1.0, 2.0), (1.5, 3.0), (2.0, 6.0)]);
        assert_eq!(starts_and_steps(&trajectory, 0), vec![0.0, 2.0]);
        trajectory.doses[4].planned = false;
        assert_eq!(starts_and_steps(&trajectory, 0), vec![0.0]);
    }
}
