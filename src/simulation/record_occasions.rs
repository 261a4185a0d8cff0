//! The occasions of one subject of a table of records: whichever its rows name, in any order, each with its own effects.

use std::collections::HashMap;

use super::variability::Variability;
use crate::population::PopulationError;
use crate::program::{Individual, Program};

/// A subject's occasions.
#[derive(Debug)]
pub(super) struct RecordOccasions<'v> {
    variability: &'v Variability<'v>,
    program: &'v Program,
    patient: u64,
    /// All random effects as they are now.
    effects: Vec<f64>,
    /// Which occasion it is.
    now: Option<u64>,
    /// Effects of all occasions so far.
    drawn: HashMap<u64, Vec<f64>>,
}

impl<'v> RecordOccasions<'v> {
    /// Of a subject with these random effects, before the first occasion.
    pub(super) fn new(
        variability: &'v Variability<'v>,
        program: &'v Program,
        patient: u64,
        effects: Vec<f64>,
    ) -> Self {
        RecordOccasions { variability, program, patient, effects, now: None, drawn: HashMap::new() }
    }

    /// All random effects on an occasion. What is drawn for the first time must meet the model's requirements with the present
    /// covariates.
    ///
    /// # Errors
    /// No draw meets them.
    pub(super) fn enter(&mut self, occasion: u64, covariates: &[f64]) -> Result<&[f64], PopulationError> {
        if self.now == Some(occasion) {
            return Ok(&self.effects);
        }
        match self.drawn.get(&occasion) {
            Some(drawn) => self.effects.clone_from(drawn),
            None => {
                let identity = (self.patient, occasion);
                self.variability.draw_occasion(self.program, covariates, identity, &mut self.effects)?;
                self.drawn.insert(occasion, self.effects.clone());
            }
        }
        self.now = Some(occasion);
        Ok(&self.effects)
    }

    /// Puts the effects of an occasion into the equations; true if anything changed.
    ///
    /// # Errors
    /// As [`RecordOccasions::enter`].
    pub(super) fn apply(
        &mut self,
        occasion: u64,
        covariates: &[f64],
        individual: &mut Individual,
    ) -> Result<bool, PopulationError> {
        if self.now == Some(occasion) {
            return Ok(false);
        }
        Ok(individual.set_random_effects(self.enter(occasion, covariates)?))
    }
}
