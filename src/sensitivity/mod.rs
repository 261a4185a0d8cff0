//! What the points of a sensitivity analysis or of a search for tipping points tell together.
//!
//! The points are computed and kept by [`crate::sweep`]; here their tables are read (`readings`), the estimators of
//! [`crate::math`] are applied (`one_at_a_time`, `screening`, `shares`), and a search goes on to its next points (`search`). Every number
//! comes with two errors where there are two: that of few rows of the design, and that of few virtual patients, who are the same at
//! every point. Tables: `tables`. Drawn by [`crate::report`]. Prints nothing.

mod answer;
mod one_at_a_time;
mod readings;
mod screening;
mod search;
mod shares;
mod tables;

pub use answer::{
    Answer, AnswerError, Bar, Curve, End, Indices, Screened, ScreenedInput, Shared, Told, Tornado,
};
pub use readings::Reading;
pub use search::{SearchError, Searched, search};
pub use tables::{file_names, write};

use crate::sweep::{Method, Plan, Question, Store};

/// Reads all points of a sensitivity analysis. `None` for a sweep that asks for none.
///
/// # Errors
/// Where a point has no value, holds courses that failed, or cannot be read; where a result does not vary.
pub fn answer(plan: &Plan, store: &Store) -> Result<Option<Answer>, AnswerError> {
    let Question::Sensitivity(asked) = &plan.sweep.question else { return Ok(None) };
    let readings = readings::read(plan, store)?;
    let sizes = crate::trial::group_sizes(plan.sweep.patients);
    let parts = asked.targets.iter().zip(&readings);
    let found = match &asked.method {
        Method::OneAtATime => Answer::Tornados(
            parts
                .map(|(target, of)| one_at_a_time::tornado(&plan.sweep, asked, target, of, &sizes))
                .collect(),
        ),
        Method::Morris { walks } => Answer::Screenings(
            parts.map(|(target, of)| screening::screened(asked, walks, target, of, &sizes)).collect(),
        ),
        Method::Sobol { rows } => Answer::Indices(
            parts
                .map(|(target, of)| shares::indices(asked, *rows, target, of, &sizes))
                .collect::<Result<_, _>>()?,
        ),
    };
    Ok(Some(found))
}
