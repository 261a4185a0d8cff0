//! The composed system: a patient's equations as the solver sees them.
//!
//! With the methods of our own, states that have a closed form between events are not integrated: they leave the
//! solver's vector, and what is left of the equations reads them as known functions of time (the program's composed
//! routines). The reference methods integrate every state by the plain rates, as an independent check of this.

use crate::program::{Individual, NoClosedForm, Program};
use crate::solver::{Differentiable, System};

/// How the solver's vector u and the model's states x hang together between two events.
#[derive(Debug)]
pub(super) struct Composition<'p> {
    program: &'p Program,
    /// The state of each equation where every state is integrated.
    plain: Option<Vec<usize>>,
}

impl<'p> Composition<'p> {
    /// Of a model's program; `plain`: every state is integrated.
    pub(super) fn new(program: &'p Program, plain: bool) -> Self {
        Composition { program, plain: plain.then(|| (0..program.states()).collect()) }
    }

    /// The state of each of the solver's equations.
    pub(super) fn kept(&self) -> &[usize] {
        self.plain.as_deref().unwrap_or_else(|| self.program.solved())
    }

    /// The equation of a state, where the solver's value is the state's as it stands.
    pub(super) fn equation_of(&self, state: usize) -> Option<usize> {
        if self.plain.is_some() { Some(state) } else { self.program.equation_of(state) }
    }

    /// Starts anew at an event (its time, and the span to the next): `states` are the values from now on; writes the solver's
    /// vector.
    ///
    /// # Errors
    /// A state whose closed form cannot be had for this patient.
    pub(super) fn rebase(
        &self,
        individual: &mut Individual,
        event: (f64, f64),
        states: &[f64],
        inputs: &[f64],
        solved: &mut [f64],
    ) -> Result<(), NoClosedForm> {
        if self.plain.is_some() {
            solved.copy_from_slice(states);
            return Ok(());
        }
        individual.rebase(event, states, inputs, solved)
    }

    /// Writes all states at `time` from the solver's vector.
    pub(super) fn expand(&self, individual: &mut Individual, time: f64, solved: &[f64], states: &mut [f64]) {
        if self.plain.is_some() {
            states.copy_from_slice(solved);
        } else {
            individual.expand(time, solved, states);
        }
    }

    /// Writes all outputs at `time` from the solver's vector.
    pub(super) fn outputs(
        &self,
        individual: &mut Individual,
        time: f64,
        solved: &[f64],
        outputs: &mut [f64],
    ) {
        if self.plain.is_some() {
            individual.outputs(time, solved, outputs);
        } else {
            individual.solved_outputs(time, solved, outputs);
        }
    }
}

/// The system handed to a solver that takes one patient at a time.
#[derive(Debug)]
pub(super) struct ComposedSystem<'p> {
    pub(super) individual: Individual<'p>,
    /// Zero-order input (infusions) of each state, per day.
    pub(super) inputs: Vec<f64>,
    /// Every state is integrated by the plain rates.
    plain: bool,
    dimension: usize,
}

impl<'p> ComposedSystem<'p> {
    /// The system of a patient.
    pub(super) fn new(individual: Individual<'p>, composition: &Composition<'p>) -> Self {
        let (plain, dimension) = (composition.plain.is_some(), composition.kept().len());
        ComposedSystem { individual, inputs: Vec::new(), plain, dimension }
    }
}

impl System for ComposedSystem<'_> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        if self.plain {
            self.individual.rates(t, y, rates);
            for (rate, input) in rates.iter_mut().zip(&self.inputs) {
                *rate += input;
            }
        } else {
            self.individual.solved_rates(t, y, rates);
        }
    }

    fn magnitudes(&mut self, t: f64, y: &[f64], magnitudes: &mut [f64]) {
        if self.plain {
            for (magnitude, y) in magnitudes.iter_mut().zip(y) {
                *magnitude = y.abs();
            }
        } else {
            self.individual.magnitudes(t, y, magnitudes);
        }
    }
}

impl Differentiable for ComposedSystem<'_> {
    /// Of the composed rates; no implicit method takes the plain ones.
    fn jacobian(&mut self, t: f64, y: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        self.individual.jacobian(t, y, jacobian, by_time);
    }
}
