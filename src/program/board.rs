//! Many times of one patient side by side: all outputs in one pass over the operations.
//!
//! Where the states are known in closed form, what a record asks for at hundreds of times costs little more than the call for
//! each. A time gets the same bits as by [`Individual::outputs`].

use super::compiled::Program;
use super::evaluate::Evaluation;
use super::individual::Individual;
use super::routine::{Code, Instruction};
use crate::math::aligned::Aligned;
use crate::math::processor::Processor;

/// The registers of one patient, once for each of as many times as the processor has lanes.
#[derive(Debug)]
pub struct Board {
    processor: Processor,
    width: usize,
    /// The operations behind the outputs, with places in the table.
    instructions: Vec<Instruction>,
    /// Kinds and lengths of their runs.
    runs: Vec<(Code, u32)>,
    /// Registers that the operations and results read and do not make, time and states left out.
    constants: Vec<u32>,
    results: Vec<u32>,
    time: u32,
    states: std::ops::Range<u32>,
    registers: Aligned,
}

impl Board {
    /// Of a program's outputs, everything 0.
    pub fn new(program: &Program) -> Self {
        let processor = program.processor();
        let width = processor.width();
        let routine = &program.outputs;
        let states = program.states..program.states + program.states() as u32;
        let made: Vec<u32> = routine.instructions.iter().map(|instruction| instruction.to).collect();
        let operands = routine
            .instructions
            .iter()
            .flat_map(|instruction| &instruction.operands[..instruction.code.operands()]);
        let mut constants: Vec<u32> = operands.chain(&routine.results).copied().collect();
        constants.sort_unstable();
        constants.dedup();
        constants.retain(|register| {
            *register != program.time && !states.contains(register) && !made.contains(register)
        });
        let scaled = |register: u32| register * width as u32;
        let instructions = routine.instructions.iter().map(|instruction| Instruction {
            operands: instruction.operands.map(scaled),
            to: scaled(instruction.to),
            ..*instruction
        });
        Board {
            processor,
            width,
            instructions: instructions.collect(),
            runs: routine.runs.clone(),
            constants,
            results: routine.results.clone(),
            time: program.time,
            states,
            registers: Aligned::zeros(program.registers.len() * width),
        }
    }

    /// Writes all outputs of a patient at each time, as `[time][output]`, from its states, as `[time][state]`.
    pub fn outputs(&mut self, individual: &Individual, times: &[f64], states: &[f64], outputs: &mut [f64]) {
        let (width, count) = (self.width, self.states.len());
        for &register in &self.constants {
            self.registers[register as usize * width..][..width].fill(individual.at(register));
        }
        let each = self.results.len();
        for (first, times) in (0..).step_by(width).zip(times.chunks(width)) {
            self.registers[self.time as usize * width..][..times.len()].copy_from_slice(times);
            for (lane, _) in times.iter().enumerate() {
                let at_time = &states[(first + lane) * count..][..count];
                for (state, value) in self.states.clone().zip(at_time) {
                    self.registers[state as usize * width + lane] = *value;
                }
            }
            let (instructions, runs, registers) = (&self.instructions, &self.runs, &mut self.registers[..]);
            self.processor.run(Evaluation::<1> { instructions, runs, registers, offset: 0 });
            for (lane, _) in times.iter().enumerate() {
                let row = &mut outputs[(first + lane) * each..][..each];
                for (output, register) in row.iter_mut().zip(&self.results) {
                    *output = self.registers[*register as usize * width + lane];
                }
            }
        }
    }
}
