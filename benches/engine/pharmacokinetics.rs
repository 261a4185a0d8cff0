//! The kinetics of P1 alone: everything has a closed form, nothing is integrated.

use regimen::model::Model;
use regimen::population::Patient;
use regimen::program::Program;
use regimen::scenario::Method;
use regimen::simulation::compile;

use crate::claims::{Claims, Wanted};
use crate::measure::{measure, patients, registers};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const PATIENTS: usize = 1000;
/// Each takes a fiftieth of a second.
const RUNS: usize = 20;
const DAYS: usize = 364;
/// mg
const DOSE: f64 = 25.0;

pub fn run() {
    let mut scenario = scenario("pharmacokinetics");
    scenario.numerics.method = Method::Automatic;
    let program = Program::compile(&scenario.model);
    let patients = patients(&scenario, &program, PATIENTS);
    let exact: Vec<Vec<f64>> = patients.iter().map(|patient| course(&scenario.model, patient)).collect();
    let mut table = Table::new(
        "One compartment, oral: 364 days, 273 doses, 365 outputs in closed form, one thread",
        "largest relative error of the concentration against the sum over doses",
    );
    let mut claims = Claims::default();
    for kind in registers() {
        let program = compile(&scenario).with_processor(kind);
        let measured = measure(&scenario, &program, &patients, RUNS);
        let found = measured.trajectories.iter().map(|trajectory| &trajectory.records[0].values);
        let error = found.zip(&exact).map(|(found, exact)| worst(found, exact)).fold(0.0, f64::max);
        let row = Row::new("auto", kind.name(), scenario.numerics.relative_tolerance, &measured, error);
        table.add(Row { rtol: String::new(), ..row });
        claims.add(format!("ms per patient, {}", kind.name()), 1e3 * measured.seconds, Wanted::AtMost(0.02));
    }
    table.print();
    claims.print();
}

/// Concentrations on days 0, 1, …, coherent, written out: every dose alone is ka/(ka − ke)·dose/V·(e^(−ke τ) − e^(−ka τ)), τ
/// the time since (Gabrielsson and Weiner 2016), and they add up.
fn course(model: &Model, patient: &Patient) -> Vec<f64> {
    let individual = |name: &str| {
        let parameter = model.parameters.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name));
        let effect = model.random_effects.iter().position(|effect| effect.name == name);
        let effect = patient.random_effects[effect.expect("a random effect")];
        parameter.expect("a parameter").value * effect.exp()
    };
    let (clearance, volume, ka) = (individual("CL"), individual("V"), individual("KA"));
    let ke = clearance / volume;
    let unit = model.states[0].unit.read(DOSE);
    // The difference of exponentials without cancellation, and right for equal rates.
    let share = |since: f64| {
        let apart = ka - ke;
        let difference = if apart == 0.0 { since } else { -(-apart * since).exp_m1() / apart };
        ka * (-ke * since).exp() * difference
    };
    let on_day = |day: usize| {
        let given = (0..day).filter(|dose| dose % 28 < 21);
        given.map(|dose| unit / volume * share((day - dose) as f64)).sum()
    };
    (0..=DAYS).map(on_day).collect()
}

/// Largest relative error; where nothing is left after a week off, relative to a billionth of the largest value.
fn worst(found: &[f64], exact: &[f64]) -> f64 {
    assert_eq!(found.len(), exact.len());
    let least = 1e-9 * exact.iter().copied().fold(0.0, f64::max);
    let relative = |(found, exact): (&f64, &f64)| (found - exact).abs() / exact.max(least);
    found.iter().zip(exact).map(relative).fold(0.0, f64::max)
}
