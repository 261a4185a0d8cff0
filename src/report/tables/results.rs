//! Tables of results: estimates, comparisons, values, courses, disposition, exposure, dose by cycle, rules.

use std::io;
use std::path::Path;

use crate::endpoint::{NOT_SEEN, Value};
use crate::report::study::Study;
use crate::report::summary::Summary;
use crate::scenario::{EndpointDefinition, EndpointKind};
use crate::table::Sheet;
use crate::trial::{Contrast, Decomposition, FailedCourse};

/// Columns that say what the spread of a result is made of.
const DECOMPOSITION: [&str; 9] = [
    "draws",
    "draws_mean",
    "uncertainty_lower",
    "uncertainty_upper",
    "uncertainty_sd",
    "between_patient_sd",
    "uncertainty_share",
    "between_patient_share",
    "mc_share",
];

fn decomposition<W: io::Write>(sheet: &mut Sheet<W>, found: &Decomposition) -> io::Result<()> {
    let shares = found.shares();
    sheet.count(found.draws)?;
    sheet.optional(found.interval.map(|interval| interval.estimate))?;
    sheet.optional(found.interval.map(|interval| interval.lower))?;
    sheet.optional(found.interval.map(|interval| interval.upper))?;
    sheet.optional(found.uncertainty)?;
    sheet.optional(found.between_patients)?;
    sheet.optional(shares.map(|shares| shares.uncertainty))?;
    sheet.optional(shares.map(|shares| shares.between_patients))?;
    sheet.optional(shares.map(|shares| shares.monte_carlo))
}

/// `endpoints.csv`: one row per arm and estimate, in the unit shown.
pub fn endpoints(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "endpoints")?;
    let columns = ["arm", "endpoint", "n", "estimate", "lower", "upper", "mc_error", "unit"];
    let more = study.uncertainty.map(|_| DECOMPOSITION).into_iter().flatten();
    sheet.header(columns.into_iter().chain(more))?;
    for (number, (arm, result)) in study.arms().enumerate() {
        for (place, estimate) in result.estimates.iter().enumerate() {
            sheet.text(&arm.name)?;
            sheet.text(&estimate.label)?;
            sheet.count(estimate.n)?;
            sheet.optional(estimate.interval.map(|i| i.estimate))?;
            sheet.optional(estimate.interval.map(|i| i.lower))?;
            sheet.optional(estimate.interval.map(|i| i.upper))?;
            sheet.optional(estimate.monte_carlo_error)?;
            sheet.text(&estimate.unit)?;
            if let Some(found) = study.uncertainty {
                decomposition(&mut sheet, &found.arms[number][place])?;
            }
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// The name of a contrast, as in the tables and on the page.
pub fn contrast_name(contrast: Contrast) -> &'static str {
    contrast.name()
}

/// `comparisons.csv`: each arm against the first.
pub fn comparisons(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "comparisons")?;
    let columns = [
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
        "unpaired_lower",
        "unpaired_upper",
        "unpaired_error",
        "variance_gain",
        "p",
        "number_needed",
        "number_needed_lower",
        "number_needed_upper",
        "number_needed_error",
    ];
    let more = study.uncertainty.map(|_| DECOMPOSITION).into_iter().flatten();
    sheet.header(columns.into_iter().chain(more))?;
    let names = study.arm_names();
    for (place, comparison) in study.trial.comparisons.iter().enumerate() {
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
        sheet.optional(comparison.independent.map(|i| i.lower))?;
        sheet.optional(comparison.independent.map(|i| i.upper))?;
        sheet.optional(comparison.independent_error)?;
        sheet.optional(comparison.variance_gain())?;
        sheet.optional(comparison.p)?;
        let needed = comparison.number_needed();
        sheet.optional(needed.map(|(i, _)| i.estimate))?;
        sheet.optional(needed.map(|(i, _)| i.lower))?;
        sheet.optional(needed.map(|(i, _)| i.upper))?;
        sheet.optional(needed.and_then(|(_, error)| error))?;
        if let Some(found) = study.uncertainty {
            decomposition(&mut sheet, &found.comparisons[place])?;
        }
        sheet.end()?;
    }
    sheet.finish()
}

/// Whether the event that was asked for came first, and the name of what did.
fn first<'s>(study: Study<'s>, definition: &'s EndpointDefinition, cause: Option<u8>) -> (bool, &'s str) {
    let EndpointKind::CumulativeIncidence { event, competing } = &definition.kind else { return (false, "") };
    let happening = match cause.map(usize::from) {
        None => None,
        Some(0) => Some(event),
        Some(cause) => competing.get(cause - 1),
    };
    (cause == Some(0), happening.map_or("", |happening| study.scenario.happening(happening)))
}

/// Places of categories by period, counted from 0, with a dash where nothing was seen.
fn places(seen: &[u8]) -> String {
    let place = |place: &u8| if *place == NOT_SEEN { "-".to_owned() } else { place.to_string() };
    seen.iter().map(place).collect::<Vec<_>>().join(" ")
}

/// `periods.csv`: the shares of patients by restaging or cycle, of endpoints that have them.
pub fn periods(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "periods")?;
    sheet.header([
        "arm", "endpoint", "period", "number", "TIME", "category", "patients", "n", "not_seen", "percent",
        "lower", "upper", "mc_error",
    ])?;
    for (arm, result) in study.arms() {
        for found in &result.periods {
            for period in &found.periods {
                for (label, from, to) in &found.shares {
                    let share = period.share(*from, *to);
                    sheet.text(&arm.name)?;
                    sheet.text(&study.scenario.endpoints[found.endpoint].name)?;
                    sheet.text(found.word)?;
                    sheet.count(period.number)?;
                    sheet.number(period.time)?;
                    sheet.text(label)?;
                    sheet.count(period.counts[*from..=*to].iter().sum::<usize>())?;
                    sheet.count(period.n())?;
                    sheet.count(period.not_seen)?;
                    sheet.optional(share.map(|(interval, _)| 100.0 * interval.estimate))?;
                    sheet.optional(share.map(|(interval, _)| 100.0 * interval.lower))?;
                    sheet.optional(share.map(|(interval, _)| 100.0 * interval.upper))?;
                    sheet.optional(share.and_then(|(_, error)| error).map(|error| 100.0 * error))?;
                    sheet.end()?;
                }
            }
        }
    }
    sheet.finish()
}

/// `values.csv`: the value of every endpoint for every patient. `value` is the quantity, the grade, 1 or 0, the rank of
/// the category (named in `category`) or the time (with `event` 1, or 0 when censored or when what `category` names came
/// first). Of an endpoint by period, `category` lists the places of the categories.
pub fn values(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "values")?;
    sheet.header(["ARM", "ID", "endpoint", "value", "unit", "event", "category", "missing"])?;
    for (arm, result) in study.arms() {
        for (definition, values) in study.scenario.endpoints.iter().zip(&result.values) {
            for (patient, value) in values.iter().enumerate() {
                sheet.text(&arm.name)?;
                sheet.count(patient + 1)?;
                sheet.text(&definition.name)?;
                let periods: String;
                let (number, event, category, missing) = match value {
                    Value::Quantity(x) => (Some(definition.unit.show(*x)), None, "", ""),
                    Value::Grade(grade) => (Some(f64::from(*grade)), None, "", ""),
                    Value::Truth(truth) => (Some(f64::from(u8::from(*truth))), None, "", ""),
                    Value::Category { rank, label } => (Some(f64::from(*rank)), None, *label, ""),
                    Value::Time { time, event } => (Some(definition.unit.show(*time)), Some(*event), "", ""),
                    Value::First { time, cause } => {
                        let (event, category) = first(study, definition, *cause);
                        (Some(definition.unit.show(*time)), Some(event), category, "")
                    }
                    Value::Periods(seen) => {
                        periods = places(seen);
                        (None, None, periods.as_str(), "")
                    }
                    Value::Missing(why) => (None, None, "", *why),
                };
                sheet.optional(number)?;
                let plain = matches!(value, Value::Quantity(_) | Value::Time { .. } | Value::First { .. });
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
pub fn course(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "course")?;
    sheet.header([
        "ARM", "record", "output", "unit", "TIME", "n", "p05", "p25", "median", "p75", "p95", "mean",
    ])?;
    let names = study.arm_names();
    for course in &study.trial.courses {
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
pub fn disposition(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "disposition")?;
    sheet.header(["arm", "category", "patients", "percent"])?;
    for (arm, result) in study.arms() {
        for (category, patients) in result.disposition.lines() {
            sheet.text(&arm.name)?;
            sheet.text(&category)?;
            sheet.count(patients)?;
            sheet.number(100.0 * patients as f64 / result.disposition.patients as f64)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `exposure.csv`: exposure endpoints over all patients of an arm and over each group.
pub fn exposure(study: Study, summary: &Summary, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "exposure")?;
    sheet.header(["arm", "group", "endpoint", "unit", "n", "missing", "p05", "median", "p95"])?;
    for (arm, rows) in study.scenario.arms.iter().zip(&summary.exposure) {
        for row in rows {
            let definition = &study.scenario.endpoints[row.endpoint];
            sheet.text(&arm.name)?;
            sheet.text(&row.group)?;
            sheet.text(&definition.name)?;
            sheet.text(&definition.unit.name)?;
            sheet.count(row.n)?;
            sheet.count(row.missing)?;
            sheet.optional(row.quantiles.map(|q| q.low))?;
            sheet.optional(row.quantiles.map(|q| q.median))?;
            sheet.optional(row.quantiles.map(|q| q.high))?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `dose-by-cycle.csv`: per arm and cycle of its first drug, the patients at each level on the first dosing day, held,
/// stopped and out of follow-up; and the mean and quartiles of the dose per planned day of patients on treatment.
pub fn dose_by_cycle(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "dose-by-cycle")?;
    sheet.header([
        "arm",
        "drug",
        "cycle",
        "TIME",
        "status",
        "dose",
        "unit",
        "patients",
        "on_treatment",
        "mean_dose",
        "p25_dose",
        "median_dose",
        "p75_dose",
    ])?;
    for (arm, result) in study.arms() {
        let Some(treatment) = arm.treatments.first() else { continue };
        let show = |dose: f64| study.shown_dose(treatment.route, dose);
        for levels in &result.levels {
            let doses = result.doses.iter().find(|doses| doses.cycle == levels.cycle);
            let at_level = treatment.levels.iter().zip(&levels.at_level);
            let given = at_level.map(|(dose, n)| ("given", Some(show(*dose)), *n));
            let without = [
                ("held", None, levels.held),
                ("stopped", None, levels.stopped),
                ("died", None, levels.out_of_follow_up),
            ];
            for (status, dose, patients) in given.chain(without) {
                sheet.text(&arm.name)?;
                sheet.text(study.drug(treatment.route))?;
                sheet.count(levels.cycle)?;
                sheet.number(f64::from(levels.cycle - 1) * treatment.cycle)?;
                sheet.text(status)?;
                sheet.optional(dose)?;
                sheet.text(study.dose_unit(treatment.route).map_or("", |unit| unit.name.as_str()))?;
                sheet.count(patients)?;
                sheet.count(doses.map_or(0, |doses| doses.patients))?;
                for value in [
                    doses.map(|d| d.mean),
                    doses.map(|d| d.lower),
                    doses.map(|d| d.median),
                    doses.map(|d| d.upper),
                ] {
                    sheet.optional(value.map(show))?;
                }
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `rules.csv`: how often each rule acted in each arm that has it.
pub fn rules(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "rules")?;
    sheet.header(["arm", "rule", "fired", "patients", "per_patient_year"])?;
    for (arm, result) in study.arms() {
        let years = result.follow_up / 365.25;
        for row in &result.rules {
            sheet.text(&arm.name)?;
            sheet.text(&row.name)?;
            sheet.count(row.fired)?;
            sheet.count(row.patients)?;
            sheet.number(row.fired as f64 / years)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `failures.csv`: patients whose trajectory could not be computed to its end.
pub fn failures(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "failures")?;
    sheet.header(["ARM", "ID", "TIME", "state", "what", "cause"])?;
    for (arm, result) in study.arms() {
        for FailedCourse { patient, failure } in &result.failures {
            let state = failure.state.and_then(|state| study.model().states.get(state));
            sheet.text(&arm.name)?;
            sheet.count(patient + 1)?;
            sheet.number(failure.time)?;
            sheet.text(state.map_or("", |state| state.name.as_str()))?;
            sheet.text(&failure.what)?;
            sheet.text(&failure.cause)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}
