//! Drawing one patient: covariates, then random effects, then the question whether the trial would take the patient.
//!
//! Each covariate and each effect has a stream of its own, keyed by seed, patient, name and attempt, so that adding one
//! changes no other. A value outside its bounds is drawn again together with what it is correlated with, which gives the
//! truncated joint distribution; a patient outside the entry criteria is drawn again as a whole (the next attempt).

use super::block::{Block, blocks};
use super::covariates::CovariateDraw;
use crate::math::random::{Identity, Stream};
use crate::program::{Individual, Program};
use crate::scenario::Scenario;

/// Draws of one patient, or of one value within its bounds, before giving up.
pub(super) const MOST_TRIES: usize = 10_000;

/// A virtual patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// Patient number, from 0.
    pub number: usize,
    /// Covariates of the *population* (its own order), coherent.
    pub population_covariates: Vec<f64>,
    /// Covariates of the model, coherent.
    pub covariates: Vec<f64>,
    /// Random effects of the model.
    pub random_effects: Vec<f64>,
    /// Draws thrown away before this one, each with its reason.
    pub rejected: Vec<Rejection>,
}

/// Why a draw was thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rejection {
    /// Entry criterion (index into the population's).
    Entry(usize),
    /// Requirement of the model (index).
    Requirement(usize),
}

/// Why no patient could be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum PopulationError {
    /// A block of correlated effects is not positive definite: names of its members.
    NotPositiveDefinite {
        /// Members.
        block: Vec<String>,
    },
    /// Nobody meets the criteria: the last reason, and how many draws were tried.
    NobodyEligible {
        /// Patient number.
        patient: usize,
        /// Draws tried.
        tried: usize,
        /// Most frequent reason.
        reason: Rejection,
    },
    /// A truncated covariate or random effect never fell within its bounds.
    OutsideBounds {
        /// Covariate or random effect.
        name: String,
        /// Patient number.
        patient: usize,
        /// Draws tried.
        tried: usize,
    },
    /// A covariate or its distribution parameter is not finite.
    NotFinite {
        /// Covariate or random effect.
        name: String,
        /// Patient number.
        patient: usize,
    },
}

/// Prepares the drawing (Cholesky factors) once; then [`Sampler::patient`] draws patient by number.
#[derive(Debug)]
pub struct Sampler<'a> {
    scenario: &'a Scenario,
    program: &'a Program,
    covariates: CovariateDraw<'a>,
    effect_blocks: Vec<Block>,
}

impl<'a> Sampler<'a> {
    /// Factors the correlation blocks.
    ///
    /// # Errors
    /// [`PopulationError::NotPositiveDefinite`]
    pub fn new(scenario: &'a Scenario, program: &'a Program) -> Result<Self, PopulationError> {
        let effects = &scenario.model.random_effects;
        let correlations: Vec<(usize, usize, f64)> = scenario
            .model
            .correlations
            .iter()
            .map(|known| (known.between.0, known.between.1, known.value))
            .collect();
        let named = |members: Vec<usize>, name: &dyn Fn(usize) -> String| {
            PopulationError::NotPositiveDefinite { block: members.into_iter().map(name).collect() }
        };
        let effect_blocks = blocks(effects.len(), &correlations)
            .map_err(|members| named(members, &|effect| effects[effect].name.clone()))?;
        let described = &scenario.population.covariates;
        let covariate_blocks = blocks(described.len(), &scenario.population.correlations)
            .map_err(|members| named(members, &|covariate| described[covariate].name.clone()))?;
        let covariates = CovariateDraw::new(scenario, covariate_blocks);
        Ok(Self { scenario, program, covariates, effect_blocks })
    }

    /// Draws patient `number`: the same for every arm, thread and order.
    ///
    /// # Errors
    /// [`PopulationError`]: nobody eligible within 10,000 draws, a value that never fell within its bounds, a value that is
    /// not finite.
    pub fn patient(&self, number: usize) -> Result<Patient, PopulationError> {
        let mut rejected = Vec::new();
        let tries = if self.scenario.variability { MOST_TRIES } else { 1 };
        for attempt in 0..tries {
            let population_covariates = self.covariates.draw(number, attempt)?;
            let covariates = self.of_model(&population_covariates);
            let random_effects = self.effects(number, attempt, &covariates)?;
            let individual = Individual::new(self.program, &covariates, &random_effects);
            match self.reason_to_reject(&individual) {
                Some(reason) => rejected.push(reason),
                None => {
                    return Ok(Patient {
                        number,
                        population_covariates,
                        covariates,
                        random_effects,
                        rejected,
                    });
                }
            }
        }
        let count = |reason: &Rejection| rejected.iter().filter(|known| *known == reason).count();
        let mut reasons = rejected.clone();
        reasons.sort();
        reasons.dedup();
        let reason = reasons.iter().max_by_key(|reason| count(reason)).copied();
        let reason = reason.unwrap_or(Rejection::Requirement(0));
        Err(PopulationError::NobodyEligible { patient: number, tried: tries, reason })
    }

    fn of_model(&self, population_covariates: &[f64]) -> Vec<f64> {
        let mut covariates = vec![0.0; self.scenario.model.covariates.len()];
        for (source, value) in self.scenario.population.covariates.iter().zip(population_covariates) {
            if let Some(index) = source.model_index {
                covariates[index] = *value;
            }
        }
        covariates
    }

    fn reason_to_reject(&self, individual: &Individual<'_>) -> Option<Rejection> {
        let entry = self.scenario.population.entry.iter().position(|criterion| {
            let mut lookup = |symbol| individual.constant(symbol).unwrap_or(f64::NAN);
            criterion.condition.evaluate(&mut lookup) == 0.0
        });
        entry.map(Rejection::Entry).or_else(|| individual.unmet_requirement().map(Rejection::Requirement))
    }

    fn effects(
        &self,
        number: usize,
        attempt: usize,
        covariates: &[f64],
    ) -> Result<Vec<f64>, PopulationError> {
        let effects = &self.scenario.model.random_effects;
        let mut values = vec![0.0; effects.len()];
        if !self.scenario.variability {
            return Ok(values);
        }
        let typical = Individual::new(self.program, covariates, &values);
        for block in &self.effect_blocks {
            let mut streams = self.streams(block, number, attempt);
            let mut tried = 0;
            loop {
                draw_block(block, &mut streams, &mut values);
                for &member in &block.members {
                    values[member] *= effects[member].omega;
                }
                let outside = block.members.iter().find(|member| {
                    let (lower, upper) = typical.bounds(**member);
                    !(values[**member] >= lower && values[**member] <= upper)
                });
                let Some(&member) = outside else { break };
                tried += 1;
                if tried == MOST_TRIES {
                    let name = effects[member].name.clone();
                    return Err(PopulationError::OutsideBounds { name, patient: number, tried });
                }
            }
        }
        Ok(values)
    }

    fn streams(&self, block: &Block, number: usize, attempt: usize) -> Vec<Stream> {
        let stream = |member: &usize| {
            Stream::new(Identity {
                seed: self.scenario.seed,
                patient: number as u64,
                purpose: &format!("eta:{}", self.scenario.model.random_effects[*member].name),
                occasion: attempt as u64,
            })
        };
        block.members.iter().map(stream).collect()
    }
}

/// Draws the standard normals of a block, correlated, into their places.
pub(super) fn draw_block(block: &Block, streams: &mut [Stream], values: &mut [f64]) {
    let independent: Vec<f64> = streams.iter_mut().map(Stream::normal).collect();
    let mut correlated = vec![0.0; independent.len()];
    block.correlate(&independent, &mut correlated);
    for (member, value) in block.members.iter().zip(correlated) {
        values[*member] = value;
    }
}
