//! Endpoints of a checked scenario: what is computed from which recorded columns, with which limits. Coherent units.

use super::endpoint_criteria::{
    GradeSource, Happening, LysisCriteria, Modification, Progression, ResponseCriteria, ResponseQuestion,
};
use super::endpoint_expression::EndpointExpression;
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
    /// Worst grade in each cycle on treatment, by the rules of [`EndpointKind::WorstGrade`].
    GradesByCycle {
        /// What is graded.
        source: GradeSource,
        /// Length of a cycle, d.
        cycle: f64,
    },
    /// Whether a finding in a record came back after it had gone, on treatment.
    Recurrence {
        /// Output read (index).
        output: usize,
        /// Record read (index).
        record: usize,
        /// An episode begins when this is reached, coherent.
        from: f64,
        /// An episode is over, and the next can begin, once the value is below this, coherent.
        below: f64,
    },
    /// Best response by iwCLL from restaging visits.
    BestResponse(Box<ResponseCriteria>),
    /// When response began, how long it lasted, when it deepened, what it was at each restaging.
    Response {
        /// Criteria.
        criteria: Box<ResponseCriteria>,
        /// What is asked.
        question: ResponseQuestion,
    },
    /// First time a signal is true, or death; the rest censored at the end of follow-up. d.
    ProgressionFreeSurvival {
        /// What shows progression.
        progression: Progression,
        /// Hazard that ends life (index).
        death: Option<usize>,
    },
    /// Time to a hazard's first event (index into the model's hazards), d.
    TimeToHazard {
        /// Hazard (index).
        hazard: usize,
    },
    /// Which of several happenings came first, and when, d.
    CumulativeIncidence {
        /// The one asked for.
        event: Happening,
        /// Those that compete with it.
        competing: Vec<Happening>,
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
    /// Holds and reductions of a drug.
    Modification {
        /// Route (index).
        drug: usize,
        /// What is asked.
        question: Modification,
    },
    /// A formula of the file, over summaries of recorded columns.
    Expression(Box<EndpointExpression>),
}

/// Where grades are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradeTimes {
    /// Measured values at laboratory visits on treatment.
    Visits,
    /// True values of a record at each of its times on treatment.
    Record(usize),
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
            EndpointKind::GradesByCycle { source, .. } => {
                let record = if let GradeTimes::Record(record) = source.at { Some(record) } else { None };
                vec![(source.output, record)]
            }
            EndpointKind::Recurrence { output, record, .. } => vec![(*output, Some(*record))],
            EndpointKind::BestResponse(criteria) | EndpointKind::Response { criteria, .. } => {
                criteria.outputs().into_iter().map(|output| (output, None)).collect()
            }
            EndpointKind::ProgressionFreeSurvival { progression, .. } => {
                progression.outputs().map(|output| (output, None)).collect()
            }
            EndpointKind::CumulativeIncidence { event, competing } => {
                let happenings = std::iter::once(event).chain(competing);
                happenings.flat_map(Happening::outputs).map(|output| (output, None)).collect()
            }
            EndpointKind::Expression(expression) => {
                expression.outputs().into_iter().map(|output| (output, expression.record)).collect()
            }
            EndpointKind::TumourLysis { criteria, .. } => {
                criteria.outputs().into_iter().map(|output| (output, Some(criteria.record))).collect()
            }
            EndpointKind::TimeToHazard { .. }
            | EndpointKind::DoseIntensity { .. }
            | EndpointKind::ReachedDose { .. }
            | EndpointKind::EverTrue { .. }
            | EndpointKind::TimeOnTreatment
            | EndpointKind::Modification { .. } => Vec::new(),
        }
    }
}
