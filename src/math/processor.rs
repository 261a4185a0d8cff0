//! The widest registers of the processor at hand, chosen when the program runs: one binary for all.
//!
//! AVX-512 and AVX2 with FMA on x86-64, NEON on ARM; elsewhere, and on older processors, one number at a time.
//! The unsafe part of this, calling code that was compiled for more than the least processor, is in the crate pulp.

use super::lane::{FRACTION, Lane, ROOT_HALF, TO_EXPONENT, TO_POWER};
use pulp::{Arch, Simd, WithSimd, bytemuck};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Work written once for any width.
pub trait Kernel {
    /// What it gives.
    type Output;
    /// Does it. To be marked `#[inline(always)]`, like all that it calls: what is not inlined is compiled for the
    /// least processor, where each fused multiply-add is a call.
    fn run<L: Lane>(self, token: L::Token) -> Self::Output;
}

/// A processor's registers.
#[derive(Debug, Clone, Copy)]
pub struct Processor(Arch);

impl Processor {
    /// The processor at hand.
    pub fn detect() -> Self {
        Processor(Arch::new())
    }

    /// Every kind of register that the processor at hand has, the narrowest first: for tests, which find the same bits
    /// with all of them, and for benchmarks.
    pub fn kinds() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let kinds = [
            Some(Arch::Scalar),
            pulp::x86::V3::try_new().map(Arch::V3),
            pulp::x86::V4::try_new().map(Arch::V4),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let kinds = [Some(Arch::new())];
        kinds.into_iter().flatten().map(Processor).collect()
    }

    /// The instruction set, as its makers call it; "scalar" where numbers are worked one at a time.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Arch::V4(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Arch::V3(_) => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Arch::Neon(_) => "NEON",
            _ => "scalar",
        }
    }

    /// Numbers in one of the widest registers.
    pub fn width(self) -> usize {
        self.run(Width)
    }

    /// Runs a kernel with the widest registers.
    #[inline(always)]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        self.0.dispatch(Wide(kernel))
    }

    /// Runs a kernel one number at a time, but with all the instructions that the processor has.
    #[inline(always)]
    pub fn run_single<K: Kernel>(self, kernel: K) -> K::Output {
        self.0.dispatch(Single(kernel))
    }
}

/// Asks for the width of the registers.
struct Width;

impl Kernel for Width {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lane>(self, _token: L::Token) -> usize {
        L::WIDTH
    }
}

struct Wide<K>(K);

impl<K: Kernel> WithSimd for Wide<K> {
    type Output = K::Output;
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> K::Output {
        // Pulp's scalar registers are of 32 bits where ours are of 64.
        if S::IS_SCALAR { self.0.run::<f64>(()) } else { self.0.run::<Vector<S>>(simd) }
    }
}

struct Single<K>(K);

impl<K: Kernel> WithSimd for Single<K> {
    type Output = K::Output;
    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> K::Output {
        self.0.run::<f64>(())
    }
}

/// A register of an instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Vector<S: Simd> {
    simd: S,
    value: S::f64s,
}

/// Truth values beside a [`Vector`].
#[derive(Debug, Clone, Copy)]
pub struct VectorMask<S: Simd> {
    simd: S,
    value: S::m64s,
}

impl<S: Simd> Vector<S> {
    #[inline(always)]
    fn with(self, value: S::f64s) -> Self {
        Vector { simd: self.simd, value }
    }
    #[inline(always)]
    fn mask(self, value: S::m64s) -> VectorMask<S> {
        VectorMask { simd: self.simd, value }
    }
    /// Shifts within the halves of 32 bits, which is all that AVX2 and pulp offer: `left` or right.
    #[inline(always)]
    fn shift(self, bits: S::u64s, places: u32, left: bool) -> S::u64s {
        let halves: S::u32s = bytemuck::cast(bits);
        let places = self.simd.splat_u32s(places);
        bytemuck::cast(if left {
            self.simd.wrapping_dyn_shl_u32s(halves, places)
        } else {
            self.simd.wrapping_dyn_shr_u32s(halves, places)
        })
    }
}

impl<S: Simd> Add for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(self.simd.add_f64s(self.value, other.value))
    }
}

impl<S: Simd> Sub for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(self.simd.sub_f64s(self.value, other.value))
    }
}

impl<S: Simd> Mul for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(self.simd.mul_f64s(self.value, other.value))
    }
}

impl<S: Simd> Div for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.with(self.simd.div_f64s(self.value, other.value))
    }
}

impl<S: Simd> Neg for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.with(self.simd.neg_f64s(self.value))
    }
}

impl<S: Simd> Lane for Vector<S> {
    const WIDTH: usize = S::F64_LANES;
    type Token = S;
    type Mask = VectorMask<S>;

    #[inline(always)]
    fn splat(token: S, value: f64) -> Self {
        Vector { simd: token, value: token.splat_f64s(value) }
    }
    #[inline(always)]
    fn token(self) -> S {
        self.simd
    }
    #[inline(always)]
    fn load(token: S, from: &[f64]) -> Self {
        Vector { simd: token, value: S::as_simd_f64s(from).0[0] }
    }
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        S::as_mut_simd_f64s(to).0[0] = self.value;
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        self.with(self.simd.mul_add_f64s(self.value, factor.value, summand.value))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.with(self.simd.sqrt_f64s(self.value))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.with(self.simd.abs_f64s(self.value))
    }
    #[inline(always)]
    fn less(self, other: Self) -> VectorMask<S> {
        self.mask(self.simd.less_than_f64s(self.value, other.value))
    }
    #[inline(always)]
    fn less_equal(self, other: Self) -> VectorMask<S> {
        self.mask(self.simd.less_than_or_equal_f64s(self.value, other.value))
    }
    #[inline(always)]
    fn equal(self, other: Self) -> VectorMask<S> {
        self.mask(self.simd.equal_f64s(self.value, other.value))
    }
    #[inline(always)]
    fn signed(self) -> VectorMask<S> {
        let simd = self.simd;
        self.mask(simd.less_than_i64s(bytemuck::cast(self.value), simd.splat_i64s(0)))
    }
    #[inline(always)]
    fn and(token: S, a: VectorMask<S>, b: VectorMask<S>) -> VectorMask<S> {
        VectorMask { simd: token, value: token.and_m64s(a.value, b.value) }
    }
    #[inline(always)]
    fn or(token: S, a: VectorMask<S>, b: VectorMask<S>) -> VectorMask<S> {
        VectorMask { simd: token, value: token.or_m64s(a.value, b.value) }
    }
    #[inline(always)]
    fn all(token: S, mask: VectorMask<S>) -> bool {
        // Pulp finds the first true of a mask, and has no negation for all.
        let (zero, one) = (Self::splat(token, 0.0), Self::splat(token, 1.0));
        let missing = zero.less(Self::choose(mask, zero, one));
        token.first_true_m64s(missing.value) >= Self::WIDTH
    }
    #[inline(always)]
    fn choose(mask: VectorMask<S>, yes: Self, no: Self) -> Self {
        yes.with(mask.simd.select_f64s(mask.value, yes.value, no.value))
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let sum = self + self.constant(TO_POWER);
        self.with(bytemuck::cast(self.shift(bytemuck::cast(sum.value), 12, true)))
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let simd = self.simd;
        let shifted = simd.add_u64s(bytemuck::cast(self.value), simd.splat_u64s(TO_EXPONENT));
        let fraction = simd.and_u64s(shifted, simd.splat_u64s(FRACTION));
        let fraction = simd.add_u64s(fraction, simd.splat_u64s(ROOT_HALF));
        // The exponent field moves down within the upper half, where it counts units of 2²⁰.
        let upper = simd.and_u64s(shifted, simd.splat_u64s(0xffff_ffff_0000_0000));
        let unit = f64::from(1 << 20);
        let exponent = simd.or_u64s(self.shift(upper, 20, false), simd.splat_u64s(unit.to_bits()));
        let exponent = self.with(bytemuck::cast(exponent)) - self.constant(unit + 1023.0);
        (self.with(bytemuck::cast(fraction)), exponent)
    }
}
