//! `[search]`: which points of the axes' space are computed first, how many in all, and how the best are estimated again.
//!
//! The further points depend on the results of the first ([`crate::math::pareto::Evolution`]); they are found by [`crate::front`].

use super::definition::{AxisColumn, Cell, Point};
use super::level::number;
use super::space::Space;
use super::targets::whole;
use crate::diagnostic::Diagnostic;
use crate::document::Table;
use crate::math::design::{MOST_SOBOL_DIMENSIONS, MOST_SOBOL_POINTS, sobol};
use crate::math::pareto::{Gene, Genome};
use crate::scenario::Scenario;

const MOST_POINTS: usize = 100_000;
/// Points of a generation for each variable, and at least: small, since each is a trial.
const FOR_EACH_VARIABLE: usize = 4;
const SMALLEST: usize = 12;
/// Points estimated again.
const FINALISTS: usize = 12;
/// Times as many patients for these.
const MORE_PATIENTS: usize = 4;
/// Points of the first design looked through, for each that is wanted, where conditions leave many out.
const LOOKED_THROUGH: usize = 64;
/// Tells points that are estimated again from those of the search.
const STAGE: &str = "stage";

/// How a search is carried out.
#[derive(Debug, Clone)]
pub struct Search {
    /// Points of the search, those estimated again aside.
    pub budget: usize,
    /// Points of a generation.
    pub population: usize,
    /// Seed of its first points, crossings and mutations.
    pub seed: u64,
    /// Most points that are estimated again.
    pub finalists: usize,
    /// With whom these are estimated again.
    pub again: Again,
    /// Whether the space has no more points than the budget: all are computed.
    pub exhaustive: bool,
    first: Vec<Genome>,
    space: Space,
}

/// Patients who had no part in choosing a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// How many per arm.
    pub patients: usize,
    /// Their seed.
    pub seed: u64,
}

impl Search {
    /// Reads what is left of the block once objectives were read, and chooses the first points.
    pub(super) fn read(
        mut table: Table,
        space: Space,
        seed: u64,
        scenario: &Scenario,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Self, Vec<Point>)> {
        let errors = diagnostics.len();
        let span = table.span();
        let variables = space.genes().len();
        if !table.has("budget") {
            diagnostics.push(
                Diagnostic::error("the key `budget` is missing", span, "lacks `budget`")
                    .help("add `budget = 200`: how many points the search may compute"),
            );
        }
        let budget = whole(&mut table, "budget", 200, (4, MOST_POINTS), diagnostics);
        let least = (FOR_EACH_VARIABLE * variables).max(SMALLEST);
        let population = whole(&mut table, "population", least, (4, 10_000), diagnostics);
        let finalists = whole(&mut table, "finalists", FINALISTS, (1, 1000), diagnostics);
        let again = again(table.table("again", diagnostics), scenario, diagnostics);
        table.finish(diagnostics);
        if variables > MOST_SOBOL_DIMENSIONS {
            diagnostics.push(
                Diagnostic::error(
                    format!("more than {MOST_SOBOL_DIMENSIONS} variables"),
                    span,
                    "too many to search over",
                )
                .help("screen them first: `[sensitivity]` with `method = \"morris\"`"),
            );
        }
        let (budget, population, finalists, again) = (budget?, population?, finalists?, again?);
        if diagnostics.len() > errors {
            return None;
        }
        let population = population.min(budget);
        let all = space.all(budget);
        let exhaustive = all.is_some();
        let first: Vec<Genome> = match all {
            Some(all) => all.into_iter().filter(|genome| space.at(genome).is_some()).collect(),
            None => spread(&space, population, seed),
        };
        if first.is_empty() {
            diagnostics.push(
                Diagnostic::error("no point is left of this search", span, "nothing meets `where`")
                    .help("widen the conditions of `where`"),
            );
            return None;
        }
        let search = Self { budget, population, seed, finalists, again, exhaustive, first, space };
        let points = search.first.iter().filter_map(|genome| search.point(genome, false)).collect();
        Some((search, points))
    }

    /// The first points.
    pub fn first(&self) -> &[Genome] {
        &self.first
    }

    /// The variables.
    pub fn genes(&self) -> Vec<Gene> {
        self.space.genes()
    }

    /// A point of the search, or the same estimated again. `None` where conditions of `where` leave it out.
    pub fn point(&self, genome: &Genome, again: bool) -> Option<Point> {
        let (cells, mut settings) = self.space.at(genome)?;
        if again {
            settings.push(("population.patients".to_owned(), number(self.again.patients as f64)));
            settings.push(("seed".to_owned(), self.again.seed.to_string()));
        }
        let stage = if again { "again" } else { "search" };
        let cells = std::iter::once(Cell::Text(stage.to_owned())).chain(cells).collect();
        Some(Point { settings, cells })
    }

    /// Columns of the points: the stage, then the variables.
    pub(super) fn columns(&self) -> Vec<AxisColumn> {
        let stage = AxisColumn {
            name: STAGE.to_owned(),
            unit: String::new(),
            numeric: false,
            about: "of the search, or estimated again on patients who had no part in it".to_owned(),
        };
        std::iter::once(stage).chain(self.space.columns().cloned()).collect()
    }
}

fn again(table: Option<Table>, scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<Again> {
    let patients = scenario.patients.saturating_mul(MORE_PATIENTS).clamp(2, 10_000_000);
    let seed = scenario.seed.wrapping_add(1) & (u64::MAX >> 1);
    let Some(mut table) = table else { return Some(Again { patients, seed }) };
    let span = table.span();
    let patients = whole(&mut table, "patients", patients, (2, 10_000_000), diagnostics);
    let seed = table.integer("seed", diagnostics).map_or(seed, |(seed, _)| seed);
    table.finish(diagnostics);
    if seed == scenario.seed {
        diagnostics.push(
            Diagnostic::error("these are the patients of the search", span, "the seed of the scenario").help(
                "write another `seed`: who had a part in choosing a point cannot show how much of it was chance",
            ),
        );
        return None;
    }
    Some(Again { patients: patients?, seed })
}

/// First points: a scrambled Sobol' sequence over the space, as far as conditions keep them.
fn spread(space: &Space, wanted: usize, seed: u64) -> Vec<Genome> {
    let mut first: Vec<Genome> = Vec::new();
    for place in
        sobol((wanted * LOOKED_THROUGH).min(MOST_SOBOL_POINTS), space.genes().len(), seed).unwrap_or_default()
    {
        let genome = space.nearest(&place);
        if first.len() < wanted && space.at(&genome).is_some() && !first.contains(&genome) {
            first.push(genome);
        }
    }
    first
}
