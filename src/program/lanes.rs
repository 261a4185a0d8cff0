//! Many patients' registers side by side: the composed rates of all of them in one pass over the operations.
//!
//! The number of slot s of lane j lies at s·width + j. A lane gets the same bits as its patient's [`Individual`], whatever is
//! in the other lanes.

use super::compiled::Program;
use super::evaluate::Evaluation;
use super::individual::Individual;
use super::slots::{Placed, Slots, TIME, VARIABLES};
use crate::math::aligned::Aligned;
use crate::math::processor::Processor;

/// Most registers of the processor side by side: enough independent operations to hide their latency.
const MOST_BLOCKS: usize = 4;
/// All slots should stay in the nearest cache with the solver's tables, bytes.
const NEAR: usize = 40_000;
/// So many patients should come to each lane, or the last ones run beside many empty lanes.
const PATIENTS_PER_LANE: usize = 6;

/// Registers of as many patients as there are lanes.
#[derive(Debug)]
pub struct Lanes {
    processor: Processor,
    /// Lanes of one register of the processor, and registers side by side.
    block: usize,
    blocks: usize,
    constants: Vec<(u32, u32)>,
    renewed: Vec<(u32, u32)>,
    /// By lane, the revision of the patient whose constants are there; 0 for nobody.
    revisions: Vec<u64>,
    rates: Placed,
    magnitudes: Option<Placed>,
    /// The equations of these.
    apart: Vec<usize>,
    /// Number of the solver's equations.
    equations: usize,
    registers: Aligned,
}

impl Lanes {
    /// Empty lanes: everything 0. As many as suit the size of the program and the number of patients that may come.
    pub fn new(program: &Program, patients: usize) -> Self {
        let Slots { constants, renewed, rates, magnitudes, count } = Slots::new(program);
        let processor = program.processor();
        let block = processor.width();
        let fits = |blocks: usize| {
            let width = blocks * block;
            count as usize * width * size_of::<f64>() <= NEAR && width * PATIENTS_PER_LANE <= patients
        };
        let blocks = [MOST_BLOCKS, 2].into_iter().find(|&blocks| fits(blocks)).unwrap_or(1);
        let width = blocks * block;
        let scaled = |placed: Placed| placed.scaled(width as u32);
        Lanes {
            processor,
            block,
            blocks,
            constants,
            renewed,
            revisions: vec![0; width],
            rates: scaled(rates),
            magnitudes: magnitudes.map(scaled),
            apart: program.composed.apart.clone(),
            equations: program.solved().len(),
            registers: Aligned::zeros(count as usize * width),
        }
    }

    /// Number of lanes.
    pub fn width(&self) -> usize {
        self.block * self.blocks
    }

    /// Empties a lane: another patient is to come.
    pub fn vacate(&mut self, lane: usize) {
        self.revisions[lane] = 0;
    }

    /// Puts a patient into a lane that was vacated, or renews what an event has changed for the one in it.
    pub fn admit(&mut self, lane: usize, individual: &Individual) {
        let width = self.width();
        let revision = individual.revision();
        let constants: &[(u32, u32)] = if self.revisions[lane] == revision { &[] } else { &self.constants };
        for &(register, slot) in constants.iter().chain(&self.renewed) {
            self.registers[slot as usize * width + lane] = individual.at(register);
        }
        self.revisions[lane] = revision;
    }

    /// Rates of all lanes as by [`Individual::solved_rates`]: one time per lane; the solver's vectors and the rates as
    /// `[equation][lane]`.
    pub fn rates(&mut self, times: &[f64], solved: &[f64], rates: &mut [f64]) {
        self.enter(times, solved);
        self.answer(rates);
    }

    /// Where the lanes have their times, and their solver's vectors.
    pub fn argument(&mut self) -> (&mut [f64], &mut [f64]) {
        let width = self.width();
        let (times, rest) = self.registers.split_at_mut(VARIABLES as usize * width);
        (&mut times[TIME as usize * width..][..width], &mut rest[..self.equations * width])
    }

    /// As [`Lanes::rates`], of what was written to [`Lanes::argument`].
    pub fn rates_of_argument(&mut self, rates: &mut [f64]) {
        self.answer(rates);
    }

    /// Magnitudes of all lanes as by [`Individual::magnitudes`].
    pub fn magnitudes(&mut self, times: &[f64], solved: &[f64], magnitudes: &mut [f64]) {
        let width = self.width();
        absolute(solved, magnitudes);
        let Some(routine) = &self.magnitudes else { return };
        self.registers[TIME as usize * width..][..width].copy_from_slice(&times[..width]);
        // They read no other equation.
        for equation in &self.apart {
            let place = equation * width;
            self.registers[VARIABLES as usize * width + place..][..width]
                .copy_from_slice(&solved[place..][..width]);
        }
        match self.blocks {
            4 => run::<4>(self.processor, routine, &mut self.registers, 0),
            2 => run::<2>(self.processor, routine, &mut self.registers, 0),
            _ => run::<1>(self.processor, routine, &mut self.registers, 0),
        }
        for (place, equation) in self.apart.iter().enumerate() {
            let values = &self.registers[routine.place_of(place, width)..][..width];
            magnitudes[equation * width..][..width].copy_from_slice(values);
        }
    }

    /// Rates and magnitudes of one lane, into its column; its neighbours' in the same register of the processor are
    /// computed too, and left out.
    pub fn begin(
        &mut self,
        lane: usize,
        times: &[f64],
        solved: &[f64],
        rates: &mut [f64],
        magnitudes: &mut [f64],
    ) {
        let width = self.width();
        let column = |equation: usize| equation * width + lane;
        self.registers[TIME as usize * width + lane] = times[lane];
        for equation in 0..self.equations {
            self.registers[column(VARIABLES as usize + equation)] = solved[column(equation)];
        }
        let offset = lane - lane % self.block;
        run::<1>(self.processor, &self.rates, &mut self.registers, offset);
        let results = self.rates.results as usize;
        for equation in 0..self.equations {
            rates[column(equation)] = self.registers[results + column(equation)];
        }
        for &(slot, place) in &self.rates.copies {
            rates[column(place as usize)] = self.registers[slot as usize + lane];
        }
        for equation in 0..self.equations {
            magnitudes[column(equation)] = solved[column(equation)].abs();
        }
        let Some(routine) = &self.magnitudes else { return };
        run::<1>(self.processor, routine, &mut self.registers, offset);
        for (place, &equation) in self.apart.iter().enumerate() {
            magnitudes[column(equation)] = self.registers[routine.place_of(place, width) + lane];
        }
    }

    fn enter(&mut self, times: &[f64], solved: &[f64]) {
        let width = self.width();
        self.registers[TIME as usize * width..][..width].copy_from_slice(&times[..width]);
        let length = self.equations * width;
        self.registers[VARIABLES as usize * width..][..length].copy_from_slice(&solved[..length]);
    }

    fn answer(&mut self, results: &mut [f64]) {
        let (width, routine) = (self.width(), &self.rates);
        match self.blocks {
            4 => run::<4>(self.processor, routine, &mut self.registers, 0),
            2 => run::<2>(self.processor, routine, &mut self.registers, 0),
            _ => run::<1>(self.processor, routine, &mut self.registers, 0),
        }
        let length = self.equations * width;
        results[..length].copy_from_slice(&self.registers[routine.results as usize..][..length]);
        for &(slot, place) in &routine.copies {
            let values = &self.registers[slot as usize..][..width];
            results[place as usize * width..][..width].copy_from_slice(values);
        }
    }
}

fn run<const BLOCKS: usize>(processor: Processor, routine: &Placed, registers: &mut [f64], offset: usize) {
    let Placed { instructions, runs, .. } = routine;
    processor.run(Evaluation::<BLOCKS> { instructions, runs, registers, offset });
}

fn absolute(values: &[f64], results: &mut [f64]) {
    for (result, value) in results.iter_mut().zip(values) {
        *result = value.abs();
    }
}
