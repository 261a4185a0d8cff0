//! What a tolerance costs and what error it delivers: `cargo bench --bench work_precision`.
//!
//! Prints tables in Markdown; `docs/numerics.md` holds the last ones. Truth is the explicit method at `rtol = 1e-11`, which
//! tightens absolute tolerances as much. Arguments pick scenarios (`flagship`, `starting-dose`) and say how many patients go through
//! the default tolerance (`patients=1000`) and through the others (`few=100`).

#[path = "../engine/shelf.rs"]
mod shelf;
mod tally;

use std::time::Instant;

use rayon::prelude::*;
use regimen::population::{Patient, Sampler};
use regimen::program::Program;
use regimen::scenario::{Method, Scenario};
use regimen::simulation::{End, Ensemble, Task, Trajectory, compile};
use regimen::trial::Agreement;

use tally::Tally;

const TOLERANCES: [f64; 7] = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];
/// The tolerance of a run that names none.
const DEFAULT: f64 = 1e-6;
const TRUTH: f64 = 1e-11;
/// Patients simulated side by side before their courses are dropped.
const CHUNK: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let number = |key: &str, usual: usize| {
        let given = arguments.iter().find_map(|argument| argument.strip_prefix(key));
        given.map_or(usual, |given| given.parse().expect("a number of patients"))
    };
    let (patients, few) = (number("patients=", 1000), number("few=", 100));
    let names: Vec<&str> = arguments.iter().map(String::as_str).filter(|it| !it.contains('=')).collect();
    for name in ["flagship", "starting-dose"] {
        if names.is_empty() || names.contains(&name) {
            run(name, patients, few);
        }
    }
}

/// One scenario.
fn run(name: &str, count: usize, few: usize) {
    let mut scenario = shelf::scenario(name);
    scenario.numerics.method = Method::Explicit;
    let program = compile(&scenario);
    let sampler = Sampler::new(&scenario, &program).expect("a population");
    let patients: Vec<Patient> =
        (0..count.max(few)).map(|number| sampler.patient(number).expect("a patient")).collect();
    let chunks: Vec<&[Patient]> = patients.chunks(CHUNK).collect();
    let tallies: Vec<Vec<Tally>> =
        chunks.par_iter().map(|chunk| measure(&scenario, &program, chunk, count, few)).collect();
    let mut sums: Vec<Tally> = TOLERANCES.iter().map(|_| Tally::new(&scenario)).collect();
    for chunk in tallies {
        for (sum, tally) in sums.iter_mut().zip(chunk) {
            sum.add(tally);
        }
    }
    let arms = scenario.arms.len();
    println!("\n### `{name}`: {count} patients at the default, {few} at the other tolerances, {arms} arms\n");
    tally::curve(&scenario, &TOLERANCES, &sums);
    let default = TOLERANCES.iter().position(|rtol| *rtol == DEFAULT).expect("the default");
    tally::by_endpoint(&scenario, DEFAULT, &sums[default]);
    tally::by_output(&scenario, DEFAULT, &sums[default]);
    tally::exceptions(&scenario, DEFAULT, &sums[default]);
}

/// Some patients at every tolerance.
fn measure(
    scenario: &Scenario,
    program: &Program,
    chunk: &[Patient],
    count: usize,
    few: usize,
) -> Vec<Tally> {
    let wanted = |rtol: f64| if rtol == DEFAULT { count } else { few };
    let truth = simulate(scenario, program, chunk, TRUTH).1;
    TOLERANCES
        .iter()
        .map(|&rtol| {
            let mut tally = Tally::new(scenario);
            let first = chunk.first().map_or(0, |patient| patient.number);
            let some = &chunk[..chunk.len().min(wanted(rtol).saturating_sub(first))];
            if some.is_empty() {
                return tally;
            }
            let (seconds, courses) = simulate(scenario, program, some, rtol);
            tally.seconds += seconds;
            for (number, course) in courses.iter().enumerate() {
                let (arm, patient) = (number / some.len(), number % some.len());
                let truth = &truth[arm * chunk.len() + patient];
                assert!(!matches!(course.end, End::Failed(_)) && !matches!(truth.end, End::Failed(_)));
                tally.enter(course, &Agreement::between(scenario, course, truth));
            }
            tally
        })
        .collect()
}

/// Patients in all arms, arm after arm; and how long it took.
fn simulate(
    scenario: &Scenario,
    program: &Program,
    patients: &[Patient],
    rtol: f64,
) -> (f64, Vec<Trajectory>) {
    let mut scenario = scenario.clone();
    scenario.numerics.relative_tolerance = rtol;
    let arms = 0..scenario.arms.len();
    let pairs = arms.flat_map(|arm| patients.iter().map(move |patient| (arm, patient)));
    let mut tasks =
        pairs.enumerate().map(|(number, (arm, patient))| Task { number, patient, arm, written_down: false });
    let all = scenario.arms.len() * patients.len();
    let mut courses: Vec<Option<Trajectory>> = (0..all).map(|_| None).collect();
    let start = Instant::now();
    Ensemble::new(&scenario, program, all)
        .simulate(&mut || tasks.next(), &mut |number, course| courses[number] = Some(course));
    let seconds = start.elapsed().as_secs_f64();
    (seconds, courses.into_iter().map(|course| course.expect("every course ends")).collect())
}
