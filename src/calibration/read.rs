//! A calibration file, with the outcomes and models that it names, to a checked [`Definition`].

use std::path::Path;

use super::definition::{Definition, Parameter, count};
use super::parameter::{self, Fitted};
use super::problem::{Observation, Observed, Problem, Unknown};
use super::selection::{self, Selection};
use crate::diagnostic::{Diagnostic, Sources, Span, has_errors};
use crate::document::{self, Table};
use crate::model::{Loader, Model};
use crate::scenario::{self, Scenario, Settings};
use crate::validation::{self, Outcomes, Place};

/// Virtual patients per arm where the file says nothing.
const PATIENTS: u64 = 100;
/// Tempered steps and refinements where the file says nothing.
const STEPS: u64 = 4;
const REFINEMENTS: u64 = 2;
/// Members per unknown, and at least, where the file says nothing.
const MEMBERS_PER_UNKNOWN: usize = 6;
const FEWEST_BY_DEFAULT: usize = 40;
/// More than these are a slip.
const MOST_PATIENTS: u64 = 1_000_000;
const MOST_MEMBERS: u64 = 100_000;
const MOST_STEPS: u64 = 50;
const MOST_UNKNOWNS: usize = 50;

/// Where texts come from, and what the command line adds.
pub struct Asked<'a> {
    /// Outcomes, models, populations, libraries, scenarios.
    pub loader: &'a (dyn Loader + Sync),
    /// Keys that are the same at every evaluation.
    pub set: &'a [(String, String)],
    /// Virtual patients per arm instead of the file's.
    pub patients: Option<usize>,
    /// Members instead of the file's.
    pub members: Option<usize>,
}

/// Reads the calibration file `text`, shown as `shown`. Every error found is pushed; `None` if there was one.
pub fn read(
    shown: &str,
    text: &str,
    asked: &Asked<'_>,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Definition> {
    let errors = diagnostics.len();
    let file = sources.add(shown, text);
    let mut table = document::parse(file, text, diagnostics)?;
    let name = Path::new(shown).file_stem().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let title = table.text("title", diagnostics).map_or_else(|| name.clone(), |title| title.value);
    let about = table.text("about", diagnostics).map_or(String::new(), |about| about.value);
    let file = table.required_text("outcomes", diagnostics);
    let numbers = Numbers::read(&mut table, diagnostics);
    let endpoints = table.table("endpoints", diagnostics);
    let weights = table.tables("weight", diagnostics);
    let parameters = table.tables("parameter", diagnostics);
    let span = table.span();
    table.finish(diagnostics);
    let file = file?;
    let outcomes = match asked.loader.load(crate::model::Kind::Outcomes, &file.value, Some(shown)) {
        Ok((shown, text)) => validation::read(&shown, &text, sources, diagnostics)?,
        Err(why) => {
            diagnostics.push(Diagnostic::error(why, file.span, "asked for here"));
            return None;
        }
    };
    let Selection { places, weights, reasons } =
        selection::read(endpoints, weights, &outcomes, span, diagnostics)?;
    let scenarios = scenarios(&outcomes, &places, file.span, asked, sources, diagnostics)?;
    let counts = counts(&outcomes, &places, &scenarios);
    let models: Vec<(String, Model)> = scenarios.into_iter().map(|(name, it)| (name, it.model)).collect();
    let fitted = fitted(parameters, &models, span, diagnostics)?;
    let observations = observations(&outcomes, &places, &counts, &weights);
    if has_errors(&diagnostics[errors..]) {
        return None;
    }
    let (parameters, unknowns): (Vec<Parameter>, Vec<Unknown>) =
        fitted.into_iter().map(|Fitted { parameter, unknown, .. }| (parameter, unknown)).unzip();
    let patients = asked.patients.unwrap_or(numbers.patients);
    let problem = numbers.problem(asked.members, unknowns, observations, span, diagnostics)?;
    Some(Definition {
        name,
        title,
        about,
        outcomes,
        places,
        reasons,
        parameters,
        problem,
        patients,
        set: asked.set.to_vec(),
    })
}

/// The whole numbers at the top.
struct Numbers {
    patients: usize,
    members: Option<usize>,
    span: Option<Span>,
    steps: usize,
    refinements: usize,
    seed: u64,
}

impl Numbers {
    fn read(table: &mut Table, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let patients = whole(table, "patients", 2, MOST_PATIENTS, diagnostics);
        let members = whole(table, "members", 2, MOST_MEMBERS, diagnostics);
        let steps = whole(table, "steps", 1, MOST_STEPS, diagnostics);
        let refinements = whole(table, "refinements", 0, MOST_STEPS, diagnostics);
        let seed = table.integer("seed", diagnostics);
        let or =
            |found: Option<(u64, Span)>, default: u64| found.map_or(default, |(number, _)| number) as usize;
        Self {
            patients: or(patients, PATIENTS),
            members: members.map(|(number, _)| number as usize),
            span: members.map(|(_, span)| span),
            steps: or(steps, STEPS),
            refinements: or(refinements, REFINEMENTS),
            seed: seed.map_or(scenario::DEFAULT_SEED, |(seed, _)| seed),
        }
    }
}

impl Numbers {
    /// The problem with these numbers; `members` instead of the file's.
    fn problem(
        self,
        members: Option<usize>,
        unknowns: Vec<Unknown>,
        observations: Vec<Observation>,
        file: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Problem> {
        let usual = (MEMBERS_PER_UNKNOWN * unknowns.len()).max(FEWEST_BY_DEFAULT);
        let members = members.or(self.members).unwrap_or(usual);
        let fewest = Problem::fewest_members(unknowns.len());
        if members < fewest {
            let message = format!("{members} members are too few for {} parameters", unknowns.len());
            diagnostics.push(
                Diagnostic::error(message, self.span.unwrap_or(file), "too few")
                    .help(format!("write at least `members = {fewest}`; six per parameter are usual")),
            );
            return None;
        }
        let Self { steps, refinements, seed, .. } = self;
        Some(Problem { unknowns, observations, members, steps, refinements, seed })
    }
}

fn whole(
    table: &mut Table,
    key: &'static str,
    least: u64,
    most: u64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(u64, Span)> {
    let (number, span) = table.integer(key, diagnostics)?;
    if !(least..=most).contains(&number) {
        diagnostics.push(
            Diagnostic::error(format!("`{key}` must lie between {least} and {most}"), span, "out of range")
                .help("leave the key out for the default"),
        );
    }
    Some((number.clamp(least, most), span))
}

/// All scenarios that are simulated, each with its name.
fn scenarios(
    outcomes: &Outcomes,
    places: &[Place],
    asking: Span,
    asked: &Asked<'_>,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, Scenario)>> {
    let mut scenarios: Vec<(String, Scenario)> = Vec::new();
    for place in places {
        for arm in &outcomes.at(*place).arms {
            let name = &outcomes.trials[place.trial].arms[*arm].scenario;
            if scenarios.iter().any(|(known, _)| *known == name.value) {
                continue;
            }
            if let Err(why) = asked.loader.load(crate::model::Kind::Scenario, &name.value, None) {
                diagnostics.push(
                    Diagnostic::error(why, name.span, "asked for here").related(asking, "by these outcomes"),
                );
                return None;
            }
            let settings = Settings {
                set: asked.set.to_vec(),
                origin: Some("set at every evaluation".to_owned()),
                ..Settings::default()
            };
            let found = scenario::load(&name.value, &settings, asked.loader, sources, diagnostics)?;
            scenarios.push((name.value.clone(), found));
        }
    }
    Some(scenarios)
}

fn fitted(
    tables: Vec<Table>,
    models: &[(String, Model)],
    file: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Fitted>> {
    let count = tables.len();
    let mut fitted: Vec<Fitted> = Vec::new();
    for table in tables {
        let Some(found) = parameter::read(table, models, diagnostics) else { continue };
        if let Some(first) = fitted.iter().find(|other| other.parameter.name == found.parameter.name) {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` is fitted twice", found.parameter.name),
                    found.span,
                    "again here",
                )
                .related(first.span, "first here")
                .help("name each parameter once"),
            );
        }
        fitted.push(found);
    }
    if count == 0 || count > MOST_UNKNOWNS {
        let (what, label) = if count == 0 {
            ("this calibration fits no parameter".to_owned(), "no `[[parameter]]`")
        } else {
            (format!("this calibration fits more than {MOST_UNKNOWNS} parameters"), "too many")
        };
        diagnostics.push(Diagnostic::error(what, file, label).help(
            "add `[[parameter]]` with `key = \"parameters.…\"` and `sd = 0.5` for what the outcomes can tell: about a dozen of arms \
             of trials",
        ));
    }
    (fitted.len() == count && count > 0).then_some(fitted)
}

/// x and n of each place as they are fitted. Cycles of one patient are alike, and so many of them are not as many patients: a
/// share of cycles counts as that share of the arms' patients.
fn counts(outcomes: &Outcomes, places: &[Place], scenarios: &[(String, Scenario)]) -> Vec<(f64, f64)> {
    let fitted = |place: &Place| {
        let (x, n) = count(outcomes, *place)?;
        let (trial, outcome) = (&outcomes.trials[place.trial], outcomes.at(*place));
        let arms = || outcome.arms.iter().map(|arm| &trial.arms[*arm]);
        let of_cycles = arms().any(|arm| {
            let found = scenarios.iter().find(|(name, _)| *name == arm.scenario.value);
            found.is_some_and(|(_, scenario)| validation::pools_periods(&outcome.question, scenario))
        });
        let patients = arms().map(|arm| arm.patients).sum::<usize>() as f64;
        Some(if of_cycles && patients < n { (x / n * patients, patients) } else { (x, n) })
    };
    places.iter().filter_map(fitted).collect()
}

/// Outcomes without a count are not among the places.
fn observations(
    outcomes: &Outcomes,
    places: &[Place],
    counts: &[(f64, f64)],
    weights: &[f64],
) -> Vec<Observation> {
    let observation = |((place, (x, n)), weight): ((&Place, &(f64, f64)), &f64)| {
        let outcome = outcomes.at(*place);
        let label = outcomes.label(*place);
        // The label is "trial arms: endpoint".
        let (trial, endpoint) = label.rsplit_once(": ").unwrap_or((&label, &outcome.name));
        Observation {
            trial: trial.to_owned(),
            endpoint: endpoint.to_owned(),
            observed: Observed::Count { x: *x, n: *n },
            between_trials: outcomes.kinds[outcome.kind].typical_sd(),
            weight: *weight,
        }
    };
    places.iter().zip(counts).zip(weights).map(observation).collect()
}
