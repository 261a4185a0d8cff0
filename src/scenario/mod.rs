//! What a scenario file says, checked: population, visits, arms, rules, signals, endpoints, records, numerics.
//!
//! Description only: knows nothing of how anything is computed.

mod definition;
pub mod population;

pub use definition::*;
