//! `occasions`: when a new occasion of between-occasion variability begins.
//!
//! Written as visits are, or the name of a visit schedule. Occasions are times of the trial, so that all arms have the same
//! ones and a patient has the same effects in each.

use super::visit::{Visits, schedule, texts};
use crate::diagnostic::{Diagnostic, Severity, Text, closest};
use crate::document::Value;
use crate::model::Model;

/// What reading occasions needs to know.
pub(super) struct Around<'a> {
    /// The scenario's `model`.
    pub asked: &'a Text,
    pub visits: &'a Visits,
    pub horizon: f64,
    pub cycle: f64,
    pub variability: bool,
}

/// Starts of the occasions, d, ascending; the first is 0.
pub(super) fn read(
    value: Option<Value>,
    model: &Model,
    around: &Around<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<f64> {
    let varies = model.occasion_effects().next().is_some();
    let Some(value) = value else {
        if varies && around.variability {
            diagnostics.push(unsaid(model, around.asked));
        }
        return vec![0.0];
    };
    if !varies {
        let finding = Diagnostic::error("nothing varies between occasions", value.span(), "no effect")
            .help("give an individual parameter of the model `occasion = { cv = \"20 %\" }`, or leave `occasions` out");
        diagnostics.push(finding.warning());
    }
    let Some(entries) = texts(value, diagnostics) else { return vec![0.0] };
    if let [name] = entries.as_slice()
        && let Some(found) = around.visits.schedules.iter().find(|schedule| schedule.name == name.value)
    {
        return found.times.clone();
    }
    if let Some(unknown) = entries.iter().find(|entry| !is_plan(&entry.value)) {
        diagnostics.push(unreadable(unknown, around.visits));
        return vec![0.0];
    }
    let mut said = Vec::new();
    let starts = schedule(&entries, around.horizon, around.cycle, &mut said);
    // A trial that lies within one occasion is as good as any.
    diagnostics.extend(said.into_iter().filter(|found| found.severity == Severity::Error));
    starts
}

fn is_plan(text: &str) -> bool {
    ["every ", "day ", "days ", "at "].iter().any(|word| text.trim_start().starts_with(word))
}

fn unsaid(model: &Model, asked: &Text) -> Diagnostic {
    let names: Vec<String> =
        model.occasion_effects().map(|effect| model.random_effects[effect].symbol()).collect();
    let message =
        format!("the model varies between occasions ({}), but nothing says what one is", names.join(", "));
    Diagnostic::error(message, asked.span, "this model").help(
        "write for example `occasions = \"day 1 of each cycle\"`, `occasions = \"every 7 d\"`, or the name of a visit schedule, \
         at the top of the scenario; or `variability = false` in [population]",
    )
}

fn unreadable(text: &Text, visits: &Visits) -> Diagnostic {
    let message = format!("`{}` says no occasions", text.value);
    let finding = Diagnostic::error(message, text.span, "neither a visit schedule nor times");
    let names = visits.schedules.iter().map(|schedule| schedule.name.as_str());
    finding.help(match closest(&text.value, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "write `every 7 d`, `day 1 of each cycle`, `day 1, 15, 29`, or the name of a visit schedule: {}",
            names.collect::<Vec<&str>>().join(", ")
        ),
    })
}
