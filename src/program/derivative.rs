//! Exact derivatives of equations: forward differentiation of the graph, into the graph.
//!
//! The derivative of a node is a node again, so that it shares what it has in common with the equations and with other
//! derivatives. Where an operation has a kink (`min`, `max`, `abs`, `if`) it is that of the branch taken; comparisons and
//! logic are constant but for jumps, and have the derivative 0.
//!
//! Roots, logarithms and powers have infinite slopes at 0. Where their argument does not move there (`sqrt(max(x, 0))` below 0),
//! the derivative is 0 and not 0·∞; and aᵇ ln a is 0 at a = 0, its limit. A derivative that is infinite in truth stays so: what
//! to do about it is for the solver to say.

use super::graph::{Graph, Level, Node, NodeId};
use crate::model::{BinaryOperation as Two, UnaryOperation as One};
use std::collections::HashMap;

/// Differentiates with respect to one input.
#[derive(Debug)]
pub(super) struct Differentiation {
    input: Node,
    known: HashMap<NodeId, NodeId>,
}

impl Differentiation {
    /// With respect to this input of the graph.
    pub(super) fn by(input: Node) -> Self {
        Differentiation { input, known: HashMap::new() }
    }

    /// The derivative of a node.
    pub(super) fn of(&mut self, graph: &mut Graph, node: NodeId) -> NodeId {
        // Operands first, by a list of what is open: expressions may be deep.
        let mut open = vec![node];
        while let Some(&next) = open.last() {
            if self.known.contains_key(&next) {
                open.pop();
                continue;
            }
            let operands = match graph.node(next) {
                _ if graph.level(next) < Level::Varying => [None; 3],
                Node::Unary(_, x) => [Some(x), None, None],
                Node::Binary(_, a, b) => [Some(a), Some(b), None],
                Node::Select(_, yes, no) => [Some(yes), Some(no), None],
                _ => [None; 3],
            };
            let before = open.len();
            open.extend(operands.into_iter().flatten().filter(|operand| !self.known.contains_key(operand)));
            if open.len() == before {
                let derivative = self.rule(graph, next);
                self.known.insert(next, derivative);
                open.pop();
            }
        }
        self.known[&node]
    }

    fn rule(&self, graph: &mut Graph, node: NodeId) -> NodeId {
        let zero = graph.constant(0.0);
        if graph.level(node) < Level::Varying {
            return zero;
        }
        let known = |operand: NodeId| self.known.get(&operand).copied().unwrap_or(zero);
        match graph.node(node) {
            leaf if leaf == self.input => graph.constant(1.0),
            Node::Unary(operation, x) => unary(graph, operation, (x, known(x)), node),
            Node::Binary(operation, a, b) => binary(graph, operation, (a, known(a)), (b, known(b)), node),
            Node::Select(condition, yes, no) => {
                let (yes, no) = (known(yes), known(no));
                if yes == no { yes } else { graph.select(condition, yes, no) }
            }
            _ => zero,
        }
    }
}

/// a b without the products that are 0 or a factor alone. (Here 0 stands for "does not depend on it", and stays 0 also
/// beside what is infinite.)
fn times(graph: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    if graph.value(a) == Some(0.0) || graph.value(b) == Some(0.0) {
        return graph.constant(0.0);
    }
    if graph.value(b) == Some(1.0) {
        return a;
    }
    graph.binary(Two::Multiply, a, b)
}

/// slope · d for a slope that may be infinite: 0 where d is 0, whatever the slope.
fn along(graph: &mut Graph, slope: NodeId, d: NodeId) -> NodeId {
    let product = times(graph, slope, d);
    unless_zero(graph, d, product)
}

/// `value`, but 0 where `x` is 0.
fn unless_zero(graph: &mut Graph, x: NodeId, value: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    let at_zero = graph.binary(Two::Equal, x, zero);
    graph.select(at_zero, zero, value)
}

fn is_zero(graph: &Graph, node: NodeId) -> bool {
    graph.value(node) == Some(0.0)
}

/// The derivative of an operation on x, with the derivative of x; `node` is its result.
fn unary(graph: &mut Graph, operation: One, (x, dx): (NodeId, NodeId), node: NodeId) -> NodeId {
    let zero = graph.constant(0.0);
    if is_zero(graph, dx) {
        return zero;
    }
    match operation {
        One::Negate => graph.unary(One::Negate, dx),
        One::Not => zero,
        One::Exp => times(graph, node, dx),
        One::Log => {
            let quotient = graph.binary(Two::Divide, dx, x);
            unless_zero(graph, dx, quotient)
        }
        One::Sqrt => {
            let half = graph.constant(0.5);
            let slope = graph.binary(Two::Divide, half, node);
            along(graph, slope, dx)
        }
        One::Abs => {
            let negative = graph.binary(Two::Less, x, zero);
            let opposite = graph.unary(One::Negate, dx);
            graph.select(negative, opposite, dx)
        }
    }
}

/// The derivative of an operation on a and b, with theirs; `node` is its result.
fn binary(
    graph: &mut Graph,
    operation: Two,
    (a, da): (NodeId, NodeId),
    (b, db): (NodeId, NodeId),
    node: NodeId,
) -> NodeId {
    let zero = graph.constant(0.0);
    if is_zero(graph, da) && is_zero(graph, db) {
        return zero;
    }
    match operation {
        Two::Add => graph.binary(Two::Add, da, db),
        Two::Subtract if is_zero(graph, da) => graph.unary(One::Negate, db),
        Two::Subtract => graph.binary(Two::Subtract, da, db),
        Two::Multiply => {
            let (first, second) = (times(graph, b, da), times(graph, a, db));
            graph.binary(Two::Add, first, second)
        }
        Two::Divide => {
            // (a′ − (a/b) b′)/b
            let correction = times(graph, node, db);
            let numerator = match (is_zero(graph, da), is_zero(graph, correction)) {
                (_, true) => da,
                (true, false) => graph.unary(One::Negate, correction),
                (false, false) => graph.binary(Two::Subtract, da, correction),
            };
            graph.binary(Two::Divide, numerator, b)
        }
        Two::Power => power(graph, (a, da), (b, db), node),
        Two::Minimum | Two::Maximum => {
            if da == db {
                return da;
            }
            let (small, large) = if operation == Two::Minimum { (a, b) } else { (b, a) };
            let first = graph.binary(Two::Less, small, large);
            graph.select(first, da, db)
        }
        Two::Less | Two::LessEqual | Two::Equal | Two::And | Two::Or => zero,
    }
}

/// (aᵇ)′ = b aᵇ⁻¹ a′ + aᵇ ln a b′; what does not vary leaves no trace, so that no logarithm of 0 is taken for a constant
/// exponent, and aᵇ⁻¹ is a power of its own, finite at a = 0 for b ≥ 1. (For b ≤ 0 the power itself is infinite at 0, or jumps.)
fn power(graph: &mut Graph, (a, da): (NodeId, NodeId), (b, db): (NodeId, NodeId), node: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    let by_base = if is_zero(graph, da) {
        da
    } else {
        let less = graph.binary(Two::Subtract, b, one);
        let lower = graph.binary(Two::Power, a, less);
        let slope = times(graph, lower, b);
        // An exponent that is known to be 1 or more has no infinite slope.
        let bounded = graph.value(less).is_some_and(|less| less >= 0.0);
        if bounded { times(graph, slope, da) } else { along(graph, slope, da) }
    };
    if is_zero(graph, db) {
        return by_base;
    }
    let logarithm = graph.unary(One::Log, a);
    let slope = times(graph, node, logarithm);
    let slope = unless_zero(graph, a, slope);
    let by_exponent = times(graph, slope, db);
    graph.binary(Two::Add, by_base, by_exponent)
}
