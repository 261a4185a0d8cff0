//! The real Schur form of matrices of order 2 and 3 whose eigenvalues are real: an orthogonal basis in which the matrix is lower
//! triangular.
//!
//! The last basis vector is an eigenvector, and the rest is the same again one order lower (deflation; Golub and Van Loan
//! 2013, section 7.1). Plain arithmetic and square roots only: the same bits on every machine.

/// Discriminants that rounding alone may have made negative count as 0, relative to the squares that they are made of.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
/// Iterations after which Laguerre's method has long converged (it is cubic).
const ITERATIONS: usize = 40;

/// Basis vectors (orthonormal, each a row here) of a 2×2 matrix given by rows; `None` if its eigenvalues are not real.
pub fn two([[a, b], [c, d]]: [[f64; 2]; 2]) -> Option<[[f64; 2]; 2]> {
    let (half, product) = (0.5 * (a - d), b * c);
    let discriminant = half.mul_add(half, product);
    if discriminant < -ROUNDING * half.mul_add(half, product.abs()) {
        return None;
    }
    // The eigenvalue nearer to d is d − shift, with shift free of cancellation.
    let root = discriminant.max(0.0).sqrt();
    let shift = product / if half < 0.0 { half - root } else { half + root };
    let shift = if product == 0.0 { 0.0 } else { shift };
    // (A − (d − shift)) v = 0.
    let candidates = [[b, -(2.0 * half + shift)], [-shift, c]];
    let size = |v: [f64; 2]| v[0] * v[0] + v[1] * v[1];
    let best = if size(candidates[0]) >= size(candidates[1]) { candidates[0] } else { candidates[1] };
    let length = size(best).sqrt();
    let last = if length > 0.0 { [best[0] / length, best[1] / length] } else { [0.0, 1.0] };
    Some([[last[1], -last[0]], last])
}

/// Basis vectors of a 3×3 matrix given by rows; `None` if its eigenvalues are not real.
pub fn three(a: [[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let value = lowest(&a);
    let shifted: [[f64; 3]; 3] =
        std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] - if i == j { value } else { 0.0 }));
    // Orthogonal to two rows at least: the longest of the products.
    let products =
        [cross(shifted[0], shifted[1]), cross(shifted[0], shifted[2]), cross(shifted[1], shifted[2])];
    let longest =
        products.into_iter().fold([0.0; 3], |best, v| if dot(v, v) > dot(best, best) { v } else { best });
    let last = if dot(longest, longest) > 0.0 { scaled(longest) } else { orthogonal(shifted) };
    // Any two that complete the basis.
    let least = (0..3).fold(0, |least, i| if last[i].abs() < last[least].abs() { i } else { least });
    let mut axis = [0.0; 3];
    axis[least] = 1.0;
    let first = scaled(cross(axis, last));
    let second = cross(last, first);
    let apply = |v: [f64; 3]| -> [f64; 3] { std::array::from_fn(|i| dot(a[i], v)) };
    let (of_first, of_second) = (apply(first), apply(second));
    let rest =
        [[dot(first, of_first), dot(first, of_second)], [dot(second, of_first), dot(second, of_second)]];
    let turned =
        two(rest)?.map(|[x, y]| -> [f64; 3] { std::array::from_fn(|i| x * first[i] + y * second[i]) });
    Some([turned[0], turned[1], last])
}

/// The lowest eigenvalue by Laguerre's method from below all (Wilkinson 1965, section 7.36), if all are real.
fn lowest(a: &[[f64; 3]; 3]) -> f64 {
    let minor = |i: usize, j: usize| a[i][i] * a[j][j] - a[i][j] * a[j][i];
    let trace = a[0][0] + a[1][1] + a[2][2];
    let minors = minor(0, 1) + minor(0, 2) + minor(1, 2);
    let determinant = dot(a[0], cross(a[1], a[2]));
    // x³ − trace x² + minors x − determinant
    let bound = (0..3).map(|i| a[i][i] - (0..3).filter(|j| *j != i).map(|j| a[i][j].abs()).sum::<f64>());
    let mut x = bound.fold(f64::INFINITY, f64::min);
    for _ in 0..ITERATIONS {
        let p = ((x - trace) * x + minors) * x - determinant;
        let slope = (3.0 * x - 2.0 * trace) * x + minors;
        let bend = 6.0 * x - 2.0 * trace;
        if p >= 0.0 || slope <= 0.0 {
            break;
        }
        let root = (4.0 * slope * slope - 6.0 * p * bend).max(0.0).sqrt();
        let next = x - 3.0 * p / (slope + root);
        if next <= x {
            break;
        }
        x = next;
    }
    x
}

/// A unit vector orthogonal to the rows of a matrix of rank 1 at most.
fn orthogonal(rows: [[f64; 3]; 3]) -> [f64; 3] {
    let longest =
        rows.into_iter().fold([0.0; 3], |best, v| if dot(v, v) > dot(best, best) { v } else { best });
    let least = (0..3).fold(0, |least, i| if longest[i].abs() < longest[least].abs() { i } else { least });
    let mut axis = [0.0; 3];
    axis[least] = 1.0;
    if dot(longest, longest) > 0.0 { scaled(cross(axis, longest)) } else { axis }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn scaled(v: [f64; 3]) -> [f64; 3] {
    let length = dot(v, v).sqrt();
    v.map(|value| value / length)
}
