//! The error that the default tolerance delivers in the flagship; with more patients and tolerances: `cargo bench --bench
//! work_precision`.

#[path = "../benches/engine/shelf.rs"]
mod shelf;

use regimen::population::{Patient, Sampler};
use regimen::program::Program;
use regimen::scenario::{Method, Scenario};
use regimen::simulation::{Ensemble, Task, Trajectory};
use regimen::trial::Agreement;

/// Enough to fill the lanes.
const PATIENTS: usize = 30;
/// Relative error of continuous endpoints that is promised.
const PROMISED: f64 = 1e-4;
/// Seen in a thousand patients: 5e-6; of three times as much something is wrong.
const USUAL: f64 = 1.5e-5;

fn courses(scenario: &Scenario, program: &Program, patients: &[Patient]) -> Vec<Trajectory> {
    let mut tasks = patients.iter().enumerate().map(|(number, patient)| Task {
        number,
        patient,
        arm: 0,
        written_down: false,
    });
    let mut courses = Vec::new();
    Ensemble::new(scenario, program, patients.len())
        .simulate(&mut || tasks.next(), &mut |_, course| courses.push(course));
    courses.sort_by_key(|course| course.patient);
    courses
}

#[test]
fn the_default_tolerance_delivers_the_promised_error_in_every_endpoint() {
    let mut scenario = shelf::scenario("flagship");
    assert_eq!(scenario.numerics.relative_tolerance, 1e-6);
    scenario.numerics.method = Method::Explicit;
    let program = Program::compile(&scenario.model);
    let sampler = Sampler::new(&scenario, &program).unwrap();
    let patients: Vec<Patient> = (0..PATIENTS).map(|number| sampler.patient(number).unwrap()).collect();
    let own = courses(&scenario, &program, &patients);
    let mut exact = scenario.clone();
    exact.numerics.relative_tolerance = 1e-11;
    let exact = courses(&exact, &program, &patients);
    let mut largest = 0.0_f64;
    for (own, exact) in own.iter().zip(&exact) {
        let agreement = Agreement::between(&scenario, own, exact);
        assert_eq!(agreement.parting, None, "patient {}", own.patient);
        for (definition, found) in scenario.endpoints.iter().zip(&agreement.endpoints) {
            let relative = found.relative.unwrap_or(0.0);
            assert!(!found.changed && relative <= PROMISED, "{}: {found:?}", definition.name);
            largest = largest.max(relative);
        }
        let outputs = agreement.at_visits.iter().copied().fold(0.0, f64::max);
        assert!(outputs <= PROMISED, "{outputs}");
    }
    assert!(largest > 0.0 && largest < USUAL, "{largest}");
}
