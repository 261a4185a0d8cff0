//! Arms compared: every later arm against the first, what the pairing gains, and numbers needed to treat.

use maud::{Markup, html};

use super::parts::{Page, interval};
use super::results::{error, labels};
use crate::math::statistics::Interval;
use crate::report::draw::arm_colour;
use crate::report::figures::Place;
use crate::report::number::{capital, count, fixed, significant, unit};
use crate::report::tables::contrast_name;
use crate::trial::{Comparison, Contrast};

/// The whole section; empty with a single arm.
pub fn comparison(page: &Page) -> Markup {
    html! {
        @if !page.study.trial.comparisons.is_empty() {
            (page.figures(Place::Comparison))
            (comparisons(page))
            (definitions(page))
            (numbers_needed(page))
        }
    }
}

/// Every arm against the first.
fn comparisons(page: &Page) -> Markup {
    let trial = page.study.trial;
    let all = || trial.comparisons.iter().map(|c| (c.endpoint, c.label.as_str()));
    let body = html! {
        @for endpoint in page.study.endpoints_by_rank() {
            @for label in labels(endpoint, all()) {
                @let rows: Vec<&Comparison> =
                    trial.comparisons.iter().filter(|c| c.endpoint == endpoint && c.label == label).collect();
                @for (place, contrast) in contrasts(&rows).into_iter().enumerate() {
                    tr.more[place > 0] {
                        th scope="row" { @if place == 0 { (capital(label)) } }
                        td { (contrast_name(contrast)) (contrast_unit(&rows, contrast)) }
                        @for arm in 1..trial.arms.len() {
                            @let found = rows.iter().find(|c| c.arm == arm && c.contrast == contrast);
                            td.n { (found.map_or_else(|| html! { "–" }, |c| cell(page, c))) }
                        }
                    }
                }
            }
        }
    };
    let names = page.study.arm_names();
    let reference = names.first().copied().unwrap_or("the first arm");
    page.table(
        &format!("Each arm against “{reference}”: estimate (95 % interval)."),
        &heads(page, "Contrast"),
        &body,
        "All differences are within the same virtual patients. ± Monte Carlo standard error, given the pairing. Gain: the variance that \
         the same contrast would have between arms of different patients, over the one it has; so many times more patients would be \
         needed without the pairing. p: log-rank test as if the arms held different patients; it depends on the number of \
         virtual patients and is no result of a trial of real size. n is told where pairs are missing. A dash: the contrast does \
         not exist, for instance without any event.",
        Some("comparisons"),
    )
}

/// What the contrasts are, beside the numbers: those that are there.
fn definitions(page: &Page) -> Markup {
    let present = |contrast: Contrast| page.study.trial.comparisons.iter().any(|c| c.contrast == contrast);
    let all = [
        (
            Contrast::PairedRiskDifference,
            "risk in this arm minus risk in the first; limits: Newcombe 1998, method 10 for pairs.",
        ),
        (Contrast::PairedMeanDifference, "mean of the differences within patients; limits: paired t."),
        (
            Contrast::HazardRatio,
            "Cox regression, ties by Efron (1977). Below 1: fewer events per time in this arm. Limits: robust variance with the two courses \
             of a patient as one cluster (Lin and Wei 1989). Cox's own limits, which take the arms for different patients, stand in the \
             table as unpaired_lower and unpaired_upper.",
        ),
        (
            Contrast::LogRank,
            "(events in this arm − those expected if the hazards were equal)/√V, V for arms of different patients (Mantel 1966).",
        ),
        (
            Contrast::RestrictedMeanDifference,
            "difference of the areas under the two Kaplan–Meier curves up to the time named: the mean time gained within it (Irwin 1949).",
        ),
        (
            Contrast::WinRatio,
            "every patient of this arm against every patient of the first; the first endpoint of the hierarchy on which they differ decides. \
             Wins over losses (Pocock et al. 2012; limits: Bebu and Lachin 2016, patients as clusters).",
        ),
        (
            Contrast::MatchedWinRatio,
            "each patient in this arm against the same patient in the first, by the same hierarchy; limits from Wilson's of the share of wins.",
        ),
    ];
    html! {
        dl.definitions {
            @for (contrast, text) in all.into_iter().filter(|(contrast, _)| present(*contrast)) {
                dt { (capital(contrast_name(contrast))) }
                dd { (text) }
            }
        }
    }
}

/// How many patients must be treated otherwise for one more, or one fewer, with the event.
fn numbers_needed(page: &Page) -> Markup {
    let trial = page.study.trial;
    let all = || {
        let differences = trial.comparisons.iter().filter(|c| c.contrast == Contrast::PairedRiskDifference);
        differences.map(|c| (c.endpoint, c.label.as_str()))
    };
    let body = html! {
        @for endpoint in page.study.endpoints_by_rank() {
            @for label in labels(endpoint, all()) {
                tr {
                    th scope="row" { (capital(label)) }
                    @for arm in 1..trial.arms.len() {
                        @let found = trial.comparisons.iter().find(|c| c.arm == arm && c.label == label);
                        td.n {
                            @match found.and_then(Comparison::number_needed) {
                                Some((needed, error)) => {
                                    (needed_text(needed))
                                    @if let Some(error) = error { small { "±" (significant(error, 2)) } }
                                }
                                None => "–",
                            }
                        }
                    }
                }
            }
        }
    };
    let head = html! {
        tr {
            th scope="col" { "Endpoint" }
            (arm_heads(page))
        }
    };
    html! {
        @if all().next().is_some() {
            (page.table(
                "Numbers needed to treat: patients treated in this arm instead of the first for one more or one fewer with the event.",
                &head,
                &body,
                "1/risk difference with 95 % limits. Where the difference may be 0, the interval leads through infinity (Altman 1998): “1 more in 5 to ∞ to 1 \
                 fewer in 30”. Whether more is benefit or harm is for the endpoint to say.",
                Some("comparisons"),
            ))
        }
    }
}

/// "1 more in 12 (1 more in 5 to ∞ to 1 fewer in 30)"; limits without words where they are on the side of the estimate.
pub(super) fn needed_text(needed: Interval) -> String {
    let one = |value: f64| match value {
        value if value.is_infinite() => "∞".to_owned(),
        value => format!("1 {} in {}", if value > 0.0 { "more" } else { "fewer" }, number(value)),
    };
    let Interval { estimate, lower, upper } = needed;
    let limits = if lower > 0.0 && upper < 0.0 {
        // Shown from the side of the estimate.
        let (near, far) = if estimate < 0.0 { (upper, lower) } else { (lower, upper) };
        format!("{} to ∞ to {}", one(near), one(far))
    } else {
        let (low, high) = (lower.abs().min(upper.abs()), lower.abs().max(upper.abs()));
        format!("{} to {}", number(low), number(high))
    };
    format!("{} ({limits})", one(estimate))
}

/// Patients: with a decimal where there are few.
fn number(value: f64) -> String {
    let value = value.abs();
    if value.is_infinite() { "∞".to_owned() } else { fixed(value, usize::from(value < 10.0)) }
}

fn heads(page: &Page, second: &str) -> Markup {
    html! { tr { th scope="col" { "Endpoint" } th scope="col" { (second) } (arm_heads(page)) } }
}

fn arm_heads(page: &Page) -> Markup {
    html! {
        @for (index, name) in page.study.arm_names().iter().enumerate().skip(1) {
            th.n scope="col" style=(format!("color:{}", arm_colour(index))) { (name) }
        }
    }
}

fn contrasts(rows: &[&Comparison]) -> Vec<Contrast> {
    let mut contrasts = Vec::new();
    for row in rows {
        if !contrasts.contains(&row.contrast) {
            contrasts.push(row.contrast);
        }
    }
    contrasts
}

fn contrast_unit(rows: &[&Comparison], contrast: Contrast) -> String {
    let shown = rows.iter().find(|row| row.contrast == contrast).map_or("", |row| row.unit.as_str());
    match (shown, unit(shown).as_str()) {
        (_, "") => String::new(),
        ("%", _) => ", percentage points".to_owned(),
        (_, unit) => format!(", {unit}"),
    }
}

fn cell(page: &Page, comparison: &Comparison) -> Markup {
    let mut notes = Vec::new();
    notes.extend(comparison.variance_gain().map(|gain| format!("gain {}", significant(gain, 2))));
    notes.extend(
        comparison
            .p
            .map(|p| if p < 1e-4 { "p < 0.0001".to_owned() } else { format!("p {}", significant(p, 2)) }),
    );
    if comparison.n != page.study.trial.patients.len() {
        notes.push(format!("n {}", count(comparison.n)));
    }
    let told = interval(comparison.interval.as_ref(), &comparison.unit, comparison.n);
    html! {
        // A ratio without losses is infinite; nothing is "not reached".
        (if comparison.contrast.is_ratio() { told.replace("NR", "∞") } else { told })
        (error(page, comparison.monte_carlo_error))
        @if !notes.is_empty() { small { (notes.join(" · ")) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_needed_are_told_in_words() {
        let told = |estimate, lower, upper| needed_text(Interval { estimate, lower, upper });
        assert_eq!(told(10.0, 4.0, -20.0), "1 more in 10 (1 more in 4.0 to ∞ to 1 fewer in 20)");
        assert_eq!(told(-8.0, -16.0, -4.0), "1 fewer in 8.0 (4.0 to 16)");
        assert_eq!(told(-40.0, 30.0, -12.0), "1 fewer in 40 (1 fewer in 12 to ∞ to 1 more in 30)");
        assert_eq!(told(f64::INFINITY, 2.5, -2.5), "∞ (1 more in 2.5 to ∞ to 1 fewer in 2.5)");
    }
}
