//! What is constant for one patient: the equations that depend on nothing but covariates, parameters and random effects.
//!
//! Read off the checked model by walking its formulas, so that the tables can show each patient's clearance beside
//! the covariates without asking the program that ran.

use crate::model::{Formula, Model, Symbol};
use crate::population::Patient;

/// The patient-constant equations of a model.
pub struct Constants {
    /// Indices into the model's equations, ascending.
    pub equations: Vec<usize>,
    /// Of these, the individual parameters: equations in which a random effect stands. Positions in `equations`.
    pub individual: Vec<usize>,
    /// `[patient][position in equations]`, coherent.
    pub values: Vec<Vec<f64>>,
}

impl Constants {
    /// Finds the patient-constant equations and evaluates them for each patient.
    pub fn of(model: &Model, patients: &[Patient]) -> Self {
        let constant = constant_equations(model);
        let equations: Vec<usize> = (0..constant.len()).filter(|index| constant[*index]).collect();
        let order: Vec<usize> =
            model.equation_order.iter().copied().filter(|index| constant[*index]).collect();
        let individual = (0..equations.len())
            .filter(|position| mentions_random_effect(&model.equations[equations[*position]].formula))
            .collect();
        let values = patients.iter().map(|patient| evaluate(model, &order, &equations, patient)).collect();
        Self { equations, individual, values }
    }

    /// The values of one equation over the patients, by its position in [`Constants::equations`].
    pub fn column(&self, position: usize) -> Vec<f64> {
        self.values.iter().map(|row| row[position]).collect()
    }
}

fn constant_equations(model: &Model) -> Vec<bool> {
    let mut constant = vec![false; model.equations.len()];
    for &index in &model.equation_order {
        let mut all = true;
        model.equations[index].formula.symbols(&mut |symbol| {
            all &= match symbol {
                Symbol::Covariate(_) | Symbol::Parameter(_) | Symbol::RandomEffect(_) => true,
                Symbol::Equation(other) => constant.get(other).copied().unwrap_or(false),
                _ => false,
            };
        });
        constant[index] = all;
    }
    constant
}

fn mentions_random_effect(formula: &Formula) -> bool {
    let mut found = false;
    formula.symbols(&mut |symbol| found |= matches!(symbol, Symbol::RandomEffect(_)));
    found
}

fn evaluate(model: &Model, order: &[usize], equations: &[usize], patient: &Patient) -> Vec<f64> {
    let mut known = vec![f64::NAN; model.equations.len()];
    for &index in order {
        let value = model.equations[index].formula.evaluate(&mut |symbol| match symbol {
            Symbol::Covariate(i) => patient.covariates.get(i).copied().unwrap_or(f64::NAN),
            Symbol::Parameter(i) => model.parameters.get(i).map_or(f64::NAN, |parameter| parameter.value),
            Symbol::RandomEffect(i) => patient.random_effects.get(i).copied().unwrap_or(f64::NAN),
            Symbol::Equation(i) => known.get(i).copied().unwrap_or(f64::NAN),
            _ => f64::NAN,
        });
        known[index] = value;
    }
    equations.iter().map(|index| known[*index]).collect()
}
