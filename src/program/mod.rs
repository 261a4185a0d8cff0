//! Model equations turned into operations: a hash-consed graph, constants folded, what is constant for a patient
//! hoisted, common subexpressions shared, products and sums fused, and one linear register program for each purpose.
//!
//! Knows no text, no span, no unit, no solver.

mod assemble;
mod board;
mod compile;
mod compiled;
mod composed;
mod derivative;
mod evaluate;
mod fuse;
mod graph;
mod individual;
mod inputs;
mod lanes;
mod linear;
mod passage;
mod routine;
mod schedule;
mod slots;
mod systems;

pub use board::Board;
pub use compiled::Program;
pub use individual::Individual;
pub use inputs::{Dosing, Inputs};
pub use lanes::Lanes;
pub use linear::TransitChain;
pub use passage::NoClosedForm;

#[cfg(test)]
mod tests;
