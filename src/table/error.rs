//! Why a table cannot be written.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a table file could not be begun.
#[derive(Debug)]
pub enum TableError {
    /// The name ends in neither `.csv` nor `.parquet`.
    UnknownFormat(PathBuf),
    /// This program was built without Parquet.
    NoParquet(PathBuf),
    /// The path names no file.
    NoName(PathBuf),
    /// The file system refused.
    Refused {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat(path) => {
                write!(
                    f,
                    "`{}` does not say in which form to write: end it in .csv or .parquet",
                    path.display()
                )
            }
            Self::NoParquet(path) => write!(
                f,
                "`{}`: this program was built without Parquet; name a .csv file, or build it with its default features",
                path.display()
            ),
            Self::NoName(path) => write!(f, "`{}` names no file", path.display()),
            Self::Refused { path, source } => write!(f, "cannot write {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for TableError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// What the file system said, where it was that.
impl From<TableError> for io::Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Refused { source, .. } => source,
            other => Self::other(other),
        }
    }
}
