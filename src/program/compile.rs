//! From a [`Model`] to a [`Program`].

use super::linear::TransitChain;
use crate::model::Model;

/// The compiled model, shared by all patients and threads.
#[derive(Debug)]
pub struct Program {
    _private: (),
}

impl Program {
    /// Compiles a checked model. Cannot fail: everything that can be wrong was found by the checker.
    pub fn compile(_model: &Model) -> Self {
        todo!()
    }
    /// Number of states.
    pub fn states(&self) -> usize {
        todo!()
    }
    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        todo!()
    }
    /// Operations per evaluation of the rates.
    pub fn operations(&self) -> usize {
        todo!()
    }
    /// The transit chains that can be propagated exactly.
    pub fn chains(&self) -> &[TransitChain] {
        todo!()
    }
}
