//! Mathematics that knows nothing of the rest: random streams, distributions, linear algebra, statistics.

pub mod aligned;
pub mod binomial;
pub mod correlation;
pub mod design;
pub mod distribution;
pub mod elementary;
pub mod erlang;
pub mod histogram;
pub mod lane;
pub mod linear;
pub mod maximum;
pub mod modes;
pub mod noncompartmental;
pub mod pareto;
pub mod processor;
pub mod random;
mod schur;
pub mod sensitivity;
pub mod statistics;
pub mod survival;
pub mod symmetric;
pub mod tipping;
pub mod twice;
