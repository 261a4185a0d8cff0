//! The hash-consed graph of operations: equal subexpressions are one node, constants are folded on entry.

use std::collections::HashMap;

use crate::model::{BinaryOperation, UnaryOperation};

/// A node's index; operands always come before the nodes that use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(pub u32);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// A constant, by its bits.
    Constant(u64),
    /// The content of a state that stays empty ([`super::inputs::resting`]): 0, and what it multiplies does not count.
    Nothing,
    /// Time, d.
    Time,
    Covariate(u32),
    /// Change per day of a covariate that runs on a line.
    Slope(u32),
    /// Time at which the covariates were set, d.
    Anchor,
    Control(u32),
    RandomEffect(u32),
    State(u32),
    /// Of the solver's vector.
    Variable(u32),
    /// Time of the last event, d.
    Base,
    /// A constant input of a state, per day.
    Input(u32),
    /// Of a closed form.
    Coefficient(u32),
    Unary(UnaryOperation, NodeId),
    Binary(BinaryOperation, NodeId, NodeId),
    Select(NodeId, NodeId, NodeId),
}

/// When a node's value can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Never.
    Constant,
    /// From patient to patient, and when a control or covariate changes.
    Patient,
    /// At every event.
    Event,
    /// With time and states.
    Varying,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    levels: Vec<Level>,
    known: HashMap<Node, NodeId>,
}

impl Graph {
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    pub fn level(&self, id: NodeId) -> Level {
        self.levels[id.0 as usize]
    }

    /// The node's index, made if new.
    pub fn enter(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let level = match node {
            Node::Constant(_) | Node::Nothing => Level::Constant,
            Node::Covariate(_) | Node::Slope(_) | Node::Anchor | Node::Control(_) | Node::RandomEffect(_) => {
                Level::Patient
            }
            Node::Base | Node::Input(_) | Node::Coefficient(_) => Level::Event,
            Node::Time | Node::State(_) | Node::Variable(_) => Level::Varying,
            Node::Unary(_, x) => self.level(x),
            Node::Binary(_, a, b) => self.level(a).max(self.level(b)),
            Node::Select(c, a, b) => self.level(c).max(self.level(a)).max(self.level(b)),
        };
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        self.levels.push(level);
        self.known.insert(node, id);
        id
    }

    pub fn constant(&mut self, value: f64) -> NodeId {
        self.enter(Node::Constant(value.to_bits()))
    }

    pub fn value(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            Node::Nothing => Some(0.0),
            _ => None,
        }
    }

    pub fn unary(&mut self, operation: UnaryOperation, x: NodeId) -> NodeId {
        use UnaryOperation as Op;
        match self.value(x) {
            Some(_)
                if self.node(x) == Node::Nothing && matches!(operation, Op::Negate | Op::Abs | Op::Sqrt) =>
            {
                x
            }
            Some(value) => self.constant(operation.apply(value)),
            None => self.enter(Node::Unary(operation, x)),
        }
    }

    /// Folds constants, the identities that change no bit of a finite result (x + 0, x − 0, 1 x, x/1, x¹, x² = x x) and
    /// small whole powers, whose products may differ from the power in the last bit.
    pub fn binary(&mut self, operation: BinaryOperation, a: NodeId, b: NodeId) -> NodeId {
        use BinaryOperation as Op;
        let (x, y) = (self.value(a), self.value(b));
        if let Some(folded) = self.beside_nothing(operation, a, b) {
            return folded;
        }
        match (operation, x, y) {
            (_, Some(x), Some(y)) => self.constant(operation.apply(x, y)),
            (Op::Add, Some(0.0), _) | (Op::Multiply, Some(1.0), _) => b,
            (Op::Add | Op::Subtract, _, Some(0.0)) => a,
            (Op::Multiply | Op::Divide | Op::Power, _, Some(1.0)) => a,
            (Op::Power, _, Some(2.0)) => self.enter(Node::Binary(Op::Multiply, a, a)),
            (Op::Power, _, Some(3.0)) => {
                let square = self.enter(Node::Binary(Op::Multiply, a, a));
                self.enter(Node::Binary(Op::Multiply, square, a))
            }
            (Op::Power, _, Some(4.0)) => {
                let square = self.enter(Node::Binary(Op::Multiply, a, a));
                self.enter(Node::Binary(Op::Multiply, square, square))
            }
            // A division costs several products: what is constant between events is inverted once. The quotient may
            // differ in the last bit.
            (Op::Divide, None, _) if self.level(a) == Level::Varying && self.level(b) < Level::Varying => {
                let one = self.constant(1.0);
                let inverse = self.binary(Op::Divide, one, b);
                self.binary(Op::Multiply, a, inverse)
            }
            _ => self.enter(Node::Binary(operation, a, b)),
        }
    }

    /// An operation of which an operand is the content of an empty state, where that decides the result.
    fn beside_nothing(&mut self, operation: BinaryOperation, a: NodeId, b: NodeId) -> Option<NodeId> {
        use BinaryOperation as Op;
        let nothing = |id: NodeId| self.node(id) == Node::Nothing;
        match (operation, nothing(a), nothing(b)) {
            (Op::Add, true, _) => Some(b),
            (Op::Add | Op::Subtract, _, true) => Some(a),
            (Op::Subtract, true, _) => Some(self.unary(UnaryOperation::Negate, b)),
            (Op::Multiply, true, _) | (Op::Divide, true, false) => Some(a),
            (Op::Multiply, _, true) => Some(b),
            (Op::Power, true, _) if self.value(b).is_some_and(|exponent| exponent > 0.0) => Some(a),
            _ => None,
        }
    }

    pub fn select(&mut self, condition: NodeId, yes: NodeId, no: NodeId) -> NodeId {
        match self.value(condition) {
            Some(0.0) => no,
            Some(_) => yes,
            None => self.enter(Node::Select(condition, yes, no)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_subexpressions_are_one_node() {
        let mut graph = Graph::default();
        let (x, y) = (graph.enter(Node::State(0)), graph.enter(Node::State(1)));
        let first = graph.binary(BinaryOperation::Multiply, x, y);
        let second = graph.binary(BinaryOperation::Multiply, x, y);
        assert_eq!(first, second);
        assert_eq!(graph.nodes().len(), 3);
    }

    #[test]
    fn constants_fold_and_identities_vanish() {
        let mut graph = Graph::default();
        let x = graph.enter(Node::State(0));
        let (two, three) = (graph.constant(2.0), graph.constant(3.0));
        let six = graph.binary(BinaryOperation::Multiply, two, three);
        assert_eq!(graph.value(six), Some(6.0));
        let one = graph.constant(1.0);
        assert_eq!(graph.binary(BinaryOperation::Multiply, one, x), x);
        let square = graph.binary(BinaryOperation::Power, x, two);
        assert_eq!(graph.node(square), Node::Binary(BinaryOperation::Multiply, x, x));
    }

    #[test]
    fn a_node_is_as_changeable_as_its_operands() {
        let mut graph = Graph::default();
        let (covariate, state) = (graph.enter(Node::Covariate(0)), graph.enter(Node::State(0)));
        let hoisted = graph.unary(UnaryOperation::Exp, covariate);
        let varying = graph.binary(BinaryOperation::Multiply, hoisted, state);
        assert_eq!(graph.level(hoisted), Level::Patient);
        assert_eq!(graph.level(varying), Level::Varying);
    }
}
