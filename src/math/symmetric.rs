//! Eigenvalues of small symmetric matrices, and their square roots.
//!
//! Jacobi's method (Golub and Van Loan 2013, algorithm 8.5.2): plain arithmetic and square roots, the same bits on every machine.

/// Sweeps over all pairs, after which the method has long converged (it is quadratic).
const SWEEPS: usize = 30;

/// Eigenvalues of a symmetric matrix (row-major, n×n), and its eigenvectors, each a row.
pub fn eigen(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut vectors = vec![0.0; n * n];
    for k in 0..n {
        vectors[k * n + k] = 1.0;
    }
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                turned |= rotate(&mut a, &mut vectors, n, p, q);
            }
        }
        if !turned {
            break;
        }
    }
    ((0..n).map(|k| a[k * n + k]).collect(), vectors)
}

/// Turns the plane of one pair so that their element vanishes; false where it is nothing beside the diagonal.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) -> bool {
    let off = a[p * n + q];
    let size = (a[p * n + p] * a[q * n + q]).abs().sqrt();
    if off.abs() <= f64::EPSILON * 0.25 * size || off == 0.0 {
        return false;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
        let (x, y) = (vectors[p * n + k], vectors[q * n + k]);
        (vectors[p * n + k], vectors[q * n + k]) = (c * x - s * y, s * x + c * y);
    }
    true
}

/// The symmetric square root of a symmetric matrix (row-major, n×n) without negative eigenvalues; those that rounding made
/// negative count as 0.
pub fn square_root(matrix: &[f64], n: usize) -> Vec<f64> {
    let (values, vectors) = eigen(matrix, n);
    let mut root = vec![0.0; n * n];
    for (k, value) in values.iter().enumerate() {
        let size = value.max(0.0).sqrt();
        for row in 0..n {
            for column in 0..n {
                root[row * n + column] += size * vectors[k * n + row] * vectors[k * n + column];
            }
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second differences: eigenvalues 2 − 2 cos(kπ/(n + 1)).
    fn differences(n: usize) -> Vec<f64> {
        let element = |at: usize| match (at / n).abs_diff(at % n) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        (0..n * n).map(element).collect()
    }

    #[test]
    fn the_eigenvalues_of_second_differences_are_known() {
        let n = 12;
        let (mut values, vectors) = eigen(&differences(n), n);
        let matrix = differences(n);
        for (k, value) in values.iter().enumerate() {
            for row in 0..n {
                let product: f64 =
                    (0..n).map(|column| matrix[row * n + column] * vectors[k * n + column]).sum();
                assert!((product - value * vectors[k * n + row]).abs() < 1e-13);
            }
        }
        values.sort_by(f64::total_cmp);
        for (k, value) in values.iter().enumerate() {
            let expected = 2.0 - 2.0 * ((k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64).cos();
            assert!((value - expected).abs() < 1e-13, "{value}, not {expected}");
        }
    }

    #[test]
    fn a_root_times_itself_is_the_matrix() {
        let n = 7;
        let matrix = differences(n);
        let root = square_root(&matrix, n);
        for row in 0..n {
            for column in 0..n {
                let product: f64 = (0..n).map(|k| root[row * n + k] * root[k * n + column]).sum();
                assert!((product - matrix[row * n + column]).abs() < 1e-13);
                assert!((root[row * n + column] - root[column * n + row]).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn one_number_and_none_are_matrices_too() {
        assert_eq!(eigen(&[4.0], 1), (vec![4.0], vec![1.0]));
        assert_eq!(square_root(&[4.0], 1), [2.0]);
        assert!(square_root(&[], 0).is_empty());
    }
}
