//! The flagship model, simulated as a trial does it, against the reference trajectories of the typical patient.
//!
//! The equations are compared state by state in `tests/reference`, everything integrated; here the way through events,
//! exact chains and records is.

use super::fixture::{arm, patient, record, treatment, with_model};
use crate::diagnostic::{Sources, render};
use crate::model::{self, Kind, Loader, Model};
use crate::program::{Individual, Program};
use crate::scenario::Treatment;
use crate::simulation::{End, Trajectory, simulate};
use std::path::Path;

/// |difference| ≤ 1e-6·|reference| + 1e-8 in the table's units; the tables are good to 1e-9.
const RELATIVE: f64 = 1e-6;
const ABSOLUTE: f64 = 1e-8;

/// The typical patient of the tables, each covariate in its declared unit.
const TYPICAL: [(&str, f64); 13] = [
    ("FFM", 55.0),
    ("CRCL", 90.0),
    ("relapsed", 1.0),
    ("high_risk", 0.0),
    ("unmutated", 0.5),
    ("refractory", 0.0),
    ("prior_lines", 3.0),
    ("bulky", 0.0),
    ("WT", 82.0864),
    ("AGE", 64.0),
    ("Cr0", 86.632),
    ("d0", 2.6),
    ("s0", 15.0),
];

/// Outputs and the table's columns.
const COLUMNS: [(&str, &str); 14] = [
    ("ANC", "N"),
    ("PLT", "PC"),
    ("HB", "Hb"),
    ("ALC", "ALC"),
    ("SPD", "SPDrel"),
    ("infl", "inf"),
    ("flare", "A"),
    ("UA", "UA"),
    ("K", "K"),
    ("PO4", "PO4"),
    ("Ca", "Ca"),
    ("Cr", "Cr"),
    ("gfr", "gfr"),
    ("burden", "tot"),
];

struct Package;

impl Loader for Package {
    fn load(&self, _kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok((name.to_string(), text))
    }
}

/// With the values of parameters that the reference trajectories were computed with.
fn flagship() -> Model {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let model = model::load("lenalidomide-cll", &Package, &mut sources, &mut diagnostics);
    let mut model = model.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)));
    for line in include_str!("../../../tests/data/clinical/frozen.csv").lines().skip(1) {
        let (name, value) = line.split_once(',').expect("a name and a value");
        let parameter = model.parameters.iter_mut().find(|parameter| parameter.name == name);
        let parameter = parameter.unwrap_or_else(|| panic!("no parameter {name}"));
        parameter.value = parameter.unit.read(value.parse().expect("a number"));
    }
    model
}

/// The typical patient under treatments made for the drug's route, with the daily outputs and the drug recovered.
fn course(plan: impl Fn(Treatment) -> Vec<Treatment>) -> (crate::scenario::Scenario, Trajectory) {
    let mut scenario = with_model(flagship());
    scenario.horizon = 168.0;
    scenario.variability = false;
    scenario.numerics.relative_tolerance = 1e-9;
    let route = scenario.model.route("lenalidomide").expect("the drug");
    scenario.arms = vec![arm(plan(treatment(route, &[10.0])))];
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.0).chain(["pk.recovered"]).collect();
    scenario.records = vec![record(&scenario, (0..=168).map(f64::from).collect(), &names)];
    let program = Program::compile(&scenario.model);
    let value = |name: &str| TYPICAL.iter().find(|given| given.0 == name).expect("a covariate").1;
    let covariates = &scenario.model.covariates;
    let mut typical = patient(0, [0.0, 0.0]);
    typical.covariates =
        covariates.iter().map(|covariate| covariate.unit.read(value(&covariate.name))).collect();
    typical.random_effects = vec![0.0; scenario.model.random_effects.len()];
    let trajectory = simulate(&scenario, &program, &typical, 0);
    assert_eq!(trajectory.end, End::Completed);
    (scenario, trajectory)
}

fn follows(table: &str, plan: impl Fn(Treatment) -> Vec<Treatment>) {
    let (scenario, trajectory) = course(plan);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/clinical").join(table);
    let text = std::fs::read_to_string(path).expect("the table");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let record = &scenario.records[0];
    let width = record.outputs.len();
    let mut given = 0.0;
    for (day, line) in lines.enumerate() {
        let row: Vec<f64> = line.split(',').map(|field| field.parse().expect("a number")).collect();
        let values = &trajectory.records[0].values[day * width..][..width];
        for ((&output, value), (name, column)) in record.outputs.iter().zip(values).zip(COLUMNS) {
            let (found, wanted) = (scenario.model.outputs[output].unit.show(*value), row[place(column)]);
            let close = (found - wanted).abs() <= RELATIVE * wanted.abs() + ABSOLUTE;
            assert!(close, "{name} on day {day}: {found} instead of {wanted}");
        }
        let recovered = values[width - 1];
        assert!((recovered - given).abs() <= 1e-11 * given, "day {day}: {recovered} mg of {given} mg");
        given += row[place("dose_next_mg")];
    }
}

#[test]
fn ten_mg_daily() {
    follows("typ_rr_10mg_continuous.csv", |daily| vec![daily]);
}

#[test]
fn three_weeks_on_and_one_off() {
    follows("typ_rr_25mg_21of28.csv", |daily| {
        vec![Treatment { levels: vec![25.0], days: (1..=21).collect(), ..daily }]
    });
}

#[test]
fn three_doses_one_after_the_other() {
    follows("typ_rr_stepup_2.5_5_10.csv", |daily| {
        let part = |dose, cycles| Treatment { levels: vec![dose], cycles, ..daily.clone() };
        vec![part(2.5, (1, 1)), part(5.0, (2, 2)), part(10.0, (3, u32::MAX))]
    });
}

/// Of a dose into the first of the transit steps nothing that is integrated knows at once: the rates behind it are those before it.
#[test]
fn a_dose_leaves_the_rates_of_what_is_integrated_as_they_were() {
    let model = flagship();
    let program = Program::compile(&model);
    let state = |name: &str| model.states.iter().position(|state| state.name == name).expect("a state");
    let (entry, exit, body) = (state("pk.a0"), state("pk.a7"), state("pk.Ac"));
    assert!(program.is_upstream(entry) && !program.is_upstream(exit) && !program.is_upstream(body));
    let covariates: Vec<f64> = model
        .covariates
        .iter()
        .map(|covariate| {
            let given = TYPICAL.iter().find(|given| given.0 == covariate.name).expect("a covariate");
            covariate.unit.read(given.1)
        })
        .collect();
    let mut individual = Individual::new(&program, &covariates, &[]);
    let (mut states, inputs) = (vec![0.0; program.states()], vec![0.0; program.states()]);
    individual.initial(&mut states);
    states[entry] += 10.0;
    let mut solved = vec![0.0; program.solved().len()];
    let [mut before, mut after] = [solved.clone(), solved.clone()];
    // Doses so near to one another that much of the first is still on its way.
    individual.rebase((0.0, 0.02), &states, &inputs, &mut solved).expect("a closed form");
    individual.solved_rates(0.02, &solved, &mut before);
    individual.expand(0.02, &solved, &mut states);
    assert!(states[exit] > 1e-3, "{}", states[exit]);
    states[entry] += 25.0;
    individual.rebase((0.02, 1.0), &states, &inputs, &mut solved).expect("a closed form");
    individual.solved_rates(0.02, &solved, &mut after);
    for ((before, after), &state) in before.iter().zip(&after).zip(program.solved()) {
        let close = (before - after).abs() <= 1e-12 * before.abs() + 1e-12;
        assert!(close, "{}: {before} and {after}", model.states[state].name);
    }
}
