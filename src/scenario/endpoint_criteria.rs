//! What endpoints with many limits hold: response and its guidelines, progression with a flare window, tumour lysis,
//! competing happenings, dose modifications. Indices and coherent units; how a file says it is read elsewhere.

use super::definition::Scenario;
use super::endpoint_definition::{Column, GradeTimes};
use super::grade_definition::GradeTable;

/// iwCLL best response: outputs (indices) and limits, coherent units.
#[derive(Debug, Clone)]
pub struct ResponseCriteria {
    /// Which published criteria.
    pub guideline: Guideline,
    /// Whether a response with persisting lymphocytosis is a category of its own, PR-L (Cheson et al., J Clin Oncol
    /// 2012; 30:2820); if not, lymphocytes are one item among others.
    pub lymphocytosis_apart: bool,
    /// Restaging schedule (index).
    pub schedule: usize,
    /// What shows progression: response counts only before.
    pub progression: Progression,
    /// SPD relative to baseline (output).
    pub nodes: Column,
    /// Largest node diameter (signal or output value at restaging).
    pub node: Column,
    /// Spleen length.
    pub spleen: Column,
    /// Lymphocytes.
    pub lymphocytes: Column,
    /// Marrow lymphocyte fraction.
    pub marrow: Column,
    /// Neutrophils.
    pub neutrophils: Column,
    /// Platelets.
    pub platelets: Column,
    /// Haemoglobin.
    pub haemoglobin: Column,
    /// CR limit of the node diameter (1.5 cm CT, 2.0 cm palpation).
    pub node_limit: f64,
    /// PR held at two restagings at least this far apart, d.
    pub confirmation: f64,
}

/// Published response criteria, as far as a model can show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guideline {
    /// Hallek 2008 and 2018 put together: nodes always count as abnormal and must improve.
    Both,
    /// Hallek et al., Blood 2008; 111:5446, table 4.
    Iwcll2008,
    /// Hallek et al., Blood 2018; 131:2745, table 4.
    Iwcll2018,
}

/// What is asked of a sequence of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseQuestion {
    /// Time to the restaging at which the confirmed response began, among responders, d.
    TimeToResponse,
    /// Time from there to progression or death (hazard), among responders, d.
    Duration {
        /// Hazard that ends life (index).
        death: Option<usize>,
    },
    /// Time from there to the first restaging with a deeper response, among responders, d.
    TimeToDeepening,
    /// The category at each restaging.
    OverTime,
}

/// A signal that shows progression, and when it is not believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progression {
    /// Signal that is true at progression (index).
    pub signal: usize,
    /// Progression seen in this window is not counted.
    pub flare: Option<FlareWindow>,
}

/// A time after each start and step-up of a drug in which nodes may swell without progression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlareWindow {
    /// Route (index).
    pub drug: usize,
    /// Length, d.
    pub length: f64,
    /// Only visits at which this output is at least this large belong to the window; all without it.
    pub flare: Option<(usize, f64)>,
}

/// Tumour lysis by Cairo and Bishop: two or more of the items, near a start or dose step or while the flare is on.
#[derive(Debug, Clone)]
pub struct LysisCriteria {
    /// Record read (daily).
    pub record: usize,
    /// Outputs with limits: (output, limit, true if ≥ counts, false if ≤ counts).
    pub items: Vec<(usize, f64, bool)>,
    /// Creatinine output and limit for clinical lysis.
    pub creatinine: (usize, f64),
    /// d after a start.
    pub window: f64,
    /// Flare output and limit.
    pub flare: Option<(usize, f64)>,
    /// Drug whose starts and steps open the window.
    pub drug: usize,
    /// How items count.
    pub rule: LysisRule,
    /// Hazards (indices) that make laboratory lysis a clinical one: arrhythmia, seizure, where a model has them.
    pub events: Vec<usize>,
}

/// How the items of tumour lysis count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LysisRule {
    /// Limits passed at the same recorded time (Howard et al., N Engl J Med 2011; 364:1844: within 24 h), after each start
    /// and step.
    AtOnce,
    /// Items met at any times from `before` ahead of the first dose to the window's end, an item being met by its limit
    /// or by a change of this share from the start (Cairo and Bishop, Br J Haematol 2004; 127:3).
    WithinWindow {
        /// d before the start.
        before: f64,
        /// Relative change in the item's bad direction that meets it.
        change: f64,
        /// Whether each step-up opens a window of its own, as the first dose does.
        steps: bool,
    },
}

/// What a grade by cycle is read from; the fields are those of `EndpointKind::WorstGrade`.
#[derive(Debug, Clone)]
pub struct GradeSource {
    /// Output read (index).
    pub output: usize,
    /// Limits of grades 1, 2, …, coherent.
    pub thresholds: Vec<f64>,
    /// Whether low values are bad.
    pub falling: bool,
    /// The grade table that grades instead, where one was named.
    pub table: Option<Box<GradeTable>>,
    /// Where values are read.
    pub at: GradeTimes,
}

/// Something that can come first.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// The first event of a hazard (index).
    Hazard(usize),
    /// The first visit at which a signal is true.
    Signal(Progression),
    /// The end of treatment, for whatever reason.
    Discontinuation,
}

/// What is asked of the holds and reductions of a drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modification {
    /// Time on hold while on treatment, d.
    TimeOnHold,
    /// Number of holds.
    Holds,
    /// Number of times the level became lower, by a rule or on resuming.
    Reductions,
    /// Time from the first dose to the first hold, d; censored at the end of treatment.
    TimeToFirstHold,
    /// Time from the first dose to the first lowering, d; censored at the end of treatment.
    TimeToFirstReduction,
}

impl Scenario {
    /// What a happening is called: the name of the hazard or signal, or "discontinuation".
    pub fn happening(&self, happening: &Happening) -> &str {
        match happening {
            Happening::Hazard(hazard) => self.model.hazards.get(*hazard).map_or("", |hazard| &hazard.name),
            Happening::Signal(signal) => self.signals.get(signal.signal).map_or("", |signal| &signal.name),
            Happening::Discontinuation => "discontinuation",
        }
    }
}

impl Progression {
    /// Outputs read (indices).
    pub fn outputs(&self) -> impl Iterator<Item = usize> + use<> {
        self.flare.and_then(|window| window.flare).map(|(output, _)| output).into_iter()
    }
}

impl Happening {
    /// Outputs read (indices).
    pub fn outputs(&self) -> Vec<usize> {
        match self {
            Happening::Signal(progression) => progression.outputs().collect(),
            Happening::Hazard(_) | Happening::Discontinuation => Vec::new(),
        }
    }
}

impl LysisCriteria {
    /// Outputs read from the record (indices).
    pub fn outputs(&self) -> Vec<usize> {
        let mut read: Vec<usize> = self.items.iter().map(|(output, ..)| *output).collect();
        read.push(self.creatinine.0);
        read.extend(self.flare.map(|(output, _)| output));
        read
    }
}

impl ResponseCriteria {
    /// Outputs read at visits (indices).
    pub fn outputs(&self) -> Vec<usize> {
        let columns = [
            self.nodes,
            self.node,
            self.spleen,
            self.lymphocytes,
            self.marrow,
            self.neutrophils,
            self.platelets,
            self.haemoglobin,
        ];
        let of_columns = columns
            .into_iter()
            .filter_map(|column| if let Column::Output(output) = column { Some(output) } else { None });
        of_columns.chain(self.progression.outputs()).collect()
    }
}
