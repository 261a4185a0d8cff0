//! Trajectories of a small model against closed forms, against each other, and against the rules they follow.

mod closed;
mod decisions;
mod ensemble;
mod fixture;
mod flagship;
mod measurement;
mod numerics;
mod protocol;
mod replay;
mod stiff;
mod treatment;
