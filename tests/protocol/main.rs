//! Protocols as a user writes them: model and scenario from texts, every patient in every arm simulated.

mod examples;
mod random;

use regimen::diagnostic::{Sources, has_errors, render};
use regimen::model::{Kind, Loader};
use regimen::population::Sampler;
use regimen::program::Program;
use regimen::scenario::{Scenario, Settings, load};
use regimen::simulation::{Trajectory, simulate};

/// The files of one question.
#[derive(Default)]
struct Files {
    model: &'static str,
    scenario: String,
    /// A file of patients.
    patients: &'static str,
    /// Libraries by name.
    libraries: Vec<(&'static str, &'static str)>,
}

impl Loader for Files {
    fn load(&self, kind: Kind, name: &str, _: Option<&str>) -> Result<(String, String), String> {
        let library = self.libraries.iter().find(|(known, _)| *known == name);
        match (kind, library) {
            (Kind::Model, _) => Ok(("model.toml".to_owned(), self.model.to_owned())),
            (Kind::Scenario, _) => Ok(("scenario.toml".to_owned(), self.scenario.clone())),
            (Kind::Population, _) => Ok((name.to_owned(), self.patients.to_owned())),
            (Kind::Library, Some((_, text))) => Ok((format!("{name}.toml"), (*text).to_owned())),
            _ => Err(format!("there is no file {name}")),
        }
    }
}

impl Files {
    /// Every patient in every arm, arm by arm.
    fn run(&self) -> (Scenario, Vec<Trajectory>) {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let scenario = load("scenario", &Settings::default(), self, &mut sources, &mut diagnostics);
        diagnostics.retain(|finding| has_errors(std::slice::from_ref(finding)));
        let scenario = scenario.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)));
        let program = Program::compile(&scenario.model);
        let sampler = Sampler::new(&scenario, &program).expect("a population");
        let mut trajectories = Vec::new();
        for arm in 0..scenario.arms.len() {
            for number in 0..scenario.patients {
                let patient = sampler.patient(number).expect("a patient");
                trajectories.push(simulate(&scenario, &program, &patient, arm));
            }
        }
        (scenario, trajectories)
    }
}
