//! The order of operations: like beside like.
//!
//! An evaluator that finds the same operation several times in a row chooses once what to do, and not once each: a choice
//! that the processor guesses wrongly costs more than the arithmetic. Neighbours in such a run do not depend on each
//! other either, so that none waits for the one before. The results are the same bits in any order.

use super::routine::{Code, Routine};
use std::collections::{BTreeMap, HashMap};

/// Reorders a routine into runs: of the operations whose operands are known, those of the commonest kind come next.
pub(super) fn schedule(routine: Routine) -> Routine {
    let Routine { instructions, results, .. } = routine;
    let makers: HashMap<u32, usize> =
        instructions.iter().enumerate().map(|(place, instruction)| (instruction.to, place)).collect();
    let mut awaited = vec![0_usize; instructions.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); instructions.len()];
    for (place, instruction) in instructions.iter().enumerate() {
        for register in &instruction.operands[..instruction.code.operands()] {
            if let Some(&maker) = makers.get(register) {
                awaited[place] += 1;
                readers[maker].push(place);
            }
        }
    }
    let mut ready: BTreeMap<Code, Vec<usize>> = BTreeMap::new();
    for (place, instruction) in instructions.iter().enumerate().filter(|(place, _)| awaited[*place] == 0) {
        ready.entry(instruction.code).or_default().push(place);
    }
    let mut ordered = Vec::with_capacity(instructions.len());
    while let Some(code) = ready.iter().max_by_key(|(_, places)| places.len()).map(|(code, _)| *code) {
        // What becomes ready on the way and is of the same kind belongs to the run, but after those that it waits for.
        while let Some(places) = ready.remove(&code) {
            for place in places {
                ordered.push(instructions[place]);
                for &reader in &readers[place] {
                    awaited[reader] -= 1;
                    if awaited[reader] == 0 {
                        ready.entry(instructions[reader].code).or_default().push(reader);
                    }
                }
            }
        }
    }
    Routine::new(ordered, results)
}

#[cfg(test)]
mod tests {
    use super::super::routine::Instruction;
    use super::*;

    #[test]
    fn like_comes_beside_like_and_after_what_it_reads() {
        // 10 = 1·2, 11 = 10+3, 12 = 4·5, 13 = 12+6, 14 = 11·13
        let instruction =
            |code, operands: [u32; 2], to| Instruction { code, operands: [operands[0], operands[1], 0], to };
        let instructions = vec![
            instruction(Code::Multiply, [1, 2], 10),
            instruction(Code::Add, [10, 3], 11),
            instruction(Code::Multiply, [4, 5], 12),
            instruction(Code::Add, [12, 6], 13),
            instruction(Code::Multiply, [11, 13], 14),
        ];
        let routine = schedule(Routine::new(instructions, vec![14]));
        let order: Vec<u32> = routine.instructions.iter().map(|instruction| instruction.to).collect();
        assert_eq!(order, [10, 12, 11, 13, 14]);
        let expected = [(Code::Multiply, 2), (Code::Add, 2), (Code::Multiply, 1)];
        assert_eq!(routine.runs, expected);
    }
}
