//! Every scenario of this package read and run with few patients, and three trials of the calibration run with enough
//! patients to be recognised.

mod shelf;
mod trials;
mod what_they_show;
