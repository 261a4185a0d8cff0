//! The search for a front: generation after generation of points, each chosen from the results of those before; at the end the best are
//! estimated again on patients who had no part in choosing them.
//!
//! What comes next is a function of what has been computed ([`Evolution`]), and that lies in the folder: a search that was stopped goes the same
//! way again, through results that are there, and on. The best of many estimates is too good on average (the winner's curse; of
//! decisions Smith and Winkler 2006, Management Science 52:311): by how much, the second estimates show.

use super::placed::Front;
use super::readings::{self, FrontError, Reading};
use crate::math::pareto::{Candidate, Evolution, Genome, Operators, crowding};
use crate::sweep::{Objectives, Plan, Point, Ran, Search, StageError, Stages, Sweep};

/// A finished search.
#[derive(Debug)]
pub struct Searched {
    /// All points.
    pub plan: Plan,
    /// What was done, over all generations.
    pub ran: Ran,
    /// What it found; `None` where points have no results ([`Ran::without`]).
    pub found: Option<Found>,
}

/// What a search found.
#[derive(Debug)]
pub struct Found {
    /// All points of the search, placed.
    pub search: Front,
    /// Generation of each, from 1.
    pub generations: Vec<u64>,
    /// The best, estimated again.
    pub finals: Finals,
}

/// The best points of a search, estimated again.
#[derive(Debug)]
pub struct Finals {
    /// Places in the search's points.
    pub chosen: Vec<usize>,
    /// Placed among each other by their new estimates.
    pub again: Front,
    /// By objective, over all of them.
    pub optimism: Vec<Option<Optimism>>,
}

/// By how much the search promised more than new patients show, on average over the points chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimism {
    /// In the unit of the objective; above 0: promised too much.
    pub mean: f64,
    /// Points that are worse than promised.
    pub worse: usize,
    /// Points compared.
    pub of: usize,
}

/// Why a search stopped.
#[derive(Debug)]
pub enum SearchError {
    /// As a stage of it ends.
    Stage(StageError),
    /// Results cannot be read.
    Front(FrontError),
}

impl From<StageError> for SearchError {
    fn from(error: StageError) -> Self {
        Self::Stage(error)
    }
}

impl From<FrontError> for SearchError {
    fn from(error: FrontError) -> Self {
        Self::Front(error)
    }
}

/// The points so far, and what computes more.
struct UnderWay<'a> {
    sweep: &'a Sweep,
    stages: Stages<'a>,
    points: Vec<Point>,
}

/// Searches; `None` for a sweep that asks for no search.
///
/// # Errors
/// As [`SearchError`] has it. Points that are complete stay.
pub fn search(sweep: &Sweep, stages: Stages<'_>) -> Result<Option<Searched>, SearchError> {
    let (Some(search), Some(asked)) = (&sweep.search, &sweep.objectives) else { return Ok(None) };
    let mut way = UnderWay { sweep, stages, points: Vec::new() };
    let mut evolution = Evolution::new(
        search.genes(),
        search.population,
        Operators::default(),
        search.seed,
        search.first().to_vec(),
    );
    let (mut genomes, mut generations, mut readings) = (Vec::new(), Vec::new(), Vec::new());
    while !evolution.ask().is_empty() {
        let batch: Vec<Genome> = evolution.ask().to_vec();
        way.points.extend(batch.iter().filter_map(|genome| search.point(genome, false)));
        let plan = way.compute()?;
        if way.stages.ran().without > 0 {
            return Ok(Some(Searched { plan, ran: way.stages.into_ran(), found: None }));
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for place in genomes.len()..genomes.len() + batch.len() {
            let reading = readings::read(&plan, way.stages.store(), asked, place)?;
            candidates.push(reading.candidate(asked));
            readings.push(reading);
        }
        generations.extend(batch.iter().map(|_| evolution.generation() + 1));
        genomes.extend(batch);
        let left = if search.exhaustive { 0 } else { search.budget.saturating_sub(genomes.len()) };
        evolution.tell(candidates, left, |genome| search.point(genome, false).is_some());
    }
    readings::same_patients(&readings)?;
    way.finish(search, asked, &genomes, generations, &readings).map(Some)
}

impl UnderWay<'_> {
    /// Computes all points so far; those of earlier generations are there.
    fn compute(&mut self) -> Result<Plan, StageError> {
        let mut sweep = self.sweep.clone();
        sweep.points.clone_from(&self.points);
        self.stages.compute(sweep)
    }

    /// Estimates the best again, writes the index and places everything.
    fn finish(
        mut self,
        search: &Search,
        asked: &Objectives,
        genomes: &[Genome],
        generations: Vec<u64>,
        readings: &[Reading],
    ) -> Result<Searched, SearchError> {
        let chosen = best(asked, readings, search.finalists);
        self.points.extend(chosen.iter().filter_map(|place| search.point(&genomes[*place], true)));
        let plan = self.compute()?;
        if self.stages.ran().without > 0 {
            return Ok(Searched { plan, ran: self.stages.into_ran(), found: None });
        }
        let store = self.stages.store();
        let ran = self.stages.close(&plan)?;
        let searched: Vec<usize> = (0..genomes.len()).collect();
        let again: Vec<usize> = (genomes.len()..plan.points.len()).collect();
        let mut second = Vec::with_capacity(again.len());
        for place in &again {
            second.push(readings::read(&plan, store, asked, *place)?);
        }
        let first: Vec<&Reading> = chosen.iter().map(|place| &readings[*place]).collect();
        let optimism = optimism(asked, &first, &second);
        let finals = Finals { chosen, again: Front::new(&plan, asked, &again, &second), optimism };
        let found = Found { search: Front::new(&plan, asked, &searched, readings), generations, finals };
        Ok(Searched { plan, ran, found: Some(found) })
    }
}

/// Points of the front, the most spread out if there are more than wanted, in the order of the search.
fn best(asked: &Objectives, readings: &[Reading], most: usize) -> Vec<usize> {
    let candidates: Vec<Candidate> = readings.iter().map(|reading| reading.candidate(asked)).collect();
    let accepted: Vec<usize> = (0..candidates.len()).filter(|place| candidates[*place].accepted()).collect();
    let objectives: Vec<&[f64]> =
        accepted.iter().filter_map(|place| candidates[*place].objectives.as_deref()).collect();
    let mut chosen: Vec<usize> =
        crate::math::pareto::front(&objectives).into_iter().map(|place| accepted[place]).collect();
    // One by one the most crowded leaves, so that those that stay are spread evenly.
    while chosen.len() > most {
        let of_chosen: Vec<&Candidate> = chosen.iter().map(|place| &candidates[*place]).collect();
        let distance = crowding(&of_chosen);
        let least = (0..chosen.len()).min_by(|a, b| distance[*a].total_cmp(&distance[*b]));
        chosen.remove(least.unwrap_or_default());
    }
    chosen
}

fn optimism(asked: &Objectives, first: &[&Reading], second: &[Reading]) -> Vec<Option<Optimism>> {
    let of_objective = |objective: &crate::sweep::Objective| {
        let target = asked.place(&objective.target);
        let value = |reading: &Reading| {
            Some(objective.minimised(reading.targets.get(target)?.whole?.interval.estimate))
        };
        let promised: Vec<f64> = first
            .iter()
            .zip(second)
            .filter(|(_, second)| second.failed == 0)
            .filter_map(|(first, second)| Some(value(second)? - value(first)?))
            .collect();
        let of = promised.len();
        (of > 0).then(|| Optimism {
            mean: promised.iter().sum::<f64>() / of as f64,
            worse: promised.iter().filter(|more| **more > 0.0).count(),
            of,
        })
    };
    asked.objectives.iter().map(of_objective).collect()
}
