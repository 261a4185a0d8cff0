//! `replicates.csv`, `power.csv`, `choice.csv`: what trials of real size would show.

use std::io;
use std::path::Path;

use super::contrast_name;
use crate::report::study::Study;
use crate::table::Sheet;
use crate::trial::ReplicateResult;

/// `replicates.csv`: how every estimate and contrast scatters between trials.
pub fn results(study: Study, found: &ReplicateResult, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "replicates")?;
    sheet.header([
        "arm",
        "endpoint",
        "contrast",
        "patients",
        "replicates",
        "exists",
        "mean",
        "mean_error",
        "median",
        "median_error",
        "lower",
        "lower_error",
        "upper",
        "upper_error",
        "unit",
    ])?;
    let names = study.arm_names();
    for it in found.arms.iter().flatten().chain(&found.contrasts) {
        sheet.text(names.get(it.arm).copied().unwrap_or(""))?;
        sheet.text(&it.label)?;
        sheet
            .text(it.contrast.map_or("", |contrast| contrast_name(contrast).trim_start_matches("paired ")))?;
        sheet.count(found.patients)?;
        sheet.count(found.number)?;
        sheet.count(it.exists)?;
        for told in [it.mean, it.median, it.lower, it.upper] {
            sheet.optional(told.map(|it| it.value))?;
            sheet.optional(told.map(|it| it.error))?;
        }
        sheet.text(&it.unit)?;
        sheet.end()?;
    }
    sheet.finish()
}

/// `power.csv`: how often each test rejects.
pub fn power(study: Study, found: &ReplicateResult, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "power")?;
    sheet.header([
        "arm",
        "reference",
        "endpoint",
        "test",
        "alpha",
        "patients",
        "replicates",
        "power",
        "mc_error",
        "without",
    ])?;
    let names = study.arm_names();
    for it in &found.tests {
        sheet.text(names.get(it.arm).copied().unwrap_or(""))?;
        sheet.text(names.first().copied().unwrap_or(""))?;
        sheet.text(&it.label)?;
        sheet.text(it.test)?;
        sheet.number(found.alpha)?;
        sheet.count(found.patients)?;
        sheet.count(found.number)?;
        sheet.number(it.power.value)?;
        sheet.optional(Some(it.power.error))?;
        sheet.number(it.without)?;
        sheet.end()?;
    }
    sheet.finish()
}

/// `choice.csv`: how often each arm is chosen; the last row is that none is.
pub fn choice(study: Study, found: &ReplicateResult, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "choice")?;
    sheet.header(["arm", "criterion", "patients", "replicates", "chosen", "mc_error"])?;
    let Some(choice) = &found.choice else { return sheet.finish() };
    let names = study.arm_names();
    for (name, told) in names.iter().copied().chain(["none"]).zip(choice.arms.iter().chain([&choice.nobody]))
    {
        sheet.text(name)?;
        sheet.text(&choice.by)?;
        sheet.count(found.patients)?;
        sheet.count(found.number)?;
        sheet.number(told.value)?;
        sheet.optional(Some(told.error))?;
        sheet.end()?;
    }
    sheet.finish()
}
