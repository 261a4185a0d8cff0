//! Answers, for tables and figures.

use std::io;
use std::path::PathBuf;

use crate::math::sensitivity::Jackknife;
use crate::math::statistics::normal_deviate;
use crate::math::tipping::{Found, Known};
use crate::trial::Target;

/// Confidence level of all limits.
pub(super) const LEVEL: f64 = 0.95;

/// What was found, one for each result looked at (and each assumption, of tipping points).
#[derive(Debug, Clone)]
pub enum Answer {
    /// One at a time.
    Tornados(Vec<Tornado>),
    /// Elementary effects.
    Screenings(Vec<Screened>),
    /// Sobol' indices.
    Indices(Vec<Indices>),
    /// Tipping points.
    Curves(Vec<Curve>),
}

/// Why there is no answer. Places are those of points, from 0.
#[derive(Debug)]
pub enum AnswerError {
    /// A table cannot be read.
    Unreadable(PathBuf, io::Error),
    /// Courses failed numerically at a point: place, result, how many.
    Failed(usize, String, usize),
    /// A result has no value at a point.
    NoValue(usize, String),
    /// A result is the same at every point: it has no variance to be shared out.
    Constant(String),
}

/// A result with every input moved by itself.
#[derive(Debug, Clone)]
pub struct Tornado {
    /// The result.
    pub target: Target,
    /// Its value at the base.
    pub base: f64,
    /// Monte Carlo standard error of that.
    pub base_error: Option<f64>,
    /// Bars, the longest first.
    pub bars: Vec<Bar>,
}

/// One input.
#[derive(Debug, Clone)]
pub struct Bar {
    /// The input.
    pub input: String,
    /// Its meaning.
    pub about: String,
    /// Value of the base as shown; empty: as the scenario stands.
    pub base: String,
    /// At the low and at the high end of its range.
    pub ends: [End; 2],
    /// From low to high.
    pub swing: Told,
}

/// One end of a bar.
#[derive(Debug, Clone)]
pub struct End {
    /// Value of the input as shown.
    pub value: String,
    /// The result there.
    pub estimate: f64,
    /// Less that at the base; errors are those of the same patients at both.
    pub effect: Told,
}

/// A number with its two errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The number.
    pub value: f64,
    /// 95 % limits: of the bootstrap over rows of the design; of an effect, of the patients (Student's t).
    pub limits: Option<(f64, f64)>,
    /// What the patients, of whom there are finitely many, add: bias and standard error.
    pub patients: Option<Jackknife>,
}

impl Told {
    /// Whether it is more than noise: less what few patients add to it, beyond 1.96 standard errors of patients and rows together.
    pub fn above_noise(&self) -> bool {
        let Some(patients) = self.patients else { return false };
        let z = normal_deviate(LEVEL);
        let rows = self.limits.map_or(f64::INFINITY, |(lower, upper)| (upper - lower) / (2.0 * z));
        (self.value - patients.bias).abs() > z * rows.hypot(patients.error)
    }

    /// Whether the result did not change, whichever group of patients is left out: the number is 0 and so is its error. Values of single
    /// patients may have changed all the same: a median does not see them.
    pub fn nothing_changed(&self) -> bool {
        self.value == 0.0 && self.patients.is_some_and(|patients| patients.error == 0.0)
    }

    /// Of an effect whose limits are those of the patients: whether these leave out 0.
    pub fn told_apart(&self) -> bool {
        self.limits.is_some_and(|(lower, upper)| lower > 0.0 || upper < 0.0)
    }
}

/// A result screened by elementary effects.
#[derive(Debug, Clone)]
pub struct Screened {
    /// The result.
    pub target: Target,
    /// Walks over the grid.
    pub walks: usize,
    /// By input, the most important first.
    pub inputs: Vec<ScreenedInput>,
}

/// One input: effects of the whole range, in the unit of the result.
#[derive(Debug, Clone)]
pub struct ScreenedInput {
    /// The input.
    pub input: String,
    /// Its meaning.
    pub about: String,
    /// μ.
    pub mean: Told,
    /// μ*.
    pub absolute: Told,
    /// σ.
    pub spread: Told,
    /// Standard error of one effect by its patients, root mean square over the walks.
    pub noise: Option<f64>,
}

impl ScreenedInput {
    /// Whether μ* is more than patients' noise alone would give: a mean of absolute values is above 0 anyhow.
    pub fn above_noise(&self) -> bool {
        self.noise.is_some_and(|noise| self.absolute.value > normal_deviate(LEVEL) * noise)
    }
}

/// A result whose variance is shared out.
#[derive(Debug, Clone)]
pub struct Indices {
    /// The result.
    pub target: Target,
    /// Rows of the design.
    pub rows: usize,
    /// Mean over the inputs' distribution.
    pub mean: f64,
    /// Standard deviation over it, noise included.
    pub deviation: f64,
    /// Share of the variance that is noise of the patients.
    pub noise: Option<f64>,
    /// By input, the largest total index first.
    pub inputs: Vec<Shared>,
}

/// One input.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The input.
    pub input: String,
    /// Its meaning.
    pub about: String,
    /// First index.
    pub first: Told,
    /// Total index.
    pub total: Told,
}

/// A result along the range of one assumption.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The result.
    pub target: Target,
    /// Where it tips, in its unit.
    pub margin: f64,
    /// The assumption.
    pub input: String,
    /// Its meaning.
    pub about: String,
    /// Unit of its values; empty for plain numbers.
    pub unit: String,
    /// Whether its range is spread on the logarithm.
    pub logarithmic: bool,
    /// Its value as assumed, if told.
    pub base: Option<f64>,
    /// Computed points in ascending order: value of the assumption, and result less margin.
    pub known: Vec<(f64, Known)>,
    /// Changes and stretches, at values of the assumption.
    pub found: Found,
}

impl Curve {
    /// Ends of the range.
    pub fn range(&self) -> (f64, f64) {
        let at = |point: Option<&(f64, Known)>| point.map_or(f64::NAN, |(value, _)| *value);
        (at(self.known.first()), at(self.known.last()))
    }
}
