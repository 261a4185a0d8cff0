//! The compiled model: its routines, and in which registers everything is.

use super::assemble::ComposedRoutines;
use super::inputs::{Dosing, Inputs, Reads};
use super::linear::TransitChain;
use super::routine::Routine;
use super::systems::SystemNodes;
use crate::math::modes::Shape;
use crate::math::processor::Processor;
use crate::model::Symbol;

/// A dose route: registers of its lag and fractions.
#[derive(Debug)]
pub(super) struct RouteRegisters {
    pub lag: u32,
    pub fractions: Vec<u32>,
    /// Modelled duration and rate of an infusion.
    pub duration: Option<u32>,
    pub rate: Option<u32>,
}

/// A linear system with a closed form: where its numbers are.
#[derive(Debug)]
pub(super) struct LinearSystem {
    pub states: Vec<usize>,
    pub shape: Shape,
    /// (row, column, register) of the matrix, by places in `states`.
    pub entries: Vec<(usize, usize, u32)>,
    /// (row, register) of constant inflows.
    pub inflows: Vec<(usize, u32)>,
}

impl LinearSystem {
    pub fn new(found: SystemNodes) -> Self {
        let SystemNodes { states, shape, entries, inflows } = found;
        LinearSystem {
            states,
            shape,
            entries: entries.into_iter().map(|(row, column, node)| (row, column, node.0)).collect(),
            inflows: inflows.into_iter().map(|(row, node)| (row, node.0)).collect(),
        }
    }
}

/// The compiled model, shared by all patients and threads.
#[derive(Debug)]
pub struct Program {
    /// Initial content of the registers: constants in place, everything else 0.
    pub(super) registers: Vec<f64>,
    pub(super) time: u32,
    /// First register of each run of inputs; each run is contiguous.
    pub(super) covariates: u32,
    pub(super) controls: u32,
    pub(super) random_effects: u32,
    pub(super) states: u32,
    pub(super) counts: [usize; 4],
    pub(super) control_defaults: Vec<f64>,
    /// Everything that is constant between events.
    pub(super) hoisted: Routine,
    pub(super) rates: Routine,
    pub(super) composed: ComposedRoutines,
    pub(super) outputs: Routine,
    /// Varying volumes that something is divided by.
    pub(super) guards: Routine,
    pub(super) guarded: Vec<Symbol>,
    pub(super) initial: Vec<u32>,
    pub(super) requirements: Vec<u32>,
    pub(super) bounds: Vec<(u32, u32)>,
    pub(super) residuals: Vec<[u32; 3]>,
    pub(super) routes: Vec<RouteRegisters>,
    /// Registers of equations and outputs that are constant between events.
    pub(super) equations: Vec<Option<u32>>,
    pub(super) constant_outputs: Vec<Option<u32>>,
    pub(super) parameters: Vec<f64>,
    /// What patients bring beyond covariates; the first register of the slopes, and the one of the time of the last record.
    pub(super) inputs: Inputs,
    pub(super) slopes: u32,
    pub(super) anchor: u32,
    /// By state.
    pub(super) reads: Vec<Reads>,
    pub(super) chains: Vec<TransitChain>,
    pub(super) upstream: Vec<bool>,
    pub(super) chain_registers: Vec<(u32, Vec<u32>)>,
    pub(super) systems: Vec<LinearSystem>,
    /// What the operations run on.
    pub(super) processor: Processor,
}

impl Program {
    /// Whether the program is made for doses on a route of the model, as infusions too or only for those that arrive at once.
    pub fn admits(&self, route: usize, infusion: bool) -> bool {
        self.inputs.dosing(route) >= if infusion { Dosing::Any } else { Dosing::AtOnce }
    }
    /// What patients bring beyond covariates and random effects.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
    /// Whether the rate of a state reads another (or itself), covariates taken as constant.
    pub fn rate_reads(&self, state: usize, other: usize) -> bool {
        self.reads[state].states[other]
    }
    /// Whether the rate of a state depends on time, other than through a covariate.
    pub fn rate_reads_time(&self, state: usize) -> bool {
        self.reads[state].time
    }
    /// The state of each of the solver's equations, see [`Individual::rebase`].
    pub fn solved(&self) -> &[usize] {
        &self.composed.solved
    }
    /// The equation of a state, where the solver's value is the state's as it stands.
    pub fn equation_of(&self, state: usize) -> Option<usize> {
        self.composed.equations[state]
    }
    /// The same program on another processor; the numbers are the same bits.
    pub fn with_processor(self, processor: Processor) -> Self {
        Program { processor, ..self }
    }
    /// What the operations run on.
    pub fn processor(&self) -> Processor {
        self.processor
    }
    /// Whether every state belongs to a linear system, so that there is nothing to integrate.
    pub fn is_closed(&self) -> bool {
        self.composed.solved.is_empty() && self.chains.is_empty()
    }
    /// Whether a state lies in a transit chain before its last, and no rate outside the chain reads it: what is put there changes none
    /// of the solver's rates at once.
    pub fn is_upstream(&self, state: usize) -> bool {
        self.upstream[state]
    }
    /// Whether a state has a closed form between events.
    pub fn is_exact(&self, state: usize) -> bool {
        !self.composed.solved.contains(&state)
    }
    /// Number of states.
    pub fn states(&self) -> usize {
        self.counts[3]
    }
    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs.results.len()
    }
    /// Whether volumes that vary with time or states are divided by, see [`super::Individual::faulty_volume`].
    pub fn is_guarded(&self) -> bool {
        !self.guarded.is_empty()
    }
    /// Operations per evaluation of the rates.
    pub fn operations(&self) -> usize {
        self.composed.rates.instructions.len()
    }
    /// The transit chains that are propagated exactly.
    pub fn chains(&self) -> &[TransitChain] {
        &self.chains
    }
    /// The states of each other linear system that is propagated exactly, in the order of flow.
    pub fn systems(&self) -> impl Iterator<Item = &[usize]> {
        self.systems.iter().map(|system| system.states.as_slice())
    }
}
