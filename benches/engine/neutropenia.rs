//! P1: a year of neutropenia with daily doses and outputs, against the crate ode_solvers twice: our own reference method
//! (the same scenario, every state integrated) and the same model written out by hand.
//!
//! Our own method is measured at the reference's tolerance and at the loosest at which its error is no larger than the
//! reference's.

use std::path::Path;

use regimen::math::processor::Processor;
use regimen::model::Model;
use regimen::population::Patient;
use regimen::program::Program;

use regimen::scenario::{Method, Numerics, Scenario};
use regimen::simulation::{Trajectory, compile};

use crate::claims::{Claims, Wanted};
use crate::measure::{Measured, RUNS, fastest, measure, registers};
use crate::native::{self, Neutropenia};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const DAYS: u32 = 364;
/// Subjects with a reference trajectory (DOP853 of SciPy at 1e-12).
const REFERENCED: usize = 20;
/// Patients for the methods of our own; the others take long enough with the subjects that have a reference.
const PATIENTS: usize = 500;
/// Rounds in which two methods take turns.
const ROUNDS: usize = 3;
/// Absolute tolerance of every state at the default relative one; a tighter relative one tightens it in proportion.
const ABSOLUTE: f64 = 1e-8;
/// Where the tolerance for an equal error is looked for, the loosest first: these times each power of ten.
const FACTORS: [f64; 5] = [10.0, 7.0, 5.0, 3.0, 2.0];
const POWERS: std::ops::RangeInclusive<i32> = 7..=12;
/// Times as fast as the reference method at an equal error, at 1e-6 and at 1e-8.
const WANTED: [(&str, [f64; 2]); 2] = [("AVX-512", [20.0, 25.0]), ("AVX2", [12.0, 15.0])];

pub fn run() {
    let mut problem = Problem::new();
    let mut table = Table::new(
        "P1: neutropenia, 364 days, daily doses and outputs, one thread",
        "largest relative error of neutrophils",
    );
    let mut claims = Claims::default();
    for (place, rtol) in [1e-6, 1e-8].into_iter().enumerate() {
        table.add(problem.by_hand(rtol));
        let as_good = problem.as_good(rtol);
        for kind in registers() {
            let wanted = WANTED.iter().find(|wanted| wanted.0 == kind.name()).map(|wanted| wanted.1[place]);
            problem.compare(kind, (rtol, as_good), wanted, &mut table, &mut claims);
        }
    }
    table.print();
    claims.print();
}

struct Problem {
    scenario: Scenario,
    subjects: Vec<Vec<f64>>,
    patients: Vec<Patient>,
    /// Daily neutrophils of the first patients.
    truth: Vec<Vec<f64>>,
}

impl Problem {
    fn new() -> Self {
        let scenario = scenario("neutropenia");
        let subjects = rows("benches/data/neutropenia-subjects.csv");
        let patients = patients(&scenario.model, &subjects[..PATIENTS]);
        Problem { scenario, subjects, patients, truth: truth() }
    }

    /// The model written out by hand.
    fn by_hand(&self, rtol: f64) -> Row {
        let natives: Vec<Neutropenia> = self.subjects[..REFERENCED].iter().map(|row| by_hand(row)).collect();
        let numerics = Numerics { relative_tolerance: rtol, ..self.scenario.numerics };
        let atol = ABSOLUTE * numerics.absolute_share();
        let (seconds, courses) = fastest(RUNS, || {
            natives.iter().map(|&patient| native::course(patient, 25.0, DAYS, rtol, atol)).collect::<Vec<_>>()
        });
        let errors = courses.iter().zip(&self.truth).map(|(course, truth)| worst(&course.0, truth));
        Row {
            method: "ode_solvers Dopri5, model by hand".into(),
            registers: "",
            rtol: format!("{rtol:.0e}"),
            seconds: seconds / REFERENCED as f64,
            steps: None,
            evaluations: courses.iter().map(|course| course.1).sum::<u64>() / REFERENCED as u64,
            error: errors.fold(0.0, f64::max),
        }
    }

    /// The loosest tolerance at which our error is no larger than the reference method's at this one. Both are the same bits
    /// by any registers.
    fn as_good(&mut self, rtol: f64) -> Option<f64> {
        let (whole, program) = (Program::compile(&self.scenario.model), compile(&self.scenario));
        let error = self.measure(&whole, Method::Dopri5Reference, rtol, REFERENCED, 1).1;
        let mut grid = POWERS.flat_map(|power| FACTORS.map(|factor| factor / 10_f64.powi(power)));
        grid.find(|&tried| self.measure(&program, Method::Explicit, tried, REFERENCED, 1).1 <= error)
    }

    /// Our own method beside the reference method, both on these registers.
    fn compare(
        &mut self,
        kind: Processor,
        (rtol, as_good): (f64, Option<f64>),
        wanted: Option<f64>,
        table: &mut Table,
        claims: &mut Claims,
    ) {
        let whole = Program::compile(&self.scenario.model).with_processor(kind);
        let (program, name) = (compile(&self.scenario).with_processor(kind), kind.name());
        let ours: Vec<f64> = [Some(rtol), as_good.filter(|&own| own != rtol)].into_iter().flatten().collect();
        let mut jobs = vec![(&whole, Method::Dopri5Reference, rtol, REFERENCED)];
        jobs.extend(ours.iter().map(|&own| (&program, Method::Explicit, own, PATIENTS)));
        // In turns, so that a clock that changes on the way falls on all of them.
        let mut found: Vec<(Measured, f64)> = Vec::new();
        for round in 0..ROUNDS {
            for (place, &(program, method, rtol, count)) in jobs.iter().enumerate() {
                let measured = self.measure(program, method, rtol, count, RUNS);
                if round == 0 {
                    found.push(measured);
                } else {
                    found[place].0.seconds = found[place].0.seconds.min(measured.0.seconds);
                }
            }
        }
        let own = found.split_off(1);
        let (reference, error) = &found[0];
        table.add(Row::new("dopri5-reference", name, rtol, reference, *error));
        for (own, (measured, error)) in ours.into_iter().zip(&own) {
            table.add(Row::new("explicit, lanes", name, own, measured, *error));
            let equal = as_good == Some(own);
            let how = if equal { "at no larger an error" } else { "at equal rtol" };
            let what = format!("{name}: dopri5-reference at {rtol:.0e} over ours at {own:.0e}, {how}");
            claims.add(
                what,
                reference.seconds / measured.seconds,
                wanted.filter(|_| equal).map(Wanted::AtLeast),
            );
        }
        if as_good.is_none() {
            let what = format!("{name}: dopri5-reference at {rtol:.0e} over ours at no larger an error");
            claims.add(what, f64::NAN, wanted.map(Wanted::AtLeast));
        }
    }

    /// The first patients by a method, and the largest error of those that have a reference.
    fn measure(
        &mut self,
        program: &Program,
        method: Method,
        rtol: f64,
        count: usize,
        runs: usize,
    ) -> (Measured, f64) {
        let numerics = &mut self.scenario.numerics;
        (numerics.method, numerics.relative_tolerance) = (method, rtol);
        let measured = measure(&self.scenario, program, &self.patients[..count], runs);
        let pairs = measured.trajectories.iter().zip(&self.truth);
        let errors = pairs.map(|(found, truth)| worst(&neutrophils(&self.scenario, found), truth));
        let error = errors.fold(0.0, f64::max);
        (measured, error)
    }
}

/// Values of a comma-separated file of the package, without its header.
fn rows(path: &str) -> Vec<Vec<f64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    text.lines()
        .skip(1)
        .map(|line| line.split(',').map(|field| field.parse().expect("a number")).collect())
        .collect()
}

/// The subjects as patients of the model: a value over the typical one is exp(eta). Columns: id, cl, v, ka, mtt, circ0,
/// slope.
fn patients(model: &Model, subjects: &[Vec<f64>]) -> Vec<Patient> {
    let names = ["cl", "v", "ka", "mtt", "circ0", "slope"];
    let place = |effect: &str| {
        let found = names.iter().position(|name| effect.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no column for {effect}"))
    };
    let typical = |name: &str| {
        let parameter =
            model.parameters.iter().find(|parameter| parameter.name == name).expect("a parameter");
        parameter.unit.show(parameter.value)
    };
    let effects: Vec<(usize, f64)> = model
        .random_effects
        .iter()
        .map(|effect| place(effect.name.trim_start_matches("eta.")))
        .map(|place| (1 + place, typical(names[place])))
        .collect();
    let patient = |(number, row): (usize, &Vec<f64>)| Patient {
        number,
        population_covariates: Vec::new(),
        later: Vec::new(),
        covariates: Vec::new(),
        random_effects: effects.iter().map(|&(column, typical)| (row[column] / typical).ln()).collect(),
        occasion_effects: Vec::new(),
        rejected: Vec::new(),
    };
    subjects.iter().enumerate().map(patient).collect()
}

fn by_hand(row: &[f64]) -> Neutropenia {
    let [_, cl, v, ka, mtt, circ0, slope] = row else { panic!("seven columns") };
    Neutropenia {
        cl: 24.0 * cl,
        v: *v,
        ka: 24.0 * ka,
        ktr: 4.0 / (mtt / 24.0),
        circ0: *circ0,
        slope: 1000.0 * slope,
        gamma: 0.16,
    }
}

/// Daily neutrophils of the first subjects, 1e9/L. Columns: id, time_h, c_ng_ml, circ_1e9_l.
fn truth() -> Vec<Vec<f64>> {
    let rows = rows("tests/data/neutropenia/reference.csv");
    let of = |id: usize| rows.iter().filter(|row| row[0] == id as f64).map(|row| row[3]).collect();
    (1..=REFERENCED).map(of).collect()
}

fn neutrophils(scenario: &Scenario, trajectory: &Trajectory) -> Vec<f64> {
    let record = &scenario.records[0];
    let name = |output: &usize| scenario.model.outputs[*output].name == "ANC";
    let place = record.outputs.iter().position(name).expect("neutrophils are recorded");
    trajectory.records[0].values.iter().skip(place).step_by(record.outputs.len()).copied().collect()
}

fn worst(found: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(found.len(), reference.len());
    found.iter().zip(reference).map(|(found, reference)| (found / reference - 1.0).abs()).fold(0.0, f64::max)
}
