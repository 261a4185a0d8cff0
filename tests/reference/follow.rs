//! One patient followed through a list of doses, and comparison with a table.

use std::collections::HashMap;
use std::path::Path;

use regimen::diagnostic::{Sources, render};
use regimen::model::{Kind, Loader, Model, load};
use regimen::program::{Individual, Program};
use regimen::solver::{Counts, Explicit, StepMemory, System, Tolerances};

/// Reads from the package's own `models/`.
pub struct Models;

impl Loader for Models {
    fn load(&self, _kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((path.display().to_string(), text))
    }
}

/// A model of this package, checked.
pub fn model(name: &str) -> Model {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let found = load(name, &Models, &mut sources, &mut diagnostics);
    let text = render(&diagnostics, &sources, false);
    found.unwrap_or_else(|| panic!("{name} is not sound:\n{text}"))
}

/// The flagship as it was when its reference trajectories were computed: with the values of `frozen.csv`.
pub fn frozen_flagship() -> Model {
    let mut model = model("lenalidomide-cll");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/clinical/frozen.csv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("frozen.csv: {error}"));
    for line in text.lines().skip(1) {
        let (name, value) = line.split_once(',').unwrap_or_else(|| panic!("`{line}` has no comma"));
        set_parameter(&mut model, name, value.parse().unwrap_or_else(|_| panic!("`{value}` is no number")));
    }
    model
}

/// Another value of a parameter by its full name, in its own unit.
pub fn set_parameter(model: &mut Model, name: &str, value: f64) {
    let found = model.parameters.iter_mut().find(|parameter| parameter.name == name);
    let parameter = found.unwrap_or_else(|| panic!("no parameter {name}"));
    parameter.value = parameter.unit.read(value);
}

/// Covariates of a model by name, each in its declared unit; all must be given.
pub fn covariates(model: &Model, given: &[(&str, f64)]) -> Vec<f64> {
    let value = |name: &str| {
        let found = given.iter().find(|entry| entry.0 == name);
        found.unwrap_or_else(|| panic!("no value for the covariate {name}")).1
    };
    model.covariates.iter().map(|covariate| covariate.unit.read(value(&covariate.name))).collect()
}

struct Everything<'i, 'p>(&'i mut Individual<'p>, usize);

impl System for Everything<'_, '_> {
    fn dimension(&self) -> usize {
        self.1
    }
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        self.0.rates(t, y, rates);
    }
}

/// A patient on the way.
pub struct Followed<'p> {
    pub model: &'p Model,
    pub individual: Individual<'p>,
    pub time: f64,
    pub states: Vec<f64>,
    solver: Explicit,
    memory: StepMemory,
    counts: Counts,
}

impl<'p> Followed<'p> {
    pub fn new(model: &'p Model, program: &'p Program, covariates: &[f64], random_effects: &[f64]) -> Self {
        let mut individual = Individual::new(program, covariates, random_effects);
        let mut states = vec![0.0; program.states()];
        individual.initial(&mut states);
        Self {
            model,
            individual,
            time: 0.0,
            states,
            solver: Explicit::default(),
            memory: StepMemory::default(),
            counts: Counts::default(),
        }
    }

    /// Sets a control by its full name.
    pub fn set(&mut self, control: &str, value: f64) {
        let index = self.model.control(control).unwrap_or_else(|| panic!("no control {control}"));
        self.individual.set_control(index, value);
    }

    /// Gives a dose in the route's unit.
    pub fn dose(&mut self, route: &str, amount: f64) {
        let index = self.model.route(route).unwrap_or_else(|| panic!("no route {route}"));
        let route = &self.model.routes[index];
        for (position, destination) in route.into.iter().enumerate() {
            let share = self.individual.dose_fraction(index, position);
            self.states[destination.state] += share * route.unit.read(amount);
        }
    }

    /// Goes on to this time, d.
    pub fn advance(&mut self, time: f64) {
        let n = self.states.len();
        let tolerances = Tolerances { relative: 1e-10, absolute: vec![1e-12; n], maximum_steps: u64::MAX };
        let mut system = Everything(&mut self.individual, n);
        let reached = self.solver.advance(
            &mut system,
            &tolerances,
            self.time,
            time,
            &mut self.states,
            true,
            &mut self.memory,
            &mut self.counts,
            &mut |_| true,
        );
        self.time = reached.unwrap_or_else(|error| panic!("at {} d: {error:?}", self.time));
    }

    /// A state by its full name, in its own unit.
    pub fn state(&self, name: &str) -> f64 {
        let index = self.model.states.iter().position(|state| state.name == name);
        let index = index.unwrap_or_else(|| panic!("no state {name}"));
        self.model.states[index].unit.show(self.states[index])
    }

    /// All outputs by their full names, in their own units.
    pub fn outputs(&mut self) -> HashMap<&'p str, f64> {
        let mut values = vec![0.0; self.model.outputs.len()];
        self.individual.outputs(self.time, &self.states, &mut values);
        let outputs = self.model.outputs.iter();
        outputs.zip(values).map(|(output, value)| (output.name.as_str(), output.unit.show(value))).collect()
    }
}

/// A CSV of numbers: columns by name, rows in order.
pub struct Table {
    header: Vec<String>,
    pub rows: Vec<Vec<f64>>,
}

impl Table {
    /// Reads a file under `tests/data`.
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut lines = text.lines();
        let header = lines.next().expect("a header").split(',').map(str::to_owned).collect();
        let number = |field: &str| field.parse().unwrap_or_else(|_| panic!("{name}: `{field}` is no number"));
        let rows = lines.map(|line| line.split(',').map(number).collect()).collect();
        Self { header, rows }
    }

    /// The number of a column.
    pub fn column(&self, name: &str) -> usize {
        let found = self.header.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("no column {name}"))
    }

    /// Names of all columns.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &str)> {
        self.header.iter().map(String::as_str).enumerate()
    }
}
