//! How much of each result is owed to not knowing the population parameters: the trial, run once per draw of the parameters
//! on the same virtual patients, and the spread of its results taken apart.

mod decompose;
mod result;
mod run;
mod sample;

pub use result::{Decomposition, DrawResult, ParameterSpread, Shares, UncertaintyResult};
pub use run::uncertainty;

#[cfg(test)]
mod tests;
