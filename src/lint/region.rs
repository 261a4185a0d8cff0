//! Where a condition can be true: a list of boxes of patient states outside of which it is certainly false.
//!
//! Conjunctions, disjunctions and choices split into cases; comparisons narrow the values they read, forwards and backwards
//! through sums, products, minima and the like (the HC4 contraction of Benhamou, Goualard, Granvilliers and Puget 1999, Revising
//! hull and box consistency). An empty list proves that the condition is never true; a box proves nothing.

use std::collections::BTreeMap;

use super::interval::Interval;
use crate::model::{BinaryOperation, Formula, Symbol, UnaryOperation};

/// More cases than this are not told apart; the answer is then coarser, not wrong.
const MOST_CASES: usize = 128;
/// Each condition is gone through this often, so that later parts narrow earlier ones.
const ROUNDS: usize = 2;

/// What is known of symbols before any condition is looked at.
pub(super) trait Known {
    /// The values that a symbol can have.
    fn range(&self, symbol: Symbol) -> Interval;
    /// What follows for the present check from a memory cell or signal being true or false.
    fn implied(&self, symbol: Symbol, truth: bool) -> Option<(Formula, bool)>;
}

/// A box of patient states: symbols that are not in it have their whole range.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Region {
    pub narrowed: BTreeMap<Symbol, Interval>,
}

impl Region {
    pub fn value(&self, symbol: Symbol, known: &dyn Known) -> Interval {
        self.narrowed.get(&symbol).copied().unwrap_or_else(|| known.range(symbol))
    }

    /// The same region with a symbol within an interval; `None` if nothing is left.
    pub fn within(&self, symbol: Symbol, interval: Interval, known: &dyn Known) -> Option<Region> {
        let left = self.value(symbol, known).intersect(interval);
        if left.is_empty() {
            return None;
        }
        let mut region = self.clone();
        region.narrowed.insert(symbol, Interval::new(left.low, left.high));
        Some(region)
    }
}

/// The values of a formula over a region.
pub(super) fn image(formula: &Formula, region: &Region, known: &dyn Known) -> Interval {
    match formula {
        Formula::Constant(value) => Interval::point(*value),
        Formula::Symbol(symbol) => region.value(*symbol, known),
        Formula::Unary(operation, x) => Interval::unary(*operation, image(x, region, known)),
        Formula::Binary(operation, a, b) => {
            Interval::binary(*operation, image(a, region, known), image(b, region, known))
        }
        Formula::Select(condition, yes, no) => {
            let condition = image(condition, region, known);
            match (condition.can_hold(), condition.can_fail()) {
                (true, false) => image(yes, region, known),
                (false, true) => image(no, region, known),
                _ => image(yes, region, known).hull(image(no, region, known)),
            }
        }
    }
}

/// Boxes that hold every state of `region` at which the formula is true (or false).
pub(super) fn assume(formula: &Formula, truth: bool, region: &Region, known: &dyn Known) -> Vec<Region> {
    let mut regions = vec![region.clone()];
    for _ in 0..ROUNDS {
        let mut next = Vec::new();
        for region in &regions {
            next.extend(once(formula, truth, region, known));
        }
        if next.len() > MOST_CASES {
            return regions;
        }
        next.dedup();
        if next == regions {
            break;
        }
        regions = next;
    }
    regions
}

fn once(formula: &Formula, truth: bool, region: &Region, known: &dyn Known) -> Vec<Region> {
    use BinaryOperation as Op;
    let all = |found: Vec<Region>| if found.len() > MOST_CASES { vec![region.clone()] } else { found };
    match formula {
        Formula::Unary(UnaryOperation::Not, part) => once(part, !truth, region, known),
        Formula::Binary(Op::And | Op::Or, a, b) => {
            let together = truth == matches!(formula, Formula::Binary(Op::And, ..));
            if together {
                let first = once(a, truth, region, known);
                all(first.iter().flat_map(|region| once(b, truth, region, known)).collect())
            } else {
                let mut found = once(a, truth, region, known);
                found.extend(once(b, truth, region, known));
                all(found)
            }
        }
        Formula::Select(condition, yes, no) => {
            let mut found = Vec::new();
            for (holds, part) in [(true, yes), (false, no)] {
                for region in once(condition, holds, region, known) {
                    found.extend(once(part, truth, &region, known));
                }
            }
            all(found)
        }
        Formula::Symbol(symbol) => {
            let wanted = if truth { Interval::point(1.0) } else { Interval::point(0.0) };
            let Some(region) = region.within(*symbol, wanted, known) else { return Vec::new() };
            match known.implied(*symbol, truth) {
                None => vec![region],
                Some((part, truth)) => once(&part, truth, &region, known),
            }
        }
        Formula::Binary(Op::Less | Op::LessEqual | Op::Equal, ..) => {
            if let Some((condition, yes, no)) = split_choice(formula) {
                let chosen = Formula::Select(Box::new(condition), Box::new(yes), Box::new(no));
                return once(&chosen, truth, region, known);
            }
            compare(formula, truth, region, known).into_iter().collect()
        }
        other => {
            let values = image(other, region, known);
            let possible = if truth { values.can_hold() } else { values.can_fail() };
            if possible { vec![region.clone()] } else { Vec::new() }
        }
    }
}

/// A formula with a choice in it as the choice's condition and the formula with each alternative in its place.
fn split_choice(formula: &Formula) -> Option<(Formula, Formula, Formula)> {
    let again = |make: &dyn Fn(Formula) -> Formula, part: &Formula| {
        split_choice(part).map(|(condition, yes, no)| (condition, make(yes), make(no)))
    };
    match formula {
        Formula::Constant(_) | Formula::Symbol(_) => None,
        Formula::Select(condition, yes, no) => {
            Some((condition.as_ref().clone(), yes.as_ref().clone(), no.as_ref().clone()))
        }
        Formula::Unary(operation, x) => again(&|part| Formula::Unary(*operation, Box::new(part)), x),
        Formula::Binary(operation, a, b) => {
            let left = |part| Formula::Binary(*operation, Box::new(part), b.clone());
            let right = |part| Formula::Binary(*operation, a.clone(), Box::new(part));
            again(&left, a).or_else(|| again(&right, b))
        }
    }
}

/// The region narrowed by a comparison without choices in it; `None` if it cannot come out so.
fn compare(formula: &Formula, truth: bool, region: &Region, known: &dyn Known) -> Option<Region> {
    let Formula::Binary(operation, a, b) = formula else { return Some(region.clone()) };
    let (x, y) = (image(a, region, known), image(b, region, known));
    let values = Interval::binary(*operation, x, y);
    if !(if truth { values.can_hold() } else { values.can_fail() }) {
        return None;
    }
    // A comparison with what is not a number is false, whatever the other side is.
    if !truth && (x.undefined || y.undefined) {
        return Some(region.clone());
    }
    // (smaller side, larger side, strictly smaller)
    let (small, large, strict) = match (operation, truth) {
        (BinaryOperation::Less, true) => (a, b, true),
        (BinaryOperation::LessEqual, true) => (a, b, false),
        (BinaryOperation::Less, false) => (b, a, false),
        (BinaryOperation::LessEqual, false) => (b, a, true),
        (BinaryOperation::Equal, true) => {
            let common = x.intersect(y);
            let region = narrow(a, common, region, known)?;
            return narrow(b, common, &region, known);
        }
        _ => return Some(region.clone()),
    };
    let below = image(large, region, known).high;
    let below = if strict { below.next_down() } else { below };
    let region = narrow(small, Interval::new(f64::NEG_INFINITY, below), region, known)?;
    let above = image(small, &region, known).low;
    let above = if strict { above.next_up() } else { above };
    narrow(large, Interval::new(above, f64::INFINITY), &region, known)
}

/// The region narrowed to where the formula's value can lie in the interval; `None` if nowhere.
fn narrow(formula: &Formula, target: Interval, region: &Region, known: &dyn Known) -> Option<Region> {
    use BinaryOperation as Op;
    let left = image(formula, region, known).intersect(target);
    if left.is_empty() {
        return None;
    }
    let left = Interval::new(left.low, left.high);
    match formula {
        Formula::Symbol(symbol) => region.within(*symbol, left, known),
        Formula::Unary(UnaryOperation::Negate, x) => narrow(x, left.negate(), region, known),
        Formula::Unary(UnaryOperation::Exp, x) if left.low > 0.0 => narrow(x, left.log(), region, known),
        Formula::Unary(UnaryOperation::Log, x) => narrow(x, left.exp(), region, known),
        Formula::Binary(operation, a, b) => {
            // The exact result lies within half a unit in the last place of the rounded one.
            let exact = Interval::new(left.low.next_down(), left.high.next_up());
            let inverse = |other: Interval, first: bool| match (operation, first) {
                (Op::Add, _) => exact.subtract(other),
                (Op::Subtract, true) => exact.add(other),
                (Op::Subtract, false) => other.subtract(exact),
                (Op::Multiply, _) if !other.contains(0.0) => exact.divide(other),
                // Over 0 even a finite numerator has no finite quotient.
                (Op::Divide, true) if !other.contains(0.0) => exact.multiply(other),
                (Op::Divide, false) if !exact.contains(0.0) => other.divide(exact),
                // The smaller of two is as large as wanted only if both are; it is small enough if the other cannot be.
                (Op::Minimum, _) => {
                    Interval::new(left.low, if left.high < other.low { left.high } else { f64::INFINITY })
                }
                (Op::Maximum, _) => {
                    Interval::new(if left.low > other.high { left.low } else { f64::NEG_INFINITY }, left.high)
                }
                _ => Interval::ALL,
            };
            let wanted = inverse(image(b, region, known), true);
            let region = narrow(a, wanted, region, known)?;
            let wanted = inverse(image(a, &region, known), false);
            narrow(b, wanted, &region, known)
        }
        _ => Some(region.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Outputs 0 and 1 are any number, memory 0 is a condition.
    struct Plain;

    impl Known for Plain {
        fn range(&self, symbol: Symbol) -> Interval {
            if matches!(symbol, Symbol::Memory(_)) { Interval::TRUTH } else { Interval::ALL }
        }
        fn implied(&self, _symbol: Symbol, _truth: bool) -> Option<(Formula, bool)> {
            None
        }
    }

    fn x() -> Formula {
        Formula::Symbol(Symbol::Output(0))
    }
    fn y() -> Formula {
        Formula::Symbol(Symbol::Output(1))
    }
    fn number(value: f64) -> Formula {
        Formula::Constant(value)
    }
    fn pair(operation: BinaryOperation, a: Formula, b: Formula) -> Formula {
        Formula::Binary(operation, Box::new(a), Box::new(b))
    }
    fn not(a: Formula) -> Formula {
        Formula::Unary(UnaryOperation::Not, Box::new(a))
    }
    fn choose(condition: Formula, yes: Formula, no: Formula) -> Formula {
        Formula::Select(Box::new(condition), Box::new(yes), Box::new(no))
    }
    fn less(a: Formula, b: Formula) -> Formula {
        pair(BinaryOperation::Less, a, b)
    }
    fn and(a: Formula, b: Formula) -> Formula {
        pair(BinaryOperation::And, a, b)
    }
    fn or(a: Formula, b: Formula) -> Formula {
        pair(BinaryOperation::Or, a, b)
    }
    fn never(formula: &Formula) -> bool {
        assume(formula, true, &Region::default(), &Plain).is_empty()
    }

    #[test]
    fn what_cannot_be_is_proved() {
        let one = number(1.0);
        assert!(never(&and(less(x(), one.clone()), less(one.clone(), x()))));
        assert!(never(&and(less(x(), one.clone()), pair(BinaryOperation::LessEqual, one.clone(), x()))));
        assert!(never(&and(less(x(), one.clone()), not(less(x(), one.clone())))));
        // x < min(1, y) and x > 2.
        let smaller = pair(BinaryOperation::Minimum, one.clone(), y());
        assert!(never(&and(less(x(), smaller), less(number(2.0), x()))));
        // 2 x + 1 < 3 and x > 1.
        let line = pair(BinaryOperation::Add, pair(BinaryOperation::Multiply, number(2.0), x()), one.clone());
        assert!(never(&and(less(line, number(3.0)), less(number(1.000_001), x()))));
        // Through a choice: if(x < 1, 3, 0) >= 2 and x > 1.
        let grade = choose(less(x(), one.clone()), number(3.0), number(0.0));
        let severe = pair(BinaryOperation::LessEqual, number(2.0), grade);
        assert!(!never(&severe));
        assert!(never(&and(severe, less(one.clone(), x()))));
        // A tautology's opposite.
        let memory = Formula::Symbol(Symbol::Memory(0));
        assert!(never(&not(or(memory.clone(), not(memory)))));
    }

    #[test]
    fn what_can_be_is_not_denied() {
        let one = number(1.0);
        let touching = pair(BinaryOperation::LessEqual, one.clone(), x());
        assert!(!never(&and(pair(BinaryOperation::LessEqual, x(), one.clone()), touching)));
        assert!(!never(&or(less(x(), one.clone()), less(one.clone(), x()))));
        // x = y holds only where they meet, which boxes do not see.
        assert!(!never(&and(less(x(), y()), less(y(), pair(BinaryOperation::Add, x(), number(1e-9))))));
        // log(x) is no number below 0, so `not (log(x) < 1)` holds there.
        let log = less(Formula::Unary(UnaryOperation::Log, Box::new(x())), one.clone());
        assert!(!never(&and(not(log), less(x(), number(-1.0)))));
    }

    /// Random conditions at random values: a state at which a condition holds lies in one of its boxes.
    #[test]
    fn no_state_is_lost() {
        use crate::math::random::{Identity, Stream};
        let mut stream = Stream::new(Identity { seed: 11, patient: 0, purpose: "region", occasion: 0 });
        for turn in 0..3_000 {
            let formula = random_condition(&mut stream, 3);
            let truth = turn % 2 == 0;
            let boxes = assume(&formula, truth, &Region::default(), &Plain);
            for _ in 0..40 {
                let values = [(4.0 * stream.normal()).round() / 2.0, (4.0 * stream.normal()).round() / 2.0];
                let memory = f64::from(u8::from(stream.uniform() < 0.5));
                let look = |symbol: Symbol| match symbol {
                    Symbol::Output(i) => values[i],
                    _ => memory,
                };
                if (formula.evaluate(&mut { look }) != 0.0) != truth {
                    continue;
                }
                let inside = boxes.iter().any(|region| {
                    region.narrowed.iter().all(|(symbol, interval)| interval.contains(look(*symbol)))
                });
                assert!(inside, "{formula:?} is {truth} at {values:?}, {memory}; boxes {boxes:?}");
            }
        }
    }

    fn random_quantity(stream: &mut crate::math::random::Stream, depth: usize) -> Formula {
        let kind = (stream.uniform() * if depth == 0 { 3.0 } else { 11.0 }) as usize;
        let mut part = || Box::new(random_quantity(stream, depth.saturating_sub(1)));
        match kind {
            0 => x(),
            1 => y(),
            2 => number((4.0 * stream.normal()).round() / 2.0),
            3 => Formula::Binary(BinaryOperation::Add, part(), part()),
            4 => Formula::Binary(BinaryOperation::Subtract, part(), part()),
            5 => Formula::Binary(BinaryOperation::Multiply, part(), part()),
            6 => Formula::Binary(BinaryOperation::Divide, part(), part()),
            7 => Formula::Binary(BinaryOperation::Minimum, part(), part()),
            8 => Formula::Binary(BinaryOperation::Maximum, part(), part()),
            9 => Formula::Unary(UnaryOperation::Log, part()),
            _ => Formula::Unary(UnaryOperation::Negate, part()),
        }
    }

    fn random_condition(stream: &mut crate::math::random::Stream, depth: usize) -> Formula {
        let kind = (stream.uniform() * if depth == 0 { 4.0 } else { 8.0 }) as usize;
        if kind < 3 {
            let (a, b) = (random_quantity(stream, 2), random_quantity(stream, 2));
            let operation = [BinaryOperation::Less, BinaryOperation::LessEqual, BinaryOperation::Equal][kind];
            return pair(operation, a, b);
        }
        if kind == 3 {
            return Formula::Symbol(Symbol::Memory(0));
        }
        let (a, b) = (random_condition(stream, depth - 1), random_condition(stream, depth - 1));
        match kind {
            4 => and(a, b),
            5 => or(a, b),
            6 => not(a),
            _ => {
                let yes = random_quantity(stream, 1);
                less(choose(a, yes, number(1.0)), number(0.5))
            }
        }
    }
}
