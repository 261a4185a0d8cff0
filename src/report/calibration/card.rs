//! The fitted parameters as a table for a model's card.

use super::Fit;
use crate::model::CardTable;
use crate::report::number::{fixed, significant};

/// Every parameter before and after.
pub(super) fn table(fit: Fit) -> CardTable {
    let (definition, found) = (fit.definition, fit.found);
    let (before, after) = (found.before(), found.after());
    let (values, ratios) = (found.values(&after.centre), found.spread_ratios());
    let row = |(place, parameter): (usize, &crate::calibration::Parameter)| {
        let unknown = &definition.problem.unknowns[place];
        vec![
            parameter.key.trim_start_matches("parameters.").to_owned(),
            significant(unknown.prior, 4),
            significant(values[place], 4),
            parameter.unit.clone(),
            significant(unknown.sd, 3),
            fixed(ratios[place], 2),
        ]
    };
    CardTable {
        title: "Calibration: the parameters that were fitted".to_owned(),
        about: format!(
            "By `regimen calibrate {}`: {} outcomes, {} virtual patients per arm, {} members. Loss at the prior’s centre {}, now {}. Spread: standard deviation of the prior on the scale of its transform, and the share of it that is left.",
            definition.name,
            definition.problem.observations.len(),
            definition.patients,
            definition.problem.members,
            fixed(before.loss, 1),
            fixed(after.loss, 1),
        ),
        columns: ["parameter", "before", "now", "unit", "spread of the prior", "spread left"]
            .map(str::to_owned)
            .to_vec(),
        rows: definition.parameters.iter().enumerate().map(row).collect(),
    }
}
