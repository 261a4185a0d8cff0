//! What a scenario file says, checked: population, visits, arms, rules, signals, endpoints, records, numerics.
//!
//! Description only: knows nothing of how anything is computed.

mod definition;
pub mod population;
mod read;
mod settings;

pub use definition::*;
pub use read::load;
pub use settings::Settings;
