//! Many patients' registers side by side: the rates of all of them in one pass over the operations.
//!
//! Slot s of lane j lies at s·width + j. Only what the rates need has a slot, in the order of first use. A lane gets the
//! same bits as its patient's [`Individual`], whatever is in the other lanes.

use super::compile::{Instruction, Program, Routine};
use super::evaluate::Evaluation;
use super::individual::Individual;
use crate::math::lane::Lane;
use crate::math::processor::{Kernel, Processor};
use std::collections::HashMap;

/// Registers of the processor side by side: enough independent operations to hide their latency.
const BLOCKS: usize = 4;

/// Registers of as many patients as the processor has lanes for.
#[derive(Debug)]
pub struct Lanes {
    processor: Processor,
    width: usize,
    /// The remainder of the rates ([`Individual::remainder_rates`]), its registers numbered as slots.
    routine: Routine,
    time: Option<u32>,
    /// (state, slot) of the states that occur.
    states: Vec<(usize, u32)>,
    /// (register, slot) of what is constant between events.
    constants: Vec<(u32, u32)>,
    registers: Vec<f64>,
}

impl Lanes {
    /// Empty lanes: everything 0.
    pub fn new(program: &Program) -> Self {
        Self::on(program, program.processor)
    }

    /// As [`Lanes::new`], on a processor of choice.
    pub(super) fn on(program: &Program, processor: Processor) -> Self {
        let mut slots = Slots::default();
        let mut made = std::collections::HashSet::new();
        let instructions: Vec<Instruction> = program
            .remainder
            .instructions
            .iter()
            .map(|instruction| {
                made.insert(instruction.to);
                let operands = instruction.operands.map(|register| slots.of(register));
                Instruction { operands, to: slots.of(instruction.to), ..*instruction }
            })
            .collect();
        let results = program.remainder.results.iter().map(|&register| slots.of(register)).collect();
        let first_state = program.states;
        let is_state =
            |register: u32| (first_state..first_state + program.counts[3] as u32).contains(&register);
        let mut inputs: Vec<(u32, u32)> =
            slots.known.iter().map(|(&register, &slot)| (register, slot)).collect();
        inputs.retain(|(register, _)| !made.contains(register));
        inputs.sort_unstable();
        let time = inputs.iter().find(|(register, _)| *register == program.time).map(|&(_, slot)| slot);
        let states = inputs.iter().filter(|(register, _)| is_state(*register));
        let states = states.map(|&(register, slot)| ((register - first_state) as usize, slot)).collect();
        inputs.retain(|(register, _)| *register != program.time && !is_state(*register));
        let width = BLOCKS * processor.run(Width);
        Lanes {
            processor,
            width,
            routine: Routine { instructions, results },
            time,
            states,
            constants: inputs,
            registers: vec![0.0; slots.known.len() * width],
        }
    }

    /// Number of lanes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Puts a patient into a lane, or renews what a control has changed.
    pub fn admit(&mut self, lane: usize, individual: &Individual) {
        for &(register, slot) in &self.constants {
            self.registers[slot as usize * self.width + lane] = individual.at(register);
        }
    }

    /// Rates of all lanes as by [`Individual::remainder_rates`]: one time per lane; states and rates as
    /// `[state][lane]`.
    pub fn remainder_rates(&mut self, times: &[f64], states: &[f64], rates: &mut [f64]) {
        let width = self.width;
        if let Some(time) = self.time {
            self.registers[time as usize * width..][..width].copy_from_slice(&times[..width]);
        }
        for &(state, slot) in &self.states {
            let values = &states[state * width..][..width];
            self.registers[slot as usize * width..][..width].copy_from_slice(values);
        }
        let instructions = &self.routine.instructions;
        self.processor.run(Evaluation::<BLOCKS> { instructions, registers: &mut self.registers });
        for (rate, &slot) in rates.chunks_exact_mut(width).zip(&self.routine.results) {
            rate.copy_from_slice(&self.registers[slot as usize * width..][..width]);
        }
    }
}

/// Slots given to registers in the order of first use.
#[derive(Default)]
struct Slots {
    known: HashMap<u32, u32>,
}

impl Slots {
    fn of(&mut self, register: u32) -> u32 {
        let next = self.known.len() as u32;
        *self.known.entry(register).or_insert(next)
    }
}

/// Asks a processor for the width of its registers.
struct Width;

impl Kernel for Width {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lane>(self, _token: L::Token) -> usize {
        L::WIDTH
    }
}
