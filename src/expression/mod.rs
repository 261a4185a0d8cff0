//! The equation language: lexer, syntax tree, parser. Knows no file, drug or unit meaning.

mod lexer;
mod parser;
#[cfg(test)]
mod tests;
mod tree;

pub use parser::parse;
pub use tree::{BinaryOperator, Expression, Kind, UnaryOperator};
