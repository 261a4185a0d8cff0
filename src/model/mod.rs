//! What a model file says: covariates, parameters, random effects, equations, states, doses, outputs; composed from
//! modules, names and cycles and units checked, flattened to one [`Model`] in coherent units.
//!
//! Knows no dosing schedule, no patient, no numerics.

mod card;
mod check;
mod compose;
mod declarations;
mod declare;
mod definition;
mod divisor;
mod effects;
mod entry;
mod extend;
mod formula;
mod functions;
mod items;
mod loader;
mod order;
mod read;
mod resolve;
mod scope;
mod unit;
mod variability;

pub use card::{Card, CardTable, Evidence, check_card};
pub use check::{Checked, Names, check_condition, check_expression};
pub use compose::{check_module, load};
pub use declare::DEFAULT_ABSOLUTE_TOLERANCE;
pub use definition::{
    Caution, Control, Correlation, Covariate, Destination, Equation, Error, Hazard, Interpolation, Model,
    ModuleNote, NamedUnit, Output, Parameter, RandomEffect, Requirement, Route, State, Tag,
};
pub use formula::{BinaryOperation, Formula, Symbol, TrialQuantity, UnaryOperation, select};
pub use loader::{Kind, Loader};
pub use unit::check_unit;
pub use variability::symmetric_matrix;

#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod tests;
