//! A patient state with its history: what was measured until some visit, what has been since, up to the present one. Conditions
//! are evaluated on it as the simulation does, visit by visit, with the simulation's own memory cells.

use std::collections::BTreeMap;

use super::typical::Typical;
use crate::model::{Formula, Symbol, TrialQuantity};
use crate::scenario::Scenario;
use crate::simulation::Cell;

/// Times that differ by less are the same visit, d.
const SAME_TIME: f64 = 1e-6;

/// A patient at a visit.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Patient constants and outputs that differ from the typical patient's, at present.
    pub now: BTreeMap<Symbol, f64>,
    /// Outputs at earlier visits that differ from the typical patient's at the start.
    pub earlier: BTreeMap<Symbol, f64>,
    /// Time from which the present values hold, d.
    pub since: f64,
    /// The present visit, d.
    pub time: f64,
}

/// What cells and signals have come to at the present visit.
pub(super) struct Seen<'a> {
    scenario: &'a Scenario,
    typical: &'a Typical,
    state: &'a State,
    cells: Vec<Cell>,
    signals: Vec<f64>,
}

/// One visit being gone through.
struct Visit<'v, 'a> {
    seen: &'v mut Seen<'a>,
    time: f64,
    cell_done: Vec<bool>,
    signal_done: Vec<bool>,
}

impl State {
    /// Goes through all visits up to the present one.
    pub fn see<'a>(&'a self, scenario: &'a Scenario, typical: &'a Typical) -> Seen<'a> {
        let mut seen = Seen {
            scenario,
            typical,
            state: self,
            cells: scenario.memory.iter().map(|cell| Cell::new(cell.kind)).collect(),
            signals: vec![0.0; scenario.signals.len()],
        };
        let mut times: Vec<f64> =
            scenario.visits.iter().flat_map(|schedule| schedule.times.clone()).collect();
        times.push(self.time);
        times.sort_by(f64::total_cmp);
        times.dedup_by(|a, b| (*a - *b).abs() <= SAME_TIME);
        for time in times.into_iter().filter(|time| *time <= self.time + SAME_TIME) {
            let (cells, signals) = (seen.cells.len(), seen.signals.len());
            let mut visit = Visit {
                seen: &mut seen,
                time,
                cell_done: vec![false; cells],
                signal_done: vec![false; signals],
            };
            for cell in 0..cells {
                visit.cell(cell);
            }
            for signal in 0..signals {
                visit.signal(signal);
            }
        }
        seen
    }
}

impl Seen<'_> {
    /// A formula's value at the present visit.
    pub fn value(&self, formula: &Formula) -> f64 {
        formula.evaluate(&mut |symbol| match symbol {
            Symbol::Memory(cell) => self.cells[cell].value(self.state.time),
            Symbol::Signal(signal) => self.signals[signal],
            other => self.plain(other, self.state.time),
        })
    }

    /// What is neither remembered nor a signal, at a visit.
    fn plain(&self, symbol: Symbol, time: f64) -> f64 {
        let State { now, earlier, since, .. } = self.state;
        let before = time < since - SAME_TIME;
        match symbol {
            Symbol::Time | Symbol::Trial(TrialQuantity::Day) => time,
            Symbol::Output(_) => {
                let values = if before { earlier } else { now };
                values.get(&symbol).copied().unwrap_or_else(|| self.typical.value(symbol))
            }
            Symbol::Trial(TrialQuantity::Cycle) => self.cycle(time).0,
            Symbol::Trial(TrialQuantity::CycleDay) => self.cycle(time).1,
            Symbol::Trial(quantity) if !now.contains_key(&symbol) => match quantity {
                TrialQuantity::OnTreatment => f64::from(u8::from(time > 0.0)),
                TrialQuantity::SinceOff(_) => f64::INFINITY,
                _ => 0.0,
            },
            _ => now.get(&symbol).copied().unwrap_or_else(|| self.typical.value(symbol)),
        }
    }

    /// The cycle that holds a time, and the day of it, both from 1.
    fn cycle(&self, time: f64) -> (f64, f64) {
        let length = self.scenario.conduct.cycle_length();
        let before = ((time + SAME_TIME) / length).floor();
        (before + 1.0, (time - before * length + SAME_TIME).floor() + 1.0)
    }

    fn is_visit(&self, schedule: usize, time: f64) -> bool {
        self.scenario.visits[schedule].times.iter().any(|visit| (visit - time).abs() <= SAME_TIME)
    }
}

impl Visit<'_, '_> {
    fn evaluate(&mut self, formula: &Formula) -> f64 {
        let time = self.time;
        formula.evaluate(&mut |symbol| match symbol {
            Symbol::Memory(cell) => self.cell(cell),
            Symbol::Signal(signal) => self.signal(signal),
            other => self.seen.plain(other, time),
        })
    }

    fn cell(&mut self, number: usize) -> f64 {
        if !self.cell_done[number] {
            self.cell_done[number] = true;
            let cell = &self.seen.scenario.memory[number];
            if self.seen.is_visit(cell.schedule, self.time) {
                let argument = self.evaluate(&cell.argument);
                self.seen.cells[number].feed(self.time, argument);
            }
        }
        self.seen.cells[number].value(self.time)
    }

    fn signal(&mut self, number: usize) -> f64 {
        if !self.signal_done[number] {
            self.signal_done[number] = true;
            let signal = &self.seen.scenario.signals[number];
            if self.seen.is_visit(signal.schedule, self.time) {
                self.seen.signals[number] = self.evaluate(&signal.formula);
            } else if signal.logical {
                self.seen.signals[number] = 0.0;
            }
        }
        self.seen.signals[number]
    }
}
