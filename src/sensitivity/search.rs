//! The search for tipping points: stage after stage of points, each chosen from the results of those before.
//!
//! What comes next is a function of what has been computed ([`crate::math::tipping`]), and what has been computed lies in
//! the folder: a search that was stopped goes the same way again, through results that are there, and on.

use super::answer::{AnswerError, Curve};
use super::readings::{self, Reading};
use crate::math::tipping::{Change, Found, Known, Step, Stretch};
use crate::sweep::{Input, Plan, Question, Ran, StageError, Stages, Sweep, Tipping};

/// A finished search.
#[derive(Debug)]
pub struct Searched {
    /// All points.
    pub plan: Plan,
    /// What was done, over all stages.
    pub ran: Ran,
    /// A curve for each result and assumption; empty where points have no results ([`Ran::without`]).
    pub curves: Vec<Curve>,
}

/// Why a search stopped.
#[derive(Debug)]
pub enum SearchError {
    /// As a stage of it ends.
    Stage(StageError),
    /// Results do not serve.
    Answer(AnswerError),
}

impl From<StageError> for SearchError {
    fn from(error: StageError) -> Self {
        Self::Stage(error)
    }
}

impl From<AnswerError> for SearchError {
    fn from(error: AnswerError) -> Self {
        Self::Answer(error)
    }
}

/// Searches; `None` for a sweep that asks for no tipping points.
///
/// # Errors
/// As [`SearchError`] has it. Points that are complete stay.
pub fn search(sweep: &Sweep, mut stages: Stages<'_>) -> Result<Option<Searched>, SearchError> {
    let Question::Tipping(asked) = &sweep.question else { return Ok(None) };
    let first = asked.search().first();
    let mut places: Vec<(usize, f64)> =
        (0..asked.inputs.len()).flat_map(|input| first.iter().map(move |place| (input, *place))).collect();
    loop {
        let plan = stages.compute(sweep.searching(&places))?;
        if stages.ran().without > 0 {
            return Ok(Some(Searched { plan, ran: stages.into_ran(), curves: Vec::new() }));
        }
        let readings = readings::read(&plan, stages.store())?;
        let steps = steps(asked, &places, &readings);
        let mut wanted: Vec<(usize, f64)> = Vec::new();
        for (input, step) in &steps {
            if let Step::Evaluate(at) = step {
                wanted.extend(at.iter().map(|at| (*input, *at)));
            }
        }
        wanted.retain(|place| !places.contains(place));
        wanted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        wanted.dedup();
        if wanted.is_empty() {
            let curves = curves(asked, &places, &readings, steps);
            let ran = stages.close(&plan)?;
            return Ok(Some(Searched { plan, ran, curves }));
        }
        places.extend(wanted);
    }
}

/// What is known of a result along an assumption.
fn known(places: &[(usize, f64)], readings: &[Reading], input: usize, margin: f64) -> Vec<Known> {
    let of_input = places.iter().zip(readings).filter(|((of, _), _)| *of == input);
    let one = |((_, at), reading): (&(usize, f64), &Reading)| Known {
        at: *at,
        lower: reading.interval.lower - margin,
        estimate: reading.interval.estimate - margin,
        upper: reading.interval.upper - margin,
    };
    of_input.map(one).collect()
}

/// The next step for every result and, of each, every assumption.
fn steps(asked: &Tipping, places: &[(usize, f64)], readings: &[Vec<Reading>]) -> Vec<(usize, Step)> {
    let search = asked.search();
    let of_target = readings.iter().zip(&asked.margins);
    of_target
        .flat_map(|(readings, margin)| {
            (0..asked.inputs.len())
                .map(move |input| (input, search.next(&known(places, readings, input, *margin))))
        })
        .collect()
}

fn curves(
    asked: &Tipping,
    places: &[(usize, f64)],
    readings: &[Vec<Reading>],
    steps: Vec<(usize, Step)>,
) -> Vec<Curve> {
    let mut curves = Vec::new();
    for (place, (input, step)) in steps.into_iter().enumerate() {
        let target = place / asked.inputs.len();
        let (of, margin) = (&asked.inputs[input], asked.margins[target]);
        let Step::Found(found) = step else { continue };
        let mut known: Vec<(f64, Known)> = known(places, &readings[target], input, margin)
            .into_iter()
            .map(|known| (of.within(known.at), known))
            .collect();
        known.sort_by(|a, b| a.1.at.total_cmp(&b.1.at));
        curves.push(Curve {
            target: asked.targets[target].clone(),
            margin,
            input: of.name.clone(),
            about: of.about.clone(),
            unit: of.unit().to_owned(),
            logarithmic: of.logarithmic(),
            base: of.base,
            known,
            found: at_values(&found, of),
        });
    }
    curves
}

/// Places in the range as values of the assumption.
fn at_values(found: &Found, input: &Input) -> Found {
    let value = |at: f64| input.within(at);
    let change =
        |it: &Change| Change { at: value(it.at), between: (value(it.between.0), value(it.between.1)), ..*it };
    let stretch = |it: &Stretch| Stretch { from: value(it.from), to: value(it.to), ..*it };
    Found {
        changes: found.changes.iter().map(change).collect(),
        undetermined: found.undetermined.iter().map(stretch).collect(),
    }
}
