//! Two rules of one arm that pull in two directions at one patient state: hold or reduce, and escalate; discontinue, and
//! escalate or resume.
//!
//! Rules act in the arm's order, and what the first does is known to the second: a gate `not on_hold(drug)` behind a hold is
//! closed by it. Stopping for one reason while another would let the drug go on is no contradiction; only findings in the same
//! output are.

use super::parts::{both, not};
use super::region::Region;
use super::review::Review;
use super::search::{Search, Wanted};
use super::space::{Acts, Space};
use super::state::State;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Formula, Symbol, TrialQuantity};
use crate::scenario::{Action, Arm, Rule};

/// What a rule does to its drug when its condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pull {
    Hold,
    Reduce,
    Stop,
    Raise,
    Resume,
}

impl Pull {
    fn words(self) -> &'static str {
        match self {
            Self::Hold => "holds",
            Self::Reduce => "reduces",
            Self::Stop => "discontinues",
            Self::Raise => "steps up",
            Self::Resume => "resumes",
        }
    }

    fn is_up(self) -> bool {
        matches!(self, Self::Raise | Self::Resume)
    }
}

/// One condition of a rule with what it does.
struct Pulling<'a> {
    rule: &'a Rule,
    pull: Pull,
    /// `None`: every drug of the arm.
    drug: Option<usize>,
    condition: Formula,
    /// Not before this time, d.
    from: f64,
}

fn pulling(rule: &Rule) -> Vec<Pulling<'_>> {
    let one = |pull, drug, condition: Formula, from| Pulling { rule, pull, drug, condition, from };
    match &rule.action {
        Action::Hold { drug, resume, .. } => vec![
            one(Pull::Hold, Some(*drug), rule.when.clone(), 0.0),
            one(Pull::Resume, Some(*drug), both(resume, &not(&rule.when)), 0.0),
        ],
        Action::Reduce { drug, .. } => vec![one(Pull::Reduce, Some(*drug), rule.when.clone(), 0.0)],
        Action::Escalate { drug, first, .. } => {
            vec![one(Pull::Raise, Some(*drug), rule.when.clone(), *first)]
        }
        Action::ReEscalate { drug, .. } => vec![one(Pull::Raise, Some(*drug), rule.when.clone(), 0.0)],
        Action::Discontinue { drug } => vec![one(Pull::Stop, *drug, rule.when.clone(), 0.0)],
        _ => Vec::new(),
    }
}

pub(super) fn check(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut reported: Vec<(&str, &str)> = Vec::new();
    for (place, arm) in review.scenario.arms.iter().enumerate() {
        let rules: Vec<Pulling<'_>> =
            arm.rules.iter().flat_map(|rule| pulling(&review.scenario.rules[*rule])).collect();
        for (index, first) in rules.iter().enumerate() {
            for second in &rules[index + 1..] {
                let names = (first.rule.name.as_str(), second.rule.name.as_str());
                if reported.contains(&names) || std::ptr::eq(first.rule, second.rule) {
                    continue;
                }
                if let Some(state) = conflict(review, place, first, second) {
                    diagnostics.extend(finding(review, arm, first, second, &state));
                    reported.push(names);
                }
            }
        }
    }
}

/// A state at which both act.
fn conflict(review: &Review<'_>, arm: usize, first: &Pulling<'_>, second: &Pulling<'_>) -> Option<State> {
    let drug = match (first.drug, second.drug) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.or(other)?,
    };
    let (down, up) = match (first.pull.is_up(), second.pull.is_up()) {
        (false, true) => (first, second),
        (true, false) => (second, first),
        _ => return None,
    };
    // A hold beside the resumption of another rule is what holds are for; a stopped drug stays stopped.
    let opposed = match (down.pull, up.pull) {
        (Pull::Hold | Pull::Reduce, Pull::Raise) => true,
        (Pull::Stop, Pull::Raise | Pull::Resume) => shares_output(review, &down.condition, &up.condition),
        _ => false,
    };
    if !opposed {
        return None;
    }
    let mut later = second.condition.clone();
    if first.pull == Pull::Hold {
        later = held(&later, drug);
    }
    let acts = Acts::of_rule(review.scenario, first.rule);
    let space = Space::new(review.scenario, &review.ranges, vec![arm], acts).searching();
    let day = Symbol::Trial(TrialQuantity::Day);
    let from = super::interval::Interval::new(first.from.max(second.from), f64::INFINITY);
    let region = Region::default().within(day, from, &space)?;
    let wanted: [Wanted; 2] = [(first.condition.clone(), true), (later, true)];
    Search { space: &space, typical: &review.typical }.find_within(&wanted, &region)
}

/// The condition as it reads once the drug is on hold.
fn held(formula: &Formula, drug: usize) -> Formula {
    let again = |part: &Formula| Box::new(held(part, drug));
    match formula {
        Formula::Symbol(Symbol::Trial(TrialQuantity::OnHold(route))) if *route == drug => {
            Formula::Constant(1.0)
        }
        Formula::Symbol(Symbol::Trial(TrialQuantity::Dose(route))) if *route == drug => {
            Formula::Constant(0.0)
        }
        Formula::Constant(_) | Formula::Symbol(_) => formula.clone(),
        Formula::Unary(operation, x) => Formula::Unary(*operation, again(x)),
        Formula::Binary(operation, a, b) => Formula::Binary(*operation, again(a), again(b)),
        Formula::Select(condition, yes, no) => Formula::Select(again(condition), again(yes), again(no)),
    }
}

fn shares_output(review: &Review<'_>, a: &Formula, b: &Formula) -> bool {
    let arms = Vec::new();
    let acts = Acts { schedules: Vec::new(), daily: false };
    let space = Space::new(review.scenario, &review.ranges, arms, acts);
    let reads =
        |formula: &Formula, output: usize| !space.every(formula, &|symbol| symbol != Symbol::Output(output));
    (0..review.scenario.model.outputs.len()).any(|output| reads(a, output) && reads(b, output))
}

fn finding(
    review: &Review<'_>,
    arm: &Arm,
    first: &Pulling<'_>,
    second: &Pulling<'_>,
    state: &State,
) -> Option<Diagnostic> {
    let span: Span = review.places.in_arm(&arm.name, &second.rule.name)?;
    let what = |pulling: &Pulling<'_>| format!("`{}` {}", pulling.rule.name, pulling.pull.words());
    let mut finding = Diagnostic::error(
        format!("two rules of the arm `{}` contradict each other", arm.name),
        span,
        format!("{} here", second.pull.words()),
    )
    .warning();
    if let Some(span) = review.condition(first.rule) {
        finding = finding.related(span, what(first));
    }
    if let Some(span) = review.condition(second.rule) {
        finding = finding.related(span, what(second));
    }
    let example = review.describe(state, &[&first.condition, &second.condition]);
    let outcome = match (first.pull, second.pull) {
        (Pull::Hold, Pull::Raise) => "; the hold goes before, and the step waits for its end",
        (Pull::Raise, Pull::Hold) => "; the dose is stepped up and held on one day",
        (Pull::Reduce, Pull::Raise) => "; the step waits for another day, and can take back the reduction",
        (Pull::Raise, Pull::Reduce) => "; of two changes in a day the first one counts",
        _ => "",
    };
    let note = format!("{example}: both act, {} and {}{outcome}", what(first), what(second));
    let gate = if first.pull == Pull::Hold && second.pull == Pull::Raise {
        "close the gate of the step while the drug is held, `… and not on_hold(drug)`, or by the finding that holds it"
    } else {
        "let the condition of one exclude that of the other"
    };
    Some(finding.note(note).help(gate))
}
