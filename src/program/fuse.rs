//! A product and the sum it goes into, made one operation that is rounded once.
//!
//! a·b + c, a·b − c and c − a·b become a fused multiply-add where the product has no other use in the routine: one operation
//! instead of two, and one rounding less. What is evaluated once per patient is left as it was written.

use super::routine::{Code, Routine};
use std::collections::{HashMap, HashSet};

/// Fuses wherever it can. Of two products under one sum the first is taken.
pub(super) fn fuse(mut routine: Routine) -> Routine {
    let mut uses: HashMap<u32, usize> = HashMap::new();
    // Operands that a kind does not have are register 0, which is time and no product.
    let operands = routine.instructions.iter().flat_map(|instruction| instruction.operands);
    for register in operands.chain(routine.results.iter().copied()) {
        *uses.entry(register).or_insert(0) += 1;
    }
    let used_once = routine.instructions.iter().filter(|instruction| uses.get(&instruction.to) == Some(&1));
    let products: HashMap<u32, [u32; 3]> = used_once
        .filter(|instruction| matches!(instruction.code, Code::Multiply))
        .map(|product| (product.to, product.operands))
        .collect();
    let mut fused = HashSet::new();
    for instruction in &mut routine.instructions {
        let [a, b, _] = instruction.operands;
        let (code, product, summand) = match (instruction.code, products.get(&a), products.get(&b)) {
            (Code::Add, Some(_), _) => (Code::MultiplyAdd, a, b),
            (Code::Add, None, Some(_)) => (Code::MultiplyAdd, b, a),
            (Code::Subtract, Some(_), _) => (Code::MultiplySubtract, a, b),
            (Code::Subtract, None, Some(_)) => (Code::SubtractProduct, b, a),
            _ => continue,
        };
        let [x, y, _] = products[&product];
        instruction.code = code;
        instruction.operands = [x, y, summand];
        fused.insert(product);
    }
    routine.instructions.retain(|instruction| !fused.contains(&instruction.to));
    Routine::new(routine.instructions, routine.results)
}

#[cfg(test)]
mod tests {
    use super::super::routine::Instruction;
    use super::*;

    fn instruction(code: Code, operands: [u32; 3], to: u32) -> Instruction {
        Instruction { code, operands, to }
    }

    /// Registers 1 … 3 are inputs: 4 = x y, 5 = 4 combined with z as asked.
    fn fused(code: Code, operands: [u32; 3], results: &[u32]) -> Routine {
        let product = instruction(Code::Multiply, [1, 2, 0], 4);
        let instructions = vec![product, instruction(code, operands, 5)];
        fuse(Routine::new(instructions, results.to_vec()))
    }

    #[test]
    fn a_product_with_one_use_becomes_part_of_its_sum() {
        for (code, operands, expected) in [
            (Code::Add, [4, 3, 0], Code::MultiplyAdd),
            (Code::Add, [3, 4, 0], Code::MultiplyAdd),
            (Code::Subtract, [4, 3, 0], Code::MultiplySubtract),
            (Code::Subtract, [3, 4, 0], Code::SubtractProduct),
        ] {
            let routine = fused(code, operands, &[5]);
            let [only] = routine.instructions.as_slice() else { panic!("{code:?} is not fused") };
            assert_eq!((only.code, only.operands, only.to), (expected, [1, 2, 3], 5));
        }
    }

    #[test]
    fn a_product_with_another_use_stays() {
        assert_eq!(fused(Code::Add, [4, 3, 0], &[5, 4]).instructions.len(), 2);
        assert_eq!(fused(Code::Add, [4, 4, 0], &[5]).instructions.len(), 2);
    }

    #[test]
    fn of_two_products_the_first_is_fused() {
        let instructions = vec![
            instruction(Code::Multiply, [1, 2, 0], 4),
            instruction(Code::Multiply, [2, 3, 0], 5),
            instruction(Code::Add, [4, 5, 0], 6),
        ];
        let routine = fuse(Routine::new(instructions, vec![6]));
        assert_eq!(routine.instructions.len(), 2);
        assert_eq!(routine.instructions[1].operands, [1, 2, 5]);
    }
}
