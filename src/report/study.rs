//! What every part of the report reads: the trial beside the scenario that asked for it, and the lookups between them.

use crate::model::{Formula, Model, NamedUnit, Symbol};
use crate::scenario::{Arm, Column, EndpointKind, GradeTimes, Scenario};
use crate::simulation::Trajectory;
use crate::trial::{ArmResult, Trial};

/// A trial and its scenario.
#[derive(Clone, Copy)]
pub struct Study<'a> {
    /// The result.
    pub trial: &'a Trial,
    /// What was asked.
    pub scenario: &'a Scenario,
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
    /// Name of a hazard.
    pub fn hazard(self, hazard: usize) -> &'a str {
        self.model().hazards.get(hazard).map_or("an event", |hazard| &hazard.name)
    }
    /// Name of a route.
    pub fn drug(self, route: usize) -> &'a str {
        self.model().routes.get(route).map_or("drug", |route| &route.name)
    }
    /// Unit of a route's doses.
    pub fn dose_unit(self, route: usize) -> Option<&'a NamedUnit> {
        self.model().routes.get(route).map(|route| &route.unit)
    }
    /// A dose on a route in its shown unit.
    pub fn shown_dose(self, route: usize, coherent: f64) -> f64 {
        self.dose_unit(route).map_or(coherent, |unit| unit.show(coherent))
    }
    /// Schedules of a visit by name, joined by "+".
    pub fn schedule_names(self, bits: u32) -> String {
        let names: Vec<&str> = self
            .scenario
            .visits
            .iter()
            .enumerate()
            .filter(|(index, _)| *index < 32 && bits & (1 << index) != 0)
            .map(|(_, schedule)| schedule.name.as_str())
            .collect();
        names.join("+")
    }

    /// Endpoint indices in the order of [`rank`].
    pub fn endpoints_by_rank(self) -> Vec<usize> {
        let endpoints = &self.scenario.endpoints;
        let mut order: Vec<usize> = (0..endpoints.len()).collect();
        order.sort_by_key(|index| rank(&endpoints[*index].kind));
        order
    }

    /// Outputs that a reader of visits wants: measured with error, or read by a rule, signal, endpoint or record.
    /// In the model's order; the same quantity under a module's prefix is left out when the composing file renames it.
    pub fn key_outputs(self) -> Vec<usize> {
        let mut wanted = vec![false; self.model().outputs.len()];
        let mut want = |output: usize| {
            if let Some(flag) = wanted.get_mut(output) {
                *flag = true;
            }
        };
        for (index, output) in self.model().outputs.iter().enumerate() {
            let renamed = self.model().outputs.iter().any(|other| other.name == last_part(&output.name));
            if output.error.is_some() && (last_part(&output.name) == output.name || !renamed) {
                want(index);
            }
        }
        self.scenario.rules.iter().flat_map(|rule| &rule.signals).for_each(|output| want(*output));
        self.scenario.records.iter().flat_map(|record| &record.outputs).for_each(|output| want(*output));
        for signal in &self.scenario.signals {
            symbols_outputs(&signal.formula, &mut want);
        }
        for cell in &self.scenario.memory {
            symbols_outputs(&cell.argument, &mut want);
        }
        for endpoint in &self.scenario.endpoints {
            endpoint_outputs(&endpoint.kind).into_iter().for_each(&mut want);
        }
        (0..wanted.len()).filter(|index| wanted[*index]).collect()
    }

    /// Whether a rule, a signal or an endpoint reads this output (then its course belongs on the first pages).
    pub fn steers(self, output: usize) -> bool {
        let mut found = self.scenario.rules.iter().any(|rule| rule.signals.contains(&output));
        let mut look = |read: usize| found |= read == output;
        for signal in &self.scenario.signals {
            symbols_outputs(&signal.formula, &mut look);
        }
        for cell in &self.scenario.memory {
            symbols_outputs(&cell.argument, &mut look);
        }
        for endpoint in &self.scenario.endpoints {
            endpoint_outputs(&endpoint.kind).into_iter().for_each(&mut look);
        }
        found
    }

    /// The values of one output in one record for a patient: as many as times were reached, coherent.
    pub fn recorded(
        self,
        trajectory: &Trajectory,
        record: usize,
        position: usize,
    ) -> impl Iterator<Item = f64> {
        let width = self.scenario.records.get(record).map_or(1, |record| record.outputs.len()).max(1);
        let series = trajectory.records.get(record);
        let reached = series.map_or(0, |series| series.reached);
        (0..reached)
            .map_while(move |time| series.and_then(|s| s.values.get(time * width + position)).copied())
    }
}

/// The place in the order in which a reader of trials looks for endpoints: response, survival, toxicity, other times, dose, exposure.
pub fn rank(kind: &EndpointKind) -> usize {
    match kind {
        EndpointKind::BestResponse(_) => 0,
        EndpointKind::ProgressionFreeSurvival { .. } => 1,
        EndpointKind::WorstGrade { .. } => 2,
        EndpointKind::TumourLysis { .. } => 3,
        EndpointKind::Nadir { .. } | EndpointKind::NadirDay { .. } | EndpointKind::DaysBelow { .. } => 4,
        EndpointKind::TimeToHazard { .. } | EndpointKind::EverTrue { .. } => 5,
        EndpointKind::TimeOnTreatment
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

/// The part of a composed name after its last dot.
pub fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn symbols_outputs(formula: &Formula, found: &mut impl FnMut(usize)) {
    formula.symbols(&mut |symbol| {
        if let Symbol::Output(output) = symbol {
            found(output);
        }
    });
}

fn column_output(column: Column) -> Option<usize> {
    match column {
        Column::Output(output) => Some(output),
        Column::Signal(_) => None,
    }
}

/// Outputs that an endpoint reads, indices into the model's outputs.
pub fn endpoint_outputs(kind: &EndpointKind) -> Vec<usize> {
    match kind {
        EndpointKind::Cmax { output, .. }
        | EndpointKind::Tmax { output, .. }
        | EndpointKind::Auc { output, .. }
        | EndpointKind::AucInfinity { output, .. }
        | EndpointKind::HalfLife { output, .. }
        | EndpointKind::Trough { output, .. }
        | EndpointKind::Nadir { output }
        | EndpointKind::NadirDay { output }
        | EndpointKind::DaysBelow { output, .. }
        | EndpointKind::WorstGrade { output, .. } => vec![*output],
        EndpointKind::BestResponse(criteria) => [
            criteria.nodes,
            criteria.node,
            criteria.spleen,
            criteria.lymphocytes,
            criteria.marrow,
            criteria.neutrophils,
            criteria.platelets,
            criteria.haemoglobin,
        ]
        .into_iter()
        .filter_map(column_output)
        .collect(),
        EndpointKind::TumourLysis { criteria, .. } => {
            let mut outputs: Vec<usize> = criteria.items.iter().map(|item| item.0).collect();
            outputs.push(criteria.creatinine.0);
            outputs.extend(criteria.flare.map(|flare| flare.0));
            outputs
        }
        EndpointKind::ProgressionFreeSurvival { .. }
        | EndpointKind::TimeToHazard { .. }
        | EndpointKind::DoseIntensity { .. }
        | EndpointKind::ReachedDose { .. }
        | EndpointKind::EverTrue { .. }
        | EndpointKind::TimeOnTreatment => Vec::new(),
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
        | EndpointKind::WorstGrade { at: GradeTimes::Record(_), .. } => "true values, at the recorded times",
        EndpointKind::Nadir { .. }
        | EndpointKind::NadirDay { .. }
        | EndpointKind::DaysBelow { .. }
        | EndpointKind::WorstGrade { at: GradeTimes::Visits, .. } => {
            "measured values, at laboratory visits on treatment"
        }
        EndpointKind::BestResponse(_) => "measured values, at restaging visits",
        EndpointKind::ProgressionFreeSurvival { .. } => {
            "measured values, at the visits of the signal; deaths on their day"
        }
        EndpointKind::EverTrue { .. } => "measured values, at the visits of the signal",
        EndpointKind::TimeToHazard { .. } => "simulated events, on their day",
        EndpointKind::DoseIntensity { .. }
        | EndpointKind::ReachedDose { .. }
        | EndpointKind::TimeOnTreatment => "doses as given",
    }
}
