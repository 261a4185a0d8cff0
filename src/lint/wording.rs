//! A patient state in words: the day, what the conditions read, and since when.

use super::state::State;
use super::typical::Typical;
use crate::model::{Formula, NamedUnit, Symbol, TrialQuantity};
use crate::scenario::Scenario;

/// "for example on day 29, ANC = 0.7e9/L since day 15, PLT = 20e9/L": everything that these conditions read.
pub(super) fn describe(
    state: &State,
    conditions: &[&Formula],
    scenario: &Scenario,
    typical: &Typical,
) -> String {
    let mut read = Read { scenario, symbols: Vec::new(), remembers: false };
    conditions.iter().for_each(|condition| read.collect(condition));
    let mut parts = vec![format!("on day {}", day(state.time))];
    for symbol in &read.symbols {
        let value = |values: &std::collections::BTreeMap<Symbol, f64>| {
            values.get(symbol).copied().unwrap_or_else(|| typical.value(*symbol))
        };
        let Some((name, unit)) = named(*symbol, scenario) else { continue };
        match symbol {
            Symbol::Output(_) => {
                let (now, before) = (value(&state.now), value(&state.earlier));
                let mut part = format!("{name} = {}", unit.written(now));
                if read.remembers && state.since > 0.0 {
                    if state.since < state.time {
                        part.push_str(&format!(" since day {}", day(state.since)));
                    }
                    part.push_str(&format!(" ({} before)", unit.written(before)));
                } else if read.remembers {
                    part.push_str(" since the start");
                }
                parts.push(part);
            }
            Symbol::Trial(TrialQuantity::OnHold(route)) => {
                let held = state.now.get(symbol).is_some_and(|held| *held != 0.0);
                let not = if held { "" } else { "not " };
                parts.push(format!("{} {not}on hold", scenario.model.routes[*route].name));
            }
            Symbol::Trial(_) => {
                if let Some(value) = state.now.get(symbol) {
                    parts.push(format!("{name} = {}", unit.written(*value)));
                }
            }
            _ => parts.push(format!("{name} = {}", unit.written(value(&state.now)))),
        }
    }
    format!("for example {}", parts.join(", "))
}

/// The day that starts at a time: day 1 is time 0.
pub(super) fn day(time: f64) -> f64 {
    ((time + 1.0) * 1e3).round() / 1e3
}

fn named(symbol: Symbol, scenario: &Scenario) -> Option<(String, NamedUnit)> {
    let model = &scenario.model;
    let own = |name: &str, unit: &NamedUnit| Some((name.to_owned(), unit.clone()));
    let no_unit = || NamedUnit { name: "1".to_owned(), unit: crate::units::Unit::ONE };
    let days = || NamedUnit { name: "d".to_owned(), unit: crate::units::Unit::ONE };
    match symbol {
        Symbol::Output(i) => own(&model.outputs[i].name, &model.outputs[i].unit),
        Symbol::Covariate(i) => own(&model.covariates[i].name, &model.covariates[i].unit),
        Symbol::Equation(i) => own(&model.equations[i].name, &model.equations[i].unit),
        Symbol::Trial(TrialQuantity::Dose(i)) => {
            Some((format!("dose({})", model.routes[i].name), model.routes[i].unit.clone()))
        }
        Symbol::Trial(TrialQuantity::OnHold(i)) => Some((model.routes[i].name.clone(), days())),
        Symbol::Trial(TrialQuantity::Holds(i)) => {
            Some((format!("holds({})", model.routes[i].name), no_unit()))
        }
        Symbol::Trial(TrialQuantity::Reductions(i)) => {
            Some((format!("reductions({})", model.routes[i].name), no_unit()))
        }
        Symbol::Trial(TrialQuantity::SinceOff(i)) => {
            Some((format!("days_since_off({})", model.routes[i].name), days()))
        }
        _ => None,
    }
}

struct Read<'a> {
    scenario: &'a Scenario,
    symbols: Vec<Symbol>,
    remembers: bool,
}

impl Read<'_> {
    fn collect(&mut self, formula: &Formula) {
        let mut found = Vec::new();
        formula.symbols(&mut |symbol| found.push(symbol));
        for symbol in found {
            match symbol {
                Symbol::Memory(cell) => {
                    self.remembers = true;
                    self.collect(&self.scenario.memory[cell].argument);
                }
                Symbol::Signal(signal) => self.collect(&self.scenario.signals[signal].formula),
                other if !self.symbols.contains(&other) => self.symbols.push(other),
                _ => {}
            }
        }
    }
}
