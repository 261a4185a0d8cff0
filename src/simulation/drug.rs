//! One treatment of an arm for one patient: the dose in force, and how it changes.
//!
//! The dose is a level of the treatment, or one that a rule has set and that is no level. A step down or up from such a
//! dose goes to the next levels below or above it.

use super::adherence::Taking;
use super::clock::{MOMENT, day_of};
use super::schedule::Plan;
use crate::scenario::{ReductionLimits, Treatment};

/// What resumption asks for: levels to go down, the dose not to go below, and what ends reductions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owed {
    pub(super) lower: usize,
    pub(super) lowest: f64,
    pub(super) limits: ReductionLimits,
}

impl Owed {
    /// The same level.
    pub(super) fn nothing() -> Owed {
        Owed { lower: 0, lowest: 0.0, limits: ReductionLimits::default() }
    }

    /// Several rules do not add up: the largest step, the highest floor and the strictest limit count.
    pub(super) fn with(self, other: Owed) -> Owed {
        let most = [self.limits.most, other.limits.most].into_iter().flatten().min();
        let end_below_lowest = self.limits.end_below_lowest || other.limits.end_below_lowest;
        Owed {
            lower: self.lower.max(other.lower),
            lowest: self.lowest.max(other.lowest),
            limits: ReductionLimits { most, end_below_lowest },
        }
    }
}

/// One treatment of the arm.
#[derive(Debug)]
pub(super) struct Drug<'s> {
    pub(super) treatment: &'s Treatment,
    pub(super) plan: Plan<'s>,
    /// Level in force, index into the treatment's levels.
    level: usize,
    /// The dose in force where a rule has set one that is no level.
    own: Option<f64>,
    /// Level at the start.
    start: usize,
    /// Steps up taken so far.
    steps: usize,
    /// Highest dose that was in force.
    highest: f64,
    /// Reductions so far, and before the present check.
    pub(super) reductions: (u32, u32),
    /// Holds so far, and before the present check.
    pub(super) holds: (u32, u32),
    /// Something has been given.
    pub(super) started: bool,
    pub(super) stopped: bool,
    /// Day of the last change of level, so that there is at most one a day.
    changed: Option<u32>,
    /// Time of the last change or resumption, d.
    since: f64,
    /// The dose has been set at the present check.
    adjusted: bool,
    /// On hold when the present check began.
    pub(super) was_held: bool,
    /// What the last hold's end brings with it.
    pub(super) owed: Option<Owed>,
    /// Last day, while on treatment, on which nothing of this drug was given.
    pub(super) last_off: Option<u32>,
    /// Whether doses are taken.
    pub(super) taking: Option<Taking>,
}

impl<'s> Drug<'s> {
    /// At its starting level.
    pub(super) fn new(
        treatment: &'s Treatment,
        plan: Plan<'s>,
        level: usize,
        taking: Option<Taking>,
    ) -> Self {
        Drug {
            treatment,
            plan,
            level,
            own: None,
            start: level,
            steps: 0,
            highest: treatment.levels.get(level).copied().unwrap_or(0.0),
            reductions: (0, 0),
            holds: (0, 0),
            started: false,
            stopped: false,
            changed: None,
            since: 0.0,
            adjusted: false,
            was_held: false,
            owed: None,
            last_off: None,
            taking,
        }
    }

    pub(super) fn dose(&self) -> f64 {
        self.own.unwrap_or_else(|| self.treatment.levels.get(self.level).copied().unwrap_or(0.0))
    }

    /// A check begins.
    pub(super) fn begin_check(&mut self, held: bool) {
        self.was_held = held;
        self.adjusted = false;
        self.reductions.1 = self.reductions.0;
        self.holds.1 = self.holds.0;
    }

    /// Number of levels below the dose in force.
    fn position(&self) -> usize {
        let below = |own: f64| self.treatment.levels.partition_point(|&level| level < own * (1.0 - MOMENT));
        self.own.map_or(self.level, below)
    }

    /// Index of the lowest level that is not below a dose.
    fn floor(&self, lowest: f64) -> usize {
        self.treatment.levels.partition_point(|&level| level < lowest * (1.0 - MOMENT))
    }

    /// Index of the next level above the dose in force.
    fn next(&self) -> usize {
        let not_above =
            |own: f64| self.treatment.levels.partition_point(|&level| level <= own * (1.0 + MOMENT));
        self.own.map_or(self.level + 1, not_above)
    }

    /// Number of levels that are not above a dose.
    fn allowed(&self, highest: f64) -> usize {
        self.treatment.levels.partition_point(|&level| level <= highest * (1.0 + MOMENT))
    }

    /// Goes `lower` levels down, but not below the dose `lowest`.
    pub(super) fn lower(&mut self, lower: usize, lowest: f64) {
        let position = self.position();
        let target = position.saturating_sub(lower).max(self.floor(lowest));
        if target < position {
            (self.level, self.own) = (target, None);
            self.reductions.0 += 1;
        }
    }

    /// Whether the limits end treatment instead of this reduction.
    pub(super) fn exhausted(&self, owed: Owed) -> bool {
        let Owed { lower, lowest, limits } = owed;
        lower > 0
            && (limits.most.is_some_and(|most| self.reductions.0 >= most)
                || (limits.end_below_lowest && self.position() < self.floor(lowest) + lower))
    }

    /// Whether there is a level above that is not above the dose `highest`; without `regain` there are only as many
    /// steps as levels from the start to there.
    pub(super) fn can_rise(&self, highest: f64, regain: bool) -> bool {
        let allowed = self.allowed(highest);
        let planned = allowed.saturating_sub(1 + self.start);
        self.next() < allowed && (regain || self.steps < planned)
    }

    /// Goes one level up by plan, if it can.
    pub(super) fn rise(&mut self, highest: f64, regain: bool) {
        if self.can_rise(highest, regain) {
            self.climb();
            self.steps += 1;
        }
    }

    /// Goes one level up towards the highest dose that was in force, if `after` days have gone since the last change.
    pub(super) fn regain(&mut self, after: f64, highest: f64, time: f64) {
        let allowed = self.allowed(highest.min(self.highest));
        if self.next() < allowed && time - self.since >= after - MOMENT {
            self.climb();
        }
    }

    fn climb(&mut self) {
        (self.level, self.own) = (self.next(), None);
        self.highest = self.highest.max(self.dose());
    }

    /// Sets the dose, or the one that tablets give in its place; only the first time at a check unless `further`.
    pub(super) fn set(&mut self, dose: f64, further: bool) {
        if self.adjusted && !further {
            return;
        }
        self.adjusted = true;
        let before = self.dose();
        let dose = self.treatment.tablets.as_ref().map_or(dose, |tablets| tablets.round(dose));
        let levels = &self.treatment.levels;
        match levels.iter().position(|level| (level - dose).abs() <= MOMENT * level) {
            Some(level) => (self.level, self.own) = (level, None),
            None => self.own = Some(dose),
        }
        if self.started {
            self.reductions.0 += u32::from(self.dose() < before);
            self.highest = self.highest.max(self.dose());
        } else {
            // A starting dose is no reduction.
            self.highest = self.dose();
        }
    }

    /// Whether the dose may not be set again at the present check.
    pub(super) fn is_set(&self) -> bool {
        self.adjusted
    }

    /// More doses are to come.
    pub(super) fn awaits(&self) -> bool {
        !self.stopped && self.plan.next().is_some()
    }

    /// Whether the level has changed on the day that holds `time`.
    pub(super) fn changed_today(&self, time: f64) -> bool {
        self.changed == Some(day_of(time))
    }

    /// Notes a change of level or a resumption.
    pub(super) fn note_change(&mut self, time: f64) {
        self.changed = Some(day_of(time));
        self.since = time;
    }
}
