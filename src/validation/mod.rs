//! Published trials beside their simulations: what an outcomes file says, and what the scenarios predict of it.
//!
//! An outcomes file names trials, the scenarios that describe their arms, and what they reported (`definition`, `read`). Every
//! outcome says which endpoint of the scenario answers it (`question`); the scenarios are simulated once for all of them
//! (`predict`), as often as a calibration asks with other parameters. `between` tells how much trials of one setting differ.
//!
//! It stands above [`crate::trial`], and beside [`crate::report`] and [`crate::sweep`]. Prints nothing.

mod between;
mod definition;
mod predict;
mod prediction;
mod question;
mod read;
#[cfg(test)]
mod tests;

pub use between::{PRIOR_SCALE, between_trial_sd};
pub use definition::{Kind, Observed, Outcome, Outcomes, Place, PublishedArm, PublishedTrial, Question};
pub use predict::{PredictionError, Predictor};
pub use prediction::{ArmAnswers, Prediction};
pub use question::Answer;
pub use read::read;
