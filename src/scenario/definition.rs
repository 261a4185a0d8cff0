//! The checked scenario: every list that simulation, endpoints and report index into. Coherent units, time in days.

use super::analysis_definition::Analysis;
use super::conduct::{Adherence, Conduct};
use super::endpoint_definition::EndpointDefinition;
use super::population::PopulationDescription;
use super::tablet::Tablets;
use super::uncertainty_definition::Uncertainty;
use crate::model::{Formula, Model, NamedUnit};

/// A whole scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// File stem, used for the output folder.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is asked, for whom, and what it is not for.
    pub about: String,
    /// The checked model, parameter overrides already applied.
    pub model: Model,
    /// Overrides applied, as (name, value as written), for the report.
    pub overrides: Vec<(String, String)>,
    /// Length of follow-up, d.
    pub horizon: f64,
    /// As written.
    pub horizon_text: String,
    /// Root of all random numbers.
    pub seed: u64,
    /// Number of virtual patients, the same in every arm.
    pub patients: usize,
    /// Whether patients differ: false gives the typical patient (all random effects 0, no residual error, no hazard events).
    pub variability: bool,
    /// Covariates.
    pub population: PopulationDescription,
    /// Named visit schedules; the first is the laboratory schedule.
    pub visits: Vec<VisitSchedule>,
    /// Extra laboratory visits at this spacing while any drug is on hold, d.
    pub visits_while_held: Option<f64>,
    /// Visits missed or late, blood drawn before the visit.
    pub conduct: Conduct,
    /// Starts of the occasions of between-occasion variability, d, ascending, the first at 0; the same in all arms.
    pub occasions: Vec<f64>,
    /// Arms; the first is the reference of comparisons.
    pub arms: Vec<Arm>,
    /// Signals in an order in which each uses only earlier ones.
    pub signals: Vec<Signal>,
    /// Memory cells used by signals and rules; a cell's argument uses only earlier cells.
    pub memory: Vec<MemoryCell>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Whether every look at a rule is listed, also where nothing changes.
    pub log_all_decisions: bool,
    /// Endpoints.
    pub endpoints: Vec<EndpointDefinition>,
    /// What is recorded.
    pub records: Vec<Record>,
    /// Numerical settings.
    pub numerics: Numerics,
    /// How well the population parameters are known, where the file says so.
    pub uncertainty: Option<Uncertainty>,
    /// How arms are compared.
    pub analysis: Analysis,
    /// Groups in which exposure is tabulated (renal function, …).
    pub groups: Vec<Group>,
    /// Texts printed in the report: what must never be claimed, known misfits.
    pub notes: Vec<Note>,
}

/// A paragraph or list for the report.
#[derive(Debug, Clone)]
pub struct Note {
    /// Heading: "Context of use", "Must never be claimed", "Known misfits".
    pub title: String,
    /// One entry per line.
    pub lines: Vec<String>,
}

/// A patient subgroup.
#[derive(Debug, Clone)]
pub struct Group {
    /// Label, "CrCl 30-60 mL/min".
    pub name: String,
    /// Over covariates and patient-constant equations.
    pub condition: Formula,
}

/// When the clinic sees the patient.
#[derive(Debug, Clone)]
pub struct VisitSchedule {
    /// `laboratory`, `restaging`, …
    pub name: String,
    /// Times, d, ascending, within the horizon.
    pub times: Vec<f64>,
    /// As written.
    pub text: Vec<String>,
}

/// An arm.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Name.
    pub name: String,
    /// Meaning.
    pub about: String,
    /// Drugs given by plan.
    pub treatments: Vec<Treatment>,
    /// Rules that apply, indices into [`Scenario::rules`], in the order in which they act.
    pub rules: Vec<usize>,
    /// Controls set by the arm.
    pub controls: Vec<ControlSetting>,
}

/// A control set over a span of days.
#[derive(Debug, Clone)]
pub struct ControlSetting {
    /// Index into the model's controls.
    pub control: usize,
    /// Value while set.
    pub value: f64,
    /// First time, d (day 1 is 0).
    pub from: f64,
    /// End, d (infinite for the whole trial).
    pub to: f64,
}

/// A drug given by plan.
#[derive(Debug, Clone)]
pub struct Treatment {
    /// Index into the model's routes.
    pub route: usize,
    /// Dose levels, ascending; one for a fixed dose.
    pub levels: Vec<f64>,
    /// Level at the start, index into `levels`.
    pub start: usize,
    /// `start` per patient: (condition, level) pairs, the first true one wins (renal starting dose).
    pub start_if: Vec<(Formula, usize)>,
    /// Cycle length, d.
    pub cycle: f64,
    /// Days of the cycle with a dose, 1-based, ascending, each ≤ cycle.
    pub days: Vec<u32>,
    /// Cycles with this treatment, 1-based inclusive (`u32::MAX` for the end of the trial).
    pub cycles: (u32, u32),
    /// Times of day at which the level is given, d after the start of the day (`[0.0]` for once daily).
    pub at: Vec<f64>,
    /// Length of a zero-order infusion, d; 0 for a bolus or a capsule.
    pub over: f64,
    /// Given at each visit of this schedule (index) instead of by `days`, `cycles` and `at`. `days` and `cycle` then hold the
    /// days of the planned visits, in one cycle.
    pub visits: Option<usize>,
    /// Strengths of which doses are made.
    pub tablets: Option<Tablets>,
    /// How surely planned doses are taken; `None`: always.
    pub adherence: Option<Adherence>,
    /// As written, for the report.
    pub text: String,
}

/// A named condition or quantity with memory, evaluated at visits and recorded.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Name.
    pub name: String,
    /// Meaning.
    pub about: String,
    /// As written.
    pub text: String,
    /// Over outputs (measured), memory, earlier signals, trial quantities, patient constants.
    pub formula: Formula,
    /// Unit for showing; "1" for conditions.
    pub unit: NamedUnit,
    /// Whether it is true or false.
    pub logical: bool,
    /// Visit schedule at which it is evaluated (index); between, it keeps its value (a condition counts as false).
    pub schedule: usize,
    /// Evaluated at each day's dose time as well (only the true outputs move between visits).
    pub daily: bool,
}

/// State kept between visits for one call of a memory function.
#[derive(Debug, Clone)]
pub struct MemoryCell {
    /// Which function.
    pub kind: MemoryKind,
    /// Its argument.
    pub argument: Formula,
    /// Visit schedule at which it is fed (that of the signal or rule it stands in; laboratory for rules).
    pub schedule: usize,
    /// Fed at each day's dose time as well: only in daily signals and rules, and only where the argument reads something
    /// that moves between visits (a true output, the day, a dose).
    pub daily: bool,
}

/// Functions with memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MemoryKind {
    /// `baseline(x)`: x at the first visit (before the first dose).
    Baseline,
    /// `nadir(x)`: smallest x at earlier visits of the schedule, baseline included, the present one not.
    Nadir,
    /// `peak(x)`: largest x at earlier visits.
    Peak,
    /// `lasting(c, span)`: c held at every visit over a span of at least this many days, the present one included.
    Lasting(f64),
    /// `recent(c, span)`: c held at some visit within the last span days, the present one included.
    Recent(f64),
    /// `consecutive(c, n)`: c held at this and the n − 1 visits before.
    Consecutive(u32),
    /// `ever(c)`: c held at this or an earlier visit.
    Ever,
}

/// A protocol rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// Meaning.
    pub about: String,
    /// Condition as written.
    pub when_text: String,
    /// Condition.
    pub when: Formula,
    /// Outputs that the condition reads (first one is logged as the signal).
    pub signals: Vec<usize>,
    /// Acts at each day's dose time, not only at laboratory visits.
    pub daily: bool,
    /// What it does.
    pub action: Action,
    /// Given once a day while a hold of this rule lasts (or, without a hold, while `when` is true).
    pub give: Option<CoMedication>,
}

/// What a rule does. `drug` is a route index; it acts on every treatment of the arm with that route.
#[derive(Debug, Clone)]
pub enum Action {
    /// Stop dosing until `resume` is true at a later check.
    Hold {
        /// Route.
        drug: usize,
        /// Condition to resume.
        resume: Formula,
        /// As written.
        resume_text: String,
        /// Levels lower on resumption (0: the same).
        lower: usize,
        /// Never below this dose.
        lowest: f64,
        /// How long it may last, and what ends reductions.
        terms: HoldTerms,
    },
    /// Go one level lower at once (at most once per visit).
    Reduce {
        /// Route.
        drug: usize,
        /// Levels.
        lower: usize,
        /// Never below this dose.
        lowest: f64,
        /// What ends reductions.
        limits: ReductionLimits,
    },
    /// One level up on a fixed grid of days when `when` (the gate) allows; retried daily until allowed.
    Escalate {
        /// Route.
        drug: usize,
        /// First planned step, d from the start.
        first: f64,
        /// Spacing of planned steps, d.
        every: f64,
        /// Never above this dose.
        highest: f64,
        /// Whether a level lost by a reduction is climbed again. If not, the plan has as many steps as there are
        /// levels from the start to `highest`, and each is taken once.
        regain: bool,
    },
    /// One level up again after a reduction, when `when` allows; never above a level that was in force before.
    ReEscalate {
        /// Route.
        drug: usize,
        /// Waiting time since the last change of the dose or resumption, d.
        after: f64,
        /// Never above this dose.
        highest: f64,
    },
    /// Set the dose. Of the rules that set the dose of one drug the first whose condition holds acts.
    Adjust {
        /// Route.
        drug: usize,
        /// The dose, coherent; [`crate::model::TrialQuantity::RunningDose`] is the one so far. A value that is not a finite
        /// number changes nothing.
        dose: Formula,
        /// As written.
        dose_text: String,
        /// Not below this.
        smallest: f64,
        /// Not above this.
        largest: f64,
        /// Acts also where an earlier rule has set the dose at the same check.
        further: bool,
        /// Whether a decision that leaves the dose as it is is logged too.
        log_unchanged: bool,
    },
    /// The first dose waits until `when` is true at a check.
    Start {
        /// Route.
        drug: usize,
        /// Longest wait, d; then the drug is never given.
        at_most: f64,
    },
    /// Stop the drug for good.
    Discontinue {
        /// Route; `None` stops all treatments of the arm.
        drug: Option<usize>,
    },
    /// Nothing but `give`.
    Give,
}

/// How long a hold may last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HoldTerms {
    /// It does not end sooner, d.
    pub after: f64,
    /// Where it cannot end at a check at which it has lasted this long, the drug is discontinued, d.
    pub at_most: f64,
    /// What ends the reductions that go with resumption.
    pub limits: ReductionLimits,
}

impl Default for HoldTerms {
    fn default() -> Self {
        HoldTerms { after: 0.0, at_most: f64::INFINITY, limits: ReductionLimits::default() }
    }
}

/// When the drug is discontinued instead of being reduced once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReductionLimits {
    /// After so many reductions, by whatever rule.
    pub most: Option<u32>,
    /// Where there is no level as low as is asked for; otherwise the lowest stays in force.
    pub end_below_lowest: bool,
}

/// A drug given by a rule, once a day.
#[derive(Debug, Clone)]
pub struct CoMedication {
    /// Route.
    pub drug: usize,
    /// Dose per day.
    pub dose: f64,
    /// Given for this long once begun, whatever becomes of the condition, d; `None`: while the rule's hold lasts or its
    /// condition holds.
    pub span: Option<f64>,
    /// Ends when this is true at a check; until then it goes on whatever becomes of the rule's condition.
    pub until: Option<Formula>,
}

impl CoMedication {
    /// A daily dose that goes with its rule.
    pub fn daily(drug: usize, dose: f64) -> Self {
        CoMedication { drug, dose, span: None, until: None }
    }
}

/// What is recorded on a time grid; times never change the steps.
#[derive(Debug, Clone)]
pub struct Record {
    /// Name, `course`, `day 1 profile`.
    pub name: String,
    /// Times, d, ascending.
    pub times: Vec<f64>,
    /// Outputs (indices).
    pub outputs: Vec<usize>,
}

/// Numerical settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numerics {
    /// Method.
    pub method: Method,
    /// Relative tolerance.
    pub relative_tolerance: f64,
    /// Step limit per patient and arm.
    pub maximum_steps: u64,
}

/// ODE methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Explicit, and implicit for patients whose equations turn out stiff.
    Automatic,
    /// Tsitouras 5(4) of our own, closed forms exact.
    Explicit,
    /// RODAS 4(3) of our own, closed forms exact.
    Implicit,
    /// ode_solvers' Dormand-Prince 5(4), everything integrated.
    Dopri5Reference,
    /// ode_solvers' Dormand-Prince 8(5,3), everything integrated.
    Dop853Reference,
}
