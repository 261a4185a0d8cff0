//! CSV, cell by cell.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// CSV rows: cells are added one after the other, [`Sheet::end`] closes the row.
#[derive(Debug)]
pub struct Sheet<W: Write> {
    writer: csv::Writer<W>,
}

impl Sheet<BufWriter<File>> {
    /// Creates `name.csv` in a folder.
    pub fn create(folder: &Path, name: &str) -> io::Result<Self> {
        Ok(Self::new(BufWriter::new(File::create(folder.join(format!("{name}.csv")))?)))
    }
}

impl<W: Write> Sheet<W> {
    /// Writes to anything.
    pub fn new(target: W) -> Self {
        Self { writer: csv::WriterBuilder::new().flexible(false).from_writer(target) }
    }
    /// The header row.
    pub fn header<T: AsRef<str>>(&mut self, names: impl IntoIterator<Item = T>) -> io::Result<()> {
        for name in names {
            self.text(name.as_ref())?;
        }
        self.end()
    }
    /// A text.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        Ok(self.writer.write_field(text)?)
    }
    /// A number, exactly; empty where it is not finite.
    pub fn number(&mut self, value: f64) -> io::Result<()> {
        self.text(&exact(value))
    }
    /// A number that may be absent.
    pub fn optional(&mut self, value: Option<f64>) -> io::Result<()> {
        self.number(value.unwrap_or(f64::NAN))
    }
    /// A count.
    pub fn count(&mut self, value: impl std::fmt::Display) -> io::Result<()> {
        self.text(&value.to_string())
    }
    /// A truth as 1 or 0.
    pub fn flag(&mut self, value: bool) -> io::Result<()> {
        self.text(if value { "1" } else { "0" })
    }
    /// Ends the row.
    pub fn end(&mut self) -> io::Result<()> {
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }
    /// Writes out what is buffered.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Sheet<Vec<u8>> {
    /// What was written.
    pub fn into_text(self) -> io::Result<Vec<u8>> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// A number for a CSV cell: the shortest text that reads back to the same bits; empty where it is not finite.
pub fn exact(value: f64) -> String {
    if !value.is_finite() {
        String::new()
    } else if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        format!("{}", value + 0.0)
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_back_to_the_same_bits() {
        for value in [0.1, 1.0 / 3.0, 1e-9, 6.02e23, -2.5, 1e16, 123456.0] {
            assert_eq!(exact(value).parse::<f64>().unwrap(), value);
        }
        assert_eq!(exact(f64::NAN), "");
        assert_eq!(exact(f64::INFINITY), "");
        assert_eq!(exact(-0.0), "0");
        assert_eq!(exact(25.0), "25");
    }

    #[test]
    fn cells_that_have_no_number_are_empty_and_texts_are_quoted() {
        let mut bytes = Vec::new();
        let mut sheet = Sheet::new(&mut bytes);
        sheet.header(["a", "b", "c"]).unwrap();
        sheet.number(f64::NAN).unwrap();
        sheet.text("25 mg, days 1-21").unwrap();
        sheet.optional(Some(0.1)).unwrap();
        sheet.end().unwrap();
        sheet.finish().unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "a,b,c\n,\"25 mg, days 1-21\",0.1\n");
    }
}
