//! What a patient brings beyond covariates and random effects that stay as they are: covariates that change along a
//! straight line, and values that take the place of a parameter or an equation.
//!
//! A table of records needs both; trials need neither. A trial knows instead what will not come: routes that nothing is given
//! by, infusions, controls that nobody turns. What these alone would move is left out of the operations.

use super::graph::{Graph, Node, NodeId};
use crate::model::{BinaryOperation, Model, Symbol};

/// What of a model is an input of the program, beyond what the model says.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Covariates (indices) that run along straight lines between the times at which they are set.
    pub linear: Vec<usize>,
    /// Parameters and equations that every patient brings; their values follow those of the covariates.
    pub given: Vec<Symbol>,
    /// By route of the model, how it is used; where the list ends, in every way.
    pub dosing: Vec<Dosing>,
    /// Controls (indices) that keep the model's value.
    pub fixed: Vec<usize>,
}

/// How a route of the model is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dosing {
    /// Not at all.
    Never,
    /// By doses that arrive at once.
    AtOnce,
    /// By infusions too.
    Any,
}

/// Which of a state's surroundings its rate reads.
#[derive(Debug)]
pub(super) struct Reads {
    /// By state.
    pub states: Vec<bool>,
    /// Time, other than through a covariate.
    pub time: bool,
}

impl Inputs {
    /// The place of a given value among the patient's covariates, after the `covariates` of the model.
    pub(super) fn place(&self, symbol: Symbol, covariates: usize) -> Option<usize> {
        self.given.iter().position(|given| *given == symbol).map(|place| covariates + place)
    }

    /// These, without what will not come by the other.
    pub fn and(self, foreseen: Inputs) -> Inputs {
        Inputs { dosing: foreseen.dosing, fixed: foreseen.fixed, ..self }
    }

    /// How a route is used.
    pub(super) fn dosing(&self, route: usize) -> Dosing {
        self.dosing.get(route).copied().unwrap_or(Dosing::Any)
    }

    /// The states into which doses go on routes that are used at least so.
    pub(super) fn destinations(&self, model: &Model, least: Dosing) -> Vec<bool> {
        let mut found = vec![false; model.states.len()];
        let used = model.routes.iter().enumerate().filter(|(route, _)| self.dosing(*route) >= least);
        for into in used.flat_map(|(_, route)| &route.into) {
            found[into.state] = true;
        }
        found
    }

    /// A covariate between records: value + slope (t − time of the record) where it runs on a line.
    pub(super) fn covariate(&self, graph: &mut Graph, covariate: usize) -> NodeId {
        let value = graph.enter(Node::Covariate(covariate as u32));
        let Some(line) = self.linear.iter().position(|linear| *linear == covariate) else { return value };
        let slope = graph.enter(Node::Slope(line as u32));
        let (time, anchor) = (graph.enter(Node::Time), graph.enter(Node::Anchor));
        let elapsed = graph.binary(BinaryOperation::Subtract, time, anchor);
        let change = graph.binary(BinaryOperation::Multiply, slope, elapsed);
        graph.binary(BinaryOperation::Add, value, change)
    }
}

/// What a node reads, of so many states.
pub(super) fn reads(graph: &Graph, node: NodeId, states: usize) -> Reads {
    let mut found = Reads { states: vec![false; states], time: false };
    let mut seen = vec![false; graph.nodes().len()];
    let mut open = vec![node];
    while let Some(next) = open.pop() {
        if std::mem::replace(&mut seen[next.0 as usize], true) {
            continue;
        }
        match graph.node(next) {
            Node::Time => found.time = true,
            Node::State(state) => found.states[state as usize] = true,
            Node::Unary(_, x) => open.push(x),
            Node::Binary(_, a, b) => open.extend([a, b]),
            Node::Select(condition, yes, no) => open.extend([condition, yes, no]),
            _ => {}
        }
    }
    found
}
