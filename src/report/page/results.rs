//! Results: endpoints by arm, exposure, how low counts fell, and how each endpoint is defined.

use maud::{Markup, html};

use super::parts::{Page, interval, spread};
use crate::endpoint::Value;
use crate::report::definition::sentence;
use crate::report::number::{capital, count, fixed, labelled, significant, unit};
use crate::report::study::measured_or_true;
use crate::scenario::{EndpointDefinition, EndpointKind, Strategy};
use crate::trial::{Estimate, Percentiles, Period, percentiles};

/// Labels of an endpoint in order of first appearance.
pub(super) fn labels<'t>(endpoint: usize, all: impl Iterator<Item = (usize, &'t str)>) -> Vec<&'t str> {
    let mut labels: Vec<&str> = Vec::new();
    for (of, label) in all {
        if of == endpoint && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

/// What a label says beyond the name of its endpoint: "grade 3-4" of "neutropenia: grade 3-4".
fn measure<'t>(label: &'t str, name: &str) -> &'t str {
    match label.strip_prefix(name).map(|rest| rest.trim_start_matches([':', ',', ' '])) {
        Some("") => "patients",
        Some(rest) => rest,
        None => label,
    }
}

/// Endpoints by arm.
pub fn endpoints(page: &Page) -> Markup {
    let trial = page.study.trial;
    let estimates =
        || trial.arms.iter().flat_map(|arm| &arm.estimates).map(|e| (e.endpoint, e.label.as_str()));
    let head =
        html! { tr { th scope="col" { "Endpoint" } th scope="col" { "Measure" } (page.arm_heads(54)) } };
    let body = html! {
        @for endpoint in page.study.endpoints_by_rank() {
            @let name = &page.study.scenario.endpoints[endpoint].name;
            @let shared = shared_n(page, endpoint);
            @for (row, label) in labels(endpoint, estimates()).into_iter().enumerate() {
                tr.more[row > 0] {
                    th scope="row" {
                        @if row == 0 {
                            (capital(name))
                            @if let Some(n) = shared.filter(|n| *n != trial.patients.len()) { small { "n " (count(n)) } }
                        }
                    }
                    td.measure[trial.arms.len() <= 3] { (measure(label, name)) (estimate_unit(page, endpoint, label)) }
                    @for arm in &trial.arms {
                        @let found = arm.estimates.iter().find(|e| e.endpoint == endpoint && e.label == label);
                        td.n { (found.map_or_else(|| html! { "–" }, |found| estimate(page, found, shared))) }
                    }
                }
            }
            @if !labels(endpoint, estimates()).is_empty() {
                tr.definition { td colspan=(trial.arms.len() + 2) { (definition(page, endpoint)) } }
            }
        }
    };
    page.table(
        &format!("Endpoints by arm: estimate (95 % interval) of {} virtual patients.", count(trial.patients.len())),
        &head,
        &body,
        "± Monte Carlo standard error: how far the estimate would move on another set of virtual patients of this size; it \
         says nothing about how well the model fits the world. NR: not reached. n is told where patients are missing.",
        Some("endpoints"),
    )
}

/// The definition that stands beside the numbers: the file's own, or else what the program computes.
fn definition(page: &Page, endpoint: usize) -> String {
    match page.study.scenario.endpoints[endpoint].about.as_str() {
        "" => sentence(page.study, endpoint),
        about => about.to_owned(),
    }
}

/// Shares by restaging or cycle, one table for each endpoint that has them.
pub fn periods(page: &Page, responses: bool) -> Markup {
    let arms = &page.study.trial.arms;
    let Some(first) = arms.first() else { return html! {} };
    html! {
        @for (place, found) in first.periods.iter().enumerate().filter(|(_, it)| (it.word == "restaging") == responses) {
            @let name = &page.study.scenario.endpoints[found.endpoint].name;
            @let head = html! {
                tr {
                    th scope="col" { "Arm" } th scope="col" { (capital(found.word)) } th.n scope="col" { "Day" } th.n scope="col" { "n" }
                    @for (label, ..) in &found.shares { th.n scope="col" { (label) } }
                }
            };
            @let body = html! {
                @for (arm, result) in page.study.arms() {
                    @for (row, period) in result.periods[place].periods.iter().enumerate() {
                        tr.more[row > 0] {
                            th scope="row" { @if row == 0 { (arm.name) } }
                            td { (period.number) } td.n { (count(period.time.floor() as usize + 1)) } td.n { (count(period.n())) }
                            @for (_, from, to) in &found.shares { td.n { (share(period, *from, *to)) } }
                        }
                    }
                }
            };
            (page.table(
                &format!("{}: % of patients (95 % interval).", capital(name)),
                &head,
                &body,
                &format!("{} n: patients with a value then.", definition(page, found.endpoint)),
                Some("periods"),
            ))
        }
    }
}

fn share(period: &Period, from: usize, to: usize) -> String {
    let percent = |value: f64| fixed(100.0 * value, 0);
    period.share(from, to).map_or_else(
        || "–".to_owned(),
        |(it, _)| format!("{} ({}–{})", percent(it.estimate), percent(it.lower), percent(it.upper)),
    )
}

/// The number of patients behind all estimates of an endpoint in all arms, if it is one number.
fn shared_n(page: &Page, endpoint: usize) -> Option<usize> {
    let estimates = page.study.trial.arms.iter().flat_map(|arm| &arm.estimates);
    let mut numbers = estimates.filter(|estimate| estimate.endpoint == endpoint).map(|estimate| estimate.n);
    let first = numbers.next()?;
    numbers.all(|n| n == first).then_some(first)
}

/// The unit of an estimate as the end of its measure.
fn estimate_unit(page: &Page, endpoint: usize, label: &str) -> String {
    let mut estimates = page.study.trial.arms.iter().flat_map(|arm| &arm.estimates);
    let found = estimates.find(|estimate| estimate.endpoint == endpoint && estimate.label == label);
    match found.map_or(String::new(), |estimate| unit(&estimate.unit)).as_str() {
        "" => String::new(),
        unit => format!(" ({unit})"),
    }
}

fn estimate(page: &Page, estimate: &Estimate, shared: Option<usize>) -> Markup {
    html! {
        (interval(estimate.interval.as_ref(), &estimate.unit, estimate.n))
        (error(page, estimate.monte_carlo_error))
        @if shared.is_none() { small { "n " (count(estimate.n)) } }
    }
}

/// The Monte Carlo error behind an interval, below it where many arms leave no room.
pub(super) fn error(page: &Page, monte_carlo_error: Option<f64>) -> Markup {
    let narrow = page.study.scenario.arms.len() > 3;
    html! {
        @if let Some(error) = monte_carlo_error {
            @if narrow { small { "±" (significant(error, 2)) } } @else { span.quiet { " ±" (significant(error, 2)) } }
        }
    }
}

/// Exposure by arm and group: median with 5th and 95th percentile.
pub fn exposure(page: &Page) -> Markup {
    let study = page.study;
    let first = page.summary.exposure.first().map_or(&[][..], Vec::as_slice);
    let head = html! { tr { th scope="col" { "Exposure" } (page.arm_heads(66)) } };
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
                        span.quiet { " n " (cell.map_or(0, |c| c.n)) }
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
    let head = html! { tr { th scope="col" { "Endpoint" } (page.arm_heads(54)) } };
    let body = html! {
        @for endpoint in &wanted {
            @let definition = &study.scenario.endpoints[*endpoint];
            tr {
                th scope="row" { (labelled(&capital(&definition.name), &definition.unit.name)) }
                @for arm in &study.trial.arms {
                    @let found = arm.values.get(*endpoint).and_then(|values| over_patients(values));
                    td.n {
                        @match found {
                            Some(p) => {
                                (spread(definition.unit.show(p.p50), definition.unit.show(p.p05), definition.unit.show(p.p95)))
                                @if p.n != study.trial.patients.len() { span.quiet { " n " (p.n) } }
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

fn over_patients(values: &[Value]) -> Option<Percentiles> {
    let number = |value: &Value| if let Value::Quantity(x) = value { Some(*x) } else { None };
    percentiles(0.0, &mut values.iter().filter_map(number).filter(|x| x.is_finite()).collect::<Vec<f64>>())
}

/// How each endpoint is defined, censored and read.
pub fn definitions(page: &Page) -> Markup {
    let study = page.study;
    let head = html! { tr { th scope="col" { "Endpoint" } th scope="col" { "Definition" } th scope="col" { "Estimand and censoring" } th scope="col" { "Reads" } } };
    let body = html! {
        @for index in study.endpoints_by_rank() {
            @let endpoint = &study.scenario.endpoints[index];
            tr {
                th scope="row" { strong { (capital(&endpoint.name)) } }
                td.wide { (endpoint.about) small { "Computed: " (sentence(study, index)) } }
                td.wide { (endpoint.estimand) }
                td { (read(endpoint)) }
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

/// Measured or true values, and when; without the restriction to treatment where the estimand lifts it.
fn read(endpoint: &EndpointDefinition) -> &'static str {
    let told = measured_or_true(&endpoint.kind);
    match endpoint.strategy {
        Strategy::TreatmentPolicy | Strategy::WhileOnTreatment(_) => told.trim_end_matches(" on treatment"),
        Strategy::AsDefined | Strategy::NoDropout | Strategy::NoDiscontinuation => told,
    }
}
