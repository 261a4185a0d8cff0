//! What a scenario can bring about, so that its program need not provide for more: routes by which nothing is given, routes
//! without infusions, controls that no arm sets.
//!
//! A model holds more than a trial uses (antibodies, steroids, allopurinol). What stays empty is not computed; the numbers are
//! those of the whole model, but for rounding.

use crate::model::Model;
use crate::program::{Dosing, Inputs, Program};
use crate::scenario::Scenario;

/// The program of a scenario's model, with no more than its arms can use.
pub fn compile(scenario: &Scenario) -> Program {
    Program::compile_with(&scenario.model, inputs(scenario))
}

/// What the program is made for.
pub(super) fn inputs(scenario: &Scenario) -> Inputs {
    let Model { routes, controls, .. } = &scenario.model;
    let mut dosing = vec![Dosing::Never; routes.len()];
    let mut use_route = |route: usize, infusion: bool| {
        let use_of = if infusion { Dosing::Any } else { Dosing::AtOnce };
        dosing[route] = dosing[route].max(use_of);
    };
    for treatment in scenario.arms.iter().flat_map(|arm| &arm.treatments) {
        use_route(treatment.route, treatment.over > 0.0);
    }
    for given in scenario.rules.iter().filter_map(|rule| rule.give.as_ref()) {
        use_route(given.drug, false);
    }
    let set = |control: usize| {
        let mut settings = scenario.arms.iter().flat_map(|arm| &arm.controls);
        controls[control].driven_by_treatment || settings.any(|setting| setting.control == control)
    };
    let fixed = (0..controls.len()).filter(|&control| !set(control)).collect();
    Inputs { dosing, fixed, ..Inputs::default() }
}
