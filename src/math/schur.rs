//! The real Schur form of matrices of order 2 and 3 whose eigenvalues are real: an orthogonal basis in which the matrix is lower
//! triangular.
//!
//! The last basis vector is an eigenvector, and the rest is the same again one order lower (deflation; Golub and Van Loan
//! 2013, section 7.1). Plain arithmetic and square roots only: the same bits on every machine.

/// Discriminants that rounding alone may have made negative count as 0, relative to the squares that they are made of.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
/// Rotations of each pair, after which Jacobi's method has long converged (it is quadratic).
const SWEEPS: usize = 12;

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

/// Basis vectors of a 3×3 matrix given by rows, whose off-diagonal elements form no ring (one pair of places at least is 0 both
/// ways); `None` if its eigenvalues are not real.
///
/// The symmetric matrix with the roots of the products aᵢⱼaⱼᵢ in place of both has the same characteristic polynomial, and
/// its eigenvalues are known to rounding also where three fall together. A vector that a matrix less its
/// eigenvalue turns into next to nothing then exists, in the whole and in what is left of it, however skew the matrix.
pub fn three(a: [[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let mut symmetric = a;
    for i in 0..3 {
        for j in 0..i {
            let product = a[i][j] * a[j][i];
            if product < 0.0 {
                return None;
            }
            (symmetric[i][j], symmetric[j][i]) = (product.sqrt(), product.sqrt());
        }
    }
    let [lowest, next, _] = eigenvalues(symmetric);
    let shifted =
        std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] - if i == j { lowest } else { 0.0 }));
    let last = annihilated(shifted);
    // Any two that complete the basis.
    let first = scaled(cross(axis(last), last));
    let second = cross(last, first);
    let apply = |v: [f64; 3]| -> [f64; 3] { std::array::from_fn(|i| dot(a[i], v)) };
    let (of_first, of_second) = (apply(first), apply(second));
    let rows = [
        [dot(first, of_first) - next, dot(first, of_second)],
        [dot(second, of_first), dot(second, of_second) - next],
    ];
    let size = |row: [f64; 2]| row[0] * row[0] + row[1] * row[1];
    let row = if size(rows[0]) >= size(rows[1]) { rows[0] } else { rows[1] };
    let length = size(row).sqrt();
    let [x, y] = if length > 0.0 { [-row[1] / length, row[0] / length] } else { [0.0, 1.0] };
    let combine = |x: f64, y: f64| -> [f64; 3] { std::array::from_fn(|i| x * first[i] + y * second[i]) };
    Some([combine(y, -x), combine(x, y), last])
}

/// Eigenvalues of a symmetric 3×3 matrix in ascending order, by Jacobi's rotations (Golub and Van Loan 2013, section 8.5).
fn eigenvalues(mut a: [[f64; 3]; 3]) -> [f64; 3] {
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] == 0.0 {
                continue;
            }
            let half = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let t = if half.is_infinite() {
                0.0
            } else {
                half.signum() / (half.abs() + (half * half + 1.0).sqrt())
            };
            let c = 1.0 / (t * t + 1.0).sqrt();
            let s = t * c;
            let other = 3 - p - q;
            let (up, uq) = (a[p][other], a[q][other]);
            a[p][p] -= t * a[p][q];
            a[q][q] += t * a[p][q];
            (a[p][q], a[q][p]) = (0.0, 0.0);
            (a[p][other], a[q][other]) = (c * up - s * uq, s * up + c * uq);
            (a[other][p], a[other][q]) = (a[p][other], a[q][other]);
        }
    }
    let mut values = [a[0][0], a[1][1], a[2][2]];
    values.sort_by(f64::total_cmp);
    values
}

/// A unit vector orthogonal to the rows of a matrix of rank 2 at most, up to rounding of the rows: the longest row is taken
/// out of the others, and what is left longest is the second to be orthogonal to.
fn annihilated(rows: [[f64; 3]; 3]) -> [f64; 3] {
    let longest = |rows: [[f64; 3]; 3]| {
        rows.into_iter().fold([0.0; 3], |best, row| if dot(row, row) > dot(best, best) { row } else { best })
    };
    let first = longest(rows);
    if dot(first, first) == 0.0 {
        return [0.0, 0.0, 1.0];
    }
    let first = scaled(first);
    let rest = longest(rows.map(|row| {
        let share = dot(row, first);
        std::array::from_fn(|i| row[i] - share * first[i])
    }));
    // What rounding left has no direction of its own; any other will do then.
    let noise = ROUNDING * longest(rows).iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let second =
        if dot(rest, rest).sqrt() > noise { scaled(rest) } else { scaled(cross(axis(first), first)) };
    scaled(cross(first, second))
}

/// The axis least along a vector.
fn axis(v: [f64; 3]) -> [f64; 3] {
    let least = (0..3).fold(0, |least, i| if v[i].abs() < v[least].abs() { i } else { least });
    std::array::from_fn(|i| if i == least { 1.0 } else { 0.0 })
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
