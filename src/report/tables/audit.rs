//! Tables of the rules beside the truth.

use std::io;
use std::path::Path;

use crate::report::study::Study;
use crate::table::Sheet;

/// Minutes in a day.
const MINUTES: f64 = 1440.0;

/// `audit.csv`: how often each rule was looked at, true and acted, and whether the truth bore it out.
pub fn audit(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "audit")?;
    sheet.header([
        "arm",
        "rule",
        "looked",
        "met",
        "acted",
        "justified",
        "false",
        "missed",
        "missed_days",
        "patients_false",
        "patients_missed",
    ])?;
    for (arm, result) in study.arms() {
        for rule in &result.audit {
            let counts = &rule.counts;
            sheet.text(&arm.name)?;
            sheet.text(&rule.name)?;
            for count in [counts.looked, counts.met, counts.acted, counts.justified, counts.unjustified] {
                sheet.count(count)?;
            }
            sheet.count(counts.missed)?;
            sheet.number(counts.missed_minutes as f64 / MINUTES)?;
            sheet.count(rule.patients_unjustified)?;
            sheet.count(rule.patients_missed)?;
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// `rule-reasons.csv`: how often a rule acted for each of the alternatives of its condition.
pub fn reasons(study: Study, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "rule-reasons")?;
    sheet.header(["arm", "rule", "alternative", "acted"])?;
    for (arm, result) in study.arms() {
        for rule in &result.audit {
            for (alternative, times) in rule.alternatives.iter().zip(&rule.counts.reasons) {
                sheet.text(&arm.name)?;
                sheet.text(&rule.name)?;
                sheet.text(alternative)?;
                sheet.count(*times)?;
                sheet.end()?;
            }
        }
    }
    sheet.finish()
}
