//! When the clinic sees the patient: the scheduled visits of all schedules, and extra ones while a drug is on hold.

use super::clock::{MOMENT, reached};
use crate::scenario::Scenario;

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
    /// Merges the schedules. Day 1 (before the first dose) is always a visit, and the baseline of every schedule.
    pub(super) fn new(scenario: &Scenario) -> Self {
        let all = (0..scenario.visits.len()).fold(LABORATORY, |mask, schedule| mask | bit(schedule));
        let mut times = vec![(0.0, all)];
        for (schedule, visits) in scenario.visits.iter().enumerate() {
            times.extend(visits.times.iter().map(|&time| (time, bit(schedule))));
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
