//! The page of a difference: what was changed, what it changes, for whom, and why.

use maud::{Markup, html};

use super::Amendment;
use super::tables::shown;
use crate::math::statistics::Interval;
use crate::report::draw::arm_colour;
use crate::report::manifest::PROGRAM;
use crate::report::number::{capital, count, percent, significant, unit};
use crate::report::page::{document, fact, interval, limits_of, table, wide};
use crate::report::run::RunInfo;
use crate::report::study::rank;
use crate::report::tables::contrast_name;
use crate::trial::{ArmDifference, Comparison, Contrast, EndpointChange, PatientChange};

/// Patients listed for each arm; the table has them all.
const LISTED: usize = 60;
/// Outcomes told for each of them.
const TOLD: usize = 4;

/// The page as HTML.
pub fn html(found: Amendment, run: &RunInfo) -> String {
    let title = format!("{} against {}", found.names[1], found.names[0]);
    let body = html! {
        (opening(found, run))
        section id="keys" { h2 { "What was changed" } (keys(found)) }
        @for (place, arm) in found.difference.arms.iter().enumerate() {
            section id={ "arm-" (place) } {
                h2 style=(format!("color:{}", arm_colour(place))) { (arm.name) }
                (of_arm(found, arm))
            }
        }
        @let limits = limits_of(found.scenarios);
        @if !limits.0.is_empty() { section id="limits" { h2 { "Context of use and limits" } (limits) } }
        section id="reading" { h2 { "How to read this" } (reading()) }
        footer { "Simulated by " (PROGRAM) " " (run.version) ", " (run.started) ", seed " (found.scenarios[0].seed) ". Virtual patients; no person was treated." }
    };
    document(&title, &format!("{PROGRAM} {}", run.version), &html! {}, &body)
}

fn opening(found: Amendment, run: &RunInfo) -> Markup {
    let difference = found.difference;
    html! {
        header {
            p.kicker { "Difference of two protocols · " (PROGRAM) " " (run.version) " · " (run.started) }
            h1 { (found.scenarios[1].title) }
            p.lead { "The same " (count(difference.patients)) " virtual patients were treated by both versions; each is compared with himself." }
            @for note in &difference.notes { p.alarm { (note) } }
            dl.facts {
                (fact("Patients", count(difference.patients)))
                (fact("Arms of both", count(difference.arms.len())))
                (fact("Seed", found.scenarios[0].seed.to_string()))
                (wide("First", found.names[0]))
                (wide("Second", found.names[1]))
            }
            @for (side, names) in ["first", "second"].iter().zip(&difference.other_arms) {
                @if !names.is_empty() { p { "Only in the " (side) ", and not compared: " (names.join("; ")) "." } }
            }
            @if !difference.other_endpoints.is_empty() {
                p { "Endpoints that are not in both, or are of another kind there: " (difference.other_endpoints.join("; ")) "." }
            }
        }
    }
}

fn keys(found: Amendment) -> Markup {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    html! {
        @if found.keys.is_empty() { p { "Nothing that says something about the trial differs between the two files." } } @else {
            (table(
                "Keys that differ, the libraries included.",
                &html! { tr { th scope="col" { "Key" } th scope="col" { "First" } th scope="col" { "Second" } } },
                &html! {
                    @for key in found.keys {
                        tr { th scope="row" { code { (key.path) } } td.wide { (or_dash(&key.first)) } td.wide { (or_dash(&key.second)) } }
                    }
                },
                "Titles, meanings and the order of keys are no differences.",
                "keys",
            ))
        }
    }
}

fn of_arm(found: Amendment, arm: &ArmDifference) -> Markup {
    let patients = found.difference.patients - arm.failed;
    let parted = patients - arm.same;
    let other = arm.changes.iter().filter(|change| !change.outcomes.is_empty()).count();
    html! {
        p {
            strong { (count(parted)) " of " (count(patients)) " patients" } " are treated otherwise or fare otherwise from some day on; "
            strong { (count(other)) } " have another value of some endpoint."
        }
        @if arm.failed > 0 { p.alarm { (count(arm.failed)) " patients failed numerically in one of the two and are left out." } }
        (causes(arm, patients))
        (effects(found, arm))
        (people(found, arm))
    }
}

fn causes(arm: &ArmDifference, patients: usize) -> Markup {
    html! {
        @if !arm.causes.is_empty() {
            (table(
                "Why: the first thing that one course has and the other has not.",
                &html! { tr { th scope="col" { "Cause" } th.n scope="col" { "Patients" } th.n scope="col" { "with another outcome" } } },
                &html! {
                    @for cause in &arm.causes {
                        tr {
                            th scope="row" { (capital(&cause.kind)) }
                            td.n { (count(cause.patients)) " (" (percent(cause.patients, patients)) ")" }
                            td.n { (count(cause.outcomes)) }
                        }
                    }
                },
                "Decisions, doses and hazard events in time order, by what they did. What follows from the first difference is not counted again.",
                "causes",
            ))
        }
    }
}

fn effects(found: Amendment, arm: &ArmDifference) -> Markup {
    let mut endpoints: Vec<&EndpointChange> = arm.endpoints.iter().filter(|it| it.changed > 0).collect();
    endpoints.sort_by_key(|it| rank(&found.scenarios[0].endpoints[it.endpoint].kind));
    let unchanged: Vec<&str> = arm
        .endpoints
        .iter()
        .filter(|it| it.changed == 0)
        .map(|it| found.scenarios[0].endpoints[it.endpoint].name.as_str())
        .collect();
    let head = html! {
        tr {
            th scope="col" { "Endpoint" } th.n scope="col" { "First" } th.n scope="col" { "Second" } th scope="col" { "Contrast" }
            th.n scope="col" { "Second against first" } th.n scope="col" { "Changed" }
        }
    };
    let body = html! {
        @for endpoint in endpoints {
            @for comparison in endpoint.comparisons.iter().filter(|it| it.contrast != Contrast::LogRank) { (effect(endpoint, comparison)) }
        }
    };
    html! {
        (table("Effect within the same patients: estimate (95 % interval).", &head, &body,
            "± Monte Carlo standard error, given the pairing. Changed: patients with another value; of yes and no, how many have it only in the second \
             (+) and only in the first (−).", "effects"))
        @if !unchanged.is_empty() { p { "The same in every patient: " (unchanged.join("; ")) "." } }
    }
}

fn effect(endpoint: &EndpointChange, comparison: &Comparison) -> Markup {
    let estimates = endpoint.estimates.iter().find(|[a, _]| a.label == comparison.label);
    let cell = |side: usize| {
        estimates
            .and_then(|both| both[side].interval)
            .map_or("–".to_owned(), |it| significant(it.estimate, 3))
    };
    let share = endpoint.shares.iter().find(|(label, ..)| *label == comparison.label);
    html! {
        tr {
            th scope="row" { (capital(&comparison.label)) }
            td.n { (cell(0)) }
            td.n { (cell(1)) }
            td { (contrast_name(comparison.contrast)) @if comparison.unit != "1" { ", " (unit(&comparison.unit)) } }
            td.n {
                (interval(comparison.interval.as_ref(), &comparison.unit, comparison.n))
                @if let Some(error) = comparison.monte_carlo_error { span.quiet { " ±" (significant(error, 2)) } }
            }
            td.n {
                @match share {
                    Some((_, gained, lost)) => { "+" (count(*gained)) " −" (count(*lost)) }
                    None => (count(endpoint.changed)),
                }
            }
        }
    }
}

fn people(found: Amendment, arm: &ArmDifference) -> Markup {
    let mut people: Vec<&PatientChange> = arm.changes.iter().collect();
    people.sort_by_key(|change| (std::cmp::Reverse(change.outcomes.len().min(1)), change.patient));
    let all = people.len();
    people.truncate(LISTED);
    let head = html! { tr { th.n scope="col" { "Patient" } th.n scope="col" { "Day" } th scope="col" { "The courses part by" } th scope="col" { "Outcomes: first → second" } } };
    let body = html! { @for change in people { (person(found, change)) } };
    let under = format!(
        "{} of {} patients, those with another outcome first. The whole list, with every outcome, is in the tables.",
        count(LISTED.min(all)),
        count(all)
    );
    html! {
        @if all > 0 {
            details open[all <= 12] {
                summary { "The patients" }
                (table("Who is treated or fares otherwise, since when, and why.", &head, &body, &under, "patients"))
            }
        }
    }
}

fn person(found: Amendment, change: &PatientChange) -> Markup {
    let mut outcomes: Vec<_> = change.outcomes.iter().collect();
    outcomes.sort_by_key(|(endpoint, ..)| rank(&found.scenarios[0].endpoints[*endpoint].kind));
    html! {
        tr {
            td.n { (change.patient + 1) }
            td.n { @match &change.cause { Some(cause) => (significant(cause.time + 1.0, 4)), None => "–" } }
            td.wide {
                @match &change.cause {
                    Some(cause) => {
                        (capital(&cause.kind))
                        @if let Some(signal) = &cause.signal { " (" (signal) ")" }
                        small {
                            @let [first, second] = &cause.happened;
                            @if !first.is_empty() { "first: " (first) }
                            @if !first.is_empty() && !second.is_empty() { "; " }
                            @if !second.is_empty() { "second: " (second) }
                        }
                    }
                    None => "nothing that is logged: an endpoint is defined otherwise, or the model is another",
                }
            }
            td.wide {
                @for (endpoint, first, second) in outcomes.iter().take(TOLD) {
                    @let definition = &found.scenarios[0].endpoints[*endpoint];
                    div { (definition.name) ": " (shown(definition, first)) " → " (shown(definition, second)) }
                }
                @if outcomes.len() > TOLD { small { "and " (outcomes.len() - TOLD) " more" } }
                @if outcomes.is_empty() { "the same" }
            }
        }
    }
}

fn reading() -> Markup {
    html! {
        ul {
            li { "A virtual patient is the same person in both: the same covariates and random effects, the same errors of measurement at the same visits, and the same luck with infections and other events." }
            li { "“Only in the first”: the course in the first scenario has it on that day, the one in the second has not. A rule is named that decided it." }
            li { "Differences are the second scenario minus the first; hazard ratios below 1 mean fewer events per time in the second. Risk: Newcombe 1998, method 10; means: paired t; hazard ratios: Cox regression with robust variance, the two courses of a patient as one cluster (Lin and Wei 1989)." }
            li { "The intervals say how far the effect would move on other virtual patients, and nothing about how well the model fits the world." }
        }
    }
}

/// An effect in one line, for the terminal: "+7.2 (4.1 to 10.3)".
pub fn plain(found: &Interval) -> String {
    let [estimate, lower, upper] = [found.estimate, found.lower, found.upper].map(|it| significant(it, 3));
    format!("{estimate} ({lower} to {upper})")
}
