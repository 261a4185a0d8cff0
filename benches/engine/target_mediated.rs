//! A stiff model: target-mediated disposition with fast binding, by every method of our own.

use regimen::population::Sampler;
use regimen::program::Program;
use regimen::scenario::Method;

use crate::measure::{Measured, measure};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const PATIENTS: usize = 100;
/// Enough for the methods that take a hundred thousand steps.
const FEW: usize = 4;

pub fn run() {
    let mut scenario = scenario("target-mediated");
    let program = Program::compile(&scenario.model);
    let sampler = Sampler::new(&scenario, &program).expect("a population");
    let patients: Vec<_> = (0..PATIENTS).map(|number| sampler.patient(number).expect("a patient")).collect();
    let mut run = |method, rtol, count: usize| {
        (scenario.numerics.method, scenario.numerics.relative_tolerance) = (method, rtol);
        measure(&scenario, &program, &patients[..count])
    };
    let exact = run(Method::Implicit, 1e-11, FEW);
    let mut table = Table::new(
        "Target-mediated disposition, 84 days, daily outputs, one thread",
        "largest error over the largest value",
    );
    for rtol in [1e-4, 1e-6] {
        let rows = [
            ("dopri5-reference", Method::Dopri5Reference, FEW),
            ("explicit, lanes", Method::Explicit, FEW),
            ("implicit", Method::Implicit, PATIENTS),
            ("auto, lanes", Method::Automatic, PATIENTS),
        ]
        .map(|(name, method, count)| {
            let measured = run(method, rtol, count);
            Row {
                method: name.into(),
                seconds: measured.seconds,
                steps: Some(measured.counts.steps),
                evaluations: measured.counts.evaluations,
                error: worst(&measured, &exact),
            }
        });
        table.add(&format!("{rtol:.0e}"), rows.into());
    }
    table.print();
}

fn worst(found: &Measured, exact: &Measured) -> f64 {
    let pairs = found.trajectories.iter().zip(&exact.trajectories);
    let of_patient =
        |(found, exact): (&regimen::simulation::Trajectory, &regimen::simulation::Trajectory)| {
            let (found, exact) = (&found.records[0].values, &exact.records[0].values);
            let largest = exact.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            found.iter().zip(exact).map(|(found, exact)| (found - exact).abs() / largest).fold(0.0, f64::max)
        };
    pairs.map(of_patient).fold(0.0, f64::max)
}
