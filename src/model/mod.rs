//! What a model file says: covariates, parameters, random effects, equations, states, doses, outputs; composed from
//! modules, names and cycles and units checked, flattened to one [`Model`] in coherent units.
//!
//! Knows no dosing schedule, no patient, no numerics.

mod check;
mod compose;
mod declarations;
mod declare;
mod definition;
mod divisor;
mod formula;
mod functions;
mod items;
mod order;
mod read;
mod resolve;
mod scope;
mod unit;
mod variability;

pub use check::{Checked, Names, check_condition, check_expression};
pub use compose::{check_module, load};
pub use declare::DEFAULT_ABSOLUTE_TOLERANCE;
pub use definition::{
    Control, Correlation, Covariate, Destination, Equation, Error, Hazard, Model, ModuleNote, NamedUnit,
    Output, Parameter, RandomEffect, Requirement, Route, State, Tag,
};
pub use formula::{BinaryOperation, Formula, Symbol, TrialQuantity, UnaryOperation, select};
pub use unit::check_unit;

/// Where the texts of models, modules, populations and libraries come from; the command line hands one down.
pub trait Loader {
    /// Finds the text called `name` (`pk/lenalidomide`, `cll-relapsed`, `rules/cll-hold`, `./my.toml`) of a kind.
    ///
    /// `beside` is the display name of the file that asked, so that relative paths work.
    /// Returns the name to show and the text. Errors are sentences for the user: where was looked, what is there.
    fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String>;
}

/// What is being looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A model or module file under `models/`.
    Model,
    /// A population file under `models/populations/`, or a CSV of covariates.
    Population,
    /// A library of signals, rules and endpoints under `models/`.
    Library,
    /// A scenario under `scenarios/`.
    Scenario,
}

#[cfg(test)]
mod tests;
