//! Estimates with their intervals, tests, quantiles.
//!
//! Every function says what it does with an empty or tiny sample; none returns NaN for finite values. Knows nothing of
//! endpoints or arms.

mod crossed;
mod interval;
mod moments;
mod number_needed;
mod proportion;
mod quantile;
mod significance;
mod win_ratio;

pub use crossed::{Crossed, crossed};
pub use interval::{Interval, normal_deviate};
pub use moments::{geometric, mean_sd, median_absolute_deviation, paired_mean_difference};
pub use number_needed::number_needed;
pub use proportion::{clopper_pearson, paired_risk_difference, wilson, wilson_of_share};
pub use quantile::{QuantileType, median, quantile, quantile_of_type};
pub use significance::ChiSquareTest;
pub use win_ratio::{WinRatio, matched_win_ratio, win_ratio};
