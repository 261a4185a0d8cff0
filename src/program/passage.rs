//! A patient between events: from states to the solver's vector at an event, and back from it at any time after.

use super::assemble::{ComposedRoutines, Jacobian};
use super::compiled::LinearSystem;
use super::composed::Coefficient;
use super::individual::Individual;
use super::linear::TransitChain;
use super::routine::Routine;
use crate::math::erlang;
use crate::math::modes::{Modes, NoModes};
use crate::math::processor::Processor;

/// A chain since the last event.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    /// k, 1/d.
    rate: f64,
    /// Steady contents under the inputs.
    steady: Vec<f64>,
    /// Contents at the event, less the steady ones.
    start: Vec<f64>,
    /// The same now.
    now: Vec<f64>,
    /// Sₘ: sums over all elements but the last m.
    sums: Vec<f64>,
    /// What enters per day.
    inflow: f64,
}

impl Passage {
    /// Nothing in the chain yet.
    pub(super) fn new(chain: &TransitChain) -> Self {
        let zeros = vec![0.0; chain.states.len()];
        Passage {
            rate: 0.0,
            steady: zeros.clone(),
            start: zeros.clone(),
            now: zeros.clone(),
            sums: zeros,
            inflow: 0.0,
        }
    }

    fn begin(&mut self, chain: &TransitChain, rate: f64, states: &[f64], inputs: &[f64]) {
        self.rate = rate;
        self.inflow = 0.0;
        let mut sum = 0.0;
        let last = chain.states.len() - 1;
        for (place, &state) in chain.states.iter().enumerate() {
            self.inflow += inputs[state];
            self.steady[place] = if self.inflow == 0.0 { 0.0 } else { self.inflow / rate };
            self.start[place] = states[state] - self.steady[place];
            sum += self.start[place];
            self.sums[last - place] = sum;
        }
    }
}

/// A linear system since the last event.
#[derive(Debug, Clone)]
pub(super) struct Motion {
    modes: Modes,
    /// Revision of the patient's constants that the matrix is of.
    revision: u64,
    matrix: Vec<f64>,
    /// States at the event, in the system's order; scratch otherwise.
    states: Vec<f64>,
    inflow: Vec<f64>,
}

impl Motion {
    /// Nothing in the system yet.
    pub(super) fn new(system: &LinearSystem) -> Self {
        let n = system.states.len();
        Motion {
            modes: Modes::new(&system.shape),
            revision: 0,
            matrix: vec![0.0; n * n],
            states: vec![0.0; n],
            inflow: vec![0.0; n],
        }
    }

    /// Takes in the system's numbers for a patient, and its states and inflows.
    fn take(
        &mut self,
        system: &LinearSystem,
        (registers, revision): (&[f64], u64),
        states: &[f64],
        inputs: &[f64],
    ) -> Result<(), NoClosedForm> {
        for (place, &state) in system.states.iter().enumerate() {
            self.states[place] = states[state];
            self.inflow[place] = inputs[state];
        }
        for &(row, register) in &system.inflows {
            self.inflow[row] += registers[register as usize];
        }
        if self.revision == revision {
            return Ok(());
        }
        let n = system.states.len();
        for &(row, column, register) in &system.entries {
            self.matrix[row * n + column] = registers[register as usize];
        }
        self.modes.set(&system.shape, &self.matrix).map_err(|why| match why {
            NoModes::NotFinite(row) => NoClosedForm { state: system.states[row], swings: false },
            NoModes::Oscillating(row) => NoClosedForm { state: system.states[row], swings: true },
        })?;
        self.revision = revision;
        Ok(())
    }

    /// Carries the system's states over a span without inflow.
    fn carry(&mut self, system: &LinearSystem, processor: Processor, span: f64, states: &mut [f64]) {
        let Motion { modes, states: before, .. } = self;
        for (before, &state) in before.iter_mut().zip(&system.states) {
            *before = states[state];
        }
        let transition = modes.transition(processor, &system.shape, span);
        for (&state, row) in system.states.iter().zip(transition.chunks_exact(before.len())) {
            states[state] = row.iter().zip(&*before).map(|(share, before)| share * before).sum();
        }
    }
}

/// A state whose closed form cannot be had for this patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoClosedForm {
    /// The state.
    pub state: usize,
    /// Its compartments would swing, since an exchange rate is negative; else a rate is not a finite number.
    pub swings: bool,
}

impl Individual<'_> {
    /// Starts anew at an event: from now on the states are these, with these constant inputs per day (all of them in
    /// the model's order). Writes the solver's vector: u = x, one entry for each of [`super::Program::solved`]. What is read before
    /// the next event lies within `span` days.
    ///
    /// # Errors
    /// A state whose closed form cannot be had for this patient.
    pub fn rebase(
        &mut self,
        (time, span): (f64, f64),
        states: &[f64],
        inputs: &[f64],
        solved: &mut [f64],
    ) -> Result<(), NoClosedForm> {
        let program = self.program;
        let composed = &program.composed;
        let chains = program.chains().iter().zip(&program.chain_registers);
        for ((chain, (rate, shares)), passage) in chains.zip(&mut self.passages) {
            let rate = self.registers[*rate as usize];
            let share = |register: &u32| self.registers[*register as usize];
            if !(rate.is_finite() && shares.iter().all(|register| share(register).is_finite())) {
                return Err(NoClosedForm { state: chain.states[0], swings: false });
            }
            passage.begin(chain, rate, states, inputs);
        }
        for (system, motion) in program.systems.iter().zip(&mut self.motions) {
            motion.take(system, (&self.registers, self.revision), states, inputs)?;
            motion.modes.begin(&system.shape, span, &motion.states, &motion.inflow);
        }
        self.registers[composed.base as usize] = time;
        for &(state, register) in &composed.inputs {
            self.registers[register as usize] = inputs[state];
        }
        for &(coefficient, register) in &composed.coefficients {
            self.registers[register as usize] = self.coefficient(coefficient);
        }
        self.execute(&composed.event);
        for (value, &state) in solved.iter_mut().zip(&composed.solved) {
            *value = states[state];
        }
        Ok(())
    }

    /// Carries all states over a span of days in which nothing happens, where every state belongs to a linear system
    /// ([`super::Program::is_closed`]): the same as [`Individual::rebase`] and [`Individual::expand`], without what only the time
    /// between needs.
    ///
    /// # Errors
    /// A state whose closed form cannot be had for this patient.
    pub fn carry(&mut self, span: f64, states: &mut [f64], inputs: &[f64]) -> Result<(), NoClosedForm> {
        let program = self.program;
        for (system, motion) in program.systems.iter().zip(&mut self.motions) {
            let still = system.inflows.is_empty() && system.states.iter().all(|&state| inputs[state] == 0.0);
            if still && motion.revision == self.revision {
                motion.carry(system, program.processor, span, states);
                continue;
            }
            motion.take(system, (&self.registers, self.revision), states, inputs)?;
            let Motion { modes, states: now, inflow, .. } = &mut *motion;
            if inflow.iter().all(|inflow| *inflow == 0.0) {
                motion.carry(system, program.processor, span, states);
                continue;
            }
            modes.begin(&system.shape, span, now, inflow);
            modes.at(program.processor, &system.shape, span, now);
            for (&state, now) in system.states.iter().zip(&*now) {
                states[state] = *now;
            }
        }
        Ok(())
    }

    fn set_solved(&mut self, time: f64, solved: &[f64]) {
        self.registers[self.program.time as usize] = time;
        self.load(self.program.composed.variables, solved.len(), solved);
    }

    fn answer(&mut self, routine: &Routine, results: &mut [f64]) {
        self.execute(routine);
        for (result, register) in results.iter_mut().zip(&routine.results) {
            *result = self.at(*register);
        }
    }

    /// Rates of change of the solver's vector, per day.
    pub fn solved_rates(&mut self, time: f64, solved: &[f64], rates: &mut [f64]) {
        self.set_solved(time, solved);
        self.answer(&self.program.composed.rates, rates);
    }

    /// Derivatives of [`Individual::solved_rates`]: `jacobian[i·n + j]` is that of rate i by variable j, `by_time[i]` that of
    /// rate i by time (closed forms included); per day, and per day squared.
    pub fn jacobian(&mut self, time: f64, solved: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        self.set_solved(time, solved);
        let Jacobian { routine, places } = &self.program.composed.jacobian;
        self.execute(routine);
        jacobian.fill(0.0);
        by_time.fill(0.0);
        for (&(rate, variable), register) in places.iter().zip(&routine.results) {
            match variable {
                Some(variable) => jacobian[rate * solved.len() + variable] = self.at(*register),
                None => by_time[rate] = self.at(*register),
            }
        }
    }

    /// |x| of the states behind the solver's vector.
    pub fn magnitudes(&mut self, time: f64, solved: &[f64], magnitudes: &mut [f64]) {
        for (magnitude, value) in magnitudes.iter_mut().zip(solved) {
            *magnitude = value.abs();
        }
        let ComposedRoutines { magnitudes: Some(routine), apart, .. } = &self.program.composed else {
            return;
        };
        self.set_solved(time, solved);
        self.execute(routine);
        for (&equation, register) in apart.iter().zip(&routine.results) {
            magnitudes[equation] = self.at(*register);
        }
    }

    /// All outputs, true values, from the solver's vector.
    pub fn solved_outputs(&mut self, time: f64, solved: &[f64], outputs: &mut [f64]) {
        self.set_solved(time, solved);
        self.answer(&self.program.composed.outputs, outputs);
    }

    /// All states from the solver's vector.
    pub fn expand(&mut self, time: f64, solved: &[f64], states: &mut [f64]) {
        let program = self.program;
        for (&value, &state) in solved.iter().zip(&program.composed.solved) {
            states[state] = value;
        }
        let elapsed = time - self.at(program.composed.base);
        let chains = program.chains().iter().zip(&program.chain_registers);
        for ((chain, (_, shares)), passage) in chains.zip(&mut self.passages) {
            let left = erlang::propagate(passage.rate, elapsed, &passage.start, &mut passage.now);
            let left = left + passage.inflow * elapsed;
            for ((&state, now), steady) in chain.states.iter().zip(&passage.now).zip(&passage.steady) {
                states[state] = now + steady;
            }
            for (&state, share) in chain.fed.iter().zip(shares) {
                states[state] += self.registers[*share as usize] * left;
            }
        }
        for (system, Motion { modes, states: now, .. }) in program.systems.iter().zip(&mut self.motions) {
            modes.at(program.processor, &system.shape, elapsed, now);
            for (&state, now) in system.states.iter().zip(now) {
                states[state] = *now;
            }
        }
    }

    /// The value of a coefficient for the contents at the last event.
    fn coefficient(&self, coefficient: Coefficient) -> f64 {
        let factorial = |m: usize| (1..=m).map(|factor| factor as f64).product::<f64>();
        let passages = &self.passages;
        match coefficient {
            Coefficient::Total { chain } => passages[chain].sums[0],
            Coefficient::Remaining { chain, m } => passages[chain].sums[m] / factorial(m),
            Coefficient::Amount { chain, i, j } => passages[chain].start[i - j] / factorial(j),
            Coefficient::Steady { chain, i } => passages[chain].steady[i],
            Coefficient::Inflow { chain } => passages[chain].inflow,
            Coefficient::Decay { system, slot } => -self.motions[system].modes.rate(slot),
            Coefficient::Mode { system, state, slot, power } => {
                let shape = &self.program.systems[system].shape;
                self.motions[system].modes.coefficient(shape, state, slot, power)
            }
        }
    }
}
