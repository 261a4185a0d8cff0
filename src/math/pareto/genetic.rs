//! NSGA-II: a search for the front by a population that is crossed, mutated and sorted (Deb, Pratap, Agarwal and Meyarivan 2002,
//! doi:10.1109/4235.996017).
//!
//! Every variable is a grid (of doses that tablets make, of thousandths of a range) or a choice without order, after Deb and
//! Goyal 1996 (GeneAS), so that two points are the same or not, and none is computed twice. Points are asked for generation by generation and
//! told about ([`Evolution::ask`], [`Evolution::tell`]); what is asked for next depends on the seed and on what was told alone, and each
//! draw is named by generation, child and attempt: a search that was stopped goes the same way again.

use std::collections::BTreeSet;

use super::order::{Candidate, crowding, layers};
use crate::math::random::{Identity, Stream};

/// One variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gene {
    /// So many places in order.
    Grid(usize),
    /// So many values without order.
    Choice(usize),
}

/// A place of each variable.
pub type Genome = Vec<usize>;

/// How children are made of parents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operators {
    /// Probability that two parents are crossed (0.9 in Deb 2002, section IV A).
    pub crossover: f64,
    /// Index of the distribution of crossed values: the larger, the nearer to the parents (20 there).
    pub crossover_index: f64,
    /// Index of the distribution of mutations (20 there).
    pub mutation_index: f64,
}

impl Default for Operators {
    fn default() -> Self {
        Self { crossover: 0.9, crossover_index: 20.0, mutation_index: 20.0 }
    }
}

/// Attempts at a child that is new and admissible by crossing and mutating.
const BRED: u64 = 20;
/// Attempts by chance alone after these: beyond, the space is taken to be exhausted.
const DRAWN: u64 = 200;

/// A search under way.
#[derive(Debug, Clone)]
pub struct Evolution {
    genes: Vec<Gene>,
    population: usize,
    operators: Operators,
    seed: u64,
    generation: u64,
    parents: Vec<(Genome, Candidate)>,
    asked: BTreeSet<Genome>,
    pending: Vec<Genome>,
}

impl Evolution {
    /// Begins with `first` points, such as a space-filling design. A population is at least 4.
    pub fn new(
        genes: Vec<Gene>,
        population: usize,
        operators: Operators,
        seed: u64,
        first: Vec<Genome>,
    ) -> Self {
        let mut asked = BTreeSet::new();
        let pending: Vec<Genome> = first.into_iter().filter(|genome| asked.insert(genome.clone())).collect();
        let population = population.max(4);
        Self { genes, population, operators, seed, generation: 0, parents: Vec::new(), asked, pending }
    }

    /// Points whose objectives are to be told next, all new; empty when nothing new is found.
    pub fn ask(&self) -> &[Genome] {
        &self.pending
    }

    /// The generation of these, from 0.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Takes what was asked for, in its order (of fewer the first ones), keeps the best and makes the next generation, of at most `most` points. Those that
    /// are not `admissible` are never asked for.
    pub fn tell(&mut self, found: Vec<Candidate>, most: usize, admissible: impl Fn(&Genome) -> bool) {
        let told = std::mem::take(&mut self.pending).into_iter().zip(found);
        self.parents.extend(told);
        self.parents = survivors(std::mem::take(&mut self.parents), self.population);
        self.generation += 1;
        if self.parents.is_empty() {
            return;
        }
        let rank = Rank::new(self.parents.iter().map(|(_, candidate)| candidate));
        for child in 0..self.population.min(most) as u64 {
            let Some(genome) = (0..BRED + DRAWN)
                .map(|attempt| self.child(&rank, child, attempt))
                .find(|genome| !self.asked.contains(genome) && admissible(genome))
            else {
                return;
            };
            self.asked.insert(genome.clone());
            self.pending.push(genome);
        }
    }

    fn child(&self, rank: &Rank, child: u64, attempt: u64) -> Genome {
        let occasion = (self.generation << 16) + attempt;
        let mut stream =
            Stream::new(Identity { seed: self.seed, patient: child, purpose: "child", occasion });
        if attempt >= BRED {
            return self.genes.iter().map(|gene| below(gene.count(), &mut stream)).collect();
        }
        let mother = &self.parents[rank.tournament(&mut stream)].0;
        let father = &self.parents[rank.tournament(&mut stream)].0;
        let crossed = stream.uniform() < self.operators.crossover;
        let mutation = 1.0 / self.genes.len().max(1) as f64;
        let mut genome = Vec::with_capacity(self.genes.len());
        for (place, gene) in self.genes.iter().enumerate() {
            let mut value = mother[place];
            // Each variable is crossed with probability 1/2 (Deb and Agrawal 1995).
            if crossed && stream.uniform() < 0.5 {
                value = gene.crossed([value, father[place]], self.operators.crossover_index, &mut stream);
            }
            if stream.uniform() < mutation {
                value = gene.mutated(value, self.operators.mutation_index, &mut stream);
            }
            genome.push(value);
        }
        genome
    }
}

/// A whole number below `count`.
fn below(count: usize, stream: &mut Stream) -> usize {
    ((stream.uniform() * count as f64) as usize).min(count.saturating_sub(1))
}

/// The best of a pool: layer after layer, of the last the least crowded (Deb 2002, section III C).
fn survivors(pool: Vec<(Genome, Candidate)>, size: usize) -> Vec<(Genome, Candidate)> {
    if pool.len() <= size {
        return pool;
    }
    let rank = Rank::new(pool.iter().map(|(_, candidate)| candidate));
    let mut order: Vec<usize> = (0..pool.len()).collect();
    order.sort_by(|a, b| {
        rank.layer[*a]
            .cmp(&rank.layer[*b])
            .then(rank.distance[*b].total_cmp(&rank.distance[*a]))
            .then(a.cmp(b))
    });
    order.truncate(size);
    order.sort_unstable();
    let mut kept = order.into_iter().peekable();
    let mut survivors = Vec::with_capacity(size);
    for (place, one) in pool.into_iter().enumerate() {
        if kept.peek() == Some(&place) {
            kept.next();
            survivors.push(one);
        }
    }
    survivors
}

/// Layer, and distance within it, of each of a population.
struct Rank {
    layer: Vec<usize>,
    distance: Vec<f64>,
}

impl Rank {
    fn new<'c>(candidates: impl Iterator<Item = &'c Candidate>) -> Self {
        let all: Vec<Candidate> = candidates.cloned().collect();
        let layer = layers(&all);
        let mut distance = vec![0.0; all.len()];
        for depth in 0..=layer.iter().copied().max().unwrap_or(0) {
            let places: Vec<usize> = (0..all.len()).filter(|place| layer[*place] == depth).collect();
            let of_layer: Vec<&Candidate> = places.iter().map(|place| &all[*place]).collect();
            for (place, found) in places.iter().zip(crowding(&of_layer)) {
                distance[*place] = found;
            }
        }
        Self { layer, distance }
    }

    /// The better of two by chance.
    fn tournament(&self, stream: &mut Stream) -> usize {
        let (a, b) = (below(self.layer.len(), stream), below(self.layer.len(), stream));
        let better =
            self.layer[b].cmp(&self.layer[a]).then(self.distance[a].total_cmp(&self.distance[b])).is_ge();
        if better { a } else { b }
    }
}

impl Gene {
    /// How many values.
    pub fn count(self) -> usize {
        match self {
            Self::Grid(count) | Self::Choice(count) => count,
        }
    }

    /// One child of two values: simulated binary crossover within bounds (Deb and Agrawal 1995, Complex Systems 9:115), brought to
    /// one of its two neighbours on the grid by chance in proportion; of a choice one of the two.
    fn crossed(self, [a, b]: [usize; 2], index: f64, stream: &mut Stream) -> usize {
        let (choice, side) = (stream.uniform(), stream.uniform() < 0.5);
        let Self::Grid(count) = self else { return if side { a } else { b } };
        if a == b {
            return a;
        }
        let (low, high) = (a.min(b) as f64, a.max(b) as f64);
        let last = count.saturating_sub(1) as f64;
        let room = if side { low } else { last - high };
        let beta = 1.0 + 2.0 * room / (high - low);
        let alpha = 2.0 - libm::pow(beta, -(index + 1.0));
        let spread = if choice <= 1.0 / alpha { choice * alpha } else { 1.0 / (2.0 - choice * alpha) };
        let half = 0.5 * (high - low) * libm::pow(spread, 1.0 / (index + 1.0));
        let middle = 0.5 * (low + high);
        on_grid(if side { middle - half } else { middle + half }, count, stream)
    }

    /// Polynomial mutation within bounds (Deb and Goyal 1996, Computer Science and Informatics 26:30), by at least one place of a grid; of a
    /// choice any other value.
    fn mutated(self, value: usize, index: f64, stream: &mut Stream) -> usize {
        let count = self.count();
        if count < 2 {
            return value;
        }
        let Self::Grid(_) = self else { return (value + 1 + below(count - 1, stream)) % count };
        let last = (count - 1) as f64;
        let share = value as f64 / last;
        let chance = stream.uniform();
        let power = 1.0 / (index + 1.0);
        let delta = if chance < 0.5 {
            let left = 2.0 * chance + (1.0 - 2.0 * chance) * libm::pow(1.0 - share, index + 1.0);
            libm::pow(left, power) - 1.0
        } else {
            let right = 2.0 * (1.0 - chance) + (2.0 * chance - 1.0) * libm::pow(share, index + 1.0);
            1.0 - libm::pow(right, power)
        };
        let moved = on_grid((share + delta) * last, count, stream);
        match (moved == value, delta < 0.0) {
            (false, _) => moved,
            (true, true) => value.saturating_sub(1),
            (true, false) => (value + 1).min(count - 1),
        }
    }
}

fn on_grid(value: f64, count: usize, stream: &mut Stream) -> usize {
    let value = value.clamp(0.0, count.saturating_sub(1) as f64);
    let up = stream.uniform() < value - value.floor();
    (value.floor() as usize + usize::from(up)).min(count.saturating_sub(1))
}
