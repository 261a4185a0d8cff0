//! Limits so far from what patients have that the unit must have slipped: `ANC < 500e9/L` where 500 per µL were meant.
//!
//! Weighed against the typical patient at the start, by plain evaluation; nothing is claimed but the ratio.

use super::review::Review;
use crate::diagnostic::{Diagnostic, Text};
use crate::model::{BinaryOperation, Formula, Symbol};

/// A limit this many times above the typical start is doubted: units slip by factors of 1000 and more, and no count or
/// chemistry that ends a treatment lies two orders of magnitude above its start.
const FAR_ABOVE: f64 = 100.0;
/// A limit this many times below is doubted: lymphocytes of CLL may well fall to a hundredth.
const FAR_BELOW: f64 = 1000.0;
/// Factors by which units slip.
const SLIPS: [f64; 3] = [1e3, 1e6, 1e9];

pub(super) fn check(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut texts: Vec<(&Text, &Formula)> = Vec::new();
    for (_, rule, _) in review.rules() {
        let Some(place) = review.places.rule(&rule.name) else { continue };
        texts.extend(place.when.as_ref().map(|text| (text, &rule.when)));
        if let crate::scenario::Action::Hold { resume, .. } = &rule.action {
            texts.extend(place.resume.as_ref().map(|text| (text, resume)));
        }
    }
    let signals = review.scenario.signals.iter().filter(|signal| signal.logical);
    texts.extend(signals.filter_map(|signal| Some((review.places.signal(&signal.name)?, &signal.formula))));
    for (text, formula) in texts {
        let mut doubted: Vec<(usize, f64)> = Vec::new();
        comparisons(formula, review, &mut |output, limit| {
            if !doubted.contains(&(output, limit)) {
                diagnostics.extend(doubt(review, text, output, limit));
                doubted.push((output, limit));
            }
        });
    }
}

fn doubt(review: &Review<'_>, text: &Text, output: usize, limit: f64) -> Option<Diagnostic> {
    let start = review.typical.outputs[output];
    let declared = &review.scenario.model.outputs[output];
    let above = start > 0.0 && limit >= FAR_ABOVE * start;
    let below = start > 0.0 && limit > 0.0 && limit * FAR_BELOW <= start;
    if !(above || below) {
        return None;
    }
    let (ratio, how) = if above { (limit / start, "above") } else { (start / limit, "below") };
    let (limit_text, start_text) = (declared.unit.written(limit), declared.unit.written(plain(start)));
    let candidates = SLIPS.map(|slip| if above { limit / slip } else { limit * slip });
    let meant = candidates.into_iter().find(|value| (0.02..=20.0).contains(&(value / start)));
    let help = match meant {
        Some(meant) => format!("check the unit; was `{}` meant?", declared.unit.written(meant)),
        None => "check the unit".to_owned(),
    };
    Some(
        Diagnostic::error(
            format!("the limit {limit_text} of `{}` lies far {how} what patients have", declared.name),
            text.span,
            format!("{} times {how} the typical start", plain(ratio)),
        )
        .warning()
        .note(format!("for example the typical patient has {} = {start_text} on day 1", declared.name))
        .help(help),
    )
}

/// Rounded to two digits, for showing only.
fn plain(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// Calls for each comparison of an output with a value that is constant for the typical patient.
fn comparisons(formula: &Formula, review: &Review<'_>, found: &mut dyn FnMut(usize, f64)) {
    match formula {
        Formula::Binary(BinaryOperation::Less | BinaryOperation::LessEqual, a, b) => {
            for (one, other) in [(a, b), (b, a)] {
                if let (Formula::Symbol(Symbol::Output(output)), Some(limit)) =
                    (one.as_ref(), constant(other, review))
                {
                    found(*output, limit);
                }
            }
            comparisons(a, review, found);
            comparisons(b, review, found);
        }
        Formula::Binary(_, a, b) => {
            comparisons(a, review, found);
            comparisons(b, review, found);
        }
        Formula::Unary(_, x) => comparisons(x, review, found),
        Formula::Select(condition, yes, no) => {
            for part in [condition, yes, no] {
                comparisons(part, review, found);
            }
        }
        Formula::Symbol(Symbol::Memory(cell)) => {
            comparisons(&review.scenario.memory[*cell].argument, review, found);
        }
        Formula::Constant(_) | Formula::Symbol(_) => {}
    }
}

/// The value of a formula of patient constants for the typical patient.
fn constant(formula: &Formula, review: &Review<'_>) -> Option<f64> {
    let mut constant = true;
    formula.symbols(&mut |symbol| {
        constant &= matches!(
            symbol,
            Symbol::Covariate(_) | Symbol::Parameter(_) | Symbol::Control(_) | Symbol::Equation(_)
        );
    });
    let value = formula.evaluate(&mut |symbol| review.typical.value(symbol));
    (constant && value.is_finite()).then_some(value)
}
