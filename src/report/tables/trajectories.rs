//! `trajectories.parquet`: every patient's course as one table of records, in the form that pharmacologists plot and fit.
//!
//! One row per patient and time at which something was recorded, seen or given, in the order of time; at one time first
//! what was seen (the state just before a dose), then the doses. Each output has a column of its own for the truth (`IPRED_NAME`) and, if
//! it has a residual error, one for what was measured (`DV_NAME`), and one for whether that is below the limit of
//! quantification (`BLQ_NAME`). One row per output instead would be as many times
//! longer as there are outputs, for the same numbers.

use std::io;

use super::listing::planned_doses;
use crate::model::Output;
use crate::report::names::Names;
use crate::scenario::{Arm, Record, Scenario};
use crate::table::{Column, Rows};
use crate::trial::{Dose, RecordedSeries, Trajectory, Visit};

/// Times closer than this are one moment, d (0.1 ms), as in the simulation.
const MOMENT: f64 = 1e-9;
/// Rows, over all patients and arms, up to which every patient's course is written: as many as visits and doses are listed.
const MOST_ROWS: f64 = 5e6;
/// Numbers in these rows up to which it is: 320 MB.
const MOST_NUMBERS: f64 = 4e7;

/// How many courses of an arm's patients fit; not rounded.
pub fn fitting_patients(scenario: &Scenario) -> f64 {
    let outputs = scenario.key_outputs();
    let visits: usize = scenario.visits.iter().map(|schedule| schedule.times.len()).sum();
    let rows: usize = scenario.records.iter().map(|record| record.times.len()).sum::<usize>() + visits;
    let recorded = |record: &Record| record.times.len() * record.outputs.len();
    let numbers = scenario.records.iter().map(recorded).sum::<usize>() + 2 * visits * outputs.len();
    let doses = |arm: &Arm| -> f64 {
        arm.treatments.iter().map(|treatment| planned_doses(treatment, scenario.horizon)).sum()
    };
    let doses: f64 = scenario.arms.iter().map(doses).sum();
    let arms = scenario.arms.len() as f64;
    (MOST_ROWS / (arms * rows as f64 + doses)).min(MOST_NUMBERS / (arms * numbers as f64 + doses))
}

/// What the table needs to know of the scenario.
pub struct Trajectories<'a> {
    names: Names<'a>,
    /// Outputs in the table.
    outputs: Vec<usize>,
    /// Of each record: the place in `outputs` of each output that it holds.
    places: Vec<Vec<Option<usize>>>,
}

/// What is known at one time.
struct Row {
    time: f64,
    /// By output of the table; not a number where it is not known.
    truth: Vec<f64>,
    measured: Vec<f64>,
}

impl<'a> Trajectories<'a> {
    /// For the courses of a scenario.
    pub fn new(names: Names<'a>) -> Self {
        let outputs = names.scenario.key_outputs();
        let place = |output: &usize| outputs.iter().position(|other| other == output);
        let places =
            names.scenario.records.iter().map(|record| record.outputs.iter().map(place).collect()).collect();
        Self { names, outputs, places }
    }

    /// The columns.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::text("ARM").about("arm"),
            Column::count("ID").about("patient, from 1"),
            Column::number("TIME").unit("d").about("time since the first visit"),
            Column::count("EVID").about("1: a dose; 0: anything else"),
            Column::count("MDV").about("0: something was measured; 1: nothing"),
            Column::number("AMT").about("dose, in `dose_unit`"),
            Column::count("CMT").about("number of the state that receives the dose, from 1"),
            Column::text("drug").about("drug of the dose"),
            Column::text("dose_unit").about("unit of the dose"),
        ];
        let outputs = || self.outputs.iter().map(|output| &self.names.scenario.model.outputs[*output]);
        columns.extend(outputs().map(|output| {
            let about = format!("{}, true", output.about);
            Column::number(format!("IPRED_{}", output.name)).unit(&output.unit.name).about(about)
        }));
        columns.extend(outputs().filter(|output| output.error.is_some()).map(|output| {
            let about = format!("{}, measured", output.about);
            Column::number(format!("DV_{}", output.name)).unit(&output.unit.name).about(about)
        }));
        columns.extend(outputs().filter(|output| output.limit_of_quantification().is_some()).map(|output| {
            let about = format!("whether DV_{} is below the limit of quantification", output.name);
            Column::flag(format!("BLQ_{}", output.name)).about(about)
        }));
        columns
    }

    /// Writes a course.
    pub fn write(&self, course: &Trajectory, rows: &mut Rows) -> io::Result<()> {
        let mut doses = course.doses.iter().peekable();
        let mut visits = course.visits.iter().peekable();
        let mut reached = vec![0; course.records.len()];
        let width = self.outputs.len();
        let mut row = Row { time: 0.0, truth: vec![f64::NAN; width], measured: vec![f64::NAN; width] };
        loop {
            let visit = visits.peek().map_or(f64::INFINITY, |visit| visit.time);
            row.time = self.next_record(course, &reached).min(visit);
            while let Some(dose) = doses.next_if(|dose| dose.time < row.time - MOMENT) {
                self.dose(course, dose, rows)?;
            }
            if row.time == f64::INFINITY {
                return Ok(());
            }
            row.truth.fill(f64::NAN);
            row.measured.fill(f64::NAN);
            for (record, number) in reached.iter_mut().enumerate() {
                self.take_record(record, &course.records[record], number, &mut row);
            }
            while let Some(visit) = visits.next_if(|visit| visit.time <= row.time + MOMENT) {
                self.take_visit(visit, &mut row);
            }
            self.seen(course, &row, rows)?;
        }
    }

    /// The next recorded time; infinite if there is none.
    fn next_record(&self, course: &Trajectory, reached: &[usize]) -> f64 {
        let records = self.names.scenario.records.iter().zip(&course.records).zip(reached);
        let next = records.filter_map(|((record, series), &number)| {
            record.times.get(number).copied().filter(|_| number < series.reached)
        });
        next.fold(f64::INFINITY, f64::min)
    }

    /// Enters what a record holds at the row's time.
    fn take_record(&self, record: usize, series: &RecordedSeries, number: &mut usize, row: &mut Row) {
        let times = &self.names.scenario.records[record].times;
        let width = self.places[record].len();
        while *number < series.reached && times.get(*number).is_some_and(|time| *time <= row.time + MOMENT) {
            let values = series.values.iter().skip(*number * width);
            for (place, value) in self.places[record].iter().zip(values) {
                if let Some(truth) = place.and_then(|place| row.truth.get_mut(place)) {
                    *truth = *value;
                }
            }
            *number += 1;
        }
    }

    /// Enters what was true and what was measured at a visit.
    fn take_visit(&self, visit: &Visit, row: &mut Row) {
        for (place, &output) in self.outputs.iter().enumerate() {
            row.truth[place] = visit.truth.get(output).copied().unwrap_or(f64::NAN);
            if self.names.scenario.model.outputs[output].error.is_some() {
                row.measured[place] = visit.measured.get(output).copied().unwrap_or(f64::NAN);
            }
        }
    }

    fn begin(
        &self,
        course: &Trajectory,
        time: f64,
        dose: bool,
        measured: bool,
        rows: &mut Rows,
    ) -> io::Result<()> {
        rows.text(&self.names.scenario.arms[course.arm].name)?;
        rows.count(course.patient + 1)?;
        rows.number(time)?;
        rows.count(i64::from(dose))?;
        rows.count(i64::from(!measured))
    }

    fn seen(&self, course: &Trajectory, row: &Row, rows: &mut Rows) -> io::Result<()> {
        self.begin(course, row.time, false, row.measured.iter().any(|value| value.is_finite()), rows)?;
        for _ in 0..DOSE_COLUMNS {
            rows.absent()?;
        }
        let described = || self.outputs.iter().map(|output| &self.names.scenario.model.outputs[*output]);
        for (output, value) in described().zip(&row.truth) {
            rows.number(output.unit.show(*value))?;
        }
        for (output, value) in described().zip(&row.measured).filter(|(output, _)| output.error.is_some()) {
            rows.number(output.unit.show(*value))?;
        }
        let limited = |(output, _): &(&Output, &f64)| output.limit_of_quantification().is_some();
        for (output, value) in described().zip(&row.measured).filter(limited) {
            if value.is_finite() {
                rows.flag(output.is_below_quantification(*value))?;
            } else {
                rows.absent()?;
            }
        }
        rows.end()
    }

    fn dose(&self, course: &Trajectory, dose: &Dose, rows: &mut Rows) -> io::Result<()> {
        self.begin(course, dose.time, true, false, rows)?;
        rows.number(self.names.shown_dose(dose.route, dose.amount))?;
        rows.count(self.names.compartment(dose.route))?;
        rows.text(self.names.drug(dose.route))?;
        rows.text(self.names.dose_unit(dose.route).map_or("", |unit| unit.name.as_str()))?;
        let outputs = self.outputs.iter().map(|output| &self.names.scenario.model.outputs[*output]);
        let has = |there: bool| usize::from(there);
        let cells: usize = outputs
            .map(|output| 1 + has(output.error.is_some()) + has(output.limit_of_quantification().is_some()))
            .sum();
        for _ in 0..cells {
            rows.absent()?;
        }
        rows.end()
    }
}

/// AMT, CMT, drug, dose_unit.
const DOSE_COLUMNS: usize = 4;
