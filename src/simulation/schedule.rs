//! Dose times of a plan: days of a cycle, cycles, times of day; or the visits of a schedule.
//!
//! Knows when a dose is planned, not whether it is given: holds and discontinuation are the business of
//! [`super::course`].

use super::clock::{MOMENT, day_of, whole};
use crate::scenario::Treatment;
use std::cell::Cell;

/// The planned dose times of one treatment, one after the other.
#[derive(Debug)]
pub(super) struct Plan<'s> {
    treatment: &'s Treatment,
    /// Whether a dose is planned on a day of a cycle (from 0).
    planned: Vec<bool>,
    /// Visits at which doses are given instead.
    visits: Option<Vec<f64>>,
    place: Place,
    /// The cycle last asked for, and its start.
    current: Cell<(u32, f64)>,
}

/// How far a plan has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    cycle: u32,
    day: usize,
    at: usize,
    /// Of the visits at which doses are given.
    visit: usize,
    /// Time of the next dose.
    next: Option<f64>,
}

impl<'s> Plan<'s> {
    /// At the first dose of a plan whose doses are given at these visits (d, ascending).
    pub(super) fn at_visits(treatment: &'s Treatment, visits: Vec<f64>) -> Self {
        let mut plan = Plan { visits: Some(visits), ..Plan::new(treatment) };
        plan.place.next = plan.time();
        plan
    }

    /// At the first planned dose.
    pub(super) fn new(treatment: &'s Treatment) -> Self {
        let mut planned = vec![false; treatment.days.iter().max().map_or(0, |&last| last as usize)];
        for day in treatment.days.iter().filter_map(|day| day.checked_sub(1)) {
            planned[day as usize] = true;
        }
        let cycle = treatment.cycles.0.max(1);
        let current = Cell::new((1, 0.0));
        let place = Place { cycle, day: 0, at: 0, visit: 0, next: None };
        let mut plan = Plan { treatment, planned, visits: None, place, current };
        plan.place.next = plan.time();
        plan
    }

    /// Whether its times are days of cycles, the same for every patient.
    pub(super) fn is_by_days(&self) -> bool {
        self.visits.is_none()
    }

    /// Time of the next planned dose, d; `None` when the plan is over.
    pub(super) fn next(&self) -> Option<f64> {
        self.place.next
    }

    fn time(&self) -> Option<f64> {
        if let Some(visits) = &self.visits {
            return visits.get(self.place.visit).copied();
        }
        if self.place.cycle > self.treatment.cycles.1 {
            return None;
        }
        let day = *self.treatment.days.get(self.place.day)?;
        let at = *self.treatment.at.get(self.place.at)?;
        Some(f64::from(self.place.cycle - 1) * self.treatment.cycle + f64::from(day.saturating_sub(1)) + at)
    }

    /// Goes on to the dose after.
    pub(super) fn advance(&mut self) {
        self.step();
        self.place.next = self.time();
    }

    fn step(&mut self) {
        if self.visits.is_some() {
            self.place.visit += 1;
            return;
        }
        self.place.at += 1;
        if self.place.at < self.treatment.at.len() {
            return;
        }
        self.place.at = 0;
        self.place.day += 1;
        if self.place.day < self.treatment.days.len() {
            return;
        }
        self.place.day = 0;
        // A plan to the end of the trial has u32::MAX cycles; the horizon comes long before.
        self.place.cycle = self.place.cycle.saturating_add(1);
    }

    /// How far it has come.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Goes to where a plan of the same treatment has come.
    pub(super) fn go_to(&mut self, place: Place) {
        self.place = place;
    }

    /// Whether a dose is planned on a day (from 0).
    pub(super) fn planned_on(&self, day: u32) -> bool {
        if let Some(visits) = &self.visits {
            let place = visits.partition_point(|&visit| day_of(visit) < day);
            return visits.get(place).is_some_and(|&visit| day_of(visit) == day);
        }
        let Some((cycle, start)) = self.cycle_of(f64::from(day)) else { return false };
        let (first, last) = self.treatment.cycles;
        let day_of_cycle = day_of(f64::from(day) - start) as usize;
        (first..=last).contains(&cycle) && self.planned.get(day_of_cycle) == Some(&true)
    }

    /// Whether `time` lies in the cycles of the plan.
    pub(super) fn covers(&self, time: f64) -> bool {
        if self.visits.is_some() {
            return true;
        }
        let (first, last) = self.treatment.cycles;
        self.cycle_of(time).is_some_and(|(cycle, _)| (first..=last).contains(&cycle))
    }

    /// The cycle (from 1) that holds `time`, and its start.
    fn cycle_of(&self, time: f64) -> Option<(u32, f64)> {
        let length = self.treatment.cycle;
        let (cycle, start) = self.current.get();
        // Asked day after day: mostly the cycle of the last time. Near an end the division decides.
        if start <= time && time < start + length - 2.0 * MOMENT {
            return Some((cycle, start));
        }
        if length > 0.0 {
            let before = whole((time + MOMENT) / length);
            let found = (before as u32 + 1, before * length);
            self.current.set(found);
            Some(found)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn treatment(days: Vec<u32>, cycle: f64, cycles: (u32, u32), at: Vec<f64>) -> Treatment {
        Treatment {
            route: 0,
            levels: vec![1.0],
            start: 0,
            start_if: Vec::new(),
            cycle,
            days,
            cycles,
            at,
            over: 0.0,
            visits: None,
            tablets: None,
            adherence: None,
            text: String::new(),
        }
    }

    fn times(treatment: &Treatment, horizon: f64) -> Vec<f64> {
        let mut plan = Plan::new(treatment);
        let mut times = Vec::new();
        while let Some(time) = plan.next().filter(|&time| time < horizon) {
            times.push(time);
            plan.advance();
        }
        times
    }

    #[test]
    fn days_1_to_21_of_28() {
        let treatment = treatment((1..=21).collect(), 28.0, (1, u32::MAX), vec![0.0]);
        let times = times(&treatment, 56.0);
        assert_eq!(times.len(), 42);
        assert_eq!(times[20], 20.0);
        assert_eq!(times[21], 28.0);
        let plan = Plan::new(&treatment);
        assert!(plan.planned_on(20) && !plan.planned_on(21) && !plan.planned_on(27) && plan.planned_on(28));
    }

    #[test]
    fn twice_daily_in_the_second_cycle_only() {
        let treatment = treatment(vec![1, 2], 7.0, (2, 2), vec![0.0, 0.5]);
        assert_eq!(times(&treatment, 100.0), [7.0, 7.5, 8.0, 8.5]);
        let plan = Plan::new(&treatment);
        assert!(!plan.covers(6.9) && plan.covers(7.0) && plan.covers(13.9) && !plan.covers(14.0));
    }
}
