//! How an endpoint is summarised: as proportions, as a quantity, or as a time to event; and what each part is called.

use crate::endpoint::{Value, categories};
use crate::math::survival::Observed;
use crate::scenario::{EndpointDefinition, EndpointKind, Modification, ResponseCriteria, ResponseQuestion};

/// How the values of an endpoint are summarised.
pub enum Reading {
    /// Shares of patients.
    Shares(Vec<Share>),
    /// A quantity per patient.
    Quantity,
    /// A time to event.
    Time,
    /// What came first of several happenings.
    Incidence,
    /// Categories by restaging or cycle: shares of patients in a table of their own.
    Periods,
}

/// A share of patients that the endpoint tells.
pub struct Share {
    /// "Neutropenia: grade 3-4", unique in a scenario.
    pub label: String,
    /// Whether arms are compared in it.
    pub compared: bool,
    criterion: Criterion,
}

#[derive(Clone, Copy)]
enum Criterion {
    Yes,
    GradeFrom(u8),
    Ranks(u8, u8),
}

impl Share {
    /// Whether a patient belongs; `None` for a missing value.
    pub fn holds(&self, value: &Value) -> Option<bool> {
        match (self.criterion, value) {
            (Criterion::Yes, Value::Truth(truth)) => Some(*truth),
            (Criterion::GradeFrom(from), Value::Grade(grade)) => Some(*grade >= from),
            (Criterion::Ranks(best, worst), Value::Category { rank, .. }) => {
                Some((best..=worst).contains(rank))
            }
            _ => None,
        }
    }
}

/// The quantity, if the value is one.
pub fn quantity(value: &Value) -> Option<f64> {
    if let Value::Quantity(quantity) = value { Some(*quantity) } else { None }
}

/// The time, if the value is one; of several happenings that of the one asked for, censored by the others (which gives the
/// hazard of its cause).
pub fn time(value: &Value) -> Option<Observed> {
    match value {
        Value::Time { time, event } => Some(Observed { time: *time, event: *event }),
        Value::First { time, cause } => Some(Observed { time: *time, event: *cause == Some(0) }),
        _ => None,
    }
}

/// How an endpoint is summarised.
pub fn reading(endpoint: &EndpointDefinition) -> Reading {
    match &endpoint.kind {
        EndpointKind::Cmax { .. }
        | EndpointKind::Tmax { .. }
        | EndpointKind::Auc { .. }
        | EndpointKind::AucInfinity { .. }
        | EndpointKind::HalfLife { .. }
        | EndpointKind::Trough { .. }
        | EndpointKind::Nadir { .. }
        | EndpointKind::NadirDay { .. }
        | EndpointKind::DaysBelow { .. }
        | EndpointKind::DoseIntensity { .. }
        | EndpointKind::Modification {
            question: Modification::TimeOnHold | Modification::Holds | Modification::Reductions,
            ..
        }
        | EndpointKind::Response { question: ResponseQuestion::TimeToResponse, .. } => Reading::Quantity,
        EndpointKind::Expression(expression) if !expression.logical => Reading::Quantity,
        EndpointKind::CumulativeIncidence { .. } => Reading::Incidence,
        EndpointKind::GradesByCycle { .. }
        | EndpointKind::Response { question: ResponseQuestion::OverTime, .. } => Reading::Periods,
        EndpointKind::ProgressionFreeSurvival { .. }
        | EndpointKind::TimeToHazard { .. }
        | EndpointKind::TimeOnTreatment
        | EndpointKind::Modification { .. }
        | EndpointKind::Response { .. } => Reading::Time,
        EndpointKind::TumourLysis { .. }
        | EndpointKind::Recurrence { .. }
        | EndpointKind::Expression(_)
        | EndpointKind::ReachedDose { .. }
        | EndpointKind::EverTrue { .. } => Reading::Shares(vec![Share {
            label: endpoint.name.clone(),
            compared: true,
            criterion: Criterion::Yes,
        }]),
        EndpointKind::WorstGrade { thresholds, .. } => {
            Reading::Shares(grades(&endpoint.name, thresholds.len()))
        }
        EndpointKind::BestResponse(criteria) => Reading::Shares(responses(&endpoint.name, criteria)),
    }
}

/// "grade g-G" for each grade g up to the worst, G. Arms are compared in any grade and in grade 3 or worse.
fn grades(name: &str, worst: usize) -> Vec<Share> {
    let share = |grade: usize| Share {
        label: if grade == worst {
            format!("{name}: grade {grade}")
        } else {
            format!("{name}: grade {grade}-{worst}")
        },
        compared: grade == 1 || grade == 3,
        criterion: Criterion::GradeFrom(u8::try_from(grade).unwrap_or(u8::MAX)),
    };
    (1..=worst).map(share).collect()
}

/// The overall response rate, complete remissions, and each category by itself.
fn responses(name: &str, criteria: &ResponseCriteria) -> Vec<Share> {
    let share = |label: &str, best: u8, worst: u8, compared: bool| Share {
        label: format!("{name}: {label}"),
        compared,
        criterion: Criterion::Ranks(best, worst),
    };
    let mut shares = vec![share("ORR (CR+CRi+PR)", 0, 2, true), share("CR+CRi", 0, 1, false)];
    if criteria.lymphocytosis_apart {
        shares.insert(1, share("ORR with PR-L (CR+CRi+PR+PR-L)", 0, 3, true));
    }
    for (rank, category) in (0_u8..).zip(categories(criteria).0) {
        shares.push(share(category, rank, rank, rank == 0));
    }
    shares
}
