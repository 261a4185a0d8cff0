//! An expression over the results of a point and its axes, in the language of equations: by which points are ranked.
//!
//! Results enter with their units, as everything in that language. Its Monte Carlo error is that of all results together where
//! points keep them with groups of patients left out; otherwise it is put together from the errors of the parts.

use super::definition::{AxisColumn, Cell};
use super::view::ViewColumn;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::expression;
use crate::model::{Checked, Formula, Names, Symbol, check_expression};
use crate::units::{self, Dimension, Unit};

/// An expression that gives one number at each point.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// As written.
    pub text: String,
    /// Unit in which it is shown; empty for a plain number.
    pub unit: String,
    /// Factor of that unit to the coherent one.
    factor: f64,
    formula: Formula,
    /// Of every axis, then of every column: factor of its unit to the coherent one.
    factors: Vec<f64>,
    axes: usize,
    /// Columns that stand in it.
    used: Vec<usize>,
}

/// Names of axes and columns, numbered in this order as [`Symbol::Parameter`], as conditions of `where` do.
struct Scope<'a> {
    names: Vec<&'a str>,
    units: Vec<Unit>,
    numeric: Vec<bool>,
    used: Vec<usize>,
}

impl Names for Scope<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        let place = self.names.iter().position(|other| *other == name)?;
        if !self.numeric[place] {
            diagnostics.push(
                Diagnostic::error(format!("the values of `{name}` are texts"), span, "no number")
                    .help("rank by results and by axes of numbers"),
            );
            return None;
        }
        if !self.used.contains(&place) {
            self.used.push(place);
        }
        Some(Checked::symbol(Symbol::Parameter(place), self.units[place].dimension))
    }
    fn candidates(&self) -> Vec<String> {
        let names = self.names.iter().zip(&self.numeric).filter(|(_, numeric)| **numeric);
        names.map(|(name, _)| (*name).to_owned()).collect()
    }
    fn remedy(&self) -> Option<String> {
        Some(format!("there are `{}`", self.names.join("`, `")))
    }
    fn explained(&self, name: &str) -> bool {
        self.names.iter().zip(&self.numeric).any(|(other, numeric)| *other == name && !numeric)
    }
}

/// The unit of a result or an axis; what is none to the language (`percentage points`) is one of these.
fn unit_of(text: &str) -> Unit {
    let text = if text == "percentage points" { "%" } else { text };
    units::parse(text).unwrap_or(Unit::ONE)
}

impl Score {
    /// Reads an expression over axes and columns.
    pub(super) fn read(
        text: &Text,
        axes: &[AxisColumn],
        columns: &[ViewColumn],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let shown: Vec<&str> = axes
            .iter()
            .map(|axis| axis.unit.as_str())
            .chain(columns.iter().map(|column| column.target.unit.as_str()))
            .collect();
        let mut scope = Scope {
            names: axes
                .iter()
                .map(|axis| axis.name.as_str())
                .chain(columns.iter().map(|column| column.name.as_str()))
                .collect(),
            units: shown.iter().map(|unit| unit_of(unit)).collect(),
            numeric: axes.iter().map(|axis| axis.numeric).chain(columns.iter().map(|_| true)).collect(),
            used: Vec::new(),
        };
        let expression = expression::parse(text, diagnostics)?;
        let checked = check_expression(&expression, &mut scope, None, diagnostics)?;
        let used: Vec<usize> = scope.used.iter().filter_map(|place| place.checked_sub(axes.len())).collect();
        if used.is_empty() {
            diagnostics.push(
                Diagnostic::error("this ranks by no result", text.span, "no result stands in it").help(
                    format!("name one: `{}`", columns.first().map_or("response", |column| &column.name)),
                ),
            );
            return None;
        }
        // Shown in the unit of the first result that it could be told in: percentages stay percentages.
        let parts = used.iter().map(|column| axes.len() + column);
        let like = parts.map(|place| (shown[place], scope.units[place])).find(|(shown, unit)| {
            unit.dimension == checked.dimension
                && (checked.dimension != Dimension::NONE || unit.factor != 1.0 || *shown == "1")
        });
        let (unit, factor) = match like {
            Some(("percentage points", unit)) => ("%".to_owned(), unit.factor),
            Some(("1", _)) => (String::new(), 1.0),
            Some((shown, unit)) => (shown.to_owned(), unit.factor),
            None if checked.dimension.is_none() => (String::new(), 1.0),
            None => (units::coherent_name(checked.dimension), 1.0),
        };
        Some(Self {
            text: text.value.trim().to_owned(),
            unit,
            factor,
            formula: checked.formula,
            factors: scope.units.iter().map(|unit| unit.factor).collect(),
            axes: axes.len(),
            used,
        })
    }

    /// The number at a point, from the cells of its axes and the results by column, each in its unit; `None` where a result that
    /// it needs is absent, or the number is not finite.
    pub fn value(&self, cells: &[Cell], results: &[Option<f64>]) -> Option<f64> {
        if self.used.iter().any(|column| !results.get(*column).copied().flatten().is_some_and(f64::is_finite))
        {
            return None;
        }
        let mut lookup = |symbol| {
            let Symbol::Parameter(place) = symbol else { return f64::NAN };
            let shown = match place.checked_sub(self.axes) {
                Some(column) => results.get(column).copied().flatten(),
                None => cells.get(place).and_then(|cell| match cell {
                    Cell::Number(number) => Some(*number),
                    Cell::Text(_) => None,
                }),
            };
            shown.map_or(f64::NAN, |shown| shown * self.factors[place])
        };
        let value = self.formula.evaluate(&mut lookup) / self.factor;
        value.is_finite().then_some(value)
    }

    /// Its standard error from those of the results as if they were not correlated: the root of the sum of squares of what each
    /// moves it by within one standard error to both sides, which of a linear expression is the textbook's propagation of errors (JCGM 100:2008,
    /// equation 10). `None` where an error is absent.
    pub fn propagated(&self, cells: &[Cell], results: &[Option<f64>], errors: &[Option<f64>]) -> Option<f64> {
        let mut squares = 0.0;
        for column in &self.used {
            let (result, error) =
                (results.get(*column).copied().flatten()?, errors.get(*column).copied().flatten()?);
            let at = |result: f64| {
                let mut moved = results.to_vec();
                moved[*column] = Some(result);
                self.value(cells, &moved)
            };
            let moves = 0.5 * (at(result + error)? - at(result - error)?);
            squares += moves * moves;
        }
        Some(squares.sqrt())
    }

    /// Columns that stand in it.
    pub fn used(&self) -> &[usize] {
        &self.used
    }
}
