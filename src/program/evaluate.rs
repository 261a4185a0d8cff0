//! Running a list of operations on registers of any width: the one evaluator, for a single patient and for lanes.

use super::compile::{Code, Instruction};
use crate::math::lane::Lane;
use crate::math::processor::Kernel;
use crate::model::{BinaryOperation, UnaryOperation, select};

/// A list of operations and the registers that it reads and writes. A register of the program is `BLOCKS` registers of
/// the processor side by side, so that one operation need not wait for the other.
pub(super) struct Evaluation<'a, const BLOCKS: usize> {
    pub instructions: &'a [Instruction],
    pub registers: &'a mut [f64],
}

impl<const BLOCKS: usize> Kernel for Evaluation<'_, BLOCKS> {
    type Output = ();

    /// Each arm names the one definition of its operation.
    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        use BinaryOperation as Two;
        use UnaryOperation as One;
        let mut file = File::<L, BLOCKS> { token, registers: self.registers };
        for instruction in self.instructions {
            match instruction.code {
                Code::Negate => file.unary(instruction, One::Negate),
                Code::Not => file.unary(instruction, One::Not),
                Code::Exp => file.unary(instruction, One::Exp),
                Code::Log => file.unary(instruction, One::Log),
                Code::Sqrt => file.unary(instruction, One::Sqrt),
                Code::Abs => file.unary(instruction, One::Abs),
                Code::Add => file.binary(instruction, Two::Add),
                Code::Subtract => file.binary(instruction, Two::Subtract),
                Code::Multiply => file.binary(instruction, Two::Multiply),
                Code::Divide => file.binary(instruction, Two::Divide),
                Code::Power => file.binary(instruction, Two::Power),
                Code::Minimum => file.binary(instruction, Two::Minimum),
                Code::Maximum => file.binary(instruction, Two::Maximum),
                Code::Less => file.binary(instruction, Two::Less),
                Code::LessEqual => file.binary(instruction, Two::LessEqual),
                Code::Equal => file.binary(instruction, Two::Equal),
                Code::And => file.binary(instruction, Two::And),
                Code::Or => file.binary(instruction, Two::Or),
                Code::Select => file.ternary(instruction, Three::Select),
                Code::MultiplyAdd => file.ternary(instruction, Three::MultiplyAdd),
                Code::MultiplySubtract => file.ternary(instruction, Three::MultiplySubtract),
                Code::SubtractProduct => file.ternary(instruction, Three::SubtractProduct),
            }
        }
    }
}

/// Operations with three operands.
#[derive(Clone, Copy)]
enum Three {
    /// `if(a, b, c)`
    Select,
    /// a b + c
    MultiplyAdd,
    /// a b − c
    MultiplySubtract,
    /// c − a b
    SubtractProduct,
}

impl Three {
    /// The one definition of the operation.
    #[inline(always)]
    fn apply<L: Lane>(self, a: L, b: L, c: L) -> L {
        match self {
            Three::Select => select(a, b, c),
            Three::MultiplyAdd => a.mul_add(b, c),
            Three::MultiplySubtract => a.mul_add(b, -c),
            Three::SubtractProduct => (-a).mul_add(b, c),
        }
    }
}

/// The registers at work.
struct File<'a, L: Lane, const BLOCKS: usize> {
    token: L::Token,
    registers: &'a mut [f64],
}

impl<L: Lane, const BLOCKS: usize> File<'_, L, BLOCKS> {
    #[inline(always)]
    fn load(&self, register: u32) -> [L; BLOCKS] {
        let start = register as usize * L::WIDTH * BLOCKS;
        // One slice of known length, so that bounds are checked once.
        let from = &self.registers[start..start + L::WIDTH * BLOCKS];
        let mut blocks = [L::splat(self.token, 0.0); BLOCKS];
        for (number, block) in blocks.iter_mut().enumerate() {
            *block = L::load(self.token, &from[number * L::WIDTH..]);
        }
        blocks
    }

    #[inline(always)]
    fn store(&mut self, register: u32, blocks: [L; BLOCKS]) {
        let start = register as usize * L::WIDTH * BLOCKS;
        let to = &mut self.registers[start..start + L::WIDTH * BLOCKS];
        for (number, block) in blocks.iter().enumerate() {
            block.store(&mut to[number * L::WIDTH..]);
        }
    }

    #[inline(always)]
    fn unary(&mut self, instruction: &Instruction, operation: UnaryOperation) {
        let mut values = self.load(instruction.operands[0]);
        for value in &mut values {
            *value = operation.apply(*value);
        }
        self.store(instruction.to, values);
    }

    #[inline(always)]
    fn binary(&mut self, instruction: &Instruction, operation: BinaryOperation) {
        let [a, b, _] = instruction.operands;
        let (mut values, others) = (self.load(a), self.load(b));
        for (value, other) in values.iter_mut().zip(others) {
            *value = operation.apply(*value, other);
        }
        self.store(instruction.to, values);
    }

    #[inline(always)]
    fn ternary(&mut self, instruction: &Instruction, operation: Three) {
        let [a, b, c] = instruction.operands;
        let (mut values, second, third) = (self.load(a), self.load(b), self.load(c));
        for (value, (b, c)) in values.iter_mut().zip(second.into_iter().zip(third)) {
            *value = operation.apply(*value, b, c);
        }
        self.store(instruction.to, values);
    }
}
