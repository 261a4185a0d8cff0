//! The tables of a difference. Patients count from 1, times are days since the first visit.

use std::io;
use std::path::Path;

use super::Amendment;
use crate::endpoint::{NOT_SEEN, Value};
use crate::report::tables::contrast_name;
use crate::scenario::EndpointDefinition;
use crate::table::Sheet;

/// Writes all tables into a folder that exists.
pub fn write(found: Amendment, folder: &Path) -> io::Result<()> {
    keys(found, folder)?;
    causes(found, folder)?;
    effects(found, folder)?;
    changed(found, folder)?;
    patients(found, folder)
}

/// `keys.csv`: how the two files differ.
fn keys(found: Amendment, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "keys")?;
    sheet.header(["key", "first", "second"])?;
    for key in found.keys {
        sheet.text(&key.path)?;
        sheet.text(key.first.as_deref().unwrap_or(""))?;
        sheet.text(key.second.as_deref().unwrap_or(""))?;
        sheet.end()?;
    }
    sheet.finish()
}

/// `causes.csv`: by what courses part, and how many have another outcome.
fn causes(found: Amendment, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "causes")?;
    sheet.header(["arm", "cause", "patients", "with_other_outcome"])?;
    for arm in &found.difference.arms {
        for cause in &arm.causes {
            sheet.text(&arm.name)?;
            sheet.text(&cause.kind)?;
            sheet.count(cause.patients)?;
            sheet.count(cause.outcomes)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `effects.csv`: the second scenario against the first, within patients.
fn effects(found: Amendment, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "effects")?;
    sheet.header([
        "arm",
        "endpoint",
        "contrast",
        "n",
        "estimate",
        "lower",
        "upper",
        "mc_error",
        "variance_gain",
        "unit",
        "changed",
    ])?;
    for arm in &found.difference.arms {
        for endpoint in &arm.endpoints {
            for comparison in &endpoint.comparisons {
                sheet.text(&arm.name)?;
                sheet.text(&comparison.label)?;
                sheet.text(contrast_name(comparison.contrast))?;
                sheet.count(comparison.n)?;
                sheet.optional(comparison.interval.map(|i| i.estimate))?;
                sheet.optional(comparison.interval.map(|i| i.lower))?;
                sheet.optional(comparison.interval.map(|i| i.upper))?;
                sheet.optional(comparison.monte_carlo_error)?;
                sheet.optional(comparison.variance_gain())?;
                sheet.text(&comparison.unit)?;
                sheet.count(endpoint.changed)?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `changed.csv`: every outcome of a patient that differs.
fn changed(found: Amendment, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "changed")?;
    sheet.header(["ARM", "ID", "endpoint", "first", "second"])?;
    for arm in &found.difference.arms {
        for change in &arm.changes {
            for (endpoint, first, second) in &change.outcomes {
                let definition = &found.scenarios[0].endpoints[*endpoint];
                sheet.text(&arm.name)?;
                sheet.count(change.patient + 1)?;
                sheet.text(&definition.name)?;
                sheet.text(&shown(definition, first))?;
                sheet.text(&shown(definition, second))?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}

/// `patients.csv`: where the courses of a patient part, and by what.
fn patients(found: Amendment, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "patients")?;
    sheet.header(["ARM", "ID", "TIME", "cause", "signal", "first", "second", "outcomes"])?;
    for arm in &found.difference.arms {
        for change in &arm.changes {
            let cause = change.cause.as_ref();
            sheet.text(&arm.name)?;
            sheet.count(change.patient + 1)?;
            sheet.optional(cause.map(|cause| cause.time))?;
            sheet.text(cause.map_or("nothing that is logged", |cause| &cause.kind))?;
            sheet.text(cause.and_then(|cause| cause.signal.as_deref()).unwrap_or(""))?;
            sheet.text(cause.map_or("", |cause| &cause.happened[0]))?;
            sheet.text(cause.map_or("", |cause| &cause.happened[1]))?;
            sheet.count(change.outcomes.len())?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// A value of a patient in words: "3", "yes", "PR", "210 d", "730 d, no event".
pub fn shown(definition: &EndpointDefinition, value: &Value) -> String {
    let number = |x: f64| crate::report::number::significant(definition.unit.show(x), 4);
    let unit = if definition.unit.name == "1" { String::new() } else { format!(" {}", definition.unit.name) };
    match value {
        Value::Quantity(x) => format!("{}{unit}", number(*x)),
        Value::Grade(grade) => format!("grade {grade}"),
        Value::Truth(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Value::Category { label, .. } => (*label).to_owned(),
        Value::Time { time, event: true } => format!("{}{unit}", number(*time)),
        Value::Time { time, event: false } => format!("{}{unit}, no event", number(*time)),
        Value::First { time, cause: Some(0) } => format!("{}{unit}", number(*time)),
        Value::First { time, cause: Some(_) } => format!("{}{unit}, another came first", number(*time)),
        Value::First { time, cause: None } => format!("{}{unit}, no event", number(*time)),
        Value::Periods(seen) => {
            let seen =
                seen.iter().map(|place| if *place == NOT_SEEN { "–".to_owned() } else { place.to_string() });
            seen.collect::<Vec<String>>().join(" ")
        }
        Value::Missing(why) => format!("missing ({why})"),
    }
}
