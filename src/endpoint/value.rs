//! The value of an endpoint for one patient in one arm.

/// The value of an endpoint for one patient in one arm.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A quantity, coherent units.
    Quantity(f64),
    /// A grade 0-4.
    Grade(u8),
    /// Yes or no.
    Truth(bool),
    /// A category with its rank (0 best): CR, CRi, PR, SD, PD, not evaluable.
    Category {
        /// Rank.
        rank: u8,
        /// Label.
        label: &'static str,
    },
    /// Time to event, d.
    Time {
        /// Time of the event or of censoring.
        time: f64,
        /// Whether it happened.
        event: bool,
    },
    /// Not evaluable for this patient, and why. Never counted as a value.
    Missing(&'static str),
}
