//! One patient's registers: the scalar evaluator.

use super::compile::Program;
use crate::model::Symbol;

/// A patient's own copy of everything that is constant between events, and the scratch for rates and outputs.
#[derive(Debug, Clone)]
pub struct Individual<'p> {
    _program: &'p Program,
    _registers: Vec<f64>,
}

impl<'p> Individual<'p> {
    /// A patient with these covariates and random effects (orders of the model's lists, coherent units); controls at
    /// their defaults. Everything hoisted is evaluated.
    pub fn new(_program: &'p Program, _covariates: &[f64], _random_effects: &[f64]) -> Self {
        todo!()
    }
    /// Sets a control and re-evaluates what depends on it.
    pub fn set_control(&mut self, _control: usize, _value: f64) {
        todo!()
    }
    /// The control's present value.
    pub fn control(&self, _control: usize) -> f64 {
        todo!()
    }
    /// The value of a covariate, parameter, control, random effect, or an equation that is constant between events;
    /// `None` for anything that depends on states or time.
    pub fn constant(&self, _symbol: Symbol) -> Option<f64> {
        todo!()
    }
    /// Values of the states at the start.
    pub fn initial(&mut self, _states: &mut [f64]) {
        todo!()
    }
    /// Rates of change, per day.
    pub fn rates(&mut self, _time: f64, _states: &[f64], _rates: &mut [f64]) {
        todo!()
    }
    /// The rate k of a transit chain (index into [`Program::chains`]), per day.
    pub fn chain_rate(&mut self, _chain: usize) -> f64 {
        todo!()
    }
    /// c/k for each state of [`super::TransitChain::fed`]: the share of what leaves the chain that the state receives.
    pub fn chain_shares(&mut self, _chain: usize, _shares: &mut [f64]) {
        todo!()
    }
    /// As [`Individual::rates`], without what the chains do: 0 for chain states, and the terms c·aₙ left out of the
    /// states they feed. `states` holds the present values of all states, chains included.
    pub fn remainder_rates(&mut self, _time: f64, _states: &[f64], _rates: &mut [f64]) {
        todo!()
    }
    /// All outputs, true values.
    pub fn outputs(&mut self, _time: f64, _states: &[f64], _outputs: &mut [f64]) {
        todo!()
    }
    /// The share of a dose on `route` that enters its destination number `destination`.
    pub fn dose_fraction(&mut self, _route: usize, _destination: usize) -> f64 {
        todo!()
    }
    /// The lag of a dose on `route`, d.
    pub fn dose_lag(&mut self, _route: usize) -> f64 {
        todo!()
    }
    /// Bounds of a random effect for this patient (−∞, ∞ where there are none).
    pub fn bounds(&mut self, _random_effect: usize) -> (f64, f64) {
        todo!()
    }
    /// The first requirement of the model that this patient does not meet.
    pub fn unmet_requirement(&mut self) -> Option<usize> {
        todo!()
    }
    /// Standard deviations of an output's residual error: (proportional, additive, exponential), 0 where absent.
    pub fn residual(&mut self, _output: usize) -> (f64, f64, f64) {
        todo!()
    }
}
