//! A stiff model: target-mediated disposition with fast binding, by every method of our own.

use regimen::scenario::Method;
use regimen::simulation::compile;

use crate::claims::Claims;
use crate::measure::{Measured, RUNS, measure, patients};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const PATIENTS: usize = 100;
/// Enough for the methods that take a hundred thousand steps.
const FEW: usize = 4;

pub fn run() {
    let mut scenario = scenario("target-mediated");
    let program = compile(&scenario);
    let patients = patients(&scenario, &program, PATIENTS);
    let mut run = |method, rtol, count: usize, runs| {
        (scenario.numerics.method, scenario.numerics.relative_tolerance) = (method, rtol);
        measure(&scenario, &program, &patients[..count], runs)
    };
    let exact = run(Method::Implicit, 1e-11, FEW, 1);
    let mut table = Table::new(
        "Target-mediated disposition, 84 days, daily outputs, one thread",
        "largest error over the largest value",
    );
    let mut claims = Claims::default();
    for rtol in [1e-4, 1e-6] {
        let mut seconds = Vec::new();
        for (name, method, count, runs) in [
            ("dopri5-reference", Method::Dopri5Reference, FEW, 1),
            ("explicit, lanes", Method::Explicit, FEW, 1),
            ("implicit", Method::Implicit, PATIENTS, RUNS),
            ("auto, lanes", Method::Automatic, PATIENTS, RUNS),
        ] {
            let measured = run(method, rtol, count, runs);
            seconds.push(measured.seconds);
            let registers = program.processor().name();
            table.add(Row::new(name, registers, rtol, &measured, worst(&measured, &exact)));
        }
        claims.add(format!("dopri5-reference over auto at {rtol:.0e}"), seconds[0] / seconds[3], None);
    }
    table.print();
    claims.print();
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
