//! A small model with everything that a trajectory can meet, and a scenario around it that tests alter.

use crate::model::fixture::model_of;
use crate::model::{BinaryOperation, Formula, Model, NamedUnit, Symbol, UnaryOperation};
use crate::population::Patient;
use crate::program::Program;
use crate::scenario::population::PopulationDescription;
use crate::scenario::{
    Action, Arm, Conduct, HoldTerms, MemoryCell, MemoryKind, Method, Numerics, Record, Rule, Scenario,
    Treatment, VisitSchedule,
};
use crate::simulation::{Trajectory, simulate};
use crate::units::Unit;

/// Absorption through a chain of four, one compartment with a metabolite, a neutrophil count that the drug lowers,
/// a steroid, three hazards.
pub const MODEL: &str = r#"
title = "Test model"
time = "h"
[parameters]
ktr = { value = 8, unit = "1/h" }
CL_typ = { value = 10, unit = "L/h" }
V = { value = 60, unit = "L" }
fa = { value = 0.9, unit = "1" }
N0 = { value = 4, unit = "1e9/L" }
kel = { value = 0.5, unit = "1/d" }
c50 = { value = 20, unit = "ng/mL" }
risk = { value = 0.01, unit = "1/d" }
lag = { value = 0, unit = "h" }
ke0 = { value = 2, unit = "1/h" }
[controls]
treated = { unit = "1", value = 0, driven_by = "treatment" }
induction = { unit = "1", value = 1 }
[individual]
CL = { typical = "CL_typ", distribution = "log-normal", omega = 0.4 }
base = { typical = "N0", distribution = "log-normal", omega = 0.3 }
[equations]
Cc = "central / V"
[states]
a0 = { unit = "mg", rate = "-ktr * a0" }
a1 = { unit = "mg", rate = "ktr * (a0 - a1)" }
a2 = { unit = "mg", rate = "ktr * (a1 - a2)" }
a3 = { unit = "mg", rate = "ktr * (a2 - a3)" }
central = { unit = "mg", rate = "fa * ktr * a3 - CL * induction / V * central" }
faeces = { unit = "mg", rate = "(1 - fa) * ktr * a3" }
urine = { unit = "mg", rate = "CL * induction / V * central" }
effect = { unit = "ng/mL", rate = "ke0 * (Cc - effect)" }
slow = { unit = "ng/mL", rate = "0.3 1/d * (Cc - slow)" }
N = { unit = "1e9/L", initial = "base", rate = "kel * (base * (1 - effect / (c50 + effect)) - N)" }
steroid = { unit = "mg", rate = "-1 1/d * steroid" }
H_death = { unit = "1", rate = "risk" }
H_drop = { unit = "1", rate = "3 * risk * treated" }
H_infection = { unit = "1", rate = "10 * risk / (0.2 + N / N0)" }
[doses]
drug = { into = "a0", lag = "lag" }
iv = { into = "central" }
prednisone = { into = "steroid" }
[outputs]
Cp = { unit = "ng/mL", value = "Cc", error = { proportional = "10 %" } }
ANC = { unit = "1e9/L", value = "N", error = { exponential = 0.25 } }
marker = { unit = "ng/mL", value = "slow" }
total = { unit = "mg", value = "a0 + a1 + a2 + a3 + central + faeces + urine" }
steroid_amount = { unit = "mg", value = "steroid" }
on = { unit = "1", value = "treated" }
gut = { unit = "mg", value = "a2" }
[hazards]
death = { cumulative = "H_death", terminal = true }
dropout = { cumulative = "H_drop", ends_treatment = true }
infection = { cumulative = "H_infection", recurrent = true }
"#;

/// A model from text.
pub fn model(text: &str) -> Model {
    model_of(text)
}

/// The test model with one line of its text replaced.
pub fn altered(from: &str, to: &str) -> Model {
    assert!(MODEL.contains(from), "the model has no `{from}`");
    model(&MODEL.replace(from, to))
}

/// The scenario: one arm of 10 mg daily for 12 weeks, weekly visits, no rules, no hazards.
pub fn scenario() -> Scenario {
    with_model(altered("value = 0.01, unit = \"1/d\"", "value = 0, unit = \"1/d\""))
}

/// The scenario with deaths, dropouts and infections.
pub fn with_hazards() -> Scenario {
    with_model(model(MODEL))
}

/// The scenario around a model.
pub fn with_model(model: Model) -> Scenario {
    let population = PopulationDescription {
        title: String::new(),
        source: String::new(),
        covariates: Vec::new(),
        correlations: Vec::new(),
        entry: Vec::new(),
        rows: None,
        later: Vec::new(),
    };
    let laboratory = VisitSchedule { name: "laboratory".into(), times: every(7.0, 84.0), text: Vec::new() };
    Scenario {
        name: "test".into(),
        title: String::new(),
        about: String::new(),
        model,
        overrides: Vec::new(),
        horizon: 84.0,
        horizon_text: "84 d".into(),
        seed: 7,
        patients: 1,
        variability: true,
        population,
        visits: vec![laboratory],
        visits_while_held: None,
        conduct: Conduct::default(),
        occasions: vec![0.0],
        arms: vec![arm(vec![treatment(0, &[10.0])])],
        signals: Vec::new(),
        memory: Vec::new(),
        log_all_decisions: false,
        rules: Vec::new(),
        endpoints: Vec::new(),
        records: Vec::new(),
        numerics: Numerics { method: Method::Explicit, relative_tolerance: 1e-6, maximum_steps: 1_000_000 },
        uncertainty: None,
        analysis: crate::scenario::Analysis::default(),
        groups: Vec::new(),
        notes: Vec::new(),
    }
}

/// An arm without rules.
pub fn arm(treatments: Vec<Treatment>) -> Arm {
    Arm { name: "arm".into(), about: String::new(), treatments, rules: Vec::new(), controls: Vec::new() }
}

/// Daily doses of a route, starting at the lowest level.
pub fn treatment(route: usize, levels: &[f64]) -> Treatment {
    Treatment {
        route,
        levels: levels.to_vec(),
        start: 0,
        start_if: Vec::new(),
        cycle: 28.0,
        days: (1..=28).collect(),
        cycles: (1, u32::MAX),
        at: vec![0.0],
        over: 0.0,
        visits: None,
        tablets: None,
        adherence: None,
        text: String::new(),
    }
}

/// 0, step, 2 step, … up to `end`.
pub fn every(step: f64, end: f64) -> Vec<f64> {
    (0..).map(|number| f64::from(number) * step).take_while(|&time| time <= end).collect()
}

/// A record of outputs by name.
pub fn record(scenario: &Scenario, times: Vec<f64>, outputs: &[&str]) -> Record {
    let outputs = outputs.iter().map(|name| output(scenario, name)).collect();
    Record { name: "record".into(), times, outputs }
}

/// A rule at visits.
pub fn rule(when: Formula, action: Action) -> Rule {
    Rule {
        name: "rule".into(),
        about: String::new(),
        when_text: String::new(),
        when,
        signals: Vec::new(),
        daily: false,
        action,
        give: None,
    }
}

/// Hold the drug of route 0 and resume it lower.
pub fn hold(resume: Formula, lower: usize, lowest: f64) -> Action {
    Action::Hold { drug: 0, resume, resume_text: String::new(), lower, lowest, terms: HoldTerms::default() }
}

/// Adds a memory cell; gives the formula that reads it.
pub fn memory(scenario: &mut Scenario, kind: MemoryKind, argument: Formula) -> Formula {
    scenario.memory.push(MemoryCell { kind, argument, schedule: 0, daily: true });
    Formula::Symbol(Symbol::Memory(scenario.memory.len() - 1))
}

/// Index of an output.
pub fn output(scenario: &Scenario, name: &str) -> usize {
    scenario.model.output(name).expect("an output of the test model")
}

/// Reads an output.
pub fn reads(scenario: &Scenario, name: &str) -> Formula {
    Formula::Symbol(Symbol::Output(output(scenario, name)))
}

/// `a < b`.
pub fn below(a: Formula, b: f64) -> Formula {
    Formula::Binary(BinaryOperation::Less, Box::new(a), Box::new(Formula::Constant(b)))
}

/// `not a`.
pub fn not(a: Formula) -> Formula {
    Formula::Unary(UnaryOperation::Not, Box::new(a))
}

/// The unit of pure numbers.
pub fn one() -> NamedUnit {
    NamedUnit { name: "1".into(), unit: Unit::ONE }
}

/// A patient with these random effects (CL, base).
pub fn patient(number: usize, random_effects: [f64; 2]) -> Patient {
    Patient {
        number,
        population_covariates: Vec::new(),
        later: Vec::new(),
        covariates: Vec::new(),
        random_effects: random_effects.to_vec(),
        occasion_effects: Vec::new(),
        rejected: Vec::new(),
    }
}

/// A typical patient in arm 0.
pub fn run(scenario: &Scenario) -> Trajectory {
    run_patient(scenario, 0, 0)
}

/// Patient `number` (random effects spread over the population) in an arm.
pub fn run_patient(scenario: &Scenario, number: usize, arm: usize) -> Trajectory {
    let program = Program::compile(&scenario.model);
    let spread = |factor: f64| ((number as f64 * factor).sin()) * 0.6;
    simulate(scenario, &program, &patient(number, [spread(1.3), spread(2.1)]), arm)
}
