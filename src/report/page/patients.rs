//! Who the virtual patients are: how they were drawn, and their baseline.

use maud::{Markup, html};

use super::parts::Page;
use crate::model::NamedUnit;
use crate::population::Rejection;
use crate::report::number::{capital, count, count_percent, fixed, short, unit};
use crate::trial::percentiles;

/// Drawing, baseline table, individual parameters.
pub fn patients(page: &Page) -> Markup {
    html! { (drawing(page)) (baseline(page)) (individual(page)) }
}

fn drawing(page: &Page) -> Markup {
    let trial = page.study.trial;
    let population = &page.study.scenario.population;
    html! {
        p {
            strong { (population.title) } ". "
            @if !population.source.is_empty() { "Source: " (population.source) ". " }
            @if !page.study.scenario.variability {
                "Variability is off: this is the typical patient, without random effects and residual error."
            } @else if trial.rejections.is_empty() {
                "Every draw met the entry criteria and the model's requirements."
            } @else {
                (fixed(100.0 * trial.acceptance, 0)) " % of the draws met the entry criteria and the model's "
                "requirements and were accepted; the others were drawn again."
            }
        }
        @if !trial.rejections.is_empty() {
            ul {
                @for (reason, n) in &trial.rejections { li { (count(*n)) " drawn again: " (reason_text(page, *reason)) } }
            }
        }
    }
}

fn reason_text(page: &Page, reason: Rejection) -> Markup {
    let (text, about) = match reason {
        Rejection::Entry(index) => page
            .study
            .scenario
            .population
            .entry
            .get(index)
            .map(|entry| (entry.text.as_str(), entry.about.as_str())),
        Rejection::Requirement(index) => {
            page.study.model().requirements.get(index).map(|need| (need.text.as_str(), need.about.as_str()))
        }
    }
    .unwrap_or(("an entry criterion", ""));
    html! { "not " code { (text) } @if !about.is_empty() { " (" (about) ")" } }
}

/// What a row is about. A flag described as "1: male, 0: female" is the share of males.
fn meaning(name: &str, about: &str, flag: bool) -> String {
    if about.is_empty() {
        return name.to_owned();
    }
    match about.strip_prefix("1: ") {
        Some(yes) if flag => capital(yes.split(", 0").next().unwrap_or(yes)),
        _ => capital(about),
    }
}

/// A row of percentiles, or of a count for a flag whose values are all 0 or 1.
fn row(name: &str, about: &str, named: &NamedUnit, values: &[f64], flag: bool) -> Markup {
    let mut shown: Vec<f64> =
        values.iter().map(|value| named.show(*value)).filter(|v| v.is_finite()).collect();
    let flag = flag && named.name == "1" && !shown.is_empty() && shown.iter().all(|v| *v == 0.0 || *v == 1.0);
    let yes = shown.iter().filter(|v| **v == 1.0).count();
    let found = percentiles(0.0, &mut shown);
    html! {
        tr {
            th scope="row" { (meaning(name, about, flag)) @if !about.is_empty() { " " code.quiet { (name) } } }
            td { (unit(&named.name)) }
            @if flag {
                td.n { (count_percent(yes, shown.len())) } td.n {} td.n {}
            } @else if let Some(p) = found {
                td.n { (short(p.p50)) }
                td.n { (short(p.p05)) " to " (short(p.p95)) }
                td.n { (short(shown[0])) " to " (short(shown[shown.len() - 1])) }
            } @else { td.n { "–" } td.n { "–" } td.n { "–" } }
        }
    }
}

fn head(first: &str) -> Markup {
    html! {
        tr {
            th scope="col" { (first) } th scope="col" { "Unit" } th.n scope="col" { "Median or n (%)" }
            th.n scope="col" { "5th to 95th percentile" } th.n scope="col" { "Range" }
        }
    }
}

fn baseline(page: &Page) -> Markup {
    let study = page.study;
    let covariates = &study.scenario.population.covariates;
    let column = |index: usize| -> Vec<f64> {
        study.trial.patients.iter().filter_map(|p| p.population_covariates.get(index).copied()).collect()
    };
    let at_start = &study.trial.first_visits;
    let body = html! {
        tr.group { th scope="rowgroup" colspan="5" { "Covariates" } }
        @for (index, covariate) in covariates.iter().enumerate() {
            (row(&covariate.name, &covariate.about, &covariate.unit, &column(index), true))
        }
        @if at_start.iter().any(|values| !values.is_empty()) {
            tr.group { th scope="rowgroup" colspan="5" { "At the first visit, before treatment (true values)" } }
            @for (output, values) in study.scenario.key_outputs().into_iter().zip(at_start) {
                @let described = &study.model().outputs[output];
                @if values.iter().any(|value| *value != values[0]) {
                    (row(&described.name, &described.about, &described.unit, values, false))
                }
            }
        }
    };
    page.table(
        &format!(
            "The {} virtual patients at the start, the same in every arm.",
            count(study.trial.patients.len())
        ),
        &head("Characteristic"),
        &body,
        "",
        Some("patients"),
    )
}

fn individual(page: &Page) -> Markup {
    let constants = &page.summary.constants;
    let equations = &page.study.model().equations;
    let body = html! {
        @for position in &constants.individual {
            @let equation = &equations[constants.equations[*position]];
            (row(&equation.name, &equation.about, &equation.unit, &constants.column(*position), false))
        }
    };
    html! {
        @if !constants.individual.is_empty() {
            details {
                summary { "Individual parameters of the virtual patients (" (constants.individual.len()) ")" }
                (page.table("Individual parameters: typical value, covariates and random effect together.", &head("Parameter"), &body, "", Some("patients")))
            }
        }
    }
}
