//! The flagship: 10 mg of lenalidomide continuously for 24 months in chronic lymphocytic leukemia, with the hold rule.

use regimen::population::Sampler;
use regimen::program::Program;
use regimen::scenario::Method;

use crate::measure::measure;
use crate::shelf::scenario;
use crate::table::{Row, Table};

const PATIENTS: usize = 200;
/// Enough for the reference methods.
const FEW: usize = 1;

pub fn run() {
    let mut scenario = scenario("flagship");
    let program = Program::compile(&scenario.model);
    let sampler = Sampler::new(&scenario, &program).expect("a population");
    let patients: Vec<_> = (0..PATIENTS).map(|number| sampler.patient(number).expect("a patient")).collect();
    println!(
        "{} states, {} solved, {} operations",
        program.states(),
        program.solved().len(),
        program.operations()
    );
    let mut table = Table::new("Flagship: 24 months of 10 mg, visits and hold rule, one thread", "–");
    for rtol in [1e-6] {
        scenario.numerics.relative_tolerance = rtol;
        let mut rows = Vec::new();
        for (name, method, count) in [
            ("dopri5-reference", Method::Dopri5Reference, FEW),
            ("explicit, lanes", Method::Explicit, PATIENTS),
        ] {
            scenario.numerics.method = method;
            let measured = measure(&scenario, &program, &patients[..count]);
            rows.push(Row {
                method: name.into(),
                seconds: measured.seconds,
                steps: Some(measured.counts.steps),
                evaluations: measured.counts.evaluations,
                error: f64::NAN,
            });
        }
        table.add(&format!("{rtol:.0e}"), rows);
    }
    table.print();
}
