//! The implicit method: published stiff problems, its order, what stops do to its steps, and where derivatives are
//! infinite.

mod edges;
mod linear;
mod order;
mod problem;
mod published;
mod stops;
