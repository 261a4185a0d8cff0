//! The results of one point as a table: one row per arm and estimate, and per comparison with the first arm.

use std::io;
use std::path::Path;

use super::definition::{AxisColumn, Cell, Point, Sweep};
use super::objective::Objectives;
use crate::endpoint::Value;
use crate::math::sensitivity::resample;
use crate::math::statistics::Interval;
use crate::scenario::Scenario;
use crate::table::{Column, Rows, TableWriter};
use crate::trial::{Target, Trial, groups};

/// Columns of a partition: the point, the axes, the results.
pub fn columns(sweep: &Sweep) -> Vec<Column> {
    let mut columns = vec![Column::text("point").about("name of the point, by what it sets")];
    columns.extend(axis_columns(&sweep.axes));
    columns.extend([
        Column::text("arm").about("arm"),
        Column::text("reference")
            .about("arm with which it is compared; empty for an estimate of the arm itself"),
        Column::text("endpoint").about("label of the endpoint"),
        Column::text("measure").about("what is estimated"),
        Column::text("unit").about("unit of estimate, lower, upper and mc_error"),
        Column::number("estimate").about("estimate"),
        Column::number("lower").about("lower 95 % limit"),
        Column::number("upper").about("upper 95 % limit"),
        Column::number("mc_error").about("Monte Carlo standard error"),
        Column::count("n").about("patients with a value (in both arms, of a comparison)"),
        Column::count("missing").about("patients without"),
        Column::count("failed").about("courses of this arm that failed numerically"),
    ]);
    if !sweep.kept_apart().is_empty() {
        columns.push(Column::count(LEFT_OUT).about(
            "group of patients left out of this row: those whose number, from 0, is this less 1 modulo the groups; 0 for none",
        ));
    }
    if sweep.objectives.is_some() {
        columns.push(Column::count(RESAMPLE).about(
            "resample of the patients, the same at every point, from 1; 0 for all patients as they are; empty for results",
        ));
    }
    columns
}

/// Column of the group left out.
pub const LEFT_OUT: &str = "left_out";
/// Column of the resample.
pub const RESAMPLE: &str = "resample";

/// Columns of the axes.
pub fn axis_columns(axes: &[AxisColumn]) -> impl Iterator<Item = Column> + '_ {
    axes.iter().map(|axis| {
        let column = if axis.numeric { Column::number(&axis.name) } else { Column::text(&axis.name) };
        column.unit(&axis.unit).about(&axis.about)
    })
}

/// Cells of the axes.
pub fn axis_cells(row: &mut Rows, point: &Point) -> io::Result<()> {
    for cell in &point.cells {
        match cell {
            Cell::Number(number) => row.number(*number)?,
            Cell::Text(text) => row.text(text)?,
        }
    }
    Ok(())
}

/// Of which patients a row tells.
#[derive(Clone, Copy)]
enum Of {
    /// All of them.
    All,
    /// All but a group, from 1; 0: all of them.
    Without(usize),
    /// A resample, from 1; 0: all of them.
    Resample(usize),
}

/// One row behind the axes.
#[derive(Clone, Copy)]
struct Row<'a> {
    arm: &'a str,
    reference: &'a str,
    endpoint: &'a str,
    measure: &'a str,
    unit: &'a str,
    interval: Option<Interval>,
    error: Option<f64>,
    n: usize,
    missing: usize,
    failed: usize,
    of: Of,
}

/// Writes the table of a point, sealed with the number of courses that failed ([`super::whole`]).
///
/// # Errors
/// When the file system refuses.
pub fn write(
    place: &Path,
    sweep: &Sweep,
    id: &str,
    point: &Point,
    scenario: &Scenario,
    trial: &Trial,
) -> io::Result<()> {
    let mut table = TableWriter::create(place, columns(sweep))?;
    let targets = sweep.kept_apart();
    let mut rows = results(scenario, trial);
    rows.extend(targets.iter().flat_map(|target| without_groups(target, scenario, trial)));
    let objectives = sweep.objectives.as_ref();
    rows.extend(objectives.iter().flat_map(|objectives| resampled(objectives, scenario, trial)));
    for result in rows {
        table.row(|row| {
            row.text(id)?;
            axis_cells(row, point)?;
            for text in [result.arm, result.reference, result.endpoint, result.measure, result.unit] {
                row.text(text)?;
            }
            row.optional(result.interval.map(|interval| interval.estimate))?;
            row.optional(result.interval.map(|interval| interval.lower))?;
            row.optional(result.interval.map(|interval| interval.upper))?;
            row.optional(result.error)?;
            row.count(result.n)?;
            row.count(result.missing)?;
            row.count(result.failed)?;
            if !targets.is_empty() {
                match result.of {
                    Of::Without(group) => row.count(group)?,
                    _ => row.absent()?,
                }
            }
            if objectives.is_some() {
                match result.of {
                    Of::Resample(number) => row.count(number)?,
                    _ => row.absent()?,
                }
            }
            Ok(())
        })?;
    }
    let failed: usize = trial.arms.iter().map(|arm| arm.failures.len()).sum();
    table.finish_sealed(&failed.to_string())
}

fn results<'a>(scenario: &'a Scenario, trial: &'a Trial) -> Vec<Row<'a>> {
    let mut results = Vec::new();
    for (arm, found) in scenario.arms.iter().zip(&trial.arms) {
        results.extend(found.estimates.iter().map(|estimate| Row {
            arm: &arm.name,
            reference: "",
            endpoint: &estimate.label,
            measure: estimate.measure.name(),
            unit: &estimate.unit,
            interval: estimate.interval,
            error: estimate.monte_carlo_error,
            n: estimate.n,
            missing: estimate.missing,
            failed: found.failures.len(),
            of: Of::All,
        }));
    }
    let name = |arm: usize| scenario.arms.get(arm).map_or("", |arm| arm.name.as_str());
    results.extend(trial.comparisons.iter().map(|comparison| Row {
        arm: name(comparison.arm),
        reference: name(0),
        endpoint: &comparison.label,
        measure: comparison.contrast.name(),
        unit: &comparison.unit,
        interval: comparison.interval,
        error: comparison.monte_carlo_error,
        n: comparison.n,
        missing: scenario.patients - comparison.n,
        failed: trial.arms.get(comparison.arm).map_or(0, |arm| arm.failures.len()),
        of: Of::All,
    }));
    results
}

/// A result that is looked at: as a whole, then with each group of patients left out.
fn without_groups<'a>(target: &'a Target, scenario: &'a Scenario, trial: &Trial) -> Vec<Row<'a>> {
    let values: Vec<&[Vec<Value>]> = trial.arms.iter().map(|arm| arm.values.as_slice()).collect();
    let of = |left_out: usize| Row {
        of: Of::Without(left_out),
        ..whole(target, scenario, trial, &values, left_out.checked_sub(1))
    };
    (0..=groups(scenario.patients)).map(of).collect()
}

/// Results by which points are compared: as a whole, then on each resample of the patients. The n-th resample chooses the same patients
/// at every point.
fn resampled<'a>(objectives: &'a Objectives, scenario: &'a Scenario, trial: &Trial) -> Vec<Row<'a>> {
    let values: Vec<&[Vec<Value>]> = trial.arms.iter().map(|arm| arm.values.as_slice()).collect();
    let chosen: Vec<Vec<usize>> = (0..objectives.replicates)
        .map(|replicate| resample(objectives.seed, replicate, scenario.patients))
        .collect();
    let mut rows = Vec::new();
    for target in objectives.targets() {
        let all = Row { of: Of::Resample(0), ..whole(target, scenario, trial, &values, None) };
        rows.push(all);
        rows.extend((1..).zip(&chosen).map(|(number, chosen)| {
            // Its limits would be those of a sample with repetitions.
            let at = |estimate| Interval { estimate, lower: f64::NAN, upper: f64::NAN };
            let interval = target.among(scenario, &values, chosen).map(at);
            Row { of: Of::Resample(number), interval, error: None, ..all }
        }));
    }
    rows
}

/// A result that is looked at, of all patients or without a group.
fn whole<'a>(
    target: &'a Target,
    scenario: &'a Scenario,
    trial: &Trial,
    values: &[&[Vec<Value>]],
    left_out: Option<usize>,
) -> Row<'a> {
    let reached = target.reached(scenario, values, left_out);
    // Arms by what this point calls them: a template's have names of their own.
    let mut names = target.arms().map(|arm| scenario.arms.get(arm).map_or("", |arm| arm.name.as_str()));
    let (arm, reference) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    Row {
        arm,
        reference,
        endpoint: &target.label,
        measure: &target.measure,
        unit: &target.unit,
        interval: reached.interval,
        error: reached.error,
        n: reached.n,
        missing: reached.missing,
        failed: target.arms().filter_map(|arm| trial.arms.get(arm)).map(|arm| arm.failures.len()).sum(),
        of: Of::All,
    }
}
