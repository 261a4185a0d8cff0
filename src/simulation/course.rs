//! The course of treatment: levels in force, holds, discontinuation, and the books kept of them.
//!
//! Knows how a level changes and when a dose falls due; why it changes is the business of [`super::protocol`].

use super::clock::{MOMENT, day_of, reached};
use super::drug::{Drug, Owed};
use super::schedule::Place;
use super::trajectory::{TreatmentSpan, Why};

/// A rule that holds a drug.
#[derive(Debug)]
struct Hold {
    rule: usize,
    route: usize,
    since: f64,
}

/// What became of a drug whose hold a rule has let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Another rule holds it, or it was resumed before.
    Nothing,
    /// It is resumed.
    Resumed,
    /// The level that it would be resumed at does not exist, or it has been reduced as often as may be.
    Exhausted,
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
    /// Treatments at their starting levels.
    pub(super) fn new(drugs: Vec<Drug<'s>>) -> Self {
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

    /// How long this rule has held its drug, d.
    pub(super) fn held_for(&self, rule: usize, time: f64) -> Option<f64> {
        self.holds.iter().find(|hold| hold.rule == rule).map(|hold| time - hold.since)
    }

    /// Whether nothing of a drug has been given yet and doses are to come.
    pub(super) fn awaits_start(&self, route: usize) -> bool {
        self.of(route).any(Drug::awaits) && !self.of(route).any(|drug| drug.started)
    }

    /// The dose of a drug, held or not: what a rule that sets it starts from. 0 after discontinuation.
    pub(super) fn running(&self, route: usize, time: f64) -> f64 {
        let running = || self.of(route).filter(|drug| !drug.stopped);
        let now = running().find(|drug| drug.plan.covers(time)).or_else(|| running().next());
        now.map_or(0.0, Drug::dose)
    }

    /// Holds of a drug that began at earlier checks.
    pub(super) fn holds_before(&self, route: usize) -> u32 {
        self.of(route).map(|drug| drug.holds.1).max().unwrap_or(0)
    }

    /// Reductions of a drug at earlier checks.
    pub(super) fn reductions_before(&self, route: usize) -> u32 {
        self.of(route).map(|drug| drug.reductions.1).max().unwrap_or(0)
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
            drug.begin_check(self.holds.iter().any(|hold| hold.route == drug.treatment.route));
        }
    }

    /// A rule begins to hold a drug.
    pub(super) fn hold(&mut self, rule: usize, route: usize, time: f64) {
        if !self.on_hold(route) {
            self.drugs
                .iter_mut()
                .filter(|drug| drug.treatment.route == route)
                .for_each(|drug| drug.holds.0 += 1);
        }
        self.wait(rule, route, time);
    }

    /// A rule lets the first dose wait: as a hold in everything but the number of holds.
    pub(super) fn wait(&mut self, rule: usize, route: usize, time: f64) {
        self.holds.push(Hold { rule, route, since: time });
        self.held_since.get_or_insert(time);
    }

    /// A rule lets go of its drug. What it asks for is owed until the last hold ends ([`Owed::with`]).
    pub(super) fn release(&mut self, rule: usize, asked: Owed) {
        let Some(place) = self.holds.iter().position(|hold| hold.rule == rule) else { return };
        let route = self.holds.remove(place).route;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route) {
            drug.owed = Some(drug.owed.map_or(asked, |owed| owed.with(asked)));
        }
        if self.holds.is_empty() {
            self.held_since = None;
        }
    }

    /// Goes down by what is owed if the last hold of the drug has ended.
    pub(super) fn settle(&mut self, route: usize, time: f64) -> Settled {
        if self.on_hold(route) {
            return Settled::Nothing;
        }
        let mut settled = Settled::Nothing;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route) {
            if let Some(owed) = drug.owed.take() {
                if drug.awaits() && drug.exhausted(owed) {
                    return Settled::Exhausted;
                }
                drug.lower(owed.lower, owed.lowest);
                drug.note_change(time);
                settled = Settled::Resumed;
            }
        }
        settled
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

    /// Whether the limits of reduction are reached, so that treatment ends instead of this reduction.
    pub(super) fn exhausted(&self, route: usize, owed: Owed, time: f64) -> bool {
        let may = |drug: &&Drug| drug.awaits() && !drug.changed_today(time);
        !self.blocked(route) && self.of(route).filter(may).any(|drug| drug.exhausted(owed))
    }

    /// Goes one level up, if [`Drug::can_rise`]; not while held nor on the day of another change.
    pub(super) fn escalate(
        &mut self,
        route: usize,
        highest: f64,
        regain: bool,
        time: f64,
    ) -> Option<(f64, f64)> {
        self.change(route, time, |drug| drug.rise(highest, regain))
    }

    /// Goes one level up after a reduction, as [`Drug::regain`] says; not while held nor on the day of another change.
    pub(super) fn re_escalate(
        &mut self,
        route: usize,
        after: f64,
        highest: f64,
        time: f64,
    ) -> Option<(f64, f64)> {
        self.change(route, time, |drug| drug.regain(after, highest, time))
    }

    /// Sets the dose; not while held, and once a check unless `further`. Gives the doses before and after, which may be
    /// the same.
    pub(super) fn adjust(&mut self, route: usize, dose: f64, further: bool, time: f64) -> Option<(f64, f64)> {
        if self.blocked(route) {
            return None;
        }
        let before = self.level(route, time);
        let mut set = false;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route && drug.awaits()) {
            if further || !drug.is_set() {
                let dose_before = drug.dose();
                drug.set(dose, further);
                if drug.dose() != dose_before {
                    drug.note_change(time);
                }
                set = true;
            }
        }
        set.then(|| (before, self.level(route, time)))
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
        let before = self.level(route, time);
        let mut changed = false;
        for drug in self.drugs.iter_mut().filter(|drug| drug.treatment.route == route && drug.awaits()) {
            let dose = drug.dose();
            if !drug.changed_today(time) {
                alter(drug);
            }
            if drug.dose() != dose {
                drug.note_change(time);
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
            while let Some(next) = drug.plan.next().filter(|&next| reached(next, time)) {
                drug.plan.advance();
                if !self.holds.iter().any(|hold| hold.route == route) {
                    let amount = drug.dose();
                    let taken = drug.taking.as_mut().is_none_or(|taking| taking.takes(next));
                    if taken && amount > 0.0 {
                        due.push(DueDose { route, amount, over: drug.treatment.over });
                        drug.started = true;
                        self.span.first_dose.get_or_insert(time);
                    }
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

    /// Whether every dose of the plans is taken as planned: at the same times by every patient of the arm.
    pub(super) fn is_by_plan(&self) -> bool {
        let by_plan = |drug: &Drug| drug.taking.is_none() && drug.plan.is_by_days() && drug.dose() > 0.0;
        self.drugs.iter().all(by_plan)
    }

    /// These doses, the first of [`Course::ahead`], are given; the plans have come to `places`.
    pub(super) fn give_ahead(&mut self, doses: &[(f64, usize)], places: &[Place]) {
        for &(_, number) in doses {
            self.drugs[number].started = true;
        }
        let first = doses.first().map(|dose| dose.0);
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
        let on_treatment = self.on_treatment();
        // One drug that nobody holds: days by the thousand are entered without looking round.
        if let ([drug], true) = (self.drugs.as_mut_slice(), self.holds.is_empty())
            && !drug.stopped
        {
            let dose = drug.dose();
            while begun(self.unbooked) {
                let planned = drug.plan.planned_on(self.unbooked);
                self.span.daily_level.push(if planned { dose } else { 0.0 });
                if !planned && on_treatment {
                    drug.last_off = Some(self.unbooked);
                }
                self.unbooked += 1;
            }
            return;
        }
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
