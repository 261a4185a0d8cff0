//! A table of individual values: one row per subject, one column per random effect, parameter, individual parameter or
//! covariate. Each value takes the place of what the model says.

use std::collections::HashMap;
use std::io::BufRead;

use super::cell::{Cell, identity};
use super::fault::{Faults, Finding};
use super::line::Lines;
use super::row::not_a_number;
use crate::diagnostic::{Diagnostic, Sources, closest};
use crate::model::{Formula, Model, NamedUnit, RandomEffect, Symbol};
use crate::units;

/// Individual values by ID.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// What the columns give.
    pub symbols: Vec<Symbol>,
    rows: HashMap<String, usize>,
    values: Vec<f64>,
}

impl Parameters {
    /// The values of a subject in the order of [`Parameters::symbols`], coherent; `None` if the table does not have it.
    pub fn of(&self, id: &str) -> Option<&[f64]> {
        let width = self.symbols.len();
        let row = self.rows.get(id).or_else(|| self.rows.get(&identity(id)))?;
        self.values.get(row * width..(row + 1) * width)
    }
}

/// Reads a table of individual values. Every fault is pushed; `None` if there was one.
pub fn read_parameters(
    name: &str,
    input: Box<dyn BufRead + Send + '_>,
    model: &Model,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Parameters> {
    let mut faults = Faults::new(name);
    let mut lines = Lines::new(input);
    let found = read(&mut lines, model, &mut faults);
    let faulty = faults.any();
    faults.report(sources, diagnostics);
    found.filter(|_| !faulty)
}

fn read(lines: &mut Lines<'_>, model: &Model, faults: &mut Faults) -> Option<Parameters> {
    if !advance(lines, faults) {
        let help = "the first line names the columns, such as `ID,CL,V`";
        faults.line(lines, Finding::new("this table is empty", "no header", help));
        return None;
    }
    let width = lines.len();
    let (id, columns) = columns(lines, model, faults)?;
    let mut found =
        Parameters { symbols: columns.iter().map(|column| column.1).collect(), ..Parameters::default() };
    while !faults.full() && advance(lines, faults) {
        if lines.len() != width {
            let message = format!("this row has {} cells, but the header has {width}", lines.len());
            faults.line(lines, Finding::new(message, "this row", "give every column a value"));
            continue;
        }
        for (cell, _, unit) in &columns {
            match Cell::read(lines.cell(*cell)) {
                Cell::Number(value) => found.values.push(unit.read(value)),
                Cell::Text(text) => faults.cell(lines, *cell, not_a_number(text, "this column")),
                Cell::Missing => {
                    let help = "give the value, or take the subject out of both tables; nothing is filled in";
                    faults.cell(lines, *cell, Finding::new("a value is missing", "empty", help));
                }
            }
        }
        let row = found.rows.len();
        let subject = lines.unquoted(id);
        if found.rows.insert(identity(&subject), row).is_some() {
            let message = format!("subject {subject} stands twice in this table");
            faults.cell(lines, id, Finding::new(message, "again here", "give each subject one row"));
        }
    }
    Some(found)
}

fn advance(lines: &mut Lines<'_>, faults: &mut Faults) -> bool {
    lines.advance().unwrap_or_else(|why| {
        faults.line(lines, Finding::new(why, "in this line", "repair it"));
        false
    })
}

/// A column: its cell, what it gives, in which unit.
type Column = (usize, Symbol, NamedUnit);

fn columns(lines: &Lines<'_>, model: &Model, faults: &mut Faults) -> Option<(usize, Vec<Column>)> {
    let mut id = None;
    let mut columns: Vec<Column> = Vec::new();
    for cell in 0..lines.len() {
        let name = lines.cell(cell);
        if name.eq_ignore_ascii_case("ID") {
            if id.replace(cell).is_some() {
                let finding =
                    Finding::new("the column ID stands twice", "again here", "name each column once");
                faults.cell(lines, cell, finding);
            }
            continue;
        }
        match meaning(name, model).and_then(|found| in_unit(found, name)) {
            Ok((symbol, _)) if columns.iter().any(|column| column.1 == symbol) => {
                let message = format!("the column `{name}` stands twice");
                faults.cell(lines, cell, Finding::new(message, "again here", "name each column once"));
            }
            Ok((symbol, unit)) => columns.push((cell, symbol, unit)),
            Err(finding) => faults.cell(lines, cell, finding),
        }
    }
    if id.is_none() {
        let help = "ID says whose values a row holds";
        faults.line(lines, Finding::new("the table has no column ID", "missing in this header", help));
    }
    id.map(|id| (id, columns))
}

/// The unit of a column: that in brackets behind its name, else that of what it gives. An equation may have none of its own
/// but the one in which the program computes, and nobody should have to know that its day is not the hour of the model.
fn in_unit((symbol, own): (Symbol, NamedUnit), name: &str) -> Result<(Symbol, NamedUnit), Finding> {
    let Some((_, rest)) = name.split_once('[') else {
        let computed = own.name == units::coherent_name(own.unit.dimension);
        let has_time = own.name.split(['/', '*']).any(|part| part == "d" || part.starts_with("d^"));
        if matches!(symbol, Symbol::Equation(_)) && computed && has_time {
            return Err(Finding::new(
                format!("the unit of `{name}` is not said"),
                "per day, per hour?",
                format!("write it behind the name, such as `{name} [{}]`", own.name),
            ));
        }
        return Ok((symbol, own));
    };
    let written = rest.trim_end().trim_end_matches(']').trim();
    let wrong = |message: String| {
        Finding::new(
            message,
            "in brackets",
            format!("write a unit of {}, such as `{}`", own.unit.dimension, own.name),
        )
    };
    let unit = units::parse(written).map_err(|error| wrong(error.to_string()))?;
    if unit.dimension != own.unit.dimension {
        return Err(wrong(format!(
            "{written} is a unit of {}, not of {}",
            unit.dimension, own.unit.dimension
        )));
    }
    Ok((symbol, NamedUnit { name: written.to_owned(), unit }))
}

/// What a column gives, and in which unit the model has it.
fn meaning(name: &str, model: &Model) -> Result<(Symbol, NamedUnit), Finding> {
    let name = name.split('[').next().unwrap_or_default().trim_end();
    if let Some(effect) = name.strip_prefix("eta.")
        && let Some(found) =
            model.random_effects.iter().position(|known| !known.by_occasion && known.name == effect)
    {
        return Ok((Symbol::RandomEffect(found), model.random_effects[found].unit.clone()));
    }
    if model.occasion_effects().any(|effect| model.random_effects[effect].name == name) {
        return Err(Finding::new(
            format!("`{name}` is another on each occasion"),
            "not one value per subject",
            "it is drawn with --variability; give effects of the subject (`eta.CL`) here",
        ));
    }
    if let Some(found) = model.parameters.iter().position(|known| known.name == name) {
        return Ok((Symbol::Parameter(found), model.parameters[found].unit.clone()));
    }
    if let Some(found) = model.equations.iter().position(|known| known.name == name) {
        let equation = &model.equations[found];
        if varies(&equation.formula, model) {
            return Err(Finding::new(
                format!("`{name}` depends on a state or on time"),
                "no individual parameter",
                "give what is constant for a subject: random effects, parameters, equations of those and of covariates",
            ));
        }
        return Ok((Symbol::Equation(found), equation.unit.clone()));
    }
    if let Some(found) = model.covariate(name) {
        return Ok((Symbol::Covariate(found), model.covariates[found].unit.clone()));
    }
    let effects: Vec<String> =
        model.random_effects.iter().filter(|effect| !effect.by_occasion).map(RandomEffect::symbol).collect();
    let names = model.parameters.iter().map(|item| item.name.as_str());
    let names = names.chain(model.equations.iter().map(|item| item.name.as_str()));
    let names = names.chain(model.covariates.iter().map(|item| item.name.as_str()));
    let meant = closest(name, names.chain(effects.iter().map(String::as_str)));
    let meant = meant.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    Err(Finding::new(
        format!("the model has no `{name}`"),
        "unknown",
        format!(
            "{meant}columns are ID, random effects (`eta.CL`), parameters, individual parameters and covariates of the model"
        ),
    ))
}

/// Whether a formula depends on time or a state.
fn varies(formula: &Formula, model: &Model) -> bool {
    let mut varies = false;
    formula.symbols(&mut |symbol| {
        varies |= match symbol {
            Symbol::Time | Symbol::State(_) => true,
            Symbol::Equation(number) => self::varies(&model.equations[number].formula, model),
            Symbol::Output(number) => self::varies(&model.outputs[number].formula, model),
            _ => false,
        };
    });
    varies
}
