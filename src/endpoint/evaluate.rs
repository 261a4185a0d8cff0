//! One endpoint of one trajectory: which definition answers which kind.

use super::value::Value;
use super::{
    dose, estimand, exposure, expression, grades, grades_by_cycle, incidence, lysis, modification,
    recurrence, response, response_course, survival,
};
use crate::scenario::{EndpointDefinition, EndpointKind, Scenario};
use crate::simulation::{End, Trajectory};

/// Evaluates one endpoint on one trajectory.
///
/// A trajectory that failed numerically gives [`Value::Missing`] for every endpoint: half a trajectory has no value.
/// A patient who died is evaluated up to death, except where the definition needs a record that death cut short.
pub fn evaluate(endpoint: &EndpointDefinition, scenario: &Scenario, trajectory: &Trajectory) -> Value {
    if matches!(trajectory.end, End::Failed(_)) {
        return Value::Missing("failed numerically");
    }
    match estimand::under(endpoint.strategy, scenario, trajectory) {
        Ok(seen) => of_kind(&endpoint.kind, scenario, &seen),
        Err(value) => value,
    }
}

fn of_kind(kind: &EndpointKind, scenario: &Scenario, trajectory: &Trajectory) -> Value {
    match kind {
        EndpointKind::Cmax { output, record } => {
            exposure::complete(scenario, trajectory, *record, *output, exposure::largest)
        }
        EndpointKind::Tmax { output, record } => {
            exposure::complete(scenario, trajectory, *record, *output, exposure::time_of_largest)
        }
        EndpointKind::Auc { output, record } => {
            exposure::complete(scenario, trajectory, *record, *output, exposure::area)
        }
        EndpointKind::AucInfinity { output, record } => {
            exposure::complete(scenario, trajectory, *record, *output, exposure::area_to_infinity)
        }
        EndpointKind::HalfLife { output, record } => {
            exposure::complete(scenario, trajectory, *record, *output, exposure::half_life)
        }
        EndpointKind::Trough { output, record } => {
            exposure::complete(scenario, trajectory, *record, *output, exposure::last)
        }
        EndpointKind::Nadir { output } => grades::nadir(trajectory, *output),
        EndpointKind::NadirDay { output } => grades::nadir_day(trajectory, *output),
        EndpointKind::DaysBelow { output, threshold } => grades::days_below(trajectory, *output, *threshold),
        EndpointKind::WorstGrade { output, thresholds, falling, table, at } => {
            let scale = match table {
                Some(table) => grades::Scale::Table(table),
                None => grades::Scale::Limits { thresholds, falling: *falling },
            };
            grades::worst(scenario, trajectory, *output, scale, *at)
        }
        EndpointKind::GradesByCycle { source, cycle } => {
            grades_by_cycle::worst(scenario, trajectory, source, *cycle)
        }
        EndpointKind::Recurrence { output, record, from, below } => {
            recurrence::came_back(scenario, trajectory, (*record, *output), (*from, *below))
        }
        EndpointKind::Response { criteria, question } => {
            response_course::answer(criteria, *question, scenario, trajectory)
        }
        EndpointKind::CumulativeIncidence { event, competing } => {
            incidence::first(trajectory, event, competing)
        }
        EndpointKind::BestResponse(criteria) => response::best(criteria, trajectory),
        EndpointKind::ProgressionFreeSurvival { progression, death } => {
            survival::progression_free(trajectory, progression, *death)
        }
        EndpointKind::TimeToHazard { hazard } => survival::to_hazard(scenario, trajectory, *hazard),
        EndpointKind::TumourLysis { criteria, clinical } => {
            lysis::occurred(scenario, trajectory, criteria, *clinical)
        }
        EndpointKind::DoseIntensity { drug } => dose::intensity(scenario, trajectory, *drug),
        EndpointKind::ReachedDose { drug, dose } => dose::reached(trajectory, *drug, *dose),
        EndpointKind::EverTrue { signal } => dose::ever_true(trajectory, *signal),
        EndpointKind::TimeOnTreatment => dose::time_on_treatment(trajectory),
        EndpointKind::Modification { drug, question } => modification::answer(trajectory, *drug, *question),
        EndpointKind::Expression(found) => expression::evaluate(found, scenario, trajectory),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::scenario::Strategy;
    use crate::simulation::Failure;

    fn endpoint(kind: EndpointKind) -> EndpointDefinition {
        EndpointDefinition {
            name: "endpoint".to_owned(),
            about: String::new(),
            estimand: String::new(),
            kind,
            unit: fixture::unit("1", 1.0),
            strategy: Strategy::AsDefined,
        }
    }

    #[test]
    fn a_failed_trajectory_has_no_value() {
        let scenario = fixture::scenario(1);
        let mut trajectory = fixture::recorded(&[1.0, 3.0, 2.0, 1.0, 0.5, 0.2]);
        let largest = endpoint(EndpointKind::Cmax { output: 0, record: 0 });
        assert_eq!(evaluate(&largest, &scenario, &trajectory), Value::Quantity(3.0));
        trajectory.end =
            End::Failed(Failure { time: 6.0, state: None, what: String::new(), cause: String::new() });
        assert_eq!(evaluate(&largest, &scenario, &trajectory), Value::Missing("failed numerically"));
        let worst = endpoint(EndpointKind::TimeOnTreatment);
        assert_eq!(evaluate(&worst, &scenario, &trajectory), Value::Missing("failed numerically"));
    }

    #[test]
    fn exposure_of_a_record_cut_short_by_death_is_missing() {
        let scenario = fixture::scenario(1);
        let mut trajectory = fixture::recorded(&[1.0, 3.0, 2.0]);
        trajectory.end = End::Died { hazard: 0 };
        let missing = Value::Missing("follow-up ended before the end of the record");
        for kind in
            [EndpointKind::Cmax { output: 0, record: 0 }, EndpointKind::Trough { output: 0, record: 0 }]
        {
            assert_eq!(evaluate(&endpoint(kind), &scenario, &trajectory), missing);
        }
        let other = endpoint(EndpointKind::Auc { output: 7, record: 0 });
        let expected = Value::Missing("the record does not hold this output");
        assert_eq!(evaluate(&other, &scenario, &trajectory), expected);
    }
}
