//! The tables of a validation, each as CSV and Parquet: every outcome, medians, sums by kind.

use std::io;
use std::path::Path;

use super::{Validation, endings};
use crate::table::{Column, Rows, TableWriter};
use crate::validation::{Observed, Place, Scored, ScoredMedian, Totals};

/// Writes all tables into a folder that exists; returns their paths in the run folder.
pub fn write(found: Validation<'_>, folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for ending in endings() {
        let place = |name: &str| folder.join(format!("{name}.{ending}"));
        scores(found, &place("scoreboard"))?;
        medians(found, &place("medians"))?;
        kinds(found, &place("kinds"))?;
        files.extend(["scoreboard", "medians", "kinds"].map(|name| format!("tables/{name}.{ending}")));
    }
    Ok(files)
}

/// Columns that say which outcome it is.
fn which() -> Vec<Column> {
    vec![
        Column::text("trial").about("trial"),
        Column::text("arms").about("arms that were pooled; empty for all"),
        Column::text("outcome").about("outcome"),
        Column::text("kind").about("kind of outcome"),
        Column::text("role").about("calibration, observed, in-sample (seen though not fitted), version (of the outcome of that name), to follow"),
    ]
}

fn which_cells(row: &mut Rows, found: Validation<'_>, place: Place) -> io::Result<()> {
    let trial = &found.outcomes.trials[place.trial];
    let outcome = found.outcomes.at(place);
    let arms: Vec<&str> = if outcome.arms.len() == trial.arms.len() {
        Vec::new()
    } else {
        outcome.arms.iter().map(|arm| trial.arms[*arm].name.as_str()).collect()
    };
    row.text(&trial.name)?;
    row.text(&arms.join("; "))?;
    row.text(&outcome.name)?;
    row.text(&found.outcomes.kinds[outcome.kind].name)?;
    row.text(match (outcome.calibration, outcome.version_of, outcome.observed) {
        (true, ..) => "calibration",
        (_, Some(_), _) => "version",
        (_, None, Some(_)) if outcome.in_sample.is_some() => "in-sample",
        (_, None, Some(_)) => "observed",
        (_, None, None) => "to follow",
    })
}

/// A truth that may be absent.
fn yes_no(truth: Option<bool>) -> &'static str {
    match truth {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

fn scores(found: Validation<'_>, place: &Path) -> io::Result<()> {
    let mut columns = which();
    columns.extend([
        Column::number("x").about("observed; broken where it came of a percentage"),
        Column::count("n").about("patients of the trial, or what stands for them"),
        Column::number("observed").unit("%").about("x / n"),
        Column::number("wilson_lower").unit("%").about("lower 95 % limit of the observed proportion"),
        Column::number("wilson_upper").unit("%").about("upper limit"),
        Column::number("predicted").unit("%").about("simulated proportion"),
        Column::number("mc_error").unit("%").about("its Monte Carlo standard error"),
        Column::count("virtual_patients").about("virtual patients with an answer, over arms"),
        Column::count("failed")
            .about("virtual patients whose course failed numerically, over arms and sets of parameters"),
        Column::number("between_trial_sd")
            .about("between-trial standard deviation, logit; the middle one of several"),
        Column::count("median").about("median of the predictive distribution, count"),
        Column::count("lower_95").about("central 95 %, count"),
        Column::count("upper_95").about("central 95 %, count"),
        Column::count("lower_50").about("central 50 %, count"),
        Column::count("upper_50").about("central 50 %, count"),
        Column::number("holds_95").about("what the central 95 % hold of the discrete distribution"),
        Column::number("holds_50").about("what the central 50 % hold"),
        Column::text("inside_95").about("whether the observed count lies in the central 95 %"),
        Column::text("inside_50").about("whether it lies in the central 50 %"),
        Column::number("middle").about("share of the observed count's probability in the middle half"),
        Column::text("median_in_wilson").about("whether the predictive median lies in Wilson's interval"),
        Column::number("log_score").about("logarithm of the predictive probability of x"),
        Column::number("constant_rate")
            .unit("%")
            .about("rate of the constant predictor; empty where no other trial has the kind"),
        Column::number("constant_log_score").about("its log score"),
        Column::text("source").about("where the outcome was read"),
        Column::text("note").about("what is to be known of it"),
    ]);
    let mut table = TableWriter::create(place, columns)?;
    for scored in &found.scoreboard.scored {
        table.row(|row| score_cells(row, found, scored))?;
    }
    table.finish()
}

fn score_cells(row: &mut Rows, found: Validation<'_>, scored: &Scored) -> io::Result<()> {
    let outcome = found.outcomes.at(scored.place);
    let verdict = scored.verdict.as_ref();
    which_cells(row, found, scored.place)?;
    row.optional(scored.observed)?;
    row.count(scored.of as u64)?;
    row.optional(scored.observed.map(|events| 100.0 * events / scored.of as f64))?;
    row.optional(verdict.map(|it| 100.0 * it.wilson.0))?;
    row.optional(verdict.map(|it| 100.0 * it.wilson.1))?;
    row.number(100.0 * scored.predicted)?;
    row.number(100.0 * scored.monte_carlo)?;
    row.count(scored.patients as u64)?;
    row.count(scored.failed as u64)?;
    row.number(found.outcomes.kinds[outcome.kind].typical_sd())?;
    for count in [scored.median, scored.most.0, scored.most.1, scored.half.0, scored.half.1] {
        row.count(count as u64)?;
    }
    row.number(scored.covers.0)?;
    row.number(scored.covers.1)?;
    row.text(yes_no(verdict.map(|it| it.in_most)))?;
    row.text(yes_no(verdict.map(|it| it.in_half)))?;
    row.optional(verdict.map(|it| it.middle))?;
    row.text(yes_no(verdict.map(|it| it.median_in_wilson)))?;
    row.optional(verdict.map(|it| it.log_score))?;
    row.optional(verdict.and_then(|it| it.constant.rate).map(|rate| 100.0 * rate))?;
    row.optional(verdict.map(|it| it.constant.log_score))?;
    row.text(&outcome.source)?;
    let notes = [outcome.in_sample.as_deref(), outcome.pseudo.as_deref(), Some(&outcome.note)];
    row.text(notes.into_iter().flatten().collect::<Vec<_>>().join(" ").trim())
}

fn medians(found: Validation<'_>, place: &Path) -> io::Result<()> {
    let mut columns = which();
    columns.extend(
        [
            ("observed", "observed median; empty where it is to follow"),
            ("predicted", "simulated median; empty where it is not reached"),
            ("lower_95", "central 95 % of trials of that size; empty where not reached"),
            ("upper_95", "the same"),
            ("lower_50", "central 50 %"),
            ("upper_50", "the same"),
        ]
        .map(|(name, about)| Column::number(name).unit("d").about(about)),
    );
    columns.push(
        Column::count("failed")
            .about("virtual patients whose course failed numerically, over arms and sets of parameters"),
    );
    columns.push(Column::text("inside_95").about("whether the observed median lies in the central 95 %"));
    columns.push(Column::text("inside_50").about("whether it lies in the central 50 %"));
    let mut table = TableWriter::create(place, columns)?;
    for it in &found.scoreboard.medians {
        table.row(|row| median_cells(row, found, it))?;
    }
    table.finish()
}

fn median_cells(row: &mut Rows, found: Validation<'_>, it: &ScoredMedian) -> io::Result<()> {
    which_cells(row, found, it.place)?;
    let observed = match found.outcomes.at(it.place).observed {
        Some(Observed::Median(days)) => Some(days),
        _ => None,
    };
    row.optional(observed)?;
    for time in [it.spread.median, it.spread.most.0, it.spread.most.1, it.spread.half.0, it.spread.half.1] {
        row.number(time)?;
    }
    row.count(it.failed as u64)?;
    row.text(yes_no(it.inside().map(|(most, _)| most)))?;
    row.text(yes_no(it.inside().map(|(_, half)| half)))
}

fn kinds(found: Validation<'_>, place: &Path) -> io::Result<()> {
    let columns = vec![
        Column::text("kind")
            .about("kind of outcome; `calibration` for all, `others` for those not used in it"),
        Column::count("outcomes").about("observed outcomes, versions aside"),
        Column::count("inside_95").about("in the central 95 %"),
        Column::number("expected_95").about("of a true prediction on average"),
        Column::count("inside_50").about("in the central 50 %"),
        Column::number("expected_50").about("of a true prediction on average"),
        Column::number("middle").about("in the middle half, counts split"),
        Column::count("medians_in_wilson").about("predictive medians in Wilson's interval"),
        Column::number("log_score").about("sum of log scores"),
        Column::number("constant_log_score").about("of the constant predictor"),
    ];
    let mut table = TableWriter::create(place, columns)?;
    let scoreboard = found.scoreboard;
    let sums = [("calibration", &scoreboard.calibration), ("others", &scoreboard.others)];
    let kinds = scoreboard.kinds.iter();
    let kinds = kinds.map(|(kind, totals)| (found.outcomes.kinds[*kind].name.as_str(), totals));
    for (name, totals) in sums.into_iter().chain(kinds) {
        table.row(|row| totals_cells(row, name, totals))?;
    }
    table.finish()
}

fn totals_cells(row: &mut Rows, name: &str, totals: &Totals) -> io::Result<()> {
    row.text(name)?;
    row.count(totals.outcomes as u64)?;
    row.count(totals.in_most as u64)?;
    row.number(totals.expected_most)?;
    row.count(totals.in_half as u64)?;
    row.number(totals.expected_half)?;
    row.number(totals.middle)?;
    row.count(totals.medians_in_wilson as u64)?;
    row.number(totals.log_score)?;
    row.number(totals.constant)
}
