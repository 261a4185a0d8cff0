//! The model and its sources: modules, parameters with where they come from, variability, equations.

use maud::{Markup, html};

use super::parts::Page;
use crate::model::{Error, Formula, Model, Symbol, Tag};
use crate::report::number::{count, fixed, short, significant, unit};
use crate::report::tables::tag_name;

/// The whole section.
pub fn model(page: &Page) -> Markup {
    let model = page.study.model();
    html! {
        p {
            strong { (model.title) } " (" code { (model.name) } "): " (count(model.states.len())) " states, "
            (count(model.parameters.len())) " parameters, " (count(model.random_effects.len())) " random effects."
        }
        (modules(page, model))
        (tags(model))
        details { summary { "Parameters (" (model.parameters.len()) ")" } (parameters(page, model)) }
        @if !model.random_effects.is_empty() {
            details { summary { "Variability between patients (" (model.random_effects.len()) ")" } (variability(page, model)) }
        }
        details { summary { "Rates of change (" (model.states.len()) " states)" } (states(page, model)) }
        @if !model.equations.is_empty() {
            details { summary { "Equations (" (model.equations.len()) ")" } (equations(page, model)) }
        }
        details { summary { "Outputs and residual error (" (model.outputs.len()) ")" } (outputs(page, model)) }
    }
}

fn modules(page: &Page, model: &Model) -> Markup {
    let head = html! { tr { th scope="col" { "Module" } th scope="col" { "What it is" } th scope="col" { "Sources" } } };
    let body = html! {
        @for module in &model.modules {
            tr {
                th scope="row" { @if module.alias.is_empty() { "whole model" } @else { code { (module.alias) } } }
                td.wide { (module.title) @if !module.about.is_empty() { small { (module.about) } } }
                td.wide { (module.source) }
            }
        }
    };
    page.table("Modules of the model and their sources.", &head, &body, "", None)
}

const TAGS: [(Tag, &str); 4] = [
    (Tag::Read, "taken from the named source"),
    (Tag::Derived, "arithmetic on values that were read"),
    (Tag::Calibrated, "fitted to outcomes of trials, not measured"),
    (Tag::Assumed, "assumed"),
];

fn tags(model: &Model) -> Markup {
    let number = |tag: Tag| model.parameters.iter().filter(|parameter| parameter.tag == tag).count();
    html! {
        p {
            "Where the parameters come from: "
            @for (index, (tag, meaning)) in TAGS.iter().enumerate() {
                @if index > 0 { ", " }
                (number(*tag)) " " span.tag.(tag_name(*tag)) title=(meaning) { (tag_name(*tag)) } " (" (meaning) ")"
            }
            @if number(Tag::Untagged) > 0 { ", " (number(Tag::Untagged)) " without a tag" }
            "."
        }
    }
}

fn parameters(page: &Page, model: &Model) -> Markup {
    let head = html! {
        tr {
            th scope="col" { "Parameter" } th.n scope="col" { "Value" } th scope="col" { "Unit" }
            th scope="col" { "From" } th scope="col" { "Meaning and source" }
        }
    };
    let body = html! {
        @for parameter in &model.parameters {
            tr {
                th scope="row" { code { (parameter.name) } }
                td.n { (significant(parameter.unit.show(parameter.value), 6)) }
                td { (unit(&parameter.unit.name)) }
                td { @if parameter.tag != Tag::Untagged { span.tag.(tag_name(parameter.tag)) { (tag_name(parameter.tag)) } } }
                td.wide { (parameter.about) @if !parameter.source.is_empty() { small { (parameter.source) } } }
            }
        }
    };
    page.table("Population parameters as used.", &head, &body, "", Some("parameters"))
}

fn variability(page: &Page, model: &Model) -> Markup {
    let head = html! {
        tr { th scope="col" { "Random effect" } th scope="col" { "Distribution" } th.n scope="col" { "Standard deviation" } th.n scope="col" { "CV" } }
    };
    let body = html! {
        @for effect in &model.random_effects {
            tr {
                th scope="row" { code { (effect.symbol()) } }
                td { (effect.distribution) @if effect.lower.is_some() || effect.upper.is_some() { ", truncated" } }
                td.n { (significant(effect.unit.show(effect.omega), 4)) " " (unit(&effect.unit.name)) }
                td.n { @if effect.distribution == "log-normal" { (fixed(100.0 * effect.omega.powi(2).exp_m1().sqrt(), 1)) " %" } }
            }
        }
    };
    html! {
        (page.table("Random effects between patients (eta) and between a patient's occasions (kappa).", &head, &body, "CV of a log-normal value: √(exp(ω²) − 1).", None))
        @if !model.correlations.is_empty() {
            h3 { "Correlations" }
            ul {
                @for correlation in &model.correlations {
                    @let name = |index: usize| model.random_effects.get(index).map_or("", |effect| effect.name.as_str());
                    li { code { (name(correlation.between.0)) } " and " code { (name(correlation.between.1)) } ": " (short(correlation.value)) }
                }
            }
        }
    }
}

fn states(page: &Page, model: &Model) -> Markup {
    let head = html! { tr { th scope="col" { "State" } th scope="col" { "Rate of change" } th scope="col" { "At the start" } th scope="col" { "Unit" } } };
    let body = html! {
        @for state in &model.states {
            tr {
                th scope="row" { code { (state.name) } @if !state.about.is_empty() { small { (state.about) } } }
                td.wide { code { (state.text) } }
                td { code { (state.initial_text) } }
                td { (unit(&state.unit.name)) }
            }
        }
    };
    page.table("States and their rates of change.", &head, &body, "", None)
}

fn equations(page: &Page, model: &Model) -> Markup {
    let head =
        html! { tr { th scope="col" { "Name" } th scope="col" { "Equation" } th scope="col" { "Unit" } } };
    let body = html! {
        @for equation in &model.equations {
            tr {
                th scope="row" { code { (equation.name) } @if !equation.about.is_empty() { small { (equation.about) } } }
                td.wide { code { (equation.text) } }
                td { (unit(&equation.unit.name)) }
            }
        }
    };
    page.table("Equations.", &head, &body, "", None)
}

fn outputs(page: &Page, model: &Model) -> Markup {
    let head = html! { tr { th scope="col" { "Output" } th scope="col" { "Equation" } th scope="col" { "Unit" } th scope="col" { "Residual error" } } };
    let body = html! {
        @for output in &model.outputs {
            tr {
                th scope="row" { code { (output.name) } @if !output.about.is_empty() { small { (output.about) } } }
                td.wide { code { (output.text) } }
                td { (unit(&output.unit.name)) }
                td { (output.error.as_ref().map_or("none: read true".to_owned(), |error| residual(model, error, output.unit.unit.factor))) }
            }
        }
    };
    page.table("Outputs and how they are measured.", &head, &body, "", None)
}

/// A residual error in words; `factor` shows an additive one in the output's unit.
fn residual(model: &Model, error: &Error, factor: f64) -> String {
    let constant = |formula: &Formula| match formula {
        Formula::Constant(value) => Some(*value),
        Formula::Symbol(Symbol::Parameter(index)) => {
            model.parameters.get(*index).map(|parameter| parameter.value)
        }
        _ => None,
    };
    let told = |formula: &Option<Formula>, words: &str, scale: f64| {
        let formula = formula.as_ref()?;
        Some(
            constant(formula)
                .map_or_else(|| format!("{words}, by equation"), |v| format!("{words} {}", short(v * scale))),
        )
    };
    let exponential = told(&error.exponential, "log-normal, SD", 1.0).map(|told| {
        let omega = error.exponential.as_ref().and_then(constant);
        let variation = |omega: f64| fixed(100.0 * (omega * omega).exp_m1().sqrt(), 1);
        omega.map_or(told.clone(), |omega| format!("{told} (CV {} %)", variation(omega)))
    });
    let limit = error.limit_of_quantification.map(|limit| format!("BLQ below {}", short(limit / factor)));
    let parts: Vec<String> = [
        told(&error.proportional, "proportional", 1.0),
        told(&error.additive, "additive", 1.0 / factor),
        exponential,
        limit,
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.join("; ")
}
