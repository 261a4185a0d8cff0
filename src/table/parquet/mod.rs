//! Parquet: blocks of rows kept as columns, and the file that they are gathered into.
//!
//! The format: <https://parquet.apache.org/docs/file-format/>. Written with the low-level writer of the crate `parquet`, without Arrow:
//! nothing here is nested, and Arrow would more than double what there is to compile.

mod block;
mod columns;
mod file;
mod read;

pub use block::Block;
pub use columns::read_columns;
pub use file::ParquetFile;
pub use read::read_numbers;
