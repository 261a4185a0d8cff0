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
    /// Which of several happenings came first.
    First {
        /// Time of it, or of censoring, d.
        time: f64,
        /// 0 for the one asked for, from 1 on those that compete; `None` for censored.
        cause: Option<u8>,
    },
    /// A category in each period (restaging, cycle), as place in the list of the endpoint's categories; [`NOT_SEEN`] where
    /// there is none.
    Periods(Box<[u8]>),
    /// Not evaluable for this patient, and why. Never counted as a value.
    Missing(&'static str),
}

/// In [`Value::Periods`]: nothing was seen of the patient in this period.
pub const NOT_SEEN: u8 = u8::MAX;
