//! Timing a method on a list of patients, and reading its results.

use std::time::Instant;

use regimen::population::Patient;
use regimen::program::Program;
use regimen::scenario::{Method, Scenario};
use regimen::simulation::{Counts, Ensemble, Simulator, Task, Trajectory};

/// Runs of each measurement; the fastest counts, since the machine's other users only ever slow a run down.
const RUNS: usize = 3;

/// One method on one problem.
pub struct Measured {
    /// Seconds per patient, the fastest run.
    pub seconds: f64,
    /// Per patient.
    pub counts: Counts,
    /// In the order of the patients.
    pub trajectories: Vec<Trajectory>,
}

/// Runs something several times; the fastest in seconds, and what the last gave.
pub fn fastest<T>(runs: usize, mut work: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut timed = || {
        let start = Instant::now();
        let result = work();
        best = best.min(start.elapsed().as_secs_f64());
        result
    };
    for _ in 1..runs {
        timed();
    }
    let result = timed();
    (best, result)
}

/// All patients in the first arm, one thread, by the method and tolerance of the scenario: many at once where the method
/// takes many, else one by one.
pub fn measure(scenario: &Scenario, program: &Program, patients: &[Patient]) -> Measured {
    let in_company = matches!(scenario.numerics.method, Method::Automatic | Method::Explicit);
    let runs = if in_company { RUNS } else { 1 };
    let (seconds, trajectories) = fastest(runs, || {
        if in_company {
            in_lanes(scenario, program, patients)
        } else {
            let mut simulator = Simulator::new(scenario, program);
            patients.iter().map(|patient| simulator.simulate(patient, 0)).collect()
        }
    });
    let mut counts = Counts::default();
    for trajectory in &trajectories {
        counts.steps += trajectory.counts.steps;
        counts.rejected += trajectory.counts.rejected;
        counts.evaluations += trajectory.counts.evaluations;
    }
    let number = patients.len() as u64;
    let counts = Counts {
        steps: counts.steps / number,
        rejected: counts.rejected / number,
        evaluations: counts.evaluations / number,
    };
    Measured { seconds: seconds / patients.len() as f64, counts, trajectories }
}

fn in_lanes(scenario: &Scenario, program: &Program, patients: &[Patient]) -> Vec<Trajectory> {
    let mut tasks = patients.iter().enumerate().map(|(number, patient)| Task { number, patient, arm: 0 });
    let mut trajectories: Vec<Option<Trajectory>> = patients.iter().map(|_| None).collect();
    Ensemble::new(scenario, program, patients.len())
        .simulate(&mut || tasks.next(), &mut |number, trajectory| trajectories[number] = Some(trajectory));
    trajectories.into_iter().map(|trajectory| trajectory.expect("every patient was simulated")).collect()
}
