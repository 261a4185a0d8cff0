//! Covariates of one patient, in the order in which each uses only earlier ones.

use super::failure::{MOST_TRIES, PopulationError};
use crate::math::correlation::{Block, blocks};
use crate::math::elementary::exp;
use crate::math::random::{Identity, Stream};
use crate::model::{Formula, Symbol};
use crate::scenario::population::{CovariateLaw, PopulationDescription};

/// The covariates of a population, ready to be drawn.
#[derive(Debug)]
pub(super) struct Covariates<'a> {
    population: &'a PopulationDescription,
    seed: u64,
    blocks: Vec<Block>,
    /// (block, position in it) of each covariate.
    place: Vec<(usize, usize)>,
    purposes: Vec<String>,
}

/// A value, or the news that it fell outside its bounds.
enum Drawn {
    Value(f64),
    Outside,
}

impl<'a> Covariates<'a> {
    pub fn new(population: &'a PopulationDescription, seed: u64) -> Result<Self, PopulationError> {
        let covariates = &population.covariates;
        let blocks = blocks(covariates.len(), &population.correlations).map_err(|members| {
            let block = members.into_iter().map(|member| covariates[member].name.clone()).collect();
            PopulationError::NotPositiveDefinite { block }
        })?;
        let mut place = vec![(0, 0); covariates.len()];
        for (index, block) in blocks.iter().enumerate() {
            for (position, &member) in block.members.iter().enumerate() {
                place[member] = (index, position);
            }
        }
        let purposes = covariates.iter().map(|covariate| format!("covariate:{}", covariate.name)).collect();
        Ok(Self { population, seed, blocks, place, purposes })
    }

    /// The covariates of one attempt at one patient.
    ///
    /// A truncated covariate outside its bounds is drawn again, with everything from the first member of its block on, so
    /// that the joint distribution is the untruncated one restricted to the bounds.
    pub fn draw(&self, patient: usize, attempt: usize) -> Result<Vec<f64>, PopulationError> {
        let identity = |purpose| Identity {
            seed: self.seed,
            patient: patient as u64,
            purpose,
            occasion: attempt as u64,
        };
        let mut streams: Vec<Stream> =
            self.purposes.iter().map(|purpose| Stream::new(identity(purpose.as_str()))).collect();
        let rows = self.population.rows.as_ref();
        let row = rows.and_then(|rows| rows.get(self.row(patient, attempt)?));
        let mut normals: Vec<Vec<f64>> = vec![Vec::new(); self.blocks.len()];
        let mut values: Vec<f64> = Vec::with_capacity(self.place.len());
        let mut tried = 0;
        while values.len() < self.place.len() {
            let index = values.len();
            let (block, position) = self.place[index];
            if position == 0 {
                let independent: Vec<f64> =
                    self.blocks[block].members.iter().map(|&member| streams[member].normal()).collect();
                normals[block] = self.blocks[block].correlate(&independent);
            }
            let law = Law { law: &self.population.covariates[index].law, values: &values, row };
            match law.draw(normals[block][position], &mut streams[index]) {
                Ok(Drawn::Value(value)) if value.is_finite() => values.push(value),
                Ok(Drawn::Value(_)) => return Err(self.fault(index, patient, None)),
                Ok(Drawn::Outside) => {
                    tried += 1;
                    if tried == MOST_TRIES {
                        let name = self.population.covariates[index].name.clone();
                        return Err(PopulationError::OutsideBounds { name, patient, tried });
                    }
                    values.truncate(self.blocks[block].members[0]);
                }
                Err(what) => return Err(self.fault(index, patient, what)),
            }
        }
        Ok(values)
    }

    /// The row of the file of patients that an attempt takes.
    pub fn row(&self, patient: usize, attempt: usize) -> Option<usize> {
        let rows = self.population.rows.as_ref()?;
        let (patient, occasion) = (patient as u64, attempt as u64);
        let identity = Identity { seed: self.seed, patient, purpose: "patients:row", occasion };
        Some((Stream::new(identity).uniform() * rows.len() as f64) as usize)
    }

    /// What the covariates of the patient of a row are later on: its columns, and what is computed from them; everything
    /// else stays as it is in `values`.
    pub fn later(
        &self,
        patient: usize,
        row: usize,
        values: &[f64],
    ) -> Result<Vec<(f64, Vec<f64>)>, PopulationError> {
        let Some(changes) = self.population.later.get(row) else { return Ok(Vec::new()) };
        let mut later = Vec::with_capacity(changes.len());
        for (time, row) in changes {
            let mut values = values.to_vec();
            for (index, covariate) in self.population.covariates.iter().enumerate() {
                if matches!(covariate.law, CovariateLaw::Column(_) | CovariateLaw::Derived { .. }) {
                    let law = Law { law: &covariate.law, values: &values, row: Some(row) };
                    match law.typical() {
                        Ok(value) if value.is_finite() => values[index] = value,
                        Ok(_) => return Err(self.fault(index, patient, None)),
                        Err(what) => return Err(self.fault(index, patient, what)),
                    }
                }
            }
            later.push((*time, values));
        }
        Ok(later)
    }

    /// The typical patient: medians, clamped to the bounds; a flag takes its more likely value (1 at one half); of a file
    /// of patients each column's lower median, which is a value that occurs.
    pub fn typical(&self, patient: usize) -> Result<Vec<f64>, PopulationError> {
        let rows = self.population.rows.as_ref();
        // Who changes during the trial is a patient of the file, not a mixture.
        let first = |rows: &Vec<Vec<f64>>| (!self.population.later.is_empty()).then(|| rows.first().cloned());
        let row = rows.and_then(|rows| first(rows).unwrap_or_else(|| Some(medians(rows))));
        let mut values = Vec::with_capacity(self.place.len());
        for (index, covariate) in self.population.covariates.iter().enumerate() {
            let law = Law { law: &covariate.law, values: &values, row: row.as_ref() };
            match law.typical() {
                Ok(value) if value.is_finite() => values.push(value),
                Ok(_) => return Err(self.fault(index, patient, None)),
                Err(what) => return Err(self.fault(index, patient, what)),
            }
        }
        Ok(values)
    }

    fn fault(&self, index: usize, patient: usize, what: Option<&'static str>) -> PopulationError {
        let name = self.population.covariates[index].name.clone();
        match what {
            Some(what) => PopulationError::ImpossibleDistribution { name, patient, what },
            None => PopulationError::NotFinite { name, patient },
        }
    }
}

fn medians(rows: &[Vec<f64>]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns)
        .map(|column| {
            let mut values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            values.sort_by(f64::total_cmp);
            values[(values.len() - 1) / 2]
        })
        .collect()
}

/// A law with what it may read. Errors: what is wrong with a number of the distribution, `None` if it is not finite.
struct Law<'a> {
    law: &'a CovariateLaw,
    values: &'a [f64],
    row: Option<&'a Vec<f64>>,
}

type Faulty = Option<&'static str>;

impl Law<'_> {
    fn number(&self, formula: &Formula) -> Result<f64, Faulty> {
        let value = formula.evaluate(&mut |symbol| match symbol {
            Symbol::Covariate(index) => self.values.get(index).copied().unwrap_or(f64::NAN),
            _ => f64::NAN,
        });
        if value.is_finite() { Ok(value) } else { Err(None) }
    }

    fn spread(&self, formula: &Formula) -> Result<f64, Faulty> {
        let value = self.number(formula)?;
        if value >= 0.0 { Ok(value) } else { Err(Some("has a negative spread")) }
    }

    fn bounds(&self, lower: Option<&Formula>, upper: Option<&Formula>) -> Result<(f64, f64), Faulty> {
        let lower = lower.map_or(Ok(f64::NEG_INFINITY), |lower| self.number(lower))?;
        let upper = upper.map_or(Ok(f64::INFINITY), |upper| self.number(upper))?;
        if lower <= upper { Ok((lower, upper)) } else { Err(Some("has bounds that leave no room")) }
    }

    fn probability(&self, formula: &Formula) -> Result<f64, Faulty> {
        let value = self.number(formula)?;
        if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(Some("has a probability outside 0 to 1")) }
    }

    fn median(&self, formula: &Formula) -> Result<f64, Faulty> {
        let value = self.number(formula)?;
        if value > 0.0 { Ok(value) } else { Err(Some("has a median that is not above 0")) }
    }

    fn column(&self, column: usize) -> Result<f64, Faulty> {
        self.row.and_then(|row| row.get(column)).copied().ok_or(None)
    }

    /// `normal` is the covariate's (correlated) standard normal variable; uniform draws take the stream itself.
    fn draw(&self, normal: f64, stream: &mut Stream) -> Result<Drawn, Faulty> {
        let (value, (lower, upper)) = match self.law {
            CovariateLaw::Normal { mean, sd, lower, upper } => {
                let value = self.number(mean)? + self.spread(sd)? * normal;
                (value, self.bounds(lower.as_ref(), upper.as_ref())?)
            }
            CovariateLaw::LogNormal { median, omega, lower, upper } => {
                let value = self.median(median)? * exp(self.spread(omega)? * normal);
                (value, self.bounds(lower.as_ref(), upper.as_ref())?)
            }
            CovariateLaw::Uniform { lower, upper } => {
                let (lower, upper) = self.bounds(Some(lower), Some(upper))?;
                return Ok(Drawn::Value(lower + (upper - lower) * stream.uniform()));
            }
            CovariateLaw::Bernoulli(probability) => {
                let probability = self.probability(probability)?;
                return Ok(Drawn::Value(f64::from(u8::from(stream.uniform() < probability))));
            }
            CovariateLaw::Derived { formula, .. } => return self.number(formula).map(Drawn::Value),
            CovariateLaw::Column(column) => return self.column(*column).map(Drawn::Value),
        };
        Ok(if lower <= value && value <= upper { Drawn::Value(value) } else { Drawn::Outside })
    }

    fn typical(&self) -> Result<f64, Faulty> {
        let clamped = |value: f64, lower: Option<&Formula>, upper: Option<&Formula>| {
            let (lower, upper) = self.bounds(lower, upper)?;
            Ok(value.clamp(lower, upper))
        };
        match self.law {
            CovariateLaw::Normal { mean, lower, upper, .. } => {
                clamped(self.number(mean)?, lower.as_ref(), upper.as_ref())
            }
            CovariateLaw::LogNormal { median, lower, upper, .. } => {
                clamped(self.median(median)?, lower.as_ref(), upper.as_ref())
            }
            CovariateLaw::Uniform { lower, upper } => {
                let (lower, upper) = self.bounds(Some(lower), Some(upper))?;
                Ok(0.5 * (lower + upper))
            }
            CovariateLaw::Bernoulli(probability) => Ok(self.probability(probability)?.round()),
            CovariateLaw::Derived { formula, .. } => self.number(formula),
            CovariateLaw::Column(column) => self.column(*column),
        }
    }
}
