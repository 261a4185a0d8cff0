//! `[uncertainty]`: how well the population parameters are known, as the covariance of their estimates or as a table of
//! draws.
//!
//! Description only: who draws is `population`, who runs the trial once per draw is `trial`.

use super::quantity::value_in;
use super::table_of_draws;
use super::uncertain::{Around, find, parameter};
use super::uncertainty_definition::{DrawLaw, Scale, Uncertain, UncertainParameter, Uncertainty};
use crate::diagnostic::{Diagnostic, Sources, Span, Text};
use crate::document::{Table, Value};
use crate::math::correlation::contradictions;
use crate::model::{NamedUnit, symmetric_matrix};
use crate::units::Unit;

/// Draws where neither the file nor a table says how many.
const DEFAULT_DRAWS: u64 = 50;
/// More draws than this are a slip of the key.
const MOST_DRAWS: u64 = 100_000;

/// Reads the table; `None` where there is none, it asks for no draws, or has an error.
pub(super) fn read(
    table: Option<Table>,
    around: &Around<'_>,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Uncertainty> {
    let mut table = table?;
    let span = table.span();
    let draws = table.integer("draws", diagnostics);
    let blocks = table.tables("covariance", diagnostics);
    let file = table.text("table", diagnostics);
    let free = table.texts("free_sign", diagnostics);
    table.finish(diagnostics);
    let free: Vec<Uncertain> = free.iter().filter_map(|name| find(name, around, diagnostics)).collect();
    if let Some((number, span)) = draws
        && (number == 1 || number > MOST_DRAWS)
    {
        diagnostics.push(
            Diagnostic::error(
                format!("the number of draws must lie between 2 and {MOST_DRAWS}"),
                span,
                "not possible",
            )
            .help("write for example `draws = 50`, or `draws = 0` to leave the uncertainty out"),
        );
        return None;
    }
    let mut found = match (file, blocks.is_empty()) {
        (Some(file), true) => table_of_draws::read(&file, draws, around, &free, sources, diagnostics),
        (None, false) => {
            let draws = draws.map_or(DEFAULT_DRAWS, |(draws, _)| draws) as usize;
            normal(blocks, draws, around, diagnostics)
        }
        (file, _) => {
            let place = file.as_ref().map_or(span, |file| file.span);
            let what = if file.is_some() {
                "both a table and a covariance"
            } else {
                "neither a covariance nor a table"
            };
            diagnostics.push(
                Diagnostic::error("an uncertainty is a covariance of estimates or a table of draws", place, what).help(
                    "write `[[uncertainty.covariance]]` with `names` and `standard_errors` or `matrix`, or `table = \"draws.csv\"`",
                ),
            );
            None
        }
    }?;
    for parameter in &mut found.parameters {
        parameter.free_sign = free.contains(&parameter.target);
    }
    (found.draws > 0).then_some(found)
}

/// `[[uncertainty.covariance]]`: blocks of estimates.
fn normal(
    blocks: Vec<Table>,
    draws: usize,
    around: &Around<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Uncertainty> {
    let mut parameters: Vec<(UncertainParameter, Span)> = Vec::new();
    let mut correlations: Vec<(usize, usize, f64)> = Vec::new();
    let mut faulty = false;
    for table in blocks {
        let Some(block) = block(table, around, diagnostics) else {
            faulty = true;
            continue;
        };
        let first = parameters.len();
        for (parameter, span) in block.parameters {
            if let Some((_, known)) = parameters.iter().find(|(known, _)| known.target == parameter.target) {
                diagnostics.push(
                    Diagnostic::error(
                        format!("`{}` stands twice in [uncertainty]", parameter.name),
                        span,
                        "again here",
                    )
                    .related(*known, "first here")
                    .help("name each parameter in one block only"),
                );
                faulty = true;
            }
            parameters.push((parameter, span));
        }
        correlations
            .extend(block.correlations.into_iter().map(|(a, b, value)| (first + a, first + b, value)));
    }
    let contradictions = contradictions(parameters.len(), &correlations);
    for found in &contradictions {
        let (a, b, value) = correlations[found.index];
        let names: Vec<&str> =
            found.members.iter().map(|member| parameters[*member].0.name.as_str()).collect();
        let pair = (&parameters[a].0.name, &parameters[b].0.name);
        let message =
            format!("the covariance of the estimates of {} is not positive definite", names.join(", "));
        let label = format!("a correlation of {value:.3} between `{}` and `{}` cannot be", pair.0, pair.1);
        diagnostics.push(Diagnostic::error(message, parameters[b].1, label).help(match found.room {
            Some((lower, upper)) if value.abs() < 1.0 => {
                format!("beside the others, this correlation can lie between {lower:.2} and {upper:.2}")
            }
            _ => "a covariance stays below the product of the two standard errors".to_owned(),
        }));
    }
    let parameters = parameters.into_iter().map(|(parameter, _)| parameter).collect();
    (!faulty && contradictions.is_empty()).then_some(Uncertainty {
        draws,
        parameters,
        law: DrawLaw::Normal(correlations),
    })
}

/// Estimates with their standard errors; correlations by place in the block.
struct Block {
    parameters: Vec<(UncertainParameter, Span)>,
    correlations: Vec<(usize, usize, f64)>,
}

fn block(mut table: Table, around: &Around<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Block> {
    let span = table.span();
    let names = table.texts("names", diagnostics);
    let scale = table.text("scale", diagnostics);
    let (errors, matrix) = (table.value("standard_errors"), table.value("matrix"));
    let correlation = table.value("correlation");
    table.finish(diagnostics);
    let scale = match scale {
        None => Some(Scale::Log),
        Some(text) => scale_of(&text, diagnostics),
    }?;
    let mut parameters = Vec::new();
    for name in &names {
        let parameter = parameter(find(name, around, diagnostics)?, around.model);
        let estimate = parameter.target.value(around.model);
        fits(&parameter, scale, estimate, name.span, diagnostics)?;
        parameters.push((UncertainParameter { scale, ..parameter }, name.span));
    }
    let found = match (matrix, errors, correlation) {
        (Some(matrix), None, None) => {
            symmetric_matrix(&matrix, names.len()).map(|matrix| of_matrix(&matrix, &parameters))
        }
        (None, Some(errors), correlation) => {
            let errors = standard_errors(errors, &parameters, diagnostics)?;
            let pairs =
                correlation.map_or(Some(Vec::new()), |it| of_correlation(&it, &names, diagnostics))?;
            Some((errors, pairs))
        }
        _ => None,
    };
    let fitting = |(errors, _): &(Vec<f64>, _)| errors.len() == names.len() && !names.is_empty();
    let Some((errors, correlations)) = found.filter(fitting) else {
        let message = "a block of estimates has a standard error or a row of a matrix for each name";
        diagnostics.push(Diagnostic::error(message, span, "this block").help(
            "write `names = [\"cl\", \"v\"]`, `scale = \"log\"`, and `standard_errors = [0.1, 0.15]`, with \
             `correlation = [[1], [0.3, 1]]` if they are correlated, or the covariance `matrix = [[0.01, 0.004], [0.004, 0.0225]]`",
        ));
        return None;
    };
    for ((parameter, place), error) in parameters.iter_mut().zip(errors) {
        if !(error > 0.0 && error.is_finite()) {
            let message = format!("the variance of the estimate of `{}` is not positive", parameter.name);
            diagnostics.push(Diagnostic::error(message, *place, "here").help(
                "leave out what is known exactly; the diagonal of a matrix holds squares of standard errors",
            ));
            return None;
        }
        parameter.standard_error = error;
    }
    Some(Block { parameters, correlations })
}

/// Standard errors and correlations of a covariance matrix. That of natural estimates is in the products of their units.
fn of_matrix(
    matrix: &[Vec<f64>],
    parameters: &[(UncertainParameter, Span)],
) -> (Vec<f64>, Vec<(usize, usize, f64)>) {
    let error = |(place, (parameter, _)): (usize, &(UncertainParameter, Span))| {
        let factor = if parameter.scale == Scale::Natural { parameter.unit.unit.factor } else { 1.0 };
        matrix[place][place].sqrt() * factor
    };
    let errors = parameters.iter().enumerate().map(error).collect();
    let pairs = (0..matrix.len()).flat_map(|row| (0..row).map(move |column| (column, row)));
    let correlation = |(column, row): (usize, usize)| {
        let found = matrix[row][column] / (matrix[row][row] * matrix[column][column]).sqrt();
        // A variance that is not positive is told by itself.
        (column, row, if found.is_finite() { found } else { 0.0 })
    };
    (errors, pairs.map(correlation).collect())
}

/// Correlations of estimates by place, of a matrix beside their standard errors.
fn of_correlation(
    value: &Value,
    names: &[Text],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(usize, usize, f64)>> {
    let mut refuse = |message: String, label: &str, help: &str| {
        diagnostics.push(Diagnostic::error(message, value.span(), label).help(help));
        None
    };
    let Some(matrix) = symmetric_matrix(value, names.len()) else {
        return refuse(
            "a correlation matrix is symmetric and has a row for each name".to_owned(),
            "this matrix",
            "write it whole, or as its lower triangle: `correlation = [[1], [0.3, 1]]`",
        );
    };
    if let Some(place) = (0..names.len()).find(|&place| matrix[place][place] != 1.0) {
        let message = format!("the correlation of `{}` with itself is 1", names[place].value);
        let label = format!("{} on the diagonal", matrix[place][place]);
        return refuse(message, &label, "a covariance belongs in `matrix`, without `standard_errors`");
    }
    let mut pairs = Vec::new();
    for row in 0..names.len() {
        for column in 0..row {
            let found = matrix[row][column];
            if !(found > -1.0 && found < 1.0) {
                let (a, b) = (&names[column].value, &names[row].value);
                let message = format!("a correlation of {found} between `{a}` and `{b}` cannot be");
                let help =
                    "a correlation lies between -1 and 1; what is known together exactly is one parameter";
                return refuse(message, "outside", help);
            }
            pairs.push((column, row, found));
        }
    }
    Some(pairs)
}

fn scale_of(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Scale> {
    let found =
        [Scale::Log, Scale::Logit, Scale::Natural].into_iter().find(|scale| scale.name() == text.value);
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(format!("`{}` is no scale of an estimate", text.value), text.span, "unknown scale").help(
                "write \"log\" (standard errors of logarithms, near the relative ones), \"logit\" or \"natural\" (in the unit of \
                 the parameter)",
            ),
        );
    }
    found
}

/// Whether an estimate has a place on a scale.
fn fits(
    parameter: &UncertainParameter,
    scale: Scale,
    estimate: f64,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<()> {
    let why = match scale {
        Scale::Log if estimate <= 0.0 => "a logarithm needs a value above 0",
        Scale::Logit if !(estimate > 0.0 && estimate < 1.0 && parameter.unit.unit.dimension.is_none()) => {
            "a logit needs a pure number between 0 and 1"
        }
        _ => return Some(()),
    };
    let value = parameter.unit.show(estimate);
    diagnostics.push(
        Diagnostic::error(
            format!("`{}` has no place on the {} scale", parameter.name, scale.name()),
            span,
            format!("is {value}"),
        )
        .help(format!("{why}; put it into a block of its own with `scale = \"natural\"`")),
    );
    None
}

/// A list of standard errors: pure numbers or percentages on the log and logit scale, else in the parameter's unit.
fn standard_errors(
    value: Value,
    parameters: &[(UncertainParameter, Span)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<f64>> {
    let Value::List(values, _) = value else {
        diagnostics.push(value.mistyped("standard_errors", "a list", "standard_errors = [0.1, 0.15]"));
        return None;
    };
    let one = NamedUnit { name: "1".to_owned(), unit: Unit::ONE };
    let read = |(value, (parameter, _)): (&Value, &(UncertainParameter, Span))| {
        let unit = if parameter.scale == Scale::Natural { &parameter.unit } else { &one };
        value_in(value, unit, &format!("the standard error of `{}`", parameter.name), diagnostics)
    };
    if values.len() != parameters.len() {
        return Some(Vec::new());
    }
    values.iter().zip(parameters).map(read).collect()
}
