//! The covariates of one patient: drawn, computed from others, or a row of real patients resampled.

use super::block::Block;
use super::draw::{MOST_TRIES, PopulationError, draw_block};
use crate::math::random::{Identity, Stream};
use crate::model::{Formula, Symbol};
use crate::scenario::Scenario;
use crate::scenario::population::{CovariateLaw, CovariateSource};

/// Draws covariates in the order of the population description.
#[derive(Debug)]
pub(super) struct CovariateDraw<'a> {
    scenario: &'a Scenario,
    blocks: Vec<Block>,
}

/// The numbers behind one patient's covariates, before any law is applied.
struct Chances {
    /// Standard normals, correlated; those of covariates that need none are not used.
    normals: Vec<f64>,
    /// Uniforms on (0, 1).
    uniforms: Vec<f64>,
    /// The row of a resampled table.
    row: usize,
}

impl<'a> CovariateDraw<'a> {
    pub fn new(scenario: &'a Scenario, blocks: Vec<Block>) -> Self {
        Self { scenario, blocks }
    }

    /// All covariates of patient `number`, in the description's order.
    pub fn draw(&self, number: usize, attempt: usize) -> Result<Vec<f64>, PopulationError> {
        let sources = &self.scenario.population.covariates;
        let mut streams: Vec<Vec<Stream>> = self
            .blocks
            .iter()
            .map(|block| block.members.iter().map(|member| self.stream(*member, number, attempt)).collect())
            .collect();
        let mut chances = self.chances(&mut streams, number, attempt);
        let mut tried = 0;
        loop {
            tried += 1;
            match self.values(&chances) {
                Ok(values) => {
                    let Some(faulty) = values.iter().position(|value| !value.is_finite()) else {
                        return Ok(values);
                    };
                    return Err(PopulationError::NotFinite {
                        name: sources[faulty].name.clone(),
                        patient: number,
                    });
                }
                Err(outside) if tried == MOST_TRIES || !self.scenario.variability => {
                    let name = sources[outside].name.clone();
                    return Err(PopulationError::OutsideBounds { name, patient: number, tried });
                }
                Err(outside) => {
                    for (block, streams) in self.blocks.iter().zip(&mut streams) {
                        if block.members.contains(&outside) {
                            draw_block(block, streams, &mut chances.normals);
                        }
                    }
                }
            }
        }
    }

    fn stream(&self, covariate: usize, number: usize, attempt: usize) -> Stream {
        let purpose = format!("covariate:{}", self.scenario.population.covariates[covariate].name);
        self.keyed(&purpose, number, attempt)
    }

    fn keyed(&self, purpose: &str, number: usize, attempt: usize) -> Stream {
        let (seed, patient, occasion) = (self.scenario.seed, number as u64, attempt as u64);
        Stream::new(Identity { seed, patient, purpose, occasion })
    }

    fn chances(&self, streams: &mut [Vec<Stream>], number: usize, attempt: usize) -> Chances {
        let sources = &self.scenario.population.covariates;
        let mut normals = vec![0.0; sources.len()];
        for (block, streams) in self.blocks.iter().zip(streams) {
            draw_block(block, streams, &mut normals);
        }
        let uniform = |source: &CovariateSource| {
            self.keyed(&format!("uniform:{}", source.name), number, attempt).uniform()
        };
        let rows = self.scenario.population.rows.as_ref().map_or(0, Vec::len);
        let share = self.keyed("covariates:row", number, attempt).uniform();
        Chances {
            normals,
            uniforms: sources.iter().map(uniform).collect(),
            row: ((share * rows as f64) as usize).min(rows.saturating_sub(1)),
        }
    }

    /// Applies the laws in order; `Err` names the first covariate outside its bounds.
    fn values(&self, chances: &Chances) -> Result<Vec<f64>, usize> {
        let mut values: Vec<f64> = Vec::new();
        for (index, source) in self.scenario.population.covariates.iter().enumerate() {
            let value = if self.scenario.variability {
                self.drawn(source, index, chances, &values).ok_or(index)?
            } else {
                self.typical(source, &values)
            };
            values.push(value);
        }
        Ok(values)
    }

    fn drawn(&self, source: &CovariateSource, index: usize, chances: &Chances, known: &[f64]) -> Option<f64> {
        let normal = chances.normals[index];
        let uniform = chances.uniforms[index];
        match &source.law {
            CovariateLaw::Normal { mean, sd, lower, upper } => {
                within(evaluate(mean, known) + evaluate(sd, known) * normal, lower, upper, known)
            }
            CovariateLaw::LogNormal { median, omega, lower, upper } => {
                let factor = (evaluate(omega, known) * normal).exp();
                within(evaluate(median, known) * factor, lower, upper, known)
            }
            CovariateLaw::Uniform { lower, upper } => {
                let (lower, upper) = (evaluate(lower, known), evaluate(upper, known));
                Some(lower + (upper - lower) * uniform)
            }
            CovariateLaw::Bernoulli(probability) => {
                Some(f64::from(u8::from(uniform < evaluate(probability, known))))
            }
            CovariateLaw::Derived { formula, .. } => Some(evaluate(formula, known)),
            CovariateLaw::Column(column) => Some(self.cell(chances.row, *column)),
        }
    }

    /// The value of the typical patient: the mean or median, the middle of a range, the likelier of two, the median of
    /// a column; moved to the nearest bound where that lies outside.
    fn typical(&self, source: &CovariateSource, known: &[f64]) -> f64 {
        match &source.law {
            CovariateLaw::Normal { mean, lower, upper, .. } => {
                moved_within(evaluate(mean, known), lower, upper, known)
            }
            CovariateLaw::LogNormal { median, lower, upper, .. } => {
                moved_within(evaluate(median, known), lower, upper, known)
            }
            CovariateLaw::Uniform { lower, upper } => 0.5 * (evaluate(lower, known) + evaluate(upper, known)),
            CovariateLaw::Bernoulli(probability) => f64::from(u8::from(evaluate(probability, known) >= 0.5)),
            CovariateLaw::Derived { formula, .. } => evaluate(formula, known),
            CovariateLaw::Column(column) => {
                let rows = self.scenario.population.rows.as_ref().map_or(0, Vec::len);
                let mut cells: Vec<f64> = (0..rows).map(|row| self.cell(row, *column)).collect();
                cells.sort_by(f64::total_cmp);
                cells.get(rows / 2).copied().unwrap_or(f64::NAN)
            }
        }
    }

    fn cell(&self, row: usize, column: usize) -> f64 {
        let rows = self.scenario.population.rows.as_ref();
        let cell = rows.and_then(|rows| rows.get(row)).and_then(|row| row.get(column));
        cell.copied().unwrap_or(f64::NAN)
    }
}

/// A formula of covariates that are already known.
fn evaluate(formula: &Formula, known: &[f64]) -> f64 {
    formula.evaluate(&mut |symbol| match symbol {
        Symbol::Covariate(index) => known.get(index).copied().unwrap_or(f64::NAN),
        _ => f64::NAN,
    })
}

fn within(value: f64, lower: &Option<Formula>, upper: &Option<Formula>, known: &[f64]) -> Option<f64> {
    let above = lower.as_ref().is_none_or(|lower| value >= evaluate(lower, known));
    let below = upper.as_ref().is_none_or(|upper| value <= evaluate(upper, known));
    // What is not a number is let through here and reported as such, not as being outside.
    (value.is_nan() || (above && below)).then_some(value)
}

fn moved_within(value: f64, lower: &Option<Formula>, upper: &Option<Formula>, known: &[f64]) -> f64 {
    let value = lower.as_ref().map_or(value, |lower| value.max(evaluate(lower, known)));
    upper.as_ref().map_or(value, |upper| value.min(evaluate(upper, known)))
}
