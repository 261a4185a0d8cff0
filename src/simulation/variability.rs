//! What makes a subject of a table of records another than the typical one: its random effects, and what the laboratory
//! reports of its samples.
//!
//! Drawn by identity, as for the patients of a trial and from the same streams: (seed, subject, purpose, occasion). The subject
//! is its number in the order of first appearance, so that its ID may be any text and its rows may stand anywhere.

use std::collections::HashMap;

use super::measurement::{Sampling, measure, minute, quantify};
use crate::model::Model;
use crate::population::{Effects, MOST_TRIES, PopulationError};
use crate::program::{Individual, Program};

/// Random effects and residual errors of a model, ready to be drawn.
#[derive(Debug)]
pub(super) struct Variability<'m> {
    model: &'m Model,
    effects: Effects<'m>,
    seed: u64,
}

impl<'m> Variability<'m> {
    pub(super) fn new(model: &'m Model, seed: u64) -> Result<Self, PopulationError> {
        Ok(Variability { model, effects: Effects::new(model, seed)?, seed })
    }

    /// Draws the random effects of a patient; those of `given` (effect, value) take the place of what was drawn. Who does not meet
    /// the model's requirements is drawn again; the last one is handed out if none does.
    pub(super) fn draw(
        &self,
        program: &Program,
        covariates: &[f64],
        given: &[(usize, f64)],
        patient: u64,
    ) -> Result<Vec<f64>, PopulationError> {
        // Without anything to draw, another attempt is the same one.
        let lasting = self.model.random_effects.iter().filter(|effect| !effect.by_occasion).count();
        let attempts = if lasting > given.len() { MOST_TRIES } else { 1 };
        let mut effects = Vec::new();
        for attempt in 0..attempts {
            effects = self.effects.draw(program, covariates, patient, attempt)?;
            for &(effect, value) in given {
                effects[effect] = value;
            }
            if Individual::new(program, covariates, &effects).unmet_requirement().is_none() {
                break;
            }
        }
        Ok(effects)
    }

    /// Whether anything varies between occasions.
    pub(super) fn has_occasions(&self) -> bool {
        self.model.occasion_effects().next().is_some()
    }

    /// Writes the effects of an occasion beside those of the patient, see [`Effects::draw_occasion`].
    pub(super) fn draw_occasion(
        &self,
        program: &Program,
        covariates: &[f64],
        identity: (u64, u64),
        effects: &mut [f64],
    ) -> Result<(), PopulationError> {
        self.effects.draw_occasion(program, covariates, identity, effects)
    }

    /// The laboratory that gets the samples of a patient.
    pub(super) fn laboratory(&self, patient: u64) -> Laboratory<'m> {
        Laboratory { model: self.model, seed: self.seed, patient, seen: HashMap::new() }
    }
}

/// Measures the samples of one patient.
#[derive(Debug)]
pub(super) struct Laboratory<'m> {
    model: &'m Model,
    seed: u64,
    patient: u64,
    /// Samples so far, by minute.
    seen: HashMap<u64, u64>,
}

impl Laboratory<'_> {
    /// Writes what is reported of a sample taken at `time`.
    pub(super) fn measure(
        &mut self,
        time: f64,
        individual: &Individual,
        truth: &[f64],
        measured: &mut [f64],
    ) {
        let seen = self.seen.entry(minute(time)).or_default();
        let sampling = Sampling { seed: self.seed, patient: self.patient, time, again: *seen };
        *seen += 1;
        measure(sampling, &self.model.outputs, individual, truth, measured);
        quantify(&self.model.outputs, measured);
    }
}
