//! Two scenarios on the same virtual patients: who fares otherwise, why, and by how much on average.
//!
//! A patient is a function of seed, number and population, so that two versions of a protocol can be laid side by side patient by
//! patient: each is treated by the same arm of both, and where the two courses part there is a first decision that one has and the
//! other has not.

mod change;
mod pairing;
mod result;
mod run;

pub use pairing::{Unpaired, check_pairing};
pub use result::{ArmDifference, CauseCount, Change, Difference, EndpointChange, PatientChange};
pub use run::difference;
