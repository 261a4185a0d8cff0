//! `[endpoints]` and `[[weight]]`: which outcomes are fitted, and by how much each counts.

use super::definition::count;
use crate::diagnostic::{Diagnostic, Span, Text, closest, has_errors};
use crate::document::Table;
use crate::validation::{Outcomes, Place};

/// What is fitted.
pub(super) struct Selection {
    /// Outcomes in the order of their file.
    pub places: Vec<Place>,
    /// One per outcome, above 0.
    pub weights: Vec<f64>,
    /// Why a weight is not 1.
    pub reasons: Vec<String>,
}

/// Reads both.
pub(super) fn read(
    endpoints: Option<Table>,
    weights: Vec<Table>,
    outcomes: &Outcomes,
    file: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Selection> {
    let errors = diagnostics.len();
    let span = endpoints.as_ref().map_or(file, Table::span);
    let (mut trials, mut kinds, mut all) = (Vec::new(), Vec::new(), false);
    if let Some(mut table) = endpoints {
        trials = table.texts("trials", diagnostics);
        kinds = table.texts("kinds", diagnostics);
        all = table.boolean("all", diagnostics).is_some_and(|(all, _)| all);
        table.finish(diagnostics);
    }
    trials.iter().for_each(|name| known_trial(name, outcomes, diagnostics));
    kinds.iter().for_each(|name| known_kind(name, outcomes, diagnostics));
    let named = |names: &[Text], name: &str| names.is_empty() || names.iter().any(|it| it.value == name);
    let mut places = outcomes.places(|trial, outcome| {
        (outcome.calibration || all)
            && named(&trials, &trial.name)
            && named(&kinds, &outcomes.kinds[outcome.kind].name)
    });
    // Other versions of one outcome would count it twice, and medians have no count.
    places.retain(|place| outcomes.at(*place).version_of.is_none() && count(outcomes, *place).is_some());
    let rules: Vec<Rule> =
        weights.into_iter().filter_map(|table| rule(table, outcomes, diagnostics)).collect();
    if has_errors(&diagnostics[errors..]) {
        return None;
    }
    let mut found = Selection { places: Vec::new(), weights: Vec::new(), reasons: Vec::new() };
    let mut used = vec![false; rules.len()];
    for place in places {
        let (mut weight, mut why) = (1.0, String::new());
        // The last that names an outcome decides.
        for (rule, used) in rules.iter().zip(&mut used).filter(|(rule, _)| rule.names(outcomes, place)) {
            (weight, why) = (rule.weight, rule.why.clone());
            *used = true;
        }
        if weight > 0.0 {
            found.places.push(place);
            found.weights.push(weight);
            found.reasons.push(why);
        }
    }
    for (rule, _) in rules.iter().zip(used).filter(|(_, used)| !used) {
        diagnostics.push(
            Diagnostic::error("this weight names no outcome that is fitted", rule.span, "of nothing")
                .help("name a trial, a kind or an outcome as the outcomes file has it"),
        );
    }
    if found.places.is_empty() {
        diagnostics.push(Diagnostic::error("no outcome is left to fit", span, "nothing meets this").help(
            "outcomes marked `calibration = true` are fitted; `all = true` takes every outcome with a count",
        ));
    }
    (!has_errors(&diagnostics[errors..])).then_some(found)
}

/// One `[[weight]]`.
struct Rule {
    trial: Option<String>,
    kind: Option<String>,
    outcome: Option<String>,
    weight: f64,
    why: String,
    span: Span,
}

impl Rule {
    fn names(&self, outcomes: &Outcomes, place: Place) -> bool {
        let outcome = outcomes.at(place);
        let meets = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        meets(&self.trial, &outcomes.trials[place.trial].name)
            && meets(&self.kind, &outcomes.kinds[outcome.kind].name)
            && meets(&self.outcome, &outcome.name)
    }
}

fn rule(mut table: Table, outcomes: &Outcomes, diagnostics: &mut Vec<Diagnostic>) -> Option<Rule> {
    let span = table.span();
    let trial = table.text("trial", diagnostics);
    let kind = table.text("kind", diagnostics);
    let outcome = table.text("outcome", diagnostics);
    let weight = table.required_number("weight", diagnostics);
    let why = table.required_text("about", diagnostics);
    table.finish(diagnostics);
    trial.iter().for_each(|name| known_trial(name, outcomes, diagnostics));
    kind.iter().for_each(|name| known_kind(name, outcomes, diagnostics));
    let weight = weight?;
    if weight.value < 0.0 {
        diagnostics.push(
            Diagnostic::error("a weight is not negative", weight.span, "below 0")
                .help("write 0 to leave outcomes out, 0.5 to let them count half"),
        );
    }
    let text = |it: Option<Text>| it.map(|text| text.value);
    Some(Rule {
        trial: text(trial),
        kind: text(kind),
        outcome: text(outcome),
        weight: weight.value,
        why: why?.value,
        span,
    })
}

fn known_trial(name: &Text, outcomes: &Outcomes, diagnostics: &mut Vec<Diagnostic>) {
    let names: Vec<&str> = outcomes.trials.iter().map(|trial| trial.name.as_str()).collect();
    known("trial", name, &names, diagnostics);
}

fn known_kind(name: &Text, outcomes: &Outcomes, diagnostics: &mut Vec<Diagnostic>) {
    let names: Vec<&str> = outcomes.kinds.iter().map(|kind| kind.name.as_str()).collect();
    known("kind", name, &names, diagnostics);
}

fn known(what: &str, name: &Text, names: &[&str], diagnostics: &mut Vec<Diagnostic>) {
    if names.contains(&name.value.as_str()) {
        return;
    }
    let help = match closest(&name.value, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the {what}s are: {}", names.join(", ")),
    };
    let message = format!("the outcomes have no {what} `{}`", name.value);
    diagnostics.push(Diagnostic::error(message, name.span, "not there").help(help));
}
