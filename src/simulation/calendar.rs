//! When the clinic sees the patient: the scheduled visits of all schedules, and extra ones while a drug is on hold.
//!
//! Whether a visit is missed or late depends on seed, patient and its planned minute alone, so a patient misses the same
//! visit in every arm, whatever else is planned.

use super::clock::{MOMENT, reached};
use super::measurement::minute;
use crate::math::random::{Identity, Stream};
use crate::scenario::{Conduct, Scenario};

/// The bit of the laboratory schedule, to which extra visits belong.
pub(super) const LABORATORY: u32 = 1;

/// The bit of a schedule in a visit's mask; 0 beyond the 32 that a mask can hold.
pub(super) fn bit(schedule: usize) -> u32 {
    u32::try_from(schedule).ok().and_then(|shift| LABORATORY.checked_shl(shift)).unwrap_or(0)
}

/// The visits of one patient in one arm.
#[derive(Debug)]
pub(super) struct Calendar {
    /// (time, schedules), ascending; day 1 first.
    scheduled: Vec<(f64, u32)>,
    cursor: usize,
    /// Spacing of extra visits while on hold, d.
    spacing: Option<f64>,
    /// Time of the last laboratory visit, d.
    last: f64,
}

impl Calendar {
    /// Merges the schedules as the patient keeps them. Day 1 (before the first dose) is always a visit, and the baseline of
    /// every schedule.
    pub(super) fn new(scenario: &Scenario, patient: usize) -> Self {
        let all = (0..scenario.visits.len()).fold(LABORATORY, |mask, schedule| mask | bit(schedule));
        let mut times = vec![(0.0, all)];
        for (schedule, visits) in scenario.visits.iter().enumerate() {
            times.extend(visits.times.iter().map(|&time| (time, bit(schedule))));
        }
        if scenario.variability {
            let kept =
                |(time, mask)| Some((attended(time, &scenario.conduct, scenario.seed, patient)?, mask));
            times = times.into_iter().filter_map(kept).collect();
        }
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut scheduled: Vec<(f64, u32)> = Vec::with_capacity(times.len());
        for (time, mask) in times {
            match scheduled.last_mut() {
                Some((last, merged)) if time - *last <= MOMENT => *merged |= mask,
                _ => scheduled.push((time, mask)),
            }
        }
        let spacing = scenario.visits_while_held.filter(|&spacing| spacing > MOMENT);
        Calendar { scheduled, cursor: 0, spacing, last: f64::NEG_INFINITY }
    }

    /// Times of the scheduled visits of one schedule, d, ascending.
    pub(super) fn times_of(&self, schedule: usize) -> Vec<f64> {
        let wanted = self.scheduled.iter().filter(|(_, mask)| mask & bit(schedule) != 0);
        wanted.map(|&(time, _)| time).collect()
    }

    /// Visits to come as they are known now, d: the scheduled ones, then the extra one.
    pub(super) fn to_come(&self, held_since: Option<f64>) -> impl Iterator<Item = f64> + '_ {
        let scheduled = self.scheduled[self.cursor.min(self.scheduled.len())..].iter();
        let extra = Some(self.extra(held_since)).filter(|time| time.is_finite());
        scheduled.map(|&(time, _)| time).chain(extra)
    }

    /// The next visit, d; infinite if there is none. `held_since` is the time at which the patient went on hold.
    pub(super) fn next(&self, held_since: Option<f64>) -> f64 {
        let scheduled = self.scheduled.get(self.cursor).map_or(f64::INFINITY, |&(time, _)| time);
        scheduled.min(self.extra(held_since))
    }

    /// The schedules of the visit at `time`, if there is one; it is taken off the calendar.
    pub(super) fn attend(&mut self, time: f64, held_since: Option<f64>) -> Option<u32> {
        let mut schedules = 0;
        while let Some(&(_, mask)) = self.scheduled.get(self.cursor).filter(|&&(due, _)| reached(due, time)) {
            schedules |= mask;
            self.cursor += 1;
        }
        if reached(self.extra(held_since), time) {
            schedules |= LABORATORY;
        }
        if schedules & LABORATORY != 0 {
            self.last = time;
        }
        (schedules != 0).then_some(schedules)
    }

    /// The next extra visit: one spacing after the later of the last laboratory visit and the begin of the hold.
    fn extra(&self, held_since: Option<f64>) -> f64 {
        match (self.spacing, held_since) {
            (Some(spacing), Some(since)) => self.last.max(since) + spacing,
            _ => f64::INFINITY,
        }
    }
}

/// When a planned visit takes place, if it does.
fn attended(time: f64, conduct: &Conduct, seed: u64, patient: usize) -> Option<f64> {
    if time <= MOMENT {
        return Some(time);
    }
    let chance = |purpose| {
        let (patient, occasion) = (patient as u64, minute(time));
        Stream::new(Identity { seed, patient, purpose, occasion }).uniform()
    };
    if conduct.missed > 0.0 && chance("visit:missed") < conduct.missed {
        return None;
    }
    if conduct.late.is_empty() {
        return Some(time);
    }
    let mut left = chance("visit:late");
    let days = conduct.late.iter().position(|probability| {
        left -= probability;
        left < 0.0
    });
    // Probabilities that add up to 1 but for a rounding leave nothing over.
    Some(time + days.unwrap_or(conduct.late.len() - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_missed_and_late_as_often_as_is_said() {
        let conduct = Conduct { missed: 0.2, late: vec![0.5, 0.3, 0.2], ..Conduct::default() };
        let (mut missed, mut late) = (0, [0; 3]);
        let patients = 10_000;
        for patient in 0..patients {
            match attended(7.0, &conduct, 1, patient) {
                None => missed += 1,
                Some(time) => late[(time - 7.0) as usize] += 1,
            }
        }
        // Four standard errors of a share of 10 000 are at most 0.02; of the 8 000 that came, 0.023.
        let share = |count: usize, of: usize| count as f64 / of as f64;
        assert!((share(missed, patients) - 0.2).abs() < 0.02, "{missed}");
        for (found, expected) in late.into_iter().zip(&conduct.late) {
            assert!((share(found, patients - missed) - expected).abs() < 0.023, "{late:?}");
        }
        assert_eq!(attended(0.0, &Conduct { missed: 1.0, ..conduct }, 1, 3), Some(0.0), "day 1 takes place");
    }
}
