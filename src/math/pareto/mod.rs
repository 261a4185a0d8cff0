//! Several objectives at once: which points no other dominates, how much they cover, and a search for them.
//!
//! A point dominates another if it is no worse in any objective and better in one (`order`). Points that are equal in all objectives
//! stand beside each other: neither dominates. What a set of points covers together is its `hypervolume`; how sure a place on the front
//! is, when every objective is an estimate, is told by resampling (`probability`); and `genetic` is the search. All objectives are
//! minimised here. Knows no scenario and runs nothing.

mod genetic;
mod hypervolume;
mod order;
mod probability;
#[cfg(test)]
mod tests;

pub use genetic::{Evolution, Gene, Genome, Operators};
pub use hypervolume::hypervolume;
pub use order::{Candidate, crowding, dominates, front, layers};
pub use probability::{Standing, standing};
