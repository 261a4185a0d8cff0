//! How the points of a sweep compare by several results at once: the front of those that no other dominates, and the search for it.
//!
//! The points are computed and kept by [`crate::sweep`], each with its results on the same resamples of the same virtual patients; here their
//! tables are read (`readings`), the points are placed (`placed`), and a search goes on to its next points and estimates the best
//! again (`search`). Tables: `tables`. Drawn by [`crate::report`]. Prints nothing.

#[cfg(test)]
pub(crate) mod fixture;
mod placed;
mod readings;
mod search;
mod tables;
#[cfg(test)]
mod tests;

pub use placed::{Front, Placed, Status};
pub use readings::{FrontError, Told};
pub use search::{Finals, Found, Optimism, SearchError, Searched, search};
pub use tables::{write, write_search};

use crate::sweep::{Plan, Store};

/// Reads all points of a sweep and places them. `None` for a sweep that compares none.
///
/// # Errors
/// Where a point cannot be read, or points treat different numbers of patients.
pub fn answer(plan: &Plan, store: &Store) -> Result<Option<Front>, FrontError> {
    let Some(asked) = &plan.sweep.objectives else { return Ok(None) };
    let mut readings = Vec::with_capacity(plan.points.len());
    for place in 0..plan.points.len() {
        readings.push(readings::read(plan, store, asked, place)?);
    }
    readings::same_patients(&readings)?;
    let places: Vec<usize> = (0..plan.points.len()).collect();
    Ok(Some(Front::new(plan, asked, &places, &readings)))
}
