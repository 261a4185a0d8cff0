//! The explicit Runge-Kutta pair of Tsitouras, order 5(4), with its free interpolant of order 4.
//!
//! Source of every number: Ch. Tsitouras, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption, Computers & Mathematics with Applications 62 (2011) 770-775, as printed with the author's published
//! 16 digits. The tests verify the order conditions, which no misprint would survive. Only coefficients; when and how far to
//! step is decided elsewhere.

/// Stages of one step; the last is the first of the next step (FSAL).
pub const STAGES: usize = 7;
/// Order of the solution that is carried on.
pub const ORDER: f64 = 5.0;

/// Where |R(−z)| = 1: the method is stable for real eigenvalues −λ with λh below this (from its own coefficients).
pub const STABILITY: f64 = 3.506_85;

/// Nodes c₂ … c₆ (c₁ = 0, c₇ = 1).
pub const NODES: [f64; 5] = [0.161, 0.327, 0.9, 0.980_025_540_904_509_7, 1.0];

/// Second row of the coefficients a.
pub const STAGE_2: [f64; 1] = [0.161];
/// Third row.
pub const STAGE_3: [f64; 2] = [-0.008_480_655_492_356_989, 0.335_480_655_492_357];
/// Fourth row.
pub const STAGE_4: [f64; 3] = [2.897_153_057_105_493_5, -6.359_448_489_975_075, 4.362_295_432_869_581_5];
/// Fifth row.
pub const STAGE_5: [f64; 4] =
    [5.325_864_828_439_257, -11.748_883_564_062_828, 7.495_539_342_889_836_5, -0.092_495_066_361_755_25];
/// Sixth row.
pub const STAGE_6: [f64; 5] = [
    5.861_455_442_946_42,
    -12.920_969_317_847_11,
    8.159_367_898_576_159,
    -0.071_584_973_281_401,
    -0.028_269_050_394_068_383,
];
/// Weights b of the solution of order 5; also the seventh row.
pub const SOLUTION: [f64; 6] = [
    0.096_460_766_818_065_23,
    0.01,
    0.479_889_650_414_499_6,
    1.379_008_574_103_742,
    -3.290_069_515_436_081,
    2.324_710_524_099_774,
];
/// b − b̂: weights of the difference to the embedded solution of order 4.
pub const ERROR: [f64; STAGES] = [
    -0.001_780_011_052_225_777,
    -0.000_816_434_459_656_746_9,
    0.007_880_878_010_261_995,
    -0.144_711_007_173_262_9,
    0.582_357_165_452_555_2,
    -0.458_082_105_929_186_97,
    1.0 / 66.0,
];

/// Interpolant: bᵢ(θ) = θ (r₁ + r₂θ + r₃θ² + r₄θ³), rows i = 1 … 7, columns r₁ … r₄ (the paper's products multiplied
/// out).
const INTERPOLANT: [[f64; 4]; STAGES] = [
    [1.0, -2.763_706_197_274_826, 2.913_255_461_821_912_6, -1.053_088_497_729_021_6],
    [0.0, 0.1317, -0.2234, 0.1017],
    [0.0, 3.930_296_236_894_751_6, -5.941_033_872_131_505, 2.490_627_285_651_253],
    [0.0, -12.411_077_166_933_676, 30.338_188_630_282_32, -16.548_102_889_244_902],
    [0.0, 37.509_313_416_511_04, -88.178_904_894_766_4, 47.379_521_962_819_28],
    [0.0, -27.896_526_289_197_286, 65.091_894_674_793_66, -34.870_657_861_496_61],
    [0.0, 1.5, -4.0, 2.5],
];

/// Weights bᵢ(θ) of the interpolant, 0 ≤ θ ≤ 1.
pub fn interpolation_weights(theta: f64) -> [f64; STAGES] {
    INTERPOLANT.map(|[r1, r2, r3, r4]| theta * (r1 + theta * (r2 + theta * (r3 + theta * r4))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published digits are 16: a condition is a sum of products of numbers up to 12 in size.
    const TOLERANCE: f64 = 2e-14;

    fn matrix() -> [[f64; STAGES]; STAGES] {
        let mut a = [[0.0; STAGES]; STAGES];
        let rows: [&[f64]; 6] = [&STAGE_2, &STAGE_3, &STAGE_4, &STAGE_5, &STAGE_6, &SOLUTION];
        for (row, coefficients) in a[1..].iter_mut().zip(rows) {
            row[..coefficients.len()].copy_from_slice(coefficients);
        }
        a
    }

    /// R(z) = 1 + z bᵀ(I − zA)⁻¹1, with stage values k = 1 + z A k of y' = λy.
    fn amplification(z: f64) -> f64 {
        let (a, mut k) = (matrix(), [0.0; STAGES]);
        for stage in 0..STAGES {
            k[stage] = 1.0 + z * (0..stage).map(|earlier| a[stage][earlier] * k[earlier]).sum::<f64>();
        }
        k[STAGES - 1]
    }

    #[test]
    fn the_stability_bound_is_where_the_amplification_is_one() {
        assert!(amplification(-STABILITY).abs() < 1.0 + 1e-4);
        assert!(amplification(-STABILITY - 1e-4).abs() > 1.0);
        assert!((1..350).all(|hundredth| amplification(-0.01 * f64::from(hundredth)).abs() < 1.0));
    }

    fn nodes() -> [f64; STAGES] {
        let mut c = [0.0; STAGES];
        c[1..6].copy_from_slice(&NODES);
        c[6] = 1.0;
        c
    }

    /// A times a vector, and the product element by element.
    fn apply(v: [f64; STAGES]) -> [f64; STAGES] {
        matrix().map(|row| row.iter().zip(v).map(|(a, v)| a * v).sum())
    }

    fn times(u: [f64; STAGES], v: [f64; STAGES]) -> [f64; STAGES] {
        std::array::from_fn(|i| u[i] * v[i])
    }

    /// The rooted trees up to order 5 (Hairer, Nørsett and Wanner 1993, Table II.2.2): order, density γ, and the vector
    /// whose inner product with b must be 1/γ.
    fn trees() -> Vec<(i32, f64, [f64; STAGES])> {
        let (one, c) = ([1.0; STAGES], nodes());
        let (c2, ac) = (times(c, c), apply(c));
        let (c3, ac2, aac) = (times(c2, c), apply(c2), apply(ac));
        vec![
            (1, 1.0, one),
            (2, 2.0, c),
            (3, 3.0, c2),
            (3, 6.0, ac),
            (4, 4.0, c3),
            (4, 8.0, times(c, ac)),
            (4, 12.0, ac2),
            (4, 24.0, aac),
            (5, 5.0, times(c2, c2)),
            (5, 10.0, times(c2, ac)),
            (5, 15.0, times(c, ac2)),
            (5, 20.0, times(ac, ac)),
            (5, 20.0, apply(c3)),
            (5, 30.0, times(c, aac)),
            (5, 40.0, apply(times(c, ac))),
            (5, 60.0, apply(ac2)),
            (5, 120.0, apply(aac)),
        ]
    }

    fn inner(b: [f64; STAGES], v: [f64; STAGES]) -> f64 {
        b.iter().zip(v).map(|(b, v)| b * v).sum()
    }

    #[test]
    fn rows_sum_to_the_nodes() {
        for (sum, node) in apply([1.0; STAGES]).into_iter().zip(nodes()) {
            assert!((sum - node).abs() < TOLERANCE);
        }
    }

    #[test]
    fn solution_has_order_five_and_its_companion_four() {
        let b = matrix()[6];
        let companion = std::array::from_fn(|i| b[i] - ERROR[i]);
        let mut companion_defect: f64 = 0.0;
        for (order, density, tree) in trees() {
            assert!((inner(b, tree) - 1.0 / density).abs() < TOLERANCE, "order {order}, density {density}");
            let defect = (inner(companion, tree) - 1.0 / density).abs();
            if order < 5 {
                assert!(defect < TOLERANCE, "companion, order {order}, density {density}");
            } else {
                companion_defect = companion_defect.max(defect);
            }
        }
        assert!(companion_defect > 1e-5, "an error estimate that is zero estimates nothing");
    }

    #[test]
    fn interpolant_has_order_four_everywhere_and_ends_in_the_solution() {
        for theta in [0.0, 0.1, 0.25, 0.5, 0.77, 1.0] {
            for (order, density, tree) in trees().into_iter().filter(|(order, ..)| *order < 5) {
                let expected = f64::powi(theta, order) / density;
                let defect = (inner(interpolation_weights(theta), tree) - expected).abs();
                assert!(defect < 10.0 * TOLERANCE, "θ = {theta}, order {order}: {defect}");
            }
        }
        for (weight, b) in interpolation_weights(1.0).into_iter().zip(matrix()[6]) {
            assert!((weight - b).abs() < 10.0 * TOLERANCE);
        }
    }
}
