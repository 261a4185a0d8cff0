//! Covariates of a regression: checked, and brought to one scale.

use crate::math::statistics::mean_sd;
use std::fmt;

/// What is wrong with covariates; covariates and rows count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CovariateError {
    /// Columns differ in length from the follow-up, or there are none where there must be.
    Shape,
    /// A covariate is not finite in a row: (covariate, row).
    NoNumber(usize, usize),
    /// A covariate is constant, or a combination of those before it, among those at risk together.
    Collinear(usize),
}

impl fmt::Display for CovariateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => write!(out, "covariates and follow-up do not have the same number of rows"),
            Self::NoNumber(covariate, row) => {
                write!(out, "row {}: covariate {} is not a finite number", row + 1, covariate + 1)
            }
            Self::Collinear(covariate) => write!(
                out,
                "covariate {} is constant or follows from those before it; leave it out",
                covariate + 1
            ),
        }
    }
}

impl std::error::Error for CovariateError {}

/// Mean and standard deviation of a covariate: inside a regression, covariates have mean 0 and standard deviation 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standard {
    pub mean: f64,
    pub sd: f64,
}

/// The scales of columns of `n` values each.
pub(super) fn scales(columns: &[Vec<f64>], n: usize) -> Result<Vec<Standard>, CovariateError> {
    columns.iter().enumerate().map(|(index, column)| scale(index, column, n)).collect()
}

fn scale(index: usize, column: &[f64], n: usize) -> Result<Standard, CovariateError> {
    if let Some(row) = column.iter().position(|value| !value.is_finite()) {
        return Err(CovariateError::NoNumber(index, row));
    }
    let (mean, sd) = mean_sd(column).filter(|_| column.len() == n).ok_or(CovariateError::Shape)?;
    // Rounding of the mean alone gives a constant column some spread.
    let largest = column.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if sd.is_finite() && sd > 1e-13 * largest {
        Ok(Standard { mean, sd })
    } else {
        Err(CovariateError::Collinear(index))
    }
}

/// The covariates of a row on that scale.
pub(super) fn standardised(columns: &[Vec<f64>], scales: &[Standard], row: usize) -> Vec<f64> {
    columns.iter().zip(scales).map(|(column, scale)| (column[row] - scale.mean) / scale.sd).collect()
}
