//! Interval arithmetic over floating-point numbers: every result encloses what the operation can give.
//!
//! Bounds are closed and rounded outwards by one unit in the last place, the elementary functions by more (Moore, Kearfott and
//! Cloud 2009, Introduction to Interval Analysis, chapters 2 and 5). An infinite bound stands for "no limit known". Operations
//! that can leave the real numbers (a logarithm of what may be negative) say so in [`Interval::undefined`].

use crate::model::{BinaryOperation, UnaryOperation};

/// Relative slack of an elementary function; the program's own are within a few units in the last place (2e-16).
const SLACK: f64 = 1e-12;

/// The values from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub low: f64,
    pub high: f64,
    /// Whether the value may also be not a number.
    pub undefined: bool,
}

impl Interval {
    /// Any number.
    pub const ALL: Interval = Interval::new(f64::NEG_INFINITY, f64::INFINITY);
    /// False or true.
    pub const TRUTH: Interval = Interval::new(0.0, 1.0);

    pub const fn new(low: f64, high: f64) -> Self {
        Interval { low, high, undefined: false }
    }

    pub const fn point(value: f64) -> Self {
        Interval::new(value, value)
    }

    pub fn is_point(self) -> bool {
        self.low == self.high && !self.undefined
    }

    pub fn is_empty(self) -> bool {
        // Also where a bound is not a number.
        !matches!(
            self.low.partial_cmp(&self.high),
            Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)
        )
    }

    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    pub fn intersect(self, other: Interval) -> Self {
        Interval {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
            undefined: self.undefined && other.undefined,
        }
    }

    pub fn hull(self, other: Interval) -> Self {
        Interval {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            undefined: self.undefined || other.undefined,
        }
    }

    fn outward(low: f64, high: f64, undefined: bool) -> Self {
        if low.is_nan() || high.is_nan() {
            return Interval { undefined: true, ..Interval::ALL };
        }
        Interval { low: low.next_down(), high: high.next_up(), undefined }
    }

    /// With a relative slack for functions that are not rounded exactly.
    fn slack(self) -> Self {
        let wider = |x: f64, sign: f64| if x.is_finite() { x + sign * SLACK * x.abs() } else { x };
        Interval { low: wider(self.low, -1.0), high: wider(self.high, 1.0), ..self }
    }

    pub fn negate(self) -> Self {
        Interval { low: -self.high, high: -self.low, ..self }
    }

    pub fn add(self, other: Interval) -> Self {
        Self::outward(self.low + other.low, self.high + other.high, self.undefined || other.undefined)
    }

    pub fn subtract(self, other: Interval) -> Self {
        self.add(other.negate())
    }

    pub fn multiply(self, other: Interval) -> Self {
        // 0 times "no limit known" is 0: the factor itself is finite.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        let corners = [
            product(self.low, other.low),
            product(self.low, other.high),
            product(self.high, other.low),
            product(self.high, other.high),
        ];
        let low = corners.into_iter().fold(f64::INFINITY, f64::min);
        let high = corners.into_iter().fold(f64::NEG_INFINITY, f64::max);
        Self::outward(low, high, self.undefined || other.undefined)
    }

    pub fn divide(self, other: Interval) -> Self {
        if other.contains(0.0) || other.undefined {
            return Interval { undefined: true, ..Interval::ALL };
        }
        let reciprocal = Self::outward(1.0 / other.high, 1.0 / other.low, false);
        self.multiply(reciprocal).slack()
    }

    pub fn exp(self) -> Self {
        let image = Interval { low: self.low.exp(), high: self.high.exp(), ..self }.slack();
        Interval { low: image.low.max(0.0), ..image }
    }

    pub fn log(self) -> Self {
        let undefined = self.undefined || self.low <= 0.0;
        if self.high <= 0.0 {
            return Interval { undefined, ..Interval::ALL };
        }
        let low = if self.low > 0.0 { self.low.ln() } else { f64::NEG_INFINITY };
        let wide = Self::outward(low, self.high.ln(), undefined).slack();
        // Near 1 a relative slack of the result is none.
        Interval { low: wide.low - SLACK, high: wide.high + SLACK, ..wide }
    }

    fn sqrt(self) -> Self {
        let undefined = self.undefined || self.low < 0.0;
        Self::outward(self.low.max(0.0).sqrt(), self.high.max(0.0).sqrt(), undefined)
    }

    fn abs(self) -> Self {
        let high = self.low.abs().max(self.high.abs());
        let low = if self.contains(0.0) { 0.0 } else { self.low.abs().min(self.high.abs()) };
        Interval { low, high, ..self }
    }

    fn power(self, exponent: Interval) -> Self {
        if self.low < 0.0 || self.undefined || exponent.undefined || (self.low == 0.0 && exponent.low <= 0.0)
        {
            return Interval { undefined: true, ..Interval::ALL };
        }
        let corners = [
            self.low.powf(exponent.low),
            self.low.powf(exponent.high),
            self.high.powf(exponent.low),
            self.high.powf(exponent.high),
            // Below and above a base of 1 the power runs in opposite directions.
            if self.contains(1.0) { 1.0 } else { self.low.powf(exponent.low) },
        ];
        if corners.iter().any(|corner| corner.is_nan()) {
            return Interval { low: 0.0, high: f64::INFINITY, undefined: true };
        }
        let low = corners.into_iter().fold(f64::INFINITY, f64::min);
        let high = corners.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let wide = Interval::new(low, high).slack();
        Interval { low: wide.low.max(0.0), ..wide }
    }

    /// What a comparison or a logical operation can give.
    fn truth(can_be_false: bool, can_be_true: bool) -> Self {
        Interval::new(f64::from(u8::from(!can_be_false)), f64::from(u8::from(can_be_true)))
    }

    /// Whether it can be true (not 0).
    pub fn can_hold(self) -> bool {
        self.undefined || self.low < 0.0 || self.high > 0.0
    }

    /// Whether it can be false (0).
    pub fn can_fail(self) -> bool {
        self.contains(0.0)
    }

    /// The image of a unary operation.
    pub fn unary(operation: UnaryOperation, x: Interval) -> Self {
        match operation {
            UnaryOperation::Negate => x.negate(),
            UnaryOperation::Not => Self::truth(x.can_hold(), x.can_fail()),
            UnaryOperation::Exp => x.exp(),
            UnaryOperation::Log => x.log(),
            UnaryOperation::Sqrt => x.sqrt(),
            UnaryOperation::Abs => x.abs(),
        }
    }

    /// The image of a binary operation of unrelated operands.
    pub fn binary(operation: BinaryOperation, a: Interval, b: Interval) -> Self {
        let undefined = a.undefined || b.undefined;
        match operation {
            BinaryOperation::Add => a.add(b),
            BinaryOperation::Subtract => a.subtract(b),
            BinaryOperation::Multiply => a.multiply(b),
            BinaryOperation::Divide => a.divide(b),
            BinaryOperation::Power => a.power(b),
            BinaryOperation::Minimum => {
                Interval { low: a.low.min(b.low), high: a.high.min(b.high), undefined }
            }
            BinaryOperation::Maximum => {
                Interval { low: a.low.max(b.low), high: a.high.max(b.high), undefined }
            }
            BinaryOperation::Less => Self::truth(undefined || a.high >= b.low, a.low < b.high),
            BinaryOperation::LessEqual => Self::truth(undefined || a.high > b.low, a.low <= b.high),
            BinaryOperation::Equal => {
                let same = a.is_point() && b.is_point() && a.low == b.low;
                Self::truth(!same, a.low <= b.high && b.low <= a.high)
            }
            BinaryOperation::And => Self::truth(a.can_fail() || b.can_fail(), a.can_hold() && b.can_hold()),
            BinaryOperation::Or => Self::truth(a.can_fail() && b.can_fail(), a.can_hold() || b.can_hold()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::{Identity, Stream};

    const OPERATIONS: [BinaryOperation; 12] = [
        BinaryOperation::Add,
        BinaryOperation::Subtract,
        BinaryOperation::Multiply,
        BinaryOperation::Divide,
        BinaryOperation::Power,
        BinaryOperation::Minimum,
        BinaryOperation::Maximum,
        BinaryOperation::Less,
        BinaryOperation::LessEqual,
        BinaryOperation::Equal,
        BinaryOperation::And,
        BinaryOperation::Or,
    ];
    const UNARY: [UnaryOperation; 6] = [
        UnaryOperation::Negate,
        UnaryOperation::Not,
        UnaryOperation::Exp,
        UnaryOperation::Log,
        UnaryOperation::Sqrt,
        UnaryOperation::Abs,
    ];

    /// Whatever is put in, the operation's own result lies in the interval.
    #[test]
    fn every_result_is_enclosed() {
        let mut stream = Stream::new(Identity { seed: 5, patient: 0, purpose: "interval", occasion: 0 });
        // Small whole numbers come up often: equal bounds, zeros and ones are where mistakes are.
        let mut draw = |round: bool| {
            let value = 3.0 * stream.normal();
            if round { value.round() } else { value }
        };
        for turn in 0..20_000 {
            let round = turn % 2 == 0;
            let (a, b, c, d) = (draw(round), draw(round), draw(round), draw(round));
            let (x, y) = (Interval::new(a.min(b), a.max(b)), Interval::new(c.min(d), c.max(d)));
            let middle = |i: Interval| 0.25 * i.low + 0.75 * i.high;
            for (p, q) in [(a, c), (a, d), (b, c), (b, d), (middle(x).clamp(x.low, x.high), c)] {
                for operation in OPERATIONS {
                    let (image, value) = (Interval::binary(operation, x, y), operation.apply(p, q));
                    let inside = if value.is_nan() { image.undefined } else { image.contains(value) };
                    assert!(inside, "{operation:?} {x:?} {y:?}: {value} at {p}, {q} is not in {image:?}");
                }
                for operation in UNARY {
                    let (image, value) = (Interval::unary(operation, x), operation.apply(p));
                    let inside = if value.is_nan() { image.undefined } else { image.contains(value) };
                    assert!(inside, "{operation:?} {x:?}: {value} at {p} is not in {image:?}");
                }
            }
        }
    }
}
