//! Two registers worked side by side.
//!
//! An exponential is a long chain of operations of which each waits for the one before: half of the processor stands idle.
//! With two chains in step it does not.

use super::lane::Lane;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Two registers as one of twice the width.
#[derive(Debug, Clone, Copy)]
pub struct Twice<L>(L, L);

macro_rules! both {
    ($operator:ident, $name:ident) => {
        impl<L: Lane> $operator for Twice<L> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                Twice(self.0.$name(other.0), self.1.$name(other.1))
            }
        }
    };
}

both!(Add, add);
both!(Sub, sub);
both!(Mul, mul);
both!(Div, div);

impl<L: Lane> Neg for Twice<L> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Twice(-self.0, -self.1)
    }
}

impl<L: Lane> Lane for Twice<L> {
    const WIDTH: usize = 2 * L::WIDTH;
    type Token = L::Token;
    type Mask = (L::Mask, L::Mask);

    #[inline(always)]
    fn splat(token: L::Token, value: f64) -> Self {
        Twice(L::splat(token, value), L::splat(token, value))
    }
    #[inline(always)]
    fn token(self) -> L::Token {
        self.0.token()
    }
    #[inline(always)]
    fn load(token: L::Token, from: &[f64]) -> Self {
        Twice(L::load(token, from), L::load(token, &from[L::WIDTH..]))
    }
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        self.0.store(to);
        self.1.store(&mut to[L::WIDTH..]);
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        Twice(self.0.mul_add(factor.0, summand.0), self.1.mul_add(factor.1, summand.1))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Twice(self.0.sqrt(), self.1.sqrt())
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Twice(self.0.abs(), self.1.abs())
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self::Mask {
        (self.0.less(other.0), self.1.less(other.1))
    }
    #[inline(always)]
    fn less_equal(self, other: Self) -> Self::Mask {
        (self.0.less_equal(other.0), self.1.less_equal(other.1))
    }
    #[inline(always)]
    fn equal(self, other: Self) -> Self::Mask {
        (self.0.equal(other.0), self.1.equal(other.1))
    }
    #[inline(always)]
    fn signed(self) -> Self::Mask {
        (self.0.signed(), self.1.signed())
    }
    #[inline(always)]
    fn and(token: L::Token, a: Self::Mask, b: Self::Mask) -> Self::Mask {
        (L::and(token, a.0, b.0), L::and(token, a.1, b.1))
    }
    #[inline(always)]
    fn or(token: L::Token, a: Self::Mask, b: Self::Mask) -> Self::Mask {
        (L::or(token, a.0, b.0), L::or(token, a.1, b.1))
    }
    #[inline(always)]
    fn all(token: L::Token, mask: Self::Mask) -> bool {
        L::all(token, L::and(token, mask.0, mask.1))
    }
    #[inline(always)]
    fn choose(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Twice(L::choose(mask.0, yes.0, no.0), L::choose(mask.1, yes.1, no.1))
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        Twice(self.0.power_of_two(), self.1.power_of_two())
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let ((m0, e0), (m1, e1)) = (self.0.split(), self.1.split());
        (Twice(m0, m1), Twice(e0, e1))
    }
}
