//! A calibration file, checked: which parameters are fitted, to which outcomes, and how.

use super::problem::Problem;
use crate::validation::{Observed, Outcomes, Place};

/// What a calibration file asks for.
#[derive(Debug, Clone)]
pub struct Definition {
    /// File stem.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is fitted, and why so.
    pub about: String,
    /// What was published.
    pub outcomes: Outcomes,
    /// Outcomes that are fitted, in the order of the problem's observations.
    pub places: Vec<Place>,
    /// Why an observation has another weight than 1, in the same order; empty where it has not.
    pub reasons: Vec<String>,
    /// Parameters in the order of the problem's unknowns.
    pub parameters: Vec<Parameter>,
    /// The problem without its function.
    pub problem: Problem,
    /// Virtual patients per arm.
    pub patients: usize,
    /// Keys that are the same at every evaluation.
    pub set: Vec<(String, String)>,
}

/// A parameter of the model that is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Key of a scenario, as `--set` takes it.
    pub key: String,
    /// Full name in the model.
    pub name: String,
    /// Unit of its values, as the model has it; `"1"` for a pure number.
    pub unit: String,
    /// The model's value.
    pub value: f64,
    /// Why its prior is as it is.
    pub about: String,
}

impl Definition {
    /// Keys of the scenarios at values of the unknowns in the parameters' own units.
    pub fn settings(&self, values: &[f64]) -> Vec<(String, String)> {
        let fitted = self.parameters.iter().zip(values);
        let fitted = fitted.map(|(parameter, value)| (parameter.key.clone(), format!("{value:?}")));
        self.set.iter().cloned().chain(fitted).collect()
    }

    /// Scenarios that are simulated, each once, in the order of the outcomes.
    pub fn scenarios(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for place in &self.places {
            let trial = &self.outcomes.trials[place.trial];
            for arm in &self.outcomes.at(*place).arms {
                let name = trial.arms[*arm].scenario.value.as_str();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

/// x and n of an outcome; `None` where it has no count.
pub(super) fn count(outcomes: &Outcomes, place: Place) -> Option<(f64, f64)> {
    match outcomes.at(place).observed {
        Some(Observed::Count { events, of }) => Some((events, of as f64)),
        _ => None,
    }
}
