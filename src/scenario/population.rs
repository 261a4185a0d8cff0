//! What a population file says: how covariates are distributed, correlated, derived and filtered.

use crate::model::{Formula, NamedUnit, Tag};

/// Where the virtual patients' covariates come from.
#[derive(Debug, Clone)]
pub struct PopulationDescription {
    /// Title for the report.
    pub title: String,
    /// Sources.
    pub source: String,
    /// In an order in which each uses only earlier ones; they cover every covariate of the model (others may exist).
    /// Empty for a model without covariates and a scenario without a population file.
    pub covariates: Vec<CovariateSource>,
    /// Correlations of the normal variables behind drawn covariates (indices into `covariates`).
    pub correlations: Vec<(usize, usize, f64)>,
    /// Entry criteria: formulas over covariates, parameters and patient-constant equations of the model.
    pub entry: Vec<EntryCriterion>,
    /// Rows of a CSV of real covariates to resample (coherent units, columns in `covariates` order); then every
    /// covariate is [`CovariateLaw::Column`] or derived or fixed.
    pub rows: Option<Vec<Vec<f64>>>,
    /// For each row what the patient's columns are later on, (time in d, row), ascending; empty where nothing changes.
    pub later: Vec<Vec<(f64, Vec<f64>)>>,
}

/// One covariate of the population. `model_index` ties it to the model's covariate, if the model has it.
#[derive(Debug, Clone)]
pub struct CovariateSource {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: NamedUnit,
    /// Meaning.
    pub about: String,
    /// Source.
    pub source: String,
    /// Read, derived, calibrated, assumed.
    pub tag: Tag,
    /// Index into the covariates of [`super::Scenario::model`]. Covariates that only the population has are appended to
    /// those of the model on reading, so that conditions and tables may use them; after that every index is there.
    pub model_index: Option<usize>,
    /// How it is drawn or computed. In its formulas `Symbol::Covariate(i)` is the i-th covariate *of the population*.
    pub law: CovariateLaw,
}

/// How a covariate gets its value.
#[derive(Debug, Clone)]
pub enum CovariateLaw {
    /// Normal, optionally truncated.
    Normal {
        /// Mean.
        mean: Formula,
        /// Standard deviation.
        sd: Formula,
        /// Truncation.
        lower: Option<Formula>,
        /// Truncation.
        upper: Option<Formula>,
    },
    /// Log-normal with a median and an SD on the log scale, optionally truncated.
    LogNormal {
        /// Median.
        median: Formula,
        /// SD on the log scale.
        omega: Formula,
        /// Truncation.
        lower: Option<Formula>,
        /// Truncation.
        upper: Option<Formula>,
    },
    /// Uniform.
    Uniform {
        /// Lower end.
        lower: Formula,
        /// Upper end.
        upper: Formula,
    },
    /// 1 with this probability, else 0.
    Bernoulli(Formula),
    /// Computed from earlier covariates (a fixed value is a constant formula).
    Derived {
        /// Formula.
        formula: Formula,
        /// As written.
        text: String,
    },
    /// The column of a resampled row.
    Column(usize),
}

/// A condition for entering the trial.
#[derive(Debug, Clone)]
pub struct EntryCriterion {
    /// As written.
    pub text: String,
    /// Over the *model's* symbols (covariates, parameters, patient-constant equations).
    pub condition: Formula,
    /// Why.
    pub about: String,
}
