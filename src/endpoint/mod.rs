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
mod grades;
mod lysis;
mod reading;
mod response;
mod survival;
mod value;

#[cfg(test)]
pub(crate) mod fixture;

pub use depth::best_change;
pub use estimand::COUNTERFACTUAL;
pub use evaluate::evaluate;
pub use response::CATEGORIES;
pub use value::Value;
