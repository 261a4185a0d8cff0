//! Covariates of one subject over its records: the value at each, and how it runs between two of them.
//!
//! A record without a value for a covariate is no measurement of it: the value comes from its neighbours, as the
//! covariate's interpolation has it, and before the first or after the last known value from that.

use crate::dataset::Subject;
use crate::model::{Interpolation, Model, Symbol};
use crate::program::Inputs;

/// How covariates run, for all subjects.
#[derive(Debug)]
pub(super) struct Manner {
    interpolations: Vec<Interpolation>,
    /// Given values, and which of the model's covariates they are or, beyond these, their place in the inputs.
    given: Vec<usize>,
    /// Number of covariates with the given values behind them.
    width: usize,
    inputs: Inputs,
    /// Of what belongs to no covariate: whether the record that begins an interval says how it is in it.
    previous: bool,
}

/// What holds at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present<'c> {
    /// Covariates, given values behind them.
    pub(super) values: &'c [f64],
    /// Change per day of those on a line.
    pub(super) slopes: &'c [f64],
    /// The occasion, where the table says so.
    pub(super) occasion: Option<u64>,
}

impl Manner {
    /// Of a model's covariates, those that leave it open run by `default`; `given` are the columns of a table of individual
    /// values, of which random effects are no covariates.
    pub(super) fn new(model: &Model, default: Interpolation, given: &[Symbol]) -> Self {
        let of = |symbol: &Symbol| match symbol {
            Symbol::Covariate(covariate) => Some(*covariate),
            _ => None,
        };
        let elsewhere: Vec<usize> = given.iter().filter_map(of).collect();
        let interpolations: Vec<Interpolation> =
            model.covariates.iter().map(|covariate| covariate.interpolation.unwrap_or(default)).collect();
        let runs = |covariate: &usize| {
            interpolations[*covariate] == Interpolation::Linear && !elsewhere.contains(covariate)
        };
        let linear = (0..interpolations.len()).filter(runs).collect();
        let replaced = given.iter().copied();
        let replaced: Vec<Symbol> =
            replaced.filter(|symbol| matches!(symbol, Symbol::Parameter(_) | Symbol::Equation(_))).collect();
        let covariates = interpolations.len();
        let place = |symbol: &Symbol| match symbol {
            Symbol::RandomEffect(_) => usize::MAX,
            Symbol::Covariate(covariate) => *covariate,
            other => covariates + replaced.iter().position(|known| known == other).unwrap_or_default(),
        };
        let given = given.iter().map(place).collect();
        let width = covariates + replaced.len();
        let inputs = Inputs { linear, given: replaced, ..Inputs::default() };
        let previous = default == Interpolation::Previous;
        Manner { interpolations, given, width, inputs, previous }
    }

    /// The same, but every covariate keeps the value of the record that begins an interval, whatever the model says: so it is
    /// in a trial.
    pub(super) fn stepwise(mut self) -> Self {
        self.interpolations.fill(Interpolation::Previous);
        self.inputs.linear.clear();
        self
    }

    /// What the program must take as inputs.
    pub(super) fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}

/// One subject's covariates.
#[derive(Debug)]
pub(super) struct CovariateCourse<'m> {
    manner: &'m Manner,
    /// At the records, `[record][covariate]`, given values included.
    at: Vec<f64>,
    times: Vec<f64>,
    occasions: &'m [u64],
    /// Between two records.
    values: Vec<f64>,
    slopes: Vec<f64>,
    level: Vec<f64>,
}

impl<'m> CovariateCourse<'m> {
    /// Of a subject, with its individual values in the order of their columns.
    pub(super) fn new(manner: &'m Manner, subject: &'m Subject, given: &[f64]) -> Self {
        let width = manner.width;
        let covariates = manner.interpolations.len();
        let times: Vec<f64> = subject.records.iter().map(|record| record.time).collect();
        let mut at = vec![f64::NAN; times.len() * width];
        for (record, row) in at.chunks_exact_mut(width.max(1)).enumerate() {
            if covariates > 0 {
                row[..covariates].copy_from_slice(&subject.covariates[record * covariates..][..covariates]);
            }
            for (&place, value) in manner.given.iter().zip(given).filter(|(place, _)| **place < width) {
                row[place] = *value;
            }
        }
        for (covariate, interpolation) in manner.interpolations.iter().enumerate() {
            fill(&mut at, width, covariate, *interpolation, &times);
        }
        let level = vec![0.0; manner.inputs.linear.len()];
        let (values, slopes) = (vec![0.0; width], level.clone());
        CovariateCourse { manner, at, times, occasions: &subject.occasions, values, slopes, level }
    }

    /// At a record; nothing changes.
    pub(super) fn at(&self, record: usize) -> Present<'_> {
        let values = &self.at[record * self.manner.width..][..self.manner.width];
        Present { values, slopes: &self.level, occasion: self.occasions.get(record).copied() }
    }

    /// From a time between two records on; the interval ends at `record`.
    pub(super) fn between(&mut self, record: usize, time: f64) -> Present<'_> {
        let width = self.manner.width;
        let before = record.saturating_sub(1);
        let (from, to) = (self.times[before], self.times[record]);
        let span = to - from;
        for covariate in 0..width {
            let (first, last) = (self.at[before * width + covariate], self.at[record * width + covariate]);
            self.values[covariate] = match self.manner.interpolations.get(covariate) {
                Some(Interpolation::Previous) => first,
                Some(Interpolation::Linear) if span > 0.0 => first + (last - first) * ((time - from) / span),
                _ => last,
            };
        }
        for (slope, &covariate) in self.slopes.iter_mut().zip(&self.manner.inputs.linear) {
            let change = self.at[record * width + covariate] - self.at[before * width + covariate];
            *slope = if span > 0.0 { change / span } else { 0.0 };
        }
        let says = if self.manner.previous { before } else { record };
        let occasion = self.occasions.get(says).copied();
        Present { values: &self.values, slopes: &self.slopes, occasion }
    }
}

/// Gives a covariate a value at the records that have none.
fn fill(at: &mut [f64], width: usize, covariate: usize, interpolation: Interpolation, times: &[f64]) {
    let known = |at: &[f64], record: usize| !at[record * width + covariate].is_nan();
    let count = times.len();
    if (0..count).all(|record| known(at, record)) {
        return;
    }
    let marks: Vec<usize> = (0..count).filter(|&record| known(at, record)).collect();
    for record in (0..count).filter(|record| marks.binary_search(record).is_err()) {
        let place = marks.partition_point(|&mark| mark < record);
        let before = place.checked_sub(1).map(|place| marks[place]);
        let after = marks.get(place).copied();
        let value = |mark: usize| at[mark * width + covariate];
        let found = match (before, after, interpolation) {
            (Some(before), Some(after), Interpolation::Linear) => {
                let span = times[after] - times[before];
                let share = if span > 0.0 { (times[record] - times[before]) / span } else { 0.0 };
                value(before) + (value(after) - value(before)) * share
            }
            (Some(before), Some(_), Interpolation::Previous) | (Some(before), None, _) => value(before),
            (_, Some(after), _) => value(after),
            (None, None, _) => f64::NAN,
        };
        at[record * width + covariate] = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(interpolation: Interpolation, values: &[f64]) -> Vec<f64> {
        let times: Vec<f64> = (0..values.len()).map(|time| time as f64).collect();
        let mut at = values.to_vec();
        fill(&mut at, 1, 0, interpolation, &times);
        at
    }

    #[test]
    fn gaps_are_closed_as_the_covariate_runs() {
        const GAP: f64 = f64::NAN;
        let values = [GAP, 1.0, GAP, GAP, 4.0, GAP];
        assert_eq!(filled(Interpolation::Next, &values), [1.0, 1.0, 4.0, 4.0, 4.0, 4.0]);
        assert_eq!(filled(Interpolation::Previous, &values), [1.0, 1.0, 1.0, 1.0, 4.0, 4.0]);
        assert_eq!(filled(Interpolation::Linear, &values), [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
        assert!(filled(Interpolation::Next, &[GAP, GAP]).iter().all(|value| value.is_nan()));
    }
}
