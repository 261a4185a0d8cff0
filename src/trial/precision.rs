//! Goals of precision: `half-width of P(neutropenia: grade 4) < 0.5 %`, read against the labels of a scenario's results.
//!
//! A goal is HALF-WIDTH or ERROR, of WHAT, below a LIMIT:
//! - `half-width of` (of the 95 % interval) or `error of` (the Monte Carlo standard error);
//! - `P(LABEL)`, `mean(ENDPOINT)`, `median(ENDPOINT)` or any label of an estimate as it stands in the report; with
//!   `difference in` or `hazard ratio of` before it, the contrast of each later arm with the first; with `in "ARM"` behind it,
//!   of one arm; otherwise every arm must satisfy it;
//! - `< NUMBER UNIT`, the unit being that of the result (percentages and their differences: `%`), or left out.

use super::compare;
use super::estimate;
use super::outcome::{Comparison, Contrast, Estimate};
use crate::diagnostic::{Diagnostic, Text, closest};
use crate::endpoint::Value;
use crate::scenario::{Scenario, limit_in, number_and_unit};

/// A goal that a scenario's results can meet.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// As written.
    pub text: String,
    /// Endpoint index.
    pub endpoint: usize,
    /// Label of the result.
    pub label: String,
    /// Of which arm; `None` for every one.
    pub arm: Option<usize>,
    /// Unit of the limit, as shown.
    pub unit: String,
    /// What must fall below it.
    pub limit: f64,
    half_width: bool,
    of: Of,
}

/// What kind of result it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Estimate,
    Difference,
    HazardRatio,
}

impl Goal {
    /// The largest half-width or error among the arms that must satisfy the goal; infinite where there is none yet. Values by arm,
    /// endpoint, patient; those of other endpoints are not read.
    pub fn reached(&self, scenario: &Scenario, values: &[&[Vec<Value>]]) -> f64 {
        let concerned = |arm: usize| self.arm.is_none_or(|only| only == arm);
        let mut largest = f64::NEG_INFINITY;
        for (arm, of_arm) in values.iter().enumerate().filter(|(arm, _)| concerned(*arm)) {
            let column = &of_arm[self.endpoint];
            let found = match self.of {
                Of::Estimate => {
                    let estimates = estimate::estimates(scenario, self.endpoint, column).0;
                    estimates
                        .into_iter()
                        .find(|it| it.label == self.label)
                        .map(|it| (it.interval, it.monte_carlo_error))
                }
                _ if arm == 0 => continue,
                of => {
                    let first = &values[0][self.endpoint];
                    let contrasts = compare::compare(scenario, self.endpoint, first, arm, column);
                    let found = contrasts.into_iter().find(|it| it.label == self.label && of.is(it.contrast));
                    found.map(|it| (it.interval, it.monte_carlo_error))
                }
            };
            let width = match (self.half_width, found) {
                (true, Some((Some(interval), _))) => 0.5 * (interval.upper - interval.lower),
                (false, Some((_, Some(error)))) => error,
                _ => f64::INFINITY,
            };
            largest = largest.max(if width.is_nan() { f64::INFINITY } else { width });
        }
        if largest == f64::NEG_INFINITY { f64::INFINITY } else { largest }
    }
}

impl Of {
    fn is(self, contrast: Contrast) -> bool {
        match self {
            Self::Estimate => false,
            Self::Difference => matches!(
                contrast,
                Contrast::PairedRiskDifference
                    | Contrast::PairedMeanDifference
                    | Contrast::RestrictedMeanDifference
            ),
            Self::HazardRatio => contrast == Contrast::HazardRatio,
        }
    }
}

/// Example for every complaint.
const EXAMPLE: &str = "write for example `--until \"half-width of P(neutropenia: grade 4) < 0.5 %\"`";

/// Every estimate of a scenario, without numbers: for labels and units.
pub fn blank_estimates(scenario: &Scenario) -> Vec<Estimate> {
    (0..scenario.endpoints.len()).flat_map(|index| estimate::estimates(scenario, index, &[]).0).collect()
}

/// Every contrast of one later arm, without numbers.
fn blank_contrasts(scenario: &Scenario) -> Vec<Comparison> {
    (0..scenario.endpoints.len()).flat_map(|index| compare::compare(scenario, index, &[], 1, &[])).collect()
}

/// A goal taken apart, nothing looked up yet.
struct Parts<'t> {
    half_width: bool,
    of: Of,
    label: String,
    arm: Option<&'t str>,
    limit: f64,
    unit: Option<String>,
}

/// Reads a goal. What is wrong is pushed, with the nearest label where none is of this name.
pub fn read_goal(text: &Text, scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<Goal> {
    let parts = parts(text, diagnostics)?;
    let Parts { half_width, of, label, limit, unit, .. } = parts;
    let refuse = |what: &str, label: &str| Diagnostic::error(what, text.span, label).help(EXAMPLE);
    let arm = match parts.arm.map(|name| (name, scenario.arms.iter().position(|arm| arm.name == name))) {
        Some((name, None)) => {
            let names = scenario.arms.iter().map(|arm| arm.name.as_str());
            diagnostics.push(unknown("arm", name, text, names.collect()));
            return None;
        }
        found => found.and_then(|(_, arm)| arm),
    };
    let known: Vec<(usize, String, String)> = match of {
        Of::Estimate => {
            blank_estimates(scenario).into_iter().map(|it| (it.endpoint, it.label, it.unit)).collect()
        }
        of => {
            let all = blank_contrasts(scenario).into_iter().filter(|it| of.is(it.contrast));
            all.map(|it| (it.endpoint, it.label, it.unit)).collect()
        }
    };
    let Some((endpoint, label, shown)) = known.iter().find(|(_, known, _)| *known == label).cloned() else {
        let what = if of == Of::Estimate { "estimate" } else { "comparison" };
        let labels = known.iter().map(|(_, label, _)| label.as_str()).collect();
        diagnostics.push(unknown(what, &label, text, labels));
        return None;
    };
    let points = shown == "percentage points" && unit.as_deref() == Some("%");
    let Some(limit) = limit_in(&shown, limit, unit.as_deref().filter(|_| !points)) else {
        let unit = unit.unwrap_or_default();
        let told = if shown == "1" { "has no unit".to_owned() } else { format!("is told in {shown}") };
        diagnostics.push(refuse(&format!("`{label}` {told}, but the limit is in {unit}"), "another unit"));
        return None;
    };
    if of != Of::Estimate && (scenario.arms.len() < 2 || arm == Some(0)) {
        diagnostics.push(refuse("only later arms are compared, with the first", "nothing to compare"));
        return None;
    }
    Some(Goal {
        text: text.value.trim().to_owned(),
        endpoint,
        label,
        arm,
        unit: shown,
        limit,
        half_width,
        of,
    })
}

/// Takes a goal apart.
fn parts<'t>(text: &'t Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Parts<'t>> {
    let mut refuse = |what: &str, label: &str| {
        diagnostics.push(Diagnostic::error(what, text.span, label).help(EXAMPLE));
    };
    let Some((left, right)) = text.value.trim().rsplit_once('<') else {
        refuse("a goal of precision is `… < LIMIT`", "no `<`");
        return None;
    };
    let Some((limit, unit)) = number_and_unit(right).filter(|(limit, _)| *limit > 0.0) else {
        refuse("the limit of a goal is a positive number with a unit", "no such limit");
        return None;
    };
    let kinds = [("half-width of ", true), ("monte carlo error of ", false), ("error of ", false)];
    let Some((rest, half_width)) = kinds.iter().find_map(|(words, kind)| Some((after(left, words)?, *kind)))
    else {
        refuse("a goal begins with `half-width of` or `error of`", "begins with neither");
        return None;
    };
    let (rest, arm) = arm_of(rest);
    let contrasts = [("difference in ", Of::Difference), ("hazard ratio of ", Of::HazardRatio)];
    let found = contrasts.iter().find_map(|(words, of)| Some((after(rest, words)?, *of)));
    let (rest, of) = found.unwrap_or((rest, Of::Estimate));
    Some(Parts { half_width, of, label: label_of(rest.trim()), arm, limit, unit })
}

/// What follows these words, whatever their capitals.
fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let text = text.trim_start();
    let head = text.get(..words.len())?;
    head.eq_ignore_ascii_case(words).then(|| &text[words.len()..])
}

/// What stands before `in "ARM"`, and the name of the arm.
fn arm_of(text: &str) -> (&str, Option<&str>) {
    let named = text.trim_end().strip_suffix('"').and_then(|it| it.rsplit_once('"'));
    let found = named.and_then(|(before, name)| Some((before.trim_end().strip_suffix(" in")?, name)));
    found.map_or((text, None), |(before, name)| (before, Some(name)))
}

/// `P(X)` is the label X, `mean(X)` and `median(X)` are "X: mean" and "X: median".
pub fn label_of(text: &str) -> String {
    let inside = |name: &str| {
        let rest = after(text, name)?.trim_start().strip_prefix('(')?;
        rest.trim_end().strip_suffix(')').map(str::trim)
    };
    match (inside("P"), inside("mean"), inside("median")) {
        (Some(label), ..) => label.to_owned(),
        (_, Some(endpoint), _) => format!("{endpoint}: mean"),
        (.., Some(endpoint)) => format!("{endpoint}: median"),
        _ => text.to_owned(),
    }
}

/// The finding that no result has this label.
pub fn unknown(what: &str, name: &str, place: &Text, mut known: Vec<&str>) -> Diagnostic {
    known.dedup();
    let finding =
        Diagnostic::error(format!("there is no {what} `{name}`"), place.span, format!("no such {what}"));
    let near = closest(name, known.iter().copied());
    let list = known.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("this scenario has {list}")),
    }
}
