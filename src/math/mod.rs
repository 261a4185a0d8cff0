//! Mathematics that knows nothing of the rest: random streams, distributions, linear algebra, statistics.

pub mod correlation;
pub mod distribution;
pub mod erlang;
pub mod linear;
pub mod random;
pub mod statistics;
pub mod survival;
