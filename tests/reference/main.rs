//! The models of this package against trajectories that other programs computed, and against facts of the drug.
//!
//! Equations are read from `models/` by the checker, compiled, and integrated by the explicit method with everything
//! integrated (no transit chain in closed form) at relative tolerance 1e-10, absolute 1e-12: far below the tolerance of the
//! comparison, so that a difference is one of equations, not of integration.

mod chronic_lymphocytic_leukemia;
mod follow;
mod neutropenia;
mod pharmacokinetics;
mod shelf;
