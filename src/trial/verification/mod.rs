//! Whether the numbers of a run are those of its equations: a sample of patients computed again, more accurately.
//!
//! The run's own settings stand beside the same method at a hundredth of the tolerance, and beside an independent method
//! of other authors. What differs is told for every endpoint and output. A small error may tip a rule over its threshold; after
//! that the two courses differ for a reason, so they are counted by themselves and named.

mod agreement;
mod check;
mod sample;
mod verify;

pub use agreement::{Agreement, EndpointAgreement, Parted, Parting};
pub use check::{Against, Check, Differences, EndpointCheck, Largest, OutputCheck, PartedCourse, Place};
pub use verify::{Verification, verify};

#[cfg(test)]
mod tests;
