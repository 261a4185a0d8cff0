//! What a table of records says: who was dosed, seen or reset when, with which covariates; and what a table of individual
//! parameters gives each of them.
//!
//! Description only: rows become checked records of one subject after the other, and every cell that cannot be meant is
//! shown with its line and column. Nothing of the table is held but the subject being read. How a record is carried out is
//! the simulation's.

mod cell;
mod clock;
mod columns;
mod destination;
mod dose;
mod fault;
mod line;
mod occasion;
mod parameters;
mod reader;
mod record;
mod row;
mod write;

pub use cell::Cell;
pub use columns::Options;
pub use line::Lines;
pub use parameters::{Parameters, read_parameters};
pub use reader::Reader;
pub use record::{Administration, Dose, Event, Record, SteadyState, Subject};
pub use write::{Inexact, changing, parameters_text, records_text};

#[cfg(test)]
mod tests;
