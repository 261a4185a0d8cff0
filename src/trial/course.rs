//! Percentiles over the patients of an arm, output by output and time by time.
//!
//! Up to [`EXACT_VALUES`] recorded values all are kept until the end and the percentiles are exact. Beyond that (or where
//! patients are so few that histograms would take more room) each value is only counted, in a histogram per output and
//! time whose relative error is told; memory then does not grow with the number of patients.

use rayon::prelude::*;

use crate::math::histogram::Histogram;
use crate::math::statistics::quantile;
use crate::scenario::{Record, Scenario};
use crate::simulation::RecordedSeries;

/// Recorded values over all arms, patients, outputs and times up to which all are kept: 256 MiB.
pub const EXACT_VALUES: usize = 1 << 25;
/// Bytes that the histograms may take together, as far as their coarsest form allows.
const ROOM: usize = 1 << 27;
/// Doublings over which the patients of an arm usually spread at one time.
const OCTAVES: usize = 16;
/// Binary digits of the bins, from coarsest (error at most 1.6 %) to finest (0.05 %).
const DIGITS: std::ops::RangeInclusive<u32> = 5..=10;

/// The course of one output in one arm: percentiles over the patients whose follow-up reached each time. Coherent.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Arm index.
    pub arm: usize,
    /// Record index.
    pub record: usize,
    /// Position of the output in the record.
    pub position: usize,
    /// Index into the model's outputs.
    pub output: usize,
    /// One per time that at least one patient reached.
    pub points: Vec<Percentiles>,
}

/// Percentiles at one time, coherent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentiles {
    /// d.
    pub time: f64,
    /// Patients still followed.
    pub n: usize,
    /// 5th.
    pub p05: f64,
    /// 25th.
    pub p25: f64,
    /// 50th.
    pub p50: f64,
    /// 75th.
    pub p75: f64,
    /// 95th.
    pub p95: f64,
    /// Arithmetic mean.
    pub mean: f64,
}

/// Percentiles of a sample, which it sorts; `None` for an empty one.
pub fn percentiles(time: f64, sample: &mut [f64]) -> Option<Percentiles> {
    if sample.is_empty() {
        return None;
    }
    sample.sort_by(f64::total_cmp);
    Some(Percentiles {
        time,
        n: sample.len(),
        p05: quantile(sample, 0.05),
        p25: quantile(sample, 0.25),
        p50: quantile(sample, 0.5),
        p75: quantile(sample, 0.75),
        p95: quantile(sample, 0.95),
        mean: sample.iter().sum::<f64>() / sample.len() as f64,
    })
}

fn counted(time: f64, histogram: &Histogram) -> Option<Percentiles> {
    let [p05, p25, p50, p75, p95] = histogram.quantiles([0.05, 0.25, 0.5, 0.75, 0.95])?;
    let n = usize::try_from(histogram.count()).unwrap_or(usize::MAX);
    Some(Percentiles { time, n, p05, p25, p50, p75, p95, mean: histogram.mean()? })
}

/// How finely the recorded values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// All of them.
    Exact,
    /// Counted in bins of so many binary digits.
    Counted(u32),
}

impl Precision {
    /// What the size of a trial asks for. It depends on nothing but the scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let columns: usize =
            scenario.records.iter().map(|record| record.times.len() * record.outputs.len()).sum();
        let columns = columns * scenario.arms.len();
        let room = |digits: u32| (OCTAVES * size_of::<u32>()) << digits;
        let few = scenario.patients * size_of::<f64>() <= room(*DIGITS.start());
        if few || columns.saturating_mul(scenario.patients) <= EXACT_VALUES {
            return Self::Exact;
        }
        let fits = |digits: &u32| columns * room(*digits) <= ROOM;
        Self::Counted(DIGITS.rev().find(fits).unwrap_or(*DIGITS.start()))
    }

    /// Largest relative error of a percentile or mean; `None` if they are exact.
    pub fn relative_error(self) -> Option<f64> {
        match self {
            Self::Exact => None,
            Self::Counted(digits) => Some(Histogram::relative_error(digits)),
        }
    }
}

/// The recorded values of one arm, under way.
#[derive(Debug)]
pub struct Columns {
    patients: usize,
    /// By record.
    records: Vec<Store>,
}

/// Columns of one record: by time, then output.
#[derive(Debug)]
enum Store {
    /// `[column][patient]`, not a number where there is none.
    Exact(Vec<f64>),
    /// By column.
    Counted(Vec<Histogram>),
}

impl Columns {
    /// Room for the records of one arm.
    pub fn new(scenario: &Scenario, precision: Precision) -> Self {
        let store = |record: &Record| {
            let columns = record.times.len() * record.outputs.len();
            match precision {
                Precision::Exact => Store::Exact(vec![f64::NAN; columns * scenario.patients]),
                Precision::Counted(digits) => Store::Counted(vec![Histogram::new(digits); columns]),
            }
        };
        Self { patients: scenario.patients, records: scenario.records.iter().map(store).collect() }
    }

    /// Enters the records of patients `first`, `first` + 1, …; `None` for one who failed numerically and is left out of
    /// the percentiles as of every estimate.
    pub fn enter(&mut self, first: usize, courses: &[Option<&[RecordedSeries]>]) {
        for (record, store) in self.records.iter_mut().enumerate() {
            let series: Vec<&[f64]> = courses
                .iter()
                .map(|course| course.and_then(|it| it.get(record)).map_or(&[][..], |it| &it.values))
                .collect();
            match store {
                Store::Exact(values) => {
                    for (column, of_patients) in values.chunks_exact_mut(self.patients.max(1)).enumerate() {
                        for (place, series) in of_patients.iter_mut().skip(first).zip(&series) {
                            *place = series.get(column).copied().unwrap_or(f64::NAN);
                        }
                    }
                }
                Store::Counted(histograms) => {
                    for (column, histogram) in histograms.iter_mut().enumerate() {
                        series.iter().filter_map(|it| it.get(column)).for_each(|value| histogram.add(*value));
                    }
                }
            }
        }
    }

    fn points(&self, record: usize, described: &Record, position: usize) -> Vec<Percentiles> {
        let width = described.outputs.len();
        let at = |(time, when): (usize, &f64)| {
            let column = time * width + position;
            match &self.records[record] {
                Store::Exact(values) => {
                    let column = &values[column * self.patients..][..self.patients];
                    let mut sample: Vec<f64> = column.iter().copied().filter(|it| it.is_finite()).collect();
                    percentiles(*when, &mut sample)
                }
                Store::Counted(histograms) => counted(*when, &histograms[column]),
            }
        };
        described.times.iter().enumerate().filter_map(at).collect()
    }
}

/// All courses: by record, output, arm.
pub fn courses(scenario: &Scenario, arms: &[Columns]) -> Vec<Course> {
    let mut wanted = Vec::new();
    for (record, definition) in scenario.records.iter().enumerate() {
        for (position, &output) in definition.outputs.iter().enumerate() {
            wanted.extend((0..arms.len()).map(|arm| (arm, record, position, output)));
        }
    }
    wanted
        .into_par_iter()
        .map(|(arm, record, position, output)| {
            let points = arms[arm].points(record, &scenario.records[record], position);
            Course { arm, record, position, output, points }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::fixture;
    use crate::math::random::{Identity, Stream};

    /// A scenario of so many patients with one record of two outputs on so many days.
    fn scenario(patients: usize, days: u32) -> Scenario {
        Scenario { patients, ..fixture::scenario_with_record(2, days) }
    }

    fn series(patient: usize, reached: usize) -> Vec<RecordedSeries> {
        let mut draw =
            Stream::new(Identity { seed: 3, patient: patient as u64, purpose: "course", occasion: 0 });
        let values = (0..2 * reached).map(|_| draw.normal().exp()).collect();
        vec![RecordedSeries { reached, values, after_doses: None }]
    }

    /// Percentiles of all patients, entered in parts of this size, the last part first.
    fn taken(scenario: &Scenario, precision: Precision, part: usize) -> Vec<Course> {
        // Every tenth dies on day 3, every eleventh fails.
        let series: Vec<_> =
            (0..scenario.patients).map(|n| series(n, if n % 10 == 9 { 3 } else { 6 })).collect();
        let kept: Vec<_> =
            series.iter().enumerate().map(|(n, it)| (n % 11 != 10).then_some(it.as_slice())).collect();
        let mut columns = Columns::new(scenario, precision);
        for (number, chunk) in kept.chunks(part).enumerate().rev() {
            columns.enter(number * part, chunk);
        }
        courses(scenario, &[columns])
    }

    #[test]
    fn counted_percentiles_lie_within_the_error_that_is_told() {
        let scenario = scenario(1001, 6);
        let exact = taken(&scenario, Precision::Exact, 1001);
        assert_eq!(exact[1].points[2].n, 910);
        assert_eq!(exact[1].points[3].n, 819);
        for precision in [Precision::Exact, Precision::Counted(5), Precision::Counted(10)] {
            let error = precision.relative_error().unwrap_or(0.0);
            let first = taken(&scenario, precision, 128);
            assert_eq!(first, taken(&scenario, precision, 17), "it depends on the order");
            for (found, exact) in
                first.iter().flat_map(|it| &it.points).zip(exact.iter().flat_map(|it| &it.points))
            {
                assert_eq!((found.time, found.n), (exact.time, exact.n));
                for (found, exact) in [
                    (found.p05, exact.p05),
                    (found.p25, exact.p25),
                    (found.p50, exact.p50),
                    (found.p75, exact.p75),
                    (found.p95, exact.p95),
                    (found.mean, exact.mean),
                ] {
                    assert!((found - exact).abs() <= error * exact, "{precision:?}: {found} for {exact}");
                }
            }
        }
    }

    #[test]
    fn values_are_counted_where_keeping_them_takes_more_room() {
        assert_eq!(Precision::of(&scenario(40_000, 365)), Precision::Exact);
        assert_eq!(Precision::of(&scenario(100_000, 365)), Precision::Counted(10));
        assert_eq!(Precision::of(&scenario(10_000, 20_000)), Precision::Counted(5));
        // Few patients: a histogram would be larger than they are.
        assert_eq!(Precision::of(&scenario(200, 200_000)), Precision::Exact);
    }
}
