//! Points placed: on the front or behind it, accepted or not, and how sure that is.

use super::readings::{Reading, Told};
use crate::math::pareto::{Standing, front, standing};
use crate::sweep::{AxisColumn, Cell, Objective, Objectives, Plan};

/// Points compared by several results.
#[derive(Debug, Clone)]
pub struct Front {
    /// By what.
    pub asked: Objectives,
    /// What the points set.
    pub axes: Vec<AxisColumn>,
    /// In the order of the sweep.
    pub points: Vec<Placed>,
    /// Virtual patients per arm; 0 where no result tells.
    pub patients: usize,
}

/// One point.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Number in the sweep, from 1.
    pub number: usize,
    /// Its name, by what it sets.
    pub id: String,
    /// By axis.
    pub cells: Vec<Cell>,
    /// By objective; `None`: undefined.
    pub reached: Vec<Option<Told>>,
    /// By condition.
    pub conditions: Vec<Option<Told>>,
    /// Where it stands by its estimates.
    pub status: Status,
    /// How often it stands there with resampled patients.
    pub standing: Standing,
    /// Covariance of the objectives over resamples, `[objective][objective]`; empty where one is undefined in too many.
    pub covariance: Vec<Vec<f64>>,
}

/// Where a point stands by its estimates.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// No accepted point dominates it.
    OnFront,
    /// Others do: its layer (2: only points of the front do), and the number of one that does, of the front.
    Dominated(usize, usize),
    /// It misses this condition.
    NotAccepted(String),
    /// This result has no value there: it is compared with nothing.
    Undefined(String),
    /// So many courses failed numerically: it is compared with nothing.
    Failed(usize),
}

impl Status {
    /// One word for tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OnFront => "front",
            Self::Dominated(..) => "dominated",
            Self::NotAccepted(_) => "not accepted",
            Self::Undefined(_) => "undefined",
            Self::Failed(_) => "failed",
        }
    }

    /// Why, in a few words; empty on the front.
    pub fn why(&self) -> String {
        match self {
            Self::OnFront => String::new(),
            Self::Dominated(_, by) => format!("by point {by}"),
            Self::NotAccepted(condition) => format!("misses {condition}"),
            Self::Undefined(result) => format!("{result} has no value"),
            Self::Failed(courses) => format!("{courses} courses failed numerically"),
        }
    }

    /// Layer, from 1; of points that are compared alone.
    pub fn layer(&self) -> Option<usize> {
        match self {
            Self::OnFront => Some(1),
            Self::Dominated(layer, _) => Some(*layer),
            _ => None,
        }
    }
}

impl Front {
    /// Places points of a plan, given what was read of each.
    pub(super) fn new(plan: &Plan, asked: &Objectives, places: &[usize], readings: &[Reading]) -> Self {
        let mut statuses: Vec<Status> = readings.iter().map(|reading| alone(asked, reading)).collect();
        rank(asked, places, readings, &mut statuses);
        let standings = standing(readings.len(), asked.replicates, |point, resample| {
            let reading = &readings[point];
            let values = reading.values(asked, Some(resample)).filter(|_| reading.failed == 0)?;
            Some((values.minimised(asked), values.violation(asked) == 0.0))
        });
        let parts = places.iter().zip(readings).zip(statuses).zip(standings);
        let points = parts.map(|(((place, reading), status), standing)| Placed {
            number: place + 1,
            id: plan.points[*place].id.clone(),
            cells: plan.sweep.points[*place].cells.clone(),
            reached: asked.objectives.iter().map(|it| told(asked.place(&it.target), reading)).collect(),
            conditions: asked.conditions.iter().map(|it| told(asked.place(&it.target), reading)).collect(),
            status,
            standing,
            covariance: covariance(asked, reading),
        });
        Self {
            asked: asked.clone(),
            axes: plan.sweep.axes.clone(),
            points: points.collect(),
            patients: readings.iter().map(|reading| reading.patients).max().unwrap_or(0),
        }
    }

    /// An objective as told to the reader: with its arm where objectives are of different ones. (A template's arm is another at every
    /// point.)
    pub fn title(&self, objective: &Objective) -> String {
        let first = &self.asked.objectives[0].target;
        let alike = |it: &Objective| it.target.arm == first.arm && it.target.against.is_none();
        let title =
            if self.asked.objectives.iter().all(alike) { None } else { Some(objective.target.title()) };
        title.unwrap_or_else(|| objective.target.label.clone())
    }

    /// Points of the front, in the order of the sweep.
    pub fn members(&self) -> impl Iterator<Item = &Placed> {
        self.points.iter().filter(|point| point.status == Status::OnFront)
    }
}

fn told(target: usize, reading: &Reading) -> Option<Told> {
    reading.targets.get(target)?.whole
}

/// What keeps a point from being compared; else it is taken for one of the front.
fn alone(asked: &Objectives, reading: &Reading) -> Status {
    if reading.failed > 0 {
        return Status::Failed(reading.failed);
    }
    let Some(values) = reading.values(asked, None) else {
        let undefined = asked.targets().into_iter().zip(&reading.targets).find(|(_, of)| of.whole.is_none());
        return Status::Undefined(undefined.map_or(String::new(), |(target, _)| target.title()));
    };
    let missed =
        asked.conditions.iter().zip(&values.conditions).find(|(condition, value)| !condition.met(**value));
    missed.map_or(Status::OnFront, |(condition, _)| Status::NotAccepted(condition.text.clone()))
}

/// Takes one front after the other away.
fn rank(asked: &Objectives, places: &[usize], readings: &[Reading], statuses: &mut [Status]) {
    let mut left: Vec<(usize, Vec<f64>)> = (0..readings.len())
        .filter(|at| statuses[*at] == Status::OnFront)
        .filter_map(|at| Some((at, readings[at].values(asked, None)?.minimised(asked))))
        .collect();
    let mut first: Vec<(usize, Vec<f64>)> = Vec::new();
    let mut layer = 1;
    while !left.is_empty() {
        let objectives: Vec<&[f64]> = left.iter().map(|(_, it)| it.as_slice()).collect();
        let kept = front(&objectives);
        if layer == 1 {
            first = kept.iter().map(|place| left[*place].clone()).collect();
        } else {
            for place in &kept {
                let (at, own) = &left[*place];
                let by = first.iter().find(|(_, other)| crate::math::pareto::dominates(other, own));
                statuses[*at] = Status::Dominated(layer, by.map_or(0, |(by, _)| places[*by] + 1));
            }
        }
        let mut kept = kept.into_iter().peekable();
        let mut at = 0;
        left.retain(|_| {
            let gone = kept.next_if_eq(&at).is_some();
            at += 1;
            !gone
        });
        layer += 1;
    }
}

/// Over resamples in which all objectives are defined, if these are nearly all.
fn covariance(asked: &Objectives, reading: &Reading) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<f64>> = (0..asked.replicates)
        .filter_map(|resample| Some(reading.values(asked, Some(resample))?.objectives))
        .collect();
    if rows.len() < 2 || rows.len() * 100 < asked.replicates * 99 {
        return Vec::new();
    }
    let n = rows.len() as f64;
    let count = asked.objectives.len();
    let means: Vec<f64> = (0..count).map(|a| rows.iter().map(|row| row[a]).sum::<f64>() / n).collect();
    let of = |a: usize, b: usize| {
        rows.iter().map(|row| (row[a] - means[a]) * (row[b] - means[b])).sum::<f64>() / (n - 1.0)
    };
    (0..count).map(|a| (0..count).map(|b| of(a, b)).collect()).collect()
}
