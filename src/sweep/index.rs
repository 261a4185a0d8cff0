//! `runs.csv` and `runs.parquet`: every point of a sweep, where its results lie, and what stands on its axes. The same bytes
//! whoever writes it, since it is made of the plan alone.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::partition::{axis_cells, axis_columns};
use super::plan::Plan;
use super::store::{Claimed, POINTS, Store, file_name};
use crate::table::{Column, PARQUET, TableWriter};

/// The index as text; merging reads it.
pub const INDEX: &str = "runs.csv";
/// The same for programs that read the results.
pub const INDEX_PARQUET: &str = "runs.parquet";

/// Writes the index into a folder.
///
/// # Errors
/// When the file system refuses.
pub fn write(plan: &Plan, store: &Store) -> io::Result<()> {
    let _claim = loop {
        match store.claim("index")? {
            Claimed::Ours(claim) => break claim,
            Claimed::Others => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    for (name, ending) in [(INDEX, "csv"), (INDEX_PARQUET, "parquet")] {
        if ending == "csv" || PARQUET {
            let aside = store.under_way("index", ending)?;
            write_one(plan, &aside)?;
            store.publish(&aside, &store.folder().join(name))?;
        }
    }
    Ok(())
}

fn write_one(plan: &Plan, place: &Path) -> io::Result<()> {
    let mut columns = vec![
        Column::count("number").about("place of the point in the sweep, from 1"),
        Column::text("point").about("name of the point, by what it sets"),
        Column::text("file").about("its results"),
    ];
    columns.extend(axis_columns(&plan.sweep.axes));
    let mut table = TableWriter::create(place, columns)?;
    for ((place, planned), point) in (1_usize..).zip(&plan.points).zip(&plan.sweep.points) {
        table.row(|row| {
            row.count(place)?;
            row.text(&planned.id)?;
            row.text(&format!("{POINTS}/{}", file_name(&planned.file)))?;
            axis_cells(row, point)
        })?;
    }
    table.finish()
}
