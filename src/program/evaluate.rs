//! Running a list of operations on registers of any width.

use super::compile::{Code, Instruction};
use crate::math::lane::Lane;
use crate::math::processor::Kernel;
use crate::model::{BinaryOperation, UnaryOperation, select};

/// A list of operations and the registers that it reads and writes, [`Lane::WIDTH`] numbers each.
pub(super) struct Evaluation<'a> {
    pub instructions: &'a [Instruction],
    pub registers: &'a mut [f64],
}

impl Kernel for Evaluation<'_> {
    type Output = ();

    /// Each arm names the one definition of its operation.
    #[inline(always)]
    fn run<L: Lane>(self, token: L::Token) {
        use BinaryOperation as Two;
        use UnaryOperation as One;
        let registers = self.registers;
        for instruction in self.instructions {
            let [a, b, c] = instruction.operands;
            let at = |register: u32| L::load(token, &registers[register as usize * L::WIDTH..]);
            let (x, y) = (at(a), at(b));
            let value = match instruction.code {
                Code::Negate => One::Negate.apply(x),
                Code::Not => One::Not.apply(x),
                Code::Exp => One::Exp.apply(x),
                Code::Log => One::Log.apply(x),
                Code::Sqrt => One::Sqrt.apply(x),
                Code::Abs => One::Abs.apply(x),
                Code::Add => Two::Add.apply(x, y),
                Code::Subtract => Two::Subtract.apply(x, y),
                Code::Multiply => Two::Multiply.apply(x, y),
                Code::Divide => Two::Divide.apply(x, y),
                Code::Power => Two::Power.apply(x, y),
                Code::Minimum => Two::Minimum.apply(x, y),
                Code::Maximum => Two::Maximum.apply(x, y),
                Code::Less => Two::Less.apply(x, y),
                Code::LessEqual => Two::LessEqual.apply(x, y),
                Code::Equal => Two::Equal.apply(x, y),
                Code::And => Two::And.apply(x, y),
                Code::Or => Two::Or.apply(x, y),
                Code::Select => select(x, y, at(c)),
            };
            value.store(&mut registers[instruction.to as usize * L::WIDTH..]);
        }
    }
}
