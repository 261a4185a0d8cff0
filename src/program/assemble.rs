//! From nodes to routines: which operations answer what, in which order, and where their numbers lie.
//!
//! A node's number is its register. What varies is run each time; what is constant between events is run once at each.

use super::composed::{Coefficient, Composed};
use super::derivative::Differentiation;
use super::fuse::fuse;
use super::graph::{Graph, Level, Node, NodeId};
use super::routine::{Code, Instruction, Routine};
use super::schedule::schedule;
use crate::model::{BinaryOperation, UnaryOperation};

/// What is evaluated between events, and what is set at each.
#[derive(Debug)]
pub(super) struct ComposedRoutines {
    pub solved: Vec<usize>,
    pub equations: Vec<Option<usize>>,
    pub base: u32,
    /// First register of the solver's variables.
    pub variables: u32,
    /// (state, register)
    pub inputs: Vec<(usize, u32)>,
    /// What each coefficient is, and its register.
    pub coefficients: Vec<(Coefficient, u32)>,
    /// What depends on these alone.
    pub event: Routine,
    pub rates: Routine,
    /// |x| of the equations where u is not x; absent if there are none.
    pub magnitudes: Option<Routine>,
    pub apart: Vec<usize>,
    pub outputs: Routine,
    /// Derivatives of the rates.
    pub jacobian: Jacobian,
}

/// The derivatives that are not 0 by structure.
#[derive(Debug)]
pub(super) struct Jacobian {
    pub routine: Routine,
    /// (rate, variable) of each result of the routine; the variable is absent for time.
    pub places: Vec<(usize, Option<usize>)>,
}

/// Products and sums fused, like beside like.
pub(super) fn finished(routine: Routine) -> Routine {
    schedule(fuse(routine))
}

/// A derivative: of which rate, by which variable (none: by time), and its node.
pub(super) type Derivative = (usize, Option<usize>, NodeId);

/// All derivatives of the rates that are not 0 by structure.
pub(super) fn derivatives(graph: &mut Graph, rates: &[NodeId]) -> Vec<Derivative> {
    let mut found = Vec::new();
    let variables = (0..rates.len()).map(|variable| (Some(variable), Node::Variable(variable as u32)));
    for (variable, input) in variables.chain([(None, Node::Time)]) {
        let mut differentiation = Differentiation::by(input);
        for (rate, &node) in rates.iter().enumerate() {
            let derivative = differentiation.of(graph, node);
            if graph.value(derivative) != Some(0.0) {
                found.push((rate, variable, derivative));
            }
        }
    }
    found
}

pub(super) fn composed_routines(
    graph: &Graph,
    composed: Composed,
    derivatives: &[Derivative],
) -> ComposedRoutines {
    let nodes = 0..graph.nodes().len() as u32;
    let event = nodes.filter(|id| graph.level(NodeId(*id)) == Level::Event);
    let event = event.filter_map(|id| instruction(graph, NodeId(id))).collect();
    let (apart, magnitudes): (Vec<usize>, Vec<NodeId>) = composed.magnitudes.iter().copied().unzip();
    ComposedRoutines {
        base: composed.base.0,
        variables: composed.variables.0,
        inputs: composed.inputs.iter().map(|(state, id)| (*state, id.0)).collect(),
        coefficients: composed.coefficients.iter().map(|(coefficient, id)| (*coefficient, id.0)).collect(),
        event: Routine::new(event, Vec::new()),
        rates: finished(routine(graph, &composed.rates)),
        magnitudes: (!apart.is_empty()).then(|| finished(routine(graph, &magnitudes))),
        apart,
        outputs: finished(routine(graph, &composed.outputs)),
        jacobian: Jacobian {
            routine: finished(routine(
                graph,
                &derivatives.iter().map(|(_, _, node)| *node).collect::<Vec<NodeId>>(),
            )),
            places: derivatives.iter().map(|&(rate, variable, _)| (rate, variable)).collect(),
        },
        solved: composed.solved,
        equations: composed.equations,
    }
}

/// The varying operations behind some results, in an order in which operands come first.
pub(super) fn routine(graph: &Graph, results: &[NodeId]) -> Routine {
    let mut needed = vec![false; graph.nodes().len()];
    for result in results {
        needed[result.0 as usize] = true;
    }
    let mut instructions = Vec::new();
    for index in (0..graph.nodes().len()).rev() {
        let id = NodeId(index as u32);
        if !needed[index] || graph.level(id) < Level::Varying {
            continue;
        }
        match graph.node(id) {
            Node::Unary(_, x) => needed[x.0 as usize] = true,
            Node::Binary(_, a, b) => {
                needed[a.0 as usize] = true;
                needed[b.0 as usize] = true;
            }
            Node::Select(c, a, b) => {
                needed[c.0 as usize] = true;
                needed[a.0 as usize] = true;
                needed[b.0 as usize] = true;
            }
            _ => {}
        }
        instructions.extend(instruction(graph, id));
    }
    instructions.reverse();
    Routine::new(instructions, results.iter().map(|id| id.0).collect())
}

pub(super) fn instruction(graph: &Graph, id: NodeId) -> Option<Instruction> {
    let (code, operands) = match graph.node(id) {
        Node::Unary(operation, x) => (unary_code(operation), [x.0, 0, 0]),
        Node::Binary(operation, a, b) => (binary_code(operation), [a.0, b.0, 0]),
        Node::Select(condition, yes, no) => (Code::Select, [condition.0, yes.0, no.0]),
        _ => return None,
    };
    Some(Instruction { code, operands, to: id.0 })
}

fn unary_code(operation: UnaryOperation) -> Code {
    match operation {
        UnaryOperation::Negate => Code::Negate,
        UnaryOperation::Not => Code::Not,
        UnaryOperation::Exp => Code::Exp,
        UnaryOperation::Log => Code::Log,
        UnaryOperation::Sqrt => Code::Sqrt,
        UnaryOperation::Abs => Code::Abs,
    }
}

fn binary_code(operation: BinaryOperation) -> Code {
    match operation {
        BinaryOperation::Add => Code::Add,
        BinaryOperation::Subtract => Code::Subtract,
        BinaryOperation::Multiply => Code::Multiply,
        BinaryOperation::Divide => Code::Divide,
        BinaryOperation::Power => Code::Power,
        BinaryOperation::Minimum => Code::Minimum,
        BinaryOperation::Maximum => Code::Maximum,
        BinaryOperation::Less => Code::Less,
        BinaryOperation::LessEqual => Code::LessEqual,
        BinaryOperation::Equal => Code::Equal,
        BinaryOperation::And => Code::And,
        BinaryOperation::Or => Code::Or,
    }
}
