//! Random effects of one patient: normal, correlated in blocks, within the bounds that the model gives them; and those of
//! the patient's occasions.

use super::failure::{MOST_TRIES, PopulationError, Rejection};
use crate::math::correlation::{Block, blocks};
use crate::math::random::{Identity, Stream};
use crate::model::Model;
use crate::program::{Individual, Program};

/// The random effects of a model, ready to be drawn.
#[derive(Debug)]
pub struct Effects<'a> {
    model: &'a Model,
    seed: u64,
    /// Of effects that stay with the patient.
    blocks: Vec<Block>,
    /// Of effects that are drawn anew on each occasion.
    occasion_blocks: Vec<Block>,
    purposes: Vec<String>,
    bounded: bool,
}

impl<'a> Effects<'a> {
    /// Factors the correlation blocks.
    ///
    /// # Errors
    /// [`PopulationError::NotPositiveDefinite`].
    pub fn new(model: &'a Model, seed: u64) -> Result<Self, PopulationError> {
        let correlations: Vec<(usize, usize, f64)> =
            model.correlations.iter().map(|found| (found.between.0, found.between.1, found.value)).collect();
        let effects = &model.random_effects;
        let blocks = blocks(effects.len(), &correlations).map_err(|members| {
            let block = members.into_iter().map(|member| effects[member].name.clone()).collect();
            PopulationError::NotPositiveDefinite { block }
        })?;
        // No correlation joins the two kinds.
        let (occasion_blocks, blocks) =
            blocks.into_iter().partition(|block| block.members.iter().any(|&it| effects[it].by_occasion));
        Ok(Self {
            model,
            seed,
            blocks,
            occasion_blocks,
            purposes: effects.iter().map(|effect| effect.symbol().replacen('.', ":", 1)).collect(),
            bounded: effects.iter().any(|effect| effect.lower.is_some() || effect.upper.is_some()),
        })
    }

    /// The effects of one attempt at one patient, those of occasions 0. A block is drawn again until all its members are within
    /// bounds.
    ///
    /// # Errors
    /// When the bounds make no sense for this patient, or no draw falls within them.
    pub fn draw(
        &self,
        program: &Program,
        covariates: &[f64],
        patient: u64,
        attempt: usize,
    ) -> Result<Vec<f64>, PopulationError> {
        let bounds = self.bounds(program, covariates, patient)?;
        let mut effects = vec![0.0; self.model.random_effects.len()];
        for block in &self.blocks {
            let mut streams: Vec<Stream> =
                block.members.iter().map(|&member| self.stream(member, patient, attempt as u64)).collect();
            let mut tried = 0;
            loop {
                let independent: Vec<f64> = streams.iter_mut().map(Stream::normal).collect();
                for (&member, normal) in block.members.iter().zip(block.correlate(&independent)) {
                    effects[member] = self.model.random_effects[member].omega * normal;
                }
                let outside = block.members.iter().find(|&&member| {
                    let (lower, upper) = bounds[member];
                    !(lower <= effects[member] && effects[member] <= upper)
                });
                let Some(&outside) = outside else { break };
                tried += 1;
                if tried == MOST_TRIES {
                    let name = self.model.random_effects[outside].name.clone();
                    return Err(PopulationError::OutsideBounds { name, patient: patient as usize, tried });
                }
            }
        }
        Ok(effects)
    }

    /// Writes the effects of an occasion beside those of the patient. Of each effect its stream is (seed, patient,
    /// `kappa:NAME`, occasion); as long as the model's requirements are not met, all are drawn again from the same streams.
    ///
    /// # Errors
    /// When no draw meets the requirements.
    pub fn draw_occasion(
        &self,
        program: &Program,
        covariates: &[f64],
        (patient, occasion): (u64, u64),
        effects: &mut [f64],
    ) -> Result<(), PopulationError> {
        let stream = |&member: &usize| self.stream(member, patient, occasion);
        let mut streams: Vec<Vec<Stream>> =
            self.occasion_blocks.iter().map(|block| block.members.iter().map(stream).collect()).collect();
        let mut unmet = None;
        for _ in 0..MOST_TRIES {
            for (block, streams) in self.occasion_blocks.iter().zip(&mut streams) {
                let independent: Vec<f64> = streams.iter_mut().map(Stream::normal).collect();
                for (&member, normal) in block.members.iter().zip(block.correlate(&independent)) {
                    effects[member] = self.model.random_effects[member].omega * normal;
                }
            }
            if self.model.requirements.is_empty() {
                return Ok(());
            }
            unmet = Individual::new(program, covariates, effects).unmet_requirement();
            if unmet.is_none() {
                return Ok(());
            }
        }
        let reason = Rejection::Requirement(unmet.unwrap_or_default());
        Err(PopulationError::NobodyEligible { patient: patient as usize, tried: MOST_TRIES, reason })
    }

    fn stream(&self, member: usize, patient: u64, occasion: u64) -> Stream {
        Stream::new(Identity { seed: self.seed, patient, purpose: &self.purposes[member], occasion })
    }

    fn bounds(
        &self,
        program: &Program,
        covariates: &[f64],
        patient: u64,
    ) -> Result<Vec<(f64, f64)>, PopulationError> {
        let effects = &self.model.random_effects;
        let mut bounds = vec![(f64::NEG_INFINITY, f64::INFINITY); effects.len()];
        if !self.bounded {
            return Ok(bounds);
        }
        let individual = Individual::new(program, covariates, &vec![0.0; effects.len()]);
        for (index, effect) in effects.iter().enumerate() {
            if effect.lower.is_none() && effect.upper.is_none() {
                continue;
            }
            let (lower, upper) = individual.bounds(index);
            let name = || effect.name.clone();
            if lower.is_nan() || upper.is_nan() {
                return Err(PopulationError::NotFinite { name: name(), patient: patient as usize });
            }
            if lower > upper {
                let what = "has bounds that leave no room";
                return Err(PopulationError::ImpossibleDistribution {
                    name: name(),
                    patient: patient as usize,
                    what,
                });
            }
            bounds[index] = (lower, upper);
        }
        Ok(bounds)
    }
}
