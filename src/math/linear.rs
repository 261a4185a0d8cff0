//! Small dense linear algebra.

/// Lower Cholesky factor of a symmetric matrix (row-major, n×n), or `None` if it is not positive definite.
pub fn cholesky(_matrix: &[f64], _n: usize) -> Option<Vec<f64>> {
    todo!()
}
