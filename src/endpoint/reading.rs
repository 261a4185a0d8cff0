//! How the definitions read a trajectory: spans, columns of visits, series of records.

use crate::scenario::{Column, Scenario};
use crate::simulation::{Trajectory, Visit};

/// The laboratory schedule is the scenario's first.
pub const LABORATORY: usize = 0;

/// From the first dose to discontinuation or the end of follow-up, d; `None` for a patient who was never dosed.
pub fn on_treatment(trajectory: &Trajectory) -> Option<(f64, f64)> {
    let first = trajectory.treatment.first_dose?;
    let last = trajectory.treatment.discontinued.map_or(trajectory.end_time, |(time, _)| time);
    Some((first, last.min(trajectory.end_time)))
}

/// The visits of one schedule, in time order.
pub fn visits(trajectory: &Trajectory, schedule: usize) -> impl Iterator<Item = &Visit> {
    trajectory.visits.iter().filter(move |visit| visit.schedules >> schedule & 1 == 1)
}

/// The value of a column at a visit, outputs as measured.
pub fn column(visit: &Visit, column: Column) -> f64 {
    match column {
        Column::Output(output) => visit.measured[output],
        Column::Signal(signal) => visit.signals[signal],
    }
}

/// True values of one output over a record.
pub struct Series<'a> {
    times: &'a [f64],
    values: &'a [f64],
    width: usize,
    offset: usize,
    /// Value at the first time behind the doses that entered then, where any did.
    pub after_doses: Option<f64>,
    /// Whether every time of the record was reached.
    pub complete: bool,
}

impl Series<'_> {
    /// (time, value) at the times that were reached.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let values = self.values.iter().skip(self.offset).step_by(self.width);
        self.times.iter().copied().zip(values.copied())
    }
}

/// The series of an output in a record; `None` if the record does not hold it.
pub fn series<'a>(
    scenario: &'a Scenario,
    trajectory: &'a Trajectory,
    record: usize,
    output: usize,
) -> Option<Series<'a>> {
    let described = scenario.records.get(record)?;
    let recorded = trajectory.records.get(record)?;
    let offset = described.outputs.iter().position(|&candidate| candidate == output)?;
    Some(Series {
        times: &described.times[..recorded.reached],
        values: &recorded.values,
        width: described.outputs.len(),
        offset,
        after_doses: recorded.after_doses.as_ref().and_then(|values| values.get(offset)).copied(),
        complete: recorded.reached == described.times.len(),
    })
}
