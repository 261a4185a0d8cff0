//! Every file under `models/` is read by the checker: modules stand alone, the composing files hold together.

use std::path::{Path, PathBuf};

use regimen::diagnostic::{Sources, render};
use regimen::model::{Kind, Loader, check_module};

use crate::follow::{Models, model};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("models/ can be listed") {
        let path = entry.expect("an entry of models/").path();
        let skipped =
            ["populations", "rules", "endpoints", "grades", "cards"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !skipped {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_module_is_read_without_an_error_and_without_a_warning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut found = Vec::new();
    files(&root, &mut found);
    assert!(found.len() >= 17, "models/ holds {} files", found.len());
    for path in found {
        let name = path.strip_prefix(&root).expect("inside models/").with_extension("");
        let name = name.to_str().expect("a plain name");
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let checked = check_module(name, &Models, &mut sources, &mut diagnostics);
        let text = render(&diagnostics, &sources, false);
        assert!(checked.is_some() && diagnostics.is_empty(), "{name}:\n{text}");
    }
}

#[test]
fn every_parameter_says_what_it_is_where_it_comes_from_and_how_sure_that_is() {
    for name in ["lenalidomide-cll", "neutropenia", "pk/lenalidomide-hughes2019", "cll/neutrophils-friberg"] {
        for parameter in model(name).parameters {
            assert!(!parameter.about.is_empty(), "{name}: {} has no about", parameter.name);
            assert!(!parameter.source.is_empty(), "{name}: {} has no source", parameter.name);
            assert_ne!(parameter.tag, regimen::model::Tag::Untagged, "{name}: {}", parameter.name);
        }
    }
}

#[test]
fn published_and_alternative_modules_fit_into_the_composed_model() {
    /// Answers for the composing file with one module replaced.
    struct Replaced(&'static str, &'static str, &'static str);
    impl Loader for Replaced {
        fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String> {
            let (shown, text) = Models.load(kind, name, beside)?;
            let Self(module, other, inputs) = self;
            let text = text.replace(&format!("\"{module}\""), &format!("\"{other}\"")).replace(inputs, "");
            Ok((shown, text))
        }
    }
    let published =
        Replaced("pk/lenalidomide", "pk/lenalidomide-hughes2019", "inputs = { gfr = \"lysis.gfr\" } ");
    let friberg = Replaced("cll/neutrophils", "cll/neutrophils-friberg", "\u{0}");
    for (loader, own) in [(published, "pk.crcl_exponent"), (friberg, "neutrophils.gamma")] {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let found = regimen::model::load("lenalidomide-cll", &loader, &mut sources, &mut diagnostics);
        let text = render(&diagnostics, &sources, false);
        let Some(found) = found else { panic!("{}:\n{text}", loader.1) };
        assert!(found.parameters.iter().any(|parameter| parameter.name == own), "{} is not in", loader.1);
    }
}

#[test]
fn the_example_in_the_documentation_is_sound() {
    struct Example(String);
    impl Loader for Example {
        fn load(&self, _: Kind, _: &str, _: Option<&str>) -> Result<(String, String), String> {
            Ok(("docs/model-file.md".to_owned(), self.0.clone()))
        }
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/model-file.md");
    let page = std::fs::read_to_string(page).expect("docs/model-file.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = Example(example.expect("a block of TOML").to_owned());
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let found = regimen::model::load("example", &example, &mut sources, &mut diagnostics);
    assert!(found.is_some() && diagnostics.is_empty(), "{}", render(&diagnostics, &sources, false));
}
