//! What differs between two versions of a trial.

use crate::endpoint::Value;
use crate::trial::outcome::{Comparison, Estimate};

/// The whole difference. "First" and "second" are the two scenarios.
#[derive(Debug)]
pub struct Difference {
    /// Patients in each arm.
    pub patients: usize,
    /// What is worth knowing of the pairing.
    pub notes: Vec<String>,
    /// Arms of both, by name, in the order of the first.
    pub arms: Vec<ArmDifference>,
    /// Names of arms that one scenario has: of the first, of the second.
    pub other_arms: [Vec<String>; 2],
    /// Names of endpoints that are compared: of both scenarios, of the same kind; and their places in the first.
    pub endpoints: Vec<usize>,
    /// Names of endpoints that are not.
    pub other_endpoints: Vec<String>,
    /// Wall time, s.
    pub seconds: f64,
}

/// One arm of both scenarios.
#[derive(Debug)]
pub struct ArmDifference {
    /// Name.
    pub name: String,
    /// Index in the first and in the second scenario.
    pub arms: [usize; 2],
    /// By compared endpoint.
    pub endpoints: Vec<EndpointChange>,
    /// Patients whose courses part or whose outcomes differ, by number.
    pub changes: Vec<PatientChange>,
    /// What the courses part by, the most frequent first.
    pub causes: Vec<CauseCount>,
    /// Patients whose courses are the same to the last decision, dose and event.
    pub same: usize,
    /// Patients whose course failed numerically in one or both.
    pub failed: usize,
}

/// One endpoint in one arm of both.
#[derive(Debug)]
pub struct EndpointChange {
    /// Index in the first scenario.
    pub endpoint: usize,
    /// Patients with a value in both.
    pub n: usize,
    /// Patients whose value differs.
    pub changed: usize,
    /// Of shares of patients: (label, patients who have it only in the second, only in the first).
    pub shares: Vec<(String, usize, usize)>,
    /// Estimates in the first and in the second scenario.
    pub estimates: Vec<[Estimate; 2]>,
    /// The second against the first, within patients.
    pub comparisons: Vec<Comparison>,
}

/// One patient in one arm.
#[derive(Debug, Clone)]
pub struct PatientChange {
    /// Number, from 0.
    pub patient: usize,
    /// Where the courses part: d, and by what in words; `None` where nothing that is logged differs.
    pub cause: Option<Change>,
    /// Endpoints (index in the first scenario) whose value differs, with both values.
    pub outcomes: Vec<(usize, Value, Value)>,
}

/// The first thing that one course has and the other has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// d.
    pub time: f64,
    /// By what, without this patient's numbers: "rule `hold for low counts`: hold, only in the first".
    pub kind: String,
    /// The output that explained it, where there is one, with its value: "ANC 0.42 1e9/L".
    pub signal: Option<String>,
    /// What happened in the first, and in the second: "hold lenalidomide, 10 → 0 mg"; empty for nothing.
    pub happened: [String; 2],
}

/// How many courses part by one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseCount {
    /// As of [`Change::kind`].
    pub kind: String,
    /// Patients.
    pub patients: usize,
    /// Of them, patients with some outcome that differs.
    pub outcomes: usize,
}
