//! TOML with positions: reads a text into a tree whose every key and value knows its byte range, and hands out
//! tables through [`Table`] readers that report every missing, mistyped and unknown key, not only the first.
//!
//! Model, scenario, population and library files are all read through this room.

mod flat;
mod path;
mod remedy;
mod syntax;
mod table;
#[cfg(test)]
mod tests;

pub use path::PathError;
pub use syntax::parse;
pub use table::{Number, Table, Value};
