//! What the spread of each result is made of: not knowing the parameters, differences between patients, and the number of
//! virtual patients.

use maud::{Markup, html};

use super::parts::{Page, interval};
use crate::report::manifest::UncertaintyEntry;
use crate::report::number::{capital, count, fixed, significant, unit};
use crate::report::tables::contrast_name;
use crate::trial::{Decomposition, UncertaintyResult};

/// The whole section; empty where the scenario does not say how well parameters are known.
pub fn uncertainty(page: &Page) -> Markup {
    let (Some(found), Some(entry)) = (page.study.uncertainty, &page.manifest.uncertainty) else {
        return html! {};
    };
    html! {
        p {
            "The trial was run again at " (count(entry.draws)) " draws of the population parameters, within what is known of them ("
            (entry.from) "), on the same virtual patients. The spread of a result has three parts. "
            strong { "Uncertainty" } ": how far the result moves because the parameters are not known exactly; more data on the drug would "
            "lessen it. " strong { "Between patients" } ": how far one patient differs from another within a draw; nothing lessens it. "
            strong { "Monte Carlo" } ": how far the result would move on another set of virtual patients of this size; more of them lessen it."
        }
        (losses(entry))
        (parameters(page, entry, found))
        (estimates(page, found))
        (comparisons(page, found))
    }
}

/// Draws that were impossible, lost, or partly failed: never silently.
fn losses(entry: &UncertaintyEntry) -> Markup {
    html! {
        @if entry.rejected > 0 {
            p { (count(entry.rejected)) " impossible draws (a parameter of the wrong sign) were thrown away and drawn again." }
        }
        @if entry.lost > 0 {
            p.alarm { "At " (count(entry.lost)) " draws no population could be drawn; they are left out of everything below." }
        }
        @if entry.failed > 0 {
            p.alarm { (count(entry.failed)) " courses at these draws failed numerically and are left out of the results of their draws." }
        }
    }
}

fn parameters(page: &Page, entry: &UncertaintyEntry, found: &UncertaintyResult) -> Markup {
    let head = html! {
        tr {
            th scope="col" { "Parameter" } th.n scope="col" { "Model" } th scope="col" { "Unit" } th.n scope="col" { "Standard error" }
            th.n scope="col" { "Draws: mean" } th.n scope="col" { "SD" } th.n scope="col" { "2.5 to 97.5 %" }
        }
    };
    let body = html! {
        @for (parameter, spread) in entry.parameters.iter().zip(&found.parameters) {
            tr {
                th scope="row" { code { (parameter.name) } }
                td.n { (significant(parameter.value, 4)) }
                td { (unit(&parameter.unit)) }
                td.n {
                    @match (parameter.standard_error, parameter.scale) {
                        (Some(error), Some(scale)) => { (significant(error, 3)) " (" (scale) ")" }
                        _ => "from the table",
                    }
                }
                td.n { (significant(spread.mean, 4)) }
                td.n { (significant(spread.sd, 3)) }
                td.n { (significant(spread.limits.0, 3)) " to " (significant(spread.limits.1, 3)) }
            }
        }
    };
    page.table(
        "Uncertain parameters and their draws.",
        &head,
        &body,
        "Standard error on the scale of the estimate, which is named.",
        Some("draws"),
    )
}

fn heads(first: &[&str]) -> Markup {
    html! {
        tr {
            @for name in first { th scope="col" { (name) } }
            th.n scope="col" { "At the model’s values" } th.n scope="col" { "Mean of draws (95 % uncertainty interval)" }
            th.n scope="col" { "SD: uncertainty" } th.n scope="col" { "between patients" } th.n scope="col" { "Monte Carlo" }
            th.n scope="col" { "Share of variance, %" }
        }
    }
}

const UNDER: &str = "The uncertainty interval runs from the 2.5th to the 97.5th percentile of the draws’ results, freed from Monte Carlo \
                     noise. Shares of uncertainty, patients and Monte Carlo in the sum of the three variances. A dash: patients have \
                     no values of their own, or the part cannot be told (a time not reached at some draw). NR: not reached.";

fn estimates(page: &Page, found: &UncertaintyResult) -> Markup {
    let body = html! {
        @for endpoint in page.study.endpoints_by_rank() {
            @for ((arm, result), parts) in page.study.arms().zip(&found.arms) {
                @for (estimate, parts) in result.estimates.iter().zip(parts).filter(|(estimate, _)| estimate.endpoint == endpoint) {
                    tr {
                        th scope="row" { (capital(&estimate.label)) @if !unit(&estimate.unit).is_empty() { " (" (unit(&estimate.unit)) ")" } }
                        td { (arm.name) }
                        td.n { (number(estimate.interval.map(|interval| interval.estimate))) }
                        (cells(parts, &estimate.unit, estimate.n))
                    }
                }
            }
        }
    };
    page.table(
        "What the spread of each estimate is made of.",
        &heads(&["Endpoint", "Arm"]),
        &body,
        UNDER,
        Some("endpoints"),
    )
}

fn comparisons(page: &Page, found: &UncertaintyResult) -> Markup {
    let names = page.study.arm_names();
    let body = html! {
        @for (comparison, parts) in page.study.trial.comparisons.iter().zip(&found.comparisons) {
            tr {
                th scope="row" { (capital(&comparison.label)) ", " (contrast_name(comparison.contrast)) }
                td { (names.get(comparison.arm).copied().unwrap_or("")) }
                td.n { (number(comparison.interval.map(|interval| interval.estimate))) }
                (cells(parts, &comparison.unit, comparison.n))
            }
        }
    };
    html! {
        @if !found.comparisons.is_empty() {
            (page.table("What the spread of each comparison with the first arm is made of.", &heads(&["Contrast", "Arm"]), &body, UNDER, Some("comparisons")))
        }
    }
}

fn cells(parts: &Decomposition, unit_name: &str, patients: usize) -> Markup {
    let share = |share: f64| fixed(100.0 * share, 0);
    html! {
        td.n { (interval(parts.interval.as_ref(), unit_name, patients)) }
        td.n { (number(parts.uncertainty)) }
        td.n { (number(parts.between_patients)) }
        td.n { (number(parts.monte_carlo)) }
        td.n {
            @match parts.shares() {
                Some(shares) => { (share(shares.uncertainty)) " / " (share(shares.between_patients)) " / " (share(shares.monte_carlo)) }
                None => "–",
            }
        }
    }
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value.is_infinite() => "NR".to_owned(),
        Some(value) => significant(value, 3),
    }
}
