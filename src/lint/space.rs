//! What a rule can meet at its checks: the ranges of everything that its conditions read, and what a finding remembered from
//! earlier visits says of the present one.

use super::interval::Interval;
use super::ranges::Ranges;
use super::region::{Known, Region, assume, image};
use crate::model::{Formula, Symbol, TrialQuantity};
use crate::scenario::{Action, MemoryCell, MemoryKind, Rule, Scenario, Signal};

/// Times that differ by less are the same moment, d; more than the simulation's own tolerance.
const SAME_TIME: f64 = 1e-6;
/// The laboratory schedule is the scenario's first.
pub(super) const LABORATORY: usize = 0;

/// At which checks something is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Acts {
    /// Visit schedules.
    pub schedules: Vec<usize>,
    /// At each day's dose time too.
    pub daily: bool,
}

impl Acts {
    /// The checks of a rule: laboratory visits, the visits of the signals it reads, and each day's dose time if it is daily.
    pub fn of_rule(scenario: &Scenario, rule: &Rule) -> Self {
        let mut schedules = vec![LABORATORY];
        let mut look = |symbol: Symbol| {
            if let Symbol::Signal(signal) = symbol {
                schedules.push(scenario.signals[signal].schedule);
            }
        };
        rule.when.symbols(&mut look);
        if let Action::Hold { resume: other, .. } | Action::Adjust { dose: other, .. } = &rule.action {
            other.symbols(&mut look);
        }
        if let Some(until) = rule.give.as_ref().and_then(|given| given.until.as_ref()) {
            until.symbols(&mut look);
        }
        schedules.sort_unstable();
        schedules.dedup();
        Acts { schedules, daily: rule.daily || matches!(rule.action, Action::Escalate { .. }) }
    }

    /// The checks at which a signal is evaluated.
    pub fn of_signal(signal: &Signal) -> Self {
        Acts { schedules: vec![signal.schedule], daily: signal.daily }
    }
}

/// Everything known at the checks of one rule or signal.
pub(super) struct Space<'a> {
    pub scenario: &'a Scenario,
    ranges: &'a Ranges,
    /// Arms in which it acts.
    arms: Vec<usize>,
    acts: Acts,
    /// Whether only what holds at every check is used (for proofs), or what holds at most (for searches, whose finds are
    /// evaluated anyway).
    certain: bool,
}

impl<'a> Space<'a> {
    pub fn new(scenario: &'a Scenario, ranges: &'a Ranges, arms: Vec<usize>, acts: Acts) -> Self {
        Space { scenario, ranges, arms, acts, certain: true }
    }

    /// The same for a search.
    pub fn searching(&self) -> Self {
        Space { arms: self.arms.clone(), acts: self.acts.clone(), certain: false, ..*self }
    }

    /// Whether a formula is never true, proved.
    pub fn never(&self, formula: &Formula) -> bool {
        self.never_so(formula, true)
    }

    /// Whether a formula is always true, proved.
    pub fn always(&self, formula: &Formula) -> bool {
        self.never_so(formula, false)
    }

    fn never_so(&self, formula: &Formula, truth: bool) -> bool {
        assume(formula, truth, &Region::default(), self).is_empty()
    }

    fn memory(&self, cell: &MemoryCell) -> Interval {
        match cell.kind {
            MemoryKind::Baseline | MemoryKind::Nadir | MemoryKind::Peak => {
                let values = image(&cell.argument, &Region::default(), self);
                if self.begins_at_once(cell.schedule) { values } else { values.hull(Interval::point(0.0)) }
            }
            MemoryKind::Lasting(span) if span > self.scenario.horizon + SAME_TIME => Interval::point(0.0),
            MemoryKind::Consecutive(count)
                if self.visits(cell).is_some_and(|visits| (count as usize) > visits) =>
            {
                Interval::point(0.0)
            }
            _ if self.never_so(&cell.argument, true) => Interval::point(0.0),
            _ => Interval::TRUTH,
        }
    }

    /// How often a cell can be fed at most, where that is known.
    fn visits(&self, cell: &MemoryCell) -> Option<usize> {
        let held = self.scenario.visits_while_held.is_some() && cell.schedule == LABORATORY;
        (!held && !cell.daily).then(|| self.scenario.visits[cell.schedule].times.len())
    }

    /// Whether the first visit of a schedule is the very start.
    fn begins_at_once(&self, schedule: usize) -> bool {
        self.scenario.visits[schedule].times.first().is_some_and(|first| *first <= 0.0)
    }

    fn trial(&self, quantity: TrialQuantity) -> Interval {
        let arms = || self.arms.iter().map(|arm| &self.scenario.arms[*arm]);
        let mut rules = arms().flat_map(|arm| &arm.rules).map(|rule| &self.scenario.rules[*rule]);
        match quantity {
            TrialQuantity::Day => Interval::new(0.0, self.scenario.horizon),
            TrialQuantity::OnTreatment => Interval::TRUTH,
            TrialQuantity::OnHold(route) => {
                let holds = |rule: &Rule| matches!(&rule.action, Action::Hold { drug, .. } | Action::Start { drug, .. } if *drug == route);
                if rules.any(holds) { Interval::TRUTH } else { Interval::point(0.0) }
            }
            TrialQuantity::Dose(route) if rules.all(|rule| keeps_to_levels(&rule.action)) => {
                let treatments = arms().flat_map(|arm| &arm.treatments).filter(|given| given.route == route);
                let levels = treatments.flat_map(|treatment| &treatment.levels);
                Interval::new(0.0, levels.fold(0.0, |highest: f64, level| highest.max(*level)))
            }
            TrialQuantity::Cycle => {
                let length = self.scenario.conduct.cycle_length();
                Interval::new(1.0, (self.scenario.horizon / length + SAME_TIME).floor() + 1.0)
            }
            TrialQuantity::CycleDay => Interval::new(1.0, self.scenario.conduct.cycle_length().ceil()),
            TrialQuantity::Dose(_)
            | TrialQuantity::RunningDose(_)
            | TrialQuantity::Holds(_)
            | TrialQuantity::Reductions(_)
            | TrialQuantity::SinceOff(_) => Interval::new(0.0, f64::INFINITY),
        }
    }

    fn signal(&self, signal: &Signal) -> Interval {
        if signal.logical {
            let never = self.never_so(&signal.formula, true);
            return if never { Interval::point(0.0) } else { Interval::TRUTH };
        }
        let values = image(&signal.formula, &Region::default(), self);
        if self.begins_at_once(signal.schedule) { values } else { values.hull(Interval::point(0.0)) }
    }

    /// Whether a cell has been fed with the present values at every check.
    fn in_step(&self, cell: &MemoryCell) -> bool {
        if !self.certain {
            return true;
        }
        // Visits that are late, or blood drawn before them: only the cell's own visits are sure to feed it.
        let conduct = &self.scenario.conduct;
        let as_planned = conduct.late.is_empty() && conduct.drawn_before.iter().all(|before| *before <= 0.0);
        if !as_planned && (self.acts.daily || self.acts.schedules != [cell.schedule]) {
            return false;
        }
        let inside = |schedule: usize| self.lies_within(schedule, cell.schedule);
        if !self.acts.schedules.iter().all(|schedule| inside(*schedule)) || !self.is_settled(&cell.argument) {
            return false;
        }
        let everywhere = (0..self.scenario.visits.len()).all(inside);
        !self.acts.daily || cell.daily || (everywhere && self.is_measured(&cell.argument))
    }

    /// Whether each visit of one schedule is one of another too.
    fn lies_within(&self, schedule: usize, other: usize) -> bool {
        let visits = &self.scenario.visits;
        let there = |time: &f64| visits[other].times.iter().any(|visit| (visit - time).abs() <= SAME_TIME);
        schedule == other || visits[schedule].times.iter().all(there)
    }

    /// Whether a formula has one value throughout a check, whatever rules do in it.
    fn is_settled(&self, formula: &Formula) -> bool {
        self.every(formula, &|symbol| !matches!(symbol, Symbol::Trial(quantity) if !is_calendar(quantity)))
    }

    /// Whether a formula changes at visits only.
    fn is_measured(&self, formula: &Formula) -> bool {
        self.every(formula, &|symbol| match symbol {
            Symbol::Output(output) => self.scenario.model.outputs[output].error.is_some(),
            Symbol::Time | Symbol::State(_) | Symbol::Trial(_) => false,
            _ => true,
        })
    }

    /// Whether every symbol that a formula reads, itself or through memory and signals, is so.
    pub fn every(&self, formula: &Formula, so: &dyn Fn(Symbol) -> bool) -> bool {
        let mut all = true;
        formula.symbols(&mut |symbol| {
            all &= so(symbol)
                && match symbol {
                    Symbol::Memory(cell) => self.every(&self.scenario.memory[cell].argument, so),
                    Symbol::Signal(signal) => self.every(&self.scenario.signals[signal].formula, so),
                    _ => true,
                };
        });
        all
    }
}

/// Whether a quantity is one of the calendar.
fn is_calendar(quantity: TrialQuantity) -> bool {
    matches!(quantity, TrialQuantity::Day | TrialQuantity::Cycle | TrialQuantity::CycleDay)
}

/// Whether a dose in force is always one of the plan's levels.
fn keeps_to_levels(action: &Action) -> bool {
    matches!(
        action,
        Action::Hold { .. }
            | Action::Reduce { .. }
            | Action::Escalate { .. }
            | Action::ReEscalate { .. }
            | Action::Start { .. }
            | Action::Discontinue { .. }
            | Action::Give
    )
}

impl Known for Space<'_> {
    fn range(&self, symbol: Symbol) -> Interval {
        match symbol {
            Symbol::Memory(cell) => self.memory(&self.scenario.memory[cell]),
            Symbol::Signal(signal) => self.signal(&self.scenario.signals[signal]),
            Symbol::Trial(quantity) => self.trial(quantity),
            other => self.ranges.range(other),
        }
    }

    fn implied(&self, symbol: Symbol, truth: bool) -> Option<(Formula, bool)> {
        match symbol {
            Symbol::Memory(number) => {
                let cell = &self.scenario.memory[number];
                let follows = match (cell.kind, truth) {
                    (MemoryKind::Lasting(_) | MemoryKind::Consecutive(_), true)
                    | (MemoryKind::Recent(_) | MemoryKind::Ever, false) => true,
                    (MemoryKind::Lasting(span), false) => span <= 0.0,
                    (MemoryKind::Consecutive(count), false) => count == 1,
                    _ => false,
                };
                (follows && self.in_step(cell)).then(|| (cell.argument.clone(), truth))
            }
            Symbol::Signal(number) => {
                let signal = &self.scenario.signals[number];
                // It is false at checks at which it is not evaluated.
                let evaluated =
                    self.acts.schedules == [signal.schedule] && (!self.acts.daily || signal.daily);
                let follows = !self.certain || ((truth || evaluated) && self.is_settled(&signal.formula));
                (signal.logical && follows).then(|| (signal.formula.clone(), truth))
            }
            _ => None,
        }
    }
}
