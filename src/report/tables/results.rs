//! Tables of results: estimates, comparisons, values, courses, disposition, exposure, dose by cycle, rules.

use std::io;
use std::path::Path;

use super::sheet::Sheet;
use crate::endpoint::Value;
use crate::report::study::Study;
use crate::report::summary::{DoseStatus, Summary};
use crate::simulation::End;
use crate::trial::Contrast;

/// `endpoints.csv`: one row per arm and estimate, in the unit shown.
pub fn endpoints(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "endpoints")?;
    sheet.header(["arm", "endpoint", "n", "estimate", "lower", "upper", "mc_error", "unit"])?;
    for (arm, result) in study.arms() {
        for estimate in &result.estimates {
            sheet.text(&arm.name)?;
            sheet.text(&estimate.label)?;
            sheet.count(estimate.n)?;
            sheet.optional(estimate.interval.map(|i| i.estimate))?;
            sheet.optional(estimate.interval.map(|i| i.lower))?;
            sheet.optional(estimate.interval.map(|i| i.upper))?;
            sheet.optional(estimate.monte_carlo_error)?;
            sheet.text(&estimate.unit)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// The name of a contrast, as in the tables and on the page.
pub fn contrast_name(contrast: Contrast) -> &'static str {
    match contrast {
        Contrast::PairedRiskDifference => "paired risk difference",
        Contrast::PairedMeanDifference => "paired mean difference",
        Contrast::HazardRatio => "hazard ratio",
    }
}

/// `comparisons.csv`: each arm against the first.
pub fn comparisons(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "comparisons")?;
    sheet.header([
        "arm",
        "reference",
        "endpoint",
        "contrast",
        "n",
        "estimate",
        "lower",
        "upper",
        "mc_error",
        "unit",
    ])?;
    let names = study.arm_names();
    for comparison in &study.trial.comparisons {
        sheet.text(names.get(comparison.arm).copied().unwrap_or(""))?;
        sheet.text(names.first().copied().unwrap_or(""))?;
        sheet.text(&comparison.label)?;
        sheet.text(contrast_name(comparison.contrast))?;
        sheet.count(comparison.n)?;
        sheet.optional(comparison.interval.map(|i| i.estimate))?;
        sheet.optional(comparison.interval.map(|i| i.lower))?;
        sheet.optional(comparison.interval.map(|i| i.upper))?;
        sheet.optional(comparison.monte_carlo_error)?;
        sheet.text(&comparison.unit)?;
        sheet.end()?;
    }
    sheet.finish()
}

/// `values.csv`: the value of every endpoint for every patient. `value` is the quantity, the grade, 1 or 0, the rank of
/// the category (named in `category`) or the time (with `event` 1, or 0 when censored).
pub fn values(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "values")?;
    sheet.header(["ARM", "ID", "endpoint", "value", "unit", "event", "category", "missing"])?;
    for (arm, result) in study.arms() {
        for (definition, values) in study.scenario.endpoints.iter().zip(&result.values) {
            for (patient, value) in values.iter().enumerate() {
                sheet.text(&arm.name)?;
                sheet.count(patient + 1)?;
                sheet.text(&definition.name)?;
                let (number, event, category, missing) = match value {
                    Value::Quantity(x) => (Some(definition.unit.show(*x)), None, "", ""),
                    Value::Grade(grade) => (Some(f64::from(*grade)), None, "", ""),
                    Value::Truth(truth) => (Some(f64::from(u8::from(*truth))), None, "", ""),
                    Value::Category { rank, label } => (Some(f64::from(*rank)), None, *label, ""),
                    Value::Time { time, event } => (Some(definition.unit.show(*time)), Some(*event), "", ""),
                    Value::Missing(why) => (None, None, "", *why),
                };
                sheet.optional(number)?;
                let plain = matches!(value, Value::Quantity(_) | Value::Time { .. });
                sheet.text(if plain { &definition.unit.name } else { "" })?;
                sheet.optional(event.map(|event| f64::from(u8::from(event))))?;
                sheet.text(category)?;
                sheet.text(missing)?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `course.csv`: percentiles per arm, record, output and time (d), over the patients still followed.
pub fn course(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "course")?;
    sheet.header([
        "ARM", "record", "output", "unit", "TIME", "n", "p05", "p25", "median", "p75", "p95", "mean",
    ])?;
    let names = study.arm_names();
    for course in &summary.courses {
        let Some(output) = study.model().outputs.get(course.output) else { continue };
        for point in &course.points {
            sheet.text(names[course.arm])?;
            sheet.text(&study.scenario.records[course.record].name)?;
            sheet.text(&output.name)?;
            sheet.text(&output.unit.name)?;
            sheet.number(point.time)?;
            sheet.count(point.n)?;
            for value in [point.p05, point.p25, point.p50, point.p75, point.p95, point.mean] {
                sheet.number(output.unit.show(value))?;
            }
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `disposition.csv`: what became of the patients, by arm.
pub fn disposition(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "disposition")?;
    sheet.header(["arm", "category", "detail_of", "patients", "percent"])?;
    for (index, (arm, result)) in study.arms().enumerate() {
        let mut above = "";
        for line in &summary.disposition {
            if !line.detail {
                above = &line.label;
            }
            let patients = line.patients[index];
            sheet.text(&arm.name)?;
            sheet.text(&line.label)?;
            sheet.text(if line.detail { above } else { "" })?;
            sheet.count(patients)?;
            sheet.number(100.0 * patients as f64 / result.trajectories.len() as f64)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `exposure.csv`: exposure endpoints over all patients of an arm and over each group.
pub fn exposure(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "exposure")?;
    sheet.header([
        "arm",
        "group",
        "endpoint",
        "unit",
        "n",
        "p05",
        "median",
        "p95",
        "mean",
        "geometric_mean",
        "geometric_cv",
    ])?;
    let names = study.arm_names();
    for row in &summary.exposure {
        let definition = &study.scenario.endpoints[row.endpoint];
        let show = |value: Option<f64>| value.map(|value| definition.unit.show(value));
        sheet.text(names[row.arm])?;
        sheet.text(row.group.map_or("all", |group| study.scenario.groups[group].name.as_str()))?;
        sheet.text(&definition.name)?;
        sheet.text(&definition.unit.name)?;
        sheet.count(row.percentiles.map_or(0, |p| p.n))?;
        sheet.optional(show(row.percentiles.map(|p| p.p05)))?;
        sheet.optional(show(row.percentiles.map(|p| p.p50)))?;
        sheet.optional(show(row.percentiles.map(|p| p.p95)))?;
        sheet.optional(show(row.percentiles.map(|p| p.mean)))?;
        sheet.optional(show(row.geometric_mean))?;
        sheet.optional(row.geometric_cv)?;
        sheet.end()?;
    }
    sheet.finish()
}

/// `dose-by-cycle.csv`: share of the scheduled patient-days at each level, held, stopped, and out of follow-up.
pub fn dose_by_cycle(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "dose-by-cycle")?;
    sheet.header([
        "arm",
        "drug",
        "cycle",
        "TIME",
        "status",
        "dose",
        "unit",
        "share",
        "mean_dose_on_treatment",
        "on_treatment",
    ])?;
    let names = study.arm_names();
    for arm in &summary.dosing {
        let unit = study.dose_unit(arm.route).map_or("", |unit| unit.name.as_str());
        for cycle in &arm.cycles {
            for (status, share) in &cycle.shares {
                let (text, dose) = match status {
                    DoseStatus::Level(level) => ("given", Some(study.shown_dose(arm.route, *level))),
                    DoseStatus::Held => ("held", None),
                    DoseStatus::Stopped => ("stopped", None),
                    DoseStatus::Gone => ("died or not followed", None),
                };
                sheet.text(names[arm.arm])?;
                sheet.text(study.drug(arm.route))?;
                sheet.count(cycle.cycle)?;
                sheet.number(cycle.start)?;
                sheet.text(text)?;
                sheet.optional(dose)?;
                sheet.text(unit)?;
                sheet.number(*share)?;
                sheet.optional(cycle.mean.map(|mean| study.shown_dose(arm.route, mean)))?;
                sheet.count(cycle.on_treatment)?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `rules.csv`: how often each rule acted in each arm that has it.
pub fn rules(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "rules")?;
    sheet.header(["arm", "rule", "fired", "patients", "per_patient_year"])?;
    let names = study.arm_names();
    for row in &summary.rules {
        sheet.text(names[row.arm])?;
        sheet.text(&study.scenario.rules[row.rule].name)?;
        sheet.count(row.fired)?;
        sheet.count(row.patients)?;
        sheet.number(row.per_year)?;
        sheet.end()?;
    }
    sheet.finish()
}

/// `failures.csv`: patients whose trajectory could not be computed to its end.
pub fn failures(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "failures")?;
    sheet.header(["ARM", "ID", "TIME", "state", "what", "cause"])?;
    for (arm, result) in study.arms() {
        for trajectory in &result.trajectories {
            let End::Failed(failure) = &trajectory.end else { continue };
            let state = failure.state.and_then(|state| study.model().states.get(state));
            sheet.text(&arm.name)?;
            sheet.count(trajectory.patient + 1)?;
            sheet.number(failure.time)?;
            sheet.text(state.map_or("", |state| state.name.as_str()))?;
            sheet.text(&failure.what)?;
            sheet.text(&failure.cause)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}
