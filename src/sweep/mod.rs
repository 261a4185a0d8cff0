//! Sweeps: one scenario at many points, resumable, on all cores and on many machines.
//!
//! A sweep file names axes over keys of a scenario (`read`, `axis`, `template`, `design`); their product, filtered, is the list of
//! points (`definition`). Each point is one trial, and its results are one small table, named by the hash of all that
//! determines them (`plan`); the tables lie in a folder that any number of processes may fill (`store`, `run`) and that can be
//! split into shards and put together again (`merge`), on a cluster too ([`slurm`]).
//!
//! A sweep may ask more (`question`): how sensitive results are to inputs (`sensitivity`), or where they cross a margin (`tipping`).
//! Then its points are those of a method, and each keeps its results with groups of patients left out, too; what they tell together is
//! read by [`crate::sensitivity`].
//!
//! Or how its points compare by several results at once (`objective`), and which further points to try (`search`, over a `space` made of the
//! axes); read by [`crate::front`].
//! What its page looks at (`view`) is read back from the tables (`results`) and ranked by an expression (`score`, `ranking`).
//!
//! It stands above [`crate::trial`], which draws and writes nothing, and beside [`crate::report`]. Prints nothing.

mod asked;
mod axis;
mod definition;
mod design;
mod filter;
mod headers;
mod index;
mod input;
mod keys;
mod level;
mod manifest;
mod merge;
mod objective;
mod partition;
mod parts;
mod plan;
mod question;
mod ranking;
mod read;
mod results;
mod run;
mod sample;
mod score;
mod search;
mod sensitivity;
pub mod slurm;
mod snapshot;
mod source;
mod space;
mod stages;
mod store;
mod targets;
mod template;
#[cfg(test)]
mod tests;
mod tipping;
mod view;
mod whole;

pub use definition::{AxisColumn, Cell, Point, Sweep};
pub use manifest::numeric_class;
pub use merge::{MergeError, Merged, merge};
pub use objective::{Condition, Objective, Objectives};
pub use partition::{LEFT_OUT, RESAMPLE};
pub use plan::{Plan, Planned, Shard};
pub use question::{Input, Method, Question, Sensitivity, Tipping};
pub use ranking::{Basis, Behind, Ranked, Ranking, normal_limit};
pub use read::{check_values, read};
pub use results::{Outcome, Reading, Results};
pub use run::{PointError, Ran, RunError, SweepProgress, Work, run};
pub use sample::{Forecast, forecast};
pub use score::Score;
pub use search::{Again, Search};
pub use snapshot::Snapshot;
pub use stages::{StageError, Stages};
pub use store::{Store, StoreError};
pub use view::{View, ViewColumn};
