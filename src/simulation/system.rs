//! The composed system: a patient's equations as the solver sees them.
//!
//! With the method of our own, transit chains are not integrated. Between events a chain of equal rates k has a closed
//! form (Erlang), so its states leave the solver's vector; a state x that the chain feeds is integrated as
//! u = x − share·left(t), where left(t) is what has left the chain since the last event. The eight-step absorption of
//! lenalidomide reaches rates of 960 1/d: integrated it would dictate every step. As left(t) is exact, linear
//! invariants (mass balance) stay closed to rounding. The reference methods integrate everything, by the plain rates,
//! as an independent check of this.

use crate::program::{Individual, Program, TransitChain};
use crate::solver::System;

/// One chain since the last event.
#[derive(Debug, Default)]
struct Passage {
    /// k, 1/d.
    rate: f64,
    /// Contents at the last event.
    start: Vec<f64>,
    /// Contents at [`Composition::present`].
    now: Vec<f64>,
    /// Share of what leaves that each fed state receives.
    shares: Vec<f64>,
    /// Amount that has left since the last event.
    left: f64,
    /// Propagated exactly; otherwise integrated with the rest (an infusion runs into it).
    exact: bool,
}

/// How the solver's vector u and the model's states x hang together between two events.
#[derive(Debug)]
pub(super) struct Composition<'p> {
    chains: &'p [TransitChain],
    passages: Vec<Passage>,
    /// The state of each of the solver's equations.
    kept: Vec<usize>,
    /// For each state its equation, where u needs no correction to be x.
    equations: Vec<Option<usize>>,
    /// Time of the last event.
    base: f64,
    /// Time for which `now` and `left` hold.
    present: f64,
}

impl<'p> Composition<'p> {
    /// Decides which chains are propagated exactly: those that `exact` accepts.
    pub(super) fn new(program: &'p Program, exact: &dyn Fn(&TransitChain) -> bool) -> Self {
        let chains = program.chains();
        let passages: Vec<Passage> = chains
            .iter()
            .map(|chain| Passage {
                start: vec![0.0; chain.states.len()],
                now: vec![0.0; chain.states.len()],
                shares: vec![0.0; chain.fed.len()],
                exact: exact(chain),
                ..Passage::default()
            })
            .collect();
        let mut solved = vec![true; program.states()];
        for (chain, _) in chains.iter().zip(&passages).filter(|(_, passage)| passage.exact) {
            for &state in &chain.states {
                solved[state] = false;
            }
        }
        let kept: Vec<usize> = (0..program.states()).filter(|&state| solved[state]).collect();
        let mut equations = vec![None; program.states()];
        for (equation, &state) in kept.iter().enumerate() {
            equations[state] = Some(equation);
        }
        for (chain, _) in chains.iter().zip(&passages).filter(|(_, passage)| passage.exact) {
            for &state in &chain.fed {
                equations[state] = None;
            }
        }
        Composition { chains, passages, kept, equations, base: 0.0, present: 0.0 }
    }

    /// The state of each of the solver's equations.
    pub(super) fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// The equation of a state, where the solver's value is the state's as it stands.
    pub(super) fn equation_of(&self, state: usize) -> Option<usize> {
        self.equations[state]
    }

    /// Starts anew at an event: `states` are the values from now on; writes the solver's vector.
    pub(super) fn rebase(&mut self, time: f64, individual: &Individual, states: &[f64], solved: &mut [f64]) {
        for (number, (chain, passage)) in self.chains.iter().zip(&mut self.passages).enumerate() {
            passage.rate = individual.chain_rate(number);
            individual.chain_shares(number, &mut passage.shares);
            for (start, &state) in passage.start.iter_mut().zip(&chain.states) {
                *start = states[state];
            }
            passage.now.copy_from_slice(&passage.start);
            passage.left = 0.0;
        }
        for (value, &state) in solved.iter_mut().zip(&self.kept) {
            *value = states[state];
        }
        self.base = time;
        self.present = time;
    }

    /// The first state of a chain whose rate or share is not finite for this patient.
    pub(super) fn faulty_chain(&self) -> Option<usize> {
        let faulty = |passage: &Passage| {
            !(passage.rate.is_finite() && passage.shares.iter().all(|share| share.is_finite()))
        };
        let (chain, _) = self.chains.iter().zip(&self.passages).find(|(_, passage)| faulty(passage))?;
        chain.states.first().copied()
    }

    /// Writes all states at `time` from the solver's vector.
    pub(super) fn expand(&mut self, time: f64, solved: &[f64], states: &mut [f64]) {
        for (&value, &state) in solved.iter().zip(&self.kept) {
            states[state] = value;
        }
        let moved = time != self.present;
        for (chain, passage) in self.chains.iter().zip(&mut self.passages).filter(|(_, p)| p.exact) {
            if moved {
                passage.left = crate::math::erlang::propagate(
                    passage.rate,
                    time - self.base,
                    &passage.start,
                    &mut passage.now,
                );
            }
            for (&value, &state) in passage.now.iter().zip(&chain.states) {
                states[state] = value;
            }
            for (&share, &state) in passage.shares.iter().zip(&chain.fed) {
                states[state] += share * passage.left;
            }
        }
        self.present = time;
    }

    /// Adds the terms of the chains that are integrated after all to the rates of the remainder.
    fn add_integrated(&self, states: &[f64], rates: &mut [f64]) {
        for (chain, passage) in self.chains.iter().zip(&self.passages).filter(|(_, p)| !p.exact) {
            let mut inflow = 0.0;
            for &state in &chain.states {
                let outflow = passage.rate * states[state];
                rates[state] += inflow - outflow;
                inflow = outflow;
            }
            for (&share, &state) in passage.shares.iter().zip(&chain.fed) {
                rates[state] += share * inflow;
            }
        }
    }
}

/// The system handed to a solver.
#[derive(Debug)]
pub(super) struct ComposedSystem<'p> {
    pub(super) individual: Individual<'p>,
    pub(super) composition: Composition<'p>,
    /// Zero-order input (infusions) of each state, per day.
    pub(super) inputs: Vec<f64>,
    /// Everything is integrated by the plain rates (reference methods).
    plain: bool,
    states: Vec<f64>,
    rates: Vec<f64>,
}

impl<'p> ComposedSystem<'p> {
    /// The system of a patient; `plain` integrates every state.
    pub(super) fn new(
        individual: Individual<'p>,
        composition: Composition<'p>,
        states: usize,
        plain: bool,
    ) -> Self {
        let zeros = vec![0.0; states];
        ComposedSystem {
            individual,
            composition,
            inputs: zeros.clone(),
            plain,
            states: zeros.clone(),
            rates: zeros,
        }
    }
}

impl System for ComposedSystem<'_> {
    fn dimension(&self) -> usize {
        self.composition.kept.len()
    }

    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        self.composition.expand(t, y, &mut self.states);
        if self.plain {
            self.individual.rates(t, &self.states, &mut self.rates);
        } else {
            self.individual.remainder_rates(t, &self.states, &mut self.rates);
            self.composition.add_integrated(&self.states, &mut self.rates);
        }
        for (rate, &state) in rates.iter_mut().zip(&self.composition.kept) {
            *rate = self.rates[state] + self.inputs[state];
        }
    }

    fn magnitudes(&mut self, t: f64, y: &[f64], magnitudes: &mut [f64]) {
        self.composition.expand(t, y, &mut self.states);
        for (magnitude, &state) in magnitudes.iter_mut().zip(&self.composition.kept) {
            *magnitude = self.states[state].abs();
        }
    }
}
