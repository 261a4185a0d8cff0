//! When progression was first seen, swelling in the flare window left out; and when a drug was started or stepped up, which
//! opens such windows.

use crate::scenario::Progression;
use crate::simulation::{Trajectory, Visit};

/// Time of the first visit at which the signal is true outside of the flare window, d.
pub fn first(trajectory: &Trajectory, progression: &Progression) -> Option<f64> {
    let seen = |visit: &&Visit| visit.signals[progression.signal] != 0.0;
    let Some(window) = progression.flare else {
        return trajectory.visits.iter().find(seen).map(|visit| visit.time);
    };
    let steps = starts_and_steps(trajectory, window.drug);
    let excused = |visit: &Visit| {
        let after_step = steps.iter().any(|&step| visit.time > step && visit.time <= step + window.length);
        after_step && window.flare.is_none_or(|(output, limit)| visit.measured[output] >= limit)
    };
    trajectory.visits.iter().filter(seen).find(|visit| !excused(visit)).map(|visit| visit.time)
}

/// Times at which the planned daily dose of the drug is the first, or larger than on the last day with a dose.
/// Coming back from a hold at the same or a lower level is no step.
pub fn starts_and_steps(trajectory: &Trajectory, drug: usize) -> Vec<f64> {
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
    use crate::scenario::FlareWindow;
    use crate::simulation::Dose;

    fn dose(time: f64, amount: f64) -> Dose {
        Dose { time, route: 0, amount, planned: true }
    }

    #[test]
    fn twice_daily_doses_are_one_step() {
        let mut trajectory = fixture::visited(&[]);
        trajectory.doses = [(0.0, 2.0), (0.5, 3.0), (1.0, 2.0), (1.5, 3.0), (2.0, 6.0)]
            .map(|(time, amount)| dose(time, amount))
            .to_vec();
        assert_eq!(starts_and_steps(&trajectory, 0), vec![0.0, 2.0]);
        trajectory.doses[4].planned = false;
        assert_eq!(starts_and_steps(&trajectory, 0), vec![0.0]);
    }

    /// Progression at days 28, 56, 84 and 112; starts at day 0 and a step at day 56; flare at days 28 and 84 only.
    #[test]
    fn progression_with_flare_after_a_start_or_step_is_not_counted() {
        let mut trajectory =
            fixture::visited(&[(0.0, 0.0), (28.0, 1.2), (56.0, 0.3), (84.0, 1.0), (112.0, 0.2)]);
        trajectory.doses = vec![dose(0.0, 5.0), dose(56.0, 10.0)];
        for visit in &mut trajectory.visits[1..] {
            visit.signals[0] = 1.0;
        }
        let first_with = |length: f64, flare: Option<(usize, f64)>| {
            first(
                &trajectory,
                &Progression { signal: 0, flare: Some(FlareWindow { drug: 0, length, flare }) },
            )
        };
        assert_eq!(first(&trajectory, &Progression { signal: 0, flare: None }), Some(28.0));
        assert_eq!(first_with(28.0, None), Some(56.0), "day 28 is within 28 d of the start");
        assert_eq!(first_with(27.0, None), Some(28.0));
        assert_eq!(first_with(56.0, None), None, "all four visits lie within 56 d of day 0 or day 56");
        assert_eq!(first_with(56.0, Some((0, 1.0))), Some(56.0), "no flare at day 56");
        assert_eq!(first_with(56.0, Some((0, 1.3))), Some(28.0));
    }
}
