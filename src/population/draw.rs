//! Drawing one patient: covariates, random effects, entry criteria.
//!
//! Everything is keyed by identity: the stream of a covariate is (seed, patient, `covariate:NAME`, attempt), that of a
//! random effect (seed, patient, `eta:NAME`, attempt), so neither the order of drawing nor what else is drawn matters.
//! A draw outside truncation bounds is drawn again from the same streams, alone or with its block of correlated ones; a
//! patient outside the entry criteria or the model's requirements is thrown away whole, and the next attempt has the next
//! number. The effects of occasions belong to the patient who is taken: (seed, patient, `kappa:NAME`, occasion).

use super::covariates::Covariates;
use super::effects::Effects;
use super::failure::{MOST_TRIES, PopulationError, Rejection};
use crate::model::{Formula, Symbol};
use crate::program::{Individual, Program};
use crate::scenario::Scenario;
use std::collections::BTreeMap;

/// A virtual patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// Patient number, from 0.
    pub number: usize,
    /// Covariates of the *population* (its own order), coherent.
    pub population_covariates: Vec<f64>,
    /// Covariates of the model, coherent.
    pub covariates: Vec<f64>,
    /// What the covariates of the model are later on, (time in d, all values), ascending; empty where nothing changes.
    pub later: Vec<(f64, Vec<f64>)>,
    /// Random effects of the model, those of occasions 0.
    pub random_effects: Vec<f64>,
    /// Effects of the scenario's occasions, `[occasion][effect]` in the order of [`crate::model::Model::occasion_effects`];
    /// empty where nothing varies between occasions.
    pub occasion_effects: Vec<f64>,
    /// Draws thrown away before this one, each with its reason.
    pub rejected: Vec<Rejection>,
}

/// Prepares the drawing (Cholesky factors) once; then [`Sampler::patient`] draws patient by number.
#[derive(Debug)]
pub struct Sampler<'a> {
    scenario: &'a Scenario,
    program: &'a Program,
    covariates: Covariates<'a>,
    effects: Effects<'a>,
}

impl<'a> Sampler<'a> {
    /// Factors the correlation blocks. `program` is the scenario's model, compiled.
    ///
    /// # Errors
    /// [`PopulationError::NotPositiveDefinite`].
    pub fn new(scenario: &'a Scenario, program: &'a Program) -> Result<Self, PopulationError> {
        Ok(Self {
            scenario,
            program,
            covariates: Covariates::new(&scenario.population, scenario.seed)?,
            effects: Effects::new(&scenario.model, scenario.seed)?,
        })
    }

    /// Draws patient `number`: the same for every arm, thread and order.
    ///
    /// Without variability every patient is the typical one: random effects 0, drawn covariates at their medians (a
    /// flag at its more likely value), and no second attempt.
    ///
    /// # Errors
    /// When no draw is eligible, or a distribution makes no sense for this patient; see [`PopulationError`].
    pub fn patient(&self, number: usize) -> Result<Patient, PopulationError> {
        let attempts = if self.scenario.variability { MOST_TRIES } else { 1 };
        let mut rejected = Vec::new();
        for attempt in 0..attempts {
            let patient = self.attempt(number, attempt)?;
            match self.unmet(&patient)? {
                None => {
                    let occasion_effects = self.occasion_effects(&patient)?;
                    return Ok(Patient { rejected, occasion_effects, ..patient });
                }
                Some(reason) => rejected.push(reason),
            }
        }
        let reason = most_frequent(&rejected);
        Err(PopulationError::NobodyEligible { patient: number, tried: attempts, reason })
    }

    fn attempt(&self, number: usize, attempt: usize) -> Result<Patient, PopulationError> {
        let typical = !self.scenario.variability;
        let population_covariates =
            if typical { self.covariates.typical(number)? } else { self.covariates.draw(number, attempt)? };
        let covariates = self.of_model(&population_covariates);
        if let Some(missing) = covariates.iter().position(|value| !value.is_finite()) {
            let name = self.scenario.model.covariates[missing].name.clone();
            return Err(PopulationError::NotFinite { name, patient: number });
        }
        let random_effects = if typical {
            vec![0.0; self.scenario.model.random_effects.len()]
        } else {
            self.effects.draw(self.program, &covariates, number as u64, attempt)?
        };
        let row = if typical { None } else { self.covariates.row(number, attempt) };
        let later = self.covariates.later(number, row.unwrap_or(0), &population_covariates)?;
        let later = later.into_iter().map(|(time, values)| (time, self.of_model(&values))).collect();
        Ok(Patient {
            number,
            population_covariates,
            covariates,
            later,
            random_effects,
            occasion_effects: Vec::new(),
            rejected: Vec::new(),
        })
    }

    /// Covariates of the model from those of the population; not a number where there is none.
    fn of_model(&self, population_covariates: &[f64]) -> Vec<f64> {
        let mut covariates = vec![f64::NAN; self.scenario.model.covariates.len()];
        for (source, value) in self.scenario.population.covariates.iter().zip(population_covariates) {
            if let Some(place) = source.model_index.and_then(|index| covariates.get_mut(index)) {
                *place = *value;
            }
        }
        covariates
    }

    /// The effects of all occasions of the scenario.
    fn occasion_effects(&self, patient: &Patient) -> Result<Vec<f64>, PopulationError> {
        let varying: Vec<usize> = self.scenario.model.occasion_effects().collect();
        let mut drawn = Vec::new();
        if varying.is_empty() || !self.scenario.variability {
            return Ok(drawn);
        }
        let mut effects = patient.random_effects.clone();
        for occasion in 1..=self.scenario.occasions.len() as u64 {
            let identity = (patient.number as u64, occasion);
            self.effects.draw_occasion(self.program, &patient.covariates, identity, &mut effects)?;
            drawn.extend(varying.iter().map(|&effect| effects[effect]));
        }
        Ok(drawn)
    }

    /// The first entry criterion or requirement that a patient does not meet.
    fn unmet(&self, patient: &Patient) -> Result<Option<Rejection>, PopulationError> {
        let individual = Individual::new(self.program, &patient.covariates, &patient.random_effects);
        for (index, criterion) in self.scenario.population.entry.iter().enumerate() {
            let Some(met) = holds(&criterion.condition, &individual) else {
                let name = criterion.text.clone();
                return Err(PopulationError::NotFinite { name, patient: patient.number });
            };
            if !met {
                return Ok(Some(Rejection::Entry(index)));
            }
        }
        Ok(individual.unmet_requirement().map(Rejection::Requirement))
    }
}

/// Whether a condition holds for a patient; `None` if something that it reads is not a number.
fn holds(condition: &Formula, individual: &Individual<'_>) -> Option<bool> {
    let mut number = true;
    let value = condition.evaluate(&mut |symbol: Symbol| {
        let value = individual.constant(symbol).unwrap_or(f64::NAN);
        number &= !value.is_nan();
        value
    });
    number.then_some(value != 0.0)
}

fn most_frequent(rejected: &[Rejection]) -> Rejection {
    let mut counts: BTreeMap<Rejection, usize> = BTreeMap::new();
    for reason in rejected {
        *counts.entry(*reason).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(Rejection::Entry(0), |(reason, _)| reason)
}
