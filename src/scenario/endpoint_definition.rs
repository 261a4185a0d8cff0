//! Endpoints of a checked scenario: what is computed from which recorded columns, with which limits. Coherent units.

use super::estimand::Strategy;
use super::grade_definition::GradeTable;
use crate::model::NamedUnit;

/// A named endpoint.
#[derive(Debug, Clone)]
pub struct EndpointDefinition {
    /// Name, unique.
    pub name: String,
    /// Definition in words, printed beside the numbers.
    pub about: String,
    /// How missing and censored patients count; which estimand.
    pub estimand: String,
    /// What is computed.
    pub kind: EndpointKind,
    /// Unit for showing.
    pub unit: NamedUnit,
    /// What is done about the end of treatment.
    pub strategy: Strategy,
}

/// A recorded column of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// An output of the model (index), as measured.
    Output(usize),
    /// A signal of the scenario (index).
    Signal(usize),
}

/// Endpoint kinds of the first set.
#[derive(Debug, Clone)]
pub enum EndpointKind {
    /// Largest value in a record.
    Cmax {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
    },
    /// Time of the largest value, d after the record's first time.
    Tmax {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
    },
    /// Trapezoidal area over the record (linear up, logarithmic down).
    Auc {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
    },
    /// Area to infinity, with λz.
    AucInfinity {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
    },
    /// Terminal half-life ln 2/λz from a regression on the last points (best adjusted r², at least 3), d.
    HalfLife {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
    },
    /// Value at the record's last time.
    Trough {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
    },
    /// Smallest value at laboratory visits on treatment.
    Nadir {
        /// Output read (index).
        output: usize,
    },
    /// Day of the smallest value, d.
    NadirDay {
        /// Output read (index).
        output: usize,
    },
    /// Days (time between visits on treatment, last value carried forward) below a threshold, d.
    DaysBelow {
        /// Output read (index).
        output: usize,
        /// Limit, coherent.
        threshold: f64,
    },
    /// Worst grade on treatment. `thresholds[g-1]` is the limit of grade g; a value beyond it has at least that grade.
    /// A patient beyond the limit at baseline counts only if at least one grade worse.
    WorstGrade {
        /// Output read (index).
        output: usize,
        /// Limits of grades 1, 2, …, coherent.
        thresholds: Vec<f64>,
        /// Whether low values are bad.
        falling: bool,
        /// The grade table that says more than limits can; `thresholds` then holds what of it can be drawn.
        table: Option<Box<GradeTable>>,
        /// Where values are read.
        at: GradeTimes,
    },
    /// Best response by iwCLL from restaging visits.
    BestResponse(Box<ResponseCriteria>),
    /// First time a signal is true, or death; the rest censored at the end of follow-up. d.
    ProgressionFreeSurvival {
        /// Signal that is true at progression (index).
        progression: usize,
        /// Hazard that ends life (index).
        death: Option<usize>,
    },
    /// Time to a hazard's first event (index into the model's hazards), d.
    TimeToHazard {
        /// Hazard (index).
        hazard: usize,
    },
    /// Whether laboratory tumour lysis occurred; see [`LysisCriteria`].
    TumourLysis {
        /// Limits.
        criteria: Box<LysisCriteria>,
        /// Whether the creatinine limit is needed too.
        clinical: bool,
    },
    /// Dose given / dose planned at the arm's starting plan without rules, over time on treatment.
    DoseIntensity {
        /// Route (index).
        drug: usize,
    },
    /// Whether a dose level was ever given.
    ReachedDose {
        /// Route (index).
        drug: usize,
        /// Dose, coherent.
        dose: f64,
    },
    /// Whether a signal was ever true.
    EverTrue {
        /// Signal (index).
        signal: usize,
    },
    /// Time from first dose to discontinuation or death, d; censored at the horizon for those still on treatment.
    TimeOnTreatment,
}

/// Where grades are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradeTimes {
    /// Measured values at laboratory visits on treatment.
    Visits,
    /// True values of a record at each of its times on treatment.
    Record(usize),
}

/// iwCLL best response: outputs (indices) and limits, coherent units.
#[derive(Debug, Clone)]
pub struct ResponseCriteria {
    /// Restaging schedule (index).
    pub schedule: usize,
    /// Signal that is true at progression (index): response counts only before.
    pub progression: usize,
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

/// Cairo-Bishop laboratory tumour lysis: two or more at once, within `window` of a start or dose step or while `flare` ≥ `flare_limit`.
#[derive(Debug, Clone)]
pub struct LysisCriteria {
    /// Record read (daily).
    pub record: usize,
    /// Outputs with limits: (output, limit, true if ≥ counts, false if ≤ counts).
    pub items: Vec<(usize, f64, bool)>,
    /// Creatinine output and limit for clinical lysis.
    pub creatinine: (usize, f64),
    /// d.
    pub window: f64,
    /// Flare output and limit.
    pub flare: Option<(usize, f64)>,
    /// Drug whose starts and steps open the window.
    pub drug: usize,
}

impl EndpointKind {
    /// Outputs that an endpoint reads, with the record where it reads one.
    pub fn reads(&self) -> Vec<(usize, Option<usize>)> {
        match self {
            EndpointKind::Cmax { output, record }
            | EndpointKind::Tmax { output, record }
            | EndpointKind::Auc { output, record }
            | EndpointKind::AucInfinity { output, record }
            | EndpointKind::HalfLife { output, record }
            | EndpointKind::Trough { output, record } => vec![(*output, Some(*record))],
            EndpointKind::Nadir { output }
            | EndpointKind::NadirDay { output }
            | EndpointKind::DaysBelow { output, .. }
            | EndpointKind::WorstGrade { output, at: GradeTimes::Visits, .. } => vec![(*output, None)],
            EndpointKind::WorstGrade { output, at: GradeTimes::Record(record), .. } => {
                vec![(*output, Some(*record))]
            }
            EndpointKind::BestResponse(criteria) => criteria
                .columns()
                .into_iter()
                .filter_map(|column| match column {
                    Column::Output(output) => Some((output, None)),
                    Column::Signal(_) => None,
                })
                .collect(),
            EndpointKind::TumourLysis { criteria, .. } => {
                let mut read: Vec<usize> = criteria.items.iter().map(|(output, ..)| *output).collect();
                read.push(criteria.creatinine.0);
                read.extend(criteria.flare.map(|(output, _)| output));
                read.into_iter().map(|output| (output, Some(criteria.record))).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl ResponseCriteria {
    fn columns(&self) -> [Column; 8] {
        [
            self.nodes,
            self.node,
            self.spleen,
            self.lymphocytes,
            self.marrow,
            self.neutrophils,
            self.platelets,
            self.haemoglobin,
        ]
    }
}
