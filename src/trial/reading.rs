//! How an endpoint is summarised: as proportions, as a quantity, or as a time to event; and what each part is called.

use crate::endpoint::{Value, categories};
use crate::math::survival::Observed;
use crate::scenario::{EndpointDefinition, EndpointKind, Modification, ResponseCriteria, ResponseQuestion};

/// Times this close are one, d.
const MOMENT: f64 = 1e-6;

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

/// Whether the event had come by a time, d (`None`: by the end of follow-up), among all patients: who had a competing event
/// first has not had it, nor has who was censored while `over` says that it can no longer come
/// ([`crate::endpoint::can_no_longer_come`]). `None` for who was censored before and might have had it later, and for values
/// that are no times.
pub fn happened_by(value: &Value, by: Option<f64>, over: bool) -> Option<bool> {
    let (seen, over) = match value {
        Value::First { cause: Some(cause), .. } => (time(value)?, over || *cause > 0),
        _ => (time(value)?, over),
    };
    let Some(by) = by else { return Some(seen.event) };
    let happened = seen.event && seen.time <= by + MOMENT;
    (happened || over || seen.time >= by - MOMENT).then_some(happened)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_died_first_has_not_had_it_and_who_was_not_followed_is_not_known() {
        let censored = Value::Time { time: 40.0, event: false };
        assert_eq!(happened_by(&censored, Some(100.0), false), None);
        assert_eq!(happened_by(&censored, Some(100.0), true), Some(false));
        assert_eq!(happened_by(&censored, Some(40.0), false), Some(false));
        assert_eq!(happened_by(&censored, None, false), Some(false));
        let seen = Value::Time { time: 40.0, event: true };
        assert_eq!(happened_by(&seen, Some(100.0), false), Some(true));
        assert_eq!(happened_by(&seen, Some(30.0), false), Some(false));
        let first = |cause| Value::First { time: 40.0, cause };
        assert_eq!(happened_by(&first(Some(0)), Some(100.0), false), Some(true));
        assert_eq!(happened_by(&first(Some(1)), Some(100.0), false), Some(false));
        assert_eq!(happened_by(&first(None), Some(100.0), false), None);
        assert_eq!(happened_by(&Value::Missing("failed"), None, true), None);
    }
}
