//! Small dense linear algebra: what drawing correlated random effects and stepping implicitly need, and no more.

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

/// Decomposes a square matrix (row-major, n×n) in place into L and U with row exchanges (Golub and Van Loan 2013, algorithm
/// 3.4.1); `pivots[k]` is the row that came to place k. False if it is singular, or holds what is not finite.
pub fn decompose(matrix: &mut [f64], pivots: &mut [usize]) -> bool {
    let n = pivots.len();
    for k in 0..n {
        let size = |row: usize| matrix[row * n + k].abs();
        let pivot = (k + 1..n).fold(k, |best, row| if size(row) > size(best) { row } else { best });
        let largest = size(pivot);
        if !(largest > 0.0 && largest.is_finite()) {
            return false;
        }
        pivots[k] = pivot;
        if pivot != k {
            for column in 0..n {
                matrix.swap(k * n + column, pivot * n + column);
            }
        }
        let (above, below) = matrix.split_at_mut((k + 1) * n);
        let upper = &above[k * n..];
        for row in below.chunks_exact_mut(n) {
            if row[k] != 0.0 {
                row[k] /= upper[k];
                let factor = row[k];
                for (value, upper) in row[k + 1..].iter_mut().zip(&upper[k + 1..n]) {
                    *value -= factor * upper;
                }
            }
        }
    }
    true
}

/// Solves a system whose matrix was [decomposed](decompose): the right-hand side becomes the solution.
pub fn solve(matrix: &[f64], pivots: &[usize], values: &mut [f64]) {
    let n = pivots.len();
    for (k, &pivot) in pivots.iter().enumerate() {
        values.swap(k, pivot);
    }
    for row in 1..n {
        let (known, rest) = values.split_at_mut(row);
        let lower = &matrix[row * n..row * n + row];
        rest[0] -= lower.iter().zip(known.iter()).map(|(factor, value)| factor * value).sum::<f64>();
    }
    for row in (0..n).rev() {
        let (rest, known) = values.split_at_mut(row + 1);
        let upper = &matrix[row * n..(row + 1) * n];
        let sum: f64 = upper[row + 1..].iter().zip(known.iter()).map(|(factor, value)| factor * value).sum();
        rest[row] = (rest[row] - sum) / upper[row];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_with_row_exchanges_is_solved() {
        // Zero in the first place; the solution is 1, −2, 3, 4.
        let matrix = [0.0, 2.0, 1.0, -1.0, 4.0, 1.0, 0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 3.0, -1.0, 2.0, 5.0];
        let solution = [1.0, -2.0, 3.0, 4.0];
        let mut values: Vec<f64> =
            matrix.chunks(4).map(|row| row.iter().zip(solution).map(|(a, x)| a * x).sum()).collect();
        let (mut factors, mut pivots) = (matrix, [0; 4]);
        assert!(decompose(&mut factors, &mut pivots));
        solve(&factors, &pivots, &mut values);
        for (value, expected) in values.iter().zip(solution) {
            assert!((value - expected).abs() < 1e-13, "{value} for {expected}");
        }
    }

    #[test]
    fn a_singular_matrix_is_said_to_be_one() {
        assert!(!decompose(&mut [1.0, 2.0, 2.0, 4.0], &mut [0; 2]));
        assert!(!decompose(&mut [f64::NAN, 2.0, 2.0, 4.0], &mut [0; 2]));
        assert!(!decompose(&mut [f64::INFINITY], &mut [0]));
    }

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
