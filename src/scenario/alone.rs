//! Libraries and populations looked at by themselves, without the scenario and model that they serve.
//!
//! What can be seen without a model is checked: form, keys, equations, and for a population the units and the order of
//! its covariates. The names of outputs, drugs and patients' values are checked with a scenario that uses the file.

use super::library::Declarations;
use super::{covariates, enrolment, population_file};
use crate::diagnostic::{Diagnostic, FileId, Sources, Text};
use crate::document::Table;
use crate::expression;
use crate::model::{Kind, Loader};

/// Checks a library of signals, rules, endpoints, records, groups and notes.
pub fn check_library(
    name: &str,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some((_, file, text)) = read(Kind::Library, name, loader, sources, diagnostics) else { return };
    let mut declarations = Declarations::default();
    declarations.read_library(file, &text, diagnostics);
    for signal in &mut declarations.signals {
        condition(signal, "when", diagnostics);
        condition(signal, "value", diagnostics);
    }
    for (_, rule, _) in &mut declarations.rules {
        condition(rule, "when", diagnostics);
        condition(rule, "dose", diagnostics);
        if let Some(mut give) = rule.table("give", diagnostics) {
            condition(&mut give, "until", diagnostics);
        }
        if let Some(mut resume) = rule.table("resume", diagnostics) {
            condition(&mut resume, "when", diagnostics);
        }
    }
    for group in &mut declarations.groups {
        condition(group, "when", diagnostics);
    }
}

/// Checks a population file.
pub fn check_population(
    name: &str,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some((shown, file, text)) = read(Kind::Population, name, loader, sources, diagnostics) else {
        return;
    };
    let Some(contents) = population_file::read(file, &text, shown, loader, sources, diagnostics) else {
        return;
    };
    let names: Vec<String> = contents.declared.iter().map(|covariate| covariate.name.value.clone()).collect();
    let covariates = covariates::check(contents.declared, diagnostics);
    enrolment::correlations(&contents.correlations, &covariates, &names, diagnostics);
    for (condition, _) in &contents.entry {
        expression::parse(condition, diagnostics);
    }
}

fn read(
    kind: Kind,
    name: &str,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, FileId, String)> {
    match loader.load(kind, name, None) {
        Ok((shown, text)) => {
            let file = sources.add(shown.clone(), text.clone());
            Some((shown, file, text))
        }
        Err(why) => {
            diagnostics.push(Diagnostic::plain(why));
            None
        }
    }
}

/// Whether the text under a key is an expression.
fn condition(table: &mut Table, key: &'static str, diagnostics: &mut Vec<Diagnostic>) {
    let written: Option<Text> = table.text(key, diagnostics);
    if let Some(text) = written {
        expression::parse(&text, diagnostics);
    }
}
