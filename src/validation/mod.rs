//! Published trials beside their simulations: what an outcomes file says, what the scenarios predict of it, and how well.
//!
//! An outcomes file names trials, the scenarios that describe their arms, and what they reported (`definition`, `read`). Every
//! outcome says which endpoint of the scenario answers it (`question`); the scenarios are simulated once for all of them
//! (`predict`), as often as a calibration asks with other parameters, or for each member of an ensemble of them (`ensemble`).
//! What was simulated becomes the distribution of what a trial of that size would report (`predictive`), with what trials of
//! one setting differ (`between`); the published counts are scored against it (`score`, `scoreboard`).
//!
//! It stands above [`crate::trial`] and beside [`crate::sweep`], below [`crate::report`], which shows the scoreboard. Prints
//! nothing.

mod between;
mod definition;
mod ensemble;
mod kind;
mod predict;
mod prediction;
mod predictive;
mod question;
mod read;
mod score;
mod scoreboard;
#[cfg(test)]
mod tests;

pub use between::{PRIOR_SCALE, between_trial_sds};
pub use definition::{
    Kind, Moment, Observed, Outcome, Outcomes, Place, PublishedArm, PublishedTrial, Question,
};
pub use ensemble::{Ensemble, read_ensemble};
pub use predict::{PredictionError, Predictor};
pub use prediction::{ArmAnswers, FailedCourses, Prediction, Predictions};
pub use predictive::{MedianSpread, Replicates, counts, medians};
pub use question::{Answer, pools_periods};
pub use read::read;
pub use score::{Constant, Scored, ScoredMedian, Verdict, constant, median, score};
pub use scoreboard::{Scoreboard, Totals, Unanswered};
