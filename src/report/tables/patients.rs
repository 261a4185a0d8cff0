//! Tables of who the patients are, and of the parameters of the population.

use std::io;
use std::path::Path;

use crate::model::{NamedUnit, Tag};
use crate::population::Patient;
use crate::report::study::Study;
use crate::report::summary::Summary;
use crate::table::{Column, PARQUET, Rows, Sheet, TableWriter};

/// The table of patients: covariates, random effects (`eta.` names) and patient constants, one row per patient, as
/// `patients.csv` and `patients.parquet`; and `patients-columns.csv`: the unit and meaning of each column.
pub fn patients(study: Study, summary: &Summary, folder: &Path, parquet: &Path) -> io::Result<()> {
    let columns = patient_columns(study, summary);
    let mut key = Sheet::create(folder, "patients-columns")?;
    key.header(["column", "unit", "about"])?;
    for column in columns.iter().skip(1) {
        key.text(&column.name)?;
        key.text(&column.unit)?;
        key.text(&column.about)?;
        key.end()?;
    }
    key.finish()?;

    let mut places = vec![folder.join("patients.csv")];
    places.extend(PARQUET.then(|| parquet.join("patients.parquet")));
    for place in places {
        let mut table = TableWriter::create(&place, columns.clone())?;
        for (patient, constants) in study.trial.patients.iter().zip(&summary.constants.values) {
            table.row(|row| patient_row(study, summary, patient, constants, row))?;
        }
        table.finish()?;
    }
    Ok(())
}

fn patient_row(
    study: Study,
    summary: &Summary,
    patient: &Patient,
    constants: &[f64],
    row: &mut Rows,
) -> io::Result<()> {
    let model = study.model();
    row.count(patient.number + 1)?;
    for (index, covariate) in study.scenario.population.covariates.iter().enumerate() {
        row.optional(patient.population_covariates.get(index).map(|value| covariate.unit.show(*value)))?;
    }
    for (index, effect) in model.random_effects.iter().enumerate().filter(|(_, it)| !it.by_occasion) {
        row.optional(patient.random_effects.get(index).map(|value| effect.unit.show(*value)))?;
    }
    for (value, equation) in constants.iter().zip(&summary.constants.equations) {
        row.number(model.equations[*equation].unit.show(*value))?;
    }
    Ok(())
}

fn patient_columns(study: Study, summary: &Summary) -> Vec<Column> {
    let model = study.model();
    let column =
        |name: String, unit: &NamedUnit, about: &str| Column::number(name).unit(&unit.name).about(about);
    let mut columns = vec![Column::count("ID").about("patient, from 1")];
    let covariates = study.scenario.population.covariates.iter();
    columns.extend(covariates.map(|it| column(it.name.clone(), &it.unit, &it.about)));
    let effects = model.random_effects.iter().filter(|it| !it.by_occasion);
    columns.extend(effects.map(|it| column(it.symbol(), &it.unit, &it.distribution)));
    let constants = summary.constants.equations.iter().map(|index| &model.equations[*index]);
    columns.extend(constants.map(|it| column(it.name.clone(), &it.unit, &it.about)));
    columns
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
