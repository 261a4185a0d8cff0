//! What a scenario's `[replicates]` names, found among the labels of its results.

use crate::diagnostic::{Diagnostic, Text};
use crate::scenario::{Choice, Replicates, Scenario, limit_in};
use crate::trial::outcome::Estimate;
use crate::trial::precision::{blank_estimates, unknown};
use crate::trial::reading::{self, Reading, Share};

/// What is tested.
pub struct Tested {
    /// Label.
    pub label: String,
    /// Endpoint.
    pub endpoint: usize,
    /// How its values are read.
    pub read: Read,
}

/// How values are read for a test.
pub enum Read {
    /// A share of patients.
    Share(Share),
    /// A quantity.
    Quantity,
    /// A time to event.
    Time,
}

/// A criterion of choice: places in the list of an arm's estimates.
pub struct Chosen {
    /// In words.
    pub by: String,
    /// The estimate.
    pub of: usize,
    /// Whether the largest is the best.
    pub largest: bool,
    /// (estimate, whether the limit is the largest allowed, limit).
    pub limits: Vec<(usize, bool, f64)>,
}

/// Everything found.
pub struct Plan {
    /// Tests.
    pub tests: Vec<Tested>,
    /// Choice.
    pub choice: Option<Chosen>,
}

/// Findings about the labels that `[replicates]` names; none where there are no replicates.
pub fn check_replicates(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if let Some(replicates) = &scenario.analysis.replicates {
        plan(scenario, replicates, &mut diagnostics);
    }
    diagnostics
}

/// Finds everything that has a meaning, and pushes what has none.
pub fn plan(scenario: &Scenario, replicates: &Replicates, diagnostics: &mut Vec<Diagnostic>) -> Plan {
    let tests = replicates.tests.iter().filter_map(|text| tested(scenario, text, diagnostics)).collect();
    if !replicates.tests.is_empty() && scenario.arms.len() < 2 {
        diagnostics.push(
            Diagnostic::error("a test compares two arms", replicates.tests[0].span, "there is one arm")
                .help("add a second `[[arm]]`, or remove `tests`"),
        );
    }
    let choice = replicates.choice.as_ref().and_then(|choice| chosen(scenario, choice, diagnostics));
    Plan { tests, choice }
}

/// An endpoint that is a quantity or a time, by name; or a share of patients, by label.
fn tested(scenario: &Scenario, text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Tested> {
    let mut known = Vec::new();
    for (endpoint, definition) in scenario.endpoints.iter().enumerate() {
        let found = |label: String, read: Read| Tested { label, endpoint, read };
        match reading::reading(definition) {
            Reading::Shares(shares) => {
                for share in shares {
                    if share.label == text.value {
                        return Some(found(share.label.clone(), Read::Share(share)));
                    }
                    known.push(share.label);
                }
            }
            Reading::Periods => {}
            _ if definition.name != text.value => known.push(definition.name.clone()),
            Reading::Quantity => return Some(found(definition.name.clone(), Read::Quantity)),
            Reading::Time | Reading::Incidence => return Some(found(definition.name.clone(), Read::Time)),
        }
    }
    diagnostics.push(unknown(
        "result to test",
        &text.value,
        text,
        known.iter().map(String::as_str).collect(),
    ));
    None
}

fn chosen(scenario: &Scenario, choice: &Choice, diagnostics: &mut Vec<Diagnostic>) -> Option<Chosen> {
    let estimates = blank_estimates(scenario);
    let of = place(&estimates, &choice.of, diagnostics);
    let mut by = format!("{} {}", if choice.largest { "largest" } else { "smallest" }, choice.of.value);
    let (mut limits, mut complete) = (Vec::new(), true);
    for limit in &choice.limits {
        let Some(found) = place(&estimates, &limit.of, diagnostics) else {
            complete = false;
            continue;
        };
        let shown = &estimates[found].unit;
        let Some(value) = limit_in(shown, limit.limit, limit.unit.as_deref()) else {
            let unit = limit.unit.as_deref().unwrap_or_default();
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` is told in {shown}, but the limit is in {unit}", limit.of.value),
                    limit.span,
                    "another unit",
                )
                .help(format!("write for example `limit = \"{} {shown}\"`", limit.limit)),
            );
            complete = false;
            continue;
        };
        let words = if limit.at_most { "at most" } else { "at least" };
        by += &format!(
            "{} {} {words} {} {shown}",
            if limits.is_empty() { ", with" } else { " and" },
            limit.of.value,
            value
        );
        limits.push((found, limit.at_most, value));
    }
    Some(Chosen { by, of: of?, largest: choice.largest, limits }).filter(|_| complete)
}

/// The place of a label among the estimates of an arm.
fn place(estimates: &[Estimate], text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let found = estimates.iter().position(|estimate| estimate.label == text.value);
    if found.is_none() {
        let known = estimates.iter().map(|estimate| estimate.label.as_str()).collect();
        diagnostics.push(unknown("estimate", &text.value, text, known));
    }
    found
}
