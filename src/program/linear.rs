//! Transit chains with equal rates (Erlang) found in the graph, propagated exactly.
//!
//! A chain a₀ → a₁ → … → aₙ has one rate k that is constant between events: a₀' = −k a₀, aᵢ' = k (aᵢ₋₁ − aᵢ). First-order
//! absorption from a depot is a chain of one. Integrated, the eight transit steps of an oral model reach rates of
//! 960 1/d and dominate the cost of everything; in closed form they cost one exponential.

use super::graph::{Graph, Level, Node, NodeId};
use super::inputs::Reads;
use crate::model::{BinaryOperation, UnaryOperation};

/// A chain of states with one rate k.
#[derive(Debug, Clone, PartialEq)]
pub struct TransitChain {
    /// State indices in the order of flow.
    pub states: Vec<usize>,
    /// States outside the chain whose rate has an additive term c·aₙ with c constant between events. What such a state
    /// receives from the chain is c/k × (what has left the chain), in closed form.
    pub fed: Vec<usize>,
}

/// By state, whether it lies in a chain before the last and is read by nothing outside the chain.
pub(super) fn upstream(chains: &[ChainNodes], reads: &[Reads]) -> Vec<bool> {
    let inner = |state: usize, chain: &[usize]| {
        let inside = chain.split_last().is_some_and(|(_, before)| before.contains(&state));
        inside && (0..reads.len()).all(|other| chain.contains(&other) || !reads[other].states[state])
    };
    (0..reads.len()).map(|state| chains.iter().any(|found| inner(state, &found.chain.states))).collect()
}

/// A chain with the nodes that the evaluator needs.
#[derive(Debug)]
pub(super) struct ChainNodes {
    pub chain: TransitChain,
    /// k
    pub rate: NodeId,
    /// c/k of each fed state.
    pub shares: Vec<NodeId>,
}

/// One additive term of a rate: ± coefficient × leaf, the coefficient constant between events.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub negative: bool,
    pub coefficient: NodeId,
    pub leaf: NodeId,
}

/// Finds all chains in the rates of the states.
pub(super) fn find_chains(graph: &mut Graph, rates: &[NodeId]) -> Vec<ChainNodes> {
    let terms: Vec<Vec<Term>> = rates.iter().map(|rate| additive_terms(graph, *rate)).collect();
    let mut chains = Vec::new();
    for head in 0..rates.len() {
        if let Some(rate) = head_rate(graph, &terms[head], head) {
            chains.push(follow(graph, &terms, head, rate));
        }
    }
    chains
}

/// The rates that are left to be integrated: 0 for the states in `closed`, which have a closed form; without what the chains
/// bring for the others, which are noted as fed.
pub(super) fn take_out(
    graph: &mut Graph,
    rates: &[NodeId],
    chains: &mut [ChainNodes],
    closed: &[bool],
) -> Vec<NodeId> {
    let mut remainder = rates.to_vec();
    let zero = graph.constant(0.0);
    let mut rest: Vec<Vec<Term>> = rates.iter().map(|rate| additive_terms(graph, *rate)).collect();
    for state in (0..rates.len()).filter(|&state| closed[state]) {
        remainder[state] = zero;
    }
    for found in chains {
        let Some(&last) = found.chain.states.last() else { continue };
        for state in (0..rates.len()).filter(|&state| !closed[state]) {
            let is_feed = |graph: &Graph, term: &Term| graph.node(term.leaf) == Node::State(last as u32);
            let Some(position) = rest[state].iter().position(|term| is_feed(graph, term)) else { continue };
            let feed = rest[state].remove(position);
            let share = graph.binary(BinaryOperation::Divide, feed.coefficient, found.rate);
            let share = if feed.negative { graph.unary(UnaryOperation::Negate, share) } else { share };
            found.chain.fed.push(state);
            found.shares.push(share);
            remainder[state] = sum(graph, &rest[state]);
        }
    }
    remainder
}

/// The rate k of a state whose only term is −k × itself.
fn head_rate(graph: &Graph, terms: &[Term], state: usize) -> Option<NodeId> {
    match terms {
        [only] if only.negative && graph.node(only.leaf) == Node::State(state as u32) => {
            Some(only.coefficient)
        }
        _ => None,
    }
}

/// Follows the flow from `head` through states whose rate is exactly k (previous − own).
fn follow(graph: &Graph, terms: &[Vec<Term>], head: usize, rate: NodeId) -> ChainNodes {
    let mut states = vec![head];
    loop {
        let last = states[states.len() - 1];
        let next = (0..terms.len()).find(|&state| {
            let is = |term: &Term, of: usize, negative: bool| {
                term.negative == negative
                    && term.coefficient == rate
                    && graph.node(term.leaf) == Node::State(of as u32)
            };
            match terms[state].as_slice() {
                [a, b] => {
                    (is(a, last, false) && is(b, state, true)) || (is(b, last, false) && is(a, state, true))
                }
                _ => false,
            }
        });
        match next {
            Some(state) if !states.contains(&state) => states.push(state),
            _ => break,
        }
    }
    let chain = TransitChain { states, fed: Vec::new() };
    ChainNodes { chain, rate, shares: Vec::new() }
}

/// Splits a node into additive terms, distributing coefficients that are constant between events over sums.
pub(super) fn additive_terms(graph: &mut Graph, node: NodeId) -> Vec<Term> {
    let one = graph.constant(1.0);
    let mut terms = Vec::new();
    let mut open = vec![Term { negative: false, coefficient: one, leaf: node }];
    while let Some(term) = open.pop() {
        use BinaryOperation as Op;
        let part =
            |negative, coefficient, leaf| Term { negative: term.negative ^ negative, coefficient, leaf };
        match graph.node(term.leaf) {
            Node::Unary(UnaryOperation::Negate, x) => open.push(part(true, term.coefficient, x)),
            Node::Binary(Op::Add, a, b) => {
                open.push(part(false, term.coefficient, b));
                open.push(part(false, term.coefficient, a));
            }
            Node::Binary(Op::Subtract, a, b) => {
                open.push(part(true, term.coefficient, b));
                open.push(part(false, term.coefficient, a));
            }
            Node::Binary(Op::Multiply, a, b) if graph.level(a) < Level::Varying => {
                let coefficient = graph.binary(Op::Multiply, term.coefficient, a);
                open.push(part(false, coefficient, b));
            }
            Node::Binary(Op::Multiply, a, b) if graph.level(b) < Level::Varying => {
                let coefficient = graph.binary(Op::Multiply, term.coefficient, b);
                open.push(part(false, coefficient, a));
            }
            Node::Binary(Op::Divide, a, b) if graph.level(b) < Level::Varying => {
                let coefficient = graph.binary(Op::Divide, term.coefficient, b);
                open.push(part(false, coefficient, a));
            }
            // −k as a hoisted node: the sign belongs to the term.
            _ => terms.push(signed(graph, term)),
        }
    }
    terms
}

/// Moves the sign of a coefficient of the form −k into the term.
fn signed(graph: &mut Graph, mut term: Term) -> Term {
    match graph.node(term.coefficient) {
        Node::Unary(UnaryOperation::Negate, positive) => {
            term.negative = !term.negative;
            term.coefficient = positive;
        }
        Node::Constant(bits) if f64::from_bits(bits) < 0.0 => {
            term.negative = !term.negative;
            term.coefficient = graph.constant(-f64::from_bits(bits));
        }
        _ => {}
    }
    term
}

fn sum(graph: &mut Graph, terms: &[Term]) -> NodeId {
    let mut total = graph.constant(0.0);
    for term in terms {
        let product = graph.binary(BinaryOperation::Multiply, term.coefficient, term.leaf);
        let operation = if term.negative { BinaryOperation::Subtract } else { BinaryOperation::Add };
        total = graph.binary(operation, total, product);
    }
    total
}
