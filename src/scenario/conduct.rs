//! How a trial is carried out, as against how it is written down: visits missed or late, doses not taken, blood drawn some
//! time before the decision. Description only.

/// Of the trial as a whole. The default is a trial carried out as planned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conduct {
    /// Length of a cycle as `cycle` and `cycle_day` in conditions count it, d; 0 stands for 28.
    pub cycle: f64,
    /// Probability that a planned visit (not that of day 1) does not take place.
    pub missed: f64,
    /// Probabilities that a planned visit takes place 0, 1, 2, … days late; empty: always on its day.
    pub late: Vec<f64>,
    /// By output: how long before the visit the blood was drawn whose value is known there, d. Outputs beyond the end of
    /// the list, and 0: at the visit.
    pub drawn_before: Vec<f64>,
}

impl Conduct {
    /// Length of a cycle, d.
    pub fn cycle_length(&self) -> f64 {
        if self.cycle > 0.0 { self.cycle } else { super::treatment::DEFAULT_CYCLE }
    }
}

/// Whether planned doses of a drug are taken: a chain of two states. Each probability is that of taking a dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adherence {
    /// The first planned dose.
    pub first: f64,
    /// A dose when the one planned before was taken.
    pub after_taken: f64,
    /// A dose when the one planned before was missed.
    pub after_missed: f64,
}
