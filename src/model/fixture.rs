//! Texts in place of files, for the tests of every room that needs a model or a scenario.

use super::{Kind, Loader, Model, load};
use crate::diagnostic::{Sources, render};

/// One compartment, the same in every patient.
pub const ONE_COMPARTMENT: &str = r#"
title = "A drug"
time = "h"
[parameters]
cl = { value = 5, unit = "L/h" }
v = { value = 40, unit = "L" }
[states]
central = { unit = "mg", rate = "-cl / v * central" }
[doses]
drug = { into = "central" }
[outputs]
Cp = { unit = "ng/mL", value = "central / v" }
"#;

/// Files by kind and name.
#[derive(Debug, Clone)]
pub struct Texts(pub Vec<(Kind, &'static str, String)>);

impl Loader for Texts {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let found = self.0.iter().find(|(known, file, _)| *known == kind && *file == name);
        let shown = if name.contains('.') { name.to_owned() } else { format!("{name}.toml") };
        found.map(|(.., text)| (shown, text.clone())).ok_or_else(|| format!("there is no file `{name}`"))
    }
}

/// The model of a text without fault, and what it was read from.
pub fn model_and_sources(text: &str) -> (Model, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let texts = Texts(vec![(Kind::Model, "m", text.to_owned())]);
    let model = load("m", &texts, &mut sources, &mut diagnostics);
    let told = render(&diagnostics, &sources, false);
    (model.unwrap_or_else(|| panic!("{told}")), sources)
}

/// The model of a text without fault.
pub fn model_of(text: &str) -> Model {
    model_and_sources(text).0
}
