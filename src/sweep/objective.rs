//! `[[front.objective]]`, `[[search.objective]]`, `accept`: which results are to be small or large, and which must meet a limit.

use super::axis::is_word;
use super::headers::Names;
use super::input::PATIENTS;
use super::keys::Keys;
use super::targets::{limit, whole};
use super::view::word;
use crate::diagnostic::{Diagnostic, Span, Text, closest};
use crate::document::Table;
use crate::scenario::{Scenario, number_and_unit};
use crate::trial::Target;

/// Resamples of the patients: a share of 1000 has a standard error below 1.6 points (Efron and Tibshirani 1993, section 13.3 for limits).
const REPLICATES: usize = 1000;
/// Objectives beyond this make nearly every point one of the front (Deb and Jain 2014, doi:10.1109/TEVC.2013.2281535).
const MOST_OBJECTIVES: usize = 4;
const EXAMPLE: &str = "accept = [\"neutropenia: grade 4 < 30 %\"]";

/// What the points of a sweep are compared by.
#[derive(Debug, Clone)]
pub struct Objectives {
    /// At least two.
    pub objectives: Vec<Objective>,
    /// What a point must meet.
    pub conditions: Vec<Condition>,
    /// Resamples of the patients.
    pub replicates: usize,
    /// Seed of these.
    pub seed: u64,
}

/// A result that is to be small or large.
#[derive(Debug, Clone)]
pub struct Objective {
    /// Column of tables.
    pub name: String,
    /// The result.
    pub target: Target,
    /// Whether more is better.
    pub maximise: bool,
}

/// A result that must stay on one side of a limit.
#[derive(Debug, Clone)]
pub struct Condition {
    /// As written.
    pub text: String,
    /// The result.
    pub target: Target,
    /// Whether it must be below.
    pub below: bool,
    /// Whether the limit itself is allowed.
    pub inclusive: bool,
    /// In the unit of the result.
    pub limit: f64,
}

impl Objective {
    /// A value as one to be minimised.
    pub fn minimised(&self, value: f64) -> f64 {
        if self.maximise { -value } else { value }
    }
    /// As in a sweep file.
    pub fn goal(&self) -> &'static str {
        if self.maximise { "maximise" } else { "minimise" }
    }
}

impl Condition {
    /// Whether a value meets it.
    pub fn met(&self, value: f64) -> bool {
        let better = if self.below { value < self.limit } else { value > self.limit };
        better || (self.inclusive && value == self.limit)
    }

    /// By how much a value misses it, as a share of the limit (of a limit of 0, of 1); 0 where it meets it.
    pub fn violation(&self, value: f64) -> f64 {
        if self.met(value) {
            return 0.0;
        }
        let scale = if self.limit == 0.0 { 1.0 } else { self.limit.abs() };
        // A limit that is not allowed itself is missed at the limit.
        ((value - self.limit).abs() / scale).max(f64::EPSILON)
    }
}

impl Objectives {
    /// The different results, objectives first: in this order they stand in the tables of the points.
    pub fn targets(&self) -> Vec<&Target> {
        let of_objectives = self.objectives.iter().map(|it| &it.target);
        let mut found: Vec<&Target> = Vec::new();
        for target in of_objectives.chain(self.conditions.iter().map(|it| &it.target)) {
            if !found.contains(&target) {
                found.push(target);
            }
        }
        found
    }

    /// Place of a result in [`Objectives::targets`].
    pub fn place(&self, target: &Target) -> usize {
        self.targets().iter().position(|other| *other == target).unwrap_or_default()
    }

    /// Reads the keys of a block that say what is compared, and notes where its columns are named.
    pub(super) fn read(
        table: &mut Table,
        block: (&str, Span),
        names: &mut Names,
        scenario: &Scenario,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let errors = diagnostics.len();
        let tables = table.tables("objective", diagnostics);
        let accept = table.texts("accept", diagnostics);
        let replicates = whole(table, "replicates", REPLICATES, (100, 100_000), diagnostics);
        let seed = table.integer("seed", diagnostics).map_or(1, |(seed, _)| seed);
        let count = tables.len();
        if !(2..=MOST_OBJECTIVES).contains(&count) {
            diagnostics.push(
                Diagnostic::error(
                    format!("`[{}]` compares points by 2 to {MOST_OBJECTIVES} objectives", block.0),
                    block.1,
                    format!("has {count}"),
                )
                .help(format!(
                    "add `[[{}.objective]]` with `endpoint = \"neutropenia: grade 4\"` and `goal = \"minimise\"`; a further result may be a \
                     limit in `accept`",
                    block.0
                )),
            );
        }
        let (objectives, places) = objectives(tables, scenario, diagnostics).into_iter().unzip();
        names.objectives = places;
        let conditions = accept.iter().filter_map(|text| condition(text, scenario, diagnostics)).collect();
        let replicates = replicates?;
        (diagnostics.len() == errors).then_some(Self { objectives, conditions, replicates, seed })
    }
}

/// Whether all points treat the same patients, as a common resample needs.
pub(super) fn same_patients(keys: &Keys, block: (&str, Span), diagnostics: &mut Vec<Diagnostic>) -> bool {
    let moved = PATIENTS.iter().find_map(|key| keys.moves(key));
    if let Some(span) = moved {
        diagnostics.push(
            Diagnostic::error(
                format!("the points of `[{}]` must treat the same virtual patients", block.0),
                span,
                "changes who they are",
            )
            .related(block.1, "compares them patient by patient")
            .help("remove the axis over `population.patients` or `seed`, and set it once in `[set]`"),
        );
    }
    moved.is_none()
}

fn objectives(
    tables: Vec<Table>,
    scenario: &Scenario,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(Objective, Span)> {
    let mut objectives: Vec<(Objective, Span)> = Vec::new();
    for table in tables {
        let span = table.span();
        let Some(objective) = objective(table, scenario, diagnostics) else { continue };
        if let Some((other, first)) = objectives
            .iter()
            .find(|(other, _)| other.name == objective.name || other.target == objective.target)
        {
            let what = if other.target == objective.target {
                "this result is named twice"
            } else {
                "two objectives have this name"
            };
            diagnostics.push(
                Diagnostic::error(what, span, "again here")
                    .related(*first, "first here")
                    .help("remove one of the two, or give it another `name`"),
            );
        }
        objectives.push((objective, span));
    }
    objectives
}

fn objective(mut table: Table, scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<Objective> {
    let span = table.span();
    let name = table.text("name", diagnostics);
    let endpoint = table.required_text("endpoint", diagnostics);
    let (arm, against) = (table.text("arm", diagnostics), table.text("against", diagnostics));
    let goal = table.required_text("goal", diagnostics);
    table.finish(diagnostics);
    let (endpoint, goal) = (endpoint?, goal?);
    let maximise = match goal.value.as_str() {
        "minimise" => false,
        "maximise" => true,
        other => {
            let near = closest(other, ["minimise", "maximise"]).unwrap_or("minimise");
            diagnostics.push(
                Diagnostic::error(format!("unknown goal `{other}`"), goal.span, "not known")
                    .help(format!("write `goal = \"{near}\"`; there are `minimise` and `maximise`")),
            );
            return None;
        }
    };
    let target = Target::read(&endpoint, arm.as_ref(), against.as_ref(), scenario, diagnostics)?;
    let (name, place) = match name {
        Some(name) => (name.value, name.span),
        None => (word(&target.label), span),
    };
    if !is_word(&name) {
        diagnostics.push(Diagnostic::error(format!("`{name}` cannot name an objective"), place, "here").help(
            "add `name = \"response\"`: letters, digits and `_`, the first a letter; it names a column of the results",
        ));
        return None;
    }
    Some(Objective { name, target, maximise })
}

/// `LABEL [in "ARM"] [against "ARM"] < NUMBER UNIT`, or `<=`, `>`, `>=`.
fn condition(text: &Text, scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<Condition> {
    let mut refuse = |what: String, label: &str| {
        diagnostics
            .push(Diagnostic::error(what, text.span, label).help(format!("write for example `{EXAMPLE}`")));
        None
    };
    let Some(at) = text.value.rfind(['<', '>']) else {
        return refuse("a condition is `RESULT < LIMIT` or `RESULT > LIMIT`".to_owned(), "no `<`, no `>`");
    };
    let (left, right) = (&text.value[..at], &text.value[at + 1..]);
    let (inclusive, right) = match right.strip_prefix('=') {
        Some(rest) => (true, rest),
        None => (false, right),
    };
    let Some((number, unit)) = number_and_unit(right) else {
        return refuse("the limit of a condition is a number with its unit".to_owned(), "no such limit");
    };
    let part = |value: &str| Text { value: value.trim().to_owned(), ..text.clone() };
    let (left, against) = named_behind(left, "against");
    let (left, arm) = named_behind(left, "in");
    let (arm, against) = (arm.map(&part), against.map(&part));
    let target = Target::read(&part(left), arm.as_ref(), against.as_ref(), scenario, diagnostics)?;
    let limit = limit(&target, "limit", (number, unit.as_deref()), text.span, diagnostics)?;
    let below = text.value.as_bytes()[at] == b'<';
    Some(Condition { text: text.value.trim().to_owned(), target, below, inclusive, limit })
}

/// What stands before `word "NAME"` at the end of a text, and the name.
fn named_behind<'t>(text: &'t str, word: &str) -> (&'t str, Option<&'t str>) {
    let named = text.trim_end().strip_suffix('"').and_then(|it| it.rsplit_once('"'));
    let found = named.and_then(|(before, name)| {
        let rest = before.trim_end().strip_suffix(word)?;
        rest.ends_with(' ').then_some((rest.trim_end(), name))
    });
    found.map_or((text, None), |(rest, name)| (rest, Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_are_named_behind_a_label() {
        assert_eq!(named_behind("PFS: median in \"A in B\" ", "in"), ("PFS: median", Some("A in B")));
        assert_eq!(named_behind("days \"x\" begin \"A\"", "in"), ("days \"x\" begin \"A\"", None));
        assert_eq!(named_behind("death", "in"), ("death", None));
    }
}
