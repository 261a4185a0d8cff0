//! Records as they are carried out: checked, in coherent units, in the order of the table.

/// One subject with all its records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subject {
    /// Number in the order of first appearance, from 0: its identity where random numbers are drawn.
    pub number: usize,
    /// As the table writes it.
    pub id: String,
    /// In the order of the table.
    pub records: Vec<Record>,
    /// Values of the model's covariates at each record, `[record][covariate]`, coherent; not a number where the table
    /// gives none.
    pub covariates: Vec<f64>,
    /// The occasion to which each record belongs; empty where that is of no concern.
    pub occasions: Vec<u64>,
    /// Values of the model's controls from each record on, `[record][control]`, coherent; not a number where the table gives
    /// none. Empty where it has no column of a control.
    pub controls: Vec<f64>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number among the rows, from 1.
    pub row: u64,
    /// Time, d.
    pub time: f64,
    /// Time as the table gives it; since the first record of the subject where the table gives clock times.
    pub shown_time: f64,
    /// What happens.
    pub event: Event,
    /// The time for which the solver sets out from here, d, where the table says it (STOP). A record that comes before it was not
    /// foreseen, and interrupts the solver.
    pub stop: Option<f64>,
}

/// What happens at a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The subject is seen (EVID 0).
    Sample,
    /// Nothing but that covariates may change (EVID 2).
    Other,
    /// A dose (EVID 1).
    Dose(Dose),
    /// Everything starts anew (EVID 3).
    Reset,
    /// Everything starts anew with a dose (EVID 4).
    ResetAndDose(Dose),
    /// A state takes a value, coherent (EVID 5).
    Replace {
        /// Index of the state.
        state: usize,
        /// Its value from now on.
        value: f64,
    },
    /// A state is multiplied (EVID 6).
    Multiply {
        /// Index of the state.
        state: usize,
        /// By this.
        factor: f64,
    },
}

/// A dose record.
#[derive(Debug, Clone, PartialEq)]
pub struct Dose {
    /// Index of the route.
    pub route: usize,
    /// Amount, coherent.
    pub amount: f64,
    /// How it enters.
    pub administration: Administration,
    /// Time between doses, d; 0 where there is only one.
    pub interval: f64,
    /// Number of further doses.
    pub additional: u64,
    /// Whether the dose has been given for ever.
    pub steady_state: SteadyState,
}

/// How a dose enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Administration {
    /// At once.
    Bolus,
    /// At this rate, coherent per day.
    Rate(f64),
    /// Over this duration, d (DUR).
    Duration(f64),
    /// At the rate that the model gives (RATE = −1).
    ModelledRate,
    /// Over the duration that the model gives (RATE = −2).
    ModelledDuration,
}

/// Whether a dose belongs to a regimen that has been going on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SteadyState {
    /// No.
    No,
    /// Yes, and its periodic state replaces the present one (SS = 1).
    Replaces,
    /// Yes, and its periodic state is added to the present one (SS = 2).
    Adds,
}
