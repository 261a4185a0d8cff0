//! The kinds of outcomes of an outcomes file.

use super::definition::Kind;
use super::read::twice;
use crate::diagnostic::{Diagnostic, Text};
use crate::document::Table;

/// Largest between-trial standard deviation, on the logit: of two trials in three the odds lie within a factor of 150.
const LARGEST_SD: f64 = 5.0;

/// Reads `[[kind]]`, each with its name as it stands.
pub(super) fn kinds(tables: Vec<Table>, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Text, Kind)> {
    let mut found: Vec<(Text, Kind)> = Vec::new();
    for mut table in tables {
        let name = table.required_text("name", diagnostics);
        let sds = table.required_numbers("between_trial_sd", diagnostics);
        let source = table.required_text("source", diagnostics);
        table.finish(diagnostics);
        let (Some(name), Some(sds), Some(source)) = (name, sds, source) else { continue };
        for sd in sds.iter().filter(|sd| sd.value < 0.0) {
            diagnostics.push(
                Diagnostic::error("a standard deviation is not negative", sd.span, "below 0")
                    .help("write 0 where trials of one setting do not differ beyond chance"),
            );
        }
        for sd in sds.iter().filter(|sd| sd.value > LARGEST_SD) {
            diagnostics.push(
                Diagnostic::error(
                    format!("a between-trial standard deviation is at most {LARGEST_SD}"),
                    sd.span,
                    "too large",
                )
                .help("it is one of logits: with 5, trials of one setting already report next to none or nearly all"),
            );
        }
        if let Some((first, _)) = found.iter().find(|(other, _)| other.value == name.value) {
            diagnostics.push(twice("kind", &name, first.span));
            continue;
        }
        let mut between_trial_sds: Vec<f64> = sds.iter().map(|sd| sd.value).collect();
        between_trial_sds.sort_by(f64::total_cmp);
        let kind = Kind { name: name.value.clone(), between_trial_sds, source: source.value };
        found.push((name, kind));
    }
    found
}
