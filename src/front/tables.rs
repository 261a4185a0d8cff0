//! `front.*` and `search.*`, CSV and Parquet, beside the index of the sweep.

use std::io;
use std::path::Path;

use super::placed::{Front, Placed};
use super::readings::Told;
use super::search::Found;
use crate::sweep::Cell;
use crate::table::{Column, PARQUET, Rows, TableWriter};

/// Writes `front.*` into a folder.
///
/// # Errors
/// When the file system refuses.
pub fn write(front: &Front, folder: &Path) -> io::Result<()> {
    each_ending(folder, "front", |place| {
        let mut table = begin(place, front, columns(front, false))?;
        for point in &front.points {
            table.row(|row| {
                head(row, point)?;
                reached(row, point, None)?;
                standing(row, point)
            })?;
        }
        table.finish()
    })
}

/// Writes `search.*`, all points of a search, and `front.*`, the best estimated again.
///
/// # Errors
/// When the file system refuses.
pub fn write_search(found: &Found, folder: &Path) -> io::Result<()> {
    let (search, finals) = (&found.search, &found.finals);
    each_ending(folder, "search", |place| {
        let mut all = columns(search, false);
        all.push(Column::count("generation").about("generation of the search, from 1"));
        all.push(Column::flag("chosen").about("whether it was estimated again"));
        let mut table = begin(place, search, all)?;
        for (place, (point, generation)) in search.points.iter().zip(&found.generations).enumerate() {
            table.row(|row| {
                head(row, point)?;
                reached(row, point, None)?;
                standing(row, point)?;
                row.count(*generation as usize)?;
                row.flag(finals.chosen.contains(&place))
            })?;
        }
        table.finish()
    })?;
    each_ending(folder, "front", |place| {
        let mut table = begin(place, &finals.again, columns(&finals.again, true))?;
        for (point, first) in finals.again.points.iter().zip(&finals.chosen) {
            table.row(|row| {
                head(row, point)?;
                reached(row, point, search.points.get(*first))?;
                standing(row, point)
            })?;
        }
        table.finish()
    })
}

fn each_ending(folder: &Path, name: &str, write: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    for ending in if PARQUET { &["csv", "parquet"][..] } else { &["csv"] } {
        write(&folder.join(format!("{name}.{ending}")))?;
    }
    Ok(())
}

fn begin(place: &Path, front: &Front, more: Vec<Column>) -> io::Result<TableWriter> {
    let mut columns = vec![
        Column::count("number").about("place of the point in the sweep, from 1"),
        Column::text("point").about("name of the point, by what it sets"),
    ];
    columns.extend(front.axes.iter().map(|axis| {
        let column = if axis.numeric { Column::number(&axis.name) } else { Column::text(&axis.name) };
        column.unit(&axis.unit).about(&axis.about)
    }));
    columns.extend(more);
    Ok(TableWriter::create(place, columns)?)
}

/// Columns behind the axes; `first` adds what the search estimated.
fn columns(front: &Front, first: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    for objective in &front.asked.objectives {
        let unit = &objective.target.unit;
        let about = format!("{}, to {}", objective.target.title(), objective.goal());
        let column = |ending: &str, about: &str| {
            Column::number(format!("{}{ending}", objective.name)).unit(unit).about(about)
        };
        columns.push(column("", &about));
        columns.push(column("_lower", "lower 95 % limit"));
        columns.push(column("_upper", "upper 95 % limit"));
        columns.push(column("_mc_error", "Monte Carlo standard error"));
        if first {
            columns.push(column("_search", "estimate of the search, by which the point was chosen"));
        }
    }
    for (number, condition) in (1..).zip(&front.asked.conditions) {
        let column = Column::number(format!("condition_{number}")).unit(&condition.target.unit);
        columns.push(column.about(format!("{}: estimate", condition.text)));
    }
    columns.extend([
        Column::text("status").about("front, dominated, not accepted, undefined or failed, by the estimates"),
        Column::text("why")
            .about("what dominates it, which condition it misses, or which result has no value"),
        Column::count("layer").about("1: the front; 2: the front once that is taken away; and so on"),
        Column::number("front_probability")
            .about("share of resamples of the patients in which it is on the front"),
        Column::number("accept_probability").about("share in which it meets all conditions"),
        Column::number("undefined_share").about("share in which a result has no value"),
    ]);
    columns
}

fn head(row: &mut Rows, point: &Placed) -> io::Result<()> {
    row.count(point.number)?;
    row.text(&point.id)?;
    for cell in &point.cells {
        match cell {
            Cell::Number(number) => row.number(*number)?,
            Cell::Text(text) => row.text(text)?,
        }
    }
    Ok(())
}

fn reached(row: &mut Rows, point: &Placed, first: Option<&Placed>) -> io::Result<()> {
    let estimate = |told: &Told| told.interval.estimate;
    for (place, told) in point.reached.iter().enumerate() {
        row.optional(told.as_ref().map(estimate))?;
        row.optional(told.map(|told| told.interval.lower))?;
        row.optional(told.map(|told| told.interval.upper))?;
        row.optional(told.and_then(|told| told.error))?;
        if let Some(first) = first {
            row.optional(first.reached[place].as_ref().map(estimate))?;
        }
    }
    for told in &point.conditions {
        row.optional(told.as_ref().map(estimate))?;
    }
    Ok(())
}

fn standing(row: &mut Rows, point: &Placed) -> io::Result<()> {
    row.text(point.status.name())?;
    row.text(&point.status.why())?;
    match point.status.layer() {
        Some(layer) => row.count(layer)?,
        None => row.absent()?,
    }
    row.number(point.standing.on_front)?;
    row.number(point.standing.accepted)?;
    row.number(point.standing.undefined)
}
