//! Whether the numbers can be trusted as numbers: method, tolerance, cost, failures; and the manifest.

use maud::{Markup, html};

use super::parts::Page;
use crate::report::number::{count, fixed, short};
use crate::report::study::Study;
use crate::report::tables::LISTINGS;
use crate::trial::FailedCourse;

/// Courses that failed, each with the name of its arm.
fn failures<'a>(study: Study<'a>) -> impl Iterator<Item = (&'a str, &'a FailedCourse)> {
    study.arms().flat_map(|(arm, result)| result.failures.iter().map(|failed| (arm.name.as_str(), failed)))
}

/// A notice at the top of the page when patients failed.
pub fn alarm(study: Study) -> Markup {
    let n = failures(study).count();
    let all = study.trial.arms.len() * study.trial.patients.len();
    html! {
        @if n > 0 {
            p.alarm {
                strong { (count(n)) " of " (count(all)) " simulated courses failed numerically." }
                " They are left out of every estimate and listed under " a href="#numerics" { "numerical health" } "."
            }
        }
    }
}

/// Method, tolerance, cost and failures.
pub fn numerics(page: &Page) -> Markup {
    let study = page.study;
    let numerics = &page.manifest.numerics;
    let head = html! {
        tr {
            th scope="col" { "Arm" } th.n scope="col" { "Patients" } th.n scope="col" { "Steps" } th.n scope="col" { "Rejected" }
            th.n scope="col" { "Evaluations" } th.n scope="col" { "Evaluations per patient" } th.n scope="col" { "Failed" }
        }
    };
    let body = html! {
        @for arm in &page.manifest.arms {
            tr {
                th scope="row" { (arm.name) }
                td.n { (count(arm.patients)) } td.n { (count(arm.counts.steps)) }
                td.n {
                    (count(arm.counts.rejected))
                    @let tried = arm.counts.steps + arm.counts.rejected;
                    @if tried > 0 { small { (fixed(100.0 * arm.counts.rejected as f64 / tried as f64, 1)) " %" } }
                }
                td.n { (count(arm.counts.evaluations)) }
                td.n { @if arm.patients > 0 { (count(arm.counts.evaluations / arm.patients as u64)) } }
                td.n { (count(arm.failed)) }
            }
        }
    };
    html! {
        p {
            "Method " strong { (numerics.method) } ", relative tolerance " strong { (scientific(numerics.relative_tolerance)) }
            ", absolute tolerance by state, at most " (count(numerics.maximum_steps)) " steps per patient and arm. "
            "The simulation took " (short(page.manifest.simulation_seconds)) " s on " (page.manifest.threads)
            @if page.manifest.threads == 1 { " thread." } @else { " threads." }
        }
        (page.table("Numerical cost and failures.", &head, &body, "", None))
        (failed(page, study))
        (super::verification::verification(page))
    }
}

/// A tolerance as 10 to a power where it is one.
fn scientific(value: f64) -> String {
    format!("{value:e}").replace('-', "−")
}

fn failed(page: &Page, study: Study) -> Markup {
    let head = html! {
        tr { th scope="col" { "Arm" } th.n scope="col" { "Patient" } th.n scope="col" { "Day" } th scope="col" { "State" } th scope="col" { "What happened, likely cause" } }
    };
    let body = html! {
        @for (arm, FailedCourse { patient, failure }) in failures(study).take(50) {
            tr {
                th scope="row" { (arm) } td.n { (patient + 1) } td.n { (fixed(failure.time + 1.0, 2)) }
                td { @if let Some(state) = failure.state.and_then(|state| study.model().states.get(state)) { code { (state.name) } } }
                td.wide { (failure.what) small { (failure.cause) } }
            }
        }
    };
    html! {
        @if failures(study).next().is_some() {
            (page.table("Patients that failed numerically.", &head, &body, "At most 50 are shown.", Some("failures")))
        } @else { p { "No patient failed numerically." } }
    }
}

/// What the tables of a very large trial leave out.
fn listed(page: &Page) -> Markup {
    html! {
        @if let Some(listed) = page.manifest.listed_patients {
            p {
                strong { "Patients 1 to " (count(listed)) " of " (count(page.study.trial.patients.len())) " are listed" }
                " in " (LISTINGS.map(|name| format!("{name}.csv")).join(", "))
                ": a list of all would be too long. Every other table and every number on this page is over all patients."
            }
        }
        @if let Some(listed) = page.manifest.listed_trajectories {
            p { "trajectories.parquet holds the courses of patients 1 to " (count(listed)) "." }
        }
    }
}

/// What was run, from which texts, with which settings.
pub fn manifest(page: &Page) -> Markup {
    let manifest = page.manifest;
    let line = |name: &str, value: &str| html! { tr { th scope="row" { (name) } td { (value) } } };
    let head = html! { tr { th scope="col" { "Item" } th scope="col" { "Value" } } };
    let body = html! {
        (line("Program", &format!("{} {}, {}", manifest.program, manifest.version, manifest.platform)))
        tr { th scope="row" { "Command" } td { code { (manifest.command) } } }
        (line("Started", &manifest.started))
        (line("Wall time", &format!("{} s", short(manifest.wall_seconds))))
        (line("Scenario", &manifest.scenario.name))
        (line("Model", &manifest.scenario.model))
        (line("Seed", &manifest.scenario.seed.to_string()))
        (line("Virtual patients", &manifest.scenario.patients.to_string()))
        (line("Steps and evaluations", &format!("{} and {}", count(manifest.counts.steps), count(manifest.counts.evaluations))))
        @for setting in &manifest.settings { (line(&format!("Setting {}", setting.name), &setting.value)) }
    };
    let texts_head =
        html! { tr { th scope="col" { "Text" } th.n scope="col" { "Bytes" } th scope="col" { "SHA-256" } } };
    let texts = html! {
        @for source in &manifest.sources {
            tr { th scope="row" { code { (source.name) } } td.n { (count(source.bytes)) } td { code { (source.sha256) } } }
        }
    };
    html! {
        (page.table("What was run.", &head, &body, "The whole manifest is in manifest.json. The same texts, seed and version give the same numbers for any number of threads.", None))
        @if !manifest.sources.is_empty() {
            details { summary { "Texts that were read (" (manifest.sources.len()) ")" } (page.table("Texts that were read, with their hashes.", &texts_head, &texts, "", None)) }
        }
        (listed(page))
        details {
            summary { "Files of this run" }
            ul { @for file in &manifest.files { li { a href=(file) { (file) } } } }
        }
    }
}
