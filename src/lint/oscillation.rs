//! Rules that turn a treatment off and on at one limit, so that the error of a measurement alone does it: hold and resume, reduce
//! and climb again. Also a hold whose two conditions can both be true.
//!
//! Shown by two states that differ in one output by one unit in the last place, at one of which the first condition holds and at
//! the other the second one does.

use super::interval::Interval;
use super::parts::{both, not};
use super::region::{Known, Region};
use super::review::Review;
use super::search::{Search, Wanted};
use super::space::Space;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Formula, Symbol};
use crate::scenario::{Action, Rule};

pub(super) fn check(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (_, rule, arms) in review.rules() {
        let Action::Hold { resume, lower, .. } = &rule.action else { continue };
        let place = review.places.rule(&rule.name);
        let Some(resume_span) = place.and_then(|place| place.resume.as_ref()).map(|text| text.span) else {
            continue;
        };
        let space = review.space(rule, arms);
        if space.never(&both(resume, &not(&rule.when))) {
            continue;
        }
        let turns = Turns { first: (&rule.when, "holds"), second: (resume, "resumes") };
        let finding = overlap(review, &space, rule, resume, resume_span).or_else(|| {
            if review.places.accepts(&rule.name, "one limit") {
                return None;
            }
            let note = if *lower > 0 { "; each turn costs a level" } else { "" };
            let (example, output) = turns.at_one_limit(review, &space)?;
            let name = &review.scenario.model.outputs[output].name;
            let finding = Diagnostic::error(
                format!("the rule `{}` holds and resumes at one limit of `{name}`", rule.name),
                resume_span,
                "resumes here",
            );
            Some(finding.note(format!("{example}{note}")).help(
                "let `resume` ask for more than the hold does, or for longer: a higher limit, or `lasting(…, 7 d)`",
            ))
        });
        let hold_span = review.condition(rule);
        diagnostics.extend(finding.map(|finding| match hold_span {
            Some(span) => finding.warning().related(span, "holds here"),
            None => finding.warning(),
        }));
    }
    climbing(review, diagnostics);
}

/// A state at which the hold's condition and that of its end are both true.
fn overlap(
    review: &Review<'_>,
    space: &Space<'_>,
    rule: &Rule,
    resume: &Formula,
    span: Span,
) -> Option<Diagnostic> {
    let wanted: [Wanted; 2] = [(rule.when.clone(), true), (resume.clone(), true)];
    let state = review.find(space, &wanted)?;
    let example = review.describe(&state, &[&rule.when, resume]);
    let finding = Diagnostic::error(
        format!("the rule `{}` can want to hold and to resume at once", rule.name),
        span,
        "true while the hold's condition is",
    );
    Some(
        finding
            .note(format!("{example}: both conditions are true; the hold then stays"))
            .help("let `resume` exclude the condition of the hold"),
    )
}

/// A reduction and a planned step that climbs again, in one arm.
fn climbing(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut reported: Vec<(&str, &str)> = Vec::new();
    for (place, arm) in review.scenario.arms.iter().enumerate() {
        let rules = || arm.rules.iter().map(|rule| &review.scenario.rules[*rule]);
        for reducing in rules() {
            let Action::Reduce { drug, .. } = &reducing.action else { continue };
            for raising in rules() {
                let names = (reducing.name.as_str(), raising.name.as_str());
                let climbs = match &raising.action {
                    Action::Escalate { drug: of, regain: true, .. } => of == drug,
                    // A wait keeps the two apart as a duration does.
                    Action::ReEscalate { drug: of, after, .. } => of == drug && *after <= 0.0,
                    _ => false,
                };
                if !climbs || reported.contains(&names) {
                    continue;
                }
                let space = review.space(reducing, vec![place]);
                let turns = Turns { first: (&reducing.when, "reduces"), second: (&raising.when, "steps up") };
                let Some((example, output)) = turns.at_one_limit(review, &space) else { continue };
                let Some(span) = review.condition(raising) else { continue };
                let name = &review.scenario.model.outputs[output].name;
                let message = format!(
                    "`{}` and `{}` turn the dose at one limit of `{name}`",
                    reducing.name, raising.name
                );
                let finding = Diagnostic::error(message, span, "steps up here").warning().note(example);
                let finding = match review.condition(reducing) {
                    Some(span) => finding.related(span, "reduces here"),
                    None => finding,
                };
                diagnostics.push(finding.help("let the step ask for more than the reduction does"));
                reported.push(names);
            }
        }
    }
}

/// Two opposite conditions with what each does.
struct Turns<'a> {
    first: (&'a Formula, &'static str),
    second: (&'a Formula, &'static str),
}

impl Turns<'_> {
    /// Two neighbouring states in words, and the output in which they differ.
    fn at_one_limit(&self, review: &Review<'_>, space: &Space<'_>) -> Option<(String, usize)> {
        let ((first, first_word), (second, second_word)) = (self.first, self.second);
        let space = &space.searching();
        let search = Search { space, typical: &review.typical };
        let typical = self.typical_patient(review, space);
        let only_second: [Wanted; 2] = [(second.clone(), true), (first.clone(), false)];
        let mut outputs: Vec<usize> = Vec::new();
        first.symbols(&mut |symbol| {
            if let Symbol::Output(output) = symbol {
                outputs.push(output);
            }
        });
        outputs.dedup();
        for output in outputs {
            let symbol = Symbol::Output(output);
            for limit in limits(&search.boxes(&[(first.clone(), true)], &typical), symbol) {
                for (held, next) in [(limit, limit.next_up()), (limit, limit.next_down())] {
                    let Some(region) = typical.within(symbol, Interval::point(next), space) else { continue };
                    let Some(mut resumed) = search.find_within(&only_second, &region) else { continue };
                    resumed.since = resumed.time;
                    let mut turned = resumed.clone();
                    turned.now.insert(symbol, held);
                    let shown = search.shows(&resumed, &only_second)
                        && search.shows(&turned, &[(first.clone(), true)]);
                    if shown {
                        let side = if held < next { "below" } else { "above" };
                        let mut shown = resumed;
                        shown.now.insert(symbol, limit.max(next));
                        let example = review.describe(&shown, &[first, second]);
                        let name = &review.scenario.model.outputs[output].name;
                        let example = format!(
                            "{example}: {second_word}, and with {name} just {side} that {first_word}"
                        );
                        return Some((example, output));
                    }
                }
            }
        }
        None
    }

    /// The region of the typical patient: constants as they are, so that limits that depend on them are plain.
    fn typical_patient(&self, review: &Review<'_>, space: &Space<'_>) -> Region {
        let mut region = Region::default();
        for formula in [self.first.0, self.second.0] {
            let mut symbols = Vec::new();
            collect(review, formula, &mut symbols);
            for symbol in symbols {
                let value = review.typical.value(symbol);
                let constant = matches!(symbol, Symbol::Covariate(_) | Symbol::Equation(_));
                if constant && space.range(symbol).contains(value) {
                    region.narrowed.insert(symbol, Interval::point(value));
                }
            }
        }
        region
    }
}

fn collect(review: &Review<'_>, formula: &Formula, symbols: &mut Vec<Symbol>) {
    formula.symbols(&mut |symbol| {
        match symbol {
            Symbol::Memory(cell) => collect(review, &review.scenario.memory[cell].argument, symbols),
            Symbol::Signal(signal) => collect(review, &review.scenario.signals[signal].formula, symbols),
            _ => {}
        }
        symbols.push(symbol);
    });
}

/// Finite ends of an output in boxes.
fn limits(boxes: &[Region], symbol: Symbol) -> Vec<f64> {
    let intervals = boxes.iter().filter_map(|region| region.narrowed.get(&symbol));
    let ends = intervals.flat_map(|interval| [interval.low, interval.high]);
    let mut ends: Vec<f64> = ends.filter(|end| end.is_finite()).collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends
}
