//! A subject as the text of a table of records, and its individual values as the text of a table of parameters: what the
//! readers make of them are the same bits.
//!
//! Times are in days. An amount or control is written in its unit as the number that comes back exactly; individual values are
//! written in the units in which the program computes, so that nothing is converted.

use std::fmt::Write;

use super::record::{Administration, Event, Record, Subject};
use crate::model::{Model, NamedUnit};
use crate::units;

/// Numbers around the quotient that are tried, each way.
const NEIGHBOURS: u64 = 8;

/// A value that no number in its unit gives back exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Inexact {
    /// Whose value, and in which unit.
    pub what: String,
    /// The value in that unit, nearly.
    pub near: f64,
}

/// The text of a table of one subject; read it with the time unit d.
///
/// # Errors
/// An amount or a control that cannot be written exactly.
pub fn records_text(model: &Model, subject: &Subject) -> Result<String, Inexact> {
    let controls = told(model, subject);
    let mut text = "ID,TIME,EVID,AMT,CMT,DUR,STOP".to_owned();
    let covariates = changing(model, subject);
    let names = covariates.iter().map(|&covariate| {
        let covariate = &model.covariates[covariate];
        covariate.column.as_ref().unwrap_or(&covariate.name)
    });
    for name in controls.iter().map(|&control| &model.controls[control].name).chain(names) {
        text.push(',');
        text += name;
    }
    text.push('\n');
    for (number, record) in subject.records.iter().enumerate() {
        row(&mut text, model, subject, record)?;
        for &control in &controls {
            let value = subject.controls[number * model.controls.len() + control];
            let described = &model.controls[control];
            let _ = match value.is_nan() {
                true => write!(text, ",."),
                false => write!(text, ",{}", exact(value, &described.unit, &described.name)?),
            };
        }
        for &covariate in &covariates {
            let value = subject.covariates[number * model.covariates.len() + covariate];
            let described = &model.covariates[covariate];
            let _ = write!(text, ",{}", exact(value, &described.unit, &described.name)?);
        }
        text.push('\n');
    }
    Ok(text)
}

/// Covariates that change in the course of the records; the table has a column for each, to be read as `previous`.
pub fn changing(model: &Model, subject: &Subject) -> Vec<usize> {
    let width = model.covariates.len();
    let changes = |covariate: &usize| {
        let mut values = subject.covariates.iter().skip(*covariate).step_by(width.max(1));
        let first = values.next().map(|value| value.to_bits());
        values.any(|value| Some(value.to_bits()) != first)
    };
    (0..width).filter(changes).collect()
}

/// Controls that a table must tell: those that are not at the model's value throughout, and those that treatment drives.
fn told(model: &Model, subject: &Subject) -> Vec<usize> {
    let width = model.controls.len();
    let moves = |control: &usize| {
        let described = &model.controls[*control];
        let mut values = subject.controls.iter().skip(*control).step_by(width.max(1));
        described.driven_by_treatment || values.any(|value| value.to_bits() != described.value.to_bits())
    };
    if subject.controls.is_empty() { Vec::new() } else { (0..width).filter(moves).collect() }
}

fn row(text: &mut String, model: &Model, subject: &Subject, record: &Record) -> Result<(), Inexact> {
    let _ = write!(text, "{},{},", subject.id, record.time);
    let _ = match &record.event {
        Event::Dose(dose) => {
            let route = &model.routes[dose.route];
            let amount = exact(dose.amount, &route.unit, &route.name)?;
            let numbered = model.routes.iter().any(|route| route.compartment.is_some());
            let number = if numbered { route.compartment } else { u32::try_from(dose.route + 1).ok() };
            let place = number.map_or_else(|| route.name.clone(), |number| number.to_string());
            match dose.administration {
                Administration::Duration(duration) => write!(text, "1,{amount},{place},{duration}"),
                _ => write!(text, "1,{amount},{place},."),
            }
        }
        Event::Sample => write!(text, "0,.,.,."),
        _ => write!(text, "2,.,.,."),
    };
    let _ = match record.stop {
        Some(stop) => write!(text, ",{stop}"),
        None => write!(text, ",."),
    };
    Ok(())
}

/// The number in a unit that reads back to the coherent value: the shortest one, if it does.
fn exact(value: f64, unit: &NamedUnit, name: &str) -> Result<f64, Inexact> {
    let near = unit.show(value);
    let short = format!("{near:.12e}").parse().unwrap_or(near);
    let bits = near.to_bits();
    let around = (0..=NEIGHBOURS)
        .flat_map(|away| [bits.wrapping_add(away), bits.wrapping_sub(away)])
        .map(f64::from_bits);
    std::iter::once(short)
        .chain(around)
        .find(|number| unit.read(*number).to_bits() == value.to_bits())
        .ok_or_else(|| Inexact { what: format!("`{name}` in {}", unit.name), near })
}

/// The text of a table of individual values: the covariates that do not change, and the random effects.
pub fn parameters_text(
    model: &Model,
    subject: &Subject,
    covariates: &[f64],
    random_effects: &[f64],
) -> String {
    let coherent = |unit: &NamedUnit| units::coherent_name(unit.unit.dimension);
    let mut head = "ID".to_owned();
    let mut row = subject.id.clone();
    let changing = changing(model, subject);
    for (number, (covariate, value)) in model.covariates.iter().zip(covariates).enumerate() {
        if !changing.contains(&number) {
            let _ = write!(head, ",{} [{}]", covariate.name, coherent(&covariate.unit));
            let _ = write!(row, ",{value}");
        }
    }
    for (effect, value) in model.random_effects.iter().zip(random_effects) {
        let _ = write!(head, ",eta.{} [{}]", effect.name, coherent(&effect.unit));
        let _ = write!(row, ",{value}");
    }
    format!("{head}\n{row}\n")
}
