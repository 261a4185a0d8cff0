//! Which volumes the equations divide by: a concentration means something only while they are above 0.

use std::collections::BTreeSet;

use super::definition::{Model, NamedUnit};
use super::formula::{BinaryOperation, Formula, Symbol};
use crate::units::Dimension;

impl NamedUnit {
    /// Whether this is a volume, or a volume per mass (L/kg).
    pub fn is_volume(&self) -> bool {
        let volume = Dimension::volume();
        [volume, volume.over(Dimension::mass())].contains(&self.unit.dimension)
    }
}

impl Model {
    /// Covariates, parameters, equations and states that are a volume (or a volume per mass) and a factor of a divisor
    /// somewhere in the model. One that is only a term of a divisor (a tumour volume in `V / (V50 + V)`), that a
    /// `max` keeps off 0, or that the condition of its own choice asks about may well be 0.
    pub fn divisor_volumes(&self) -> BTreeSet<Symbol> {
        let mut divisors = BTreeSet::new();
        let rates = self.states.iter().map(|state| &state.rate);
        let initial = self.states.iter().map(|state| &state.initial);
        let equations = self.equations.iter().map(|equation| &equation.formula);
        let outputs = self.outputs.iter().map(|output| &output.formula);
        for formula in rates.chain(initial).chain(equations).chain(outputs) {
            collect(formula, false, &mut divisors);
        }
        // A divisor that is a product of named equations has their volumes as factors.
        let mut open: Vec<Symbol> = divisors.iter().copied().collect();
        while let Some(symbol) = open.pop() {
            let Symbol::Equation(number) = symbol else { continue };
            let mut further = BTreeSet::new();
            collect(&self.equations[number].formula, true, &mut further);
            open.extend(further.into_iter().filter(|symbol| divisors.insert(*symbol)));
        }
        divisors.retain(|symbol| match *symbol {
            Symbol::Covariate(number) => self.covariates[number].unit.is_volume(),
            Symbol::Parameter(number) => self.parameters[number].unit.is_volume(),
            Symbol::Equation(number) => self.equations[number].unit.is_volume(),
            Symbol::State(number) => self.states[number].unit.is_volume(),
            _ => false,
        });
        divisors
    }
}

/// Adds the symbols that are factors of divisors in a formula, which is itself one if `below`.
fn collect(formula: &Formula, below: bool, divisors: &mut BTreeSet<Symbol>) {
    match formula {
        Formula::Symbol(symbol) if below => {
            divisors.insert(*symbol);
        }
        Formula::Constant(_) | Formula::Symbol(_) => {}
        Formula::Unary(_, x) => collect(x, false, divisors),
        Formula::Binary(BinaryOperation::Divide, a, b) => {
            collect(a, below, divisors);
            collect(b, true, divisors);
        }
        Formula::Binary(BinaryOperation::Multiply, a, b) => {
            collect(a, below, divisors);
            collect(b, below, divisors);
        }
        Formula::Binary(BinaryOperation::Power, a, _) => collect(a, below, divisors),
        Formula::Binary(_, a, b) => {
            collect(a, false, divisors);
            collect(b, false, divisors);
        }
        Formula::Select(condition, yes, no) => {
            collect(condition, false, divisors);
            let mut chosen = BTreeSet::new();
            collect(yes, below, &mut chosen);
            collect(no, below, &mut chosen);
            condition.symbols(&mut |symbol| {
                chosen.remove(&symbol);
            });
            divisors.extend(chosen);
        }
    }
}
