//! Exponential, logarithm and power of our own.
//!
//! The functions of the standard library are those of the system's C library: they differ from one system to the next
//! in the last bit, which a trajectory of thousands of steps makes visible, and they take one number at a time.
//! These are written over [`Lane`]: the same bits on every processor and at every width.
//!
//! Error against exact values, in units in the last place of normal results (measured over a million arguments in the
//! tests): exp and ln below 0.8, pow below 1.5 (below 0.9 for results between e⁻³⁰⁰ and e³⁰⁰). A subnormal result of exp
//! and pow is rounded once more. Special values (zeros, infinities, not-a-numbers, negative bases) are those of IEEE
//! 754 and the standard library.

use super::lane::Lane;

/// 1/ln 2
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2 rounded, and what that leaves out: a product with an integer is exact enough by fused multiply-add.
const LN_2: [f64; 2] = [std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17];
/// ln 2 to 42 bits, so that its product with an exponent is exact, and the rest.
const LN_2_SHORT: [f64; 2] = [f64::from_bits(0x3fe6_2e42_fefa_3800), 5.497_923_018_708_371e-14];
/// 2/3 and what its rounding leaves out.
const TWO_THIRDS: [f64; 2] = [2.0 / 3.0, 3.700_743_415_417_188e-17];
/// 1.5·2⁵²: a number of less than 51 bits added to it is rounded to an integer.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Numbers from here on are integers.
const ALL_INTEGERS: f64 = 4_503_599_627_370_496.0;
/// e to these powers is ∞ and 0 for certain.
const LARGEST: f64 = 710.0;
const SMALLEST: f64 = -746.0;
/// e to a smaller power, of either sign, is neither subnormal nor infinite.
const NO_SUBNORMAL: f64 = 708.0;

/// (eʳ − 1 − r)/r² for |r| ≤ ln 2/2: interpolated at Chebyshev nodes in 200 bits; relative error of eʳ below 2⁻⁶¹.
const EXPONENTIAL: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_7,
    0.041_666_666_666_666_67,
    0.008_333_333_333_326_136,
    0.001_388_888_888_888_374_8,
    0.000_198_412_698_748_206_27,
    2.480_158_732_554_774_3e-5,
    2.755_725_540_020_642_2e-6,
    2.755_727_364_311_03e-7,
    2.510_521_700_472_074_5e-8,
    2.091_468_696_808_687_6e-9,
];
/// (2 atanh s − 2s − ⅔s³)/s⁵ as a function of s², |s| ≤ (√2 − 1)/(√2 + 1): in the same way; relative error of the
/// logarithm below 2⁻⁶⁶.
const LOGARITHM: [f64; 8] = [
    0.4,
    0.285_714_285_714_293_64,
    0.222_222_222_216_558_85,
    0.181_818_183_353_928_02,
    0.153_845_949_625_184_3,
    0.133_348_046_938_473_1,
    0.117_062_363_394_912_06,
    0.117_231_786_238_765_18,
];

/// eˣ
#[inline(always)]
pub fn exp<L: Lane>(x: L) -> L {
    let (token, none) = (x.token(), x.constant(0.0));
    if L::all(token, x.abs().less(x.constant(NO_SUBNORMAL))) {
        return exp_within(x, none);
    }
    exp_of_sum(x, none)
}

/// The natural logarithm.
#[inline(always)]
pub fn ln<L: Lane>(x: L) -> L {
    if all_normal(x) {
        return ln_of_normal(x).0;
    }
    let zero = x.constant(0.0);
    let finite = L::choose(x.less(x.constant(f64::INFINITY)), ln_in_two(x).0, x);
    let positive = L::choose(x.equal(zero), x.constant(f64::NEG_INFINITY), finite);
    L::choose(x.less(zero), x.constant(f64::NAN), positive)
}

/// ln(1 + x) for x ≥ 0, also where 1 + x rounds most of x away: the error of the sum 1 + x is that of its distance from 1,
/// which the quotient takes out again (Goldberg 1991, ACM Comput. Surv. 23:5, theorem 4).
pub fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    if sum == 1.0 || sum == f64::INFINITY { x } else { ln(sum) * (x / (sum - 1.0)) }
}

/// aᵇ: e to the b ln|a|, the logarithm and the product in twice the precision, with the sign of an odd power.
#[inline(always)]
pub fn pow<L: Lane>(a: L, b: L) -> L {
    if all_normal(a) {
        let (logarithm, rest) = ln_of_normal(a);
        let product = b * logarithm;
        if L::all(a.token(), product.abs().less(a.constant(NO_SUBNORMAL))) {
            return exp_within(product, rest.mul_add(b, b.mul_add(logarithm, -product)));
        }
    }
    pow_of_any(a, b)
}

/// Whether all lanes are positive, finite and not subnormal: then the functions are short. They do the same operations
/// that decide the result in the general case.
#[inline(always)]
fn all_normal<L: Lane>(x: L) -> bool {
    let token = x.token();
    let (from, to) = (x.constant(f64::MIN_POSITIVE), x.constant(f64::INFINITY));
    L::all(token, L::and(token, from.less_equal(x), x.less(to)))
}

/// [`pow`] for zeros, infinities, negative and subnormal bases and results out of range too.
#[inline(always)]
fn pow_of_any<L: Lane>(a: L, b: L) -> L {
    let token = a.token();
    let (zero, one, infinity) = (a.constant(0.0), a.constant(1.0), a.constant(f64::INFINITY));
    let size = a.abs();
    let (logarithm, rest) = ln_in_two(size);
    let logarithm = L::choose(size.less(infinity), logarithm, size);
    let logarithm = L::choose(size.equal(zero), -infinity, logarithm);
    let product = b * logarithm;
    let lost = rest.mul_add(b, b.mul_add(logarithm, -product));
    // Beyond the range, and for infinite factors, what was lost does not count and may be no number.
    let within = product.abs().less(a.constant(-SMALLEST));
    let power = exp_of_sum(product, L::choose(within, lost, zero));
    let power = L::choose(size.equal(one), one, power);

    let (integer, odd) = parity(b);
    let power = L::choose(L::and(token, a.signed(), odd), -power, power);
    let no_power = L::choose(integer, power, a.constant(f64::NAN));
    let power = L::choose(L::and(token, a.less(zero), (-infinity).less(a)), no_power, power);
    L::choose(L::or(token, b.equal(zero), a.equal(one)), one, power)
}

/// Whether b is an integer, and whether it is an odd one. Infinities count as even integers.
#[inline(always)]
fn parity<L: Lane>(b: L) -> (L::Mask, L::Mask) {
    let token = b.token();
    let all = b.constant(ALL_INTEGERS);
    // Added to 2⁵² a smaller number is rounded to an integer.
    let rounded = |x: L| L::choose(x.less(all), (x + all) - all, x);
    let size = b.abs();
    let half = size * b.constant(0.5);
    let integer = rounded(size).equal(size);
    // Not an integer: the half differs from its rounding by a half.
    let off = (rounded(half) - half).abs().equal(b.constant(0.5));
    (integer, L::and(token, integer, off))
}

/// e to the power x + rest, |rest| ≪ |x|.
#[inline(always)]
fn exp_of_sum<L: Lane>(x: L, rest: L) -> L {
    let constant = |value| x.constant(value);
    let x = L::choose(constant(LARGEST).less(x), constant(LARGEST), x);
    let x = L::choose(x.less(constant(SMALLEST)), constant(SMALLEST), x);
    let (n, power) = exp_reduced(x, rest);
    // The power of two in two factors, since 2ⁿ itself may be out of range.
    let rounder = constant(ROUNDER);
    let half = n.mul_add(constant(0.5), rounder) - rounder;
    power * half.power_of_two() * (n - half).power_of_two()
}

/// [`exp_of_sum`] for |x| < [`NO_SUBNORMAL`], to the same bits.
#[inline(always)]
fn exp_within<L: Lane>(x: L, rest: L) -> L {
    let (n, power) = exp_reduced(x, rest);
    power * n.power_of_two()
}

/// n and eʳ with e to the power x + rest = 2ⁿ eʳ, |r| ≤ ln 2/2.
#[inline(always)]
fn exp_reduced<L: Lane>(x: L, rest: L) -> (L, L) {
    let constant = |value| x.constant(value);
    let rounder = constant(ROUNDER);
    let n = x.mul_add(constant(LOG2_E), rounder) - rounder;
    let (high, low) = (n.mul_add(constant(-LN_2[0]), x), n.mul_add(constant(-LN_2[1]), rest));
    let (r, r_rest) = add(high, low);
    let (sum, lost) = add(constant(1.0), r);
    (n, sum + (r * r).mul_add(polynomial(r, &EXPONENTIAL), lost + r_rest))
}

/// The logarithm of a positive number, as a rounded value and a correction; together about 65 bits.
#[inline(always)]
fn ln_in_two<L: Lane>(x: L) -> (L, L) {
    let constant = |value| x.constant(value);
    let subnormal = x.less(constant(f64::MIN_POSITIVE));
    let (m, e) = L::choose(subnormal, x * constant(f64::from_bits(0x4350_0000_0000_0000)), x).split();
    ln_of_parts(m, e - L::choose(subnormal, constant(54.0), constant(0.0)))
}

/// [`ln_in_two`] for a normal number, to the same bits.
#[inline(always)]
fn ln_of_normal<L: Lane>(x: L) -> (L, L) {
    let (m, e) = x.split();
    ln_of_parts(m, e)
}

/// The logarithm of m·2ᵉ with √½ ≤ m < √2.
///
/// ln m = 2 atanh s = 2s + ⅔s³ + …, s = (m − 1)/(m + 1): the first two terms and e ln 2 in twice the precision, the rest is
/// a thousandth at most.
#[inline(always)]
fn ln_of_parts<L: Lane>(m: L, e: L) -> (L, L) {
    let constant = |value| m.constant(value);
    let one = constant(1.0);
    let (difference, sum) = (m - one, m + one);
    let sum_rest = m - (sum - one);
    let inverse = one / sum;
    let s = difference * inverse;
    let remainder = (-s).mul_add(sum_rest, (-s).mul_add(sum, difference));
    let s_rest = remainder * inverse;

    let square = s * s;
    let square_rest = (s + s).mul_add(s_rest, s.mul_add(s, -square));
    let cube = s * square;
    let cube_rest = s_rest.mul_add(square, s.mul_add(square_rest, s.mul_add(square, -cube)));
    let (two_thirds, two_thirds_rest) = (constant(TWO_THIRDS[0]), constant(TWO_THIRDS[1]));
    let second = two_thirds * cube;
    let second_rest =
        two_thirds_rest.mul_add(cube, two_thirds.mul_add(cube_rest, two_thirds.mul_add(cube, -second)));
    let tail = cube * square * polynomial(square, &LOGARITHM);

    let (ln_2, ln_2_rest) = (constant(LN_2_SHORT[0]), constant(LN_2_SHORT[1]));
    // Each summand is smaller than the sum before it, so that what rounding loses is found by subtraction (Dekker 1971).
    let (high, lost) = add(e * ln_2, s + s);
    let (high, lost_too) = add(high, second);
    let small = e.mul_add(ln_2_rest, (s_rest + s_rest) + second_rest) + tail;
    add(high, (lost + lost_too) + small)
}

/// a + b and what rounding loses, for |a| ≥ |b| or a = 0.
#[inline(always)]
fn add<L: Lane>(a: L, b: L) -> (L, L) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// Even and odd powers side by side, so that the chain of dependent operations is half as long.
#[inline(always)]
fn polynomial<L: Lane, const N: usize>(x: L, coefficients: &[f64; N]) -> L {
    let square = x * x;
    let series = |first: usize| {
        let last = first + (N - 1 - first) / 2 * 2;
        let mut sum = x.constant(coefficients[last]);
        let mut index = last;
        while index > first {
            index -= 2;
            sum = sum.mul_add(square, x.constant(coefficients[index]));
        }
        sum
    };
    series(1).mul_add(x, series(0))
}

#[cfg(test)]
mod tests;
