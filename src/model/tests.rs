//! Models from texts: composition, dimensions, and one test per kind of mistake.

use super::fixture::Texts;
use super::{Formula, Kind, Model, Symbol, check_module, load};
use crate::diagnostic::{Diagnostic, Sources, has_errors, render};

fn load_text(text: &str) -> (Option<Model>, Vec<Diagnostic>, String) {
    load_files(vec![("m", text.to_owned())])
}

fn load_files(files: Vec<(&'static str, String)>) -> (Option<Model>, Vec<Diagnostic>, String) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let files = Texts(files.into_iter().map(|(name, text)| (Kind::Model, name, text)).collect());
    let model = load("m", &files, &mut sources, &mut diagnostics);
    let rendered = render(&diagnostics, &sources, false);
    (model, diagnostics, rendered)
}

const ONE_COMPARTMENT: &str = r#"
title = "One compartment"
time = "h"
[covariates]
WT = { unit = "kg" }
[parameters]
CL_typ = { value = 12, unit = "L/h", tag = "read" }
V_typ = { value = 50, unit = "L" }
ka = { value = 1, unit = "1/h" }
[individual]
CL = { typical = "CL_typ * (WT / 70 kg)^0.75", distribution = "log-normal", cv = "30 %" }
V = { typical = "V_typ", distribution = "log-normal", omega = 0.2, lower = "10 L" }
[[correlation]]
between = ["CL", "V"]
value = 0.5
[states]
depot = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "ka * depot - CL / V * central" }
[doses]
drug = { into = "depot" }
[outputs]
Cp = { unit = "ng/mL", value = "central / V", error = { proportional = "10 %" } }
"#;

#[test]
fn a_model_is_read_and_its_units_erased() {
    let (model, _, rendered) = load_text(ONE_COMPARTMENT);
    let model = model.unwrap_or_else(|| panic!("{rendered}"));
    assert_eq!(model.parameters[0].value, 288.0, "12 L/h are 288 L/d");
    assert_eq!(model.random_effects[0].name, "CL");
    assert!((model.random_effects[0].omega - 0.09_f64.ln_1p().sqrt()).abs() < 1e-15);
    assert!(model.random_effects[1].lower.is_some());
    assert_eq!(model.correlations[0].between, (0, 1));
    assert_eq!(model.outputs[0].unit.show(1.0), 1000.0, "1 mg/L is 1000 ng/mL");
    assert!(matches!(model.outputs[0].formula, Formula::Symbol(Symbol::Equation(_))));
}

/// Replaces `from` in the model above and expects exactly one error whose rendering contains each of `wanted`.
fn mistake(from: &str, to: &str, wanted: &[&str]) {
    assert!(ONE_COMPARTMENT.contains(from), "the test replaces nothing");
    let (model, diagnostics, rendered) = load_text(&ONE_COMPARTMENT.replace(from, to));
    assert!(model.is_none() && has_errors(&diagnostics));
    for text in wanted {
        assert!(rendered.contains(text), "`{text}` is missing from\n{rendered}");
    }
}

#[test]
fn a_forgotten_volume_is_a_dimension_error() {
    mistake("central / V\"", "central\"", &["mass/volume", "mass (mg)", "1/L"]);
}

#[test]
fn milligrams_and_hours_do_not_add() {
    mistake("- CL / V * central", "- CL / V * central + 1 h", &["cannot add"]);
}

#[test]
fn a_logarithm_takes_a_pure_number() {
    mistake("(WT / 70 kg)^0.75", "log(WT)", &["the argument of `log` must be a pure number", "x / 1 mg"]);
}

#[test]
fn an_undefined_name_gets_the_nearest_one() {
    mistake("CL / V * central\"", "CLL / V * central\"", &["`CLL` is not defined", "did you mean"]);
}

#[test]
fn a_name_behind_a_number_is_not_a_unit() {
    let to = |text: &str| format!("{text} * central\"");
    mistake("CL / V * central\"", &to("2 CL"), &["`CL` is not a unit", "write `2 * CL`"]);
    mistake("CL / V * central\"", &to("10 mg/V"), &["`V` is not a unit", "write `10 mg / V`"]);
    mistake("CL / V * central\"", &to("10 mg/Vx"), &["`Vx` is not a unit", "take spaces"]);
    mistake("CL / V * central\"", &to("10 ml"), &["`ml` is not a unit", "did you mean `mL`?"]);
}

#[test]
fn a_unit_torn_apart_is_mended() {
    mistake("CL / V * central\"", "5 mg / L * central\"", &["`L` is not defined", "as in `5 mg/L`"]);
}

#[test]
fn a_cycle_is_named() {
    mistake(
        "[states]",
        "[equations]\na = \"b + 1\"\nb = \"a * 2\"\n[states]",
        &["equations use each other in a circle", "a → b → a"],
    );
}

#[test]
fn a_name_defined_twice_shows_both_places() {
    mistake("[states]", "[equations]\nCL = \"1 L/h\"\n[states]", &["`CL` is defined twice", "first here"]);
}

#[test]
fn an_initial_value_cannot_depend_on_a_state() {
    mistake(
        "rate = \"-ka * depot\"",
        "rate = \"-ka * depot\", initial = \"central\"",
        &["must not depend on a state"],
    );
}

#[test]
fn every_error_of_a_file_is_reported() {
    let text =
        ONE_COMPARTMENT.replace("ka * depot - CL", "kx * depot - CLX").replace("\"ng/mL\"", "\"ngg/mL\"");
    let (_, diagnostics, rendered) = load_text(&text);
    assert!(diagnostics.len() >= 3, "{rendered}");
}

#[test]
fn a_covariate_that_nothing_uses_is_warned_about() {
    let text =
        ONE_COMPARTMENT.replace("WT = { unit = \"kg\" }", "WT = { unit = \"kg\" }\nAGE = { unit = \"y\" }");
    let (model, diagnostics, rendered) = load_text(&text);
    assert!(model.is_some(), "{rendered}");
    assert_eq!(diagnostics.len(), 1);
    assert!(rendered.contains("the covariate `AGE` is never used"), "{rendered}");
}

fn effect_module() -> String {
    r#"
title = "Effect"
time = "h"
[inputs]
C = { unit = "mg/L" }
[parameters]
k = { value = 0.5, unit = "1/h" }
[states]
E = { unit = "mg/L", rate = "k * (C - E)" }
"#
    .to_owned()
}

fn composed(binding: &str) -> Vec<(&'static str, String)> {
    let top = format!(
        "title = \"Both\"\ntime = \"h\"\nuse = [{{ module = \"pk\", as = \"pk\" }}, \
         {{ module = \"effect\", as = \"effect\", inputs = {{ {binding} }} }}]\n\
         [outputs]\nE = {{ unit = \"ng/mL\", value = \"effect.E\" }}\n"
    );
    vec![("m", top), ("pk", ONE_COMPARTMENT.to_owned()), ("effect", effect_module())]
}

#[test]
fn modules_compose_under_their_aliases() {
    let (model, _, rendered) = load_files(composed("C = \"pk.Cp\""));
    let model = model.unwrap_or_else(|| panic!("{rendered}"));
    let states: Vec<&str> = model.states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(states, ["pk.depot", "pk.central", "effect.E"]);
    assert!(model.output("pk.Cp").is_some() && model.output("E").is_some());
}

#[test]
fn an_input_that_nothing_binds_is_an_error() {
    let (model, _, rendered) = load_files(composed(""));
    assert!(model.is_none() && rendered.contains("nothing binds the input `effect.C`"), "{rendered}");
}

#[test]
fn an_input_bound_to_the_wrong_dimension_is_an_error() {
    let (model, _, rendered) = load_files(composed("C = \"pk.central\""));
    assert!(model.is_none() && rendered.contains("mass"), "{rendered}");
}

#[test]
fn a_module_can_be_looked_at_by_itself() {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let files = Texts(vec![(Kind::Model, "m", effect_module())]);
    assert!(check_module("m", &files, &mut sources, &mut diagnostics).is_some());
    assert!(!has_errors(&diagnostics), "{}", render(&diagnostics, &sources, false));
}

#[test]
fn a_module_that_uses_itself_is_an_error() {
    let text = "title = \"Loop\"\ntime = \"h\"\nuse = [{ module = \"m\", as = \"again\" }]\n";
    let (model, _, rendered) = load_text(text);
    assert!(model.is_none() && rendered.contains("uses itself"), "{rendered}");
}
