//! What is read off a trajectory: exposure metrics, CTCAE grades, iwCLL response, time to event, tumour lysis.
//!
//! Reads recorded columns, visits, doses and the decision log only; knows no program, solver or population.

mod evaluate;

pub use evaluate::{Value, evaluate};
