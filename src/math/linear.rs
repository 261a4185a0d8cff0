//! Small dense linear algebra: what drawing correlated random effects needs, and no more.

/// Lower Cholesky factor of a symmetric matrix (row-major, n×n), or `None` if it is not positive definite.
///
/// Only the lower triangle is read; the upper triangle of the factor is zero. A pivot below n·ε of its diagonal element
/// counts as zero: such a matrix is singular to working precision (Higham 2002, section 10.3).
pub fn cholesky(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    debug_assert_eq!(matrix.len(), n * n);
    let mut factor = vec![0.0; n * n];
    for row in 0..n {
        for column in 0..=row {
            let mut value = matrix[row * n + column];
            for k in 0..column {
                value -= factor[row * n + k] * factor[column * n + k];
            }
            if column < row {
                factor[row * n + column] = value / factor[column * n + column];
            } else {
                let smallest = n as f64 * f64::EPSILON * matrix[row * n + row];
                if !(value > smallest && value.is_finite()) {
                    return None;
                }
                factor[row * n + row] = value.sqrt();
            }
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_of_a_known_matrix() {
        // Textbook example with an integer factor.
        let matrix = [4.0, 12.0, -16.0, 12.0, 37.0, -43.0, -16.0, -43.0, 98.0];
        let factor = [2.0, 0.0, 0.0, 6.0, 1.0, 0.0, -8.0, 5.0, 3.0];
        assert_eq!(cholesky(&matrix, 3).as_deref(), Some(factor.as_slice()));
    }

    #[test]
    fn factor_times_its_transpose_is_the_matrix() {
        let n = 8; // Hilbert matrix: condition number 1.5e10, still positive definite.
        let matrix: Vec<f64> = (0..n * n).map(|at| 1.0 / ((at / n + at % n + 1) as f64)).collect();
        let factor = cholesky(&matrix, n).unwrap();
        for row in 0..n {
            for column in 0..n {
                let product: f64 = (0..n).map(|k| factor[row * n + k] * factor[column * n + k]).sum();
                assert!((product - matrix[row * n + column]).abs() <= 4.0 * f64::EPSILON);
            }
        }
    }

    #[test]
    fn refuses_what_is_not_positive_definite() {
        assert_eq!(cholesky(&[1.0, 2.0, 2.0, 1.0], 2), None);
        assert_eq!(cholesky(&[1.0, 1.0, 1.0, 1.0], 2), None);
        assert_eq!(cholesky(&[0.0], 1), None);
        assert_eq!(cholesky(&[f64::NAN], 1), None);
        assert_eq!(cholesky(&[], 0), Some(vec![]));
    }
}
