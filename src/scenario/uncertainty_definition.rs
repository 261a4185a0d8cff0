//! How well the population parameters are known: what `[uncertainty]` says, checked. Coherent units.

use crate::model::{Model, NamedUnit};
use crate::units::Unit;

/// How well the population parameters are known.
#[derive(Debug, Clone)]
pub struct Uncertainty {
    /// Number of draws, at least 2.
    pub draws: usize,
    /// What is uncertain, each once.
    pub parameters: Vec<UncertainParameter>,
    /// Where the draws come from.
    pub law: DrawLaw,
}

/// A population parameter, or the standard deviation of a random effect, that is not known exactly.
#[derive(Debug, Clone)]
pub struct UncertainParameter {
    /// Full name: `pk.cl`, `omega.pk.CL`.
    pub name: String,
    /// Which.
    pub target: Uncertain,
    /// Unit of its values.
    pub unit: NamedUnit,
    /// Scale on which the estimate is normal.
    pub scale: Scale,
    /// Standard error on that scale, coherent; not a number where a table gives the draws.
    pub standard_error: f64,
    /// Whether a draw may have another sign than the model's value.
    pub free_sign: bool,
}

/// Where draws come from.
#[derive(Debug, Clone)]
pub enum DrawLaw {
    /// A multivariate normal distribution on the scales of the estimates, with these correlations (indices into the
    /// parameters; pairs that are not named have 0).
    Normal(Vec<(usize, usize, f64)>),
    /// Rows of a table, in order; values in the order of the parameters, coherent.
    Rows(Vec<Vec<f64>>),
}

/// What can be uncertain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncertain {
    /// A population parameter (index).
    Parameter(usize),
    /// The standard deviation of a random effect (index).
    Omega(usize),
}

/// Scale on which an estimate is normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Logarithm: always positive.
    Log,
    /// log(p/(1 − p)): between 0 and 1.
    Logit,
    /// As it is.
    Natural,
}

impl Scale {
    /// As in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Logit => "logit",
            Self::Natural => "natural",
        }
    }
}

impl Uncertain {
    /// Its value in a model, coherent.
    pub fn value(self, model: &Model) -> f64 {
        match self {
            Self::Parameter(index) => model.parameters[index].value,
            Self::Omega(index) => model.random_effects[index].omega,
        }
    }

    /// Gives it another value in a model.
    pub fn set(self, model: &mut Model, value: f64) {
        match self {
            Self::Parameter(index) => model.parameters[index].value = value,
            Self::Omega(index) => model.random_effects[index].omega = value,
        }
    }

    /// Whether a drawn value may stand for an estimate whose sign is fixed: a volume is positive. A standard deviation may
    /// be 0.
    pub fn is_possible(self, estimate: f64, value: f64) -> bool {
        match self {
            Self::Omega(_) => value >= 0.0,
            Self::Parameter(_) => estimate == 0.0 || value * estimate.signum() > 0.0,
        }
    }

    /// The unit of its values.
    pub fn unit(self, model: &Model) -> NamedUnit {
        let one = || NamedUnit { name: "1".to_owned(), unit: Unit::ONE };
        match self {
            Self::Parameter(index) => model.parameters[index].unit.clone(),
            Self::Omega(index) => {
                let unit = &model.random_effects[index].unit;
                if unit.name.is_empty() { one() } else { unit.clone() }
            }
        }
    }
}
