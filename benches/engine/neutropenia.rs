//! P1: a year of neutropenia with daily doses and outputs, against the crate ode_solvers twice: our own reference method
//! (the same scenario, every state integrated) and the same model written out by hand.

use std::path::Path;

use regimen::model::Model;
use regimen::population::Patient;
use regimen::program::Program;
use regimen::scenario::{Method, Scenario};
use regimen::simulation::Trajectory;

use crate::measure::{fastest, measure};
use crate::native::{self, Neutropenia};
use crate::shelf::scenario;
use crate::table::{Row, Table};

const DAYS: u32 = 364;
/// Subjects with a reference trajectory (DOP853 of SciPy at 1e-12).
const REFERENCED: usize = 20;
/// Patients for the methods of our own; the others take long enough with the subjects that have a reference.
const PATIENTS: usize = 1000;

pub fn run() {
    let mut scenario = scenario("neutropenia");
    let program = Program::compile(&scenario.model);
    let subjects = rows("benches/data/neutropenia-subjects.csv");
    let patients = patients(&scenario.model, &subjects);
    let natives: Vec<Neutropenia> = subjects[..REFERENCED].iter().map(|row| by_hand(row)).collect();
    let reference = reference();
    let mut table = Table::new(
        "P1: neutropenia, 364 days, daily doses and outputs, one thread",
        "largest relative error of neutrophils",
    );
    for rtol in [1e-6, 1e-8] {
        scenario.numerics.relative_tolerance = rtol;
        let mut rows = Vec::new();
        let (seconds, courses) = fastest(3, || {
            natives.iter().map(|&patient| native::course(patient, 25.0, DAYS, rtol, 1e-8)).collect::<Vec<_>>()
        });
        let evaluations = courses.iter().map(|course| course.1).sum::<u64>() / REFERENCED as u64;
        let error = courses.iter().zip(&reference).map(|(course, reference)| worst(&course.0, reference));
        rows.push(Row {
            method: "ode_solvers Dopri5, model by hand".into(),
            seconds: seconds / REFERENCED as f64,
            steps: None,
            evaluations,
            error: error.fold(0.0, f64::max),
        });
        for (name, method, count) in [
            ("dopri5-reference", Method::Dopri5Reference, REFERENCED),
            ("explicit, lanes", Method::Explicit, PATIENTS),
        ] {
            scenario.numerics.method = method;
            let measured = measure(&scenario, &program, &patients[..count]);
            let error = measured.trajectories.iter().zip(&reference);
            rows.push(Row {
                method: name.into(),
                seconds: measured.seconds,
                steps: Some(measured.counts.steps),
                evaluations: measured.counts.evaluations,
                error: error
                    .map(|(found, reference)| worst(&neutrophils(&scenario, found), reference))
                    .fold(0.0, f64::max),
            });
        }
        table.add(&format!("{rtol:.0e}"), rows);
    }
    table.print();
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
        covariates: Vec::new(),
        random_effects: effects.iter().map(|&(column, typical)| (row[column] / typical).ln()).collect(),
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
fn reference() -> Vec<Vec<f64>> {
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
