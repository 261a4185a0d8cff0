//! Percentiles over the patients of an arm, output by output and time by time.

use rayon::prelude::*;

use crate::math::statistics::quantile;
use crate::report::study::Study;
use crate::simulation::End;

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

/// All courses: by record, output, arm.
pub fn courses(study: Study) -> Vec<Course> {
    let mut wanted = Vec::new();
    for (record, definition) in study.scenario.records.iter().enumerate() {
        for (position, &output) in definition.outputs.iter().enumerate() {
            wanted.extend((0..study.trial.arms.len()).map(|arm| (arm, record, position, output)));
        }
    }
    wanted
        .into_par_iter()
        .map(|(arm, record, position, output)| {
            let points = points(study, arm, record, position);
            Course { arm, record, position, output, points }
        })
        .collect()
}

fn points(study: Study, arm: usize, record: usize, position: usize) -> Vec<Percentiles> {
    let times = &study.scenario.records[record].times;
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); times.len()];
    // Patients who failed numerically are left out here as of every estimate.
    let sound =
        study.trial.arms[arm].trajectories.iter().filter(|course| !matches!(course.end, End::Failed(_)));
    for trajectory in sound {
        for (column, value) in columns.iter_mut().zip(study.recorded(trajectory, record, position)) {
            if value.is_finite() {
                column.push(value);
            }
        }
    }
    times.iter().zip(&mut columns).filter_map(|(time, column)| percentiles(*time, column)).collect()
}
