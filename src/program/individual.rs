//! One patient's registers: the scalar evaluator, the reference reading of the equations.

use super::compiled::Program;
use super::evaluate::Evaluation;
use super::passage::{Motion, Passage};
use super::routine::Routine;
use crate::model::Symbol;

/// A patient's own copy of everything that is constant between events, and the scratch for rates and outputs.
#[derive(Debug, Clone)]
pub struct Individual<'p> {
    pub(super) program: &'p Program,
    pub(super) registers: Vec<f64>,
    /// How often what is constant between events was evaluated.
    pub(super) revision: u64,
    pub(super) passages: Vec<Passage>,
    pub(super) motions: Vec<Motion>,
}

impl<'p> Individual<'p> {
    /// A patient with these covariates and random effects (orders of the model's lists, coherent units); controls at
    /// their defaults. Everything hoisted is evaluated. Values missing at the end of a list count as 0.
    pub fn new(program: &'p Program, covariates: &[f64], random_effects: &[f64]) -> Self {
        let passages = program.chains().iter().map(Passage::new).collect();
        let motions = program.systems.iter().map(Motion::new).collect();
        let mut individual =
            Self { program, registers: program.registers.clone(), revision: 0, passages, motions };
        individual.load(program.covariates, program.counts[0], covariates);
        individual.load(program.controls, program.counts[1], &program.control_defaults);
        individual.load(program.random_effects, program.counts[2], random_effects);
        individual.hoist();
        individual
    }

    pub(super) fn load(&mut self, first: u32, count: usize, values: &[f64]) {
        let first = first as usize;
        let count = count.min(values.len());
        self.registers[first..first + count].copy_from_slice(&values[..count]);
    }

    /// The program whose registers these are.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// Changes with whatever is constant between events; above 0.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    fn hoist(&mut self) {
        self.revision += 1;
        self.execute(&self.program.hoisted);
    }

    pub(super) fn execute(&mut self, routine: &Routine) {
        let Routine { instructions, runs, .. } = routine;
        let evaluation = Evaluation::<1> { instructions, runs, registers: &mut self.registers, offset: 0 };
        self.program.processor.run_single(evaluation);
    }

    pub(super) fn at(&self, register: u32) -> f64 {
        self.registers[register as usize]
    }

    /// Sets a control and re-evaluates what depends on it.
    pub fn set_control(&mut self, control: usize, value: f64) {
        let register = self.program.controls as usize + control;
        if self.registers[register].to_bits() != value.to_bits() {
            self.registers[register] = value;
            self.hoist();
        }
    }

    /// Sets covariates, and after them the given values ([`super::Inputs`]); covariates on lines change by `slopes` per day from
    /// `time` on. Re-evaluates what depends on them; true if anything changed.
    pub fn set_covariates(&mut self, time: f64, values: &[f64], slopes: &[f64]) -> bool {
        let program = self.program;
        let mut changed = self.renew(program.covariates, &values[..values.len().min(program.counts[0])]);
        let lines = program.inputs.linear.len();
        if lines > 0 {
            changed |= self.renew(program.slopes, &slopes[..lines.min(slopes.len())]);
            changed |= self.renew(program.anchor, &[time]);
        }
        if changed {
            self.hoist();
        }
        changed
    }

    /// By bits, so that a value that is not a number is no change for ever.
    fn renew(&mut self, first: u32, values: &[f64]) -> bool {
        let registers = &mut self.registers[first as usize..][..values.len()];
        let changed = registers.iter().zip(values).any(|(old, new)| old.to_bits() != new.to_bits());
        registers.copy_from_slice(values);
        changed
    }

    /// Sets random effects (order of the model's list) and re-evaluates what depends on them; true if anything changed.
    pub fn set_random_effects(&mut self, values: &[f64]) -> bool {
        let count = self.program.counts[2].min(values.len());
        let changed = self.renew(self.program.random_effects, &values[..count]);
        if changed {
            self.hoist();
        }
        changed
    }

    /// All that is given from outside and stays between events: covariates, controls, random effects.
    pub fn brought(&self) -> &[f64] {
        &self.registers[self.program.covariates as usize..self.program.states as usize]
    }

    /// The control's present value.
    pub fn control(&self, control: usize) -> f64 {
        self.registers[self.program.controls as usize + control]
    }

    /// The value of a covariate, parameter, control, random effect, or an equation or output that is constant between
    /// events; `None` for anything that depends on states or time.
    pub fn constant(&self, symbol: Symbol) -> Option<f64> {
        let program = self.program;
        let covariates = program.counts[0] - program.inputs.given.len();
        if let Some(place) = program.inputs.place(symbol, covariates) {
            return Some(self.registers[program.covariates as usize + place]);
        }
        match symbol {
            Symbol::Covariate(i) => Some(self.registers[program.covariates as usize + i]),
            Symbol::Parameter(i) => Some(program.parameters[i]),
            Symbol::Control(i) => Some(self.control(i)),
            Symbol::RandomEffect(i) => Some(self.registers[program.random_effects as usize + i]),
            Symbol::Equation(i) => program.equations[i].map(|register| self.at(register)),
            Symbol::Output(i) => program.constant_outputs[i].map(|register| self.at(register)),
            _ => None,
        }
    }

    /// Values of the states at the start.
    pub fn initial(&mut self, states: &mut [f64]) {
        for (state, register) in states.iter_mut().zip(&self.program.initial) {
            *state = self.at(*register);
        }
    }

    fn set_states(&mut self, time: f64, states: &[f64]) {
        self.registers[self.program.time as usize] = time;
        self.load(self.program.states, self.program.counts[3], states);
    }

    /// Rates of change, per day.
    pub fn rates(&mut self, time: f64, states: &[f64], rates: &mut [f64]) {
        self.set_states(time, states);
        self.execute(&self.program.rates);
        for (rate, register) in rates.iter_mut().zip(&self.program.rates.results) {
            *rate = self.at(*register);
        }
    }

    /// All outputs, true values.
    pub fn outputs(&mut self, time: f64, states: &[f64], outputs: &mut [f64]) {
        self.set_states(time, states);
        self.execute(&self.program.outputs);
        for (output, register) in outputs.iter_mut().zip(&self.program.outputs.results) {
            *output = self.at(*register);
        }
    }

    /// The first equation or state that is divided by, is a volume and varies, and is not above 0 now; with its value.
    pub fn faulty_volume(&mut self, time: f64, states: &[f64]) -> Option<(Symbol, f64)> {
        if !self.program.is_guarded() {
            return None;
        }
        self.set_states(time, states);
        self.execute(&self.program.guards);
        let mut values = self.program.guarded.iter().zip(&self.program.guards.results);
        values.find_map(|(&symbol, register)| {
            let value = self.at(*register);
            (value <= 0.0).then_some((symbol, value))
        })
    }

    /// See [`Program::admits`].
    pub fn admits(&self, route: usize, infusion: bool) -> bool {
        self.program.admits(route, infusion)
    }

    /// The share of a dose on `route` that enters its destination number `destination`.
    pub fn dose_fraction(&self, route: usize, destination: usize) -> f64 {
        self.at(self.program.routes[route].fractions[destination])
    }

    /// The lag of a dose on `route`, d.
    pub fn dose_lag(&self, route: usize) -> f64 {
        self.at(self.program.routes[route].lag)
    }

    /// The modelled duration of an infusion on `route`, d; `None` if the model gives none.
    pub fn dose_duration(&self, route: usize) -> Option<f64> {
        self.program.routes[route].duration.map(|register| self.at(register))
    }

    /// The modelled rate of an infusion on `route`, per day; `None` if the model gives none.
    pub fn dose_rate(&self, route: usize) -> Option<f64> {
        self.program.routes[route].rate.map(|register| self.at(register))
    }

    /// Bounds of a random effect for this patient (−∞, ∞ where there are none).
    pub fn bounds(&self, random_effect: usize) -> (f64, f64) {
        let (lower, upper) = self.program.bounds[random_effect];
        (self.at(lower), self.at(upper))
    }

    /// The first requirement of the model that this patient does not meet.
    pub fn unmet_requirement(&self) -> Option<usize> {
        self.program.requirements.iter().position(|register| self.at(*register) == 0.0)
    }

    /// Standard deviations of an output's residual error: (proportional, additive, exponential), 0 where absent.
    pub fn residual(&self, output: usize) -> (f64, f64, f64) {
        let [proportional, additive, exponential] = self.program.residuals[output];
        (self.at(proportional), self.at(additive), self.at(exponential))
    }
}
