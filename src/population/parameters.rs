//! Drawing the population parameters themselves, within what is known of them: the outer level of a two-level Monte Carlo.
//!
//! Keyed by identity: the stream of a parameter is (seed, draw, `uncertainty:NAME`, attempt). A draw that cannot be, such
//! as a negative volume, is thrown away whole and counted; the next attempt is the next occasion.

use super::failure::MOST_TRIES;
use crate::math::correlation::{Block, blocks};
use crate::math::elementary::{exp, ln};
use crate::math::random::{Identity, Stream};
use crate::model::Model;
use crate::scenario::{DrawLaw, Scale, Scenario, UncertainParameter, Uncertainty};

/// One draw of the uncertain parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDraw {
    /// In the order of the scenario's uncertain parameters, coherent.
    pub values: Vec<f64>,
    /// Draws thrown away before this one.
    pub rejected: usize,
}

/// Why parameters could not be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum DrawError {
    /// The covariance of these estimates is not positive definite.
    NotPositiveDefinite {
        /// Their names.
        block: Vec<String>,
    },
    /// No draw was possible.
    Impossible {
        /// The parameter that was impossible last.
        name: String,
        /// Draws tried.
        tried: usize,
    },
}

/// All draws of a scenario; none where it says nothing of uncertainty.
///
/// # Errors
/// See [`DrawError`].
pub fn draw_parameters(scenario: &Scenario) -> Result<Vec<ParameterDraw>, DrawError> {
    let Some(uncertainty) = &scenario.uncertainty else { return Ok(Vec::new()) };
    match &uncertainty.law {
        DrawLaw::Rows(rows) => {
            let rows = rows.iter().take(uncertainty.draws);
            Ok(rows.map(|values| ParameterDraw { values: values.clone(), rejected: 0 }).collect())
        }
        DrawLaw::Normal(correlations) => {
            let parameters = &uncertainty.parameters;
            let blocks = blocks(parameters.len(), correlations).map_err(|members| {
                let block = members.into_iter().map(|member| parameters[member].name.clone()).collect();
                DrawError::NotPositiveDefinite { block }
            })?;
            let law = Law { model: &scenario.model, seed: scenario.seed, uncertainty, blocks };
            (0..uncertainty.draws).map(|number| law.draw(number)).collect()
        }
    }
}

/// A multivariate normal distribution of estimates.
struct Law<'a> {
    model: &'a Model,
    seed: u64,
    uncertainty: &'a Uncertainty,
    blocks: Vec<Block>,
}

impl Law<'_> {
    fn draw(&self, number: usize) -> Result<ParameterDraw, DrawError> {
        let mut last = 0;
        for attempt in 0..MOST_TRIES {
            match self.attempt(number, attempt) {
                Ok(values) => return Ok(ParameterDraw { values, rejected: attempt }),
                Err(impossible) => last = impossible,
            }
        }
        let name = self.uncertainty.parameters[last].name.clone();
        Err(DrawError::Impossible { name, tried: MOST_TRIES })
    }

    /// The values, or the first parameter whose value cannot be.
    fn attempt(&self, number: usize, attempt: usize) -> Result<Vec<f64>, usize> {
        let parameters = &self.uncertainty.parameters;
        let normal = |member: &usize| {
            let purpose = format!("uncertainty:{}", parameters[*member].name);
            let (patient, occasion) = (number as u64, attempt as u64);
            Stream::new(Identity { seed: self.seed, patient, purpose: &purpose, occasion }).normal()
        };
        let mut values = vec![f64::NAN; parameters.len()];
        for block in &self.blocks {
            let independent: Vec<f64> = block.members.iter().map(normal).collect();
            for (&member, normal) in block.members.iter().zip(block.correlate(&independent)) {
                values[member] = shifted(&parameters[member], self.model, normal);
            }
        }
        let cannot_be = parameters.iter().zip(&values).position(|(parameter, value)| {
            let estimate = parameter.target.value(self.model);
            let sign = parameter.free_sign || parameter.target.is_possible(estimate, *value);
            !(value.is_finite() && sign)
        });
        cannot_be.map_or(Ok(values), Err)
    }
}

/// The estimate moved by so many standard errors on its scale.
fn shifted(parameter: &UncertainParameter, model: &Model, errors: f64) -> f64 {
    let estimate = parameter.target.value(model);
    let shift = parameter.standard_error * errors;
    match parameter.scale {
        Scale::Natural => estimate + shift,
        Scale::Log => estimate * exp(shift),
        Scale::Logit => 1.0 / (1.0 + exp(-(ln(estimate / (1.0 - estimate)) + shift))),
    }
}
