//! The course of treatment: levels in force, holds, discontinuation, and the books kept of them.
//!
//! Knows how a level changes and when a dose falls due; why it changes is the business of [`super::protocol`].

use super::clock::{MOMENT, day_of, reached};
use super::schedule::{Place, Plan};
use super::trajectory::{TreatmentSpan, Why};
use crate::scenario::Treatment;

/// One treatment of the arm.
#[derive(Debug)]
struct Drug<'s> {
    treatment: &'s Treatment,
    plan: Plan<'s>,
    /// Level in force, index into the treatment's levels.
    level: usize,
    /// Level at the start.
    start: usize,
    /// Steps up taken so far.
    steps: usize,
    stopped: bool,
    /// Day of the last change of level, so that there is at most one a day.
    changed: Option<u32>,
    /// On hold when the present check began.
    was_held: bool,
    /// Levels to go down when the last hold ends, and the dose not to go below.
    owed: Option<(usize, f64)>,
    /// Last day, while on treatment, on which nothing of this drug was given.
    last_off: Option<u32>,
}

impl Drug<'_> {
    fn dose(&self) -> f64 {
        self.treatment.levels.get(self.level).copied().unwrap_or(0.0)
    }

    /// Goes `lower` levels down, but not below the dose `lowest`.
    fn lower(&mut self, lower: usize, lowest: f64) {
        let allowed = self.treatment.levels.partition_point(|&level| level < lowest * (1.0 - MOMENT));
        self.level = self.level.saturating_sub(lower).max(allowed).min(self.level);
    }

    /// Whether there is a level above that is not above the dose `highest`; without `regain` there are only as many
    /// steps as levels from the start to there.
    fn can_rise(&self, highest: f64, regain: bool) -> bool {
        let allowed = self.treatment.levels.partition_point(|&level| level <= highest * (1.0 + MOMENT));
        let planned = allowed.saturating_sub(1 + self.start);
        self.level + 1 < allowed && (regain || self.steps < planned)
    }

    /// More doses are to come.
    fn awaits(&self) -> bool {
        !self.stopped && self.plan.next().is_some()
    }
}

/// A rule that holds a drug.
#[derive(Debug)]
struct Hold {
    rule: usize,
    route: usize,
}

/// A planned dose that falls due and is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueDose {
    /// Route.
    pub(super) route: usize,
    /// Level in force.
    pub(super) amount: f64,
    /// Length of the infusion, d; 0 for none.
    pub(super) over: f64,
}

/// The treatments of one patient in one arm.
#[derive(Debug)]
pub(super) struct Course<'s> {
    drugs: Vec<Drug<'s>>,
    holds: Vec<Hold>,
    held_since: Option<f64>,
    /// Why a drug was last stopped.
    reason: Option<Why>,
    /// Day for which a planned dose was last counted as held.
    held_day: Option<u32>,
    /// First day not yet entered in the books.
    unbooked: u32,
    span: TreatmentSpan,
}

impl<'s> Course<'s> {
    /// Treatments with their starting levels.
    pub(super) fn new(treatments: impl Iterator<Item = (&'s Treatment, usize)>) -> Self {
        let drugs = treatments
            .map(|(treatment, level)| Drug {
                treatment,
                plan: Plan::new(treatment),
                level,
                start: level,
                steps: 0,
                stopped: false,
                changed: None,
                was_held: false,
                owed: None,
                last_off: None,
            })
            .collect();
        let span =
            TreatmentSpan { first_dose: None, discontinued: None, held_days: 0, daily_level: Vec::new() };
        Course { drugs, holds: Vec::new(), held_since: None, reason: None, held_day: None, unbooked: 0, span }
    }

    /// From the first dose to discontinuation.
    pub(super) fn on_treatment(&self) -> bool {
        self.span.first_dose.is_some() && self.span.discontinued.is_none()
    }

    /// Treatment is planned and has not been stopped: each day's dose time is a time of decision.
    pub(super) fn under_way(&self) -> bool {
        !self.drugs.is_empty() && self.span.discontinued.is_none()
    }

    /// Whether any rule holds a drug.
    pub(super) fn on_hold(&self, route: usize) -> bool {
        self.holds.iter().any(|hold| hold.route == route)
    }

    /// Since when some drug has been on hold without a break.
    pub(super) fn held_since(&self) -> Option<f64> {
        self.held_since
    }

    /// Whether this rule holds its drug.
    pub(super) fn held_by(&self, rule: usize) -> bool {
        self.holds.iter().any(|hold| hold.rule == rule)
    }

    /// Whether more doses of a drug are planned.
    pub(super) fn awaits(&self, route: usize) -> bool {
        self.of(route).any(Drug::awaits)
    }

    /// The level in force, 0 while held, after discontinuation and after the plan's end. Where the arm has several
    /// treatments with one drug (loading, maintenance), the one whose cycles hold `time` counts.
    pub(super) fn level(&self, route: usize, time: f64) -> f64 {
        if self.on_hold(route) {
            return 0.0;
        }
        self.of(route).find(|drug| !drug.stopped && drug.plan.covers(time)).map_or(0.0, Drug::dose)
    }

    /// Time since the last day on treatment without a dose of the drug, d; infinite if there was none.
    pub(super) fn since_off(&self, route: usize, time: f64) -> f64 {
        let last = self.of(route).filter_map(|drug| drug.last_off).max();
        last.map_or(f64::INFINITY, |day| time - f64::from(day))
    }

    /// Notes who is on hold as a check begins.
    pub(super) fn begin_check(&mut self) {
        for drug in &mut self.drugs {
            drug.was_held = self.holds.iter().any(|hold| hold.route == drug.treatment.route);
        }
    }

    /// A rule begins to hold a drug.
    pub(super) fn hold(&mut self, rule: usize, route: usize, time: f64) {
        self.holds.push(Hold { rule, route });
        self.held_since.get_or_insert(time);
    }

    /// A rule lets go of its drug. The levels it asks to go down are owed until the last hold ends; several rules do
    /// not add up, the largest step and the highest floor count.
    pub(super) fn release(&mut self, rule: usize, lower: usize, lowest: f64) {
        let Some(place) = self.holds.iter().position(|hold| hold.rule == rule) else { return };
        let route = self.holds.remove(place).route;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route) {
            let (owed, floor) = drug.owed.unwrap_or((0, 0.0));
            drug.owed = Some((owed.max(lower), floor.max(lowest)));
        }
        if self.holds.is_empty() {
            self.held_since = None;
        }
    }

    /// Goes down by what is owed if the last hold of the drug has ended. True if the drug is resumed now.
    pub(super) fn settle(&mut self, route: usize, time: f64) -> bool {
        if self.on_hold(route) {
            return false;
        }
        let mut resumed = false;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route) {
            if let Some((lower, lowest)) = drug.owed.take() {
                drug.lower(lower, lowest);
                drug.changed = Some(day_of(time));
                resumed = true;
            }
        }
        resumed
    }

    /// Goes down at once. Not while held (the hold's own rule says at which level to resume), and not a second time on
    /// one day. Gives the levels before and after if there was a change.
    pub(super) fn reduce(
        &mut self,
        route: usize,
        lower: usize,
        lowest: f64,
        time: f64,
    ) -> Option<(f64, f64)> {
        self.change(route, time, |drug| drug.lower(lower, lowest))
    }

    /// Goes one level up, if [`Drug::can_rise`]; not while held nor on the day of another change.
    pub(super) fn escalate(
        &mut self,
        route: usize,
        highest: f64,
        regain: bool,
        time: f64,
    ) -> Option<(f64, f64)> {
        self.change(route, time, |drug| {
            if drug.can_rise(highest, regain) {
                drug.level += 1;
                drug.steps += 1;
            }
        })
    }

    /// Whether a drug could still go up one level (ignoring holds).
    pub(super) fn can_rise(&self, route: usize, highest: f64, regain: bool) -> bool {
        self.of(route).any(|drug| drug.awaits() && drug.can_rise(highest, regain))
    }

    /// Whether a drug was on hold when the check began, or is now.
    pub(super) fn blocked(&self, route: usize) -> bool {
        self.on_hold(route) || self.of(route).any(|drug| drug.was_held)
    }

    fn change(&mut self, route: usize, time: f64, alter: impl Fn(&mut Drug<'s>)) -> Option<(f64, f64)> {
        if self.blocked(route) {
            return None;
        }
        let (before, today) = (self.level(route, time), day_of(time));
        let mut changed = false;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route && drug.awaits()) {
            let level = drug.level;
            if drug.changed != Some(today) {
                alter(drug);
            }
            if drug.level != level {
                drug.changed = Some(today);
                changed = true;
            }
        }
        changed.then(|| (before, self.level(route, time)))
    }

    /// Stops a drug for good, or all (`None`); its holds end with it. Gives the routes that were stopped, each with the
    /// level in force before; none if there was nothing left to stop.
    pub(super) fn discontinue(&mut self, route: Option<usize>, time: f64, why: Why) -> Vec<(usize, f64)> {
        let concerned =
            |drug: &Drug| !drug.stopped && route.is_none_or(|route| drug.treatment.route == route);
        let mut stopped: Vec<(usize, f64)> = Vec::new();
        for drug in self.drugs.iter().filter(|drug| concerned(drug)) {
            let route = drug.treatment.route;
            if stopped.iter().all(|(other, _)| *other != route) {
                stopped.push((route, self.level(route, time)));
            }
        }
        if stopped.is_empty() {
            return stopped;
        }
        for drug in self.drugs.iter_mut().filter(|drug| concerned(drug)) {
            drug.stopped = true;
            drug.owed = None;
        }
        self.holds.retain(|hold| route.is_some_and(|route| hold.route != route));
        if self.holds.is_empty() {
            self.held_since = None;
        }
        self.reason = Some(why);
        self.close(time);
        stopped
    }

    /// Ends treatment as a whole once one drug has been stopped and no other has doses to come.
    fn close(&mut self, time: f64) {
        if let (Some(why), None) = (self.reason, self.span.discontinued)
            && !self.drugs.iter().any(Drug::awaits)
        {
            self.span.discontinued = Some((time, why));
        }
    }

    /// The next time at which a planned dose falls due, held or not; infinite if there is none.
    pub(super) fn next_dose(&self) -> f64 {
        let running = self.drugs.iter().filter(|drug| !drug.stopped);
        running.filter_map(|drug| drug.plan.next()).fold(f64::INFINITY, f64::min)
    }

    /// Takes the planned doses due at `time` off the plans; those not on hold are pushed to `due`.
    pub(super) fn take_due(&mut self, time: f64, due: &mut Vec<DueDose>) {
        for drug in self.drugs.iter_mut().filter(|drug| !drug.stopped) {
            let route = drug.treatment.route;
            while drug.plan.next().is_some_and(|next| reached(next, time)) {
                drug.plan.advance();
                if !self.holds.iter().any(|hold| hold.route == route) {
                    due.push(DueDose { route, amount: drug.dose(), over: drug.treatment.over });
                    self.span.first_dose.get_or_insert(time);
                } else if self.held_day != Some(day_of(time)) {
                    self.held_day = Some(day_of(time));
                    self.span.held_days += 1;
                }
            }
        }
        self.close(time);
    }

    /// Each planned dose before `limit` in the order in which they fall due: its time, and the number of its treatment; and how far
    /// the plans have come then.
    pub(super) fn ahead(&mut self, limit: f64) -> (Vec<(f64, usize)>, Vec<Place>) {
        let start: Vec<Place> = self.drugs.iter().map(|drug| drug.plan.place()).collect();
        let mut doses = Vec::new();
        for (number, drug) in self.drugs.iter_mut().enumerate().filter(|(_, drug)| !drug.stopped) {
            while let Some(time) = drug.plan.next().filter(|&time| !reached(limit, time)) {
                doses.push((time, number));
                drug.plan.advance();
            }
        }
        doses.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let end = self.drugs.iter().map(|drug| drug.plan.place()).collect();
        self.drugs.iter_mut().zip(start).for_each(|(drug, place)| drug.plan.go_to(place));
        (doses, end)
    }

    /// The dose of a treatment at its present level.
    pub(super) fn dose(&self, treatment: usize) -> DueDose {
        let drug = &self.drugs[treatment];
        DueDose { route: drug.treatment.route, amount: drug.dose(), over: drug.treatment.over }
    }

    /// All doses of [`Course::ahead`] are given, the first of them at `first`.
    pub(super) fn give_ahead(&mut self, first: Option<f64>, places: &[Place]) {
        if let (Some(first), None) = (first, self.span.first_dose) {
            self.book(first, true);
            self.span.first_dose = Some(first);
        }
        self.drugs.iter_mut().zip(places).for_each(|(drug, place)| drug.plan.go_to(*place));
    }

    /// Enters into the books all days that started before `time`, and the one that starts at `time` if `inclusive`.
    pub(super) fn book(&mut self, time: f64, inclusive: bool) {
        let begun = |day: u32| {
            let start = f64::from(day);
            if inclusive { reached(start, time) } else { start < time - MOMENT }
        };
        while begun(self.unbooked) {
            self.book_day(self.unbooked);
            self.unbooked += 1;
        }
    }

    /// Enters one day: the level given by the drug of the first treatment, and which drugs were off.
    fn book_day(&mut self, day: u32) {
        let on_treatment = self.on_treatment();
        let mut main = None;
        for place in 0..self.drugs.len() {
            let given = self.given_on(self.drugs[place].treatment.route, day);
            if place == 0 {
                main = given;
            }
            if given.is_none() && on_treatment {
                self.drugs[place].last_off = Some(day);
            }
        }
        self.span.daily_level.push(main.unwrap_or(0.0));
    }

    /// The level given on a day by plan, unless held or stopped.
    fn given_on(&self, route: usize, day: u32) -> Option<f64> {
        if self.on_hold(route) {
            return None;
        }
        self.of(route).find(|drug| !drug.stopped && drug.plan.planned_on(day)).map(Drug::dose)
    }

    /// The books, up to the end of follow-up.
    pub(super) fn into_span(mut self, end: f64) -> TreatmentSpan {
        self.book(end, false);
        self.span
    }

    fn of(&self, route: usize) -> impl Iterator<Item = &Drug<'s>> {
        self.drugs.iter().filter(move |drug| drug.treatment.route == route)
    }
}
