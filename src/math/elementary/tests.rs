//! Against exact values: sums of two numbers (Dekker 1971; about 100 bits) for millions of arguments, those sums against
//! 200-bit arithmetic (mpmath); against the standard library for special values; and every width against one lane.

use super::super::lane::Lane;
use super::super::processor::{Kernel, Processor};
use super::{exp, ln, ln_1p, pow};
use proptest::prelude::*;

/// Largest errors allowed, in units in the last place.
const EXP_ERROR: f64 = 0.8;
const LN_ERROR: f64 = 0.8;
const POW_ERROR: f64 = 1.5;

/// A number of about 100 bits: a rounded value and the rest.
#[derive(Clone, Copy, Debug)]
struct Double(f64, f64);

const LN_2: Double = Double(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);

fn two_sum(a: f64, b: f64) -> Double {
    let sum = a + b;
    let part = sum - a;
    Double(sum, (a - (sum - part)) + (b - part))
}

impl Double {
    fn plus(self, other: Double) -> Double {
        let sum = two_sum(self.0, other.0);
        let rest = two_sum(self.1, other.1);
        let sum = two_sum(sum.0, sum.1 + rest.0);
        two_sum(sum.0, sum.1 + rest.1)
    }
    fn times(self, other: Double) -> Double {
        let product = self.0 * other.0;
        let rest = self.0.mul_add(other.0, -product);
        two_sum(product, rest + (self.0 * other.1 + self.1 * other.0))
    }
    fn over(self, divisor: f64) -> Double {
        let quotient = self.0 / divisor;
        two_sum(quotient, ((-quotient).mul_add(divisor, self.0) + self.1) / divisor)
    }

    /// eˣ / 2ⁿ and n: Taylor's series of a 256th of the reduced argument, squared eight times.
    fn exp(self) -> (Double, i32) {
        let n = (self.0 / LN_2.0).round();
        let r = self.plus(LN_2.times(Double(-n, 0.0))).over(256.0);
        let mut sum = Double(1.0, 0.0);
        for index in (1..=14).rev() {
            sum = sum.times(r).over(f64::from(index)).plus(Double(1.0, 0.0));
        }
        for _ in 0..8 {
            sum = sum.times(sum);
        }
        (sum, n as i32)
    }

    /// ln x for a normal number: the series near 1, else one step of Newton's method from the rounded logarithm.
    fn ln(x: f64) -> Double {
        let f = x - 1.0;
        if f.abs() < 1e-6 {
            let mut sum = Double(0.0, 0.0);
            for index in (1..=7).rev() {
                let sign = if index % 2 == 1 { 1.0 } else { -1.0 };
                sum = sum.times(Double(f, 0.0)).plus(Double(sign, 0.0).over(f64::from(index)));
            }
            return sum.times(Double(f, 0.0));
        }
        let guess = x.ln();
        let (inverse, n) = Double(-guess, 0.0).exp();
        let scaled = Double(x * 2f64.powi(n / 2) * 2f64.powi(n - n / 2), 0.0);
        let defect = inverse.times(scaled).plus(Double(-1.0, 0.0));
        Double(guess, 0.0).plus(defect).plus(Double(-0.5 * defect.0 * defect.0, 0.0))
    }
}

/// |value − exact| in units in the last place of `exact`.
fn error(value: f64, exact: Double) -> f64 {
    let size = exact.0.abs();
    let unit = f64::from_bits(size.to_bits() + 1) - size;
    // A value just below a power of two is measured by the finer grid it lies on.
    let unit = if exact.1 * exact.0 < 0.0 && size.to_bits() << 12 == 0 { 0.5 * unit } else { unit };
    ((value - exact.0) - exact.1).abs() / unit
}

/// Error of eˣ for x in two parts, where the result is normal.
fn exp_error(value: f64, x: Double) -> f64 {
    let (exact, n) = x.exp();
    error(value * 2f64.powi(-(n / 2)) * 2f64.powi(-(n - n / 2)), exact)
}

/// Numbers between 0 and 1 that fill them evenly (Weyl's sequence of the golden section).
fn even(count: u32) -> impl Iterator<Item = f64> {
    (1..=count).map(|index| (f64::from(index) * 0.618_033_988_749_894_9).fract())
}

#[test]
fn the_reference_itself_is_exact() {
    // mpmath, 200 bits: rounded value and the rest.
    let (value, n) = Double(10.3, 0.0).exp();
    let scale = 2f64.powi(n);
    let exact = Double(29_732.618_852_891_435, -4.339_603_073_650_391_4e-13);
    assert!((value.0 * scale - exact.0).abs() < 1e-11);
    let rest = (value.0 * scale - exact.0) + value.1 * scale;
    assert!((rest - exact.1).abs() < 1e-23, "{rest:e} for {:e}", exact.1);
    let value = Double::ln(3.7);
    assert!((value.0 - 1.308_332_819_650_179).abs() < 1e-15);
    let rest = (value.0 - 1.308_332_819_650_179) + value.1;
    assert!((rest + 8.256_475_934_401_426e-17).abs() < 1e-29, "{rest:e}");
}

#[test]
fn exp_is_within_a_unit() {
    let mut worst: f64 = 0.0;
    for share in even(400_000) {
        for x in [(share - 0.5) * 1416.0, (share - 0.5) * 4.0, (share - 0.5) * 1e-3] {
            worst = worst.max(exp_error(exp(x), Double(x, 0.0)));
        }
    }
    assert!(worst < EXP_ERROR, "{worst}");
}

#[test]
fn ln_is_within_a_unit() {
    let mut worst: f64 = 0.0;
    for share in even(400_000) {
        for x in [1e300_f64.powf(share * 2.0 - 1.0), 0.5 + share, 1.0 + (share - 0.5) * 1e-5] {
            worst = worst.max(error(ln(x), Double::ln(x)));
        }
    }
    assert!(worst < LN_ERROR, "{worst}");
}

#[test]
fn pow_is_within_a_unit_and_a_half_over_its_whole_range() {
    let mut worst: f64 = 0.0;
    for (place, share) in even(400_000).enumerate() {
        let a = 10f64.powf((share * 1e3).fract() * 40.0 - 20.0);
        let largest = [3.0, 700.0 / a.ln().abs()][place % 2];
        let b = (share - 0.5) * 2.0 * largest.min(1e15);
        let exact = Double::ln(a).times(Double(b, 0.0));
        if exact.0.abs() < 700.0 {
            worst = worst.max(exp_error(pow(a, b), exact));
        }
    }
    assert!(worst < POW_ERROR, "{worst}");
}

#[test]
fn special_values_are_those_of_the_standard() {
    let same =
        |ours: f64, theirs: f64| ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan();
    let near = |ours: f64, theirs: f64| {
        same(ours, theirs) || (ours.to_bits().abs_diff(theirs.to_bits()) <= 1 && theirs.is_finite())
    };
    let least = f64::from_bits(1);
    let special = [
        0.0,
        0.25,
        0.5,
        1.0,
        1.5,
        2.0,
        3.0,
        7.0,
        708.5,
        709.8,
        744.0,
        745.2,
        746.5,
        1e10,
        9_007_199_254_740_991.0,
        9_007_199_254_740_992.0,
        4_503_599_627_370_497.0,
        1e300,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        least,
        f64::MIN_POSITIVE,
        1e-310,
        1e-20,
        f64::EPSILON,
    ];
    let special: Vec<f64> = special.iter().flat_map(|&x| [x, -x]).collect();
    for &x in &special {
        assert!(near(exp(x), x.exp()), "exp {x}: {} for {}", exp(x), x.exp());
        assert!(near(ln(x), x.ln()), "ln {x}: {} for {}", ln(x), x.ln());
        for &y in &special {
            assert!(near(pow(x, y), x.powf(y)), "{x}^{y}: {} for {}", pow(x, y), x.powf(y));
        }
    }
    for x in [exp(0.0), exp(-0.0), pow(3.0, 0.0), pow(1.0, 17.3)] {
        assert_eq!(x, 1.0);
    }
    assert!(same(ln(1.0), 0.0) && same(pow(10.0, 3.0), 1000.0) && same(pow(2.0, -1074.0), least));
}

/// All three functions over slices, register by register.
struct All<'a> {
    a: &'a [f64],
    b: &'a [f64],
    results: &'a mut [Vec<f64>; 3],
}

impl Kernel for All<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        for start in (0..self.a.len()).step_by(L::WIDTH) {
            let (a, b) = (L::load(token, &self.a[start..]), L::load(token, &self.b[start..]));
            for (result, value) in self.results.iter_mut().zip([exp(a), ln(a), pow(a, b)]) {
                value.store(&mut result[start..]);
            }
        }
    }
}

proptest! {
    #[test]
    fn every_width_gives_the_same_bits(bits in proptest::collection::vec(any::<(u64, u64, bool)>(), 64)) {
        // Any bits at all, and numbers of ordinary size.
        let number = |bits: u64, any: bool| {
            if any { f64::from_bits(bits) } else { (bits as f64 / 2f64.powi(63) - 0.3) * 20.0 }
        };
        let a: Vec<f64> = bits.iter().map(|&(a, _, any)| number(a, any)).collect();
        let b: Vec<f64> = bits.iter().map(|&(_, b, any)| number(b, any)).collect();
        for processor in Processor::kinds() {
            let mut results = [vec![0.0; 64], vec![0.0; 64], vec![0.0; 64]];
            processor.run(All { a: &a, b: &b, results: &mut results });
            for (lane, (&a, &b)) in a.iter().zip(&b).enumerate() {
                for (result, single) in results.iter().zip([exp(a), ln(a), pow(a, b)]) {
                    let same = result[lane].to_bits() == single.to_bits() || result[lane].is_nan() && single.is_nan();
                    prop_assert!(same, "{processor:?}: {a:e}, {b:e}: {:e} for {single:e}", result[lane]);
                }
            }
        }
    }
}

#[test]
fn ln_1p_keeps_what_one_plus_x_rounds_away() {
    for x in [0.0, 1e-300, 1e-17, 3e-9, 0.0144, 0.09, 0.5, 1.0, 40.0, 1e20] {
        let expected: f64 = f64::ln_1p(x);
        assert!((ln_1p(x) - expected).abs() <= 4.0 * f64::EPSILON * expected, "{x:e}: {:e}", ln_1p(x));
    }
    assert_eq!(ln_1p(f64::INFINITY), f64::INFINITY);
}
