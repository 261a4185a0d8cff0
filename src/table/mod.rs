//! Tables for other programs: columns described once, written as CSV or Parquet, row after row and never all at once.
//!
//! [`TableWriter`] writes one file, whose name says in which form; [`Rows`] is a block of rows that another thread may fill
//! before it is appended. Knows no model, scenario or trial. Without the feature `parquet` there is CSV alone, and this is
//! the one place that knows of it. [`write_whole`] writes any file whole or not at all. Ours that are sealed
//! ([`sealed`]) are read back by [`read_numbers`]; tables of others are not.

mod aside;
mod column;
mod columns;
mod error;
mod format;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "without_parquet.rs"]
mod parquet;
mod read;
mod rows;
mod seal;
mod sheet;
mod writer;

pub use aside::{ASIDE, write_whole};
pub use column::{Column, Kind};
pub use columns::{Columns, read_columns};
pub use error::TableError;
pub use format::Format;
use read::lacks;
pub use read::read_numbers;
pub use rows::Rows;
pub use seal::sealed;
pub use sheet::{Sheet, exact};
pub use writer::TableWriter;

/// Whether this program can write Parquet.
pub const PARQUET: bool = cfg!(feature = "parquet");
