//! Chosen columns of a file as numbers.

use std::fs;
use std::io;
use std::path::Path;

use bytes::Bytes;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::table::seal;

/// As [`crate::table::read_numbers`].
///
/// # Errors
/// As there.
pub fn read_numbers(path: &Path, columns: &[&str]) -> io::Result<Vec<Vec<Option<f64>>>> {
    let reader = SerializedFileReader::new(intact(path)?).map_err(io::Error::other)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let place = |column: &&str| {
        let found = schema.columns().iter().position(|it| it.name() == *column);
        found.ok_or_else(|| crate::table::lacks(path, column))
    };
    let places: Vec<usize> = columns.iter().map(place).collect::<io::Result<_>>()?;
    let mut rows = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(io::Error::other)?;
        let count = usize::try_from(group.metadata().num_rows()).map_err(io::Error::other)?;
        let first = rows.len();
        rows.resize(first + count, Vec::with_capacity(places.len()));
        for place in &places {
            let values = match group.get_column_reader(*place).map_err(io::Error::other)? {
                ColumnReader::DoubleColumnReader(column) => values(column, count, |value| value)?,
                ColumnReader::Int64ColumnReader(column) => values(column, count, |value| value as f64)?,
                _ => vec![None; count],
            };
            for (row, value) in rows[first..].iter_mut().zip(values) {
                row.push(value);
            }
        }
    }
    Ok(rows)
}

/// The bytes of a file, if they are those that were sealed: what a decoder makes of others, a panic for one, is not to be known.
pub(super) fn intact(path: &Path) -> io::Result<Bytes> {
    let bytes = fs::read(path)?;
    match seal::note(&bytes) {
        Some(_) => Ok(Bytes::from(bytes)),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is damaged: not what was written, or no table of ours",
        )),
    }
}

/// A column of one group: values stand only where something was written, which the definition levels tell.
pub(super) fn values<T: DataType, V>(
    mut column: ColumnReaderImpl<T>,
    count: usize,
    value: impl Fn(T::T) -> V,
) -> io::Result<Vec<Option<V>>> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let mut read = 0;
    while read < count {
        let (records, ..) = column
            .read_records(count - read, Some(&mut levels), None, &mut values)
            .map_err(io::Error::other)?;
        if records == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        read += records;
    }
    let mut values = values.into_iter();
    // A column without empty cells has no levels.
    if levels.is_empty() {
        return Ok(values.map(|it| Some(value(it))).collect());
    }
    Ok(levels.into_iter().map(|level| if level > 0 { values.next().map(&value) } else { None }).collect())
}
