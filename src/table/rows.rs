//! A block of rows, filled cell by cell: by any thread, and in the form in which it will be written.

use std::io;
use std::sync::Arc;

use super::column::{Column, Kind};
use super::format::Format;
use super::parquet::Block;
use super::sheet::Sheet;

/// Rows of one table, in order. Cells are added one after the other in the order of the columns; [`Rows::end`] closes
/// the row.
#[derive(Debug)]
pub struct Rows {
    columns: Arc<[Column]>,
    /// Column of the next cell.
    at: usize,
    count: usize,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    Text(Box<Sheet<Vec<u8>>>),
    Block(Block),
}

/// What is left of rows that are to be written.
pub(super) enum Written {
    /// CSV.
    Text(Vec<u8>),
    /// Columns for Parquet.
    Block(Block),
}

impl Rows {
    /// No rows yet.
    pub fn new(columns: Arc<[Column]>, format: Format) -> Self {
        let cells = match format {
            Format::Csv => Cells::Text(Box::new(Sheet::new(Vec::new()))),
            Format::Parquet => Cells::Block(Block::new(&columns)),
        };
        Self { columns, at: 0, count: 0, cells }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.count
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A number; empty where it is not finite.
    ///
    /// # Errors
    /// Here and below: when the next column holds something else, or there is none.
    pub fn number(&mut self, value: f64) -> io::Result<()> {
        self.expect(Kind::Number)?;
        match &mut self.cells {
            Cells::Text(sheet) => sheet.number(value),
            Cells::Block(block) => block.number(self.at - 1, value),
        }
    }
    /// A number that may be absent.
    ///
    /// # Errors
    /// As above.
    pub fn optional(&mut self, value: Option<f64>) -> io::Result<()> {
        self.number(value.unwrap_or(f64::NAN))
    }
    /// A whole number; empty where it is beyond 2⁶³.
    ///
    /// # Errors
    /// As above.
    pub fn count(&mut self, value: impl TryInto<i64>) -> io::Result<()> {
        self.expect(Kind::Count)?;
        let value = value.try_into().ok();
        match &mut self.cells {
            Cells::Text(sheet) => match value {
                Some(value) => sheet.count(value),
                None => sheet.text(""),
            },
            Cells::Block(block) => block.count(self.at - 1, value),
        }
    }
    /// A text.
    ///
    /// # Errors
    /// As above.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.expect(Kind::Text)?;
        match &mut self.cells {
            Cells::Text(sheet) => sheet.text(text),
            Cells::Block(block) => block.text(self.at - 1, text),
        }
    }
    /// A truth.
    ///
    /// # Errors
    /// As above.
    pub fn flag(&mut self, value: bool) -> io::Result<()> {
        self.expect(Kind::Flag)?;
        match &mut self.cells {
            Cells::Text(sheet) => sheet.flag(value),
            Cells::Block(block) => block.flag(self.at - 1, value),
        }
    }
    /// An empty cell in a column of any kind.
    ///
    /// # Errors
    /// When there is no further column.
    pub fn absent(&mut self) -> io::Result<()> {
        let kind = self.columns.get(self.at).map_or(Kind::Text, |column| column.kind);
        self.expect(kind)?;
        match &mut self.cells {
            Cells::Text(sheet) => sheet.text(""),
            Cells::Block(block) => block.absent(self.at - 1),
        }
    }

    /// Ends the row.
    ///
    /// # Errors
    /// When it has fewer cells than there are columns.
    pub fn end(&mut self) -> io::Result<()> {
        if let Some(column) = self.columns.get(self.at) {
            return Err(misplaced(&format!("a row ends before its column `{}`", column.name)));
        }
        self.at = 0;
        self.count += 1;
        match &mut self.cells {
            Cells::Text(sheet) => sheet.end(),
            Cells::Block(_) => Ok(()),
        }
    }

    /// Goes on to the next column, if it is of this kind.
    fn expect(&mut self, kind: Kind) -> io::Result<()> {
        match self.columns.get(self.at) {
            Some(column) if column.kind == kind => {
                self.at += 1;
                Ok(())
            }
            Some(column) => {
                Err(misplaced(&format!("{kind:?} in column `{}` of {:?}", column.name, column.kind)))
            }
            None => Err(misplaced("a cell after the last column")),
        }
    }

    /// The rows as they are written, if the last one is whole.
    pub(super) fn close(self) -> io::Result<Written> {
        if self.at > 0 {
            return Err(misplaced("the last row has not been ended"));
        }
        match self.cells {
            Cells::Text(sheet) => sheet.into_text().map(Written::Text),
            Cells::Block(block) => Ok(Written::Block(block)),
        }
    }
}

fn misplaced(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
