//! Visits too sparse for what a rule looks back at: `lasting(…, 7 d)` or `recent(…, 7 d)` with visits 28 d apart, and daily checks
//! of values that are measured at visits only.

use super::parts::is_constant;
use super::review::Review;
use super::space::LABORATORY;
use super::wording::day;
use crate::diagnostic::{Diagnostic, Text};
use crate::model::{Formula, Symbol};
use crate::scenario::{Action, MemoryCell, MemoryKind, Rule, VisitSchedule};

/// Spans and spacings that differ by less are equal, d.
const SAME_TIME: f64 = 1e-6;

pub(super) fn check(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut reported: Vec<usize> = Vec::new();
    for (_, rule, _) in review.rules() {
        let Some(place) = review.places.rule(&rule.name) else { continue };
        let Some(text) = &place.when else { continue };
        let mut cells = Vec::new();
        collect(review, &rule.when, &mut cells);
        for cell in cells {
            if !reported.contains(&cell) {
                reported.push(cell);
                diagnostics.extend(sparse(review, rule, text, &review.scenario.memory[cell]));
            }
        }
        diagnostics.extend(daily(review, rule, text));
    }
}

/// Memory that a condition reads, directly or through signals.
fn collect(review: &Review<'_>, formula: &Formula, cells: &mut Vec<usize>) {
    formula.symbols(&mut |symbol| match symbol {
        Symbol::Memory(cell) => {
            if !cells.contains(&cell) {
                cells.push(cell);
            }
            collect(review, &review.scenario.memory[cell].argument, cells);
        }
        Symbol::Signal(signal) => collect(review, &review.scenario.signals[signal].formula, cells),
        _ => {}
    });
}

/// The widest gap between two visits: its begin and its length, d.
fn widest(schedule: &VisitSchedule) -> Option<(f64, f64)> {
    let gaps = schedule.times.windows(2).map(|pair| (pair[0], pair[1] - pair[0]));
    gaps.reduce(|widest, gap| if gap.1 > widest.1 + SAME_TIME { gap } else { widest })
}

fn sparse(review: &Review<'_>, rule: &Rule, text: &Text, cell: &MemoryCell) -> Option<Diagnostic> {
    let (function, span) = match cell.kind {
        MemoryKind::Lasting(span) => ("lasting", span),
        MemoryKind::Recent(span) => ("recent", span),
        _ => return None,
    };
    let schedule = &review.scenario.visits[cell.schedule];
    let (from, gap) = widest(schedule)?;
    let accepted = review.places.accepts(&rule.name, "sparse visits");
    if accepted || cell.daily || span <= 0.0 || gap <= span + SAME_TIME || span > review.scenario.horizon {
        return None;
    }
    let space = review.space(rule, (0..review.scenario.arms.len()).collect());
    let state = review.find(&space, &[(cell.argument.clone(), true)])?;
    let values = review.describe(&state, &[&cell.argument]);
    // What is shown are the values; the visits of the gap take the place of the day on which they were found.
    let values = values.split_once(", ").map_or("the finding", |(_, values)| values);
    let (first, next) = (day(from), day(from + gap));
    let note = match cell.kind {
        MemoryKind::Lasting(_) => format!(
            "for example {values} from day {} on: seen on day {next}, and known to last {} d only at the visit after",
            day(from + SAME_TIME.max(gap * 0.1).floor().max(1.0)),
            shown(span)
        ),
        _ => format!(
            "for example {values} seen on day {first}: {} d later it counts no more, and the next visit is on day {next}",
            shown(span)
        ),
    };
    let finding = Diagnostic::error(
        format!("visits are too sparse for `{function}(…, {} d)` of the rule `{}`", shown(span), rule.name),
        text.span,
        format!("the schedule `{}` has {} d between day {first} and day {next}", schedule.name, shown(gap)),
    );
    Some(finding.warning().note(note).help(format!(
        "see patients at least every {} d, or look back {} d",
        shown(span),
        shown(gap)
    )))
}

/// Days without the noise of a conversion.
fn shown(days: f64) -> f64 {
    (days * 1e3).round() / 1e3
}

/// A rule checked daily that reads nothing but what is measured at visits.
fn daily(review: &Review<'_>, rule: &Rule, text: &Text) -> Option<Diagnostic> {
    if !rule.daily || matches!(rule.action, Action::Escalate { .. }) || is_constant(&rule.when) {
        return None;
    }
    let space = review.space(rule, Vec::new());
    let outputs = &review.scenario.model.outputs;
    let at_visits = space.every(&rule.when, &|symbol| match symbol {
        Symbol::Output(output) => outputs[output].error.is_some(),
        Symbol::Signal(signal) => !review.scenario.signals[signal].daily,
        Symbol::Time | Symbol::State(_) | Symbol::Trial(_) => false,
        _ => true,
    });
    let mut reads = false;
    rule.when.symbols(&mut |symbol| {
        reads |= matches!(symbol, Symbol::Output(_) | Symbol::Memory(_) | Symbol::Signal(_))
    });
    // `recent` fades between visits, which is a reason to look daily.
    let mut cells = Vec::new();
    collect(review, &rule.when, &mut cells);
    let fades = cells.iter().any(|cell| matches!(review.scenario.memory[*cell].kind, MemoryKind::Recent(_)));
    let (from, gap) = widest(&review.scenario.visits[LABORATORY])?;
    if !at_visits || !reads || fades || gap <= 1.0 {
        return None;
    }
    let state = review.find(&space, &[(rule.when.clone(), true)])?;
    let values = review.describe(&state, &[&rule.when]);
    let values = values.split_once(", ").map_or("the finding", |(_, values)| values);
    Some(
        Diagnostic::error(
            format!("the rule `{}` is checked daily, but reads what is measured at visits", rule.name),
            text.span,
            "new at laboratory visits only",
        )
        .warning()
        .note(format!(
            "for example {values} from day {} on is seen on day {}, not before",
            day(from + 1.0),
            day(from + gap)
        ))
        .help("leave `check = \"daily\"` out, or add laboratory visits"),
    )
}
