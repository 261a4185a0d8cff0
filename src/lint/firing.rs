//! Conditions that are never true, or always; in whole or in part.

use super::parts::{Condition, Part, both, is_constant, not};
use super::review::Review;
use super::search::Wanted;
use super::space::{Acts, Space};
use crate::diagnostic::{Diagnostic, Text};
use crate::model::{BinaryOperation, Formula, Symbol};
use crate::scenario::{Action, MemoryKind, Rule};

pub(super) fn check(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for signal in review.scenario.signals.iter().filter(|signal| signal.logical) {
        let Some(text) = review.places.signal(&signal.name) else { continue };
        let arms = (0..review.scenario.arms.len()).collect();
        let space = Space::new(review.scenario, &review.ranges, arms, Acts::of_signal(signal));
        let said = Said {
            never: format!("the signal `{}` can never be true", signal.name),
            always: format!("the signal `{}` is always true", signal.name),
            never_is_error: false,
            always_is_error: false,
        };
        look(review, &space, text, &signal.formula, &said, diagnostics);
    }
    for (_, rule, arms) in review.rules() {
        let Some(place) = review.places.rule(&rule.name) else { continue };
        let space = review.space(rule, arms);
        if let Some(text) = &place.when {
            let said = Said {
                never: format!("the rule `{}` can never act", rule.name),
                always: format!("the condition of the rule `{}` is always true", rule.name),
                never_is_error: false,
                always_is_error: matches!(
                    rule.action,
                    Action::Hold { .. } | Action::Reduce { .. } | Action::Discontinue { .. }
                ),
            };
            look(review, &space, text, &rule.when, &said, diagnostics);
        }
        if let (Some(text), Action::Hold { resume, .. }) = (&place.resume, &rule.action)
            && !space.always(&rule.when)
        {
            end_of_hold(review, &space, text, (rule, resume), diagnostics);
        }
    }
}

/// What is said of a condition.
struct Said {
    never: String,
    always: String,
    never_is_error: bool,
    always_is_error: bool,
}

/// Severity: an error where the protocol cannot be meant, else a warning.
fn finding(message: String, is_error: bool, span: crate::diagnostic::Span, label: &str) -> Diagnostic {
    let finding = Diagnostic::error(message, span, label);
    if is_error { finding } else { finding.warning() }
}

fn look(
    review: &Review<'_>,
    space: &Space<'_>,
    text: &Text,
    formula: &Formula,
    said: &Said,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let condition = Condition::new(text, formula);
    if space.never(formula) {
        let mut finding = finding(said.never.clone(), said.never_is_error, text.span, "never true");
        finding.notes = reasons(review, space, &condition, condition.whole());
        diagnostics.push(finding.help("check the limits, their units and the signs of the comparisons"));
        return;
    }
    if is_constant(formula) {
        return;
    }
    if space.always(formula) {
        let mut finding = finding(said.always.clone(), said.always_is_error, text.span, "always true");
        finding.notes =
            example(review, space, &[(formula.clone(), true)], "it holds, as at every other state");
        diagnostics.push(finding.help("check the limits, their units and the signs of the comparisons"));
        return;
    }
    parts(review, space, &condition, diagnostics);
}

/// Alternatives that are never true, requirements that always are: the condition works, but not as it reads.
fn parts(
    review: &Review<'_>,
    space: &Space<'_>,
    condition: &Condition<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut reported: Vec<Part<'_>> = Vec::new();
    let mut found = Vec::new();
    condition.whole().below(&mut found);
    for (operation, part) in found {
        let inside =
            |outer: &Part<'_>| outer.span.start <= part.span.start && part.span.end <= outer.span.end;
        if is_constant(part.formula) || reported.iter().any(inside) {
            continue;
        }
        let words = condition.words(part);
        let (message, label, notes) = if operation == BinaryOperation::Or && space.never(part.formula) {
            let message = format!("`{words}` can never be true");
            (message, "adds nothing to this `or`", reasons(review, space, condition, part))
        } else if operation == BinaryOperation::And && space.always(part.formula) {
            let notes =
                example(review, space, &[(part.formula.clone(), true)], "it holds, as at every other state");
            (format!("`{words}` is always true"), "adds nothing to this `and`", notes)
        } else {
            continue;
        };
        let mut finding = Diagnostic::error(message, part.span, label).warning();
        finding.notes = notes;
        diagnostics.push(finding.help("check its limits and units, or leave it out"));
        reported.push(part);
    }
}

/// A hold that can never end, or ends at once.
fn end_of_hold(
    review: &Review<'_>,
    space: &Space<'_>,
    text: &Text,
    (rule, resume): (&Rule, &Formula),
    diagnostics: &mut Vec<Diagnostic>,
) {
    // While the condition of the hold is true the hold stays, whatever else is true.
    let free = both(resume, &not(&rule.when));
    let condition = Condition::new(text, resume);
    if !space.never(&rule.when) && space.never(&free) {
        let discontinues = matches!(&rule.action, Action::Hold { terms, .. } if terms.at_most.is_finite());
        let how = if discontinues { "can only end by discontinuation" } else { "can never end" };
        let message = format!("a hold of the rule `{}` {how}", rule.name);
        let label = "never true while the hold's own condition is not";
        let mut finding = finding(message, !discontinues, text.span, label);
        finding.notes = match space.never(resume) {
            true => reasons(review, space, &condition, condition.whole()),
            false => example(
                review,
                space,
                &[(resume.clone(), true)],
                "this holds, but so does the condition of the hold, which then stays",
            ),
        };
        diagnostics.push(finding.help("give `resume` a condition of recovery that can come true"));
        return;
    }
    if !is_constant(resume) && space.always(resume) {
        let mut finding = Diagnostic::error(
            format!("a hold of the rule `{}` ends as soon as its condition does", rule.name),
            text.span,
            "always true",
        )
        .warning();
        finding.notes =
            example(review, space, &[(resume.clone(), true)], "it holds, as at every other state");
        diagnostics.push(finding.help("check the limits, their units and the signs of the comparisons"));
        return;
    }
    parts(review, space, &condition, diagnostics);
}

/// A state with a remark, as a note; nothing where none is found.
fn example(review: &Review<'_>, space: &Space<'_>, wanted: &[Wanted], remark: &str) -> Vec<String> {
    let Some(state) = review.find(space, wanted) else { return Vec::new() };
    let conditions: Vec<&Formula> = wanted.iter().map(|(condition, _)| condition).collect();
    vec![format!("{}: {remark}", review.describe(&state, &conditions))]
}

/// Why a condition is never true: spans beyond the end, and a state at which all of its parts hold but one.
fn reasons(review: &Review<'_>, space: &Space<'_>, condition: &Condition<'_>, part: Part<'_>) -> Vec<String> {
    let formula = part.formula;
    let mut notes = Vec::new();
    let horizon = review.scenario.horizon;
    formula.symbols(&mut |symbol| {
        if let Symbol::Memory(cell) = symbol
            && let MemoryKind::Lasting(span) = review.scenario.memory[cell].kind
            && span > horizon
        {
            notes.push(format!("a finding cannot last {span} d in a follow-up of {horizon} d"));
        }
    });
    let conjunction = part.split(BinaryOperation::And);
    let several = conjunction.len() > 1;
    for (place, failing) in conjunction.iter().enumerate().filter(|_| several) {
        let others = conjunction.iter().enumerate().filter(|(other, _)| *other != place);
        let mut wanted: Vec<Wanted> = others.map(|(_, part)| (part.formula.clone(), true)).collect();
        wanted.push((failing.formula.clone(), false));
        let Some(state) = review.find(space, &wanted) else { continue };
        let said = review.describe(&state, &[formula]);
        notes.push(format!("{said}: all of it holds but `{}`", condition.words(*failing)));
        return notes;
    }
    notes.extend(example(
        review,
        space,
        &[(formula.clone(), false)],
        "it does not hold, as at no other state",
    ));
    notes
}
