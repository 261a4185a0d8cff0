//! Tables of who the patients are, and of the parameters of the population.

use std::io;
use std::path::Path;

use super::sheet::Sheet;
use crate::model::Tag;
use crate::report::study::Study;
use crate::report::summary::Summary;

/// A column of `patients.csv`: name, unit, meaning.
struct PatientColumn<'a> {
    name: String,
    unit: &'a str,
    about: &'a str,
}

/// `patients.csv`: covariates, random effects (`eta.` names) and patient constants, one row per patient; and
/// `patients-columns.csv`: the unit and meaning of each column.
pub fn patients(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let columns = patient_columns(study, summary);
    let mut key = Sheet::create(folder, "patients-columns")?;
    key.header(["column", "unit", "about"])?;
    for column in &columns {
        key.text(&column.name)?;
        key.text(column.unit)?;
        key.text(column.about)?;
        key.end()?;
    }
    key.finish()?;

    let mut sheet = Sheet::create(folder, "patients")?;
    sheet.header(std::iter::once("ID").chain(columns.iter().map(|column| column.name.as_str())))?;
    let population = &study.scenario.population.covariates;
    let model = study.model();
    for (patient, constants) in study.trial.patients.iter().zip(&summary.constants.values) {
        sheet.count(patient.number + 1)?;
        for (index, covariate) in population.iter().enumerate() {
            sheet.optional(
                patient.population_covariates.get(index).map(|value| covariate.unit.show(*value)),
            )?;
        }
        for (index, effect) in model.random_effects.iter().enumerate() {
            sheet.optional(patient.random_effects.get(index).map(|value| effect.unit.show(*value)))?;
        }
        for (position, value) in constants.iter().enumerate() {
            sheet.number(model.equations[summary.constants.equations[position]].unit.show(*value))?;
        }
        sheet.end()?;
    }
    sheet.finish()
}

fn patient_columns<'a>(study: Study<'a>, summary: &Summary) -> Vec<PatientColumn<'a>> {
    let model = study.model();
    let covariates = study.scenario.population.covariates.iter().map(|covariate| PatientColumn {
        name: covariate.name.clone(),
        unit: &covariate.unit.name,
        about: &covariate.about,
    });
    let effects = model.random_effects.iter().map(|effect| PatientColumn {
        name: format!("eta.{}", effect.name),
        unit: &effect.unit.name,
        about: &effect.distribution,
    });
    let constants = summary.constants.equations.iter().map(|index| {
        let equation = &model.equations[*index];
        PatientColumn { name: equation.name.clone(), unit: &equation.unit.name, about: &equation.about }
    });
    covariates.chain(effects).chain(constants).collect()
}

/// Where a value comes from, in a word.
pub fn tag_name(tag: Tag) -> &'static str {
    match tag {
        Tag::Read => "read",
        Tag::Derived => "derived",
        Tag::Calibrated => "calibrated",
        Tag::Assumed => "assumed",
        Tag::Untagged => "",
    }
}

/// `parameters.csv`: the population parameters as they were used.
pub fn parameters(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "parameters")?;
    sheet.header(["parameter", "value", "unit", "tag", "source", "about"])?;
    for parameter in &study.model().parameters {
        sheet.text(&parameter.name)?;
        sheet.number(parameter.unit.show(parameter.value))?;
        sheet.text(&parameter.unit.name)?;
        sheet.text(tag_name(parameter.tag))?;
        sheet.text(&parameter.source)?;
        sheet.text(&parameter.about)?;
        sheet.end()?;
    }
    sheet.finish()
}
