//! The parts of a model file that say how patients differ: individual parameters, random effects, correlations.

use super::declarations::{Distribution, Effect, Individual, Spread};
use super::entry::{item, required_written, written_or_number};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Number, Table, Value};
use crate::expression;
use crate::math::elementary;

pub(super) fn individual(name: Text, mut entry: Table, d: &mut Vec<Diagnostic>) -> Option<Individual> {
    let item = item(name, &mut entry, false, d);
    let typical = required_written(&mut entry, "typical", d);
    let distribution = entry.required_text("distribution", d).and_then(|text| match text.value.as_str() {
        "log-normal" => Some(Distribution::LogNormal),
        "logit-normal" => Some(Distribution::LogitNormal),
        "normal" => Some(Distribution::Normal),
        other => {
            d.push(
                Diagnostic::error(
                    format!("`{other}` is not a distribution"),
                    text.span,
                    "unknown distribution",
                )
                .help("write \"log-normal\", \"logit-normal\" or \"normal\""),
            );
            None
        }
    });
    let spread = spread(&mut entry, d);
    let lower = written_or_number(&mut entry, "lower", d);
    let upper = written_or_number(&mut entry, "upper", d);
    entry.finish(d);
    let effect = Effect { name: item.name.clone(), distribution: distribution?, spread };
    Some(Individual { item, typical, effect, lower, upper })
}

/// `omega` (SD on the scale of the effect), `cv` (of a log-normal: omega² = log(1 + cv²)) or `sd` (of a normal).
pub(super) fn spread(entry: &mut Table, d: &mut Vec<Diagnostic>) -> Option<Spread> {
    let omega = entry.number("omega", d);
    let cv = written_or_number(entry, "cv", d);
    let sd = written_or_number(entry, "sd", d);
    let given = usize::from(omega.is_some()) + usize::from(cv.is_some()) + usize::from(sd.is_some());
    if given > 1 {
        d.push(
            Diagnostic::error("the spread is given twice", entry.span(), "more than one of omega, cv and sd")
                .help(
                    "keep one: omega is the SD on the log (or logit) scale, cv the coefficient of variation",
                ),
        );
    }
    if let Some(omega) = omega {
        if omega.value < 0.0 {
            d.push(Diagnostic::error("a standard deviation cannot be negative", omega.span, "negative"));
        }
        return Some(Spread::Omega(omega.value));
    }
    if let Some(cv) = cv {
        let value = match &cv.tree.kind {
            expression::Kind::Number(value) => Some(*value),
            expression::Kind::Quantity { value, unit, .. } if unit == "%" => Some(value / 100.0),
            _ => None,
        };
        let Some(value) = value.filter(|value| *value >= 0.0) else {
            d.push(
                Diagnostic::error(
                    "a coefficient of variation is a number or a percentage",
                    cv.tree.span,
                    "here",
                )
                .help("write `cv = \"52 %\"` or `cv = 0.52`"),
            );
            return None;
        };
        return Some(Spread::Omega(elementary::ln_1p(value * value).sqrt()));
    }
    sd.map(Spread::Sd)
}

pub(super) fn correlation(mut entry: Table, d: &mut Vec<Diagnostic>) -> Option<(Text, Text, Number)> {
    let between = entry.texts("between", d);
    let value = entry.number("value", d);
    let span = entry.span();
    entry.finish(d);
    let [a, b] = between.as_slice() else {
        d.push(
            Diagnostic::error(
                "a correlation is between two random effects",
                span,
                "`between` needs two names",
            )
            .help("write `between = [\"CL\", \"V\"]`"),
        );
        return None;
    };
    let Some(value) = value else {
        d.push(
            Diagnostic::error("the key `value` is missing", span, "needs `value`")
                .help("write `value = 0.85`"),
        );
        return None;
    };
    if !(value.value > -1.0 && value.value < 1.0) {
        d.push(Diagnostic::error("a correlation lies between -1 and 1", value.span, "outside").help(
            "a correlation of exactly 1 would make two effects one: use a single effect in both equations",
        ));
        return None;
    }
    Some((a.clone(), b.clone(), value))
}

pub(super) fn covariance(
    mut entry: Table,
    d: &mut Vec<Diagnostic>,
) -> Option<(Vec<Text>, Vec<Vec<f64>>, Span)> {
    let names = entry.texts("names", d);
    let span = entry.span();
    let matrix = entry.value("matrix");
    entry.finish(d);
    let rows = match matrix {
        Some(Value::List(rows, _)) => rows,
        _ => Vec::new(),
    };
    let mut numbers = Vec::new();
    for row in rows {
        let Value::List(row, _) = row else { continue };
        let row = row.iter().filter_map(|value| match value {
            Value::Number(number) => Some(number.value),
            _ => None,
        });
        numbers.push(row.collect::<Vec<f64>>());
    }
    let n = names.len();
    let square = n > 0 && numbers.len() == n && numbers.iter().all(|row| row.len() == n);
    let symmetric = square && (0..n).all(|i| (0..i).all(|j| numbers[i][j] == numbers[j][i]));
    if !symmetric {
        d.push(
            Diagnostic::error(
                "a covariance block is a symmetric matrix with a row per name",
                span,
                "this block",
            )
            .help("write `names = [\"CL\", \"V\"]` and `matrix = [[0.30, 0.25], [0.25, 0.28]]`"),
        );
        return None;
    }
    Some((names, numbers, span))
}
