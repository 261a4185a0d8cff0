//! `draws.csv` and `draw-results.csv`: what was drawn of the population parameters, and what came of it.

use std::io;
use std::path::Path;

use super::contrast_name;
use crate::report::study::Study;
use crate::table::Sheet;
use crate::trial::UncertaintyResult;

/// `draws.csv`: one row per draw and parameter.
pub fn draws(study: Study, found: &UncertaintyResult, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "draws")?;
    sheet.header(["draw", "parameter", "value", "unit", "rejected", "failed", "lost"])?;
    let Some(known) = &study.scenario.uncertainty else { return sheet.finish() };
    for (number, draw) in (1_usize..).zip(&found.draws) {
        for (parameter, value) in known.parameters.iter().zip(&draw.values) {
            sheet.count(number)?;
            sheet.text(&parameter.name)?;
            sheet.number(parameter.unit.show(*value))?;
            sheet.text(&parameter.unit.name)?;
            sheet.count(draw.rejected)?;
            sheet.count(draw.failed)?;
            sheet.flag(draw.lost.is_some())?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `draw-results.csv`: every estimate and contrast at every draw, Monte Carlo noise and all.
pub fn results(study: Study, found: &UncertaintyResult, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "draw-results")?;
    sheet.header(["draw", "arm", "endpoint", "contrast", "value", "unit"])?;
    let names = study.arm_names();
    for (number, draw) in (1_usize..).zip(&found.draws) {
        for ((arm, result), values) in study.arms().zip(&draw.arms) {
            for (estimate, value) in result.estimates.iter().zip(values) {
                sheet.count(number)?;
                sheet.text(&arm.name)?;
                sheet.text(&estimate.label)?;
                sheet.text("")?;
                sheet.optional(*value)?;
                sheet.text(&estimate.unit)?;
                sheet.end()?;
            }
        }
        for (comparison, value) in study.trial.comparisons.iter().zip(&draw.comparisons) {
            sheet.count(number)?;
            sheet.text(names.get(comparison.arm).copied().unwrap_or(""))?;
            sheet.text(&comparison.label)?;
            sheet.text(contrast_name(comparison.contrast))?;
            sheet.optional(*value)?;
            sheet.text(&comparison.unit)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}
