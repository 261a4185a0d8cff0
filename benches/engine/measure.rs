//! Timing a method on a list of patients, and reading its results.

use std::time::Instant;

use regimen::math::processor::Processor;
use regimen::population::{Patient, Sampler};
use regimen::program::Program;
use regimen::scenario::{Method, Scenario};
use regimen::simulation::{Counts, Ensemble, Simulator, Task, Trajectory};

/// Runs of a measurement; the fastest counts, since the machine's other users only ever slow a run down.
pub const RUNS: usize = 3;

/// One method on one problem.
pub struct Measured {
    /// Seconds per patient, the fastest run.
    pub seconds: f64,
    /// Per patient.
    pub counts: Counts,
    /// In the order of the patients.
    pub trajectories: Vec<Trajectory>,
}

/// The first patients of a scenario.
pub fn patients(scenario: &Scenario, program: &Program, count: usize) -> Vec<Patient> {
    let sampler = Sampler::new(scenario, program).expect("a population");
    (0..count).map(|number| sampler.patient(number).expect("a patient")).collect()
}

/// Registers that hold more than one number, the widest first; those that the processor has if there are none.
pub fn registers() -> Vec<Processor> {
    let mut kinds = Processor::kinds();
    if kinds.len() > 1 {
        kinds.retain(|kind| kind.name() != "scalar");
    }
    kinds.reverse();
    kinds
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

/// A measurement that can be repeated.
pub type Job<'j> = Box<dyn FnMut() -> Measured + 'j>;

/// Several measurements, each repeated in turns with the others, so that a clock that changes on the way falls on all of them. The
/// fastest of each.
pub fn in_turns(rounds: usize, mut jobs: Vec<Job<'_>>) -> Vec<Measured> {
    let mut best: Vec<Measured> = jobs.iter_mut().map(|job| job()).collect();
    for _ in 1..rounds {
        for (job, best) in jobs.iter_mut().zip(&mut best) {
            best.seconds = best.seconds.min(job().seconds);
        }
    }
    best
}

/// All patients in the first arm, one thread, by the method and tolerance of the scenario: many at once where the method
/// takes many, else one by one.
pub fn measure(scenario: &Scenario, program: &Program, patients: &[Patient], runs: usize) -> Measured {
    if matches!(scenario.numerics.method, Method::Automatic | Method::Explicit) {
        timed(runs, patients.len(), |sink| in_lanes(scenario, program, patients, sink))
    } else {
        timed(runs, patients.len(), |sink| one_by_one(Simulator::new(scenario, program), patients, sink))
    }
}

/// As [`measure`], by a reference method that is given the closed forms.
pub fn measure_composed(
    scenario: &Scenario,
    program: &Program,
    patients: &[Patient],
    runs: usize,
) -> Measured {
    timed(runs, patients.len(), |sink| one_by_one(Simulator::composed(scenario, program), patients, sink))
}

/// Takes courses by patient.
type Sink<'s> = dyn FnMut(usize, Trajectory) + 's;

/// Each run is timed. The courses of the first are kept; in the others each is dropped as it ends, as in a trial.
fn timed(runs: usize, patients: usize, mut work: impl FnMut(&mut Sink<'_>)) -> Measured {
    let mut kept: Vec<Option<Trajectory>> = (0..patients).map(|_| None).collect();
    let mut first = true;
    let (seconds, ()) = fastest(runs, || {
        let keep = std::mem::take(&mut first);
        work(&mut |number, trajectory| {
            if keep {
                kept[number] = Some(trajectory);
            } else {
                std::hint::black_box(&trajectory);
            }
        });
    });
    let trajectories: Vec<Trajectory> =
        kept.into_iter().map(|trajectory| trajectory.expect("every patient was simulated")).collect();
    let mean = |of: fn(&Counts) -> u64| {
        trajectories.iter().map(|trajectory| of(&trajectory.counts)).sum::<u64>() / patients as u64
    };
    let counts = Counts {
        steps: mean(|counts| counts.steps),
        rejected: mean(|counts| counts.rejected),
        evaluations: mean(|counts| counts.evaluations),
    };
    Measured { seconds: seconds / patients as f64, counts, trajectories }
}

fn one_by_one(mut simulator: Simulator, patients: &[Patient], sink: &mut Sink<'_>) {
    for (number, patient) in patients.iter().enumerate() {
        sink(number, simulator.simulate(patient, 0));
    }
}

fn in_lanes(scenario: &Scenario, program: &Program, patients: &[Patient], sink: &mut Sink<'_>) {
    let mut tasks = patients.iter().enumerate().map(|(number, patient)| Task {
        number,
        patient,
        arm: 0,
        written_down: false,
    });
    Ensemble::new(scenario, program, patients.len()).simulate(&mut || tasks.next(), sink);
}
