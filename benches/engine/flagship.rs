//! The flagship: 10 mg of lenalidomide continuously for 24 months in chronic lymphocytic leukemia, with the hold rule.
//!
//! Against the reference method on every state, and against the same method given the closed forms: the first ratio is what
//! the program saves in all, the second what solver, lanes and compiled equations save. Errors are those of the endpoints.

use regimen::population::Patient;
use regimen::program::Program;
use regimen::scenario::{Method, Scenario};
use regimen::simulation::{Trajectory, compile};
use regimen::trial::Agreement;

use crate::claims::{Claims, Wanted, shown};
use crate::measure::{Job, Measured, RUNS, in_turns, measure, measure_composed, patients, registers};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const PATIENTS: usize = 200;
/// Rounds in which the methods take turns, and runs of each in a round: one is kept, and the others are dropped as in a trial.
const ROUNDS: usize = 3;
/// Enough for a method that takes half a second each.
const FEW: usize = 20;
/// The tolerance of a run that names none.
const RTOL: f64 = 1e-6;
/// What counts as the truth.
const EXACT: f64 = 1e-11;
/// The reference, what it is given, and how many times as long it should take.
const REFERENCES: [(&str, &str, Option<f64>); 3] = [
    ("dopri5-reference, every state integrated", "every state integrated", Some(60.0)),
    ("dopri5-reference, given the closed forms", "given the closed forms", Some(10.0)),
    (
        "dopri5-reference, given these and the scenario's own equations",
        "given these and the scenario's own equations",
        None,
    ),
];

pub fn run() {
    let problem = Problem::new();
    let mut table = Table::new(
        "Flagship: 24 months of 10 mg, visits and hold rule, one thread",
        "largest relative error of a continuous endpoint",
    );
    let mut claims = Claims::default();
    let references = problem.references();
    let own = problem.own();
    let mut jobs: Vec<Job> = vec![Box::new(|| references.measure(&references.whole))];
    jobs.push(Box::new(|| references.measure(&references.lean)));
    for Own { scenario, program, .. } in &own {
        jobs.push(Box::new(|| measure(scenario, program, &problem.patients, RUNS)));
    }
    let mut found = in_turns(ROUNDS, jobs);
    let ours = found.split_off(2);
    // Half a second a patient: once.
    let full = measure(&references.scenario, &references.whole, references.patients, 1);
    found.insert(0, full);
    for (measured, (called, ..)) in found.iter().zip(REFERENCES) {
        let errors = Errors::new(&references.scenario, &measured.trajectories, &problem.exact);
        let registers = references.whole.processor().name();
        table.add(Row::new(&errors.title(called), registers, RTOL, measured, errors.largest()));
    }
    let mut default = None;
    for (Own { scenario, program, called }, measured) in own.iter().zip(&ours) {
        let kind = program.processor().name();
        let widest = kind == registers()[0].name();
        let errors = Errors::new(scenario, &measured.trajectories, &problem.exact);
        table.add(Row::new(&errors.title(called), kind, RTOL, measured, errors.largest()));
        let milliseconds = 1e3 * measured.seconds;
        let wanted = |wanted: Option<f64>, by: fn(f64) -> Wanted| wanted.filter(|_| widest).map(by);
        claims.add(
            format!("{called}, {kind}: ms per patient"),
            milliseconds,
            wanted(Some(8.0), Wanted::AtMost),
        );
        for (reference, (_, name, least)) in found.iter().zip(REFERENCES) {
            let ratio = reference.seconds / measured.seconds;
            let what = format!("{called}, {kind}: reference, {name}, over ours");
            claims.add(what, ratio, wanted(least, Wanted::AtLeast));
        }
        // The same bits by any registers.
        default = Some(errors);
    }
    table.print();
    if let Some(errors) = default {
        let courses = (errors.same + errors.parted) as f64;
        claims.add("largest error of a continuous endpoint".into(), errors.largest(), Wanted::AtMost(1e-4));
        let changed = errors.changed_courses as f64 / courses;
        claims.add("share of patients with a category changed".into(), changed, Wanted::AtMost(1e-3));
        claims.print();
        errors.print(&problem.scenario);
    }
    let (whole, own) = (Program::compile(&problem.scenario.model), compile(&problem.scenario));
    println!(
        "\n{} states, {} integrated; {} operations, {} in this scenario",
        whole.states(),
        own.solved().len(),
        whole.operations(),
        own.operations()
    );
}

struct Problem {
    scenario: Scenario,
    patients: Vec<Patient>,
    /// What counts as their true courses.
    exact: Vec<Trajectory>,
}

impl Problem {
    fn new() -> Self {
        let scenario = scenario("flagship");
        let program = Program::compile(&scenario.model);
        let patients = patients(&scenario, &program, PATIENTS);
        let mut problem = Problem { scenario, patients, exact: Vec::new() };
        let exact = problem.by(Method::Explicit, EXACT);
        problem.exact = measure(&exact, &program, &problem.patients, 1).trajectories;
        problem
    }

    /// The scenario by another method.
    fn by(&self, method: Method, rtol: f64) -> Scenario {
        let mut scenario = self.scenario.clone();
        (scenario.numerics.method, scenario.numerics.relative_tolerance) = (method, rtol);
        scenario
    }

    /// Our own methods on all registers, in the scenario's own program.
    fn own(&self) -> Vec<Own> {
        let methods = [(Method::Explicit, "explicit, lanes"), (Method::Automatic, "auto, lanes")];
        let of = |kind| {
            methods.map(|(method, called)| Own {
                scenario: self.by(method, RTOL),
                program: compile(&self.scenario).with_processor(kind),
                called,
            })
        };
        registers().into_iter().flat_map(of).collect()
    }

    /// The reference method.
    fn references(&self) -> References<'_> {
        References {
            scenario: self.by(Method::Dopri5Reference, RTOL),
            whole: Program::compile(&self.scenario.model),
            lean: compile(&self.scenario),
            patients: &self.patients[..FEW],
        }
    }
}

/// One of our own methods.
struct Own {
    scenario: Scenario,
    program: Program,
    called: &'static str,
}

/// The reference method on a few patients.
struct References<'p> {
    scenario: Scenario,
    /// The model's program, and the one without what our own leave out in this scenario.
    whole: Program,
    lean: Program,
    patients: &'p [Patient],
}

impl References<'_> {
    /// Given the closed forms of a program.
    fn measure(&self, program: &Program) -> Measured {
        measure_composed(&self.scenario, program, self.patients, RUNS)
    }
}

/// Courses beside the true ones.
struct Errors {
    /// Courses with the same history, and with another.
    same: usize,
    parted: usize,
    /// By endpoint, relative errors of courses with the same history, ascending; none of an endpoint that is no quantity.
    endpoints: Vec<Vec<f64>>,
    /// By endpoint, another category, or a value in one only: courses with the same history.
    changed: Vec<usize>,
    /// Courses with any of these, or with another history.
    changed_courses: usize,
}

impl Errors {
    fn new(scenario: &Scenario, found: &[Trajectory], exact: &[Trajectory]) -> Self {
        let count = scenario.endpoints.len();
        let mut errors = Errors {
            same: 0,
            parted: 0,
            endpoints: vec![Vec::new(); count],
            changed: vec![0; count],
            changed_courses: 0,
        };
        for (found, exact) in found.iter().zip(exact) {
            let agreement = Agreement::between(scenario, found, exact);
            if agreement.parting.is_some() {
                errors.parted += 1;
                errors.changed_courses += 1;
                continue;
            }
            errors.same += 1;
            errors.changed_courses +=
                usize::from(agreement.endpoints.iter().any(|endpoint| endpoint.changed));
            for (number, endpoint) in agreement.endpoints.iter().enumerate() {
                errors.changed[number] += usize::from(endpoint.changed);
                errors.endpoints[number].extend(endpoint.relative.filter(|_| !endpoint.changed));
            }
        }
        errors.endpoints.iter_mut().for_each(|errors| errors.sort_by(f64::total_cmp));
        errors
    }

    fn largest(&self) -> f64 {
        self.endpoints.iter().flatten().copied().fold(0.0, f64::max)
    }

    fn title(&self, method: &str) -> String {
        format!("{method} ({} of {} decided otherwise)", self.parted, self.same + self.parted)
    }

    /// By endpoint.
    fn print(&self, scenario: &Scenario) {
        println!(
            "\nAgainst rtol {EXACT:.0e}: {} of {} patients decided otherwise.\n",
            self.parted,
            self.same + self.parted
        );
        println!(
            "| endpoint at rtol {RTOL:.0e} | largest error | median error | changed |\n|---|---|---|---|"
        );
        for (endpoint, (errors, changed)) in
            scenario.endpoints.iter().zip(self.endpoints.iter().zip(&self.changed))
        {
            let known = |error: Option<&f64>| error.map_or("–".to_owned(), |error| shown(*error));
            let (largest, median) = (errors.last(), errors.get(errors.len() / 2));
            println!("| {} | {} | {} | {changed} |", endpoint.name, known(largest), known(median));
        }
    }
}
