//! The typical patient at the start: covariates at their centre, no random effects, states as they begin. Examples keep near
//! it, and limits are weighed against it.

use std::collections::BTreeMap;

use crate::model::{Formula, Symbol};
use crate::scenario::Scenario;
use crate::scenario::population::CovariateLaw;

/// Values of everything in the model at the start.
#[derive(Debug, Clone)]
pub(super) struct Typical {
    covariates: Vec<f64>,
    parameters: Vec<f64>,
    controls: Vec<f64>,
    equations: Vec<f64>,
    states: Vec<f64>,
    pub outputs: Vec<f64>,
}

impl Typical {
    pub fn new(scenario: &Scenario) -> Self {
        let model = &scenario.model;
        let mut typical = Typical {
            covariates: covariates(scenario),
            parameters: model.parameters.iter().map(|parameter| parameter.value).collect(),
            controls: model.controls.iter().map(|control| control.value).collect(),
            equations: vec![f64::NAN; model.equations.len()],
            states: vec![f64::NAN; model.states.len()],
            outputs: vec![f64::NAN; model.outputs.len()],
        };
        typical.begin(scenario, &BTreeMap::new());
        typical
    }

    /// Outputs at the start of a patient who differs from the typical one in these constants.
    pub fn starting(&self, scenario: &Scenario, constants: &BTreeMap<Symbol, f64>) -> Vec<f64> {
        let mut patient = self.clone();
        for (symbol, value) in constants {
            if let Symbol::Covariate(i) = symbol {
                patient.covariates[*i] = *value;
            }
        }
        patient.begin(scenario, constants);
        patient.outputs
    }

    /// First what is constant for the patient, then states at their start, then what follows from those.
    fn begin(&mut self, scenario: &Scenario, constants: &BTreeMap<Symbol, f64>) {
        self.equations(scenario, constants);
        self.states = scenario.model.states.iter().map(|state| self.of(&state.initial)).collect();
        self.equations(scenario, constants);
        self.outputs = scenario.model.outputs.iter().map(|output| self.of(&output.formula)).collect();
    }

    fn equations(&mut self, scenario: &Scenario, constants: &BTreeMap<Symbol, f64>) {
        for &equation in &scenario.model.equation_order {
            let given = constants.get(&Symbol::Equation(equation)).copied();
            self.equations[equation] =
                given.unwrap_or_else(|| self.of(&scenario.model.equations[equation].formula));
        }
    }

    fn of(&self, formula: &Formula) -> f64 {
        formula.evaluate(&mut |symbol| self.value(symbol))
    }

    /// The value of a symbol of the model; not a number for others.
    pub fn value(&self, symbol: Symbol) -> f64 {
        let of = |list: &[f64], i: usize| list.get(i).copied().unwrap_or(f64::NAN);
        match symbol {
            Symbol::Time | Symbol::RandomEffect(_) => 0.0,
            Symbol::Covariate(i) => of(&self.covariates, i),
            Symbol::Parameter(i) => of(&self.parameters, i),
            Symbol::Control(i) => of(&self.controls, i),
            Symbol::Equation(i) => of(&self.equations, i),
            Symbol::State(i) => of(&self.states, i),
            Symbol::Output(i) => of(&self.outputs, i),
            _ => f64::NAN,
        }
    }
}

/// Covariates of the model at the centre of their distributions.
fn covariates(scenario: &Scenario) -> Vec<f64> {
    let population = &scenario.population;
    let mut drawn = vec![f64::NAN; population.covariates.len()];
    let mut found = vec![f64::NAN; scenario.model.covariates.len()];
    for (place, covariate) in population.covariates.iter().enumerate() {
        let value = |formula: &Formula| {
            formula.evaluate(&mut |symbol| match symbol {
                Symbol::Covariate(i) => drawn.get(i).copied().unwrap_or(f64::NAN),
                _ => f64::NAN,
            })
        };
        let centre = match &covariate.law {
            CovariateLaw::Normal { mean, .. } => value(mean),
            CovariateLaw::LogNormal { median, .. } => value(median),
            CovariateLaw::Uniform { lower, upper } => 0.5 * (value(lower) + value(upper)),
            CovariateLaw::Bernoulli(probability) => f64::from(u8::from(value(probability) >= 0.5)),
            CovariateLaw::Derived { formula, .. } => value(formula),
            CovariateLaw::Column(column) => {
                let rows = population.rows.iter().flatten().filter_map(|row| row.get(*column));
                let mut values: Vec<f64> = rows.copied().collect();
                values.sort_by(f64::total_cmp);
                values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
            }
        };
        drawn[place] = centre;
        if let Some(of_model) = covariate.model_index.and_then(|index| found.get_mut(index)) {
            *of_model = centre;
        }
    }
    found
}
