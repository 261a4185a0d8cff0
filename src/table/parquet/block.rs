//! Rows as columns: of each its values, and for each row whether there is one.

use std::io;

use parquet::data_type::ByteArray;

use crate::table::column::{Column, Kind};

/// A block of rows.
#[derive(Debug)]
pub struct Block {
    pub(super) columns: Vec<Cells>,
}

/// The cells of one column.
#[derive(Debug)]
pub(super) struct Cells {
    /// Definition levels, one for each row: 1 where there is a value.
    pub(super) levels: Vec<i16>,
    pub(super) values: Values,
}

/// Values without the empty cells.
#[derive(Debug)]
pub(super) enum Values {
    Numbers(Vec<f64>),
    Counts(Vec<i64>),
    Flags(Vec<bool>),
    Texts(Texts),
}

/// Texts one after the other.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Block {
    /// No rows yet.
    pub fn new(columns: &[Column]) -> Self {
        let cells = columns.iter().map(|column| Cells {
            levels: Vec::new(),
            values: match column.kind {
                Kind::Number => Values::Numbers(Vec::new()),
                Kind::Count => Values::Counts(Vec::new()),
                Kind::Flag => Values::Flags(Vec::new()),
                Kind::Text => Values::Texts(Texts::default()),
            },
        });
        Self { columns: cells.collect() }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.columns.first().map_or(0, |cells| cells.levels.len())
    }

    /// A number in this column; empty where it is not finite. That the column holds numbers is the caller's to know, here
    /// and below.
    pub fn number(&mut self, column: usize, value: f64) -> io::Result<()> {
        self.cell(column, value.is_finite(), |values| {
            if let Values::Numbers(numbers) = values {
                // Without the sign of a zero, as in CSV.
                numbers.push(value + 0.0);
            }
        })
    }
    /// A whole number or an empty cell.
    pub fn count(&mut self, column: usize, value: Option<i64>) -> io::Result<()> {
        self.cell(column, value.is_some(), |values| {
            if let (Values::Counts(counts), Some(value)) = (values, value) {
                counts.push(value);
            }
        })
    }
    /// A truth.
    pub fn flag(&mut self, column: usize, value: bool) -> io::Result<()> {
        self.cell(column, true, |values| {
            if let Values::Flags(flags) = values {
                flags.push(value);
            }
        })
    }
    /// A text; an empty one is an empty cell.
    pub fn text(&mut self, column: usize, text: &str) -> io::Result<()> {
        self.cell(column, !text.is_empty(), |values| {
            if let Values::Texts(texts) = values {
                texts.text.extend_from_slice(text.as_bytes());
                texts.ends.push(texts.text.len());
            }
        })
    }
    /// An empty cell.
    pub fn absent(&mut self, column: usize) -> io::Result<()> {
        self.cell(column, false, |_| ())
    }

    #[inline]
    fn cell(&mut self, column: usize, present: bool, push: impl FnOnce(&mut Values)) -> io::Result<()> {
        let Some(cells) = self.columns.get_mut(column) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a cell after the last column"));
        };
        cells.levels.push(i16::from(present));
        if present {
            push(&mut cells.values);
        }
        Ok(())
    }
}

impl Texts {
    /// As the writer takes them; all share one buffer.
    pub(super) fn into_arrays(self) -> Vec<ByteArray> {
        let all = ByteArray::from(self.text);
        let mut start = 0;
        let slice = |end: &usize| {
            let array = all.slice(start, end - start);
            start = *end;
            array
        };
        self.ends.iter().map(slice).collect()
    }
}
