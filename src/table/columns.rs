//! Reading back chosen columns of tables that [`super::TableWriter`] wrote, texts beside numbers.
//!
//! For pages that set the results of many points side by side. [`super::read_numbers`] serves where numbers are all.

use std::io;
use std::path::Path;

use super::format::Format;
use super::lacks;
use super::parquet;

/// Columns in the order in which they were asked for, each as long as the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    /// Texts; empty cells are empty.
    pub texts: Vec<Vec<String>>,
    /// Numbers; empty cells are `None`.
    pub numbers: Vec<Vec<Option<f64>>>,
}

/// The chosen columns of a table of ours; in Parquet, one that is sealed ([`super::TableWriter::finish_sealed`]).
///
/// # Errors
/// Where the file cannot be read, is damaged, is no table of ours, or lacks a column.
pub fn read_columns(path: &Path, texts: &[&str], numbers: &[&str]) -> io::Result<Columns> {
    match Format::of(path) {
        Some(Format::Parquet) => parquet::read_columns(path, texts, numbers),
        _ => read_csv(path, texts, numbers),
    }
}

fn read_csv(path: &Path, texts: &[&str], numbers: &[&str]) -> io::Result<Columns> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place =
        |column: &&str| header.iter().position(|name| name == *column).ok_or_else(|| lacks(path, column));
    let texts: Vec<usize> = texts.iter().map(place).collect::<io::Result<_>>()?;
    let numbers: Vec<usize> = numbers.iter().map(place).collect::<io::Result<_>>()?;
    let mut found =
        Columns { texts: vec![Vec::new(); texts.len()], numbers: vec![Vec::new(); numbers.len()] };
    for record in reader.records() {
        let record = record?;
        for (column, place) in found.texts.iter_mut().zip(&texts) {
            column.push(record.get(*place).unwrap_or_default().to_owned());
        }
        for (column, place) in found.numbers.iter_mut().zip(&numbers) {
            column.push(record.get(*place).and_then(|cell| cell.parse().ok()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, PARQUET, TableWriter};

    #[test]
    fn texts_and_numbers_come_back_in_the_order_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        for ending in if PARQUET { &["csv", "parquet"][..] } else { &["csv"] } {
            let path = folder.path().join(format!("t.{ending}"));
            let columns = vec![Column::text("a"), Column::number("b"), Column::count("c"), Column::text("d")];
            let mut table = TableWriter::create(&path, columns).expect("begun");
            for (a, b, d) in [("x", 0.1 + 0.2, "µ, \"q\""), ("", f64::NAN, "y"), ("x", -1.5, "")] {
                table
                    .row(|row| {
                        row.text(a)?;
                        row.number(b)?;
                        row.count(7)?;
                        row.text(d)
                    })
                    .expect("a row");
            }
            table.finish_sealed("").expect("written");
            let found = read_columns(&path, &["d", "a"], &["c", "b"]).expect("read");
            assert_eq!(found.texts, [["µ, \"q\"", "y", ""], ["x", "", "x"]], "{ending}");
            assert_eq!(found.numbers, [vec![Some(7.0); 3], vec![Some(0.1 + 0.2), None, Some(-1.5)]]);
            assert!(read_columns(&path, &["e"], &[]).is_err());
        }
    }
}
