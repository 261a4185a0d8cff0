//! A sweep on a cluster under Slurm: an array job whose tasks are shards, and a job after it that merges them.
//!
//! How many shards there are follows from the timed sample (`size`); the two scripts are written into the folder of the sweep
//! (`script`), what was submitted is kept beside them (`ledger`), and a campaign looks at what Slurm says of it (`task`) and at
//! what lies in the folders, and submits again what failed (`campaign`, `last`). A shard is complete when its folder says so, whatever
//! became of its task: accounts of past jobs are kept by few clusters, and for minutes.
//!
//! Every shard has a folder of its own. That one folder is filled by many processes rests on locks of the operating system,
//! and these are unreliable on the network file systems that clusters share.
//!
//! Starts no program and prints nothing: Slurm is reached through a [`Scheduler`] that is handed down.

mod campaign;
mod last;
mod ledger;
mod script;
mod size;
mod status;
mod task;
#[cfg(test)]
mod tests;

pub use campaign::{Campaign, ranges, take_shards_away};
pub use script::{Job, OptionError, SlurmOption};
pub use size::{Size, shards};
pub use status::{Begun, Event, Patience, SlurmError, Status};
pub use task::{Scheduler, State, Task, tasks};
