//! Linear systems found in the graph: states whose rates are linear, with coefficients constant between events, in
//! states of the same kind. Absorption, one to three compartments, effect compartments, areas and excreted amounts are
//! such systems, in any number and order; so are infusions into them. They have a closed form ([`crate::math::modes`]).
//!
//! Left out: compartments that exchange in a ring (they may swing), longer chains of one rate ([`super::linear`] propagates
//! these), more than five rates in one system, and all that is fed by what is left out.

use super::graph::{Graph, Level, Node, NodeId};
use super::linear::{ChainNodes, Term, additive_terms};
use crate::math::modes::Shape;
use crate::model::{BinaryOperation, UnaryOperation};

/// Chains of one rate from this length on stay chains.
const LONG_CHAIN: usize = 4;
/// Compartments that exchange with one another.
const MOST_COMPARTMENTS: usize = 3;

/// A linear system with the nodes that the evaluator needs.
#[derive(Debug)]
pub(super) struct SystemNodes {
    /// State indices in the order of flow.
    pub states: Vec<usize>,
    pub shape: Shape,
    /// (row, column, node) of the matrix, by places in `states`, where it is not 0 by structure.
    pub entries: Vec<(usize, usize, NodeId)>,
    /// (row, node) of the constant inflows.
    pub inflows: Vec<(usize, NodeId)>,
}

/// Finds all systems in the rates of the states. `chains` are those found; `infusible` the states into which doses go;
/// `integrated` those that must not be taken.
pub(super) fn find_systems(
    graph: &mut Graph,
    rates: &[NodeId],
    chains: &[ChainNodes],
    infusible: &[bool],
    integrated: &[bool],
) -> Vec<SystemNodes> {
    let terms: Vec<Vec<Term>> = rates.iter().map(|rate| additive_terms(graph, *rate)).collect();
    let flows = Flows::new(graph, &terms);
    let mut eligible: Vec<bool> =
        (0..rates.len()).map(|state| flows.linear[state] && !integrated[state]).collect();
    for chain in chains.iter().filter(|found| found.chain.states.len() >= LONG_CHAIN) {
        chain.chain.states.iter().for_each(|&state| eligible[state] = false);
    }
    let mut groups: Vec<Vec<usize>> = flows.groups();
    for group in groups.iter().filter(|group| !flows.is_tree(group)) {
        group.iter().for_each(|&state| eligible[state] = false);
    }
    flows.drop_fed(&mut eligible);
    groups.retain(|group| eligible[group[0]]);
    let mut systems = Vec::new();
    for mut groups in flows.connected(groups) {
        let shape = loop {
            let infused = |state: &usize| infusible[*state] || flows.inflow[*state];
            let described: Vec<(usize, bool)> =
                groups.iter().map(|group| (group.len(), flows.accumulates(group))).collect();
            match Shape::new(&described, groups.iter().flatten().any(infused)) {
                Some(shape) => break shape,
                // The last that has a rate of its own goes, with what it feeds.
                None => {
                    let last = groups.iter().rposition(|group| !flows.accumulates(group)).unwrap_or_default();
                    let dropped = groups.remove(last);
                    groups.retain(|group| !flows.reaches[dropped[0]][group[0]]);
                }
            }
        };
        let states: Vec<usize> = groups.concat();
        // A chain that feeds what is integrated stays a chain, whose share in that is exact too.
        let rated: Vec<usize> =
            groups.iter().filter(|group| !flows.accumulates(group)).flatten().copied().collect();
        let feeds_others = |chain: &[usize]| {
            let last = chain[chain.len() - 1];
            (0..rates.len()).any(|state| flows.feeds[last][state] && !eligible[state])
        };
        let is_chain = chains.iter().any(|found| {
            let chain = &found.chain.states;
            *chain == rated && (rated.len() == states.len() || feeds_others(chain))
        });
        if !is_chain && !states.is_empty() {
            systems.push(nodes(graph, &terms, states, shape));
        }
    }
    systems
}

/// Which state flows into which.
struct Flows {
    /// Every term of the rate is a constant, or one times a state.
    linear: Vec<bool>,
    /// `feeds[from][to]`, and whether by a subtraction.
    feeds: Vec<Vec<bool>>,
    subtracts: Vec<Vec<bool>>,
    /// The same over any number of steps.
    reaches: Vec<Vec<bool>>,
    /// The rate has a constant term.
    inflow: Vec<bool>,
}

impl Flows {
    fn new(graph: &Graph, terms: &[Vec<Term>]) -> Self {
        let n = terms.len();
        let table = || vec![vec![false; n]; n];
        let (mut feeds, mut subtracts) = (table(), table());
        let mut flows = Flows {
            linear: vec![true; n],
            feeds: table(),
            subtracts: table(),
            reaches: table(),
            inflow: vec![false; n],
        };
        for (state, terms) in terms.iter().enumerate() {
            for term in terms {
                match graph.node(term.leaf) {
                    Node::State(from) => {
                        feeds[from as usize][state] = true;
                        subtracts[from as usize][state] |= term.negative;
                    }
                    _ if graph.value(term.leaf) == Some(0.0) => {}
                    _ if graph.level(term.leaf) < Level::Varying => flows.inflow[state] = true,
                    _ => flows.linear[state] = false,
                }
            }
        }
        flows.reaches.clone_from(&feeds);
        for over in 0..n {
            for from in 0..n {
                if flows.reaches[from][over] {
                    for to in 0..n {
                        flows.reaches[from][to] |= flows.reaches[over][to];
                    }
                }
            }
        }
        (flows.feeds, flows.subtracts) = (feeds, subtracts);
        flows
    }

    /// States that exchange with one another, in the order of flow: what feeds comes before what is fed.
    fn groups(&self) -> Vec<Vec<usize>> {
        let n = self.linear.len();
        let mutual = |a: usize, b: usize| a == b || (self.reaches[a][b] && self.reaches[b][a]);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for state in 0..n {
            match groups.iter_mut().find(|group| mutual(group[0], state)) {
                Some(group) => group.push(state),
                None => groups.push(vec![state]),
            }
        }
        let mut ordered: Vec<Vec<usize>> = Vec::new();
        while !groups.is_empty() {
            let free = |group: &[usize]| {
                groups.iter().all(|other| other[0] == group[0] || !self.reaches[other[0]][group[0]])
            };
            let next = groups.iter().position(|group| free(group)).unwrap_or_default();
            ordered.push(groups.remove(next));
        }
        ordered
    }

    /// Compartments that exchange pairwise, without a ring, and give each other what they lose: such a system cannot swing.
    fn is_tree(&self, group: &[usize]) -> bool {
        let pairs =
            group.iter().enumerate().flat_map(|(place, &a)| group[place + 1..].iter().map(move |&b| (a, b)));
        let mut exchanges = 0;
        for (a, b) in pairs {
            if self.feeds[a][b] != self.feeds[b][a] || self.subtracts[a][b] || self.subtracts[b][a] {
                return false;
            }
            exchanges += usize::from(self.feeds[a][b]);
        }
        group.len() <= MOST_COMPARTMENTS && exchanges + 1 == group.len()
    }

    /// Without a rate of its own.
    fn accumulates(&self, group: &[usize]) -> bool {
        group.len() == 1 && !self.feeds[group[0]][group[0]]
    }

    /// What is fed by a state that is not eligible is not eligible either.
    fn drop_fed(&self, eligible: &mut [bool]) {
        for from in 0..self.linear.len() {
            if !self.linear[from] || !eligible[from] {
                eligible[from] = false;
                for (to, eligible) in eligible.iter_mut().enumerate() {
                    *eligible &= !self.reaches[from][to];
                }
            }
        }
    }

    /// Groups that hang together, each list in the order of flow.
    fn connected(&self, groups: Vec<Vec<usize>>) -> Vec<Vec<Vec<usize>>> {
        let touches = |a: &[usize], b: &[usize]| self.reaches[a[0]][b[0]] || self.reaches[b[0]][a[0]];
        let mut parts: Vec<Vec<Vec<usize>>> = Vec::new();
        for group in groups {
            let (mut joined, apart): (Vec<_>, Vec<_>) = parts
                .into_iter()
                .partition(|part: &Vec<Vec<usize>>| part.iter().any(|other| touches(other, &group)));
            parts = apart;
            // Parts that only this group joins stay each in its own order, which is that of flow.
            let mut whole: Vec<Vec<usize>> = joined.drain(..).flatten().collect();
            whole.push(group);
            parts.push(whole);
        }
        parts
    }
}

fn nodes(graph: &mut Graph, terms: &[Vec<Term>], states: Vec<usize>, shape: Shape) -> SystemNodes {
    let mut entries: Vec<(usize, usize, NodeId)> = Vec::new();
    let mut inflows: Vec<(usize, NodeId)> = Vec::new();
    for (row, &state) in states.iter().enumerate() {
        for term in &terms[state] {
            let Node::State(from) = graph.node(term.leaf) else {
                let value = graph.binary(BinaryOperation::Multiply, term.coefficient, term.leaf);
                let known = inflows.iter().position(|inflow| inflow.0 == row);
                let total = add(graph, known.map(|place| inflows[place].1), value, term.negative);
                match known {
                    Some(place) => inflows[place].1 = total,
                    None => inflows.push((row, total)),
                }
                continue;
            };
            // All that flows in comes from states of the system.
            let Some(column) = states.iter().position(|&of| of == from as usize) else { continue };
            let known = entries.iter().position(|entry| (entry.0, entry.1) == (row, column));
            let total = add(graph, known.map(|place| entries[place].2), term.coefficient, term.negative);
            match known {
                Some(place) => entries[place].2 = total,
                None => entries.push((row, column, total)),
            }
        }
    }
    SystemNodes { states, shape, entries, inflows }
}

fn add(graph: &mut Graph, sum: Option<NodeId>, value: NodeId, negative: bool) -> NodeId {
    match (sum, negative) {
        (Some(sum), true) => graph.binary(BinaryOperation::Subtract, sum, value),
        (Some(sum), false) => graph.binary(BinaryOperation::Add, sum, value),
        (None, true) => graph.unary(UnaryOperation::Negate, value),
        (None, false) => value,
    }
}
