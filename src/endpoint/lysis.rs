//! Tumour lysis by Cairo and Bishop (Br J Haematol 2004; 127:3-11), as far as a model can show it.
//!
//! At once ([`LysisRule::AtOnce`]). Laboratory: two or more limits passed at the same recorded time, within a window after
//! a start or step-up of the drug, or while the flare is on; the 25 % changes of the original are not used (Howard 2011
//! dropped them too). Clinical: laboratory lysis, and creatinine at its limit on the same day or within the window after
//! it, since creatinine follows the fall of filtration by days.
//!
//! As published ([`LysisRule::WithinWindow`]). Laboratory: two or more items met at whatever times from 3 d before to 7 d
//! after the first dose, each by its limit or by a change of 25 % from the start. Clinical: that, and creatinine at its
//! limit in the same time. What is not recorded before the first dose cannot be seen.
//!
//! Arrhythmia and seizure count for clinical lysis where the model has hazards for them.

use super::progression::starts_and_steps;
use super::reading;
use super::value::Value;
use crate::scenario::{LysisCriteria, LysisRule, Scenario};
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

    let times = &record.times[..creatinine.len()];
    let course = Chemistry { criteria, times, items, creatinine, flare };
    let steps = starts_and_steps(trajectory, criteria.drug);
    let events = trajectory.events.iter().filter(|event| criteria.events.contains(&event.hazard));
    let events: Vec<f64> = events.map(|event| event.time).collect();
    Value::Truth(match criteria.rule {
        LysisRule::AtOnce => course.at_once(&steps, &events, clinical),
        LysisRule::WithinWindow { before, change, steps: every } => {
            let count = if every { steps.len() } else { steps.len().min(1) };
            let first = steps.first().copied().unwrap_or(f64::NAN);
            steps[..count].iter().any(|&start| {
                let window = (start - before, start + criteria.window);
                course.within(window, first, change) && (!clinical || course.clinical_within(window, &events))
            })
        }
    })
}

/// The recorded course of what the definition reads.
struct Chemistry<'a> {
    criteria: &'a LysisCriteria,
    times: &'a [f64],
    /// `[item][time]`
    items: Vec<Vec<f64>>,
    creatinine: Vec<f64>,
    flare: Vec<f64>,
}

impl Chemistry<'_> {
    fn at_once(&self, steps: &[f64], events: &[f64], clinical: bool) -> bool {
        let criteria = self.criteria;
        let mut latest_lysis = f64::NEG_INFINITY;
        for (index, &time) in self.times.iter().enumerate() {
            // The state at the time of a step is that before its dose.
            let after_step = steps.iter().any(|&step| time > step && time <= step + criteria.window);
            let flaring = criteria.flare.is_some_and(|(_, limit)| self.flare[index] >= limit);
            let passed = criteria.items.iter().zip(&self.items).filter(|((_, limit, rising), values)| {
                if *rising { values[index] >= *limit } else { values[index] <= *limit }
            });
            if (after_step || flaring) && passed.count() >= 2 {
                let event = |event: &f64| *event >= time && *event <= time + criteria.window;
                if !clinical || events.iter().any(event) {
                    return true;
                }
                latest_lysis = time;
            }
            if clinical
                && time <= latest_lysis + criteria.window
                && self.creatinine[index] >= criteria.creatinine.1
            {
                return true;
            }
        }
        false
    }

    /// Whether two items were met at any times of a window, by limit or by change from the value at `start`.
    fn within(&self, window: (f64, f64), start: f64, change: f64) -> bool {
        let met = self.criteria.items.iter().zip(&self.items).filter(|((_, limit, rising), values)| {
            let before = self.times.iter().zip(values.iter()).take_while(|(time, _)| **time <= start).last();
            let changed = before.map(|(_, value)| value * if *rising { 1.0 + change } else { 1.0 - change });
            self.during(window, values).any(|value| {
                if *rising {
                    value >= *limit || changed.is_some_and(|changed| value >= changed)
                } else {
                    value <= *limit || changed.is_some_and(|changed| value <= changed)
                }
            })
        });
        met.count() >= 2
    }

    fn clinical_within(&self, window: (f64, f64), events: &[f64]) -> bool {
        self.during(window, &self.creatinine).any(|value| value >= self.criteria.creatinine.1)
            || events.iter().any(|event| *event >= window.0 && *event <= window.1)
    }

    fn during<'v>(&'v self, window: (f64, f64), values: &'v [f64]) -> impl Iterator<Item = f64> + 'v {
        let timed = self.times.iter().zip(values);
        timed.filter(move |(time, _)| **time >= window.0 && **time <= window.1).map(|(_, value)| *value)
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
            rule: LysisRule::AtOnce,
            events: Vec::new(),
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

    /// Potassium 4.2 mmol/L at the start: 25 % more is 5.25; uric acid 340: 425 umol/L.
    #[test]
    fn as_published_items_need_not_meet_and_a_quarter_of_change_is_enough() {
        let rule = LysisRule::WithinWindow { before: 3.0, change: 0.25, steps: false };
        let published = LysisCriteria { flare: None, rule, ..criteria() };
        let lysis = |rows: &[[f64; 4]], clinical: bool| {
            let (scenario, trajectory) = course(rows, &[(4.0, 5.0), (20.0, 10.0)]);
            occurred(&scenario, &trajectory, &published, clinical)
        };
        let mut rows = quiet(30);
        rows[2][0] = 425.0;
        rows[11][1] = 5.24;
        assert_eq!(lysis(&rows, false), Value::Truth(false));
        rows[11][1] = 5.25;
        assert_eq!(
            lysis(&rows, false),
            Value::Truth(true),
            "3 d before to 7 d after the first dose at day 4"
        );
        assert_eq!(lysis(&rows, true), Value::Truth(false));
        rows[10][2] = 165.0;
        assert_eq!(lysis(&rows, true), Value::Truth(true));
        let mut early = quiet(30);
        (early[0][0], early[11][1]) = (500.0, 6.5);
        assert_eq!(lysis(&early, false), Value::Truth(false), "4 d before the first dose is too early");
        let mut late = quiet(30);
        (late[22][0], late[26][1]) = (500.0, 6.5);
        assert_eq!(lysis(&late, false), Value::Truth(false), "the step at day 20 is no initiation");
        let (scenario, trajectory) = course(&late, &[(4.0, 5.0), (20.0, 10.0)]);
        let rule = LysisRule::WithinWindow { before: 3.0, change: 0.25, steps: true };
        let at_steps = LysisCriteria { rule, ..published.clone() };
        assert_eq!(occurred(&scenario, &trajectory, &at_steps, false), Value::Truth(true));
    }

    #[test]
    fn a_seizure_makes_it_clinical() {
        use crate::simulation::Event;
        let mut rows = quiet(30);
        rows[5] = [480.0, 6.1, 90.0, 0.0];
        let (scenario, mut trajectory) = course(&rows, &[(0.0, 10.0)]);
        trajectory.events = vec![Event { time: 6.5, hazard: 3 }];
        let with_events = LysisCriteria { events: vec![3], ..criteria() };
        assert_eq!(occurred(&scenario, &trajectory, &criteria(), true), Value::Truth(false));
        assert_eq!(occurred(&scenario, &trajectory, &with_events, true), Value::Truth(true));
        let rule = LysisRule::WithinWindow { before: 3.0, change: 0.25, steps: false };
        let published = LysisCriteria { rule, flare: None, ..with_events };
        assert_eq!(occurred(&scenario, &trajectory, &published, true), Value::Truth(true));
        trajectory.events[0].time = 12.1;
        assert_eq!(occurred(&scenario, &trajectory, &published, true), Value::Truth(false));
    }
}
