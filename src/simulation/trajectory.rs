//! What is kept of one patient in one arm. Coherent units, time in days.

pub use super::audit::{Audit, Look, RuleAudit, Truth};
pub use super::realised::Realised;

/// One patient in one arm.
#[derive(Debug, Clone)]
pub struct Trajectory {
    /// Patient number, from 0 (shown from 1).
    pub patient: usize,
    /// Arm index.
    pub arm: usize,
    /// How it ended.
    pub end: End,
    /// Time at which follow-up ended, d.
    pub end_time: f64,
    /// In the order of the scenario's records.
    pub records: Vec<RecordedSeries>,
    /// Visits in time order.
    pub visits: Vec<Visit>,
    /// Doses given, in time order.
    pub doses: Vec<Dose>,
    /// Decisions in time order.
    pub decisions: Vec<Decision>,
    /// Hazard events in time order.
    pub events: Vec<Event>,
    /// Spans on treatment state.
    pub treatment: TreatmentSpan,
    /// Numerical cost.
    pub counts: Counts,
    /// Relative mass-balance defect or other invariants are tested, not stored.
    pub rules_fired: Vec<u32>,
    /// What was found of the rules beside the truth.
    pub audit: Audit,
    /// The course as a table of records, where it was to be written down.
    pub realised: Option<Box<Realised>>,
}

/// How follow-up ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// At the horizon.
    Completed,
    /// A terminal hazard happened (index into the model's hazards).
    Died {
        /// Which.
        hazard: usize,
    },
    /// The solver could not go on.
    Failed(Failure),
}

/// A numerical failure. Everything up to `time` is valid; nothing after exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// d.
    pub time: f64,
    /// The state that stopped it, if one can be named (index into the model's states).
    pub state: Option<usize>,
    /// What happened, a sentence.
    pub what: String,
    /// Likely cause and remedy, a sentence.
    pub cause: String,
}

/// Values of one record.
#[derive(Debug, Clone, Default)]
pub struct RecordedSeries {
    /// Number of times reached (the rest is after the end).
    pub reached: usize,
    /// True values, `[time][output]` flattened in the record's output order.
    pub values: Vec<f64>,
    /// What the same outputs were at the first time after what entered the body then, where anything did: a profile behind an
    /// intravenous bolus begins there.
    pub after_doses: Option<Vec<f64>>,
}

/// One visit.
#[derive(Debug, Clone)]
pub struct Visit {
    /// d.
    pub time: f64,
    /// Bit i set: schedule i of the scenario.
    pub schedules: u32,
    /// On treatment (first dose to discontinuation; the visit before the first dose counts as off).
    pub on_treatment: bool,
    /// Whether some drug was on hold when the patient came.
    pub on_hold: bool,
    /// True values of all outputs.
    pub truth: Vec<f64>,
    /// Measured values (equal to the truth for outputs without error).
    pub measured: Vec<f64>,
    /// Values of all signals (conditions 1/0).
    pub signals: Vec<f64>,
}

/// A dose given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// d.
    pub time: f64,
    /// Route index.
    pub route: usize,
    /// Amount, coherent.
    pub amount: f64,
    /// Whether by the arm's plan (else by a rule).
    pub planned: bool,
}

/// What was decided about one drug.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// d.
    pub time: f64,
    /// By a rule, or by a hazard that ends treatment.
    pub by: Why,
    /// The output that explains the decision: the one read first in the alternative (`or`) that was true; of conditions
    /// that had to be waited for (`and`), the one that came last. `None` for a hazard.
    pub signal: Option<usize>,
    /// Its value as the clinic knew it (measured where it has a residual error).
    pub value: f64,
    /// What was done.
    pub action: Done,
    /// Route acted on. What stops several drugs is one decision for each.
    pub drug: usize,
    /// Level in force before (0 while held), coherent.
    pub before: f64,
    /// Level in force after.
    pub after: f64,
}

/// Actions as logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Done {
    /// Hold began.
    Hold,
    /// Hold ended.
    Resume,
    /// One or more levels lower.
    Reduce,
    /// One level up.
    Escalate,
    /// The dose was set.
    Adjust,
    /// Stopped for good.
    Discontinue,
    /// Co-medication began.
    StartCoMedication,
    /// Co-medication ended.
    StopCoMedication,
}

impl Done {
    /// As in tables and on pages.
    pub fn name(self) -> &'static str {
        match self {
            Done::Hold => "hold",
            Done::Resume => "resume",
            Done::Reduce => "reduce",
            Done::Escalate => "escalate",
            Done::Adjust => "adjust",
            Done::Discontinue => "discontinue",
            Done::StartCoMedication => "start co-medication",
            Done::StopCoMedication => "stop co-medication",
        }
    }
}

/// A hazard event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// d.
    pub time: f64,
    /// Index into the model's hazards.
    pub hazard: usize,
}

/// Treatment as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct TreatmentSpan {
    /// Time of the first planned dose, d; `None` if none was given.
    pub first_dose: Option<f64>,
    /// Time of discontinuation, d, and why (rule index or hazard index); `None` while still on treatment at the end.
    pub discontinued: Option<(f64, Why)>,
    /// Days on which a scheduled dose was not given because of a hold.
    pub held_days: u32,
    /// Level in force on each day (by treatment 0 of the arm; 0 when held, off or stopped), coherent, one per day reached.
    pub daily_level: Vec<f64>,
}

/// Whose decision it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A rule.
    Rule(usize),
    /// A hazard (dropout).
    Hazard(usize),
}

/// Numerical cost of one trajectory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejected: u64,
    /// Evaluations of the rates.
    pub evaluations: u64,
}
