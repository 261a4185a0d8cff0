//! Reading back the numbers of tables that [`super::TableWriter`] wrote: chosen columns, all rows.
//!
//! For results that are looked at together long after each was written. Not for tables of records of others
//! ([`crate::dataset`] reads those).

use std::io;
use std::path::Path;

use super::format::Format;
use super::parquet;

/// The chosen columns of a table of ours as numbers, by row; empty cells, and texts, are `None`. In Parquet, of one that is sealed
/// ([`super::TableWriter::finish_sealed`]).
///
/// # Errors
/// Where the file cannot be read, is damaged, is no table of ours, or lacks a column.
pub fn read_numbers(path: &Path, columns: &[&str]) -> io::Result<Vec<Vec<Option<f64>>>> {
    match Format::of(path) {
        Some(Format::Parquet) => parquet::read_numbers(path, columns),
        _ => read_csv(path, columns),
    }
}

/// The column of this name is not there.
pub(super) fn lacks(path: &Path, column: &str) -> io::Error {
    io::Error::other(format!("`{}` has no column `{column}`", path.display()))
}

fn read_csv(path: &Path, columns: &[&str]) -> io::Result<Vec<Vec<Option<f64>>>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place =
        |column: &&str| header.iter().position(|name| name == *column).ok_or_else(|| lacks(path, column));
    let places: Vec<usize> = columns.iter().map(place).collect::<io::Result<_>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        rows.push(places.iter().map(|place| record.get(*place).and_then(|cell| cell.parse().ok())).collect());
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, PARQUET, TableWriter};

    #[test]
    fn numbers_come_back_to_the_last_bit() {
        let folder = tempfile::tempdir().expect("a folder");
        for ending in if PARQUET { &["csv", "parquet"][..] } else { &["csv"] } {
            let path = folder.path().join(format!("t.{ending}"));
            let columns =
                vec![Column::text("a"), Column::number("b"), Column::count("c"), Column::number("d")];
            let mut table = TableWriter::create(&path, columns).expect("begun");
            for (b, c) in [(0.1 + 0.2, Some(3)), (f64::NAN, None), (-1e-300, Some(0))] {
                table
                    .row(|row| {
                        row.text("x")?;
                        row.number(b)?;
                        match c {
                            Some(c) => row.count(c)?,
                            None => row.absent()?,
                        }
                        row.number(7.5)
                    })
                    .expect("a row");
            }
            table.finish_sealed("").expect("written");
            let found = read_numbers(&path, &["c", "b"]).expect("read");
            let expected =
                [[Some(3.0), Some(0.1 + 0.2)], [None, None], [Some(0.0), Some(-1e-300)]].map(Vec::from);
            assert_eq!(found, expected, "{ending}");
            assert!(read_numbers(&path, &["e"]).is_err());
        }
    }
}
