//! The page of a validation: the verdict, the scoreboard, contradictions, kinds, what is to follow, how to read it.

use maud::{Markup, PreEscaped, html};

use super::Validation;
use super::figure::{Drawn, arms};
use crate::math::statistics::quantile;
use crate::report::manifest::PROGRAM;
use crate::report::number::{capital, count, fixed, significant};
use crate::report::page::{document, fact, limits_of, paragraphs, table, wide};
use crate::report::run::RunInfo;
use crate::validation::{FailedCourses, Outcome, PRIOR_SCALE, Scored, ScoredMedian, Totals};

/// Days of a month, as the units have it.
const MONTH: f64 = 365.25 / 12.0;

/// The page as HTML.
pub fn html(found: Validation<'_>, figures: &[(Drawn, String)], run: &RunInfo) -> String {
    let title = format!("Validation: {}", found.outcomes.title);
    let body = html! {
        (opening(found, run))
        section id="summary" { h2 { "Over all outcomes" } (summary(found)) }
        section id="scoreboard" { h2 { "Scoreboard" } (scoreboard(found, figures)) }
        section id="contradictions" { h2 { "Contradictions" } (contradictions(found)) }
        section id="medians" { h2 { "Median times" } (medians(found)) }
        section id="kinds" { h2 { "Kinds of outcomes" } (kinds(found)) }
        section id="trials" { h2 { "Trials and scenarios" } (trials(found)) }
        @let limits = limits_of(found.read);
        @if !limits.0.is_empty() { section id="limits" { h2 { "Context of use and limits" } (limits) } }
        section id="reading" { h2 { "How to read this" } (reading(found)) }
        footer { "Simulated by " (PROGRAM) " " (run.version) ", " (run.started) ". Virtual patients; no person was treated." }
    };
    document(&title, &format!("{PROGRAM} {}", run.version), &html! {}, &body)
}

fn opening(found: Validation<'_>, run: &RunInfo) -> Markup {
    let settings: Vec<String> =
        found.settings.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    html! {
        header {
            p.kicker { "Validation · " (PROGRAM) " " (run.version) " · " (run.started) }
            h1 { (found.outcomes.title) }
            (paragraphs(&found.outcomes.about, "lead"))
            @if found.ensemble.is_none() {
                p.alarm { "No ensemble of parameters was given: the predictions hold the uncertainty of trials and patients, not that of the parameters." }
            }
            @if !found.scoreboard.unanswered.is_empty() {
                p.alarm { (capital(&found.scoreboard.unanswered.iter().map(|it| found.not_predicted(it)).collect::<Vec<_>>().join(". "))) "." }
            }
            @if !found.scoreboard.failed.is_empty() {
                p.alarm {
                    strong { "Simulated courses failed numerically." }
                    " Patients that fail are no random ones, and what they ask of is predicted without them: "
                    (found.scoreboard.failed.iter().map(FailedCourses::told).collect::<Vec<_>>().join(". ")) "."
                }
            }
            dl.facts {
                (fact("Trials", count(found.outcomes.trials.len())))
                (fact("Virtual patients per arm", count(found.patients)))
                (fact("Sets of parameters", count(found.scoreboard.members)))
                (fact("Seed", found.seed.map_or("the scenarios' own".to_owned(), |seed| seed.to_string())))
                @if let Some(ensemble) = found.ensemble { (wide("Ensemble", ensemble)) }
                @if !settings.is_empty() { (wide("Set in all scenarios", settings.join("; "))) }
            }
        }
    }
}

fn summary(found: Validation<'_>) -> Markup {
    let head = html! { tr {
        th scope="col" { "Outcomes" } th.n scope="col" { "Number" } th.n scope="col" { "In 95 %" } th.n scope="col" { "In 50 %" }
        th.n scope="col" { "Middle half" } th.n scope="col" { "Median in Wilson" } th.n scope="col" { "Log score" } th.n scope="col" { "Constant" }
        th.n scope="col" { "Gain per outcome" }
    } };
    let body = html! {
        (totals("Calibration", &found.scoreboard.calibration))
        (totals("Not seen by the model", &found.scoreboard.others))
        @for (kind, sums) in &found.scoreboard.kinds { (totals(&capital(&found.outcomes.kinds[*kind].name), sums)) }
    };
    let all = &found.scoreboard.calibration;
    html! {
        (table("How many observed counts lie where the predictions expect them; below the calibration's by kind.", &head, &body,
            "In brackets what a true prediction would have on average: counts are discrete, and intervals hold more than their name says. Middle half: \
             the same with counts split where the quartiles cut through them, half of the number on average. Log scores are natural logarithms, added up.", "kinds"))
        @if all.comparable > 0 {
            p {
                "Over the " (count(all.comparable)) " calibration outcomes of whose kind another trial tells a rate, the log score is "
                (fixed(all.comparable_log_score, 1)) " against " (fixed(all.comparable_constant, 1)) " of the constant predictor."
            }
        }
    }
}

fn totals(name: &str, sums: &Totals) -> Markup {
    let gain = (sums.log_score - sums.constant) / sums.outcomes.max(1) as f64;
    html! { tr {
        th scope="row" { (name) } td.n { (count(sums.outcomes)) }
        td.n { (count(sums.in_most)) span.quiet { " (" (fixed(sums.expected_most, 1)) ")" } }
        td.n { (count(sums.in_half)) span.quiet { " (" (fixed(sums.expected_half, 1)) ")" } }
        td.n { (fixed(sums.middle, 1)) }
        td.n { (count(sums.medians_in_wilson)) }
        td.n { (fixed(sums.log_score, 1)) } td.n { (fixed(sums.constant, 1)) } td.n { (fixed(gain, 2)) }
    } }
}

fn scoreboard(found: Validation<'_>, figures: &[(Drawn, String)]) -> Markup {
    let head = html! { tr {
        th scope="col" { "Outcome" } th.n scope="col" { "Observed" } th.n scope="col" { "Predicted, %" } th.n scope="col" { "Median" }
        th.n scope="col" { "50 %" } th.n scope="col" { "95 %" } th scope="col" { "Inside" } th.n scope="col" { "Log score" } th.n scope="col" { "Constant" }
    } };
    let main = |it: &&Scored| found.outcomes.at(it.place).version_of.is_none();
    let body = html! { @for it in found.scoreboard.scored.iter().filter(main) { (scored_row(found, it, &label(found, it))) } };
    html! {
        @for (place, (drawn, svg)) in figures.iter().enumerate() {
            figure {
                div.scroll { (PreEscaped(svg)) }
                figcaption {
                    b { "Figure " (place + 1) ". " (drawn.heading) } " " (drawn.caption) " "
                    span.links {
                        a href={ "figures/" (drawn.scene.name) ".svg" } { "SVG" } " · "
                        a href={ "figures/" (drawn.scene.name) ".png" } { "PNG" }
                    }
                }
            }
        }
        details { summary { "All outcomes as a table" }
            (table("Every outcome with its prediction; counts of patients of a trial of that size.", &head, &body,
                "* served for calibration. ° in-sample though not fitted. † turned back from a percentage. ± Monte Carlo standard error.", "scoreboard"))
        }
    }
}

fn label(found: Validation<'_>, it: &Scored) -> String {
    let outcome = found.outcomes.at(it.place);
    let mark = match (outcome.calibration, &outcome.in_sample) {
        (true, _) => " *",
        (_, Some(_)) => " °",
        _ => "",
    };
    format!("{}: {}{}{mark}", found.outcomes.trials[it.place.trial].name, arms(found, it), outcome.name)
}

fn scored_row(found: Validation<'_>, it: &Scored, label: &str) -> Markup {
    let outcome = found.outcomes.at(it.place);
    let verdict = it.verdict.as_ref();
    let range = |(low, high): (usize, usize)| format!("{low}–{high}");
    let inside = match verdict {
        None => "to follow",
        Some(it) if it.in_half => "50 %",
        Some(it) if it.in_most => "95 %",
        Some(_) => "outside",
    };
    html! { tr {
        th scope="row" { (label) @if !outcome.note.is_empty() { small { (outcome.note) } } }
        td.n {
            @match it.observed {
                Some(events) => { (significant(events, 3)) "/" (it.of) @if outcome.pseudo.is_some() { " †" } }
                None => { "of " (it.of) }
            }
        }
        td.n { (fixed(100.0 * it.predicted, 1)) span.quiet { " ±" (fixed(100.0 * it.monte_carlo, 1)) } }
        td.n { (it.median) } td.n { (range(it.half)) } td.n { (range(it.most)) }
        td { @if inside == "outside" { b { "outside" } } @else { (inside) } }
        td.n { (verdict.map_or("–".to_owned(), |it| fixed(it.log_score, 2))) }
        td.n { (verdict.map_or("–".to_owned(), |it| fixed(it.constant.log_score, 2))) @if verdict.is_some_and(|it| it.constant.rate.is_none()) { " ‡" } }
    } }
}

/// Outcomes that were published in several versions, each scored.
fn contradictions(found: Validation<'_>) -> Markup {
    let head = html! { tr {
        th scope="col" { "Outcome" } th.n scope="col" { "Observed" } th.n scope="col" { "Predicted, %" } th.n scope="col" { "Median" }
        th.n scope="col" { "50 %" } th.n scope="col" { "95 %" } th scope="col" { "Inside" } th.n scope="col" { "Log score" } th.n scope="col" { "Constant" }
    } };
    let several = |it: &&Scored| {
        let outcomes = &found.outcomes.trials[it.place.trial].outcomes;
        let main = outcomes[it.place.outcome].version_of.unwrap_or(it.place.outcome);
        outcomes.iter().any(|other| other.version_of == Some(main))
    };
    let named = |it: &Scored| {
        let outcome = found.outcomes.at(it.place);
        let which = if outcome.version_of.is_some() { "another version" } else { "as scored above" };
        format!(
            "{} ({which}, {})",
            label(found, it),
            if outcome.source.is_empty() { "no source" } else { &outcome.source }
        )
    };
    let body = html! { @for it in found.scoreboard.scored.iter().filter(several) { (scored_row(found, it, &named(it))) } };
    html! {
        (table("Figures that were published in several versions: each is scored, the first counts.", &head, &body,
            "† turned back from a percentage. ‡ no other trial has this kind: every count is as likely.", "scoreboard"))
        ul {
            @for trial in found.outcomes.trials.iter().filter(|trial| !trial.to_follow && !trial.about.is_empty()) {
                li { b { (trial.name) } ": " (trial.about) }
            }
        }
    }
}

fn medians(found: Validation<'_>) -> Markup {
    let months = |days: f64| if days.is_finite() { fixed(days / MONTH, 1) } else { "not reached".to_owned() };
    let range = |(low, high): (f64, f64)| format!("{} – {}", months(low), months(high));
    let name = |it: &ScoredMedian| {
        let outcome: &Outcome = found.outcomes.at(it.place);
        let version = if outcome.version_of.is_some() { ", another version" } else { "" };
        format!("{}{version}", found.outcomes.label(it.place))
    };
    let head = html! { tr {
        th scope="col" { "Median, months" } th.n scope="col" { "Observed" } th.n scope="col" { "Predicted" } th.n scope="col" { "50 %" }
        th.n scope="col" { "95 %" } th scope="col" { "Inside" }
    } };
    let body = html! {
        @for it in &found.scoreboard.medians {
            tr {
                th scope="row" { (name(it)) @if !found.outcomes.at(it.place).note.is_empty() { small { (found.outcomes.at(it.place).note) } } }
                td.n { (it.observed.map_or("to follow".to_owned(), months)) }
                td.n { (months(it.spread.median)) } td.n { (range(it.spread.half)) } td.n { (range(it.spread.most)) }
                td { (match it.inside() { None => "–", Some((_, true)) => "50 %", Some((true, _)) => "95 %", Some(_) => "outside" }) }
            }
        }
    };
    table(
        "Median times, scored by themselves.",
        &head,
        &body,
        "Intervals are over trials of that size; how much trials of one setting differ in a median is not known and not in them. Not reached: by the end of the simulated follow-up.",
        "medians",
    )
}

/// One standard deviation, or the middle one of several and their range.
fn spread(sds: &[f64]) -> String {
    let of = |sd: f64| significant(sd, 2);
    match sds {
        [first, .., last] => format!("{} ({}–{})", of(quantile(sds, 0.5)), of(*first), of(*last)),
        _ => sds.first().map_or(String::new(), |sd| of(*sd)),
    }
}

fn kinds(found: Validation<'_>) -> Markup {
    let head = html! { tr { th scope="col" { "Kind" } th.n scope="col" { "Between-trial SD, logit" } th scope="col" { "From" } } };
    let body = html! {
        @for kind in &found.outcomes.kinds {
            tr { th scope="row" { (capital(&kind.name)) } td.n { (spread(&kind.between_trial_sds)) } td.wide { (kind.source) } }
        }
    };
    table(
        "What trials of one setting differ beyond the chance of their patients.",
        &head,
        &body,
        &format!(
            "Where several values are given each is as likely, and the range is that of these. Posteriors are under a half-normal prior of scale {PRIOR_SCALE}."
        ),
        "kinds",
    )
}

fn trials(found: Validation<'_>) -> Markup {
    html! {
        details { summary { "All trials with their scenarios" }
            ul {
                @for trial in &found.outcomes.trials {
                    li {
                        b { (trial.name) } " (" (trial.setting) "; " (trial.source) ")"
                        @if trial.to_follow { ", outcomes to follow" } ": "
                        @for (place, arm) in trial.arms.iter().enumerate() {
                            @if place > 0 { "; " }
                            code { (arm.scenario.value) } @if let Some(name) = &arm.arm { ", " (name.value) } ", " (count(arm.patients)) " patients"
                        }
                        @if trial.to_follow && !trial.about.is_empty() { ". " (trial.about) }
                    }
                }
            }
        }
    }
}

fn reading(found: Validation<'_>) -> Markup {
    html! {
        p { "A prediction is what a trial of the same size would report: counts are binomial about the proportion of the virtual patients, whose logit varies between \
             trials with the standard deviation of the kind" @if found.ensemble.is_some() { ", over all sets of parameters" } ". Shares of cycles and medians are drawn, "
            (count(found.replicates)) " replicates of as many virtual patients as the trial had." }
        p { "A central interval goes from the smallest count at or below which there is at least 2.5 (25) % to the smallest with at least 97.5 (75) %; its ends are inside. A \
             percentage turned into a count stands for the nearest whole one in this, and its probability is interpolated." }
        p { "The constant predictor knows no model: the pooled rate of the kind over the calibration outcomes of the other trials, half an event and one patient added, as a \
             beta-binomial with the same between-trial standard deviation. Where no other trial has the kind (‡), every count is as likely." }
    }
}
