//! What the scenario calls things, and in which units it shows them.

use crate::model::NamedUnit;
use crate::scenario::Scenario;

/// Lookups in a scenario that need no result.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
}

impl<'a> Names<'a> {
    /// Name of a hazard.
    pub fn hazard(self, hazard: usize) -> &'a str {
        self.scenario.model.hazards.get(hazard).map_or("an event", |hazard| &hazard.name)
    }
    /// Name of a route.
    pub fn drug(self, route: usize) -> &'a str {
        self.scenario.model.routes.get(route).map_or("drug", |route| &route.name)
    }
    /// Unit of a route's doses.
    pub fn dose_unit(self, route: usize) -> Option<&'a NamedUnit> {
        self.scenario.model.routes.get(route).map(|route| &route.unit)
    }
    /// A dose on a route in its shown unit.
    pub fn shown_dose(self, route: usize, coherent: f64) -> f64 {
        self.dose_unit(route).map_or(coherent, |unit| unit.show(coherent))
    }
    /// Number of the first state that receives a route's doses, from 1 (`CMT`); 0 if there is none.
    pub fn compartment(self, route: usize) -> usize {
        let route = self.scenario.model.routes.get(route);
        route.and_then(|route| route.into.first()).map_or(0, |into| into.state + 1)
    }
    /// Schedules of a visit by name, joined by "+".
    pub fn schedules(self, bits: u32) -> String {
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
}
