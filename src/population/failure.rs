//! Why a draw is thrown away, and why no patient can be drawn.

/// Draws tried for one patient, and for one truncated value, before giving up.
pub const MOST_TRIES: usize = 10_000;

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
    /// Nobody meets the criteria: the most frequent reason, and how many draws were tried.
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
    /// A number of a distribution makes no sense for this patient, such as a probability above 1.
    ImpossibleDistribution {
        /// Covariate or random effect.
        name: String,
        /// Patient number.
        patient: usize,
        /// What is wrong, for "`name` …".
        what: &'static str,
    },
    /// A covariate, its distribution parameter, or a value that an entry criterion reads is not finite.
    NotFinite {
        /// Covariate, random effect, or the entry criterion as written.
        name: String,
        /// Patient number.
        patient: usize,
    },
}
