//! Results: endpoints by arm, comparisons, exposure, how low counts fell, and how each endpoint is defined.

use maud::{Markup, html};

use super::parts::{Page, interval, spread};
use crate::endpoint::Value;
use crate::report::number::{capital, count, short, significant, unit, with_unit};
use crate::report::study::measured_or_true;
use crate::report::summary::percentiles;
use crate::report::tables::contrast_name;
use crate::scenario::EndpointKind;
use crate::trial::{Comparison, Estimate};

/// Labels in order of first appearance, with the endpoint that they belong to.
fn labels<'t>(all: impl Iterator<Item = (usize, &'t str)>) -> Vec<(usize, &'t str)> {
    let mut labels: Vec<(usize, &str)> = Vec::new();
    for item in all {
        if !labels.contains(&item) {
            labels.push(item);
        }
    }
    labels.sort_by_key(|item| item.0);
    labels
}

/// Endpoints by arm.
pub fn endpoints(page: &Page) -> Markup {
    let trial = page.study.trial;
    let estimates = trial.arms.iter().flat_map(|arm| &arm.estimates);
    let labels = labels(estimates.map(|estimate| (estimate.endpoint, estimate.label.as_str())));
    let head = html! { tr { th scope="col" { "Endpoint" } (page.arm_heads()) } };
    let body = html! {
        @for (endpoint, label) in labels {
            tr {
                th scope="row" { (capital(label)) }
                @for arm in &trial.arms {
                    @let found = arm.estimates.iter().find(|e| e.endpoint == endpoint && e.label == label);
                    td.n { (found.map_or_else(|| html! { "–" }, estimate)) }
                }
            }
        }
    };
    page.table(
        "Endpoints by arm: estimate with 95 % interval.",
        &head,
        &body,
        "Second line: patients the estimate is based on, and its Monte Carlo standard error — how far it would move on \
         another set of virtual patients of this size. It says nothing about how well the model fits the world.",
        Some("endpoints"),
    )
}

fn estimate(estimate: &Estimate) -> Markup {
    html! {
        (interval(estimate.interval.as_ref(), &estimate.unit))
        small {
            "n " (count(estimate.n))
            @if estimate.missing > 0 { ", " (count(estimate.missing)) " missing" }
            @if let Some(error) = estimate.monte_carlo_error { ", MC ± " (significant(error, 2)) }
        }
    }
}

/// Every arm against the first.
pub fn comparisons(page: &Page) -> Markup {
    let trial = page.study.trial;
    let names = page.study.arm_names();
    let mut rows: Vec<(usize, &str, &str)> = Vec::new();
    for comparison in &trial.comparisons {
        let row = (comparison.endpoint, comparison.label.as_str(), contrast_name(comparison.contrast));
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| row.0);
    let head = html! {
        tr {
            th scope="col" { "Endpoint" } th scope="col" { "Contrast" }
            @for (index, name) in names.iter().enumerate().skip(1) {
                th.n scope="col" style=(format!("color:{}", crate::report::draw::arm_colour(index))) { (name) }
            }
        }
    };
    let body = html! {
        @for (endpoint, label, contrast) in rows {
            tr {
                th scope="row" { (capital(label)) }
                td { (contrast) }
                @for arm in 1..names.len() {
                    @let found = trial.comparisons.iter().find(|c| {
                        c.arm == arm && c.endpoint == endpoint && c.label == label && contrast_name(c.contrast) == contrast
                    });
                    td.n { (found.map_or_else(|| html! { "–" }, comparison)) }
                }
            }
        }
    };
    let reference = names.first().copied().unwrap_or("the first arm");
    page.table(
        &format!("Each arm against “{reference}”: estimate with 95 % interval."),
        &head,
        &body,
        "Differences are within the same virtual patients (risk: Newcombe 1998, method 10; mean: paired t). Hazard ratio: Cox \
         regression, ties by Efron (1977). A dash: the contrast does not exist, for instance without any event.",
        Some("comparisons"),
    )
}

fn comparison(comparison: &Comparison) -> Markup {
    let shown = if comparison.unit == "%" { "%-points" } else { comparison.unit.as_str() };
    let text = match (&comparison.interval, shown) {
        (Some(found), "%-points") => interval(Some(found), "%").replace("\u{a0}%", "\u{a0}points"),
        (found, unit) => interval(found.as_ref(), unit),
    };
    html! {
        (text)
        small {
            "n " (count(comparison.n))
            @if let Some(error) = comparison.monte_carlo_error { ", MC ± " (significant(error, 2)) }
        }
    }
}

/// Exposure by arm and group: median with 5th and 95th percentile.
pub fn exposure(page: &Page) -> Markup {
    let study = page.study;
    let first = page.summary.exposure.first().map_or(&[][..], Vec::as_slice);
    let head = html! { tr { th scope="col" { "Exposure" } (page.arm_heads()) } };
    let body = html! {
        @for (row, exposure) in first.iter().enumerate() {
            @let definition = &study.scenario.endpoints[exposure.endpoint];
            @if row == 0 || first[row - 1].endpoint != exposure.endpoint {
                tr.group {
                    th scope="rowgroup" colspan=(study.scenario.arms.len() + 1) {
                        (capital(&definition.name)) " (" (unit(&definition.unit.name)) ")"
                    }
                }
            }
            tr.detail {
                th scope="row" { (exposure.group) }
                @for arm in &page.summary.exposure {
                    @let cell = arm.get(row);
                    td.n {
                        (cell.and_then(|c| c.quantiles).map_or("–".to_owned(), |q| spread(q.median, q.low, q.high)))
                        small { "n " (cell.map_or(0, |c| c.n)) }
                    }
                }
            }
        }
    };
    html! {
        @if !first.is_empty() {
            (page.table("Exposure by group: median (5th to 95th percentile).", &head, &body, "True concentrations at the recorded times.", Some("exposure")))
        }
    }
}

/// Whether an endpoint says how low counts fell, when, and for how long.
fn is_nadir(kind: &EndpointKind) -> bool {
    matches!(
        kind,
        EndpointKind::Nadir { .. } | EndpointKind::NadirDay { .. } | EndpointKind::DaysBelow { .. }
    )
}

/// How low counts fell: percentiles over patients.
pub fn nadirs(page: &Page) -> Markup {
    let study = page.study;
    let wanted: Vec<usize> = (0..study.scenario.endpoints.len())
        .filter(|i| is_nadir(&study.scenario.endpoints[*i].kind))
        .collect();
    let head = html! { tr { th scope="col" { "Endpoint" } (page.arm_heads()) } };
    let body = html! {
        @for endpoint in &wanted {
            @let definition = &study.scenario.endpoints[*endpoint];
            tr {
                th scope="row" { (capital(&definition.name)) small { (unit(&definition.unit.name)) } }
                @for arm in &study.trial.arms {
                    @let found = arm.values.get(*endpoint).and_then(|values| over_patients(values));
                    td.n {
                        @match found {
                            Some(p) => {
                                (spread(definition.unit.show(p.p50), definition.unit.show(p.p05), definition.unit.show(p.p95)))
                                small { "n " (p.n) }
                            }
                            None => "–",
                        }
                    }
                }
            }
        }
    };
    html! {
        @if !wanted.is_empty() {
            (page.table("How low counts fell, when, and for how long: median (5th to 95th percentile of patients).", &head, &body, "Measured values at visits on treatment.", Some("values")))
        }
    }
}

fn over_patients(values: &[Value]) -> Option<crate::report::summary::Percentiles> {
    let number = |value: &Value| if let Value::Quantity(x) = value { Some(*x) } else { None };
    percentiles(0.0, &mut values.iter().filter_map(number).filter(|x| x.is_finite()).collect::<Vec<f64>>())
}

/// How each endpoint is defined, censored and read.
pub fn definitions(page: &Page) -> Markup {
    let study = page.study;
    let head = html! { tr { th scope="col" { "Endpoint" } th scope="col" { "Definition" } th scope="col" { "Estimand and censoring" } th scope="col" { "Reads" } } };
    let body = html! {
        @for endpoint in &study.scenario.endpoints {
            tr {
                th scope="row" { strong { (capital(&endpoint.name)) } }
                td.wide { (endpoint.about) @if let Some(limits) = limits(page, &endpoint.kind) { small { (limits) } } }
                td.wide { (endpoint.estimand) }
                td { (measured_or_true(&endpoint.kind)) }
            }
        }
    };
    page.table(
        "How each endpoint is defined.",
        &head,
        &body,
        "A value that cannot be had from a patient is missing with its reason (column “missing”), never counted as a \
         value.",
        Some("values"),
    )
}

fn limits(page: &Page, kind: &EndpointKind) -> Option<String> {
    let EndpointKind::WorstGrade { output, thresholds, falling, .. } = kind else { return None };
    let output = page.study.model().outputs.get(*output)?;
    let sign = if *falling { "<" } else { "≥" };
    let parts: Vec<String> = thresholds
        .iter()
        .enumerate()
        .filter(|(_, limit)| limit.is_finite())
        .map(|(index, limit)| format!("grade {}: {sign} {}", index + 1, short(output.unit.show(*limit))))
        .collect();
    Some(format!(
        "{}, {}: {}",
        output.name,
        with_unit(1.0, &output.unit.name).trim_start_matches('1').trim(),
        parts.join(", ")
    ))
}
