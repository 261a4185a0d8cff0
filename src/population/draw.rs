//! Drawing one patient.

use crate::program::Program;
use crate::scenario::Scenario;

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
    _scenario: &'a Scenario,
    _program: &'a Program,
}

impl<'a> Sampler<'a> {
    /// Factors the correlation blocks.
    pub fn new(_scenario: &'a Scenario, _program: &'a Program) -> Result<Self, PopulationError> {
        todo!()
    }
    /// Draws patient `number`: the same for every arm, thread and order.
    pub fn patient(&self, _number: usize) -> Result<Patient, PopulationError> {
        todo!()
    }
}
