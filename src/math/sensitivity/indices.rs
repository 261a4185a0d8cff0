//! Sobol' indices: the share of the output's variance that an input has alone (first) and with all its interactions (total).
//!
//! Design and estimators of Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola 2010 (Computer Physics Communications
//! 181:259, doi:10.1016/j.cpc.2009.09.018), table 2: two matrices A and B, and for each input A with that column of B. First
//! index by their estimator (b), total index by that of Jansen 1999 (Computer Physics Communications 117:35), (f) there.
//! Rows are those of a scrambled Sobol' sequence of twice as many dimensions as inputs.

use crate::math::design;

/// The two matrices: `[row][input]`, shares inside (0, 1).
#[derive(Debug, Clone, PartialEq)]
pub struct SobolDesign {
    /// A.
    pub a: Vec<Vec<f64>>,
    /// B.
    pub b: Vec<Vec<f64>>,
}

impl SobolDesign {
    /// A row of A with one input of B.
    pub fn mixed(&self, row: usize, input: usize) -> Vec<f64> {
        let mut mixed = self.a[row].clone();
        mixed[input] = self.b[row][input];
        mixed
    }
}

/// The design of `rows` rows; `None` beyond what the sequence has ([`design::sobol`]). More rows begin with fewer.
pub fn sobol_design(rows: usize, inputs: usize, seed: u64) -> Option<SobolDesign> {
    let points = design::sobol(rows, 2 * inputs, seed)?;
    let halves = points.into_iter().map(|mut point| {
        let b = point.split_off(inputs);
        (point, b)
    });
    let (a, b) = halves.unzip();
    Some(SobolDesign { a, b })
}

/// The two indices of one input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// First.
    pub first: f64,
    /// Total.
    pub total: f64,
}

/// Indices of every input from the outputs of A, of B, and of each mixed matrix `[input][row]`, over the chosen rows. `None`
/// where the output does not vary, or for fewer than two rows.
pub fn sobol_indices(a: &[f64], b: &[f64], mixed: &[Vec<f64>], rows: &[usize]) -> Option<Vec<Index>> {
    let n = rows.len() as f64;
    let both = || rows.iter().flat_map(|row| [a[*row], b[*row]]);
    let mean = both().sum::<f64>() / (2.0 * n);
    // Centred outputs: the product in the first index then has a far smaller variance where the mean is large.
    let variance = both().map(|value| (value - mean).powi(2)).sum::<f64>() / (2.0 * n);
    // Of a constant output nothing but rounding is left.
    let rounding = 1e-12 * both().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if rows.len() < 2 || !(variance.is_finite() && variance.sqrt() > rounding) {
        return None;
    }
    let of_input = |mixed: &Vec<f64>| {
        let (mut first, mut total) = (0.0, 0.0);
        for row in rows {
            first += (b[*row] - mean) * (mixed[*row] - a[*row]);
            total += (a[*row] - mixed[*row]).powi(2);
        }
        Index { first: first / n / variance, total: total / (2.0 * n) / variance }
    };
    Some(mixed.iter().map(of_input).collect())
}
