//! The rules of each arm beside the truth, and what the replay of a sample found.

use maud::{Markup, html};

use super::parts::Page;
use crate::report::number::{count, fixed};
use crate::trial::summary::RuleCoverage;

/// What the numbers mean, printed under the table.
const DEFINITIONS: &str = "Looked at: times that the rule's condition was asked. True: as measured. Acted: without resuming. \
     Justified: the rule acted, and its condition was as true of the true values at the same visits (with their own baselines, nadirs \
     and spans) as of the measured ones. False: it acted, and the true values did not bear it out. Missed: visits at which the \
     true values met the condition and the measured ones did not, though the rule could have acted (it did not hold already, and \
     the drug was still to be given); not asked of steps up and co-medication. Missed days: from such a visit to the next time that \
     the rule was looked at. Patients who failed numerically are left out.";

/// The section; empty where no arm has a rule and nothing was replayed.
pub fn audit(page: &Page) -> Markup {
    let study = page.study;
    html! {
        @if study.arms().any(|(_, result)| !result.audit.is_empty()) {
            (rules(page))
            (reasons(page))
        }
        (replays(page))
    }
}

fn rules(page: &Page) -> Markup {
    let head = html! {
        tr {
            th scope="col" { "Arm" } th scope="col" { "Rule" }
            @for name in ["Looked at", "True", "Acted", "Justified", "False", "Missed", "Missed days"] {
                th.n scope="col" { (name) }
            }
        }
    };
    let body = html! {
        @for (arm, result) in page.study.arms() {
            @for rule in &result.audit { (row(&arm.name, rule)) }
        }
    };
    page.table(
        "Rules beside the truth, over all patients of the arm",
        &head,
        &body,
        DEFINITIONS,
        Some("audit"),
    )
}

fn row(arm: &str, rule: &RuleCoverage) -> Markup {
    let counts = &rule.counts;
    let cell = |times: u64| html! { td.n { (count(usize::try_from(times).unwrap_or(usize::MAX))) } };
    html! {
        tr {
            td { (arm) } th scope="row" { (rule.name) }
            @for times in
                [counts.looked, counts.met, counts.acted, counts.justified, counts.unjustified, counts.missed] { (cell(times)) }
            td.n { (fixed(counts.missed_minutes as f64 / 1440.0, 0)) }
        }
    }
}

/// Which alternatives were ever the reason, where there is more than one.
fn reasons(page: &Page) -> Markup {
    let several = |rule: &&RuleCoverage| rule.alternatives.len() > 1;
    let rows =
        || page.study.arms().flat_map(|(arm, result)| result.audit.iter().map(move |rule| (arm, rule)));
    if !rows().any(|(_, rule)| several(&rule)) {
        return html! {};
    }
    let head = html! {
        tr {
            th scope="col" { "Arm" } th scope="col" { "Rule" } th scope="col" { "Alternative" } th.n scope="col" { "Acted" }
        }
    };
    let body = html! {
        @for (arm, rule) in rows().filter(|(_, rule)| several(rule)) {
            @for (alternative, times) in rule.alternatives.iter().zip(&rule.counts.reasons) {
                tr {
                    td { (arm.name) } th scope="row" { (rule.name) } td { (alternative) }
                    td.n { @if *times == 0 { "never" } @else { (times) } }
                }
            }
        }
    };
    let under =
        "Times that the rule acted and this was the first of its alternatives that was true as measured.";
    page.table("For which of their alternatives the rules acted", &head, &body, under, Some("rule-reasons"))
}

fn replays(page: &Page) -> Markup {
    let replays =
        || page.study.arms().flat_map(|(arm, result)| result.replays.iter().map(move |found| (arm, found)));
    let all = replays().count();
    let equal: Vec<_> = replays().filter_map(|(_, found)| found.outcome.as_ref().ok()).collect();
    let values: usize = equal.iter().map(|equal| equal.values).sum();
    html! {
        @if all > 0 {
            p {
                "Replay: the realised dosing of " (all) " courses was given back as a table of records, without any rule; "
                (equal.len()) " of them came out the same to the last bit (" (count(values)) " values: outputs at every stop, \
                recorded courses, events)."
            }
            @for (arm, found) in replays() {
                @if let Err(differs) = &found.outcome {
                    p.alarm {
                        "Patient " (found.patient + 1) " in “" (arm.name) "” differs from day " (fixed(differs.time + 1.0, 2))
                        " on, in " (differs.what) ". This is a fault of the program: do not trust this run."
                    }
                }
            }
        }
    }
}
