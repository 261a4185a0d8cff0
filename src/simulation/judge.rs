//! Conditions at a check: signals and memory cells, over what the clinic knows at that moment.
//!
//! Outputs with a residual error are read as last measured, all others as they are. Cells and signals are evaluated on
//! demand, once per check, because a signal may read cells and a cell's argument may read signals.

use super::calendar::{LABORATORY, bit};
use super::clock::{MOMENT, whole};
use super::course::Course;
use super::memory::Cell;
use crate::model::{BinaryOperation, Formula, Symbol, TrialQuantity, UnaryOperation};
use crate::program::Individual;
use crate::scenario::{Scenario, Signal};

/// A moment at which conditions are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Check {
    /// d.
    pub(super) time: f64,
    /// Schedules of the visit; 0 between visits.
    pub(super) schedules: u32,
    /// A day's dose time while treatment is under way.
    pub(super) daily: bool,
}

/// What can be read at a check.
#[derive(Clone, Copy)]
pub(super) struct Present<'a, 's> {
    /// Outputs as the clinic knows them.
    pub(super) outputs: &'a [f64],
    /// Patient constants and controls.
    pub(super) individual: &'a Individual<'s>,
    /// Doses and holds.
    pub(super) course: &'a Course<'s>,
}

/// Cells and signals of one patient in one arm.
#[derive(Debug)]
pub(super) struct Judge<'s> {
    scenario: &'s Scenario,
    check: Check,
    cells: Vec<Cell>,
    cell_done: Vec<bool>,
    /// Cells whose argument reads nothing but measured values: between visits there is nothing new to feed them, and
    /// a value carried forward must not count as another visit.
    only_measured: Vec<bool>,
    signals: Vec<f64>,
    signal_done: Vec<bool>,
}

impl<'s> Judge<'s> {
    /// Nothing seen yet.
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        let (cells, signals) = (scenario.memory.len(), scenario.signals.len());
        Judge {
            scenario,
            check: Check { time: 0.0, schedules: 0, daily: false },
            cells: scenario.memory.iter().map(|cell| Cell::new(cell.kind)).collect(),
            cell_done: vec![false; cells],
            only_measured: scenario
                .memory
                .iter()
                .map(|cell| only_measured(scenario, &cell.argument))
                .collect(),
            signals: vec![0.0; signals],
            signal_done: vec![false; signals],
        }
    }

    /// Feeds every cell and evaluates every signal that is due at this check.
    pub(super) fn begin(&mut self, check: Check, present: Present) {
        self.check = check;
        self.cell_done.fill(false);
        self.signal_done.fill(false);
        for cell in 0..self.cells.len() {
            self.cell(cell, present);
        }
        for signal in 0..self.signals.len() {
            self.signal(signal, present);
        }
    }

    /// Values of all signals at the present check.
    pub(super) fn signals(&self) -> &[f64] {
        &self.signals
    }

    /// Whether a condition is true at the present check.
    pub(super) fn holds(&mut self, condition: &Formula, present: Present) -> bool {
        self.evaluate(condition, present) != 0.0
    }

    /// The value of a formula at the present check.
    pub(super) fn value(&mut self, formula: &Formula, present: Present) -> f64 {
        self.evaluate(formula, present)
    }

    /// The output that explains why a condition is true, or why it is not. Of parts each of which is enough for that the
    /// first counts; of parts that are needed together, the one that reads the output `known`, else the first. Of a part
    /// it is the output read first, if need be through memory and signals. `None` where nothing is read, or a signal is
    /// false only because it is not evaluated at this check.
    pub(super) fn explain(
        &mut self,
        condition: &Formula,
        known: Option<usize>,
        present: Present,
    ) -> Option<usize> {
        match condition {
            Formula::Binary(operation @ (BinaryOperation::And | BinaryOperation::Or), first, second) => {
                let (one, other) = (self.holds(first, present), self.holds(second, present));
                let together = one == other && one == (*operation == BinaryOperation::And);
                let second_decides = if together {
                    let reads = |part| known.is_some_and(|known| reads(self.scenario, part, known));
                    !reads(first) && reads(second)
                } else {
                    // Of `or` the true part, of `and` the false one.
                    one != other && other == (*operation == BinaryOperation::Or)
                };
                self.explain(if second_decides { second } else { first }, known, present)
            }
            Formula::Unary(UnaryOperation::Not, part) => self.explain(part, known, present),
            Formula::Symbol(Symbol::Signal(signal)) => {
                let scenario = self.scenario;
                let signal = &scenario.signals[*signal];
                if signal.logical && !self.evaluates(signal) {
                    return None;
                }
                self.explain(&signal.formula, known, present)
            }
            _ => first_output(self.scenario, condition),
        }
    }

    fn evaluate(&mut self, formula: &Formula, present: Present) -> f64 {
        formula.evaluate(&mut |symbol| self.read(symbol, present))
    }

    fn read(&mut self, symbol: Symbol, present: Present) -> f64 {
        let (course, time) = (present.course, self.check.time);
        match symbol {
            Symbol::Time | Symbol::Trial(TrialQuantity::Day) => time,
            Symbol::Output(output) => present.outputs[output],
            Symbol::Memory(cell) => self.cell(cell, present),
            Symbol::Signal(signal) => self.signal(signal, present),
            Symbol::Trial(TrialQuantity::OnTreatment) => f64::from(u8::from(course.on_treatment())),
            Symbol::Trial(TrialQuantity::OnHold(route)) => f64::from(u8::from(course.on_hold(route))),
            Symbol::Trial(TrialQuantity::Dose(route)) => course.level(route, time),
            Symbol::Trial(TrialQuantity::RunningDose(route)) => course.running(route, time),
            Symbol::Trial(TrialQuantity::Holds(route)) => f64::from(course.holds_before(route)),
            Symbol::Trial(TrialQuantity::Reductions(route)) => f64::from(course.reductions_before(route)),
            Symbol::Trial(TrialQuantity::Cycle) => self.cycle().0,
            Symbol::Trial(TrialQuantity::CycleDay) => self.cycle().1,
            Symbol::Trial(TrialQuantity::SinceOff(route)) => course.since_off(route, time),
            // What depends on states has no place in a condition (the scenario's checker refuses it).
            constant => present.individual.constant(constant).unwrap_or(f64::NAN),
        }
    }

    /// The cycle that holds the present time, and the day of it, both from 1.
    fn cycle(&self) -> (f64, f64) {
        let (length, time) = (self.scenario.conduct.cycle_length(), self.check.time);
        let before = whole((time + MOMENT) / length);
        (before + 1.0, whole(time - before * length + MOMENT) + 1.0)
    }

    fn cell(&mut self, number: usize, present: Present) -> f64 {
        let Check { time, schedules, daily } = self.check;
        if !self.cell_done[number] {
            self.cell_done[number] = true;
            let cell = &self.scenario.memory[number];
            let between = daily && cell.daily && !self.only_measured[number];
            if on(schedules, cell.schedule) || between {
                let argument = self.evaluate(&cell.argument, present);
                self.cells[number].feed(time, argument);
            }
        }
        self.cells[number].value(time)
    }

    /// Whether a signal is evaluated at the present check.
    fn evaluates(&self, signal: &Signal) -> bool {
        let Check { schedules, daily, .. } = self.check;
        on(schedules, signal.schedule) || (daily && signal.daily)
    }

    fn signal(&mut self, number: usize, present: Present) -> f64 {
        if !self.signal_done[number] {
            self.signal_done[number] = true;
            let signal = &self.scenario.signals[number];
            if self.evaluates(signal) {
                self.signals[number] = self.evaluate(&signal.formula, present);
            } else if signal.logical {
                self.signals[number] = 0.0;
            }
        }
        self.signals[number]
    }
}

/// Schedules at whose visits a rule acts: the laboratory schedule, and those of the signals that it reads (between
/// them such a signal counts as false, so a rule on restaging would otherwise miss restagings without blood count).
pub(super) fn schedules_of<'f>(scenario: &Scenario, conditions: impl Iterator<Item = &'f Formula>) -> u32 {
    let mut schedules = LABORATORY;
    for condition in conditions {
        condition.symbols(&mut |symbol| {
            if let Symbol::Signal(signal) = symbol {
                schedules |= bit(scenario.signals[signal].schedule);
            }
        });
    }
    schedules
}

fn on(schedules: u32, schedule: usize) -> bool {
    schedules & bit(schedule) != 0
}

/// The output that a formula reads first, directly or through signals and cells.
fn first_output(scenario: &Scenario, formula: &Formula) -> Option<usize> {
    let mut first = None;
    formula.symbols(&mut |symbol| {
        first = first.or_else(|| match symbol {
            Symbol::Output(output) => Some(output),
            Symbol::Memory(cell) => first_output(scenario, &scenario.memory[cell].argument),
            Symbol::Signal(signal) => first_output(scenario, &scenario.signals[signal].formula),
            _ => None,
        });
    });
    first
}

/// Whether a formula reads an output, directly or through signals and cells.
fn reads(scenario: &Scenario, formula: &Formula, output: usize) -> bool {
    let mut found = false;
    formula.symbols(&mut |symbol| {
        found |= match symbol {
            Symbol::Output(read) => read == output,
            Symbol::Memory(cell) => reads(scenario, &scenario.memory[cell].argument, output),
            Symbol::Signal(signal) => reads(scenario, &scenario.signals[signal].formula, output),
            _ => false,
        };
    });
    found
}

/// Whether a formula reads measured outputs and patient constants only, directly or through signals and cells.
fn only_measured(scenario: &Scenario, formula: &Formula) -> bool {
    let mut only = true;
    formula.symbols(&mut |symbol| {
        only &= match symbol {
            Symbol::Output(output) => scenario.model.outputs[output].error.is_some(),
            Symbol::Memory(cell) => only_measured(scenario, &scenario.memory[cell].argument),
            Symbol::Signal(signal) => only_measured(scenario, &scenario.signals[signal].formula),
            Symbol::Time | Symbol::State(_) | Symbol::Trial(_) => false,
            _ => true,
        };
    });
    only
}
