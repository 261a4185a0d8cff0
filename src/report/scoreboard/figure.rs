//! The figures of a validation: calibration outcomes, other observed ones, and what is to follow.

use super::Validation;
use crate::report::draw::{Scene, ScoreRow, ScoreVerdict, scoreboard};
use crate::report::number::significant;
use crate::validation::{Outcome, Scored, Verdict};

/// A figure with its caption.
pub struct Drawn {
    /// The figure.
    pub scene: Scene,
    /// One heading sentence.
    pub heading: &'static str,
    /// What to know when reading it.
    pub caption: &'static str,
}

/// All figures that have rows.
pub fn all(found: Validation<'_>) -> Vec<Drawn> {
    let observed = |outcome: &Outcome| outcome.observed.is_some() && outcome.version_of.is_none();
    let draw = |name, heading, caption, wanted: &dyn Fn(&Outcome) -> bool| {
        scoreboard(name, heading, &rows(found, wanted)).map(|scene| Drawn { scene, heading, caption })
    };
    [
        draw(
            "calibration",
            "Outcomes that served for calibration.",
            "In-sample: parameters were chosen with these in view.",
            &|outcome| outcome.calibration,
        ),
        draw(
            "others",
            "Other published outcomes.",
            "Not fitted. Some are in-sample all the same (°), since the same patients were fitted or a value was chosen by them; several are of combinations, whose partners are not calibrated, or of reports that were written because of their events.",
            &|outcome| observed(outcome) && !outcome.calibration,
        ),
        draw(
            "to-follow",
            "Predictions of trials whose outcomes are not known here.",
            "To be scored when they are. What stands in brackets after a trial is what the models of its drugs want said: see the limits.",
            &|outcome| outcome.observed.is_none(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn rows(found: Validation<'_>, wanted: &dyn Fn(&Outcome) -> bool) -> Vec<ScoreRow> {
    let of = |scored: &&Scored| wanted(found.outcomes.at(scored.place));
    found.scoreboard.scored.iter().filter(of).map(|scored| row(found, scored)).collect()
}

fn row(found: Validation<'_>, scored: &Scored) -> ScoreRow {
    let trial = &found.outcomes.trials[scored.place.trial];
    let outcome = found.outcomes.at(scored.place);
    let percent = |count: usize| 100.0 * count as f64 / scored.of as f64;
    let both = |(low, high): (usize, usize)| (percent(low), percent(high));
    let observed = scored.observed.zip(scored.verdict).map(|(events, verdict)| {
        (100.0 * events / scored.of as f64, 100.0 * verdict.wilson.0, 100.0 * verdict.wilson.1)
    });
    ScoreRow {
        group: match found.cautions(trial).as_slice() {
            [] => trial.name.clone(),
            titles => format!("{} ({})", trial.name, titles.join(", ")),
        },
        label: format!("{}{}", arms(found, scored), outcome.name),
        observed,
        median: percent(scored.median),
        half: both(scored.half),
        most: both(scored.most),
        verdict: place_of(scored.verdict.as_ref()),
        counts: match scored.observed {
            Some(events) => format!("{}/{}", significant(events, 3), scored.of),
            None => format!("of {}", scored.of),
        },
    }
}

/// "5 mg, ", where an outcome is of some of the arms.
pub fn arms(found: Validation<'_>, scored: &Scored) -> String {
    let trial = &found.outcomes.trials[scored.place.trial];
    let arms = &found.outcomes.at(scored.place).arms;
    if arms.len() == trial.arms.len() {
        return String::new();
    }
    let names: Vec<&str> = arms.iter().map(|arm| trial.arms[*arm].name.as_str()).collect();
    format!("{}, ", names.join(" + "))
}

fn place_of(verdict: Option<&Verdict>) -> ScoreVerdict {
    match verdict {
        None => ScoreVerdict::ToFollow,
        Some(it) if it.in_half => ScoreVerdict::Half,
        Some(it) if it.in_most => ScoreVerdict::Most,
        Some(_) => ScoreVerdict::Outside,
    }
}
