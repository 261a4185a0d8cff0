//! One lane or many: the arithmetic that numerical kernels are written in, once.
//!
//! A kernel written over [`Lane`] runs for one patient with `f64`, and for 2, 4 or 8 side by side with the registers of the
//! processor at hand ([`super::processor`]). Every operation is the correctly rounded one of IEEE 754 or an exact one on
//! bits, and each kernel states its own order of operations: a lane therefore gets the same bits at any width, on
//! any instruction set. A processor without a fused multiply-add computes it in software, slowly, to the same bits. The
//! one thing left open is which not-a-number comes out of an invalid operation.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Exponents are split at √½ and not at 1, so that the logarithm of numbers near 1 needs no subtraction: the bits of √½.
pub(super) const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
/// Added to the bits of a number, makes those of √½·2ᵉ ≤ x < √2·2ᵉ carry over to the exponent field e + 1023.
pub(super) const TO_EXPONENT: u64 = 0x3ff0_0000_0000_0000 - ROOT_HALF;
/// The fraction field of a number's bits.
pub(super) const FRACTION: u64 = 0x000f_ffff_ffff_ffff;
/// 2¹² + 1023: added to an integer n, puts n + 1023 twelve places below the exponent field.
pub(super) const TO_POWER: f64 = 5119.0;

/// A number or a register of numbers.
pub trait Lane:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Numbers in a register.
    const WIDTH: usize;
    /// Proof that the processor has these registers.
    type Token: Copy;
    /// A truth value per number.
    type Mask: Copy;

    /// The same value in all lanes.
    fn splat(token: Self::Token, value: f64) -> Self;
    /// The proof held by this value.
    fn token(self) -> Self::Token;
    /// The first [`Lane::WIDTH`] numbers of a slice (which has as many).
    fn load(token: Self::Token, from: &[f64]) -> Self;
    /// Writes the lanes to the first [`Lane::WIDTH`] places of a slice.
    fn store(self, to: &mut [f64]);

    /// self · factor + summand, rounded once.
    fn mul_add(self, factor: Self, summand: Self) -> Self;
    /// √x
    fn sqrt(self) -> Self;
    /// |x|
    fn abs(self) -> Self;

    /// self < other
    fn less(self, other: Self) -> Self::Mask;
    /// self ≤ other
    fn less_equal(self, other: Self) -> Self::Mask;
    /// self = other
    fn equal(self, other: Self) -> Self::Mask;
    /// The sign bit is set (−0 included).
    fn signed(self) -> Self::Mask;
    /// Both.
    fn and(token: Self::Token, a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// Either.
    fn or(token: Self::Token, a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// Whether the mask is true in all lanes.
    fn all(token: Self::Token, mask: Self::Mask) -> bool;
    /// Lane by lane, `yes` where the mask is true, else `no`.
    fn choose(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// 2ⁿ for an integer −1022 ≤ n ≤ 1023; anything for other arguments.
    fn power_of_two(self) -> Self;
    /// m and e with x = m·2ᵉ and √½ ≤ m < √2 for a normal x > 0; anything for other arguments.
    fn split(self) -> (Self, Self);

    /// The same value in all lanes, for constants beside a variable.
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self::splat(self.token(), value)
    }
}

impl Lane for f64 {
    const WIDTH: usize = 1;
    type Token = ();
    type Mask = bool;

    #[inline(always)]
    fn splat((): (), value: f64) -> f64 {
        value
    }
    #[inline(always)]
    fn token(self) {}
    #[inline(always)]
    fn load((): (), from: &[f64]) -> f64 {
        from[0]
    }
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        to[0] = self;
    }
    #[inline(always)]
    fn mul_add(self, factor: f64, summand: f64) -> f64 {
        f64::mul_add(self, factor, summand)
    }
    #[inline(always)]
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> f64 {
        f64::abs(self)
    }
    #[inline(always)]
    fn less(self, other: f64) -> bool {
        self < other
    }
    #[inline(always)]
    fn less_equal(self, other: f64) -> bool {
        self <= other
    }
    #[inline(always)]
    fn equal(self, other: f64) -> bool {
        self == other
    }
    #[inline(always)]
    fn signed(self) -> bool {
        self.is_sign_negative()
    }
    #[inline(always)]
    fn and((): (), a: bool, b: bool) -> bool {
        a & b
    }
    #[inline(always)]
    fn or((): (), a: bool, b: bool) -> bool {
        a | b
    }
    #[inline(always)]
    fn all((): (), mask: bool) -> bool {
        mask
    }
    #[inline(always)]
    fn choose(mask: bool, yes: f64, no: f64) -> f64 {
        if mask { yes } else { no }
    }
    #[inline(always)]
    fn power_of_two(self) -> f64 {
        f64::from_bits((self + TO_POWER).to_bits() << 12)
    }
    #[inline(always)]
    fn split(self) -> (f64, f64) {
        let shifted = self.to_bits().wrapping_add(TO_EXPONENT);
        let fraction = f64::from_bits((shifted & FRACTION) + ROOT_HALF);
        (fraction, (shifted >> 52) as f64 - 1023.0)
    }
}
