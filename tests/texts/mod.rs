//! Texts in place of files, for tests that need a model, a scenario, or a trial that nobody watches.

// Each test file uses its own part of this.
#![allow(dead_code)]

use regimen::diagnostic::{Sources, has_errors, render};
use regimen::model::{self, Kind, Loader, Model};
use regimen::scenario::{self, Scenario, Settings};
use regimen::trial::{self, NoLog, Progress, Trial};

/// One text of each kind, whatever its name.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    pub model: String,
    pub scenario: String,
    /// A table of draws of the population parameters.
    pub draws: String,
}

impl Loader for Texts {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let shown = if name.contains('.') { name.to_owned() } else { format!("{name}.toml") };
        match kind {
            Kind::Model => Ok((shown, self.model.clone())),
            Kind::Scenario => Ok((shown, self.scenario.clone())),
            Kind::Draws => Ok((shown, self.draws.clone())),
            _ => Err(format!("there is no `{name}`")),
        }
    }
}

impl Texts {
    /// The scenario, which must be without fault.
    pub fn scenario(&self) -> Scenario {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let found = scenario::load("s", &Settings::default(), self, &mut sources, &mut diagnostics);
        found.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)))
    }
}

/// The scenario of a text on the model of another.
pub fn scenario(model: &str, text: &str) -> Scenario {
    Texts { model: model.to_owned(), scenario: text.to_owned(), ..Texts::default() }.scenario()
}

/// The model of a text, or what is wrong with it.
pub fn model(text: &str) -> Result<Model, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let texts = Texts { model: text.to_owned(), ..Texts::default() };
    let model = model::load("model", &texts, &mut sources, &mut diagnostics);
    let errors: Vec<_> =
        diagnostics.into_iter().filter(|found| has_errors(std::slice::from_ref(found))).collect();
    model.ok_or_else(|| render(&errors, &sources, false))
}

/// Nobody watches, and nobody interrupts.
pub struct Silent;

impl Progress for Silent {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Runs a trial.
pub fn trial(scenario: &Scenario, threads: usize) -> Trial {
    trial::run(scenario, threads, &Silent, &NoLog).unwrap_or_else(|error| panic!("{error:?}"))
}
