//! Chosen columns of a file, texts beside numbers.

use std::io;
use std::path::Path;

use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::read::{intact, values};
use crate::table::Columns;

/// As [`crate::table::read_columns`].
///
/// # Errors
/// As there.
pub fn read_columns(path: &Path, texts: &[&str], numbers: &[&str]) -> io::Result<Columns> {
    let reader = SerializedFileReader::new(intact(path)?).map_err(io::Error::other)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let place = |column: &&str| {
        let found = schema.columns().iter().position(|it| it.name() == *column);
        found.ok_or_else(|| crate::table::lacks(path, column))
    };
    let texts: Vec<usize> = texts.iter().map(place).collect::<io::Result<_>>()?;
    let numbers: Vec<usize> = numbers.iter().map(place).collect::<io::Result<_>>()?;
    let mut found =
        Columns { texts: vec![Vec::new(); texts.len()], numbers: vec![Vec::new(); numbers.len()] };
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(io::Error::other)?;
        let count = usize::try_from(group.metadata().num_rows()).map_err(io::Error::other)?;
        for (column, place) in found.texts.iter_mut().zip(&texts) {
            match group.get_column_reader(*place).map_err(io::Error::other)? {
                ColumnReader::ByteArrayColumnReader(cells) => {
                    let text = |cell: ByteArray| String::from_utf8_lossy(cell.data()).into_owned();
                    column.extend(values(cells, count, text)?.into_iter().map(Option::unwrap_or_default));
                }
                _ => column.resize(column.len() + count, String::new()),
            }
        }
        for (column, place) in found.numbers.iter_mut().zip(&numbers) {
            match group.get_column_reader(*place).map_err(io::Error::other)? {
                ColumnReader::DoubleColumnReader(cells) => column.extend(values(cells, count, |it| it)?),
                ColumnReader::Int64ColumnReader(cells) => {
                    column.extend(values(cells, count, |it| it as f64)?);
                }
                _ => column.resize(column.len() + count, None),
            }
        }
    }
    Ok(found)
}
