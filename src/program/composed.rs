//! The composed program: the equations that are left when states with a closed form are not integrated.
//!
//! Between events a chain of equal rates k has a closed form (Erlang): with x = kτ, τ the time since the last event, its
//! element i holds aᵢ(τ) = e⁻ˣ Σⱼ aᵢ₋ⱼ(0) xʲ/j!, and the chain as a whole Σₘ Sₘ xᵐ/m! e⁻ˣ, Sₘ the content of all elements
//! but the last m. So chain states leave the solver's vector; a state x that the chain feeds is integrated as
//! u = x − share·left(τ), where left(τ) is what has left the chain since the event. The eight-step absorption of
//! lenalidomide reaches rates of 960 1/d: integrated it would dictate every step. As left(τ) is exact, linear
//! invariants (mass balance) stay closed to rounding. Constant inputs r (infusions) move the chain towards its
//! steady state rᵢ/k, and it is the deviation from this that the formulas propagate.
//!
//! The states of other linear systems ([`super::systems`]) are sums of e^(−μτ)·polynomial(τ).
//!
//! All of this is written into the graph, with the sums' coefficients as inputs that change at events: the operations
//! are then shared, fused and run like those of any other equation, for one patient and in lanes.

use super::graph::{Graph, Node, NodeId};
use super::linear::ChainNodes;
use super::systems::SystemNodes;
use crate::model::{BinaryOperation, UnaryOperation};

/// Beyond this x nothing is left in any chain, and xⁿ of a long one stays finite (e⁻⁷⁰⁰ 700⁹⁹/99! < 1e-157).
const EMPTY_BEYOND: f64 = 700.0;
/// Shorter chains need no such bound: (kτ)ⁿ⁻¹ is finite for every rate and time that can be meant.
const LONG: usize = 20;

/// A number that is constant between events, computed from the chain's contents when one happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Coefficient {
    /// Σ aᵢ(0), less the steady contents.
    Total { chain: usize },
    /// Sₘ/m!
    Remaining { chain: usize, m: usize },
    /// aᵢ₋ⱼ(0)/j!
    Amount { chain: usize, i: usize, j: usize },
    /// Steady content of element i.
    Steady { chain: usize, i: usize },
    /// What enters the chain per day.
    Inflow { chain: usize },
    /// −μ of a linear system's slot.
    Decay { system: usize, slot: usize },
    /// Coefficient of t^`power` e^(−μt) in a state of a linear system, by its place there.
    Mode { system: usize, state: usize, slot: usize, power: usize },
}

/// Nodes of the composed program.
#[derive(Debug)]
pub(super) struct Composed {
    /// Time of the last event.
    pub base: NodeId,
    /// The state of each of the solver's equations.
    pub solved: Vec<usize>,
    /// For each state its equation, where u is x.
    pub equations: Vec<Option<usize>>,
    /// First of the solver's variables, which are contiguous.
    pub variables: NodeId,
    /// (state, node) of the constant inputs.
    pub inputs: Vec<(usize, NodeId)>,
    pub coefficients: Vec<(Coefficient, NodeId)>,
    pub rates: Vec<NodeId>,
    /// |x| of each equation where u is not x.
    pub magnitudes: Vec<(usize, NodeId)>,
    pub outputs: Vec<NodeId>,
}

/// Composes the equations. `remainder` are the rates without what the closed forms do, `infusible` the states into which
/// infusions go, `resting` those that stay empty.
pub(super) fn compose(
    graph: &mut Graph,
    (chains, systems): (&[ChainNodes], &[SystemNodes]),
    remainder: &[NodeId],
    outputs: &[NodeId],
    [infusible, resting]: [&[bool]; 2],
) -> Composed {
    let closed = |state: usize| {
        chains.iter().any(|found| found.chain.states.contains(&state))
            || systems.iter().any(|found| found.states.contains(&state))
    };
    let is_fed = |state: usize| chains.iter().any(|found| found.chain.fed.contains(&state));
    let solved: Vec<usize> =
        (0..remainder.len()).filter(|&state| !closed(state) && !resting[state]).collect();
    let mut equations = vec![None; remainder.len()];
    for (equation, &state) in solved.iter().enumerate().filter(|(_, state)| !is_fed(**state)) {
        equations[state] = Some(equation);
    }
    let base = graph.enter(Node::Base);
    let variables = NodeId(graph.nodes().len() as u32);
    for equation in 0..solved.len() {
        graph.enter(Node::Variable(equation as u32));
    }
    let infused = (0..remainder.len()).filter(|&state| infusible[state]);
    let inputs: Vec<(usize, NodeId)> =
        infused.map(|state| (state, graph.enter(Node::Input(state as u32)))).collect();
    let now = graph.enter(Node::Time);
    let elapsed = graph.binary(BinaryOperation::Subtract, now, base);
    let mut composer = Composer {
        elapsed,
        chains,
        systems,
        infusible,
        solved: &solved,
        coefficients: Vec::new(),
        states: vec![None; remainder.len()],
        memo: Vec::new(),
        graph,
    };
    let rates = solved
        .iter()
        .map(|&state| {
            let rate = composer.translate(remainder[state]);
            match inputs.iter().find(|input| input.0 == state) {
                Some(&(_, input)) => composer.graph.binary(BinaryOperation::Add, rate, input),
                None => rate,
            }
        })
        .collect();
    let apart = solved.iter().enumerate().filter(|(_, state)| is_fed(**state));
    let magnitudes = apart
        .map(|(equation, &state)| {
            let value = composer.state(state);
            (equation, composer.graph.unary(UnaryOperation::Abs, value))
        })
        .collect();
    let outputs = outputs.iter().map(|&output| composer.translate(output)).collect();
    let coefficients = composer.coefficients;
    Composed { base, solved, equations, variables, inputs, coefficients, rates, magnitudes, outputs }
}

struct Composer<'c> {
    graph: &'c mut Graph,
    chains: &'c [ChainNodes],
    systems: &'c [SystemNodes],
    infusible: &'c [bool],
    solved: &'c [usize],
    /// τ
    elapsed: NodeId,
    coefficients: Vec<(Coefficient, NodeId)>,
    /// States as functions of the solver's variables and time.
    states: Vec<Option<NodeId>>,
    /// By node of the original equations.
    memo: Vec<Option<NodeId>>,
}

impl Composer<'_> {
    fn binary(&mut self, operation: BinaryOperation, a: NodeId, b: NodeId) -> NodeId {
        self.graph.binary(operation, a, b)
    }

    fn coefficient(&mut self, coefficient: Coefficient) -> NodeId {
        if let Some((_, node)) = self.coefficients.iter().find(|known| known.0 == coefficient) {
            return *node;
        }
        let node = self.graph.enter(Node::Coefficient(self.coefficients.len() as u32));
        self.coefficients.push((coefficient, node));
        node
    }

    /// A node of the original equations in terms of the solver's variables.
    fn translate(&mut self, node: NodeId) -> NodeId {
        // Operands come before what is made of them, so that a loop serves where recursion might go deep.
        let mut open = vec![node];
        while let Some(&next) = open.last() {
            if self.known(next).is_some() {
                open.pop();
                continue;
            }
            let missing: Vec<NodeId> =
                operands(self.graph.node(next)).filter(|operand| self.known(*operand).is_none()).collect();
            if missing.is_empty() {
                let translated = self.rebuild(next);
                let place = next.0 as usize;
                if self.memo.len() <= place {
                    self.memo.resize(place + 1, None);
                }
                self.memo[place] = Some(translated);
                open.pop();
            } else {
                open.extend(missing);
            }
        }
        self.known(node).unwrap_or(node)
    }

    fn known(&self, node: NodeId) -> Option<NodeId> {
        self.memo.get(node.0 as usize).copied().flatten()
    }

    fn rebuild(&mut self, node: NodeId) -> NodeId {
        let known = |composer: &Self, operand: NodeId| composer.known(operand).unwrap_or(operand);
        match self.graph.node(node) {
            Node::State(state) => self.state(state as usize),
            Node::Unary(operation, x) => {
                let x = known(self, x);
                self.graph.unary(operation, x)
            }
            Node::Binary(operation, a, b) => {
                let (a, b) = (known(self, a), known(self, b));
                self.graph.binary(operation, a, b)
            }
            Node::Select(condition, yes, no) => {
                let (condition, yes, no) = (known(self, condition), known(self, yes), known(self, no));
                self.graph.select(condition, yes, no)
            }
            _ => node,
        }
    }

    /// The value of a state.
    fn state(&mut self, state: usize) -> NodeId {
        if let Some(node) = self.states[state] {
            return node;
        }
        let place = |states: &[usize]| states.iter().position(|&of| of == state);
        let of_chain = |(chain, found): (usize, &ChainNodes)| Some((chain, place(&found.chain.states)?));
        let of_system = |(system, found): (usize, &SystemNodes)| Some((system, place(&found.states)?));
        let chain = self.chains.iter().enumerate().find_map(of_chain);
        let system = self.systems.iter().enumerate().find_map(of_system);
        let node = match (chain, system) {
            (Some((chain, element)), _) => self.element(chain, element),
            (None, Some((system, place))) => self.modes(system, place),
            (None, None) => {
                let equation = self.solved.iter().position(|&of| of == state).unwrap_or_default();
                let mut value = self.graph.enter(Node::Variable(equation as u32));
                for (chain, found) in self.chains.iter().enumerate() {
                    if let Some(fed) = place(&found.chain.fed) {
                        let left = self.left(chain);
                        let part = self.binary(BinaryOperation::Multiply, found.shares[fed], left);
                        value = self.binary(BinaryOperation::Add, value, part);
                    }
                }
                value
            }
        };
        self.states[state] = Some(node);
        node
    }

    /// Σ e^(−μτ)·polynomial(τ) over the slots of a linear system.
    fn modes(&mut self, system: usize, state: usize) -> NodeId {
        let shape = &self.systems[system].shape;
        let resting = shape.slots().len() - usize::from(shape.has_resting());
        let mut sum = self.graph.constant(0.0);
        for (slot, &terms) in shape.slots().iter().enumerate() {
            let coefficients: Vec<NodeId> = (0..terms)
                .map(|power| self.coefficient(Coefficient::Mode { system, state, slot, power }))
                .collect();
            let mut part = self.polynomial(self.elapsed, &coefficients);
            if slot != resting {
                let decay = self.coefficient(Coefficient::Decay { system, slot });
                let exponent = self.binary(BinaryOperation::Multiply, decay, self.elapsed);
                let decay = self.graph.unary(UnaryOperation::Exp, exponent);
                part = self.binary(BinaryOperation::Multiply, decay, part);
            }
            sum = self.binary(BinaryOperation::Add, sum, part);
        }
        sum
    }

    fn is_infused(&self, chain: usize) -> bool {
        self.chains[chain].chain.states.iter().any(|&state| self.infusible[state])
    }

    /// x = kτ and e⁻ˣ.
    fn decay(&mut self, chain: usize) -> (NodeId, NodeId) {
        let rate = self.chains[chain].rate;
        let mut x = self.binary(BinaryOperation::Multiply, rate, self.elapsed);
        if self.chains[chain].chain.states.len() > LONG {
            let bound = self.graph.constant(EMPTY_BEYOND);
            x = self.binary(BinaryOperation::Minimum, x, bound);
        }
        let negative = self.graph.unary(UnaryOperation::Negate, x);
        (x, self.graph.unary(UnaryOperation::Exp, negative))
    }

    /// Σ coefficientᵢ xⁱ by Horner's rule.
    fn polynomial(&mut self, x: NodeId, coefficients: &[NodeId]) -> NodeId {
        let mut descending = coefficients.iter().rev();
        let Some(&highest) = descending.next() else { return self.graph.constant(0.0) };
        descending.fold(highest, |sum, &coefficient| {
            let product = self.binary(BinaryOperation::Multiply, sum, x);
            self.binary(BinaryOperation::Add, product, coefficient)
        })
    }

    /// What has left a chain since the last event.
    fn left(&mut self, chain: usize) -> NodeId {
        let (x, decay) = self.decay(chain);
        let length = self.chains[chain].chain.states.len();
        let coefficients: Vec<NodeId> =
            (0..length).map(|m| self.coefficient(Coefficient::Remaining { chain, m })).collect();
        let remaining = self.polynomial(x, &coefficients);
        let remaining = self.binary(BinaryOperation::Multiply, decay, remaining);
        let total = self.coefficient(Coefficient::Total { chain });
        let left = self.binary(BinaryOperation::Subtract, total, remaining);
        if !self.is_infused(chain) {
            return left;
        }
        let inflow = self.coefficient(Coefficient::Inflow { chain });
        let entered = self.binary(BinaryOperation::Multiply, inflow, self.elapsed);
        self.binary(BinaryOperation::Add, entered, left)
    }

    /// The content of one element of a chain.
    fn element(&mut self, chain: usize, i: usize) -> NodeId {
        let (x, decay) = self.decay(chain);
        let coefficients: Vec<NodeId> =
            (0..=i).map(|j| self.coefficient(Coefficient::Amount { chain, i, j })).collect();
        let sum = self.polynomial(x, &coefficients);
        let content = self.binary(BinaryOperation::Multiply, decay, sum);
        if !self.is_infused(chain) {
            return content;
        }
        let steady = self.coefficient(Coefficient::Steady { chain, i });
        self.binary(BinaryOperation::Add, content, steady)
    }
}

fn operands(node: Node) -> impl Iterator<Item = NodeId> {
    let operands = match node {
        Node::Unary(_, x) => [Some(x), None, None],
        Node::Binary(_, a, b) => [Some(a), Some(b), None],
        Node::Select(condition, yes, no) => [Some(condition), Some(yes), Some(no)],
        _ => [None; 3],
    };
    operands.into_iter().flatten()
}
