//! What every part of the report reads: the trial beside the scenario that asked for it, and the lookups between them.

use super::names::Names;
use crate::model::{Model, NamedUnit};
use crate::scenario::{Arm, EndpointKind, GradeSource, GradeTimes, Scenario};
use crate::trial::{ArmResult, RecordedSeries, ReplicateResult, Trial, UncertaintyResult, Verification};

/// A trial and its scenario.
#[derive(Clone, Copy)]
pub struct Study<'a> {
    /// The result.
    pub trial: &'a Trial,
    /// What was asked.
    pub scenario: &'a Scenario,
    /// What came of computing some patients again, if that was done.
    pub verification: Option<&'a Verification>,
    /// How much of each result is uncertainty of the parameters, where the scenario says how well they are known.
    pub uncertainty: Option<&'a UncertaintyResult>,
    /// What trials of real size would show, where the scenario asks for them.
    pub replicates: Option<&'a ReplicateResult>,
}

impl<'a> Study<'a> {
    /// The model of the scenario.
    pub fn model(self) -> &'a Model {
        &self.scenario.model
    }
    /// Arms beside their results.
    pub fn arms(self) -> impl Iterator<Item = (&'a Arm, &'a ArmResult)> {
        self.scenario.arms.iter().zip(&self.trial.arms)
    }
    /// Names of the arms.
    pub fn arm_names(self) -> Vec<&'a str> {
        self.scenario.arms.iter().map(|arm| arm.name.as_str()).collect()
    }
    /// Names and units of the scenario.
    pub fn names(self) -> Names<'a> {
        Names { scenario: self.scenario }
    }
    /// Name of a route.
    pub fn drug(self, route: usize) -> &'a str {
        self.names().drug(route)
    }
    /// Unit of a route's doses.
    pub fn dose_unit(self, route: usize) -> Option<&'a NamedUnit> {
        self.names().dose_unit(route)
    }
    /// A dose on a route in its shown unit.
    pub fn shown_dose(self, route: usize, coherent: f64) -> f64 {
        self.names().shown_dose(route, coherent)
    }

    /// Endpoint indices in the order of [`rank`].
    pub fn endpoints_by_rank(self) -> Vec<usize> {
        let endpoints = &self.scenario.endpoints;
        let mut order: Vec<usize> = (0..endpoints.len()).collect();
        order.sort_by_key(|index| rank(&endpoints[*index].kind));
        order
    }

    /// The values of one output in one record of a patient: as many as times were reached, coherent.
    pub fn recorded(
        self,
        records: &[RecordedSeries],
        record: usize,
        position: usize,
    ) -> impl Iterator<Item = f64> {
        let width = self.scenario.records.get(record).map_or(1, |record| record.outputs.len()).max(1);
        let series = records.get(record);
        let reached = series.map_or(0, |series| series.reached);
        (0..reached)
            .map_while(move |time| series.and_then(|s| s.values.get(time * width + position)).copied())
    }
}

/// The place in the order in which a reader of trials looks for endpoints: response, survival, toxicity, other times, dose, exposure.
pub fn rank(kind: &EndpointKind) -> usize {
    match kind {
        EndpointKind::BestResponse(_) | EndpointKind::Response { .. } => 0,
        EndpointKind::ProgressionFreeSurvival { .. } => 1,
        EndpointKind::WorstGrade { .. }
        | EndpointKind::GradesByCycle { .. }
        | EndpointKind::Recurrence { .. } => 2,
        EndpointKind::TumourLysis { .. } => 3,
        EndpointKind::Nadir { .. } | EndpointKind::NadirDay { .. } | EndpointKind::DaysBelow { .. } => 4,
        EndpointKind::TimeToHazard { .. }
        | EndpointKind::CumulativeIncidence { .. }
        | EndpointKind::EverTrue { .. }
        | EndpointKind::Expression(_) => 5,
        EndpointKind::TimeOnTreatment
        | EndpointKind::Modification { .. }
        | EndpointKind::DoseIntensity { .. }
        | EndpointKind::ReachedDose { .. } => 6,
        EndpointKind::Cmax { .. }
        | EndpointKind::Tmax { .. }
        | EndpointKind::Auc { .. }
        | EndpointKind::AucInfinity { .. }
        | EndpointKind::HalfLife { .. }
        | EndpointKind::Trough { .. } => 7,
    }
}

/// Whether an endpoint reads measured values (with residual error), true ones, or the log of doses and events.
pub fn measured_or_true(kind: &EndpointKind) -> &'static str {
    match kind {
        EndpointKind::Cmax { .. }
        | EndpointKind::Tmax { .. }
        | EndpointKind::Auc { .. }
        | EndpointKind::AucInfinity { .. }
        | EndpointKind::HalfLife { .. }
        | EndpointKind::Trough { .. }
        | EndpointKind::TumourLysis { .. }
        | EndpointKind::Recurrence { .. }
        | EndpointKind::GradesByCycle { source: GradeSource { at: GradeTimes::Record(_), .. }, .. }
        | EndpointKind::WorstGrade { at: GradeTimes::Record(_), .. } => "true values, at the recorded times",
        EndpointKind::Nadir { .. }
        | EndpointKind::NadirDay { .. }
        | EndpointKind::DaysBelow { .. }
        | EndpointKind::GradesByCycle { .. }
        | EndpointKind::WorstGrade { at: GradeTimes::Visits, .. } => {
            "measured values, at laboratory visits on treatment"
        }
        EndpointKind::BestResponse(_) | EndpointKind::Response { .. } => {
            "measured values, at restaging visits"
        }
        EndpointKind::CumulativeIncidence { .. } => {
            "simulated events, on their day; signals, at their visits"
        }
        EndpointKind::Expression(expression) if expression.record.is_some() => {
            "true values, at the recorded times"
        }
        EndpointKind::Expression(_) => "measured values, at visits",
        EndpointKind::ProgressionFreeSurvival { .. } => {
            "measured values, at the visits of the signal; deaths on their day"
        }
        EndpointKind::EverTrue { .. } => "measured values, at the visits of the signal",
        EndpointKind::TimeToHazard { .. } => "simulated events, on their day",
        EndpointKind::DoseIntensity { .. }
        | EndpointKind::ReachedDose { .. }
        | EndpointKind::TimeOnTreatment => "doses as given",
        EndpointKind::Modification { .. } => "decisions as logged",
    }
}
