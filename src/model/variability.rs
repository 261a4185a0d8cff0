//! The parts of a model file that say how patients differ: individual parameters, random effects, correlations.

use super::declarations::{Distribution, Effect, Individual, Spread};
use super::entry::{item, required_written, written_or_number};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Number, Table, Value};
use crate::expression;
use crate::math::elementary;

/// An individual parameter, with its effect of occasions if it has one.
pub(super) fn individual(
    name: Text,
    mut entry: Table,
    d: &mut Vec<Diagnostic>,
) -> Option<(Individual, Option<Effect>)> {
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
    let (span, has_cv) = (entry.span(), entry.has("cv"));
    let spread = spread(&mut entry, d);
    if has_cv && matches!(distribution, Some(Distribution::LogitNormal | Distribution::Normal)) {
        d.push(no_coefficient_of_variation(span));
    }
    let occasion = entry.table("occasion", d).map(|occasion| occasion_spread(occasion, distribution, d));
    let lower = written_or_number(&mut entry, "lower", d);
    let upper = written_or_number(&mut entry, "upper", d);
    entry.finish(d);
    let distribution = distribution?;
    let effect = Effect { name: item.name.clone(), distribution, spread };
    let varies_by_occasion = occasion.is_some();
    let kappa = occasion.map(|spread| Effect { name: item.name.clone(), distribution, spread });
    Some((Individual { item, typical, effect, varies_by_occasion, lower, upper }, kappa))
}

/// `occasion = { cv = "20 %" }` of an individual parameter.
fn occasion_spread(
    mut entry: Table,
    distribution: Option<Distribution>,
    d: &mut Vec<Diagnostic>,
) -> Option<Spread> {
    let (span, has_cv) = (entry.span(), entry.has("cv"));
    let spread = spread(&mut entry, d);
    entry.finish(d);
    if has_cv && matches!(distribution, Some(Distribution::LogitNormal | Distribution::Normal)) {
        d.push(no_coefficient_of_variation(span));
    }
    spread
}

/// A normal or logit-normal quantity has a coefficient of variation that depends on its typical value.
fn no_coefficient_of_variation(span: Span) -> Diagnostic {
    Diagnostic::error("only a log-normal quantity has a `cv`", span, "another distribution").help(
        "give `omega`, the SD of the effect on its own scale, or for a normal quantity `sd = \"1.6 g/dL\"`",
    )
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

/// A block as a full symmetric matrix, or as its lower triangle, in which form estimation programs print it.
pub(super) fn covariance(
    mut entry: Table,
    d: &mut Vec<Diagnostic>,
) -> Option<(Vec<Text>, Vec<Vec<f64>>, Span)> {
    let names = entry.texts("names", d);
    let span = entry.span();
    let matrix = entry.value("matrix").and_then(|matrix| symmetric_matrix(&matrix, names.len()));
    entry.finish(d);
    let Some(matrix) = matrix.filter(|_| !names.is_empty()) else {
        d.push(
            Diagnostic::error(
                "a covariance block is a symmetric matrix with a row per name",
                span,
                "this block",
            )
            .help(
                "write `names = [\"CL\", \"V\"]` and `matrix = [[0.30, 0.25], [0.25, 0.28]]`, or the lower triangle \
                 `[[0.30], [0.25, 0.28]]`",
            ),
        );
        return None;
    };
    for (index, name) in names.iter().enumerate() {
        if matrix[index][index] <= 0.0 {
            d.push(
                Diagnostic::error(
                    format!("the variance of `{}` is {}", name.value, matrix[index][index]),
                    name.span,
                    "not positive",
                )
                .help("the diagonal holds variances, omega²; leave out of the block what does not vary"),
            );
            return None;
        }
        if let Some(first) = names[..index].iter().find(|other| other.value == name.value) {
            d.push(
                Diagnostic::error(
                    format!("`{}` stands twice in this block", name.value),
                    name.span,
                    "again here",
                )
                .related(first.span, "first here")
                .help("name each effect once"),
            );
            return None;
        }
    }
    Some((names, matrix, span))
}

/// A matrix of this size, given whole or as its lower triangle; `None` if it is neither, or not symmetric.
pub fn symmetric_matrix(value: &Value, size: usize) -> Option<Vec<Vec<f64>>> {
    let Value::List(rows, _) = value else { return None };
    let mut numbers: Vec<Vec<f64>> = Vec::new();
    for row in rows {
        let Value::List(row, _) = row else { return None };
        let row = row.iter().map(|value| match value {
            Value::Number(number) => Some(number.value),
            _ => None,
        });
        numbers.push(row.collect::<Option<Vec<f64>>>()?);
    }
    let whole = numbers.iter().all(|row| row.len() == size);
    let lower = numbers.iter().enumerate().all(|(index, row)| row.len() == index + 1);
    if numbers.len() != size || !(whole || lower) {
        return None;
    }
    if whole && (0..size).any(|i| (0..i).any(|j| numbers[i][j] != numbers[j][i])) {
        return None;
    }
    Some((0..size).map(|i| (0..size).map(|j| numbers[i.max(j)][i.min(j)]).collect()).collect())
}
