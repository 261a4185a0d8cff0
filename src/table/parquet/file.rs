//! A Parquet file being written: blocks are gathered into row groups.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use serde::Serialize;

use super::block::{Block, Cells, Values};
use crate::table::column::{Column, Kind};

/// A row group is closed when it has this many cells: 16 MiB of numbers. What is in memory at once does not grow
/// with the table.
const GROUP: usize = 1 << 21;

/// Under this key the file's metadata have the columns' units and meanings, as JSON.
const KEY: &str = "regimen.columns";

/// A column as described in the file's metadata.
#[derive(Serialize)]
struct Described<'c> {
    name: &'c str,
    unit: &'c str,
    about: &'c str,
}

/// A Parquet file under way.
pub struct ParquetFile<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    /// Blocks of the next row group.
    waiting: Vec<Block>,
    cells: usize,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Here and below: when the target refuses.
    pub fn begin(target: W, columns: &[Column]) -> io::Result<Self> {
        let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>();
        let schema = fields.and_then(|fields| Type::group_type_builder("table").with_fields(fields).build());
        let writer = schema.and_then(|schema| {
            SerializedFileWriter::new(target, Arc::new(schema), Arc::new(properties(columns)?))
        });
        Ok(Self { writer: writer.map_err(refused)?, waiting: Vec::new(), cells: 0 })
    }

    /// Adds rows.
    pub fn append(&mut self, block: Block) -> io::Result<()> {
        if block.len() == 0 {
            return Ok(());
        }
        self.cells += block.len() * block.columns.len();
        self.waiting.push(block);
        if self.cells >= GROUP { self.close_group() } else { Ok(()) }
    }

    /// Adds an entry to the file's metadata.
    pub fn note(&mut self, key: &str, value: String) {
        self.writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
    }

    /// Writes out what waits, and the footer.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.close_group()?;
        }
        self.writer.into_inner().map_err(refused)?.flush()
    }

    fn close_group(&mut self) -> io::Result<()> {
        self.cells = 0;
        let blocks = std::mem::take(&mut self.waiting);
        let mut columns: Vec<_> = blocks.into_iter().map(|block| block.columns.into_iter()).collect();
        let mut group = self.writer.next_row_group().map_err(refused)?;
        while let Some(mut writer) = group.next_column().map_err(refused)? {
            for cells in columns.iter_mut().filter_map(Iterator::next) {
                write(&mut writer, cells).map_err(refused)?;
            }
            writer.close().map_err(refused)?;
        }
        group.close().map_err(refused)?;
        Ok(())
    }
}

/// Writes the cells of a block to the column that they are of.
fn write(writer: &mut SerializedColumnWriter, cells: Cells) -> Result<usize, ParquetError> {
    let levels = Some(cells.levels.as_slice());
    match cells.values {
        Values::Numbers(numbers) => writer.typed::<DoubleType>().write_batch(&numbers, levels, None),
        Values::Counts(counts) => writer.typed::<Int64Type>().write_batch(&counts, levels, None),
        Values::Flags(flags) => writer.typed::<BoolType>().write_batch(&flags, levels, None),
        Values::Texts(texts) => {
            writer.typed::<ByteArrayType>().write_batch(&texts.into_arrays(), levels, None)
        }
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Count => (Physical::INT64, None),
        Kind::Flag => (Physical::BOOLEAN, None),
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_logical_type(logical)
        .with_repetition(Repetition::OPTIONAL)
        .build()
}

/// Texts and whole numbers repeat and get dictionaries. Numbers hardly do; but neighbours are alike in their first bytes, so
/// that all first bytes, all second ones, … one after the other take a fifth less than number after number
/// (BYTE_STREAM_SPLIT of the format's `Encodings.md`). Nothing that differs from run to run is written.
fn properties(columns: &[Column]) -> Result<WriterProperties, ParquetError> {
    let described: Vec<Described> = columns
        .iter()
        .map(|column| Described { name: &column.name, unit: &column.unit, about: &column.about })
        .collect();
    let described =
        serde_json::to_string(&described).map_err(|error| ParquetError::External(Box::new(error)))?;
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("regimen version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), described)]))
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in columns.iter().filter(|column| column.kind == Kind::Number) {
        let path = ColumnPath::new(vec![column.name.clone()]);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
    }
    Ok(properties.build())
}

fn refused(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
