//! Trials of real size: how far the results of one scatter, how often a test rejects, which arm would be chosen.

use maud::{Markup, html};

use super::parts::Page;
use crate::report::number::{capital, count, fixed, significant, unit};
use crate::report::tables::contrast_name;
use crate::scenario::ReplicateDraw;
use crate::trial::{Predictive, ReplicateResult, Told};

/// The whole section; empty where the scenario asks for no replicates.
pub fn replicates(page: &Page) -> Markup {
    let Some(found) = page.study.replicates else { return html! {} };
    html! {
        p {
            (count(found.number)) " trials with " (count(found.patients)) " patients in each arm were drawn. Each arm of each trial holds different patients, as "
            "parallel groups do. " (origin(page, found)) " ± Monte Carlo standard error."
        }
        @if found.failed > 0 {
            p.alarm { (count(found.failed)) " courses of these trials failed numerically and count as missing." }
        }
        (power(page, found))
        (choice(page, found))
        (estimates(page, found))
        (contrasts(page, found))
    }
}

fn origin(page: &Page, found: &ReplicateResult) -> String {
    match found.draw {
        ReplicateDraw::Resampled => format!(
            "They were drawn with replacement from the {} virtual patients of the run, for every arm anew; the Monte Carlo errors count both the number \
             of trials and that another run would have other patients to draw from (infinitesimal jackknife, Efron 2014).",
            count(page.study.trial.patients.len())
        ),
        ReplicateDraw::New => {
            "All were simulated for this arm of this trial alone; none is in two trials or in the run."
                .to_owned()
        }
    }
}

/// "62 ±1.5" in percent.
fn share(told: Told) -> Markup {
    html! { (fixed(100.0 * told.value, 1)) " %" span.quiet { " ±" (significant(100.0 * told.error, 2)) } }
}

fn power(page: &Page, found: &ReplicateResult) -> Markup {
    let names = page.study.arm_names();
    let head = html! {
        tr {
            th scope="col" { "Tested" } th scope="col" { "Arm" } th scope="col" { "Test" } th.n scope="col" { "Power" }
            th.n scope="col" { "No statistic" }
        }
    };
    let body = html! {
        @for power in &found.tests {
            tr {
                th scope="row" { (capital(&power.label)) }
                td { (names.get(power.arm).copied().unwrap_or("")) }
                td { (power.test) }
                td.n { (share(power.power)) }
                td.n { (fixed(100.0 * power.without, 1)) " %" }
            }
        }
    };
    let reference = names.first().copied().unwrap_or("the first arm");
    html! {
        @if !found.tests.is_empty() {
            (page.table(
                &format!("Power against “{reference}”, two-sided at {}.", significant(found.alpha, 3)),
                &head,
                &body,
                "The share of trials in which the test rejects that the arms are alike. A trial without a test statistic (no event, nobody who differs) does \
                 not reject. Nothing is adjusted for the number of tests.",
                Some("power"),
            ))
        }
    }
}

fn choice(page: &Page, found: &ReplicateResult) -> Markup {
    let Some(choice) = &found.choice else { return html! {} };
    let head = html! { tr { th scope="col" { "Chosen" } th.n scope="col" { "Share of trials" } } };
    let body = html! {
        @for (name, told) in page.study.arm_names().iter().zip(&choice.arms) {
            tr { th scope="row" { (name) } td.n { (share(*told)) } }
        }
        tr { th scope="row" { "No arm" } td.n { (share(choice.nobody)) } }
    };
    page.table(
        &format!("The arm that a trial would choose: {}.", choice.by),
        &head,
        &body,
        "By the estimates of the trial alone; of equals the first arm. No arm: none keeps within the limits, or none has the estimate.",
        Some("choice"),
    )
}

/// "42 (30 to 55)" with the error of the median.
fn predictive(found: &Predictive) -> Markup {
    let show = |told: Option<Told>| told.map_or("–".to_owned(), |it| number(it.value));
    html! {
        (show(found.median)) " (" (show(found.lower)) "\u{a0}to\u{a0}" (show(found.upper)) ")"
        @if let Some(error) = found.median.map(|it| it.error).filter(|it| it.is_finite()) { span.quiet { " ±" (significant(error, 2)) } }
    }
}

fn number(value: f64) -> String {
    if value.is_infinite() { "NR".to_owned() } else { significant(value, 3) }
}

const UNDER: &str = "Median over the trials in which the result exists, and the interval within which 95 % of them lie. NR: not reached.";

fn estimates(page: &Page, found: &ReplicateResult) -> Markup {
    let head = html! { tr { th scope="col" { "Estimate" } (page.arm_heads(66)) } };
    let first = found.arms.first().map_or(&[][..], Vec::as_slice);
    let body = html! {
        @for (place, named) in first.iter().enumerate() {
            tr {
                th scope="row" { (capital(&named.label)) (in_unit(&named.unit)) }
                @for arm in &found.arms { td.n { (arm.get(place).map_or_else(|| html! { "–" }, predictive)) } }
            }
        }
    };
    html! {
        details {
            summary { "Predictive intervals of every estimate" }
            (page.table(&format!("What a trial of {} patients in each arm would estimate.", count(found.patients)), &head, &body, UNDER, Some("replicates")))
        }
    }
}

fn contrasts(page: &Page, found: &ReplicateResult) -> Markup {
    let arms = page.study.trial.arms.len();
    let in_arm = |arm: usize| found.contrasts.iter().filter(move |it| it.arm == arm).collect::<Vec<_>>();
    let first = in_arm(1);
    let head = html! {
        tr {
            th scope="col" { "Contrast" }
            @for name in page.study.arm_names().iter().skip(1) { th.n scope="col" { (name) } }
        }
    };
    let body = html! {
        @for (place, named) in first.iter().enumerate() {
            tr {
                th scope="row" { (capital(&named.label)) small { (named.contrast.map_or("", |it| contrast_name(it).trim_start_matches("paired "))) (in_unit(&named.unit)) } }
                @for arm in 1..arms { td.n { (in_arm(arm).get(place).map_or_else(|| html! { "–" }, |it| predictive(it))) } }
            }
        }
    };
    html! {
        @if !first.is_empty() {
            details {
                summary { "Predictive intervals of every contrast" }
                (page.table("What such a trial would find between an arm and the first.", &head, &body, UNDER, Some("replicates")))
            }
        }
    }
}

fn in_unit(name: &str) -> String {
    match unit(name).as_str() {
        "" => String::new(),
        unit => format!(" ({unit})"),
    }
}
