//! The flagship: 10 mg of lenalidomide continuously for 24 months in chronic lymphocytic leukemia, with the hold rule.

use regimen::population::Sampler;
use regimen::program::Program;
use regimen::scenario::Method;
use regimen::simulation::Trajectory;

use crate::measure::{Measured, measure};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const PATIENTS: usize = 200;
/// Enough for a method that takes half a second each.
const FEW: usize = 20;

pub fn run() {
    let mut scenario = scenario("flagship");
    let program = Program::compile(&scenario.model);
    let sampler = Sampler::new(&scenario, &program).expect("a population");
    let patients: Vec<_> = (0..PATIENTS).map(|number| sampler.patient(number).expect("a patient")).collect();
    let mut run = |method, rtol, count: usize| {
        (scenario.numerics.method, scenario.numerics.relative_tolerance) = (method, rtol);
        measure(&scenario, &program, &patients[..count])
    };
    let exact = run(Method::Explicit, 1e-11, PATIENTS);
    let mut table = Table::new(
        "Flagship: 24 months of 10 mg, visits and hold rule, one thread",
        "median of the largest relative difference at visits",
    );
    let rows = [
        ("dopri5-reference, every state integrated", Method::Dopri5Reference, FEW),
        ("explicit, lanes", Method::Explicit, PATIENTS),
    ]
    .map(|(name, method, count)| {
        let measured = run(method, 1e-6, count);
        let (error, others) = differences(&measured, &exact);
        Row {
            method: format!("{name} ({others} of {count} decided otherwise)"),
            seconds: measured.seconds,
            steps: Some(measured.counts.steps),
            evaluations: measured.counts.evaluations,
            error,
        }
    });
    table.add("1e-6", rows.into());
    table.print();
    println!(
        "\n{} states, {} integrated, {} operations",
        program.states(),
        program.solved().len(),
        program.operations()
    );
}

/// The median over patients of the largest relative difference of the measured outputs at visits, among those with the same
/// decisions; and how many have others.
fn differences(found: &Measured, exact: &Measured) -> (f64, usize) {
    // Dropout comes at any time, and that only to the solver's precision; rules decide on days.
    let decisions = |trajectory: &Trajectory| {
        let day = |time: f64| (time * 100.0).round() as i64;
        trajectory.decisions.iter().map(|decision| (day(decision.time), decision.action)).collect::<Vec<_>>()
    };
    let pairs: Vec<_> = found.trajectories.iter().zip(&exact.trajectories).collect();
    let (same, others): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(found, exact)| decisions(found) == decisions(exact));
    let mut worst: Vec<f64> = same
        .iter()
        .map(|(found, exact)| {
            let visits = found.visits.iter().zip(&exact.visits);
            let values = visits.flat_map(|(found, exact)| found.measured.iter().zip(&exact.measured));
            let relative = |(found, exact): (&f64, &f64)| (found - exact).abs() / exact.abs().max(1e-3);
            values.map(relative).fold(0.0, f64::max)
        })
        .collect();
    worst.sort_by(f64::total_cmp);
    (worst.get(worst.len() / 2).copied().unwrap_or(f64::NAN), others.len())
}
