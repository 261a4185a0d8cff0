//! The scoreboard as tables for a model's card.

use super::Validation;
use crate::model::CardTable;
use crate::report::number::{fixed, significant};
use crate::validation::{Scored, Totals, Verdict};

/// The outcomes of the calibration, and the other observed ones.
pub(super) fn tables(found: Validation<'_>) -> Vec<CardTable> {
    let ensemble = match found.ensemble {
        None => "one set of parameters".to_owned(),
        Some(_) => format!("{} sets of parameters", found.scoreboard.members),
    };
    let by = format!("By `regimen validate`, {} virtual patients per arm, {ensemble}", found.patients);
    let what = "Simulated, %; central 95 % of the counts of a trial of that size.";
    let (calibration, others) = (&found.scoreboard.calibration, &found.scoreboard.others);
    let cells = |it: &Scored, verdict: &Verdict| {
        let outcome = found.outcomes.at(it.place);
        let label = found.outcomes.label(it.place);
        let trial = label.strip_suffix(&format!(": {}", outcome.name)).unwrap_or(&label);
        [
            trial.to_owned(),
            outcome.name.clone(),
            format!("{}/{}", significant(it.observed.unwrap_or(f64::NAN), 4), it.of),
            fixed(100.0 * it.predicted, 1),
            format!("{} to {}", it.most.0, it.most.1),
            if verdict.in_most { "yes" } else { "NO" }.to_owned(),
            yes(verdict.in_half),
            yes(verdict.median_in_wilson),
        ]
    };
    let table = |title: &str, about: String, calibration: bool, width: usize| {
        let wanted = found.scoreboard.scored.iter().filter(|it| {
            let outcome = found.outcomes.at(it.place);
            if calibration { outcome.calibration } else { outcome.is_unseen() }
        });
        let rows = wanted.filter_map(|it| Some(cells(it, it.verdict.as_ref()?)[..width].to_vec()));
        let columns = [
            "trial",
            "outcome",
            "observed",
            "simulated",
            "95 % of counts",
            "inside",
            "in 50 %",
            "median in Wilson’s",
        ];
        CardTable {
            title: title.to_owned(),
            about,
            columns: columns[..width].iter().map(|&column| column.to_owned()).collect(),
            rows: rows.collect(),
        }
    };
    vec![
        table(
            "Calibration: outcomes that the parameters were fitted to",
            format!("{by}: in-sample. {what} {}", told(calibration)),
            true,
            8,
        ),
        table(
            "Validation: outcomes that were not used",
            format!(
                "{by}. {what} {} of {} lie in the central 95 %. Most come from the trials of the calibration, or from combinations.",
                others.in_most, others.outcomes
            ),
            false,
            6,
        ),
    ]
}

/// The sums in words.
fn told(sums: &Totals) -> String {
    format!(
        "{} of {} lie in the central 95 % and {} in the central 50 % ({} and {} are expected of true predictions, counts being discrete); {} predictive medians in Wilson’s interval. \
         Log score {} against {} of the constant predictor; over the {} outcomes whose kind another trial has, {} against {}.",
        sums.in_most,
        sums.outcomes,
        sums.in_half,
        fixed(sums.expected_most, 1),
        fixed(sums.expected_half, 1),
        sums.medians_in_wilson,
        fixed(sums.log_score, 1),
        fixed(sums.constant, 1),
        sums.comparable,
        fixed(sums.comparable_log_score, 1),
        fixed(sums.comparable_constant, 1),
    )
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}
