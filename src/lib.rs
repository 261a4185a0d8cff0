//! `regimen`: a PK/PD population simulator for pharmacologists.
//!
//! The way the data takes, floor by floor (each room imports only rooms above it in this list):
//!
//! 1. [`diagnostic`], [`units`], [`math`], [`table`]: spans and messages; dimensions; random streams and statistics; CSV and Parquet.
//! 2. [`document`], [`expression`], [`solver`]: TOML with positions; the equation language; ODE methods.
//! 3. [`model`]: what a model file says, checked and flattened, units erased.
//! 4. [`scenario`]: what a scenario file says; [`dataset`]: what a table of records says; [`program`]: equations turned
//!    into operations.
//! 5. [`population`]: covariates and random effects, one virtual patient at a time.
//! 6. [`simulation`]: one patient in one arm, from the first dose to the end of follow-up; or one subject of a table.
//! 7. [`endpoint`]: what is read off a trajectory.
//! 8. [`trial`]: arms side by side on the same patients; estimates, comparisons, Monte Carlo error. [`prediction`]: tables of
//!    records, subject by subject.
//! 9. [`sweep`]: one scenario at many points, resumable; [`sensitivity`], [`front`]: what they tell together, searches over them.
//!    [`validation`]: published trials beside their simulations; [`calibration`], above all of them: parameters fitted to them.
//! 10. [`report`]: figures, tables, the page.
//! 11. [`cli`]: arguments, progress, messages; the only room that prints.

pub mod calibration;
pub mod cli;
pub mod dataset;
pub mod diagnostic;
pub mod document;
pub mod endpoint;
pub mod expression;
pub mod front;
pub mod lint;
pub mod math;
pub mod model;
pub mod population;
pub mod prediction;
pub mod program;
pub mod report;
pub mod scenario;
pub mod sensitivity;
pub mod simulation;
pub mod solver;
pub mod sweep;
pub mod table;
pub mod trial;
pub mod units;
pub mod validation;
