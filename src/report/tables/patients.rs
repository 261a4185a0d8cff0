//! Tables by patient: who they are, and what was seen and done, visit by visit. Times in days, patients from 1.

use std::io;
use std::path::Path;

use super::sheet::Sheet;
use crate::model::Tag;
use crate::report::study::Study;
use crate::report::summary::Summary;
use crate::simulation::Done;

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

/// `visits.csv`: what was true and what was measured at every visit. An output without residual error has one column;
/// one with it has a second column `NAME.measured`.
pub fn visits(study: Study, folder: &Path) -> io::Result<()> {
    let outputs = study.key_outputs();
    let model = study.model();
    let mut header: Vec<String> =
        ["ARM", "ID", "TIME", "schedule", "on_treatment", "on_hold"].map(str::to_owned).to_vec();
    for &output in &outputs {
        header.push(model.outputs[output].name.clone());
        if model.outputs[output].error.is_some() {
            header.push(format!("{}.measured", model.outputs[output].name));
        }
    }
    header.extend(study.scenario.signals.iter().map(|signal| signal.name.clone()));
    let mut sheet = Sheet::create(folder, "visits")?;
    sheet.header(&header)?;
    for (arm, result) in study.arms() {
        for trajectory in &result.trajectories {
            for visit in &trajectory.visits {
                sheet.text(&arm.name)?;
                sheet.count(trajectory.patient + 1)?;
                sheet.number(visit.time)?;
                sheet.text(&study.schedule_names(visit.schedules))?;
                sheet.flag(visit.on_treatment)?;
                sheet.flag(visit.on_hold)?;
                for &output in &outputs {
                    let unit = &model.outputs[output].unit;
                    sheet.optional(visit.truth.get(output).map(|value| unit.show(*value)))?;
                    if model.outputs[output].error.is_some() {
                        sheet.optional(visit.measured.get(output).map(|value| unit.show(*value)))?;
                    }
                }
                for (index, signal) in study.scenario.signals.iter().enumerate() {
                    sheet.optional(visit.signals.get(index).map(|value| signal.unit.show(*value)))?;
                }
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `doses.csv`: every dose given, in the columns of the field. `CMT` is the number (from 1) of the first state that
/// receives it.
pub fn doses(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "doses")?;
    sheet.header(["ID", "TIME", "AMT", "EVID", "CMT", "ARM", "drug", "unit", "planned"])?;
    for (arm, result) in study.arms() {
        for trajectory in &result.trajectories {
            for dose in &trajectory.doses {
                let route = study.model().routes.get(dose.route);
                sheet.count(trajectory.patient + 1)?;
                sheet.number(dose.time)?;
                sheet.number(study.shown_dose(dose.route, dose.amount))?;
                sheet.count(1)?;
                sheet.count(route.and_then(|route| route.into.first()).map_or(0, |into| into.state + 1))?;
                sheet.text(&arm.name)?;
                sheet.text(study.drug(dose.route))?;
                sheet.text(study.dose_unit(dose.route).map_or("", |unit| unit.name.as_str()))?;
                sheet.flag(dose.planned)?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// An action as it is named in tables and on the page.
fn action_name(action: Done) -> &'static str {
    match action {
        Done::Hold => "hold",
        Done::Resume => "resume",
        Done::Reduce => "reduce",
        Done::Escalate => "escalate",
        Done::Discontinue => "discontinue",
        Done::StartCoMedication => "start co-medication",
        Done::StopCoMedication => "stop co-medication",
    }
}

/// `decisions.csv`: every decision with the value that it was made on.
pub fn decisions(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "decisions")?;
    sheet.header([
        "ARM",
        "ID",
        "TIME",
        "rule",
        "signal",
        "value",
        "unit",
        "action",
        "drug",
        "before",
        "after",
        "dose_unit",
    ])?;
    for (arm, result) in study.arms() {
        for trajectory in &result.trajectories {
            for decision in &trajectory.decisions {
                let rule = decision.rule.and_then(|rule| study.scenario.rules.get(rule));
                let output = decision.signal.and_then(|output| study.model().outputs.get(output));
                let shown = |dose| decision.drug.map(|drug| study.shown_dose(drug, dose));
                sheet.text(&arm.name)?;
                sheet.count(trajectory.patient + 1)?;
                sheet.number(decision.time)?;
                sheet.text(rule.map_or("", |rule| rule.name.as_str()))?;
                sheet.text(output.map_or("", |output| output.name.as_str()))?;
                sheet.optional(output.map(|output| output.unit.show(decision.value)))?;
                sheet.text(output.map_or("", |output| output.unit.name.as_str()))?;
                sheet.text(action_name(decision.action))?;
                sheet.text(decision.drug.map_or("", |drug| study.drug(drug)))?;
                sheet.optional(shown(decision.before))?;
                sheet.optional(shown(decision.after))?;
                let unit = decision.drug.and_then(|drug| study.dose_unit(drug));
                sheet.text(unit.map_or("", |unit| unit.name.as_str()))?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `events.csv`: simulated events of the hazards.
pub fn events(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "events")?;
    sheet.header(["ARM", "ID", "TIME", "event"])?;
    for (arm, result) in study.arms() {
        for trajectory in &result.trajectories {
            for event in &trajectory.events {
                sheet.text(&arm.name)?;
                sheet.count(trajectory.patient + 1)?;
                sheet.number(event.time)?;
                sheet.text(study.hazard(event.hazard))?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
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
