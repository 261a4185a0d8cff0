//! The page of a calibration: what was fitted to what, how well it meets it, and what was learnt.

use maud::{Markup, PreEscaped, html};

use super::tables::{endpoint_limits, parameter_limits, stage};
use super::{Fit, figure};
use crate::calibration::{NOT_IDENTIFIED, Observed, Stage};
use crate::report::draw::{Scene, svg};
use crate::report::manifest::PROGRAM;
use crate::report::number::{count, fixed, significant, unit};
use crate::report::page::{Section, document, fact, numbered, paragraphs, table};

/// Correlations from here on are told in words.
const STRONG: f64 = 0.5;
/// Weights of a direction smaller than this are left out.
const SLIGHT: f64 = 0.3;

/// The page as HTML. It holds no time of day: the same calibration gives the same bytes.
pub fn html(fit: Fit, version: &str) -> String {
    let section = |id, title, content| Section { id, title, content };
    let body = html! {
        (opening(fit, version))
        (numbered([
            section("found", "What was found", found(fit)),
            section("endpoints", "Endpoints", endpoints(fit)),
            section("parameters", "Parameters", parameters(fit)),
            section("identified", "What is not identified", identified(fit)),
            section("steps", "Step by step", steps(fit)),
            section("reading", "How to read this", reading(fit)),
        ]))
        footer { "Calibrated by " (PROGRAM) " " (version) ". Virtual patients; no person was treated." }
    };
    document(&fit.definition.title, &format!("{PROGRAM} {version}"), &html! {}, &body)
}

fn opening(fit: Fit, version: &str) -> Markup {
    let Fit { definition, found } = fit;
    html! {
        header {
            p.kicker { "Calibration · " (PROGRAM) " " (version) }
            h1 { (definition.title) }
            (paragraphs(&definition.about, "lead"))
            dl.facts {
                (fact("Parameters", count(definition.parameters.len())))
                (fact("Endpoints", count(definition.places.len())))
                (fact("Scenarios", count(definition.scenarios().len())))
                (fact("Virtual patients per arm", count(definition.patients)))
                (fact("Members of the ensemble", count(found.members.len())))
                (fact("Seed of the ensemble", definition.problem.seed.to_string()))
            }
        }
    }
}

fn found(fit: Fit) -> Markup {
    let found = fit.found;
    let (before, after) = (found.before(), found.after());
    let inside = |step: &crate::calibration::Step| {
        let pairs = fit.definition.problem.observations.iter().zip(&step.predictions);
        let within =
            |(seen, predicted): &(&crate::calibration::Observation, &crate::calibration::Predicted)| {
                let (interval, shown) = (seen.interval(), seen.shown(**predicted));
                (interval.lower..=interval.upper).contains(&shown)
            };
        pairs.filter(within).count()
    };
    html! {
        p {
            "The loss fell from " strong { (fixed(before.loss, 1)) } " to " strong { (fixed(after.loss, 1)) } " for "
            (count(fit.definition.places.len())) " endpoints: about 1 per endpoint is what chance alone leaves. Simulated values inside the observed "
            "95 % intervals: " (inside(before)) " before, " strong { (inside(after)) } " after. The endpoints determined "
            strong { (fixed(found.effective_parameters(), 1)) } " of " (count(fit.definition.parameters.len())) " parameters."
        }
        p.alarm { strong { "In-sample." } " These endpoints were used to find the parameters; that they are met shows no power to predict others." }
        @if !fit.definition.set.is_empty() {
            p { "Set at every evaluation: " @for (key, value) in &fit.definition.set { code { (key) " = " (value) } " " } }
        }
        (drawn(Some(figure::losses(fit)), "Loss step by step.", "Line: centre of the ensemble; bars: members from the 10th to the 90th percentile. Step 0 is the prior."))
    }
}

fn drawn(scene: Option<Scene>, title: &str, caption: &str) -> Markup {
    let picture = scene.and_then(|scene| svg(&scene).ok());
    html! {
        @if let Some(picture) = picture {
            figure { div.scroll { (PreEscaped(picture)) } figcaption { b { (title) } " " (caption) } }
        }
    }
}

fn endpoints(fit: Fit) -> Markup {
    let found = fit.found;
    let (before, after) = (found.before(), found.after());
    let losses = (found.deviances(before), found.deviances(after));
    let head = html! {
        tr {
            th scope="col" { "Trial" } th scope="col" { "Endpoint" } th.n scope="col" { "Observed" } th.n scope="col" { "% (95 % CI)" }
            th.n scope="col" { "Before, %" } th.n scope="col" { "After, %" } th.n scope="col" { "Posterior, %" } th scope="col" { "Inside" }
            th.n scope="col" { "Loss before" } th.n scope="col" { "Loss after" }
        }
    };
    let body = html! {
        @for (place, seen) in fit.definition.problem.observations.iter().enumerate() {
            @let interval = seen.interval();
            @let shown = seen.shown(after.predictions[place]);
            @let ends = endpoint_limits(fit, place);
            tr {
                td { (seen.trial) }
                th scope="row" { (seen.endpoint) @if seen.weight != 1.0 { small { "weight " (significant(seen.weight, 2)) ": " (fit.definition.reasons[place]) } } }
                td.n { @match seen.observed { Observed::Count { x, n } => { (significant(x, 4)) "/" (significant(n, 4)) } Observed::Value { value, .. } => (significant(value, 3)) } }
                td.n { (percent(interval.estimate)) " (" (percent(interval.lower)) "–" (percent(interval.upper)) ")" }
                td.n { (fixed(100.0 * seen.shown(before.predictions[place]), 1)) }
                td.n { (fixed(100.0 * shown, 1)) }
                td.n { (percent(ends.0)) "–" (percent(ends.1)) }
                td { @if (interval.lower..=interval.upper).contains(&shown) { "yes" } @else { strong { "no" } } }
                td.n { (fixed(losses.0[place], 1)) }
                td.n { (fixed(losses.1[place], 1)) }
            }
        }
    };
    html! {
        (drawn(figure::endpoints(fit), "Every endpoint before and after.", "Grey: observed with Wilson’s 95 % interval. Lines: the posterior ensemble from the 2.5th to the 97.5th percentile, without the patients’ own chance and that between trials."))
        (table("Endpoints at the prior’s centre and at the posterior’s.", &head, &body,
            "Loss: deviance of the endpoint, with the standard deviation between trials of its kind and the Monte Carlo error of the simulated value in its likelihood. Posterior: central 95 % of the ensemble.", "endpoints"))
    }
}

fn percent(share: f64) -> String {
    fixed(100.0 * share, 0)
}

fn parameters(fit: Fit) -> Markup {
    let found = fit.found;
    let after = found.after();
    let (values, ratios) = (found.values(&after.centre), found.spread_ratios());
    let head = html! {
        tr {
            th scope="col" { "Parameter" } th.n scope="col" { "Model" } th.n scope="col" { "Prior" } th.n scope="col" { "Prior SD" }
            th.n scope="col" { "Posterior (95 %)" } th scope="col" { "Unit" } th.n scope="col" { "Shift, prior SDs" } th.n scope="col" { "Spread ratio" }
        }
    };
    let body = html! {
        @for (place, parameter) in fit.definition.parameters.iter().enumerate() {
            @let unknown = &fit.definition.problem.unknowns[place];
            @let ends = parameter_limits(fit, place);
            tr {
                th scope="row" { code { (parameter.name) } @if !parameter.about.is_empty() { small { (parameter.about) } } }
                td.n { (significant(parameter.value, 4)) }
                td.n { (significant(unknown.prior, 4)) }
                td.n { (significant(unknown.sd, 2)) }
                td.n { (significant(values[place], 4)) " (" (significant(ends.0, 3)) " to " (significant(ends.1, 3)) ")" }
                td { (unit(&parameter.unit)) }
                td.n { (fixed(after.centre[place], 2)) }
                td.n { @if ratios[place] > NOT_IDENTIFIED { strong { (fixed(ratios[place], 2)) } } @else { (fixed(ratios[place], 2)) } }
            }
        }
    };
    html! {
        (table("Parameters before and after.", &head, &body,
            "Prior SD and spread ratio (posterior to prior standard deviation) on the scale of the prior, for most the logarithm. A ratio near 1: the endpoints said next to nothing.", "parameters"))
        p { a href="posterior.toml" { "posterior.toml" } " sets the posterior in a scenario; " a href="posterior.csv" { "posterior.csv" } " has the members of the ensemble." }
    }
}

fn identified(fit: Fit) -> Markup {
    let found = fit.found;
    let names: Vec<&str> =
        fit.definition.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let open: Vec<&str> = names
        .iter()
        .zip(found.spread_ratios())
        .filter(|(_, ratio)| *ratio > NOT_IDENTIFIED)
        .map(|(name, _)| *name)
        .collect();
    let (variances, directions) = found.directions();
    let distribution = &found.after().distribution;
    let pairs: Vec<(usize, usize, f64)> = (0..names.len())
        .flat_map(|a| (0..a).map(move |b| (b, a)))
        .map(|(b, a)| (b, a, distribution.correlation(b, a)))
        .filter(|(.., value)| value.abs() >= STRONG)
        .collect();
    let head = html! { tr { th.n scope="col" { "Spread ratio" } th scope="col" { "Direction" } } };
    let body = html! {
        @for (variance, direction) in variances.iter().zip(&directions) {
            tr { td.n { (fixed(variance.max(0.0).sqrt(), 2)) } td.wide { (words(&names, direction)) } }
        }
    };
    html! {
        @if open.is_empty() { p { "Every parameter is known better than before." } } @else {
            p { "Hardly better known than before (spread ratio above " (NOT_IDENTIFIED) "): " @for name in &open { code { (name) } " " } "." }
        }
        @if !pairs.is_empty() {
            p { "Known together rather than apart (correlation):" }
            ul { @for (b, a, value) in &pairs { li { code { (names[*b]) } " and " code { (names[*a]) } ": " (fixed(*value, 2)) } } }
        }
        (table("Independent directions of the posterior, the best known first.", &head, &body,
            "Each is a sum of parameters in prior standard deviations with these weights; weights below 0.3 are left out. A ratio near 1: the endpoints cannot tell it, whatever the single parameters say.", "correlations"))
    }
}

fn words(names: &[&str], direction: &[f64]) -> String {
    let mut parts: Vec<(f64, &str)> = direction.iter().copied().zip(names.iter().copied()).collect();
    parts.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    // The sign of a direction is nobody's: the largest weight is positive.
    let sign = parts.first().map_or(1.0, |(weight, _)| weight.signum());
    let told = parts.iter().take_while(|(weight, _)| weight.abs() >= SLIGHT);
    told.map(|(weight, name)| format!("{} {name}", fixed(sign * weight, 2))).collect::<Vec<_>>().join(", ")
}

fn steps(fit: Fit) -> Markup {
    let head = html! {
        tr {
            th.n scope="col" { "Step" } th scope="col" { "Kind" } th.n scope="col" { "Loss" } th.n scope="col" { "Mean of members" } th.n scope="col" { "At bounds" }
        }
    };
    let body = html! {
        @for (number, step) in fit.found.steps.iter().enumerate() {
            tr {
                td.n { (number) }
                td { (stage(step.stage)) @if let Stage::Tempered { factor } = step.stage { ", factor " (significant(factor, 3)) } }
                td.n { (fixed(step.loss, 1)) }
                td.n { (fixed(step.losses.iter().sum::<f64>() / step.losses.len() as f64, 1)) }
                td.n { (count(step.at_bounds)) }
            }
        }
    };
    table(
        "The ensemble on its way.",
        &head,
        &body,
        "Each row is an ensemble that was evaluated; its kind says how it was moved afterwards. At bounds: members held there.",
        "steps",
    )
}

fn reading(fit: Fit) -> Markup {
    html! {
        ul {
            li { "The loss is minus twice the logarithm of likelihood times prior, up to a constant: the deviances of the endpoints and the squared distances of the parameters from their priors, in prior standard deviations." }
            li { "Tempered steps: ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013), mean and covariance moved exactly. Refinements: posterior linearisation (García-Fernández et al. 2015). Counts enter by moment matching (Minka 2001)." }
            li { "All evaluations treat the same virtual patients. The posterior is a normal distribution on the scale of the priors; of a skewed one it has about the right mean and spread only." }
            li { "What the model cannot describe is not in the posterior: its width is that of the parameters, given the model. Predictions of other trials need the spread between trials besides." }
            li { "Endpoints of one trial are taken as independent; complete responses are part of all responses, so that the posterior is somewhat too narrow where trials report both." }
            @if fit.found.steps.iter().any(|step| step.at_bounds > 0) {
                li { "Some members were held at the bounds of a parameter: bounds and prior say the same thing twice there. Widen the bounds, or narrow the prior." }
            }
        }
    }
}
