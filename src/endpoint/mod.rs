//! What is read off a trajectory: exposure metrics, CTCAE grades, iwCLL response, time to event, tumour lysis.
//!
//! Reads recorded columns, visits, doses and the decision log only; knows no program, solver or population. One
//! question, [`evaluate`], is answered here for every [`crate::scenario::EndpointKind`]; the definitions stand in the
//! files named by what they mean.

mod depth;
mod dose;
mod estimand;
mod evaluate;
mod exposure;
mod expression;
mod grades;
mod grades_by_cycle;
mod incidence;
mod lysis;
mod modification;
mod progression;
mod reading;
mod recurrence;
mod response;
mod response_course;
mod survival;
mod value;

#[cfg(test)]
pub(crate) mod fixture;

pub use depth::best_change;
pub use estimand::{COUNTERFACTUAL, until};
pub use evaluate::evaluate;
pub use grades_by_cycle::cycles;
pub use response::{CATEGORIES, CATEGORIES_APART, categories};
pub use response_course::{categories as categories_over_time, restagings};
pub use survival::can_no_longer_come;
pub use value::{NOT_SEEN, Value};
