//! Where the numbers of a lane lie: the fewer places, the more of them stay in the nearest cache.
//!
//! Time comes first, then the solver's variables, then everything that is constant between events, then the results of
//! each routine in their order; last what is needed only on the way, whose places are used again as soon as the
//! last operation that reads them is past.

use super::assemble::ComposedRoutines;
use super::compiled::Program;
use super::routine::{Code, Instruction, Routine};
use std::collections::{HashMap, HashSet};

/// A routine whose operands are slots.
#[derive(Debug)]
pub(super) struct Placed {
    pub instructions: Vec<Instruction>,
    /// Kinds and lengths of their runs.
    pub runs: Vec<(Code, u32)>,
    /// Results that no operation writes: (slot of the value, place among the results).
    pub copies: Vec<(u32, u32)>,
    /// Slot of the first result; the others follow.
    pub results: u32,
}

impl Placed {
    /// Slots turned into places in tables of so many lanes.
    pub(super) fn scaled(mut self, width: u32) -> Self {
        for instruction in &mut self.instructions {
            for operand in &mut instruction.operands {
                *operand *= width;
            }
            instruction.to *= width;
        }
        for (slot, _) in &mut self.copies {
            *slot *= width;
        }
        self.results *= width;
        self
    }

    /// Where a result lies, once scaled to tables of so many lanes.
    pub(super) fn place_of(&self, result: usize, width: usize) -> usize {
        let copied = self.copies.iter().find(|(_, place)| *place as usize == result);
        copied.map_or(self.results as usize + result * width, |(slot, _)| *slot as usize)
    }
}

/// All slots of a program's lanes.
#[derive(Debug)]
pub(super) struct Slots {
    /// (register, slot) of what only a patient or a control changes.
    pub constants: Vec<(u32, u32)>,
    /// The same of what every event changes.
    pub renewed: Vec<(u32, u32)>,
    pub rates: Placed,
    pub magnitudes: Option<Placed>,
    /// Number of slots.
    pub count: u32,
}

/// Slot of the time.
pub(super) const TIME: u32 = 0;
/// Slot of the first of the solver's variables.
pub(super) const VARIABLES: u32 = 1;

impl Slots {
    /// Gives every register of the composed rates and magnitudes its slot.
    pub(super) fn new(program: &Program) -> Self {
        let ComposedRoutines { solved, variables, rates, magnitudes, .. } = &program.composed;
        let mut known: HashMap<u32, u32> = HashMap::from([(program.time, TIME)]);
        for equation in 0..solved.len() as u32 {
            known.insert(variables + equation, VARIABLES + equation);
        }
        let mut next = VARIABLES + solved.len() as u32;
        let mut constants = Vec::new();
        for routine in std::iter::once(rates).chain(magnitudes) {
            let made: Vec<u32> = routine.instructions.iter().map(|instruction| instruction.to).collect();
            let read = routine.instructions.iter().flat_map(operands).chain(routine.results.iter().copied());
            for register in read.filter(|register| !made.contains(register)) {
                if let std::collections::hash_map::Entry::Vacant(entry) = known.entry(register) {
                    entry.insert(next);
                    constants.push((register, next));
                    next += 1;
                }
            }
        }
        let ComposedRoutines { base, inputs, coefficients, event, .. } = &program.composed;
        let renewed: HashSet<u32> = std::iter::once(*base)
            .chain(inputs.iter().map(|input| input.1))
            .chain(coefficients.iter().map(|coefficient| coefficient.1))
            .chain(event.instructions.iter().map(|instruction| instruction.to))
            .collect();
        let (renewed, constants) =
            constants.into_iter().partition(|(register, _)| renewed.contains(register));
        let mut count = 0;
        let mut place = |routine: &Routine| {
            let (placed, end) = place(routine, &known, next);
            count = count.max(end);
            placed
        };
        let rates = place(rates);
        let magnitudes = magnitudes.as_ref().map(&mut place);
        Slots { constants, renewed, rates, magnitudes, count: count.max(next) }
    }
}

/// The operands that an instruction has.
fn operands(instruction: &Instruction) -> impl Iterator<Item = u32> {
    let count = instruction.code.operands();
    instruction.operands.into_iter().take(count)
}

/// Gives results and temporaries slots from `first` on; and the end of them.
fn place(routine: &Routine, known: &HashMap<u32, u32>, first: u32) -> (Placed, u32) {
    let Routine { instructions, results, runs } = routine;
    let mut slots: HashMap<u32, u32> = HashMap::new();
    let mut copies = Vec::new();
    let made = |register: u32| instructions.iter().any(|instruction| instruction.to == register);
    for (place, &register) in (0..).zip(results) {
        if made(register) && !slots.contains_key(&register) {
            slots.insert(register, first + place);
        } else {
            copies.push((register, place));
        }
    }
    let mut end = first + results.len() as u32;
    let mut last_read: HashMap<u32, usize> = HashMap::new();
    for (position, instruction) in instructions.iter().enumerate() {
        for register in operands(instruction) {
            last_read.insert(register, position);
        }
    }
    let is_result = |register: u32| results.contains(&register);
    let mut free: Vec<u32> = Vec::new();
    let mut placed = Vec::with_capacity(instructions.len());
    for (position, instruction) in instructions.iter().enumerate() {
        let slot = |slots: &HashMap<u32, u32>, register: u32| {
            known.get(&register).or_else(|| slots.get(&register)).copied().unwrap_or(TIME)
        };
        let mut operand_slots = [TIME; 3];
        for (operand, register) in operand_slots.iter_mut().zip(operands(instruction)) {
            *operand = slot(&slots, register);
        }
        // An operand read for the last time gives its place to the result: all are read before it is written.
        for register in operands(instruction) {
            let temporary = !known.contains_key(&register) && !is_result(register);
            let over = last_read.get(&register) == Some(&position);
            if temporary
                && over
                && let Some(slot) = slots.remove(&register)
            {
                free.push(slot);
            }
        }
        let to = *slots.entry(instruction.to).or_insert_with(|| {
            free.pop().unwrap_or_else(|| {
                end += 1;
                end - 1
            })
        });
        placed.push(Instruction { operands: operand_slots, to, ..*instruction });
    }
    let copies = copies.into_iter().map(|(register, place)| {
        (known.get(&register).or_else(|| slots.get(&register)).copied().unwrap_or(TIME), place)
    });
    (Placed { instructions: placed, runs: runs.clone(), copies: copies.collect(), results: first }, end)
}
