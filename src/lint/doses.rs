//! Rules whose doses lead nowhere: no level below to go down to, none above to step up to, a step that never falls due.

use super::review::Review;
use super::wording::day;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Action, Arm, Rule, Treatment};

/// Two doses that differ by less than this share are the same level.
const SAME_DOSE: f64 = 1e-9;

pub(super) fn check(review: &Review<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for arm in &review.scenario.arms {
        for treatment in &arm.treatments {
            diagnostics.extend(tablets(review, arm, treatment));
        }
    }
    for (_, rule, arms) in review.rules() {
        for arm in arms {
            let arm = &review.scenario.arms[arm];
            let said = diagnostics.len();
            match &rule.action {
                // Where there is no lower level the drug is to end.
                Action::Hold { terms, .. } if terms.limits.end_below_lowest => {}
                Action::Reduce { limits, .. } if limits.end_below_lowest => {}
                Action::Hold { drug, lower, lowest, .. } if *lower > 0 => {
                    downwards(review, arm, rule, (*drug, *lowest), diagnostics);
                }
                Action::Reduce { drug, lowest, .. } => {
                    downwards(review, arm, rule, (*drug, *lowest), diagnostics);
                }
                Action::Escalate { drug, first, highest, regain, .. } => {
                    upwards(review, arm, rule, (*drug, *first, *highest, *regain), diagnostics);
                }
                _ => {}
            }
            // Once for a rule: other arms have the same fault.
            if diagnostics.len() > said {
                break;
            }
        }
    }
}

/// Dose levels that no combination of the tablets gives.
fn tablets(review: &Review<'_>, arm: &Arm, treatment: &Treatment) -> Option<Diagnostic> {
    let tablets = treatment.tablets.as_ref()?;
    let unit = &review.scenario.model.routes[treatment.route].unit;
    let impossible: Vec<f64> =
        treatment.levels.iter().copied().filter(|level| tablets.combination(*level).is_none()).collect();
    let first = *impossible.first()?;
    let list = |doses: &[f64]| doses.iter().map(|dose| unit.written(*dose)).collect::<Vec<_>>().join(", ");
    let given = match tablets.round(first) {
        0.0 => "nothing".to_owned(),
        dose => unit.written(dose),
    };
    Some(
        Diagnostic::error(
            format!("no combination of tablets gives {} in the arm `{}`", list(&impossible), arm.name),
            review.places.arm(&arm.name)?,
            format!("at most {} tablets of {}", tablets.most, list(&tablets.strengths)),
        )
        .warning()
        .note(format!("for example a patient on {} takes {given}", unit.written(first)))
        .help("write levels that the tablets give, or name more strengths"),
    )
}

fn given(arm: &Arm, route: usize) -> Vec<&Treatment> {
    arm.treatments.iter().filter(|treatment| treatment.route == route).collect()
}

/// A finding at the place where the arm names the rule.
fn finding(review: &Review<'_>, arm: &Arm, rule: &Rule, message: String, label: &str) -> Option<Diagnostic> {
    let span = review.places.in_arm(&arm.name, &rule.name)?;
    let finding = Diagnostic::error(message, span, label).warning();
    Some(match review.places.rule(&rule.name) {
        Some(place) => finding.related(place.name.span, "this rule"),
        None => finding,
    })
}

fn downwards(
    review: &Review<'_>,
    arm: &Arm,
    rule: &Rule,
    (drug, lowest): (usize, f64),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let treatments = given(arm, drug);
    let can_fall = |treatment: &&Treatment| {
        let floor = treatment.levels.partition_point(|level| *level < lowest * (1.0 - SAME_DOSE));
        treatment.levels.len() > floor + 1
    };
    if treatments.is_empty() || treatments.iter().any(can_fall) {
        return;
    }
    if review.places.accepts(&rule.name, "no level below") {
        return;
    }
    let route = &review.scenario.model.routes[drug];
    let level = treatments[0].levels.get(treatments[0].start).copied().unwrap_or(0.0);
    let message = format!("the rule `{}` has nothing to step down to in the arm `{}`", rule.name, arm.name);
    let found = finding(review, arm, rule, message, "no lower level here").map(|finding| {
        let dose = route.unit.written(level);
        finding
            .note(format!("for example a patient on {dose} goes on with {dose}"))
            .help("write the doses as `levels = […], start = \"…\"` in the treatment, or `at = \"same level\"` in the rule")
    });
    diagnostics.extend(found);
}

fn upwards(
    review: &Review<'_>,
    arm: &Arm,
    rule: &Rule,
    (drug, first, highest, regain): (usize, f64, f64, bool),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let treatments = given(arm, drug);
    // An arm without the drug or with one level is reported where the arm is read.
    if treatments.iter().all(|treatment| treatment.levels.len() < 2) {
        return;
    }
    let horizon = review.scenario.horizon;
    if first > horizon {
        let message = format!("no step of the rule `{}` ever falls due", rule.name);
        let found = finding(review, arm, rule, message, "never acts").map(|finding| {
            finding
                .note(format!(
                    "the first step is planned for day {}, the follow-up ends on day {}",
                    day(first),
                    day(horizon)
                ))
                .help("make `first` or `every` shorter, or the horizon longer")
        });
        diagnostics.extend(found);
        return;
    }
    let can_rise = |treatment: &&Treatment| {
        let allowed = treatment.levels.partition_point(|level| *level <= highest * (1.0 + SAME_DOSE));
        let starts =
            std::iter::once(treatment.start).chain(treatment.start_if.iter().map(|(_, level)| *level));
        starts.min().is_some_and(|start| start + 1 < allowed)
    };
    if regain || treatments.iter().any(can_rise) {
        return;
    }
    let route = &review.scenario.model.routes[drug];
    let level = treatments[0].levels.get(treatments[0].start).copied().unwrap_or(0.0);
    let message = format!("the rule `{}` has nothing to step up to in the arm `{}`", rule.name, arm.name);
    let found = finding(review, arm, rule, message, "starts at the top").map(|finding| {
        let top =
            if highest.is_finite() { route.unit.written(highest) } else { "its highest level".to_owned() };
        finding
            .note(format!(
                "for example a patient who starts on {} is at {top} from day 1",
                route.unit.written(level)
            ))
            .help("start lower, or raise `to`; `regain = true` lets steps climb again what a reduction took")
    });
    diagnostics.extend(found);
}
