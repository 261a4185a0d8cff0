//! The forms in which a table can be written.

use std::path::Path;

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8, one header row.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The form that a file's name asks for by `.csv` or `.parquet`, in letters of either case.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        [("csv", Self::Csv), ("parquet", Self::Parquet)]
            .into_iter()
            .find(|(name, _)| extension.eq_ignore_ascii_case(name))
            .map(|(_, format)| format)
    }
}
