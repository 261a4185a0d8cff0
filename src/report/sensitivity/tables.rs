//! Tables of the page, one under each figure.

use maud::{Markup, html};

use crate::report::number::{capital, fixed, significant, unit, with_unit};
use crate::sensitivity::{Curve, Indices, Screened, Told, Tornado};

use super::text::outcomes;

fn table(title: &str, head: &Markup, body: &Markup, under: &str) -> Markup {
    html! {
        div.table {
            div.scroll { table { caption { (title) } thead { (head) } tbody { (body) } } }
            p.under { (under) }
        }
    }
}

/// The value, its limits below it: side by side, three of them are wider than the page.
fn over_limits(told: &Told, show: impl Fn(f64) -> String) -> Markup {
    html! {
        (show(told.value))
        @if let Some((lower, upper)) = told.limits { small { (show(lower)) " to " (show(upper)) } }
    }
}

/// `value (lower to upper)`.
fn with_limits(told: &Told, show: impl Fn(f64) -> String) -> String {
    match told.limits {
        Some((lower, upper)) => {
            format!("{} ({}\u{a0}to\u{a0}{})", show(told.value), show(lower), show(upper))
        }
        None => show(told.value),
    }
}

fn or_dash(value: Option<f64>, digits: i32) -> String {
    value.map_or("–".to_owned(), |value| significant(value, digits))
}

fn name(input: &str, about: &str) -> Markup {
    html! { th scope="row" { (input) @if !about.is_empty() { small { (about) } } } }
}

/// Changes of one result.
pub fn tornado(of: &Tornado) -> Markup {
    let head = html! { tr {
        th scope="col" { "Input" } th.n scope="col" { "Base" } th.n scope="col" { "At its low end" }
        th.n scope="col" { "At its high end" }
    } };
    let effect = |told: &Told| {
        html! {
            @if told.nothing_changed() { "unchanged" } @else {
                (with_limits(told, |value| significant(value, 3)))
                @if let Some(patients) = told.patients { span.quiet { " ±" (significant(patients.error, 2)) } }
            }
        }
    };
    let body = html! {
        @for bar in &of.bars {
            tr {
                (name(&bar.input, &bar.about))
                td.n { @if bar.base.is_empty() { "as it stands" } @else { (bar.base) } }
                @for end in &bar.ends { td.n { (effect(&end.effect)) small { (end.value) } } }
            }
        }
    };
    let base = format!(
        "At the base: {}{}. ± Monte Carlo standard error of the change, the same patients in both trials. Unchanged: the result is the same, whichever group of patients is left out.",
        with_unit(of.base, &of.target.unit),
        of.base_error.map_or(String::new(), |error| format!(
            " (Monte Carlo standard error {})",
            significant(error, 2)
        ))
    );
    let title = format!(
        "{}: change of the result, {} (95 % interval).",
        capital(&of.target.title()),
        unit(&of.target.unit)
    );
    table(&title, &head, &body, &base)
}

/// Elementary effects of one result.
pub fn screening(of: &Screened) -> Markup {
    let head = html! { tr {
        th scope="col" { "Input" } th.n scope="col" { "μ*" } th.n scope="col" { "μ" } th.n scope="col" { "σ" }
        th.n scope="col" { "Noise of an effect" } th scope="col" { "Beyond noise" }
    } };
    let show = |told: &Told| over_limits(told, |value| significant(value, 3));
    let body = html! {
        @for input in &of.inputs {
            tr {
                (name(&input.input, &input.about))
                td.n { (show(&input.absolute)) } td.n { (show(&input.mean)) } td.n { (show(&input.spread)) }
                td.n { (or_dash(input.noise, 2)) }
                td { @if input.above_noise() { "yes" } @else { "no" } }
            }
        }
    };
    let title = format!(
        "{}: effects of the whole range of an input, {} (95 % interval over walks).",
        capital(&of.target.title()),
        unit(&of.target.unit)
    );
    table(
        &title,
        &head,
        &body,
        &format!(
            "{} walks. Noise: standard error of one effect because of finitely many patients, the same at both of its ends; μ* below 1.96 times \
             of it may be noise alone.",
            of.walks
        ),
    )
}

/// Indices of one result.
pub fn shares(of: &Indices) -> Markup {
    let head = html! { tr {
        th scope="col" { "Input" } th.n scope="col" { "First" } th.n scope="col" { "± patients" } th.n scope="col" { "Total" }
        th.n scope="col" { "± patients" } th.n scope="col" { "of it noise" } th scope="col" { "Beyond noise" }
    } };
    let show = |told: &Told| over_limits(told, |value| fixed(value, 3));
    let error = |told: &Told| or_dash(told.patients.map(|patients| patients.error), 2);
    let body = html! {
        @for input in &of.inputs {
            tr {
                (name(&input.input, &input.about))
                td.n { (show(&input.first)) } td.n { (error(&input.first)) }
                td.n { (show(&input.total)) } td.n { (error(&input.total)) }
                td.n { (or_dash(input.total.patients.map(|patients| patients.bias), 2)) }
                td {
                    @match (input.first.above_noise(), input.total.above_noise()) {
                        (true, true) => "both",
                        (false, true) => "total",
                        (true, false) => "first",
                        (false, false) => "neither",
                    }
                }
            }
        }
    };
    let noise = match of.noise {
        Some(noise) => format!(
            "{} % of its variance between trials is noise of finitely many patients",
            significant(100.0 * noise, 2)
        ),
        None => "how much of its variance is noise of finitely many patients cannot be told".to_owned(),
    };
    let under = format!(
        "{} rows of the design. The result has a mean of {} and an SD of {} over the inputs; {noise}. ± patients: standard error because of \
         them, beside the interval by resampling rows.",
        of.rows,
        with_unit(of.mean, &of.target.unit),
        significant(of.deviation, 3)
    );
    table(
        &format!("{}: shares of the variance (95 % interval).", capital(&of.target.title())),
        &head,
        &body,
        &under,
    )
}

/// Where one result tips.
pub fn tipping(of: &Curve) -> Markup {
    html! {
        p {
            b { (capital(&of.target.title())) ", along " (of.input) @if !of.about.is_empty() { " (" (of.about) ")" } ": " }
            @for sentence in outcomes(of) { (sentence) " " }
        }
    }
}
