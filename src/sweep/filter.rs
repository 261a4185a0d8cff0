//! `where`: conditions over the axes' values, in the language of equations, units included.

use super::definition::{Block, Cell};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::expression;
use crate::model::{BinaryOperation, Checked, Formula, Names, Symbol, check_condition};
use crate::units::Dimension;

/// Names of axes, numbered in order as [`Symbol::Parameter`]: a sweep has no other use for it. The value of an axis of texts is
/// the place of its text in `texts`.
struct Axes<'a> {
    names: Vec<&'a str>,
    dimensions: Vec<Dimension>,
    numeric: Vec<bool>,
    texts: &'a [Vec<String>],
}

impl Names for Axes<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        if let Some(axis) = self.names.iter().position(|other| *other == name) {
            if self.numeric[axis] {
                return Some(Checked::symbol(Symbol::Parameter(axis), self.dimensions[axis]));
            }
            let words: Vec<&str> = self.texts[axis]
                .iter()
                .map(String::as_str)
                .filter(|text| super::axis::is_word(text))
                .collect();
            diagnostics.push(Diagnostic::error(format!("the values of `{name}` are texts"), span, "no number").help(
                match words.first() {
                    Some(word) => format!("ask for one of them by its label: `{name}.{word}`"),
                    None => format!(
                        "give the axis `labels = [\"continuous\", …]` that are single words, and ask for one: `{name}.continuous`"
                    ),
                },
            ));
            return None;
        }
        let (axis, label) = name.split_once('.')?;
        let axis = self.names.iter().position(|other| *other == axis)?;
        let place = self.texts[axis].iter().position(|text| text == label)?;
        let (value, place) =
            (Box::new(Formula::Symbol(Symbol::Parameter(axis))), Box::new(Formula::Constant(place as f64)));
        Some(Checked::condition(Formula::Binary(BinaryOperation::Equal, value, place)))
    }
    fn candidates(&self) -> Vec<String> {
        let labels = self.names.iter().zip(self.texts).flat_map(|(name, texts)| {
            let words = texts.iter().filter(|text| super::axis::is_word(text));
            words.map(move |text| format!("{name}.{text}"))
        });
        let numbers = self.names.iter().zip(&self.numeric).filter(|(_, numeric)| **numeric);
        numbers.map(|(name, _)| (*name).to_owned()).chain(labels).collect()
    }
    fn remedy(&self) -> Option<String> {
        Some(format!("there are `{}`", self.names.join("`, `")))
    }
    fn explained(&self, name: &str) -> bool {
        self.names.iter().zip(&self.numeric).any(|(other, numeric)| *other == name && !numeric)
    }
}

/// Conditions that a point must meet.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    conditions: Vec<Formula>,
    factors: Vec<f64>,
    texts: Vec<Vec<String>>,
}

impl Filter {
    /// Reads the conditions.
    pub fn read(wanted: &[Text], blocks: &[Block], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let texts: Vec<Vec<String>> = blocks.iter().flat_map(texts).collect();
        let columns = || blocks.iter().flat_map(|block| &block.columns);
        let mut axes = Axes {
            names: columns().map(|column| column.name.as_str()).collect(),
            dimensions: blocks.iter().flat_map(|block| block.dimensions.iter().copied()).collect(),
            numeric: columns().map(|column| column.numeric).collect(),
            texts: &texts,
        };
        let mut conditions = Vec::new();
        for text in wanted {
            let expression = expression::parse(text, diagnostics);
            conditions.extend(expression.and_then(|it| check_condition(&it, &mut axes, diagnostics)));
        }
        let factors = blocks.iter().flat_map(|block| block.factors.iter().copied()).collect();
        Self { conditions, factors, texts }
    }

    /// Whether a point meets all of them.
    pub fn keeps(&self, cells: &[Cell]) -> bool {
        let value = |axis: usize| match &cells[axis] {
            Cell::Number(number) => number * self.factors[axis],
            Cell::Text(text) => {
                self.texts[axis].iter().position(|other| other == text).map_or(f64::NAN, |place| place as f64)
            }
        };
        let mut lookup = |symbol| if let Symbol::Parameter(axis) = symbol { value(axis) } else { f64::NAN };
        self.conditions.iter().all(|condition| condition.evaluate(&mut lookup) == 1.0)
    }
}

/// The different texts of each column; none for numbers.
fn texts(block: &Block) -> Vec<Vec<String>> {
    let mut texts = vec![Vec::new(); block.columns.len()];
    for entry in &block.entries {
        for (texts, cell) in texts.iter_mut().zip(&entry.cells) {
            if let Cell::Text(text) = cell
                && !texts.contains(text)
            {
                texts.push(text.clone());
            }
        }
    }
    texts
}
