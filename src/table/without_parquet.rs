//! In the place of [`parquet`](super) where this program is built without it: nothing of it can exist.

use std::io::{self, Write};
use std::marker::PhantomData;

use super::column::Column;

/// No block.
#[derive(Debug)]
pub struct Block;

impl Block {
    /// Never appended: no file takes it.
    pub fn new(_columns: &[Column]) -> Self {
        Self
    }
    /// Refused, as all cells.
    pub fn number(&mut self, _column: usize, _value: f64) -> io::Result<()> {
        Err(absent())
    }
    /// Refused.
    pub fn count(&mut self, _column: usize, _value: Option<i64>) -> io::Result<()> {
        Err(absent())
    }
    /// Refused.
    pub fn flag(&mut self, _column: usize, _value: bool) -> io::Result<()> {
        Err(absent())
    }
    /// Refused.
    pub fn text(&mut self, _column: usize, _text: &str) -> io::Result<()> {
        Err(absent())
    }
    /// Refused.
    pub fn absent(&mut self, _column: usize) -> io::Result<()> {
        Err(absent())
    }
}

/// No file.
pub struct ParquetFile<W>(PhantomData<W>);

impl<W: Write> ParquetFile<W> {
    /// Refused.
    pub fn begin(_target: W, _columns: &[Column]) -> io::Result<Self> {
        Err(absent())
    }
    /// Refused.
    pub fn append(&mut self, _block: Block) -> io::Result<()> {
        Err(absent())
    }
    /// Nothing: there is no file.
    pub fn note(&mut self, _key: &str, _value: String) {}
    /// Refused.
    pub fn finish(self) -> io::Result<()> {
        Err(absent())
    }
}

/// Refused.
pub fn read_numbers(_path: &std::path::Path, _columns: &[&str]) -> io::Result<Vec<Vec<Option<f64>>>> {
    Err(absent())
}

/// Refused.
pub fn read_columns(
    _path: &std::path::Path,
    _texts: &[&str],
    _numbers: &[&str],
) -> io::Result<super::Columns> {
    Err(absent())
}

fn absent() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "built without Parquet")
}
